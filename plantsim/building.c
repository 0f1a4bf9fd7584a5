/* building.c - see building.h. */
#include "plantsim/building.h"

#include "plantsim/maps.h"

#include <string.h>

const struct plant_link_info plant_links[PLANT_LINKS] = {
    [LINK_PLANT_ROOM] = {"plant-room", "Modbus TCP: pumps, tank, city meter", 0,
                         SUPPLY_MAINS},
    [LINK_FEEDERS] = {"feeders", "Modbus TCP: incomer and feeders", 1, SUPPLY_MAINS},
    [LINK_FIRE] = {"fire", "Modbus TCP: fire panels, gateway's supply", 2, SUPPLY_OWN},
    [LINK_DTU] = {"dtu-3", "Modbus RTU over TCP: lifts of tower 2", 3, SUPPLY_MAINS},
    [LINK_RISER] = {"riser-a", "Modbus RTU: tower 1 and basement", -1, SUPPLY_MAINS},
    [LINK_BROKER] = {"broker", "MQTT: water meters, escalator, a leak sensor", -1,
                     SUPPLY_OWN},
};

/* A real leak sensor on a battery publishes each hour; here most publish each 2 s, so
 * that everything on the demo's board is seen to live. */
/* clang-format off */
#define MODBUS(id, what, kind, index, link, unit, map) \
    {id, what, kind, index, link, unit, &(map), PAYLOAD_NONE, NULL, 0, \
     (link) == LINK_FIRE ? SUPPLY_OWN : SUPPLY_MAINS}
#define MQTT(id, what, kind, index, payload, topic, period_ms, supply) \
    {id, what, kind, index, LINK_BROKER, 0, NULL, payload, topic, period_ms, supply}

