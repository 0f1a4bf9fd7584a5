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

/* A collector that judges by itself; a block of 40 registers. */
static const struct regmap_range lift_collector_ranges[] = {{REGMAP_HOLDING, 51200, 40}};
static const struct regmap_row lift_collector_rows[] = {
    NUM(REGMAP_HOLDING, 51210, REGMAP_U16, 1, service),
    NUM(REGMAP_HOLDING, 51211, REGMAP_U16, 1, code_100),
    NUM(REGMAP_HOLDING, 51212, REGMAP_S16, 1, floor),
    NUM(REGMAP_HOLDING, 51238, REGMAP_U16, 1, judgement),
};
MAP(lift_collector, "lift-collector", false, 0);

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
    NUM(REGMAP_INPUT, 325, REGMAP_U16, 1, wh_m3),
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

/* The control of a booster: it says itself that its pumps run dry. */
static const struct regmap_range wilo_booster_ranges[] = {{REGMAP_HOLDING, 0, 143}};
static const struct regmap_row wilo_booster_rows[] = {
    NUM(REGMAP_HOLDING, 0, REGMAP_U16, 1, version),
    BIT(REGMAP_HOLDING, 14, 0, cmd),
    NUM(REGMAP_HOLDING, 27, REGMAP_U16, 1, pumps),
    NUM(REGMAP_HOLDING, 28, REGMAP_U16, 1, pumps),
    NUM(REGMAP_HOLDING, 40, REGMAP_U16, 1, pump_mode),
    NUM(REGMAP_HOLDING, 25, REGMAP_S16, 10, pressure_bar),
    BIT(REGMAP_HOLDING, 61, 0, run),
    BIT(REGMAP_HOLDING, 61, 1, fault),
    BIT(REGMAP_HOLDING, 61, 8, run),
    BIT(REGMAP_HOLDING, 139, 4, dry_run), /* the low word of the faults */
};
MAP(wilo_booster, "wilo-booster", false, 0);

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
    F32(0x00EA, thd), F32(0x00EC, thd), F32(0x00EE, thd),
    F32(0x0156, e_import),
    F32(0x015A, e_phase[0]), F32(0x015C, e_phase[1]), F32(0x015E, e_phase[2]),
};
MAP(sdm630, "sdm630", false, 0);

/* One phase. */
static const struct regmap_range sdm120_ranges[] = {{REGMAP_INPUT, 0, 0x15A}};
static const struct regmap_row sdm120_rows[] = {
    F32(0x0000, volt[0]), F32(0x0006, amp[0]), F32(0x000C, watt[0]), F32(0x0012, va[0]),
    F32(0x0018, var[0]), F32(0x001E, pf[0]), F32(0x0046, freq), F32(0x0048, e_import),
    F32(0x004A, e_export), F32(0x0156, e_import),
};
MAP(sdm120, "sdm120", false, 0);

/* Voltages between the phases, too. */
static const struct regmap_range dtsd1352_ranges[] = {{REGMAP_HOLDING, 0, 0x190}};
static const struct regmap_row dtsd1352_rows[] = {
    NUM(REGMAP_HOLDING, 0x000A, REGMAP_U32, 100, e_import),
    NUM(REGMAP_HOLDING, 0x0014, REGMAP_U32, 100, e_export),
    NUM(REGMAP_HOLDING, 0x0061, REGMAP_U16, 10, volt[0]),
    NUM(REGMAP_HOLDING, 0x0062, REGMAP_U16, 10, volt[1]),
    NUM(REGMAP_HOLDING, 0x0063, REGMAP_U16, 10, volt[2]),
    NUM(REGMAP_HOLDING, 0x0064, REGMAP_U16, 100, amp[0]),
    NUM(REGMAP_HOLDING, 0x0065, REGMAP_U16, 100, amp[1]),
    NUM(REGMAP_HOLDING, 0x0066, REGMAP_U16, 100, amp[2]),
    NUM(REGMAP_HOLDING, 0x0077, REGMAP_U16, 100, freq),
    NUM(REGMAP_HOLDING, 0x0078, REGMAP_U16, 10, line[0]),
    NUM(REGMAP_HOLDING, 0x0079, REGMAP_U16, 10, line[1]),
    NUM(REGMAP_HOLDING, 0x007A, REGMAP_U16, 10, line[2]),
    NUM(REGMAP_HOLDING, 0x0164, REGMAP_U32, 1, watt[0]),
    NUM(REGMAP_HOLDING, 0x0166, REGMAP_U32, 1, watt[1]),
    NUM(REGMAP_HOLDING, 0x0168, REGMAP_U32, 1, watt[2]),
    NUM(REGMAP_HOLDING, 0x016A, REGMAP_U32, 1, p_total),
    NUM(REGMAP_HOLDING, 0x0172, REGMAP_U32, 1, q_total),
    NUM(REGMAP_HOLDING, 0x017A, REGMAP_U32, 1, s_total),
    NUM(REGMAP_HOLDING, 0x017F, REGMAP_S16, 1000, pf_total),
};
MAP(dtsd1352, "dtsd1352", false, 0);

