/* test_engine_wakes.c - what must be evaluated is: readings that a gate may not hold
 * back, and what changes although nothing is read. */
#include "rules/engine.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#define MONO_0 (100000 * CLOCK_S)
#define WALL_0 INT64_C(1790000000000000000)

static struct plant plant;
static struct engine *engine;
static struct virtual_settings virtuals[1];

static double clock_step; /* seconds that the wall clock was set ahead */

static struct mono_time mono_at(double second)
{
    return (struct mono_time){MONO_0 + (int64_t)(second * 1e9)};
}

static struct wall_time wall_at(double second)
{
    return (struct wall_time){WALL_0 + (int64_t)((second + clock_step) * 1e9)};
}

static void ignore(void *context, const struct alarm_change *change)
{
    (void)context;
    (void)change;
}

static void build(void)
{
    struct config_report *report = config_report_new();

    engine = engine_new(&plant.config, mono_at(0), report);
    assert_non_null(engine);
    config_report_free(report);
}

static void done(void)
{
    engine_free(engine);
    plant_done(&plant);
}

static void step(double second)
{
    engine_step(engine, mono_at(second), wall_at(second),
                &(struct engine_out){.emit = ignore});
}

/* Steps at every deadline up to `second`. */
static void run_until(double second)
{
    for (int guard = 0; guard < 1000000; guard++) {
        struct mono_time due = engine_due(engine);

        if (due.ns > mono_at(second).ns)
            break;
        step((double)(due.ns - MONO_0) / 1e9);
    }
}

static void put(double second, const char *equipment, const char *point, double value)
{
    struct sample sample = {
        .point = plant_find(&plant, equipment, point)->index,
        .value = value,
        .time = wall_at(second),
        .mono = mono_at(second),
    };

    run_until(second);
    engine_put(engine, &sample, 1);
    step(second);
}

static enum alarm_state state_of(const char *rule)
{
    struct alarm alarm;

    assert_true(engine_alarm(engine, rule, "pump-1", &alarm));
    return alarm.state;
}

/* A window of so many readings has no bounds: each reading must be looked at. */
static void test_count(void **state)
{
    static const char *const when[] = {"avg(x, #3) > 10", "max(x, #3) > 10",
                                       "mean(x, #3) > 10", "held(on, #3)"};

    (void)state;
    for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
        plant_start(&plant);
        (void)plant_add(&plant, "pump-1", "pump", "x:n on:b");
        plant_finish(&plant);
        (void)plant_rule(&plant, "r", "pump", when[i], "");
        build();
        for (int t = 0; t < 5; t++) {
            put(t, "pump-1", "x", 5);
            put(t, "pump-1", "on", 0);
        }
        assert_int_equal(state_of("r"), ALARM_NORMAL);
        for (int t = 5; t < 8; t++) {
            put(t, "pump-1", "x", 50);
            put(t, "pump-1", "on", 1);
        }
        if (state_of("r") != ALARM_ACTIVE)
            fail_msg("%s", when[i]);
        done();
    }
}

/* A computed point that moves in the step in which the rule was raised. */
static void test_computed(void **state)
{
    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "x:n y:n twice:n");
    plant_finish(&plant);
    virtuals[0] = (struct virtual_settings){.name = "twice",
                                            .class_name = "pump",
                                            .value = {.text = "2 * y"},
                                            .every_ms = 1000,
                                            .min_cover = 0.6};
    plant.config.virtuals = virtuals;
    plant.config.virtual_count = 1;
    for (size_t i = 0; i < plant.points; i++)
        if (strcmp(plant.model->points[i].name, "twice") == 0)
            plant.model->points[i].formula = 1;
    (void)plant_rule(&plant, "r", "pump", "x > 5 and twice > 10", "twice < 5");
    build();
    put(0, "pump-1", "y", 8);
    put(0, "pump-1", "x", 1);
    put(1.5, "pump-1", "x", 1);
    assert_int_equal(state_of("r"), ALARM_NORMAL);
    for (int i = 0; i < 2; i++) {
        struct sample sample = {
            .point = plant_find(&plant, "pump-1", i == 0 ? "x" : "y")->index,
            .value = i == 0 ? 9 : 1,
            .time = wall_at(2),
            .mono = mono_at(2),
        };

        engine_put(engine, &sample, 1);
    }
    step(2.5); /* raised by x, and then it is told that twice is 2 */
    run_until(60);
    assert_int_equal(state_of("r"), ALARM_NORMAL);
    done();
}

