/* stages.c - how each shipped rule is staged. */
#include "tests/sim/stage.h"

#define MIN  ((int64_t)STAGE_MINUTE)
#define HOUR ((int64_t)STAGE_HOUR)
#define DAY  (24 * HOUR)
#define SLOW .poll_ms = MIN

#define STAGE(rule_id, on, by, ...)                                                      \
    {                                                                                    \
        .rule = (rule_id), .equipment = (on), .scenario = (by), ##__VA_ARGS__            \
    }
#define SEASON(rule_id, on, by, ...)                                                     \
    {                                                                                    \
        .rule = (rule_id), .equipment = (on), .scenario = (by), .is_season = true,       \
        ##__VA_ARGS__                                                                    \
    }
#define LONG(rule_id, on, by, ...)                                                       \
    {                                                                                    \
        .rule = (rule_id), .equipment = (on), .scenario = (by), .is_long = true,         \
        __VA_ARGS__                                                                      \
    }

/* clang-format off */
const struct stage stages[] = {
    /* --- links and devices --- */
    STAGE("equipment.comm_lost", "pump-6", "dead-unit"),
    STAGE("equipment.wrong_device", "feeder-1", "exchanged", .reach_ms = 3 * MIN),
    STAGE("equipment.intermittent", "pump-6", "flaky-unit", .warm_ms = 61 * MIN, .reach_ms = 20 * MIN, .over_ms = 75 * MIN),
    STAGE("link.down", "feeders", "dead-link"),
    STAGE("link.intermittent", "feeders", "flaky-link", .warm_ms = 61 * MIN, .reach_ms = 25 * MIN, .over_ms = 75 * MIN),
    STAGE("equipment.blind", "feeder-3", "exception", .reach_ms = 17 * MIN, .over_ms = 5 * MIN),
    /* --- what sensors and counters tell --- */
    STAGE("quality.flow_out_of_range", "meter-w1", "off-scale", .over_ms = 7 * MIN),
    STAGE("quality.level_sensor", "tank-1", "off-scale"),
    STAGE("quality.sump_level_sensor", "sump-1", "off-scale"),
    STAGE("quality.pressure_out_of_range", "pump-4", "off-scale", .over_ms = 7 * MIN),
    STAGE("quality.level_jump", "tank-1", "leap", .over_ms = 40 * MIN),
    STAGE("quality.counter_jump", "meter-w9", "leap", .over_ms = 65 * MIN),
    STAGE("quality.energy_jump", "meter-e6", "leap", .warm_ms = 15 * MIN, .reach_ms = 15 * MIN, .over_ms = 90 * MIN),
    STAGE("quality.clock_drift", "meter-w3", "fast-clock", .over_ms = 12 * MIN),
    /* --- drive --- */
    STAGE("drive.fault", "drive-1", "drive-fault"),
    STAGE("drive.heatsink_hot", "drive-1", "drive-dust", .reach_ms = 25 * MIN, .over_ms = 30 * MIN),
    STAGE("drive.motor_thermal", "drive-1", "drive-overload", .reach_ms = 25 * MIN, .over_ms = 30 * MIN),
    /* --- lifts and escalator --- */
    STAGE("elevator.entrapment", "lift-3", "entrapment", .reach_ms = 2 * MIN, .over_ms = 5 * MIN),
    STAGE("elevator.entrapment_landing", "lift-3", "door-stuck", .reach_ms = 2 * MIN, .over_ms = 5 * MIN),
    STAGE("elevator.entrapment_contacts", "lift-1", "entrapment", .reach_ms = 2 * MIN, .over_ms = 5 * MIN),
    STAGE("elevator.entrapment_reported", "lift-5", "entrapment", .reach_ms = 2 * MIN, .over_ms = 5 * MIN),
    STAGE("elevator.entrapment_code", "lift-7", "lift-code", .variant = "101"),
    STAGE("elevator.electric_bicycle", "lift-7", "lift-code", .variant = "317"),
    STAGE("elevator.unintended_movement", "lift-4", "lift-slips", .reach_ms = 2 * MIN, .over_ms = 30 * MIN),
    STAGE("elevator.unintended_movement_reported", "lift-6", "lift-code", .variant = "5"),
    STAGE("elevator.over_travel", "lift-6", "lift-code", .variant = "9"),
    STAGE("elevator.fault_code_extended", "lift-6", "lift-code", .variant = "11"),
    STAGE("elevator.out_of_service", "lift-1", "lift-out"),
    STAGE("elevator.fault_code", "lift-4", "door-fault", .over_ms = 4 * MIN),
    STAGE("elevator.fault_code_platform", "lift-7", "lift-code", .variant = "201"),
    STAGE("elevator.fault_number", "lift-5", "lift-code", .variant = "11"),
    STAGE("elevator.fault_flags", "lift-7", "lift-code", .variant = "101"),
    STAGE("elevator.fault_reported", "lift-6", "lift-code", .variant = "11"),
    STAGE("elevator.stopped_outside_zone", "lift-3", "lift-stalled", .reach_ms = 2 * MIN),
    STAGE("elevator.supply_lost", "lift-1", "outage", .target = "feeder-2"),
    STAGE("elevator.bank_out", "lift-3", "lift-out", .also = "lift-out@lift-4", .over_ms = 5 * MIN),
    STAGE("elevator.door_cycling", "lift-4", "door-fault", .warm_ms = 12 * MIN, .reach_ms = 12 * MIN, .over_ms = 20 * MIN),
    STAGE("elevator.door_held", "lift-4", "door-held"),
    STAGE("elevator.starts_high", "lift-4", "lift-shuttle", .reach_ms = 65 * MIN, .over_ms = 60 * MIN),
    STAGE("elevator.dead_in_bank", "lift-4", "lift-asleep", .start = "2026-11-24T07:00", .reach_ms = 60 * MIN, .over_ms = 20 * MIN),
    STAGE("escalator.stopped", "escalator-1", "escalator-stop"),
    STAGE("escalator.out_of_service", "escalator-1", "escalator-out"),
    STAGE("escalator.fault", "escalator-1", "escalator-comb"),
    /* --- fire panels --- */
    STAGE("fire.alarm", "fire-1", "fire"),
    STAGE("fire.alarm_second_level", "fire-3", "fire-second"),
    STAGE("fire.loop_alarm", "fire-4", "fire"),
    STAGE("fire.device_alarm", "fire-5", "fire"),
    STAGE("fire.device_co", "fire-5", "gas"),
    STAGE("fire.prealarm", "fire-1", "prealarm"),
    STAGE("fire.loop_prealarm", "fire-4", "prealarm"),
    STAGE("fire.aspirating_alert", "fire-3", "prealarm"),
    STAGE("fire.panel_fault", "fire-1", "panel-fault"),
    STAGE("fire.loop_fault", "fire-4", "panel-fault"),
    STAGE("fire.panel_troubles", "fire-4", "panel-fault"),
    STAGE("fire.disablement", "fire-2", "disablement"),
    STAGE("fire.loop_disablement", "fire-4", "disablement"),
    STAGE("fire.supervisory", "fire-2", "supervisory"),
    STAGE("fire.device_supervisory", "fire-5", "supervisory"),
    STAGE("fire.panel_lost", "fire-1", "dead-unit"),
    STAGE("fire.panel_silent", "fire-6", "panel-mute", .reach_ms = 5 * MIN, .over_ms = 5 * MIN),
    STAGE("fire.mains_fault", "fire-1", "panel-mains"),
    STAGE("fire.on_battery", "fire-1", "panel-mains"),
    STAGE("fire.battery_fault", "fire-1", "panel-battery", .over_ms = 6 * MIN),
    STAGE("fire.link_fault", "fire-2", "panel-link"),
    /* --- the gateway's own supply --- */
    STAGE("power.site_outage", "ups-1", "mains-loss", .reach_ms = 45 * STAGE_SECOND),
    STAGE("gateway.on_battery", "ups-1", "mains-loss"),
    STAGE("gateway.battery_low", "ups-1", "ups-battery", .over_ms = 12 * MIN),
    /* --- leak sensors --- */
    STAGE("leak.cable", "leak-1", "leak-cable"),
    STAGE("leak.cable_break", "leak-2", "cable-break"),
    STAGE("leak.contamination", "leak-1", "cable-dirt", .over_ms = 6 * MIN),
    STAGE("leak.battery_low", "leak-3", "sensor-battery", .over_ms = 65 * MIN),
    STAGE("leak.tamper", "leak-3", "tamper"),
    /* --- electricity --- */
    STAGE("power.supply_outage", "feeder-2", "outage"),
    STAGE("power.supply_outage_single", "meter-e6", "outage"),
    STAGE("power.phase_loss", "feeder-2", "phase-loss"),
    STAGE("power.voltage_low", "feeder-2", "undervoltage", .warm_ms = 11 * MIN, .reach_ms = 10 * MIN, .over_ms = 25 * MIN),
    STAGE("power.voltage_low_single", "meter-e6", "undervoltage", .warm_ms = 11 * MIN, .reach_ms = 10 * MIN, .over_ms = 25 * MIN),
    STAGE("power.voltage_high_single", "meter-e6", "overvoltage", .warm_ms = 61 * MIN, .reach_ms = 30 * MIN, .over_ms = 75 * MIN),
    STAGE("power.power_factor_low", "feeder-2", "poor-factor", .warm_ms = 125 * MIN, .reach_ms = 2 * HOUR, .over_ms = 3 * HOUR),
    STAGE("power.power_factor_low_apparent", "feeder-2", "poor-factor", .warm_ms = 125 * MIN, .reach_ms = 2 * HOUR, .over_ms = 3 * HOUR),
    STAGE("power.voltage_high", "feeder-2", "overvoltage", .warm_ms = 61 * MIN, .reach_ms = 30 * MIN, .over_ms = 75 * MIN),
    STAGE("power.voltage_unbalance", "feeder-2", "unbalance", .warm_ms = 6 * MIN, .reach_ms = 6 * MIN, .over_ms = 20 * MIN),
    STAGE("power.current_unbalance", "feeder-2", "skewed-load", .warm_ms = 11 * MIN, .reach_ms = 15 * MIN, .over_ms = 2 * HOUR),
    STAGE("power.overload", "feeder-2", "overload", .warm_ms = 61 * MIN, .reach_ms = 20 * MIN, .over_ms = 80 * MIN),
    STAGE("power.neutral_lost", "feeder-3", "neutral-lost"),
    STAGE("power.frequency", "feeder-0", "slow-grid", .over_ms = 15 * MIN),
    STAGE("power.residual_current", "residual-1", "insulation", .over_ms = 7 * MIN),
    STAGE("power.residual_alarm", "residual-1", "insulation"),
    STAGE("power.residual_warning", "residual-1", "insulation", .over_ms = 12 * MIN),
    STAGE("power.residual_loop_alarm", "residual-3", "insulation", .over_ms = 7 * MIN),
    STAGE("power.residual_ct_break", "residual-1", "ct-break"),
    STAGE("power.residual_toroid", "residual-2", "ct-break"),
    STAGE("transformer.hot", "trafo-1", "transformer-fan", .reach_ms = 3 * HOUR, .over_ms = 3 * HOUR),
    STAGE("transformer.trend", "trafo-1", "transformer-fan", .warm_ms = 35 * MIN, .reach_ms = 2 * HOUR, .over_ms = 3 * HOUR),
    STAGE("sensor.hot", "sensor-1", "cabinet-hot", .reach_ms = HOUR, .over_ms = HOUR),
    /* --- pumps --- */
    STAGE("pump.dry_run", "pump-1", "dry-run", .reach_ms = 3 * MIN),
    STAGE("pump.dry_run_reported", "pump-7", "dry-run"),
    STAGE("pump.dry_run_power", "pump-4", "dry-run", .reach_ms = 3 * MIN),
    STAGE("pump.fail_to_start", "pump-2", "fail-to-start"),
    STAGE("pump.fail_to_stop", "pump-4", "fail-to-stop", .warm_ms = 61 * MIN),
    STAGE("pump.short_cycling", "pump-4", "short-cycling", .warm_ms = 61 * MIN, .reach_ms = 10 * MIN, .over_ms = 65 * MIN),
    STAGE("fire_pump.short_cycling", "pump-4", "short-cycling", .warm_ms = 61 * MIN, .reach_ms = 10 * MIN, .over_ms = 65 * MIN),
    STAGE("pump.tripped", "pump-3", "pump-trip"),
    STAGE("pump.dead_head", "pump-4", "dead-head", .reach_ms = 3 * MIN),
    STAGE("pump.overload", "pump-4", "pump-overload", .reach_ms = 3 * MIN, .over_ms = 5 * MIN),
    STAGE("pump.no_load_creep", "pump-2", "pump-creep", .reach_ms = 17 * MIN, .over_ms = 30 * MIN),
    STAGE("pump.low_suction", "pump-1", "tank-low", .target = "tank-1", .reach_ms = 30 * MIN, .over_ms = 60 * MIN),
    STAGE("pump.motor_hot", "pump-2", "motor-hot", .reach_ms = 30 * MIN, .over_ms = 30 * MIN),
    /* --- tank and sump --- */
    STAGE("tank.overflow", "tank-1", "tank-overflow", .reach_ms = 30 * MIN, .over_ms = 2 * HOUR),
    STAGE("tank.low", "tank-1", "tank-low", .reach_ms = 30 * MIN, .over_ms = HOUR),
    STAGE("tank.fill_valve_stuck", "tank-1", "fill-passing", .warm_ms = 13 * MIN, .reach_ms = HOUR, .over_ms = 30 * MIN),
    STAGE("tank.leak", "tank-1", "tank-leak", .start = "2026-11-24T01:00", .warm_ms = 35 * MIN, .reach_ms = HOUR, .over_ms = 3 * HOUR),
    STAGE("sump.high", "sump-1", "sump-flood", .reach_ms = 10 * MIN, .over_ms = 15 * MIN),
    STAGE("sump.losing", "sump-1", "sump-flood", .reach_ms = 10 * MIN, .over_ms = 15 * MIN),
    STAGE("sump.no_pump", "sump-1", "sump-blind", .reach_ms = 20 * MIN, .over_ms = 15 * MIN),
    /* --- water --- */
    STAGE("water.burst", "meter-w1", "burst", .reach_ms = 6 * MIN, .over_ms = 20 * MIN),
    STAGE("water.signal_poor", "meter-w8", "weak-signal", .warm_ms = 11 * MIN, .reach_ms = 11 * MIN, .over_ms = 45 * MIN),
    STAGE("water.valve_fault", "meter-w1", "valve-fault", .over_ms = 12 * MIN),
    STAGE("water.battery_low", "meter-w2", "meter-battery", .over_ms = 65 * MIN),
    /* --- what looks back for hours and days --- */
    LONG("drive.local", "drive-1", "drive-local", .warm_ms = 25 * HOUR, SLOW),
    LONG("elevator.long_inspection", "lift-2", "inspection", .over_ms = 15 * MIN, SLOW),
    LONG("fire.test_mode", "fire-4", "fire-test", .over_ms = 15 * MIN, SLOW),
    LONG("fire.test_mode_detector", "fire-3", "fire-test", .over_ms = 15 * MIN, SLOW),
    LONG("power.energy_balance", "feeder-0", "tapping", .warm_ms = 25 * HOUR, .reach_ms = DAY, .over_ms = 36 * HOUR, SLOW),
    LONG("pump.not_auto", "pump-3", "pump-by-hand", .warm_ms = 25 * HOUR, SLOW),
    LONG("water.night_leak", "meter-w1", "leak", .start = "2026-11-24T20:00", .reach_ms = 8 * HOUR, .over_ms = HOUR),
    LONG("water.continuous_flow", "meter-w5", "drip", .warm_ms = 25 * HOUR, .reach_ms = 28 * HOUR, .over_ms = 6 * HOUR, SLOW),
    LONG("water.unaccounted", "meter-w0", "loss", .warm_ms = 25 * HOUR, .reach_ms = 12 * HOUR, .over_ms = 30 * HOUR, SLOW),
    LONG("water.reverse_flow", "meter-w2", "backflow", .warm_ms = 25 * HOUR, .reach_ms = DAY, .over_ms = 30 * HOUR, SLOW),
    LONG("water.pressure_drop", "meter-w0", "set-off", .target = "tank-1", .warm_ms = 25 * HOUR, .reach_ms = HOUR, .over_ms = 2 * HOUR, .poll_ms = 15 * STAGE_SECOND),
    LONG("quality.flow_frozen", "meter-w1", "frozen", .warm_ms = 2 * HOUR, .reach_ms = 27 * HOUR, .over_ms = 3 * HOUR, SLOW),
    LONG("quality.level_frozen", "tank-1", "frozen", .warm_ms = 2 * HOUR, .reach_ms = 27 * HOUR, .over_ms = 3 * HOUR, SLOW),
    LONG("quality.voltage_frozen", "feeder-1", "stuck", .warm_ms = 2 * HOUR, .reach_ms = 8 * HOUR, .over_ms = HOUR, SLOW),
    /* --- weeks --- */
    SEASON("water.night_minimum", "meter-w1", "leak"),
    SEASON("water.meter_stopped", "meter-w2", "meter-halted"),
    SEASON("water.rate_of_rise", "meter-w4", "burst"),
    SEASON("sump.duty", "sump-1", "sump-seep"),
    SEASON("pump.hours_imbalance", "pump-1", "lead-stuck"),
    SEASON("pump.efficiency", "pump-1", "pump-worn"),
    SEASON("power.thd_high", "feeder-2", "harmonics"),
    SEASON("elevator.chronic_fault", "lift-3", "lift-fitful"),
    SEASON("fire.repeated_alarm", "fire-1", "false-alarms"),
    SEASON("fire.repeated_device_alarm", "fire-5", "false-alarms"),
};
/* clang-format on */

const size_t stage_count = sizeof stages / sizeof stages[0];