#undef READING
#define READING struct residual_reading

static const struct regmap_range asj_ranges[] = {{REGMAP_HOLDING, 0, 0x20}};
static const struct regmap_row asj_rows[] = {
    NUM(REGMAP_HOLDING, 0x0000, REGMAP_U16, 1, current_ma),
    NUM(REGMAP_HOLDING, 0x0008, REGMAP_U16, 1, rated_ma),
    NUM(REGMAP_HOLDING, 0x0009, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x0018, REGMAP_U16, 1, address),
    NUM(REGMAP_HOLDING, 0x001B, REGMAP_U16, 1, status),
};
MAP(asj, "asj", false, 0);

static const struct regmap_range vigirex_ranges[] = {
    {REGMAP_HOLDING, 0x00C8, 8}, {REGMAP_HOLDING, 0x0190, 0x68},
};
static const struct regmap_row vigirex_rows[] = {
    BIT(REGMAP_HOLDING, 0x00C8, 0, valid),
    BIT(REGMAP_HOLDING, 0x00C9, 0, alarm),
    BIT(REGMAP_HOLDING, 0x00CB, 0, warning),
    BIT(REGMAP_HOLDING, 0x00CD, 0, alarm),
    BIT(REGMAP_HOLDING, 0x00CF, 0, toroid),
    NUM(REGMAP_HOLDING, 0x0190, REGMAP_U16, 1, current_ma),
    NUM(REGMAP_HOLDING, 0x01A4, REGMAP_U16, 1, current_ma),
    NUM(REGMAP_HOLDING, 0x01F4, REGMAP_U16, 1, warning_ma),
};
MAP(vigirex, "vigirex", false, 0);

/* Twelve loops, of which one is used; bit 12 says what kind of meter it is. */
static const struct regmap_range aim_ranges[] = {{REGMAP_HOLDING, 0, 0x62}};
static const struct regmap_row aim_rows[] = {
    NUM(REGMAP_HOLDING, 0x000B, REGMAP_U16, 1, loop_state),
    BIT(REGMAP_HOLDING, 0x000B, 12, valid),
    NUM(REGMAP_HOLDING, 0x000D, REGMAP_U16, 1, loop_last),
    NUM(REGMAP_HOLDING, 0x004A, REGMAP_U16, 1, current_ma),
    NUM(REGMAP_HOLDING, 0x0056, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x0057, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x0058, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x0059, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x005A, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x005B, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x005C, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x005D, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x005E, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x005F, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x0060, REGMAP_U16, 1, warning_ma),
    NUM(REGMAP_HOLDING, 0x0061, REGMAP_U16, 1, warning_ma),
};
MAP(aim, "aim-r100", false, 0);

#undef READING
#define READING struct warmth_reading

static const struct regmap_range warmth_ranges[] = {{REGMAP_INPUT, 0, 2}};
static const struct regmap_row warmth_rows[] = {
    NUM(REGMAP_INPUT, 0, REGMAP_S16, 10, temperature_c),
};
MAP(warmth, "warmth", false, 0);

