/* readings.c - see readings.h. */
#include "plantsim/readings.h"

#include "plantsim/lift.h"
#include "plantsim/water.h"

#include <assert.h>
#include <math.h>

#define TANK_HEIGHT_MM 2500.0
#define MOTOR_PF       0.82
#define RATED_RPM      2900.0
#define RATED_KG       1000.0
#define PERSON_KG      72.0
#define MOTOR_VOLT     290.0 /* of the garage fan at its frequency */
#define DC_VOLT        540.0 /* rectified */
#define BATTERY_LOW    0.2   /* of the gateway's supply */
#define PIPE_MM        80.0

enum {
    SERVICE_IN_COLLECTOR = 256, /* the direction stands in bits 8 to 11 */
    JUDGED_ENTRAPMENT = 2,      /* bit 1 */
    FLAG_SHAFT_DEVICE = 8,      /* of the BACnet lift object's faults */
    RATED_MA = 1000,
    ALARM_MA = 300,
    RESIDUAL_ADDRESS = 6,
    LOOP_OVERLOAD = 3 << 6, /* of the first loop, which stands in bits 6 and 7 */
    EVENT_NONE = 0,
    EVENT_FIRE = 0x10,
    EVENT_CO = 0x14,
    EVENT_SUPERVISORY = 0x40,
    FAAST_NORMAL = 3,
    FAAST_TEST = 2,
    FAAST_RPM = 3900,
    SIGNAL_GOOD = 88,
    SIGNAL_WEAK = 14,
    TESTED = 4, /* detectors in a test of the loop */
};

static double noisy(struct rng *noise, double value, double relative)
{
    return value <= 0 ? value : fmax(value * (1 + relative * rng_normal(noise)), 0);
}

/* As the BACnet lift object numbers them. */
static uint32_t object_mode(enum lift_mode mode)
{
    static const uint32_t modes[] = {
        [LIFT_OUT_OF_SERVICE] = 12, [LIFT_NORMAL] = 1,       [LIFT_INSPECTION] = 8,
        [LIFT_FIRE_RETURN] = 11,    [LIFT_FIREFIGHTER] = 6,  [LIFT_EMERGENCY_POWER] = 7,
        [LIFT_EARTHQUAKE] = 10,     [LIFT_MODE_UNKNOWN] = 0,
    };

    return modes[mode];
}

static void take_lift(struct lift_reading *out, const struct lift *lift)
{
    bool moving =
        lift->state == LIFT_MOVING || (lift->slipping && lift->state == LIFT_OPEN);
    bool inside = lift->passengers > 0;
    bool closed = lift_door_closed(lift);
    bool up = lift->target * LIFT_FLOOR_M > lift->position_m;

    *out = (struct lift_reading){
        .power_ok = lift->powered,
        /* The collective relay drops in every mode but the normal one. */
        .in_service = lift->mode == LIFT_NORMAL,
        .inspection = lift->mode == LIFT_INSPECTION,
        .alarm_button = lift->alarm_button,
        .moving = moving,
        .in_door_zone = lift_in_zone(lift),
        .door_closed = closed,
        .safety_chain_closed = closed && !lift->inspection && !lift->entrapment,
        .mode = lift->mode,
        .direction = !moving ? 0
                     : up    ? 1
                             : 2,
        .floor = lift_label(lift_floor(lift)),
        .passenger_present = inside,
        .fault_code = (uint32_t)lift->fault_code,
        .run_count = lift->runs,
        .run_s = (uint32_t)lift->run_s,
        .door_cycles = lift->door_cycles,
        .load_percent = lift->passengers * PERSON_KG / RATED_KG * 100,
        .code_100 = (uint32_t)lift->fault_code * 100,
        .platform_code = (uint32_t)lift->forced_code,
        .fault = lift->forced_code != 0,
        .fault_bits = lift->forced_code != 0 ? FLAG_SHAFT_DEVICE : 0,
        .object_mode = object_mode(lift->mode),
        .hours = lift->run_s / 3600,
        .judgement = lift->state == LIFT_HALTED && inside && lift->entrapment
                         ? JUDGED_ENTRAPMENT
                         : 0,
    };
    out->service =
        (lift->mode == LIFT_INSPECTION ? 1u : 0u) + SERVICE_IN_COLLECTOR * out->direction;
}

