/* test_library.c - the shipped rules: they parse, apply where they should, speak both
 * languages, and do in a small building what their titles say. */
#include "rules/engine.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <glob.h>
#include <libconfig.h>
#include <stdio.h>

static struct plant plant;
static struct engine *engine;
static config_t files[16];
static size_t file_count;
static struct param_settings params[PLANT_RULES_MAX][8];
static struct text changes;

static const char *text_at(config_setting_t *setting, const char *path)
{
    const char *text = "";
    const config_setting_t *found = config_setting_lookup(setting, path);

    if (found != NULL)
        text = config_setting_get_string(found);
    return text;
}

/* "1h30m" and the like to ms; the library uses one unit at a time. */
static int64_t duration_at(config_setting_t *setting, const char *path)
{
    const char *text = text_at(setting, path);
    char *unit;
    int64_t number = strtol(text, &unit, 10);

    switch (*unit) {
    case 'h':
        return number * 3600000;
    case 'm':
        return number * 60000;
    case 's':
        return number * 1000;
    default:
        return 0;
    }
}

static void read_rule(config_setting_t *setting)
{
    size_t index = plant.config.rule_count;
    struct rule_settings *rule =
        plant_rule(&plant, text_at(setting, "id"), text_at(setting, "class"),
                   text_at(setting, "when"), text_at(setting, "clear"));
    const config_setting_t *group = config_setting_lookup(setting, "params");
    int flag = 0;

    rule->title_en = text_at(setting, "title.en");
    rule->title_zh = text_at(setting, "title.zh");
    rule->advice_en = text_at(setting, "advice.en");
    rule->advice_zh = text_at(setting, "advice.zh");
    rule->for_ms = duration_at(setting, "for");
    rule->clear_for_ms = duration_at(setting, "clear_for");
    rule->latch = config_setting_lookup_bool(setting, "latch", &flag) && flag != 0;
    rule->failure = config_setting_lookup_bool(setting, "failure", &flag) && flag != 0;
    rule->params = params[index];
    for (int i = 0; group != NULL && i < config_setting_length(group); i++) {
        const config_setting_t *param = config_setting_get_elem(group, (unsigned)i);

        params[index][rule->param_count++] = (struct param_settings){
            .name = config_setting_name(param),
            .value = config_setting_type(param) == CONFIG_TYPE_INT
                         ? config_setting_get_int(param)
                         : config_setting_get_float(param),
        };
    }
}

