/* test_plantsim_scenario.c - every scenario starts, shows and ends without a trace. */
#include "tests/unit/check.h"

#include "base/mem.h"
#include "plantsim/names.h"
#include "plantsim/options.h"
#include "plantsim/payload.h"
#include "plantsim/scenario.h"

static struct plant *new_plant(void)
{
    struct wall_time start;

    assert_true(wall_parse("2026-11-24T08:00:00+08:00", &start));
    return plant_new(1, start, 8 * 3600);
}

enum {
    DEVICES_MAX = 64,
    FAULTS_SIZE = sizeof(struct world) + DEVICES_MAX * sizeof(struct device_fault) +
                  PLANT_LINKS * (sizeof(enum link_fault) + sizeof(bool)),
};

/* All that scenarios may set, as bytes: nothing is written between two copies but what a
 * scenario writes, so padding does not matter. */
static void copy_faults(uint8_t faults[FAULTS_SIZE], const struct plant *plant)
{
    uint8_t *at = faults;

    assert_true(building_count <= DEVICES_MAX);
    memset(faults, 0, FAULTS_SIZE);
    memcpy(at, &plant->world, sizeof plant->world);
    at += sizeof plant->world;
    memcpy(at, plant->links, sizeof plant->links);
    at += sizeof plant->links;
    memcpy(at, plant->flaky, sizeof plant->flaky);
    at += sizeof plant->flaky;
    for (size_t i = 0; i < building_count; i++, at += sizeof(struct device_fault))
        memcpy(at, &plant->devices[i].fault, sizeof(struct device_fault));
}

static void test_every_scenario_leaves_no_trace(void **state)
{
    struct plant *plant = new_plant();
    struct scenarios *scenarios = mem_alloc(sizeof *scenarios);
    uint8_t *before = mem_alloc(FAULTS_SIZE);
    uint8_t *after = mem_alloc(FAULTS_SIZE);

    (void)state;
    for (size_t i = 0; i < scenario_count(); i++) {
        const char *name = scenario_at(i)->name;
        struct err err;

        copy_faults(before, plant);
        check_case(name, scenario_start(scenarios, plant,
                                        &(struct scenario_request){.name = name,
                                                                   .until = MONO_NEVER},
                                        &err) == 0);
        copy_faults(after, plant);
        check_case(name, memcmp(before, after, FAULTS_SIZE) != 0);
        check_case(name, scenarios->count == 1);
        check_text(name, scenario_target(&scenarios->runs[0]), scenario_at(i)->target);
        check_case(name, scenario_stop(scenarios, plant, name, NULL, &err) == 0);
        copy_faults(after, plant);
        check_case(name, memcmp(before, after, FAULTS_SIZE) == 0);
        check_case(name, scenarios->count == 0);
        check_case(name, scenario_stop(scenarios, plant, name, NULL, &err) == -1);
        check_case(name, err.kind == ERR_STATE);
    }
    mem_free(before);
    mem_free(after);
    mem_free(scenarios);
    plant_free(plant);
}

static void test_wrong_names_get_the_nearest(void **state)
{
    static const struct {
        const char *name;
        const char *target;
        const char *variant;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {"brust", NULL, NULL, ERR_NOT_FOUND, "did you mean 'burst'?"},
        {"dryrun", NULL, NULL, ERR_NOT_FOUND, "did you mean 'dry-run'?"},
        {"zzzzzzzz", NULL, NULL, ERR_NOT_FOUND, "--list"},
        {"dry-run", "pmup-2", NULL, ERR_NOT_FOUND, "did you mean 'pump-2'?"},
        {"dry-run", "lift-1", NULL, ERR_INPUT, "it can hit: pump-1 pump-2"},
        {"dead-link", "fires", NULL, ERR_NOT_FOUND, "did you mean 'fire'?"},
        {"dead-link", "broker", NULL, ERR_INPUT, "plant-room"},
        {"dead-link", "fire", "mute", ERR_INPUT, "'refuse' or 'silent'"},
        {"phase-loss", NULL, "4", ERR_INPUT, "from 1 to 3"},
        {"exception", NULL, "x", ERR_INPUT, "from 1 to 11"},
        {"burst", NULL, "2", ERR_INPUT, "no variants"},
    };
    struct plant *plant = new_plant();
    struct scenarios scenarios = {.count = 0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scenario_request request = {cases[i].name, cases[i].target,
                                           cases[i].variant, MONO_NEVER};
        struct err err;

        check_case(cases[i].words,
                   scenario_start(&scenarios, plant, &request, &err) == -1);
        check_case(cases[i].words, err.kind == cases[i].kind);
        if (strstr(err.text, cases[i].words) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].words);
        assert_int_equal(scenarios.count, 0);
    }
    plant_free(plant);
}

