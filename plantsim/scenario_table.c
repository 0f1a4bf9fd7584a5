/* scenario_table.c - what each scenario does. */
#include "plantsim/scenario.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* How strong the faults are, at nominal pressure. */
#define NIGHT_LEAK_M3H 0.9  /* a split hose behind one sub-meter */
#define DRIP_M3H       0.05 /* a toilet that runs on */
#define LOSS_M3H       2.4  /* a weeping main */
#define BURST_M3H      14.0 /* a riser torn off */
#define TANK_DRAIN_M3H 240.0
#define SHELL_LEAK_M3H 2.4
#define PASSING_M3H    9.0 /* a filling valve that does not close */
#define SEEP_M3H       5.0 /* ground water */
#define SUMP_FILL_M3H  12.0
#define BACKFLOW_M3H   0.4
#define SAG_V          (-48.0)
#define SWELL_V        30.0
#define TILT_V         (-20.0)
#define OVERLOAD_KW    150.0
#define SKEW_KW        17.0
#define TAPPED_KW      20.0
#define SLOW_GRID_HZ   (-3.0)

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
    case THING_RESIDUAL:
        return &world->power.residuals[number];
    case THING_UPS:
    case THING_TRANSFORMER:
    case THING_SENSOR:
        return &world->power;
    case THING_DRIVE:
        return &world->machines.drive;
    case THING_ESCALATOR:
        return &world->machines.escalator;
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

/* A cracked wall shows when nothing else moves the level: the set stands, the filling
 * valve is shut. */
static int set_tank_leak(struct plant *plant, int index, bool on, const char *variant,
                         struct err *err)
{
    (void)index;
    if (no_variant(variant, err) != 0)
        return -1;
    plant->world.water.fill_stuck_shut = on;
    plant->world.water.set_off = on;
    plant->world.water.drain_m3h = on ? SHELL_LEAK_M3H : 0;
    return 0;
}

static int set_sump_blind(struct plant *plant, int index, bool on, const char *variant,
                          struct err *err)
{
    (void)index;
    if (no_variant(variant, err) != 0)
        return -1;
    plant->world.water.sump_blind = on;
    plant->world.water.sump_seep_m3h = on ? SUMP_FILL_M3H : 0;
    return 0;
}

static int set_lead_stuck(struct plant *plant, int index, bool on, const char *variant,
                          struct err *err)
{
    (void)index;
    if (no_variant(variant, err) != 0)
        return -1;
    plant->world.water.lead_stuck = on;
    return 0;
}

static int set_lift_code(struct plant *plant, int index, bool on, const char *variant,
                         struct err *err)
{
    int code = 11;

    if (read_number(variant, 1, 999, &code, err) != 0)
        return -1;
    ((struct lift *)part_of(plant, index))->forced_code = on ? code : 0;
    return 0;
}