static void read_library(void)
{
    glob_t found;

    assert_int_equal(glob("rules/library/*.cfg", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        config_t *file = &files[file_count++];
        const config_setting_t *rules;

        config_init(file);
        if (config_read_file(file, found.gl_pathv[i]) != CONFIG_TRUE)
            fail_msg("%s:%d: %s", found.gl_pathv[i], config_error_line(file),
                     config_error_text(file));
        rules = config_lookup(file, "rules");
        for (int r = 0; r < config_setting_length(rules); r++)
            read_rule(config_setting_get_elem(rules, (unsigned)r));
    }
    globfree(&found);
}

static int start(void **state)
{
    struct config_report *report = config_report_new();
    struct text messages;

    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump", "pump",
                    "run:b::1 cmd:b::1 flow:n:m3/h:1 pressure:n:MPa:1 fault:b::1");
    (void)plant_add(&plant, "water", "water_meter",
                    "flow:n:m3/h:30 volume:c:m3:30 pressure:n:MPa:30");
    (void)plant_add(&plant, "feeder", "electricity_meter",
                    "v_l1:n:V:1 v_l2:n:V:1 v_l3:n:V:1 freq:n:Hz:1");
    (void)plant_add(&plant, "lift", "elevator",
                    "mode:e::1 moving:b::1 door_closed:b::1 in_door_zone:b::1 "
                    "passenger_present:b::1 alarm_button:b::1 floor:n::1");
    (void)plant_add(&plant, "contacts", "elevator",
                    "mode:e::1 moving:b::1 door_closed:b::1 in_door_zone:b::1 "
                    "alarm_button:b::1 safety_chain_closed:b::1");
    (void)plant_add(&plant, "monitored", "elevator", "entrapment:b::1");
    (void)plant_add(&plant, "panel", "fire_panel", "fire:b::1 fault:b::1");
    (void)plant_add(&plant, "aspirating", "fire_panel", "fire:b::1 fire_2:b::1");
    (void)plant_add(&plant, "loop", "fire_panel",
                    "detectors_in_alarm:n::1 modules_in_alarm:n::1 "
                    "detectors_in_trouble:n::1 modules_in_trouble:n::1");
    (void)plant_add(&plant, "smoke", "fire_panel", "event:e::1 fault:b::1");
    (void)plant_add(&plant, "cable", "leak_detector", "leak:b::2 cable_break:b::2");
    (void)plant_add(&plant, "radio", "leak_detector", "leak:b");
    plant_finish(&plant);
    read_library();
    engine = engine_new(&plant.config, (struct mono_time){CLOCK_S}, report);
    text_init(&messages, 1 << 16);
    config_report_json(report, &messages);
    if (engine == NULL || strcmp(messages.data, "[]") != 0)
        fail_msg("engine_new: %s", messages.data);
    text_done(&messages);
    config_report_free(report);
    text_init(&changes, 1 << 16);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    engine_free(engine);
    text_done(&changes);
    for (size_t i = 0; i < file_count; i++)
        config_destroy(&files[i]);
    plant_done(&plant);
    return 0;
}

static void write_count(void *context, const struct rule_settings *rule, size_t instances,
                        size_t active)
{
    (void)active;
    text_addf(context, "%s %zu\n", rule->id, instances);
}

static void test_instances(void **state)
{
    struct text counts;

    (void)state;
    text_init(&counts, 4000);
    engine_visit_rules(engine, write_count, &counts);
    check_text("instances", counts.data,
               "equipment.comm_lost 12\nequipment.wrong_device 12\nlink.down "
               "1\nelevator.entrapment 1\n"
               "elevator.entrapment_contacts 1\nelevator.entrapment_reported 1\n"
               "fire.alarm 2\nfire.panel_fault 2\nfire.alarm_second_level 1\n"
               "fire.loop_alarm 1\nfire.loop_fault 1\nfire.device_alarm 1\n"
               "leak.cable 2\nleak.cable_break 1\npower.supply_outage 1\n"
               "power.phase_loss 1\npump.dry_run 1\npump.fail_to_start 1\n"
               "pump.short_cycling 1\nwater.night_leak 1\nwater.burst 1\n");
    text_done(&counts);
}

static void test_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < plant.config.rule_count; i++) {
        const struct rule_settings *rule = &plant.rules[i];

        check_case(rule->id, rule->title_en[0] != '\0' && rule->title_zh[0] != '\0');
        check_case(rule->id, rule->advice_en[0] != '\0' && rule->advice_zh[0] != '\0');
        check_case(rule->id, (rule->title_zh[0] & 0x80) != 0); /* not ASCII */
        check_case(rule->id, rule->clear.text[0] != '\0');
    }
}

/* ---- a day in the building, second by second ---- */

static void note(void *context, const struct alarm_change *change)
{
    (void)context;
    if (change->kind != CHANGE_PROGRESS)
        text_addf(&changes, "%s %s %s\n",
                  change->kind == CHANGE_RAISED ? "raised" : "returned", change->rule->id,
                  change->equipment->id);
}

/* What every point reads: a name and a value, the rest is as in good order. */
struct reading_row {
    const char *equipment;
    const char *point;
    double value;
};