static int start(struct scenarios *scenarios, struct plant *plant, const char *name,
                 const char *target, struct mono_time until)
{
    struct scenario_request request = {name, target, "", until};

    return scenario_start(scenarios, plant, &request, NULL);
}

static void test_scenarios_expire_and_overlap(void **state)
{
    struct plant *plant = new_plant();
    struct scenarios scenarios = {.count = 0};
    struct water_meter *meter = &plant->world.water.meters[WATER_T1_U1];
    struct mono_time soon = {1000};

    (void)state;
    assert_int_equal(start(&scenarios, plant, "leak", "meter-w1", MONO_NEVER), 0);
    assert_int_equal(start(&scenarios, plant, "loss", "meter-w1", soon), 0);
    check_near("the later one", meter->leak_m3h, 2.4, 1e-9);
    scenario_expire(&scenarios, plant, (struct mono_time){999});
    assert_int_equal(scenarios.count, 2);
    scenario_expire(&scenarios, plant, (struct mono_time){1000});
    assert_int_equal(scenarios.count, 1);
    check_near("the earlier one is still on", meter->leak_m3h, 0.9, 1e-9);
    assert_int_equal(start(&scenarios, plant, "fire", "all", MONO_NEVER), 0);
    assert_true(plant->world.safety.panels[0].fire && plant->world.safety.panels[1].fire);
    assert_int_equal(scenario_stop(&scenarios, plant, "all", NULL, NULL), 0);
    assert_int_equal(scenarios.count, 0);
    check_near("all over", meter->leak_m3h, 0, 0);
    assert_false(plant->world.safety.panels[1].fire);
    plant_free(plant);
}

static void test_faults_on_the_wire(void **state)
{
    static const uint8_t pdu[] = {4, 0, 0, 0, 2};
    struct plant *plant = new_plant();
    struct device *device = plant_device(plant, "feeder-2");
    struct answer good;
    struct answer answer;

    (void)state;
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &good);
    device->fault = (struct device_fault){.dead = true};
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.kind, ANSWER_NONE);
    device->fault = (struct device_fault){.delay_ms = 700};
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.delay_ms, 700);
    assert_memory_equal(answer.pdu, good.pdu, good.length);
    device->fault = (struct device_fault){.wrong_unit = true};
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.unit, 4);
    device->fault = (struct device_fault){.exception = 6};
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.length, 2);
    assert_int_equal(answer.pdu[0], 0x84);
    assert_int_equal(answer.pdu[1], 6);
    device->fault = (struct device_fault){.garbage = true};
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.kind, ANSWER_BROKEN);
    assert_memory_not_equal(answer.pdu + 1, good.pdu + 1, good.length - 1);
    device->fault = (struct device_fault){.stuck = true};
    plant_step(plant, 100);
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_memory_equal(answer.pdu, good.pdu, good.length);
    device->fault = (struct device_fault){0};
    plant_step(plant, 1);
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_memory_not_equal(answer.pdu, good.pdu, good.length);
    plant->links[LINK_FEEDERS] = LINK_SILENT;
    plant_answer(plant, LINK_FEEDERS, 3, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.kind, ANSWER_NONE);
    plant_free(plant);
}