#undef READING
#define READING struct ups_reading

static const struct regmap_range ups_contacts_ranges[] = {{REGMAP_DISCRETE, 0, 8}};
static const struct regmap_row ups_contacts_rows[] = {
    FLAG(REGMAP_DISCRETE, 0, mains_present),
    FLAG(REGMAP_DISCRETE, 1, battery_low),
};
MAP(ups_contacts, "ups-contacts", false, 0);

/* --- drives --- */
#undef READING
#define READING struct drive_reading

/* Register = ten times the parameter's number, less one. */
static const struct regmap_range fc51_ranges[] = {
    {REGMAP_HOLDING, 14999, 40},   {REGMAP_HOLDING, 16009, 10}, {REGMAP_HOLDING, 16019, 10},
    {REGMAP_HOLDING, 16099, 10},   {REGMAP_HOLDING, 16119, 40}, {REGMAP_HOLDING, 16179, 10},
    {REGMAP_HOLDING, 16299, 10},   {REGMAP_HOLDING, 16339, 20}, {REGMAP_HOLDING, 16899, 60},
    {REGMAP_HOLDING, 49999, 2},    {REGMAP_HOLDING, 50199, 2},
};
static const struct regmap_row fc51_rows[] = {
    BIT(REGMAP_HOLDING, 49999, 6, cmd),
    BIT(REGMAP_HOLDING, 50199, 0, ready),
    BIT(REGMAP_HOLDING, 50199, 1, ready),
    BIT(REGMAP_HOLDING, 50199, 3, fault),
    BIT(REGMAP_HOLDING, 50199, 9, remote),
    BIT(REGMAP_HOLDING, 50199, 11, run),
    NUM(REGMAP_HOLDING, 14999, REGMAP_U32, 1, hours),
    NUM(REGMAP_HOLDING, 15009, REGMAP_U32, 1, hours),
    NUM(REGMAP_HOLDING, 15019, REGMAP_U32, 1, energy_kwh),
    NUM(REGMAP_HOLDING, 16009, REGMAP_U32, 1000, freq_hz),
    NUM(REGMAP_HOLDING, 16099, REGMAP_U16, 1, power_w),
    NUM(REGMAP_HOLDING, 16119, REGMAP_U16, 1, motor_volt),
    NUM(REGMAP_HOLDING, 16129, REGMAP_U16, 10, freq_hz),
    NUM(REGMAP_HOLDING, 16139, REGMAP_U16, 100, current_a),
    NUM(REGMAP_HOLDING, 16179, REGMAP_U16, 1, motor_thermal),
    NUM(REGMAP_HOLDING, 16299, REGMAP_U16, 1, dc_volt),
    NUM(REGMAP_HOLDING, 16339, REGMAP_U16, 1, heatsink_c),
    NUM(REGMAP_HOLDING, 16349, REGMAP_U16, 1, motor_thermal),
};
MAP(fc51, "fc51", false, 0);

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

/* Ultrasonic: words swapped, totals as a whole number and what is behind its point. */
static const struct regmap_range tuf2000_ranges[] = {
    {REGMAP_HOLDING, 0, 110}, {REGMAP_HOLDING, 220, 4}, {REGMAP_HOLDING, 1436, 8},
};
static const struct regmap_row tuf2000_rows[] = {
    NUM(REGMAP_HOLDING, 0, REGMAP_F32_CDAB, 1, flow_m3h),
    NUM(REGMAP_HOLDING, 8, REGMAP_WHOLE, 1, volume_m3),
    NUM(REGMAP_HOLDING, 10, REGMAP_PART, 1, volume_m3),
    NUM(REGMAP_HOLDING, 12, REGMAP_WHOLE, 1, reverse_m3),
    NUM(REGMAP_HOLDING, 14, REGMAP_PART, 1, reverse_m3),
    NUM(REGMAP_HOLDING, 32, REGMAP_F32_CDAB, 1, temperature_c),
    NUM(REGMAP_HOLDING, 91, REGMAP_U16, 1, signal),
    NUM(REGMAP_HOLDING, 220, REGMAP_F32_CDAB, 1, pipe_mm),
};
MAP(tuf2000, "tuf-2000m", false, 0);

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

