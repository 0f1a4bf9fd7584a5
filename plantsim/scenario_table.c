/* scenario_table.c - what each scenario does. */
#include "plantsim/scenario.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* How strong the faults are, at nominal pressure. */
#define NIGHT_LEAK_M3H 0.9  /* a split hose behind one sub-meter */
#define LOSS_M3H       2.4  /* a weeping main */
#define BURST_M3H      14.0 /* a riser torn off */
#define TANK_DRAIN_M3H 240.0

/* Fills *out from "800" or leaves the default when the variant is empty. */
static int read_number(const char *variant, long low, long high, int *out,
                       struct err *err)
{
    char *end;
    long value;

    if (variant[0] == '\0')
        return 0;
    errno = 0;
    value = strtol(variant, &end, 10);
    if (errno != 0 || *end != '\0' || value < low || value > high)
        return err_set(err, ERR_INPUT, "--variant '%s' is not a number from %ld to %ld",
                       variant, low, high);
    *out = (int)value;
    return 0;
}

static int no_variant(const char *variant, struct err *err)
{
    if (variant[0] == '\0')
        return 0;
    return err_set(err, ERR_INPUT, "this scenario has no variants; leave --variant out");
}

/* The part of the world that stands behind an equipment. */
static void *part_of(struct plant *plant, int index)
{
    struct world *world = &plant->world;
    int number = building[index].index;

    switch (building[index].kind) {
    case THING_LIFT:
        return &world->lifts[number];
    case THING_PUMP:
        return &world->water.pumps[number];
    case THING_WATER_METER:
        return &world->water.meters[number];
    case THING_FEEDER:
        return &world->power.feeders[number];
    case THING_PANEL:
        return &world->safety.panels[number];
    case THING_CABLE:
        return &world->safety.cables[number];
    case THING_TANK:
    case THING_SUMP:
        return &world->water;
    case THING_KINDS:
        break;
    }
    assert(!"a kind");
    return NULL;
}

int scenario_apply(const struct scenario *scenario, struct plant *plant, int index,
                   bool on, const char *variant, struct err *err)
{
    unsigned char *base;

    if (scenario->set != NULL)
        return scenario->set(plant, index, on, variant, err);
    if (no_variant(variant, err) != 0)
        return -1;
    base =
        scenario->kind < 0 ? (void *)&plant->devices[index].fault : part_of(plant, index);
    if (scenario->field.type == SCENARIO_FLAG)
        *(bool *)(void *)(base + scenario->field.offset) = on;
    else
        *(double *)(void *)(base + scenario->field.offset) =
            on ? scenario->field.amount : 0;
    return 0;
}

static int set_tank_low(struct plant *plant, int index, bool on, const char *variant,
                        struct err *err)
{
    (void)index;
    if (no_variant(variant, err) != 0)
        return -1;
    plant->world.water.fill_stuck_shut = on;
    plant->world.water.drain_m3h = on ? TANK_DRAIN_M3H : 0;
    return 0;
}

static int set_phase_loss(struct plant *plant, int index, bool on, const char *variant,
                          struct err *err)
{
    int phase = 2;

    if (read_number(variant, 1, PHASES, &phase, err) != 0)
        return -1;
    ((struct feeder *)part_of(plant, index))->lost_phase = on ? phase : 0;
    return 0;
}

static int set_delay(struct plant *plant, int index, bool on, const char *variant,
                     int delay_ms, struct err *err)
{
    if (read_number(variant, 1, 60000, &delay_ms, err) != 0)
        return -1;
    plant->devices[index].fault.delay_ms = on ? delay_ms : 0;
    return 0;
}

static int set_slow(struct plant *plant, int index, bool on, const char *variant,
                    struct err *err)
{
    return set_delay(plant, index, on, variant, 700, err);
}

static int set_late(struct plant *plant, int index, bool on, const char *variant,
                    struct err *err)
{
    return set_delay(plant, index, on, variant, 1500, err);
}