static void test_payloads(void **state)
{
    union reading water = {.water = {.flow_m3h = 12.34567,
                                     .volume_m3 = 1234.5674,
                                     .pressure_mpa = 0.45,
                                     .battery_v = 3.6}};
    union reading leak = {.cable = {.leak = true,
                                    .battery_percent = 97,
                                    .voltage_mv = 3082,
                                    .link_quality = 120}};
    struct wall_time now;
    struct text text;

    (void)state;
    assert_true(wall_parse("2026-11-24T00:30:00Z", &now));
    text_init(&text, 1024);
    payload_write(&text, PAYLOAD_WATER_JSON, &water, now);
    check_text("water", text.data,
               "{\"ts\":\"2026-11-24T00:30:00.000Z\",\"flow\":{\"value\":12.346,\"unit\":"
               "\"m3/h\"},\"volume\":1234.567,\"pressure\":0.45,\"battery\":3.6}");
    text_clear(&text);
    payload_write(&text, PAYLOAD_ZIGBEE_LEAK, &leak, now);
    check_text(
        "leak", text.data,
        "{\"water_leak\":true,\"battery\":97,\"battery_low\":false,\"tamper\":false,"
        "\"voltage\":3082,\"device_temperature\":21,\"linkquality\":120}");
    text_done(&text);
}

static void test_distances(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        size_t want;
    } cases[] = {{"", "", 0},           {"leak", "leak", 0}, {"lake", "leak", 2},
                 {"brust", "burst", 1}, {"fir", "fire", 1},  {"", "abc", 3}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].a, names_distance(cases[i].a, cases[i].b) == cases[i].want);
}

static void test_nearest(void **state)
{
    (void)state;
    check_text("alike beginnings win", names_better("sped", "seed", "speed"), "speed");
    check_text("and stay", names_better("sped", "speed", "seed"), "speed");
    assert_null(names_better("zzzz", NULL, "speed"));
}

static void test_options(void **state)
{
    int64_t number = 5;
    int64_t duration_ms = 0;
    bool flag = false;
    const char *string = "default";
    const struct option_row rows[] = {
        {"speed", "N", "", OPTION_NUMBER, &number, 1, 10},
        {"for", "D", "", OPTION_DURATION, &duration_ms, 1, 1000000},
        {"json", NULL, "", OPTION_FLAG, &flag, 0, 0},
        {"target", "ID", "", OPTION_STRING, &string, 0, 0},
    };
    char *good[] = {
        (char[]){"burst"},  (char[]){"--speed=7"}, (char[]){"--for"},    (char[]){"90s"},
        (char[]){"--json"}, (char[]){"--target"},  (char[]){"meter-w1"}, NULL};
    static const struct {
        const char *argument;
        const char *words;
    } bad[] = {
        {"--sped", "did you mean '--speed'?"}, {"--speed=11", "from 1 to 10"},
        {"--speed=x", "not a number"},         {"--for=90", "not a duration"},
        {"--target", "wants a value"},         {"--for=2h", "not within"},
    };
    struct option_words words;
    struct err err;

    (void)state;
    assert_int_equal(options_parse(rows, 4, 7, good, &words, &err), 0);
    assert_int_equal(words.count, 1);
    check_text("word", words.words[0], "burst");
    assert_int_equal(number, 7);
    assert_int_equal(duration_ms, 90000);
    assert_true(flag);
    check_text("target", string, "meter-w1");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char argument[32];
        char *argv[] = {argument, NULL};

        (void)snprintf(argument, sizeof argument, "%s", bad[i].argument);
        check_case(bad[i].argument, options_parse(rows, 4, 1, argv, &words, &err) == -1);
        if (strstr(err.text, bad[i].words) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, bad[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scenario_leaves_no_trace),
        cmocka_unit_test(test_wrong_names_get_the_nearest),
        cmocka_unit_test(test_scenarios_expire_and_overlap),
        cmocka_unit_test(test_faults_on_the_wire),
        cmocka_unit_test(test_payloads),
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