static void take_pump(struct pump_reading *out, const struct pump *pump,
                      const struct world *world, struct rng *noise)
{
    const struct feeder *feeder = &world->power.feeders[FEEDER_PUMPS];
    double volt = feeder->volt[0] + feeder->volt[1] + feeder->volt[2];
    bool phase_fault = pump->cmd && !feeder->live && !feeder->outage && volt > 300;

    *out = (struct pump_reading){
        .run = pump->run,
        .cmd = pump->cmd,
        .fault = pump->trip || phase_fault,
        .automatic = !pump->dry && !pump->no_start && !pump->by_hand,
        .dry_run = pump->dry && pump->run,
        .version = 31000,
        .pumps = 1,
        .pump_mode = pump->by_hand ? 1 : 2,
        .flow_m3h = noisy(noise, pump->flow_m3h, 0.008),
        .pressure_bar = noisy(noise, pump->pressure_bar, 0.003),
        .power_w = noisy(noise, pump->power_kw * 1000, 0.01),
        .freq_hz = 50 * pump->speed,
        .speed_rpm = RATED_RPM * pump->speed,
        .speed_percent = 100 * pump->speed,
        .motor_k = pump->temperature_c + 273.15,
        .volume_m3 = pump->volume_m3,
        .wh_m3 = pump->wh_m3,
        /* Codes of the maker's list: 48 overload, 2 phase failure. */
        .alarm_code = pump->trip    ? 48
                      : phase_fault ? 2
                                    : 0,
        .starts = pump->starts,
        .hours = (uint32_t)(pump->run_s / 3600),
        .energy_kwh = (uint32_t)pump->energy_kwh,
    };
    if (volt > 0)
        out->current_a = out->power_w / volt / MOTOR_PF;
}

static void take_water(struct water_reading *out, const struct water *water, int index,
                       struct rng *noise)
{
    const struct water_meter *meter = &water->meters[index];
    double bar = index == WATER_CITY ? 2.6 : water->net_bar;

    *out = (struct water_reading){
        .flow_m3h = meter->halted ? 0 : meter->flow_m3h,
        .volume_m3 = meter->volume_m3,
        .reverse_m3 = meter->reverse_m3,
        .pressure_mpa = noisy(noise, bar / 10, 0.003),
        .temperature_c = 16.5,
        .battery_v = 3.6,
        .pulses = (uint32_t)(meter->volume_m3 * 100),
        .pipe_state = 0xAA,
        .valve = 1u + (meter->valve_fault ? 4u : 0u) + (meter->battery_low ? 8u : 0u),
        .signal = meter->weak_signal ? SIGNAL_WEAK : SIGNAL_GOOD,
        .pipe_mm = PIPE_MM,
    };
}

static void take_feeder(struct feeder_reading *out, const struct feeder *feeder,
                        struct rng *noise)
{
    *out =
        (struct feeder_reading){.freq = feeder->freq_hz, .e_import = feeder->energy_kwh};
    for (int p = 0; p < PHASES; p++) {
        out->volt[p] = noisy(noise, feeder->volt[p], 0.0005);
        out->amp[p] = noisy(noise, feeder->amp[p], 0.002);
        out->watt[p] = feeder->kw[p] * 1000;
        out->va[p] = feeder->volt[p] * feeder->amp[p];
        out->pf[p] = out->va[p] > 0 ? fmin(out->watt[p] / out->va[p], 1) : 0;
        out->var[p] =
            sqrt(fmax(out->va[p] * out->va[p] - out->watt[p] * out->watt[p], 0));
        out->p_total += out->watt[p];
        out->s_total += out->va[p];
        out->q_total += out->var[p];
        out->e_phase[p] = feeder->phase_energy_kwh[p];
        out->line[p] = noisy(noise, feeder->line_volt[p], 0.0005);
    }
    out->thd = noisy(noise, feeder->thd_percent, 0.02);
    out->pf_total = out->s_total > 0 ? fmin(out->p_total / out->s_total, 1) : 0;
}

static void take_panel(struct panel_reading *out, const struct panel *panel,
                       const struct power *power)
{
    *out = (struct panel_reading){
        .fire = panel->alarm,
        .fault = panel->fault,
        .disabled = panel->disabled,
        .supervisory = panel->supervisory,
        .normal =
            !panel->alarm && !panel->fault && !panel->disabled && !panel->supervisory,
        .heartbeat = panel->heartbeat & 0xFFFF,
        .fires = panel->alarm ? 1 : 0,
        .faults = panel->fault ? 1 : 0,
        .disablements = panel->disabled ? 3 : 0,
        .zone = (uint32_t)panel->zone,
        .fire_2 = panel->fire_2,
        .prealarm = panel->prealarm,
        .mains_fault = power->mains_lost || panel->mains_off,
        .prealarms = panel->prealarm ? 1 : 0,
        .battery_fault = panel->battery_fault,
        .link_fault = panel->link_fault,
        .in_test = panel->testing ? TESTED : 0,
        .event = panel->alarm         ? EVENT_FIRE
                 : panel->gas         ? EVENT_CO
                 : panel->supervisory ? EVENT_SUPERVISORY
                                      : EVENT_NONE,
        .fan_rpm = FAAST_RPM,
        .mode = panel->testing ? FAAST_TEST : FAAST_NORMAL,
    };
}

static void take_cable(struct cable_reading *out, const struct cable *cable,
                       struct rng *noise)
{
    *out = (struct cable_reading){
        .leak = cable->leak && !cable->broken,
        .cable_break = cable->broken,
        .summary = cable->leak || cable->broken || cable->dirty,
        .leak_distance = cable->leak && !cable->broken ? round(cable->distance_m) : 0,
        .current_ua = cable->current_ua,
        .length_m = cable->length_m,
        .resistance_ohm = cable->broken ? 65535 : cable->length_m * 13,
        .battery_percent = round(cable->battery * 100),
        .voltage_mv = round(2500 + 600 * cable->battery),
        .link_quality = 110u + (uint32_t)rng_below(noise, 40),
        .contamination = cable->dirty,
        .tamper = cable->tampered,
        .battery_low = cable->battery_low || cable->battery < 0.1,
    };
    if (cable->battery_low)
        out->battery_percent = 4;
}