/* An alarm that stands for itself, as it was stored. */
static struct alarm_memory memory_of(enum alarm_state alarm)
{
    return (struct alarm_memory){
        .alarm = {.state = alarm, .observed_ms = -1, .level_ms = -1},
        .standing = STANDING_ROOT,
        .cause_rule = "",
        .cause_equipment = "",
    };
}

static void build_watched(bool latch)
{
    struct rule_settings *rule;

    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "x:n z:n");
    plant_finish(&plant);
    rule = plant_rule(&plant, "asked", "pump", "x > 10", "");
    rule->latch = latch;
    (void)plant_rule(&plant, "asker", "pump", "active('asked')", "");
    build();
}

/* Who asks for an alarm that was put back hears that it has returned. */
static void test_restored(void **state)
{
    struct alarm_memory memory = memory_of(ALARM_ACTIVE);

    (void)state;
    build_watched(false);
    memory.text_hash = engine_rule_hash(&plant.rules[0]);
    assert_true(engine_restore(engine, "asked", "pump-1", &memory));
    step(0);
    assert_int_equal(state_of("asker"), ALARM_ACTIVE);
    put(1, "pump-1", "x", 3);
    run_until(100);
    assert_int_equal(state_of("asked"), ALARM_NORMAL);
    assert_int_equal(state_of("asker"), ALARM_NORMAL);
    done();
}

/* For how long an alarm is active does not depend on the wall clock, also when it was put
 * back. */
static void test_since(void **state)
{
    struct alarm_memory memory = memory_of(ALARM_ACTIVE);

    (void)state;
    for (int restored = 0; restored < 2; restored++) {
        build_watched(false);
        plant.rules[1].when.text = "active('asked') and since('asked') > 60s";
        engine_free(engine);
        build();
        memory.text_hash = engine_rule_hash(&plant.rules[0]);
        memory.alarm.raised = wall_at(0);
        if (restored)
            assert_true(engine_restore(engine, "asked", "pump-1", &memory));
        put(0, "pump-1", "x", 30);
        run_until(20);
        clock_step = 7200;
        run_until(59);
        assert_int_equal(state_of("asker"), ALARM_NORMAL);
        clock_step = -172800;
        run_until(62);
        assert_int_equal(state_of("asker"), ALARM_ACTIVE);
        run_until(80);
        assert_int_equal(state_of("asker"), ALARM_ACTIVE);
        clock_step = 0;
        done();
    }
}

/* While the past is put back nobody knows yet since when. */
static void test_since_recalled(void **state)
{
    struct alarm_memory memory = memory_of(ALARM_ACTIVE);

    (void)state;
    build_watched(false);
    plant.rules[1].when.text = "held(x > 5 and since('asked') > 60s, 5m)";
    plant.rules[1].min_cover = 0.6;
    engine_free(engine);
    build();
    memory.text_hash = engine_rule_hash(&plant.rules[0]);
    memory.alarm.raised = wall_at(-3600);
    assert_true(engine_restore(engine, "asked", "pump-1", &memory));
    for (int second = -100; second < 0; second += 10) {
        struct sample sample = {.point = plant_find(&plant, "pump-1", "x")->index,
                                .value = 30,
                                .time = wall_at(second)};

        engine_recall(engine, &sample, 1, mono_at(0), wall_at(0));
    }
    engine_recalled(engine);
    put(0, "pump-1", "x", 30);
    run_until(150); /* three of five minutes are enough (min_cover) */
    assert_int_equal(state_of("asker"), ALARM_NORMAL);
    run_until(200);
    assert_int_equal(state_of("asker"), ALARM_ACTIVE);
    done();
}

/* The rule had three levels when it was stored, and has two. */
static void test_fewer_levels(void **state)
{
    struct alarm_memory memory = memory_of(ALARM_ACTIVE);
    struct rule_settings *rule;
    struct alarm alarm;

    (void)state;
    memory.alarm.level = memory.alarm.level_next = 2;
    memory.alarm.level_ms = 5000;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "x:n");
    plant_finish(&plant);
    rule = plant_rule(&plant, "r", "pump", "", "x < 1");
    rule->level_count = 2;
    rule->levels[0].severity = rule->severity = SEVERITY_MINOR;
    rule->levels[0].when.text = "x > 5";
    rule->levels[1].severity = SEVERITY_GENERAL;
    rule->levels[1].when.text = "x > 10";
    build();
    assert_true(engine_restore(engine, "r", "pump-1", &memory));
    assert_true(engine_alarm(engine, "r", "pump-1", &alarm));
    assert_int_equal(alarm_severity(&alarm, rule), SEVERITY_GENERAL);
    assert_int_equal(alarm.level_ms, -1);
    put(1, "pump-1", "x", 20);
    assert_true(engine_alarm(engine, "r", "pump-1", &alarm));
    assert_int_equal(alarm.level, 1);
    done();
}