static int set_exception(struct plant *plant, int index, bool on, const char *variant,
                         struct err *err)
{
    int code = MODBUS_DEVICE_FAILURE;

    if (read_number(variant, 1, MODBUS_NO_RESPONSE, &code, err) != 0)
        return -1;
    plant->devices[index].fault.exception = on ? (uint8_t)code : 0;
    return 0;
}

static int set_broker(struct plant *plant, int index, bool on, const char *variant,
                      struct err *err)
{
    if (no_variant(variant, err) != 0)
        return -1;
    plant->links[index] = on ? LINK_SILENT : LINK_WELL;
    return 0;
}

static int set_dead_link(struct plant *plant, int index, bool on, const char *variant,
                         struct err *err)
{
    enum link_fault fault = LINK_REFUSES;

    if (strcmp(variant, "silent") == 0)
        fault = LINK_SILENT;
    else if (variant[0] != '\0' && strcmp(variant, "refuse") != 0)
        return err_set(err, ERR_INPUT, "--variant '%s': it is 'refuse' or 'silent'",
                       variant);
    plant->links[index] = on ? fault : LINK_WELL;
    return 0;
}

/* clang-format off */
#define ON(kind) SCENARIO_EQUIPMENT, kind
/* A field of another type does not compile. */
#define FIELD(type, member, amount)                                                      \
    {offsetof(type, member),                                                             \
     _Generic(((type *)NULL)->member, bool : SCENARIO_FLAG, double : SCENARIO_NUMBER),   \
     amount}, NULL