static int set_flaky_link(struct plant *plant, int index, bool on, const char *variant,
                          struct err *err)
{
    if (no_variant(variant, err) != 0)
        return -1;
    plant->flaky[index] = on;
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
    /* --- water --- */
    {"leak", "Water runs day and night behind one sub-meter (the rule looks from 2 to 5 o'clock).",
     "water.night_leak water.night_minimum", ON(THING_WATER_METER), "meter-w1", NULL, FIELD(struct water_meter, leak_m3h, NIGHT_LEAK_M3H)},
    {"drip", "A toilet behind a small meter runs on: little, but day and night.",
     "water.continuous_flow", ON(THING_WATER_METER), "meter-w5", NULL, FIELD(struct water_meter, leak_m3h, DRIP_M3H)},
    {"loss", "The buried main leaks in front of the sub-meters: metered water goes missing.",
     "water.unaccounted", ON(THING_WATER_METER), "meter-w0", NULL, FIELD(struct water_meter, leak_m3h, LOSS_M3H)},
    {"burst", "A riser tears: flow jumps, pressure drops, the sump fills.",
     "water.burst water.rate_of_rise", ON(THING_WATER_METER), "meter-w1", NULL, FIELD(struct water_meter, burst_m3h, BURST_M3H)},
    {"backflow", "Water comes back through a meter while nobody draws.",
     "water.reverse_flow", ON(THING_WATER_METER), "meter-w2", NULL, FIELD(struct water_meter, backflow_m3h, BACKFLOW_M3H)},
    {"meter-halted", "The counter of a water meter stands still though people live behind it.",
     "water.meter_stopped", ON(THING_WATER_METER), "meter-w2", NULL, FLAG(struct water_meter, halted)},
    {"weak-signal", "The ultrasonic meter hardly hears itself: air or scale in the pipe.",
     "water.signal_poor", ON(THING_WATER_METER), "meter-w8", NULL, FLAG(struct water_meter, weak_signal)},
    {"valve-fault", "The valve of a water meter does not get where it should.",
     "water.valve_fault", ON(THING_WATER_METER), "meter-w1", NULL, FLAG(struct water_meter, valve_fault)},
    {"meter-battery", "The battery of a water meter is nearly empty.",
     "water.battery_low", ON(THING_WATER_METER), "meter-w2", NULL, FLAG(struct water_meter, battery_low)},
    /* --- leak sensors --- */
    {"leak-cable", "Water lies on a leak cable.",
     "leak.cable", ON(THING_CABLE), "leak-1", NULL, FLAG(struct cable, leak)},
    {"cable-break", "A leak cable is cut and guards nothing.",
     "leak.cable_break", ON(THING_CABLE), "leak-2", NULL, FLAG(struct cable, broken)},
    {"cable-dirt", "A leak cable is dirty and soon cannot tell water from dirt.",
     "leak.contamination", ON(THING_CABLE), "leak-1", NULL, FLAG(struct cable, dirty)},
    {"sensor-battery", "The battery of a leak sensor is nearly empty.",
     "leak.battery_low", ON(THING_CABLE), "leak-3", NULL, FLAG(struct cable, battery_low)},
    {"tamper", "Somebody has opened a leak sensor.",
     "leak.tamper", ON(THING_CABLE), "leak-3", NULL, FLAG(struct cable, tampered)},
    /* --- tank and sump --- */
    {"tank-low", "The city supply is shut and the drain left open: the tank runs empty in minutes.",
     "tank.low pump.low_suction", ON(THING_TANK), "tank-1", NULL, CALL(set_tank_low)},
    {"tank-overflow", "The fill valve sticks open: the city meter races, the tank runs over.",
     "tank.overflow water.burst", ON(THING_TANK), "tank-1", NULL, FLAG(struct water, fill_stuck_open)},
    {"fill-passing", "The fill valve is shut and passes water all the same: the level creeps up.",
     "tank.fill_valve_stuck", ON(THING_TANK), "tank-1", NULL, FIELD(struct water, fill_passing_m3h, PASSING_M3H)},
    {"tank-leak", "The wall of the tank is cracked; nothing fills and nothing draws.",
     "tank.leak", ON(THING_TANK), "tank-1", NULL, CALL(set_tank_leak)},
    {"set-off", "The booster set is switched off: the pressure goes as people draw.",
     "water.pressure_drop", ON(THING_TANK), "tank-1", NULL, FLAG(struct water, set_off)},
    {"sump-flood", "More water runs into the sump than its pumps can lift.",
     "sump.losing sump.high", ON(THING_SUMP), "sump-1", NULL, FLAG(struct water, sump_flood)},
    {"sump-blind", "The level switch of the sump hangs: no pump runs and the water rises.",
     "sump.no_pump sump.high", ON(THING_SUMP), "sump-1", NULL, CALL(set_sump_blind)},
    {"sump-seep", "Ground water seeps into the sump: its pumps run more than they used to.",
     "sump.duty", ON(THING_SUMP), "sump-1", NULL, FIELD(struct water, sump_seep_m3h, SEEP_M3H)},
    /* --- pumps --- */
    {"dry-run", "No water at the suction side: the pump turns and nothing flows.",
     "pump.dry_run pump.dry_run_power pump.dry_run_reported", ON(THING_PUMP), "pump-1", NULL, FLAG(struct pump, dry)},
    {"fail-to-start", "The contactor does not pull in: command without run.",
     "pump.fail_to_start", ON(THING_PUMP), "pump-2", NULL, FLAG(struct pump, no_start)},
    {"fail-to-stop", "The contactor is welded: the pump runs without a command.",
     "pump.fail_to_stop", ON(THING_PUMP), "pump-4", NULL, FLAG(struct pump, welded)},
    {"short-cycling", "The pressure switch flutters: three starts a minute.",
     "pump.short_cycling fire_pump.short_cycling", ON(THING_PUMP), "pump-4", NULL, FLAG(struct pump, cycling)},
    {"pump-trip", "The motor protection trips: the pump stops with a fault.",
     "pump.tripped", ON(THING_PUMP), "pump-3", NULL, FLAG(struct pump, tripped)},
    {"dead-head", "The valve behind a pump is shut: full pressure and no flow.",
     "pump.dead_head", ON(THING_PUMP), "pump-4", NULL, FLAG(struct pump, blocked)},
    {"pump-overload", "Something turns with the impeller: half as much current again.",
     "pump.overload", ON(THING_PUMP), "pump-4", NULL, FLAG(struct pump, jammed)},
    {"pump-creep", "A pump is kept turning too slowly to deliver anything.",
     "pump.no_load_creep", ON(THING_PUMP), "pump-2", NULL, FLAG(struct pump, creeping)},
    {"pump-by-hand", "Somebody has left the switch of a pump on hand.",
     "pump.not_auto", ON(THING_PUMP), "pump-3", NULL, FLAG(struct pump, by_hand)},
    {"lead-stuck", "The booster set always begins with the same pump.",
     "pump.hours_imbalance", ON(THING_PUMP), "pump-1", NULL, CALL(set_lead_stuck)},
    {"pump-worn", "A worn impeller: a third more power for the same water.",
     "pump.efficiency", ON(THING_PUMP), "pump-1", NULL, FLAG(struct pump, worn)},
    {"motor-hot", "The winding of a pump is not cooled.",
     "pump.motor_hot", ON(THING_PUMP), "pump-2", NULL, FLAG(struct pump, hot)},
    /* --- drive --- */
    {"drive-fault", "The drive of the garage fan has tripped.",
     "drive.fault", ON(THING_DRIVE), "drive-1", NULL, FLAG(struct drive, tripped)},
    {"drive-dust", "The heatsink of the drive is full of dust.",
     "drive.heatsink_hot", ON(THING_DRIVE), "drive-1", NULL, FLAG(struct drive, dusty)},
    {"drive-overload", "The motor behind the drive takes more than it stands for long.",
     "drive.motor_thermal", ON(THING_DRIVE), "drive-1", NULL, FLAG(struct drive, overloaded)},
    {"drive-local", "Somebody has switched the drive to its own panel.",
     "drive.local", ON(THING_DRIVE), "drive-1", NULL, FLAG(struct drive, local)},
    /* --- electricity --- */
    {"mains-loss", "The mains of the whole compound fail: whatever has no battery is silent; it comes back bit by bit.",
     "power.site_outage gateway.on_battery", ON(THING_UPS), "ups-1", NULL, FLAG(struct power, mains_lost)},
    {"ups-battery", "The battery of the gateway's supply is worn out.",
     "gateway.battery_low", ON(THING_UPS), "ups-1", NULL, FLAG(struct power, room.battery_dead)},
    {"outage", "The mains fail on a feeder: no voltage, but the meter answers; pumps and lifts stop.",
     "power.supply_outage power.supply_outage_single elevator.supply_lost", ON(THING_FEEDER), "feeder-2", NULL, FLAG(struct feeder, outage)},
    {"phase-loss", "One phase of a feeder is gone.",
     "power.phase_loss", ON(THING_FEEDER), "feeder-2", "1|2|3 (the phase; 2)", CALL(set_phase_loss)},
    {"undervoltage", "The voltage of a feeder is a fifth too low.",
     "power.voltage_low power.voltage_low_single", ON(THING_FEEDER), "feeder-2", NULL, FIELD(struct feeder, shift_v, SAG_V)},
    {"overvoltage", "The voltage of a feeder is an eighth too high.",
     "power.voltage_high power.voltage_high_single", ON(THING_FEEDER), "feeder-2", NULL, FIELD(struct feeder, shift_v, SWELL_V)},
    {"unbalance", "The first phase of a feeder is lower than the others.",
     "power.voltage_unbalance", ON(THING_FEEDER), "feeder-2", NULL, FIELD(struct feeder, tilt_v, TILT_V)},
    {"skewed-load", "A large load hangs on one phase of a feeder.",
     "power.current_unbalance", ON(THING_FEEDER), "feeder-2", NULL, FIELD(struct feeder, skew_kw, SKEW_KW)},
    {"poor-factor", "The compensation of a feeder is out: too much reactive power.",
     "power.power_factor_low power.power_factor_low_apparent", ON(THING_FEEDER), "feeder-2", NULL, FLAG(struct feeder, uncompensated)},
    {"overload", "More hangs on a feeder than it is made for.",
     "power.overload", ON(THING_FEEDER), "feeder-2", NULL, FIELD(struct feeder, extra_kw, OVERLOAD_KW)},
    {"neutral-lost", "The neutral of a feeder is interrupted: one phase rises, another falls.",
     "power.neutral_lost", ON(THING_FEEDER), "feeder-3", NULL, FLAG(struct feeder, neutral_lost)},
    {"slow-grid", "The frequency of the grid is far too low.",
     "power.frequency", ON(THING_FEEDER), "feeder-0", NULL, FIELD(struct feeder, shift_hz, SLOW_GRID_HZ)},
    {"harmonics", "The voltage of a feeder is badly distorted.",
     "power.thd_high", ON(THING_FEEDER), "feeder-2", NULL, FLAG(struct feeder, distorted)},
    {"tapping", "Somebody takes electricity in front of the feeders' meters.",
     "power.energy_balance", ON(THING_FEEDER), "feeder-0", NULL, FIELD(struct feeder, tapped_kw, TAPPED_KW)},
    {"insulation", "A cable has lost its insulation: current flows to earth.",
     "power.residual_current power.residual_alarm power.residual_warning power.residual_loop_alarm", ON(THING_RESIDUAL), "residual-1", NULL, FLAG(struct residual, insulation)},
    {"ct-break", "The transformer of the residual current monitor is interrupted.",
     "power.residual_ct_break power.residual_toroid", ON(THING_RESIDUAL), "residual-1", NULL, FLAG(struct residual, ct_break)},
    {"transformer-fan", "The fan of the transformer stands still.",
     "transformer.hot transformer.trend", ON(THING_TRANSFORMER), "trafo-1", NULL, FLAG(struct power, transformer.uncooled)},
    {"cabinet-hot", "A loose terminal heats the cabinet of the switch room.",
     "sensor.hot", ON(THING_SENSOR), "sensor-1", NULL, FLAG(struct power, room.hot)},
    /* --- lifts and escalator --- */
    {"entrapment", "A lift stops between floors with people in it, who press the alarm button.",
     "elevator.entrapment elevator.entrapment_contacts elevator.entrapment_reported", ON(THING_LIFT), "lift-3", NULL, FLAG(struct lift, entrapment)},
    {"door-stuck", "The doors of a lift do not open at the landing; somebody is inside.",
     "elevator.entrapment_landing elevator.entrapment", ON(THING_LIFT), "lift-3", NULL, FLAG(struct lift, door_stuck)},
    {"lift-code", "A lift reports a fault by its number.",
     "elevator.fault_code_extended elevator.over_travel elevator.unintended_movement_reported elevator.entrapment_code elevator.electric_bicycle "
     "elevator.fault_code_platform elevator.fault_number elevator.fault_flags elevator.fault_reported",
     ON(THING_LIFT), "lift-6", "CODE (11)", CALL(set_lift_code)},
    {"lift-stalled", "A lift stops between floors, empty.",
     "elevator.stopped_outside_zone elevator.fault_code", ON(THING_LIFT), "lift-3", NULL, FLAG(struct lift, stalled)},
    {"lift-slips", "A lift creeps away from the landing with open doors.",
     "elevator.unintended_movement", ON(THING_LIFT), "lift-4", NULL, FLAG(struct lift, slipping)},
    {"door-fault", "Something lies in the sill: the doors open and close and the lift does not leave.",
     "elevator.door_cycling elevator.fault_code", ON(THING_LIFT), "lift-4", NULL, FLAG(struct lift, door_fault)},
    {"door-held", "Somebody holds the doors of a lift open.",
     "elevator.door_held", ON(THING_LIFT), "lift-4", NULL, FLAG(struct lift, door_held)},
    {"lift-out", "The controller takes the lift out of service.",
     "elevator.out_of_service elevator.bank_out", ON(THING_LIFT), "lift-1", NULL, FLAG(struct lift, out_of_service)},
    {"inspection", "Somebody has switched the lift to inspection.",
     "elevator.long_inspection", ON(THING_LIFT), "lift-2", NULL, FLAG(struct lift, inspection)},
    {"lift-shuttle", "A lift goes up and down all the time though nobody calls.",
     "elevator.starts_high", ON(THING_LIFT), "lift-4", NULL, FLAG(struct lift, shuttling)},
    {"lift-asleep", "A lift says that it is in service and answers no call.",
     "elevator.dead_in_bank", ON(THING_LIFT), "lift-4", NULL, FLAG(struct lift, asleep)},
    {"lift-fitful", "A lift shows a fault again and again, and goes on each time.",
     "elevator.chronic_fault", ON(THING_LIFT), "lift-3", NULL, FLAG(struct lift, fitful)},
    {"escalator-stop", "Somebody has pressed the stop button of the escalator.",
     "escalator.stopped", ON(THING_ESCALATOR), "escalator-1", NULL, FLAG(struct escalator, stopped)},
    {"escalator-out", "Somebody has taken the escalator out of service.",
     "escalator.out_of_service", ON(THING_ESCALATOR), "escalator-1", NULL, FLAG(struct escalator, barred)},
    {"escalator-comb", "Something is caught in the comb plate of the escalator.",
     "escalator.fault escalator.stopped", ON(THING_ESCALATOR), "escalator-1", NULL, FLAG(struct escalator, comb)},
    /* --- fire panels --- */
    {"fire", "A detector reports fire; the tower's lifts go to the ground floor.",
     "fire.alarm fire.loop_alarm fire.device_alarm", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, fire)},
    {"false-alarms", "A detector takes steam for fire, again and again.",
     "fire.repeated_alarm fire.repeated_device_alarm", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, nuisance)},
    {"fire-second", "The smoke detector of the switch room reaches its second level.",
     "fire.alarm_second_level", ON(THING_PANEL), "fire-3", NULL, FLAG(struct panel, fire_2)},
    {"prealarm", "A detector is not sure yet.",
     "fire.prealarm fire.loop_prealarm fire.aspirating_alert", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, prealarm)},
    {"panel-fault", "The fire panel reports a fault.",
     "fire.panel_fault fire.loop_fault fire.panel_troubles", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, fault)},
    {"panel-battery", "The battery of the fire panel is missing or empty.",
     "fire.battery_fault", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, battery_fault)},
    {"panel-mains", "The fuse of the fire panel's supply has gone.",
     "fire.mains_fault fire.on_battery", ON(THING_PANEL), "fire-1", NULL, FLAG(struct panel, mains_off)},
    {"gas", "A detector smells carbon monoxide.",
     "fire.device_co", ON(THING_PANEL), "fire-5", NULL, FLAG(struct panel, gas)},
    {"panel-link", "The fire panel has lost the connection to another one.",
     "fire.link_fault", ON(THING_PANEL), "fire-2", NULL, FLAG(struct panel, link_fault)},
    {"panel-mute", "The transmitter of the fire panels does not call any more.",
     "fire.panel_silent", ON(THING_PANEL), "fire-6", NULL, FLAG(struct panel, mute)},
    {"disablement", "Three detectors are disabled.",
     "fire.disablement fire.loop_disablement", ON(THING_PANEL), "fire-2", NULL, FLAG(struct panel, disabled)},
    {"supervisory", "A valve of the sprinkler is shut.",
     "fire.supervisory fire.device_supervisory", ON(THING_PANEL), "fire-2", NULL, FLAG(struct panel, supervisory)},
    {"fire-test", "Detectors of the garage are left in test.",
     "fire.test_mode fire.test_mode_detector", ON(THING_PANEL), "fire-4", NULL, FLAG(struct panel, testing)},
    /* --- links and devices --- */
    {"dead-link", "A whole link is gone.",
     "link.down", SCENARIO_LINK, 0, "feeders", "refuse|silent (refuse)", CALL(set_dead_link)},
    {"flaky-link", "A link is gone for two minutes of every five.",
     "link.intermittent", SCENARIO_LINK, 0, "feeders", NULL, CALL(set_flaky_link)},
    {"dead-unit", "One device does not answer; its neighbours do.",
     "equipment.comm_lost fire.panel_lost", ON(SCENARIO_ANY), "pump-6", NULL, FLAG(struct device_fault, dead)},
    {"flaky-unit", "One device does not answer for a minute of every four.",
     "equipment.intermittent", ON(SCENARIO_ANY), "pump-6", NULL, FLAG(struct device_fault, flaky)},
    {"slow-device", "One device takes its time; its neighbours do not.",
     NULL, ON(SCENARIO_ANY_MODBUS), "pump-5", "MS (700)", CALL(set_slow)},
    {"late-answers", "Answers come after everybody has stopped waiting, into the next request.",
     "equipment.comm_lost", ON(SCENARIO_ANY_MODBUS), "lift-3", "MS (1500)", CALL(set_late)},
    {"garbage", "The answers are noise with a wrong checksum.",
     "equipment.comm_lost", ON(SCENARIO_ANY_MODBUS), "leak-2", NULL, FLAG(struct device_fault, garbage)},
    {"wrong-unit", "The answers carry another unit id.",
     "equipment.comm_lost", ON(SCENARIO_ANY_MODBUS), "meter-w2", NULL, FLAG(struct device_fault, wrong_unit)},
    {"exchanged", "Somebody puts another device in the place of one.",
     "equipment.wrong_device", ON(SCENARIO_ANY_MODBUS), "feeder-1", NULL, FLAG(struct device_fault, foreign)},
    {"exception", "The device is there, but refuses every request with an exception: bad values.",
     "equipment.blind", ON(SCENARIO_ANY_MODBUS), "feeder-3", "CODE (4)", CALL(set_exception)},
    {"broker-stop", "Nothing is published any more; the MQTT clients leave the broker.",
     "equipment.comm_lost", SCENARIO_LINK, 0, "broker", NULL, CALL(set_broker)},
    {"stuck", "The device answers, but its values stand still.",
     "quality.voltage_frozen", ON(SCENARIO_ANY), "feeder-1", NULL, FLAG(struct device_fault, stuck)},
    {"frozen", "The sensor of a device stands still; its counter goes on.",
     "quality.flow_frozen quality.level_frozen", ON(SCENARIO_SENSOR), "meter-w1", NULL, FLAG(struct device_fault, frozen)},
    {"off-scale", "The sensor of a device shows more than there can be.",
     "quality.flow_out_of_range quality.level_sensor quality.sump_level_sensor quality.pressure_out_of_range", ON(SCENARIO_SENSOR), "meter-w1", NULL, FLAG(struct device_fault, off_scale)},
    {"leap", "The sensor or the counter of a device leaps to another value.",
     "quality.level_jump quality.counter_jump quality.energy_jump", ON(SCENARIO_SENSOR), "tank-1", NULL, FLAG(struct device_fault, leapt)},
    {"fast-clock", "The clock of a meter is two days fast.",
     "quality.clock_drift", ON(SCENARIO_CLOCK), "meter-w3", NULL, FLAG(struct device_fault, off_clock)},
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