/* And when a person has reset it. */
static void test_reset(void **state)
{
    (void)state;
    build_watched(true);
    put(0, "pump-1", "x", 30);
    put(1, "pump-1", "x", 3);
    assert_int_equal(state_of("asked"), ALARM_LATCHED);
    assert_int_equal(state_of("asker"), ALARM_ACTIVE);
    assert_true(engine_reset(engine, "asked", "pump-1"));
    run_until(100);
    assert_int_equal(state_of("asker"), ALARM_NORMAL);
    done();
}

/* A reading comes into a window of the past long after it was read. */
static void test_ago(void **state)
{
    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "x:n z:n");
    plant_finish(&plant);
    (void)plant_rule(&plant, "r", "pump", "max(x, 10m ago 1h) > 5", "");
    build();
    put(0, "pump-1", "x", 1);
    put(60, "pump-1", "x", 9);
    run_until(3600 + 600 + 120);
    assert_int_equal(state_of("r"), ALARM_ACTIVE);
    done();
}

/* More readings than were promised: the values of a percentile grow with the ring. */
static void test_percentile_grows(void **state)
{
    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "x:n::60");
    plant_finish(&plant);
    (void)plant_rule(&plant, "r", "pump", "pctl(x, 10m, 0.5) > 5", "");
    build();
    for (int t = 0; t < 700; t++)
        put(t, "pump-1", "x", t % 7 + 4);
    assert_int_equal(state_of("r"), ALARM_ACTIVE);
    done();
}

/* The mean of readings is not known any more when the last one has left. */
static void test_mean_leaves(void **state)
{
    struct alarm alarm;

    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "x:n");
    plant_finish(&plant);
    (void)plant_rule(&plant, "r", "pump", "mean(x, 1m) > 5", "");
    build();
    put(0, "pump-1", "x", 1);
    put(50, "pump-1", "x", 2);
    run_until(100);
    assert_true(engine_alarm(engine, "r", "pump-1", &alarm));
    assert_false(alarm.unknown);
    run_until(120);
    assert_true(engine_alarm(engine, "r", "pump-1", &alarm));
    assert_true(alarm.unknown);
    done();
}

/* Two readings in one turn: the first one raises. */
static void test_pulse(void **state)
{
    struct rule_settings *rule;
    struct sample samples[2];

    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "fire:b");
    plant_finish(&plant);
    rule = plant_rule(&plant, "r", "pump", "fire", "");
    rule->latch = rule->highly_managed = true;
    build();
    put(0, "pump-1", "fire", 0);
    for (int i = 0; i < 2; i++)
        samples[i] = (struct sample){
            .point = plant_find(&plant, "pump-1", "fire")->index,
            .value = 1 - i,
            .time = wall_at(10 + i / 2.0),
            .mono = mono_at(10 + i / 2.0),
        };
    engine_put(engine, samples, 2);
    step(11);
    assert_int_equal(state_of("r"), ALARM_ACTIVE);
    run_until(12);
    assert_int_equal(state_of("r"), ALARM_LATCHED);
    done();
}

/* A point that never comes is missing after a while, though nothing tells. */
static void test_never_read(void **state)
{
    static const char *const when[] = {"x > 5", "avg(x, 1m) > 5", "held(on, 1m)"};

    (void)state;
    for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
        plant_start(&plant);
        (void)plant_add(&plant, "pump-1", "pump", "x:n::5 on:b::5");
        plant_finish(&plant);
        (void)plant_rule(&plant, "blind", "pump", "blind()", "");
        (void)plant_rule(&plant, "r", "pump", when[i], "");
        build();
        run_until(910);
        assert_int_equal(state_of("blind"), ALARM_NORMAL);
        run_until(920);
        assert_int_equal(state_of("blind"), ALARM_ACTIVE);
        done();
    }
}

/* What was blind before a restart, and still is, has not returned meanwhile. When it is
 * seen again, it has. */