/* The same transmitter on a level controller that also tells of the filling valve. */
static const struct regmap_range level_control_ranges[] = {
    {REGMAP_HOLDING, 0, 7}, {REGMAP_DISCRETE, 0, 2},
};
static const struct regmap_row level_control_rows[] = {
    NUM(REGMAP_HOLDING, 2, REGMAP_U16, 1, unit_code),
    NUM(REGMAP_HOLDING, 3, REGMAP_U16, 1, decimals),
    NUM(REGMAP_HOLDING, 4, REGMAP_S16, 1, level_mm),
    NUM(REGMAP_HOLDING, 5, REGMAP_S16, 1, zero),
    NUM(REGMAP_HOLDING, 6, REGMAP_S16, 1, full_mm),
    FLAG(REGMAP_DISCRETE, 0, fill_open),
};
MAP(level_control, "level-control", false, 0);

/* --- safety --- */
#undef READING
#define READING struct panel_reading

static const struct regmap_range fire_panel_ranges[] = {
    {REGMAP_DISCRETE, 0, 16}, {REGMAP_INPUT, 0, 8},
};
static const struct regmap_row fire_panel_rows[] = {
    FLAG(REGMAP_DISCRETE, 5, prealarm),
    FLAG(REGMAP_DISCRETE, 6, mains_fault),
    FLAG(REGMAP_DISCRETE, 7, battery_fault),
    FLAG(REGMAP_DISCRETE, 8, link_fault),
    FLAG(REGMAP_DISCRETE, 9, mains_fault), /* on battery then */
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

/* Its addresses are the maker's, from 1. */
static const struct regmap_range faast_ranges[] = {{REGMAP_HOLDING, 0, 16}};
static const struct regmap_row faast_rows[] = {
    BIT(REGMAP_HOLDING, 3, 9, disabled),
    NUM(REGMAP_HOLDING, 6, REGMAP_U16, 1, mode),
    BIT(REGMAP_HOLDING, 7, 6, fault),
    NUM(REGMAP_HOLDING, 11, REGMAP_U16, 1, fan_rpm),
    BIT(REGMAP_HOLDING, 12, 0, prealarm),
    BIT(REGMAP_HOLDING, 12, 3, fire),
    BIT(REGMAP_HOLDING, 12, 4, fire_2),
};
MAP(faast, "faast", false, 0);

/* The counts of one loop, and one device: a gateway of this simulator's own. */
static const struct regmap_range fire_loop_ranges[] = {{REGMAP_HOLDING, 0, 12}};
static const struct regmap_row fire_loop_rows[] = {
    NUM(REGMAP_HOLDING, 0, REGMAP_U16, 1, fires),
    NUM(REGMAP_HOLDING, 1, REGMAP_U16, 1, faults),
    NUM(REGMAP_HOLDING, 2, REGMAP_U16, 1, prealarms),
    NUM(REGMAP_HOLDING, 3, REGMAP_U16, 1, disablements),
    NUM(REGMAP_HOLDING, 4, REGMAP_U16, 1, in_test),
    NUM(REGMAP_HOLDING, 10, REGMAP_U16, 1, faults), /* of the panel as a whole */
};
MAP(fire_loop, "fire-loop", false, 0);

static const struct regmap_range fire_device_ranges[] = {{REGMAP_HOLDING, 0, 2}};
static const struct regmap_row fire_device_rows[] = {
    NUM(REGMAP_HOLDING, 0, REGMAP_U16, 1, event),
    BIT(REGMAP_HOLDING, 1, 0, fault),
    BIT(REGMAP_HOLDING, 1, 1, disabled),
};
MAP(fire_device, "fire-device", false, 0);

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