/* A level transmitter; `level` is the part of its height, the same in tank and sump. */
static void take_level(struct tank_reading *out, double level, struct rng *noise)
{
    level = fmin(fmax(level + 0.0008 * rng_normal(noise), 0), 1.02);
    *out = (struct tank_reading){
        .unit_code = 16,
        .decimals = 3,
        .level_mm = round(level * TANK_HEIGHT_MM),
        .full_mm = TANK_HEIGHT_MM,
        .level_percent = level * 100,
    };
}

static void take_tank(struct tank_reading *out, const struct water *water,
                      struct rng *noise)
{
    take_level(out, water->tank_level, noise);
    out->fill_open = water->fill_open;
}

static void take_ups(struct ups_reading *out, const struct power *power)
{
    const struct room *room = &power->room;

    *out = (struct ups_reading){
        .mains_present = !power->mains_lost,
        .battery_low = room->battery_dead || room->battery < BATTERY_LOW,
    };
}

static void take_drive(struct drive_reading *out, const struct drive *drive,
                       struct rng *noise)
{
    *out = (struct drive_reading){
        .cmd = drive->cmd,
        .ready = !drive->tripped,
        .run = drive->run,
        .fault = drive->tripped,
        .remote = !drive->local,
        .freq_hz = drive->freq_hz,
        .current_a = noisy(noise, drive->current_a, 0.01),
        .power_w = noisy(noise, drive->power_kw * 1000, 0.01),
        .motor_volt = drive->run ? MOTOR_VOLT : 0,
        .motor_thermal = noisy(noise, drive->motor_thermal, 0.005),
        .heatsink_c = noisy(noise, drive->heatsink_c, 0.005),
        .dc_volt = noisy(noise, DC_VOLT, 0.004),
        .hours = (uint32_t)(drive->run_s / 3600),
        .energy_kwh = (uint32_t)drive->energy_kwh,
    };
}

static void take_escalator(struct escalator_reading *out,
                           const struct escalator *escalator)
{
    *out = (struct escalator_reading){
        .mode = escalator->mode,
        .run = escalator->run,
        .faults = escalator->fault_bits,
        .hours = escalator->run_s / 3600,
    };
}

static void take_residual(struct residual_reading *out, const struct residual *residual,
                          struct rng *noise)
{
    bool alarm = residual->current_ma > ALARM_MA;
    bool warning = residual->current_ma > 0.8 * ALARM_MA;

    *out = (struct residual_reading){
        .current_ma = noisy(noise, residual->current_ma, 0.01),
        .status =
            (warning ? 1u : 0u) + (alarm ? 2u : 0u) + (residual->ct_break ? 4u : 0u),
        .rated_ma = RATED_MA,
        .warning_ma = ALARM_MA,
        .address = RESIDUAL_ADDRESS,
        .valid = true,
        .alarm = alarm,
        .warning = warning,
        .toroid = !residual->ct_break,
        .loop_state = alarm ? LOOP_OVERLOAD : 0,
        .loop_last = 1,
    };
}

void reading_take(union reading *reading, const struct world *world, enum thing_kind kind,
                  int index, struct rng *noise)
{
    switch (kind) {
    case THING_LIFT:
        take_lift(&reading->lift, &world->lifts[index]);
        break;
    case THING_PUMP:
        take_pump(&reading->pump, &world->water.pumps[index], world, noise);
        break;
    case THING_WATER_METER:
        take_water(&reading->water, &world->water, index, noise);
        break;
    case THING_FEEDER:
        take_feeder(&reading->feeder, &world->power.feeders[index], noise);
        break;
    case THING_PANEL:
        take_panel(&reading->panel, &world->safety.panels[index], &world->power);
        break;
    case THING_CABLE:
        take_cable(&reading->cable, &world->safety.cables[index], noise);
        break;
    case THING_TANK:
        take_tank(&reading->tank, &world->water, noise);
        break;
    case THING_SUMP:
        take_level(&reading->tank, world->water.sump_m * 1000 / TANK_HEIGHT_MM, noise);
        break;
    case THING_UPS:
        take_ups(&reading->ups, &world->power);
        break;
    case THING_DRIVE:
        take_drive(&reading->drive, &world->machines.drive, noise);
        break;
    case THING_ESCALATOR:
        take_escalator(&reading->escalator, &world->machines.escalator);
        break;
    case THING_RESIDUAL:
        take_residual(&reading->residual, &world->power.residuals[index], noise);
        break;
    case THING_TRANSFORMER:
        reading->warmth.temperature_c =
            world->power.transformer.temperature_c + 0.15 * rng_normal(noise);
        break;
    case THING_SENSOR:
        reading->warmth.temperature_c =
            world->power.room.temperature_c + 0.1 * rng_normal(noise);
        break;
    case THING_KINDS:
        assert(!"a kind");
    }
}