static void test_blind_restored(void **state)
{
    const struct alarm_memory memory = memory_of(ALARM_ACTIVE);

    (void)state;
    for (int seen = 0; seen < 2; seen++) {
        struct alarm_memory stored = memory;

        plant_start(&plant);
        (void)plant_add(&plant, "pump-1", "pump", "x:n::5 y:n::5");
        plant_finish(&plant);
        plant_rule(&plant, "blind", "pump", "blind()", "not blind()")->clear_for_ms =
            60000;
        (void)plant_rule(&plant, "r", "pump", "x > 5", "");
        build();
        stored.text_hash = engine_rule_hash(&plant.rules[0]);
        assert_true(engine_restore(engine, "blind", "pump-1", &stored));
        step(0);
        for (int t = 5; t < 3600; t += 5) {
            put(t, "pump-1", "y", 1);
            if (seen && t > 300)
                put(t, "pump-1", "x", 1);
            if (!seen || t < 300)
                assert_int_equal(state_of("blind"), ALARM_ACTIVE);
        }
        assert_int_equal(state_of("blind"), seen ? ALARM_NORMAL : ALARM_ACTIVE);
        done();
    }
}

static unsigned steady;

static void count_steady(void *context, const struct alarm_change *change)
{
    (void)context;
    steady += change->kind == CHANGE_STEADY;
}

/* An alarm that has chattered and then stays is told to be steady after half an hour,
 * although no reading changes anything. */
static void test_steady(void **state)
{
    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "fault:b");
    plant_finish(&plant);
    (void)plant_rule(&plant, "r", "pump", "fault", "");
    build();
    for (int t = 0; t < 5; t++) /* the third raise makes it chatter, and stays */
        put(t, "pump-1", "fault", (t + 1) % 2);
    assert_int_equal(state_of("r"), ALARM_ACTIVE);
    steady = 0;
    while (engine_due(engine).ns <= mono_at(3600).ns) {
        struct mono_time due = engine_due(engine);

        engine_step(engine, due, wall_at((double)(due.ns - MONO_0) / 1e9),
                    &(struct engine_out){.emit = count_steady});
    }
    assert_int_equal(steady, 1);
    done();
}

/* What was not heard while nobody listened is not missing: a restart. One point has a
 * long past, so that the engine remembers from long before this run. */
static void test_silence_of_a_stop(void **state)
{
    static const char *const when[] = {"nodata(beat, 3m)", "stale(beat)",
                                       "age(beat) > 3m"};

    (void)state;
    for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
        struct sample past[120];

        plant_start(&plant);
        (void)plant_add(&plant, "pump-1", "pump", "x:n::60 beat:b::60");
        plant_finish(&plant);
        (void)plant_rule(&plant, "r", "pump", when[i], "");
        (void)plant_rule(&plant, "long", "pump", "avg(x, 2h) > 100", "");
        build();
        for (int k = 0; k < 120; k++)
            past[k] = (struct sample){
                .point = plant_find(&plant, "pump-1", "x")->index,
                .value = 1,
                .time = wall_at((k - 120) * 60 - 600),
            };
        engine_recall(engine, past, 120, mono_at(0), wall_at(0));
        engine_recalled(engine);
        step(0);
        if (state_of("r") != ALARM_NORMAL)
            fail_msg("%s", when[i]);
        put(60, "pump-1", "beat", 1);
        run_until(200);
        assert_int_equal(state_of("r"), ALARM_NORMAL);
        run_until(600);
        assert_int_equal(state_of("r"), ALARM_ACTIVE);
        done();
    }
}

/* The same when its last sign of life from before the stop was put back. */
static void test_silence_recalled(void **state)
{
    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "pump-1", "pump", "beat:b::60");
    plant_finish(&plant);
    (void)plant_rule(&plant, "r", "pump", "nodata(beat, 3m)", "");
    build();
    for (int k = 0; k < 2; k++) {
        const struct sample past = {
            .point = plant_find(&plant, "pump-1", "beat")->index,
            .value = 1,
            .time = wall_at((k - 2) * 60 - 600),
        };

        engine_recall(engine, &past, 1, mono_at(0), wall_at(0));
    }
    engine_recalled(engine);
    step(0);
    assert_int_equal(state_of("r"), ALARM_NORMAL);
    run_until(170);
    assert_int_equal(state_of("r"), ALARM_NORMAL);
    run_until(181);
    assert_int_equal(state_of("r"), ALARM_ACTIVE);
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_computed),
        cmocka_unit_test(test_restored),
        cmocka_unit_test(test_since),
        cmocka_unit_test(test_since_recalled),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_ago),
        cmocka_unit_test(test_percentile_grows),
        cmocka_unit_test(test_mean_leaves),
        cmocka_unit_test(test_fewer_levels),
        cmocka_unit_test(test_silence_of_a_stop),
        cmocka_unit_test(test_silence_recalled),
        cmocka_unit_test(test_steady),
        cmocka_unit_test(test_pulse),
        cmocka_unit_test(test_blind_restored),
        cmocka_unit_test(test_never_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
