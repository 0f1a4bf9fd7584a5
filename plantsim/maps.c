/* maps.c - see maps.h.
 *
 * Addresses follow the makers' published lists; what a real device keeps in between
 * reads as 0 here (0xFFFF where the maker does so). The lift block and the two plain maps
 * (pump, fire panel) are this simulator's own.
 */
#include "plantsim/maps.h"

#include "plantsim/readings.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* clang-format off */
#define MAP(id, title, ...)                                                        \
    const struct regmap map_##id = {title, id##_ranges, COUNT(id##_ranges),              \
                                    id##_rows, COUNT(id##_rows), __VA_ARGS__}

#define FLAG(table, address, member) \
    {table, address, REGMAP_FLAG, 0, 1, REGMAP_FIELD(READING, member)}
#define BIT(table, address, bit, member) \
    {table, address, REGMAP_BIT, bit, 1, REGMAP_FIELD(READING, member)}
#define NUM(table, address, type, factor, member) \
    {table, address, type, 0, factor, REGMAP_FIELD(READING, member)}
#define F32(address, member) NUM(REGMAP_INPUT, address, REGMAP_F32, 1, member)

/* --- lifts --- */
#define READING struct lift_reading

/* The module also packs its inputs into input register 0 and counts their rising (door:
 * falling) edges in 32 bits from register 16 on, two registers each. */
static const struct regmap_range lift_contacts_ranges[] = {
    {REGMAP_DISCRETE, 0, 8}, {REGMAP_INPUT, 0, 1}, {REGMAP_INPUT, 16, 16},
};
static const struct regmap_row lift_contacts_rows[] = {
    FLAG(REGMAP_DISCRETE, 0, power_ok),
    FLAG(REGMAP_DISCRETE, 1, in_service),
    FLAG(REGMAP_DISCRETE, 2, inspection),
    FLAG(REGMAP_DISCRETE, 3, alarm_button),
    FLAG(REGMAP_DISCRETE, 4, moving),
    FLAG(REGMAP_DISCRETE, 5, in_door_zone),
    FLAG(REGMAP_DISCRETE, 6, door_closed),
    FLAG(REGMAP_DISCRETE, 7, safety_chain_closed),
    BIT(REGMAP_INPUT, 0, 0, power_ok),
    BIT(REGMAP_INPUT, 0, 1, in_service),
    BIT(REGMAP_INPUT, 0, 2, inspection),
    BIT(REGMAP_INPUT, 0, 3, alarm_button),
    BIT(REGMAP_INPUT, 0, 4, moving),
    BIT(REGMAP_INPUT, 0, 5, in_door_zone),
    BIT(REGMAP_INPUT, 0, 6, door_closed),
    BIT(REGMAP_INPUT, 0, 7, safety_chain_closed),
    NUM(REGMAP_INPUT, 24, REGMAP_U32, 1, run_count),
    NUM(REGMAP_INPUT, 28, REGMAP_U32, 1, door_cycles),
};
MAP(lift_contacts, "lift-contacts", false, 0);

static const struct regmap_range lift_block_ranges[] = {{REGMAP_HOLDING, 0, 20}};
static const struct regmap_row lift_block_rows[] = {
    NUM(REGMAP_HOLDING, 0, REGMAP_U16, 1, mode),
    NUM(REGMAP_HOLDING, 1, REGMAP_U16, 1, moving),
    NUM(REGMAP_HOLDING, 2, REGMAP_U16, 1, direction),
    NUM(REGMAP_HOLDING, 3, REGMAP_U16, 1, in_door_zone),
    NUM(REGMAP_HOLDING, 4, REGMAP_S16, 1, floor),
    NUM(REGMAP_HOLDING, 5, REGMAP_U16, 1, door_closed),
    NUM(REGMAP_HOLDING, 6, REGMAP_U16, 1, passenger_present),
    NUM(REGMAP_HOLDING, 7, REGMAP_U16, 1, fault_code),
    NUM(REGMAP_HOLDING, 8, REGMAP_U16, 1, alarm_button),
    NUM(REGMAP_HOLDING, 9, REGMAP_U16, 1, load_percent),
    NUM(REGMAP_HOLDING, 10, REGMAP_U32, 1, run_count),
    NUM(REGMAP_HOLDING, 12, REGMAP_U32, 1, run_s),
    NUM(REGMAP_HOLDING, 14, REGMAP_U32, 1, door_cycles),
};
MAP(lift_block, "lift-block", false, 0);

/* --- pumps --- */
#undef READING
#define READING struct pump_reading