static const struct reading_row good_order[] = {
    {"pump", "run", 1},
    {"pump", "cmd", 1},
    {"pump", "flow", 12},
    {"water", "flow", 0.1},
    {"feeder", "v_l1", 221},
    {"feeder", "v_l2", 219},
    {"feeder", "v_l3", 222},
    {"lift", "mode", 0},
    {"lift", "moving", 0},
    {"lift", "door_closed", 1},
    {"lift", "in_door_zone", 1},
    {"lift", "passenger_present", 0},
    {"lift", "alarm_button", 0},
    {"contacts", "mode", 0},
    {"contacts", "moving", 0},
    {"contacts", "door_closed", 1},
    {"contacts", "in_door_zone", 1},
    {"contacts", "alarm_button", 0},
    {"contacts", "safety_chain_closed", 1},
    {"panel", "fire", 0},
    {"panel", "fault", 0},
    {"monitored", "entrapment", 0},
    {"aspirating", "fire", 0},
    {"aspirating", "fire_2", 0},
    {"loop", "detectors_in_alarm", 0},
    {"loop", "modules_in_alarm", 0},
    {"loop", "detectors_in_trouble", 0},
    {"loop", "modules_in_trouble", 0},
    {"smoke", "event", 0},
    {"smoke", "fault", 0},
    {"cable", "leak", 0},
    {"cable", "cable_break", 0},
    {"radio", "leak", 0},
    {"pump", "online", 1},
    {"water", "online", 1},
    {"feeder", "online", 1},
    {"lift", "online", 1},
    {"contacts", "online", 1},
    {"panel", "online", 1},
    {"monitored", "online", 1},
    {"aspirating", "online", 1},
    {"loop", "online", 1},
    {"smoke", "online", 1},
    {"cable", "online", 1},
    {"radio", "online", 1},
    {"bus-1", "online", 1},
};

enum {
    GOOD_ORDER = sizeof good_order / sizeof good_order[0],
};

static double now_s = 10;

/* A second in which the rows of `odd` read differently. */
static void second(const struct reading_row *odd, size_t odd_count, int64_t wall_0)
{
    struct sample samples[GOOD_ORDER];
    struct mono_time mono = {(int64_t)(now_s * 1e9)};
    struct wall_time wall = {wall_0 + mono.ns};

    for (size_t i = 0; i < GOOD_ORDER; i++) {
        const struct reading_row *row = &good_order[i];
        double value = row->value;

        for (size_t k = 0; k < odd_count; k++)
            if (strcmp(odd[k].equipment, row->equipment) == 0 &&
                strcmp(odd[k].point, row->point) == 0)
                value = odd[k].value;
        samples[i] = (struct sample){
            .point = plant_find(&plant, row->equipment, row->point)->index,
            .value = value,
            .time = wall,
            .mono = mono,
        };
    }
    engine_put(engine, samples, GOOD_ORDER);
    engine_step(engine, mono, wall, &(struct engine_out){.emit = note});
    now_s++;
}