#define FLAG(type, member) FIELD(type, member, 0)
#define CALL(function) {0}, function
static const struct scenario table[] = {
    {"leak", "Water runs day and night behind one sub-meter (the rule looks from 2 to 5 o'clock).",
     "water.night_leak", ON(THING_WATER_METER), "meter-w1", NULL, FIELD(struct water_meter, leak_m3h, NIGHT_LEAK_M3H)},
    {"loss", "The buried main leaks in front of the sub-meters: metered water goes missing.",
     NULL, ON(THING_WATER_METER), "meter-w0", NULL, FIELD(struct water_meter, leak_m3h, LOSS_M3H)},
    {"burst", "A riser tears: flow jumps, pressure drops, the sump fills.",
     "water.burst", ON(THING_WATER_METER), "meter-w1", NULL, FIELD(struct water_meter, burst_m3h, BURST_M3H)},
    {"leak-cable", "Water lies on a leak cable.",
     "leak.cable", ON(THING_CABLE), "leak-1", NULL, FLAG(struct cable, leak)},
    {"cable-break", "A leak cable is cut and guards nothing.",
     "leak.cable_break", ON(THING_CABLE), "leak-2", NULL, FLAG(struct cable, broken)},
    {"tank-low", "The city supply is shut and the drain left open: the tank runs empty in minutes.",
     NULL, ON(THING_TANK), "tank-1", NULL, CALL(set_tank_low)},
    {"tank-overflow", "The fill valve sticks open: the city meter races, the tank runs over.",
     "water.burst", ON(THING_TANK), "tank-1", NULL, FLAG(struct water, fill_stuck_open)},
    {"sump-flood", "More water runs into the sump than its pumps can lift.",
     NULL, ON(THING_SUMP), "sump-1", NULL, FLAG(struct water, sump_flood)},
    {"dry-run", "No water at the suction side: the pump turns and nothing flows.",
     "pump.dry_run", ON(THING_PUMP), "pump-1", NULL, FLAG(struct pump, dry)},
    {"fail-to-start", "The contactor does not pull in: command without run.",
     "pump.fail_to_start", ON(THING_PUMP), "pump-2", NULL, FLAG(struct pump, no_start)},
    {"short-cycling", "The pressure switch flutters: three starts a minute.",
     "pump.short_cycling", ON(THING_PUMP), "pump-4", NULL, FLAG(struct pump, cycling)},
    {"pump-trip", "The motor protection trips: the pump stops with a fault.",
     NULL, ON(THING_PUMP), "pump-3", NULL, FLAG(struct pump, tripped)},
    {"outage", "The mains fail on a feeder: no voltage, but the meter answers; pumps and lifts stop.",
     "power.supply_outage", ON(THING_FEEDER), "feeder-2", NULL, FLAG(struct feeder, outage)},
    {"phase-loss", "One phase of a feeder is gone.",
     "power.phase_loss", ON(THING_FEEDER), "feeder-2", "1|2|3 (the phase; 2)", CALL(set_phase_loss)},
    {"entrapment", "A lift stops between floors with people in it, who press the alarm button.",
     "elevator.entrapment", ON(THING_LIFT), "lift-3", NULL, FLAG(struct lift, entrapment)},
    {"door-fault", "Something lies in the sill: the doors open and close and the lift does not leave.",
     NULL, ON(THING_LIFT), "lift-4", NULL, FLAG(struct lift, door_fault)},
    {"lift-out", "The controller takes the lift out of service.",
     NULL, ON(THING_LIFT), "lift-1", NULL, FLAG(struct lift, out_of_service)},
    {"inspection", "Somebody has switched the lift to inspection.",
     NULL, ON(THING_LIFT), "lift-2", NULL, FLAG(struct lift, inspection)},
    {"fire", "A detector reports fire; the tower's lifts go to the ground floor.",
     "fire.alarm", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, fire)},
    {"panel-fault", "The fire panel reports a fault.",
     "fire.panel_fault", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, fault)},
    {"disablement", "Three detectors are disabled.",
     NULL, ON(THING_PANEL), "fire-2", NULL, FLAG(struct panel, disabled)},
    {"supervisory", "A valve of the sprinkler is shut.",
     NULL, ON(THING_PANEL), "fire-2", NULL, FLAG(struct panel, supervisory)},
    {"dead-link", "A whole link is gone.",
     "link.down", SCENARIO_LINK, 0, "feeders", "refuse|silent (refuse)", CALL(set_dead_link)},
    {"dead-unit", "One device does not answer; its neighbours do.",
     "equipment.comm_lost", ON(SCENARIO_ANY), "pump-6", NULL, FLAG(struct device_fault, dead)},
    {"slow-device", "One device takes its time; its neighbours do not.",
     NULL, ON(SCENARIO_ANY_MODBUS), "pump-5", "MS (700)", CALL(set_slow)},
    {"late-answers", "Answers come after everybody has stopped waiting, into the next request.",
     "equipment.comm_lost", ON(SCENARIO_ANY_MODBUS), "lift-3", "MS (1500)", CALL(set_late)},
    {"garbage", "The answers are noise with a wrong checksum.",
     "equipment.comm_lost", ON(SCENARIO_ANY_MODBUS), "leak-2", NULL, FLAG(struct device_fault, garbage)},
    {"wrong-unit", "The answers carry another unit id.",
     "equipment.comm_lost", ON(SCENARIO_ANY_MODBUS), "meter-w2", NULL, FLAG(struct device_fault, wrong_unit)},
    {"exception", "The device is there, but refuses every request with an exception: bad values.",
     NULL, ON(SCENARIO_ANY_MODBUS), "feeder-3", "CODE (4)", CALL(set_exception)},
    {"broker-stop", "Nothing is published any more; the MQTT clients leave the broker.",
     "equipment.comm_lost", SCENARIO_LINK, 0, "broker", NULL, CALL(set_broker)},
    {"stuck", "The device answers, but its values stand still.",
     NULL, ON(SCENARIO_ANY), "feeder-1", NULL, FLAG(struct device_fault, stuck)},
};
/* clang-format on */

size_t scenario_count(void)
{
    return sizeof table / sizeof table[0];
}

const struct scenario *scenario_at(size_t index)
{
    return &table[index];
}