static const struct regmap_range grundfos_cim_ranges[] = {
    {REGMAP_HOLDING, 100, 8}, {REGMAP_INPUT, 200, 160},
};
static const struct regmap_row grundfos_cim_rows[] = {
    BIT(REGMAP_HOLDING, 100, 0, automatic),
    BIT(REGMAP_HOLDING, 100, 1, cmd),
    BIT(REGMAP_INPUT, 200, 8, automatic),
    BIT(REGMAP_INPUT, 200, 9, run),
    BIT(REGMAP_INPUT, 200, 10, fault),
    NUM(REGMAP_INPUT, 204, REGMAP_U16, 1, alarm_code),
    NUM(REGMAP_INPUT, 300, REGMAP_U16, 1000, pressure_bar),
    NUM(REGMAP_INPUT, 301, REGMAP_U16, 10, flow_m3h),
    NUM(REGMAP_INPUT, 302, REGMAP_U16, 100, speed_percent),
    NUM(REGMAP_INPUT, 303, REGMAP_U16, 1, speed_rpm),
    NUM(REGMAP_INPUT, 304, REGMAP_U16, 10, freq_hz),
    NUM(REGMAP_INPUT, 308, REGMAP_U16, 10, current_a),
    NUM(REGMAP_INPUT, 311, REGMAP_U32, 1, power_w),
    NUM(REGMAP_INPUT, 317, REGMAP_U16, 100, motor_k), /* the electronics are as warm */
    NUM(REGMAP_INPUT, 320, REGMAP_U16, 100, motor_k),
    NUM(REGMAP_INPUT, 326, REGMAP_U32, 1, hours),
    NUM(REGMAP_INPUT, 331, REGMAP_U32, 1, energy_kwh),
    NUM(REGMAP_INPUT, 333, REGMAP_U32, 1, starts),
    NUM(REGMAP_INPUT, 338, REGMAP_U16, 1000, pressure_bar),
    NUM(REGMAP_INPUT, 356, REGMAP_U32, 100, volume_m3),
};
/* A pump that lacks a sensor reads 0xFFFF there. */
MAP(grundfos_cim, "grundfos-cim", true, 0xFFFF);

static const struct regmap_range pump_basic_ranges[] = {
    {REGMAP_COIL, 0, 1}, {REGMAP_DISCRETE, 0, 3}, {REGMAP_INPUT, 0, 12},
};
static const struct regmap_row pump_basic_rows[] = {
    FLAG(REGMAP_COIL, 0, cmd),
    FLAG(REGMAP_DISCRETE, 0, run),
    FLAG(REGMAP_DISCRETE, 1, fault),
    FLAG(REGMAP_DISCRETE, 2, automatic),
    NUM(REGMAP_INPUT, 0, REGMAP_U16, 100, flow_m3h),
    NUM(REGMAP_INPUT, 1, REGMAP_U16, 100, pressure_bar),
    NUM(REGMAP_INPUT, 2, REGMAP_U16, 100, current_a),
    NUM(REGMAP_INPUT, 3, REGMAP_U16, 1, power_w),
    NUM(REGMAP_INPUT, 4, REGMAP_U16, 100, freq_hz),
    NUM(REGMAP_INPUT, 6, REGMAP_U32, 1, starts),
    NUM(REGMAP_INPUT, 8, REGMAP_U32, 1, hours),
};
MAP(pump_basic, "pump-basic", false, 0);

/* --- electricity --- */
#undef READING
#define READING struct feeder_reading

static const struct regmap_range sdm630_ranges[] = {{REGMAP_INPUT, 0, 0x180}};
static const struct regmap_row sdm630_rows[] = {
    F32(0x0000, volt[0]), F32(0x0002, volt[1]), F32(0x0004, volt[2]),
    F32(0x0006, amp[0]), F32(0x0008, amp[1]), F32(0x000A, amp[2]),
    F32(0x000C, watt[0]), F32(0x000E, watt[1]), F32(0x0010, watt[2]),
    F32(0x0012, va[0]), F32(0x0014, va[1]), F32(0x0016, va[2]),
    F32(0x0018, var[0]), F32(0x001A, var[1]), F32(0x001C, var[2]),
    F32(0x001E, pf[0]), F32(0x0020, pf[1]), F32(0x0022, pf[2]),
    F32(0x0034, p_total), F32(0x0038, s_total), F32(0x003C, q_total),
    F32(0x003E, pf_total), F32(0x0046, freq),
    F32(0x0048, e_import), F32(0x004A, e_export),
    F32(0x0156, e_import),
    F32(0x015A, e_phase[0]), F32(0x015C, e_phase[1]), F32(0x015E, e_phase[2]),
};
MAP(sdm630, "sdm630", false, 0);

/* --- water --- */
#undef READING
#define READING struct water_reading