/* Good order, then `odd` for so long, then good order again. */
static void test_scenarios(void **state)
{
    static const struct {
        const char *name;
        int odd_s;
        int after_s;
        struct reading_row odd[4];
        size_t odd_count;
        const char *want;
        bool latched; /* reset it at the end */
    } cases[] = {
        {"good order", 600, 0, {{0}}, 0, "", false},
        {"dry run",
         200,
         200,
         {{"pump", "flow", 0}},
         1,
         "raised pump.dry_run pump\nreturned pump.dry_run pump\n",
         false},
        {"stops between whiles", 60, 200, {{"pump", "flow", 0}}, 1, "", false},
        {"no start",
         30,
         30,
         {{"pump", "run", 0}},
         1,
         "raised pump.fail_to_start pump\nreturned pump.fail_to_start pump\n",
         false},
        {"switched off",
         300,
         300,
         {{"pump", "run", 0}, {"pump", "cmd", 0}},
         2,
         "",
         false},
        {"burst",
         600,
         1800,
         {{"water", "flow", 30}},
         1,
         "raised water.burst water\nreturned water.burst water\n",
         false},
        {"noon is no night", 7200, 600, {{"water", "flow", 1}}, 1, "", false},
        {"outage",
         20,
         60,
         {{"feeder", "v_l1", 1}, {"feeder", "v_l2", 0}, {"feeder", "v_l3", 2}},
         3,
         "raised power.supply_outage feeder\nreturned power.supply_outage feeder\n",
         false},
        {"a phase",
         20,
         60,
         {{"feeder", "v_l2", 60}},
         1,
         "raised power.phase_loss feeder\nreturned power.phase_loss feeder\n",
         false},
        {"a dip",
         2,
         60,
         {{"feeder", "v_l1", 1}, {"feeder", "v_l2", 0}, {"feeder", "v_l3", 2}},
         3,
         "",
         false},
        {"entrapment",
         60,
         120,
         {{"lift", "in_door_zone", 0}, {"lift", "passenger_present", 1}},
         2,
         "raised elevator.entrapment lift\nreturned elevator.entrapment lift\n",
         true},
        {"entrapment in an outage",
         60,
         120,
         {{"lift", "in_door_zone", 0},
          {"lift", "passenger_present", 1},
          {"lift", "mode", 12}},
         3,
         "raised elevator.entrapment lift\nreturned elevator.entrapment lift\n",
         true},
        {"inspector",
         600,
         120,
         {{"lift", "in_door_zone", 0},
          {"lift", "passenger_present", 1},
          {"lift", "mode", 2}},
         3,
         "",
         false},
        {"a stop at a floor", 100, 100, {{"lift", "passenger_present", 1}}, 1, "", false},
        {"alarm button",
         10,
         30,
         {{"contacts", "alarm_button", 1}},
         1,
         "raised elevator.entrapment_contacts contacts\n",
         false},
        {"and the doors open",
         60,
         0,
         {{"contacts", "door_closed", 0}},
         1,
         "returned elevator.entrapment_contacts contacts\n",
         false},
        {"fire",
         1,
         30,
         {{"panel", "fire", 1}},
         1,
         "raised fire.alarm panel\nreturned fire.alarm panel\n",
         true},
        {"panel fault",
         60,
         100,
         {{"panel", "fault", 1}},
         1,
         "raised fire.panel_fault panel\nreturned fire.panel_fault panel\n",
         false},
        {"the lift says so",
         1,
         30,
         {{"monitored", "entrapment", 1}},
         1,
         "raised elevator.entrapment_reported monitored\n"
         "returned elevator.entrapment_reported monitored\n",
         true},
        {"second level of fire",
         1,
         30,
         {{"aspirating", "fire_2", 1}},
         1,
         "raised fire.alarm_second_level aspirating\n"
         "returned fire.alarm_second_level aspirating\n",
         true},
        {"a module of the loop",
         1,
         30,
         {{"loop", "modules_in_alarm", 2}},
         1,
         "raised fire.loop_alarm loop\nreturned fire.loop_alarm loop\n",
         true},
        {"trouble in the loop",
         60,
         100,
         {{"loop", "detectors_in_trouble", 1}},
         1,
         "raised fire.loop_fault loop\nreturned fire.loop_fault loop\n",
         false},
        {"smoke",
         1,
         30,
         {{"smoke", "event", 16}},
         1,
         "raised fire.device_alarm smoke\nreturned fire.device_alarm smoke\n",
         true},
        {"carbon monoxide and fire",
         1,
         30,
         {{"smoke", "event", 234}},
         1,
         "raised fire.device_alarm smoke\nreturned fire.device_alarm smoke\n",
         true},
        {"a supervisory signal", 60, 30, {{"smoke", "event", 64}}, 1, "", false},
        {"a detector in trouble",
         60,
         100,
         {{"smoke", "fault", 1}},
         1,
         "raised fire.panel_fault smoke\nreturned fire.panel_fault smoke\n",
         false},
        {"leak",
         30,
         100,
         {{"cable", "leak", 1}},
         1,
         "raised leak.cable cable\nreturned leak.cable cable\n",
         false},
        {"leak by radio",
         30,
         100,
         {{"radio", "leak", 1}},
         1,
         "raised leak.cable radio\nreturned leak.cable radio\n",
         false},
        {"cable break",
         30,
         100,
         {{"cable", "cable_break", 1}},
         1,
         "raised leak.cable_break cable\nreturned leak.cable_break cable\n",
         false},
        {"one is silent",
         60,
         60,
         {{"lift", "online", 0}},
         1,
         "raised equipment.comm_lost lift\nreturned equipment.comm_lost lift\n",
         false},
        {"the link is",
         60,
         60,
         {{"bus-1", "online", 0}, {"lift", "online", 0}, {"pump", "online", 0}},
         3,
         "raised link.down bus-1\nreturned link.down bus-1\n",
         false},
    };
    struct wall_time morning;

    (void)state;
    assert_true(wall_parse("2026-11-24T01:00:00Z", &morning)); /* 09:00 in Shanghai */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text_clear(&changes);
        for (int s = 0; s < 120; s++)
            second(NULL, 0, morning.ns);
        check_text(cases[i].name, changes.data, "");
        for (int s = 0; s < cases[i].odd_s; s++)
            second(cases[i].odd, cases[i].odd_count, morning.ns);
        for (int s = 0; s < cases[i].after_s; s++)
            second(NULL, 0, morning.ns);
        check_text(cases[i].name, changes.data, cases[i].want);
        if (cases[i].latched) {
            char rule[64];
            char equipment[64];

            assert_int_equal(sscanf(cases[i].want, "raised %63s %63s", rule, equipment),
                             2);
            assert_true(engine_reset(engine, rule, equipment));
        }
    }
}