const struct thing building[] = {
    MODBUS("lift-1", "tower 1 unit 1", THING_LIFT, 0, LINK_RISER, 11, map_lift_contacts),
    MODBUS("lift-2", "tower 1 unit 2", THING_LIFT, 1, LINK_RISER, 12, map_lift_contacts),
    MODBUS("lift-3", "tower 2 passenger lift", THING_LIFT, 2, LINK_DTU, 21, map_lift_block),
    MODBUS("lift-4", "tower 2 firefighters' lift", THING_LIFT, 3, LINK_DTU, 22, map_lift_block),
    MODBUS("lift-5", "garage lift", THING_LIFT, 4, LINK_DTU, 23, map_lift_collector),
    MQTT("lift-6", "club house lift", THING_LIFT, 5, PAYLOAD_LIFT, "/lift/6", 20000, SUPPLY_MAINS),
    MQTT("lift-7", "car lift of the garage", THING_LIFT, 6, PAYLOAD_LIFT, "/lift/7", 20000, SUPPLY_MAINS),
    MODBUS("pump-1", "booster pump 1", THING_PUMP, PUMP_BOOSTER_1, LINK_PLANT_ROOM, 1, map_grundfos_cim),
    MODBUS("pump-2", "booster pump 2", THING_PUMP, PUMP_BOOSTER_2, LINK_PLANT_ROOM, 2, map_grundfos_cim),
    MODBUS("pump-3", "booster pump 3", THING_PUMP, PUMP_BOOSTER_3, LINK_PLANT_ROOM, 3, map_grundfos_cim),
    MODBUS("pump-4", "jockey pump of the fire main", THING_PUMP, PUMP_JOCKEY, LINK_PLANT_ROOM, 4, map_pump_basic),
    MODBUS("pump-5", "drainage pump 1", THING_PUMP, PUMP_SUMP_1, LINK_PLANT_ROOM, 5, map_pump_basic),
    MODBUS("pump-6", "drainage pump 2", THING_PUMP, PUMP_SUMP_2, LINK_PLANT_ROOM, 6, map_pump_basic),
    MODBUS("pump-7", "circulation pump of the hot water", THING_PUMP, PUMP_CIRCULATION, LINK_PLANT_ROOM, 7, map_wilo_booster),
    MODBUS("drive-1", "drive of the garage fan", THING_DRIVE, 0, LINK_PLANT_ROOM, 12, map_fc51),
    MODBUS("tank-1", "suction tank", THING_TANK, 0, LINK_PLANT_ROOM, 9, map_level_control),
    MODBUS("sump-1", "sump of the basement", THING_SUMP, 0, LINK_PLANT_ROOM, 8, map_qdy30a),
    MQTT("meter-w0", "water, all behind the booster set", THING_WATER_METER, WATER_MAIN, PAYLOAD_WATER_JSON, "/water/main", 2000, SUPPLY_MAINS),
    MODBUS("meter-w1", "water, tower 1 unit 1", THING_WATER_METER, WATER_T1_U1, LINK_RISER, 31, map_xintai),
    MODBUS("meter-w2", "water, tower 1 unit 2", THING_WATER_METER, WATER_T1_U2, LINK_RISER, 32, map_xintai),
    MQTT("meter-w3", "water, tower 2", THING_WATER_METER, WATER_T2, PAYLOAD_WATER_JSON, "/water/tower-2", 2000, SUPPLY_MAINS),
    MQTT("meter-w4", "water, public areas", THING_WATER_METER, WATER_PUBLIC, PAYLOAD_WATER_JSON, "/water/public", 2000, SUPPLY_MAINS),
    MQTT("meter-w5", "water, kiosk", THING_WATER_METER, WATER_SHOP, PAYLOAD_WATER_JSON, "/water/kiosk", 2000, SUPPLY_MAINS),
    MODBUS("meter-w8", "water, clamped on the main", THING_WATER_METER, WATER_MAIN, LINK_PLANT_ROOM, 13, map_tuf2000),
    MODBUS("meter-w9", "water, city inlet", THING_WATER_METER, WATER_CITY, LINK_PLANT_ROOM, 10, map_pulse_counter),
    MODBUS("feeder-0", "incomer", THING_FEEDER, FEEDER_INCOMER, LINK_FEEDERS, 1, map_sdm630),
    MODBUS("feeder-1", "feeder of the plant room", THING_FEEDER, FEEDER_PUMPS, LINK_FEEDERS, 2, map_sdm630),
    MODBUS("feeder-2", "feeder of tower 1", THING_FEEDER, FEEDER_T1, LINK_FEEDERS, 3, map_sdm630),
    MODBUS("feeder-3", "feeder of tower 2", THING_FEEDER, FEEDER_T2, LINK_FEEDERS, 4, map_dtsd1352),
    MODBUS("meter-e4", "public lighting", THING_FEEDER, FEEDER_LIGHTING, LINK_RISER, 41, map_sdm630),
    MODBUS("meter-e5", "car chargers", THING_FEEDER, FEEDER_CHARGING, LINK_RISER, 42, map_sdm630),
    MODBUS("meter-e6", "guard house, one phase", THING_FEEDER, FEEDER_GUARD, LINK_FEEDERS, 5, map_sdm120),
    MODBUS("residual-1", "residual current of the main switchboard", THING_RESIDUAL, 0, LINK_FEEDERS, 6, map_asj),
    MODBUS("residual-2", "residual current of tower 1", THING_RESIDUAL, 1, LINK_FEEDERS, 9, map_vigirex),
    MODBUS("residual-3", "residual current of the garage's loops", THING_RESIDUAL, 2, LINK_FEEDERS, 10, map_aim),
    MODBUS("trafo-1", "transformer", THING_TRANSFORMER, 0, LINK_FEEDERS, 7, map_warmth),
    MODBUS("sensor-1", "cabinet of the switch room", THING_SENSOR, 0, LINK_FEEDERS, 8, map_warmth),
    MQTT("escalator-1", "escalator of the mall", THING_ESCALATOR, 0, PAYLOAD_ESCALATOR, "/escalator/1", 20000, SUPPLY_MAINS),
    MODBUS("ups-1", "supply of the gateway", THING_UPS, 0, LINK_FIRE, 9, map_ups_contacts),
    MODBUS("fire-1", "fire panel of tower 1", THING_PANEL, PANEL_T1, LINK_FIRE, 1, map_fire_panel),
    MODBUS("fire-2", "fire panel of tower 2", THING_PANEL, PANEL_T2, LINK_FIRE, 2, map_fire_panel),
    MODBUS("fire-3", "aspirating smoke detector of the switch room", THING_PANEL, PANEL_SMOKE, LINK_FIRE, 3, map_faast),
    MODBUS("fire-4", "detector loop of the garage", THING_PANEL, PANEL_LOOP, LINK_FIRE, 4, map_fire_loop),
    MODBUS("fire-5", "smoke detector of the plant room", THING_PANEL, PANEL_DEVICE, LINK_FIRE, 5, map_fire_device),
    MQTT("fire-6", "transmitter of the fire panels", THING_PANEL, PANEL_TRANSMITTER, PAYLOAD_TRANSMITTER, "/fire/transmitter", 20000, SUPPLY_OWN),
    MODBUS("leak-1", "leak cable of the plant room", THING_CABLE, 0, LINK_RISER, 51, map_aqualeak),
    MODBUS("leak-2", "leak cable of the switch room", THING_CABLE, 1, LINK_RISER, 52, map_aqualeak),
    MQTT("leak-3", "leak sensor of the basement corridor", THING_CABLE, 2, PAYLOAD_ZIGBEE_LEAK, "zigbee2mqtt/b1-corridor-leak", 2000, SUPPLY_OWN),
};
/* clang-format on */

const size_t building_count = sizeof building / sizeof building[0];

const char *thing_kind_name(enum thing_kind kind)
{
    static const char *const names[THING_KINDS] = {
        [THING_LIFT] = "elevator",
        [THING_PUMP] = "pump",
        [THING_WATER_METER] = "water_meter",
        [THING_FEEDER] = "electricity_meter",
        [THING_PANEL] = "fire_panel",
        [THING_CABLE] = "leak_detector",
        [THING_TANK] = "tank",
        [THING_SUMP] = "sump",
        [THING_UPS] = "gateway",
        [THING_DRIVE] = "drive",
        [THING_ESCALATOR] = "escalator",
        [THING_RESIDUAL] = "residual_current",
        [THING_TRANSFORMER] = "transformer",
        [THING_SENSOR] = "sensor",
    };

    return names[kind];
}

int building_find(const char *id)
{
    for (size_t i = 0; i < building_count; i++)
        if (strcmp(building[i].id, id) == 0)
            return (int)i;
    return -1;
}