static const struct regmap_range xintai_ranges[] = {{REGMAP_HOLDING, 1, 28}};
static const struct regmap_row xintai_rows[] = {
    NUM(REGMAP_HOLDING, 0x01, REGMAP_F32_DCBA, 1, volume_m3),
    NUM(REGMAP_HOLDING, 0x03, REGMAP_F32_DCBA, 1, reverse_m3),
    NUM(REGMAP_HOLDING, 0x05, REGMAP_F32_DCBA, 1, flow_m3h),
    NUM(REGMAP_HOLDING, 0x07, REGMAP_U16, 1, pipe_state),
    NUM(REGMAP_HOLDING, 0x0A, REGMAP_F32_DCBA, 1, pressure_mpa),
    NUM(REGMAP_HOLDING, 0x0C, REGMAP_F32_DCBA, 1, temperature_c),
    NUM(REGMAP_HOLDING, 0x1A, REGMAP_F32_DCBA, 1, battery_v),
    NUM(REGMAP_HOLDING, 0x1C, REGMAP_U16, 1, valve),
};
MAP(xintai, "xintai", false, 0);

/* Counter at 1062, instantaneous rate (0.001 m3/h) and supply pressure (kPa) beside. */
static const struct regmap_range pulse_counter_ranges[] = {{REGMAP_INPUT, 1062, 8}};
static const struct regmap_row pulse_counter_rows[] = {
    NUM(REGMAP_INPUT, 1062, REGMAP_U32, 1, pulses),
    NUM(REGMAP_INPUT, 1066, REGMAP_U32, 1000, flow_m3h),
    NUM(REGMAP_INPUT, 1068, REGMAP_U16, 1000, pressure_mpa),
};
MAP(pulse_counter, "pulse-counter", false, 0);

#undef READING
#define READING struct tank_reading

static const struct regmap_range qdy30a_ranges[] = {{REGMAP_HOLDING, 0, 7}};
static const struct regmap_row qdy30a_rows[] = {
    NUM(REGMAP_HOLDING, 2, REGMAP_U16, 1, unit_code),
    NUM(REGMAP_HOLDING, 3, REGMAP_U16, 1, decimals),
    NUM(REGMAP_HOLDING, 4, REGMAP_S16, 1, level_mm),
    NUM(REGMAP_HOLDING, 5, REGMAP_S16, 1, zero),
    NUM(REGMAP_HOLDING, 6, REGMAP_S16, 1, full_mm),
};
MAP(qdy30a, "qdy30a", false, 0);

/* --- safety --- */
#undef READING
#define READING struct panel_reading

static const struct regmap_range fire_panel_ranges[] = {
    {REGMAP_DISCRETE, 0, 8}, {REGMAP_INPUT, 0, 8},
};
static const struct regmap_row fire_panel_rows[] = {
    FLAG(REGMAP_DISCRETE, 0, normal),
    FLAG(REGMAP_DISCRETE, 1, fire),
    FLAG(REGMAP_DISCRETE, 2, fault),
    FLAG(REGMAP_DISCRETE, 3, disabled),
    FLAG(REGMAP_DISCRETE, 4, supervisory),
    BIT(REGMAP_INPUT, 0, 0, normal),
    BIT(REGMAP_INPUT, 0, 1, fire),
    BIT(REGMAP_INPUT, 0, 2, fault),
    BIT(REGMAP_INPUT, 0, 3, disabled),
    BIT(REGMAP_INPUT, 0, 4, supervisory),
    NUM(REGMAP_INPUT, 1, REGMAP_U16, 1, heartbeat),
    NUM(REGMAP_INPUT, 2, REGMAP_U16, 1, fires),
    NUM(REGMAP_INPUT, 3, REGMAP_U16, 1, faults),
    NUM(REGMAP_INPUT, 4, REGMAP_U16, 1, disablements),
    NUM(REGMAP_INPUT, 5, REGMAP_U16, 1, zone),
};
MAP(fire_panel, "fire-panel", false, 0);

#undef READING
#define READING struct cable_reading

static const struct regmap_range aqualeak_ranges[] = {{REGMAP_INPUT, 0, 9}};
static const struct regmap_row aqualeak_rows[] = {
    BIT(REGMAP_INPUT, 0, 0, leak),
    BIT(REGMAP_INPUT, 0, 1, cable_break),
    BIT(REGMAP_INPUT, 0, 2, contamination),
    BIT(REGMAP_INPUT, 0, 3, summary),
    NUM(REGMAP_INPUT, 1, REGMAP_U16, 1, leak_distance),
    NUM(REGMAP_INPUT, 2, REGMAP_U16, 1, unit),
    NUM(REGMAP_INPUT, 3, REGMAP_U16, 1, current_ua),
    NUM(REGMAP_INPUT, 4, REGMAP_U16, 1, length_m),
    NUM(REGMAP_INPUT, 5, REGMAP_U16, 1, resistance_ohm),
    NUM(REGMAP_INPUT, 6, REGMAP_U16, 1, resistance_ohm),
};
MAP(aqualeak, "aqualeak", false, 0);
/* clang-format on */