/* A leak that runs through the night stays an issue by day, until it stops. */
static void test_night_leak(void **state)
{
    static const struct reading_row leak = {"water", "flow", 0.9};
    struct wall_time evening;
    int64_t wall_0;

    (void)state;
    assert_true(wall_parse("2026-11-24T16:00:00Z", &evening)); /* midnight */
    wall_0 = evening.ns - (int64_t)(now_s * 1e9);
    text_clear(&changes);
    for (int s = 0; s < 2 * 3600 + 1700; s++)
        second(&leak, 1, wall_0);
    check_text("before 02:30", changes.data, "");
    for (int s = 0; s < 200; s++)
        second(&leak, 1, wall_0);
    check_text("02:30", changes.data, "raised water.night_leak water\n");
    for (int s = 0; s < 6 * 3600; s++)
        second(&leak, 1, wall_0);
    check_text("by day", changes.data, "raised water.night_leak water\n");
    for (int s = 0; s < 400; s++)
        second(NULL, 0, wall_0);
    check_text("mended", changes.data,
               "raised water.night_leak water\nreturned water.night_leak water\n");
}

/* Fifteen starts in an hour are too many; once they stop, it ends within the hour. */
static void test_short_cycling(void **state)
{
    static const struct reading_row off[] = {{"pump", "run", 0}, {"pump", "cmd", 0}};
    struct wall_time morning;

    (void)state;
    assert_true(wall_parse("2026-11-24T01:00:00Z", &morning));
    text_clear(&changes);
    for (int cycle = 0; cycle < 15; cycle++) {
        for (int s = 0; s < 90; s++)
            second(off, 2, morning.ns);
        for (int s = 0; s < 30; s++)
            second(NULL, 0, morning.ns);
    }
    check_text("cycling", changes.data, "raised pump.short_cycling pump\n");
    for (int s = 0; s < 3600; s++)
        second(NULL, 0, morning.ns);
    check_text("over", changes.data,
               "raised pump.short_cycling pump\nreturned pump.short_cycling pump\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instances),     cmocka_unit_test(test_languages),
        cmocka_unit_test(test_scenarios),     cmocka_unit_test(test_night_leak),
        cmocka_unit_test(test_short_cycling),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
