/* test_engine_past.c - what the engine computes and remembers beside rules: virtual
 * points, deadbands, and the past put back after a restart. */
#include "rules/engine.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

#define MONO_0 INT64_C(9000000000000)
#define WALL_0 INT64_C(1790000000000000000)

static struct plant plant;
static struct engine *engine;
static struct text trace;
static struct virtual_settings virtuals[4];

static struct mono_time mono_at(double second)
{
    return (struct mono_time){MONO_0 + (int64_t)(second * 1e9)};
}

static struct wall_time wall_at(double second)
{
    return (struct wall_time){WALL_0 + (int64_t)(second * 1e9)};
}

static void keep_change(void *context, const struct alarm_change *change)
{
    (void)context;
    if (change->kind == CHANGE_RAISED || change->kind == CHANGE_RETURNED)
        text_addf(&trace, "%.0f %s %s\n", (double)(change->time.ns - WALL_0) / 1e9,
                  change->kind == CHANGE_RAISED ? "raised" : "returned",
                  change->rule->id);
}

static void keep_samples(void *context, const struct sample *samples, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];
        double second = (double)(sample->time.ns - WALL_0) / 1e9;
        const char *name = plant.model->points[sample->point].name;

        assert_true(sample->time.ns - WALL_0 == sample->mono.ns - MONO_0);
        if (sample->quality == QUALITY_BAD)
            text_addf(&trace, "%.0f %s %s\n", second, name, reason_name(sample->reason));
        else
            text_addf(&trace, "%.0f %s %g%s\n", second, name, sample->value,
                      sample->quality == QUALITY_UNCERTAIN ? "?" : "");
    }
}

static void expect(const char *name, const char *want)
{
    check_text(name, trace.data, want);
    text_clear(&trace);
}

/* pump-1: flow and run each second, `twice`, `four` and `calm` are computed. */
static void build(const char *twice)
{
    const struct equipment *pump;
    struct equipment *set;

    plant_start(&plant);
    pump = plant_add(&plant, "pump-1", "pump",
                     "run:b::1 flow:n:m3/h:1 twice:n::10 four:n::10 calm:b::10");
    set = plant_add(&plant, "set-1", "pump_set", "demand:b::1");
    plant_relate(&plant, set, "members", &pump, 1);
    plant_finish(&plant);
    virtuals[0] = (struct virtual_settings){
        .name = "four", .value = {"twice * 2", {0, 1, 1, 1}}, .every_ms = 10000};
    virtuals[1] = (struct virtual_settings){
        .name = "twice", .value = {twice, {0, 2, 1, 1}}, .every_ms = 10000};
    virtuals[2] = (struct virtual_settings){.name = "calm",
                                            .value = {"max(flow, 5s) < 8", {0, 3, 1, 1}},
                                            .boolean = true,
                                            .min_cover = 0.6,
                                            .every_ms = 10000};
    plant.config.virtuals = virtuals;
    plant.config.virtual_count = 3;
    plant.model->points[plant_find(&plant, "pump-1", "four")->index].formula = 1;
    plant.model->points[plant_find(&plant, "pump-1", "twice")->index].formula = 2;
    plant.model->points[plant_find(&plant, "pump-1", "calm")->index].formula = 3;
    text_init(&trace, 1 << 16);
}

/* False with the messages in the trace when the engine cannot be built. */
static bool start(double second)
{
    struct config_report *report = config_report_new();

    engine = engine_new(&plant.config, mono_at(second), report);
    if (config_report_errors(report) > 0)
        config_report_json(report, &trace);
    config_report_free(report);
    return engine != NULL;
}

static void done(void)
{
    engine_free(engine);
    engine = NULL;
    text_done(&trace);
    plant_done(&plant);
}

static struct sample reading(double second, const char *point, double value)
{
    return (struct sample){
        .point = plant_find(&plant, "pump-1", point)->index,
        .value = value,
        .time = wall_at(second),
        .mono = mono_at(second),
    };
}

static void step(double second)
{
    engine_step(engine, mono_at(second), wall_at(second),
                &(struct engine_out){.emit = keep_change, .samples = keep_samples});
}

static void feed(double from, double to, const char *point, double value)
{
    for (double second = from; second <= to; second++) {
        struct sample sample = reading(second, point, value);

        engine_put(engine, &sample, 1);
        step(second);
    }
}

/* Computed on their beat, those that need others behind them, with the worst quality of
 * what goes in; rules see them in the same step. */
static void test_virtual(void **state)
{
    (void)state;
    build("flow * 2");
    (void)plant_rule(&plant, "much", "pump", "four > 20", "four < 10");
    assert_true(start(0));
    step(0);
    expect("nothing is known yet", "0 twice startup\n0 four startup\n0 calm startup\n");
    feed(1, 10, "flow", 3);
    expect("after ten seconds", "10 twice 6\n10 four 12\n10 calm 1\n");
    feed(11, 20, "flow", 6);
    expect("a rule follows at once",
           "20 twice 12\n20 four 24\n20 calm 1\n20 raised much\n");
    step(30);
    step(40); /* older than stale_after */
    expect("a silent input", "30 twice 12\n30 four 24\n30 calm 1\n"
                             "40 twice stale\n40 four stale\n40 calm stale\n");
    done();
}

static void test_circle(void **state)
{
    (void)state;
    build("four / 2");
    assert_false(start(0));
    assert_non_null(strstr(trace.data, "E317"));
    assert_non_null(strstr(trace.data, "pump-1.twice -> pump-1.four -> twice"));
    done();
}

static void test_bad_formula(void **state)
{
    (void)state;
    build("flow > 2");
    assert_false(start(0));
    assert_non_null(strstr(trace.data, "virtual point"));
    assert_non_null(strstr(trace.data, "twice"));
    done();
}

static void expect_band(const char *rule, const char *clear)
{
    struct text json;
    struct err err = {0};

    text_init(&json, 1 << 16);
    assert_int_equal(
        engine_explain(engine, rule, "pump-1", mono_at(7), wall_at(7), &json, &err), 0);
    check_case(clear, strstr(json.data, clear) != NULL);
    text_done(&json);
}

/* A deadband is a clear of its own. */
static void test_deadband(void **state)
{
    (void)state;
    build("flow * 2");
    plant.config.virtual_count = 0;
    for (size_t i = 0; i < plant.points; i++)
        plant.model->points[i].formula = 0;
    plant_rule(&plant, "high", "pump", "flow > 12", "")->deadband = 0.2;
    plant_rule(&plant, "low", "pump", "flow + 1 <= 3 * 2", "")->deadband = 1.5;
    assert_true(start(0));
    feed(1, 1, "flow", 12.1);
    feed(2, 2, "flow", 11.9);
    feed(3, 3, "flow", 11.81);
    feed(4, 4, "flow", 11.79);
    feed(5, 5, "flow", 5);
    feed(6, 6, "flow", 6);
    feed(7, 7, "flow", 6.6);
    expect("two rules", "1 raised high\n4 returned high\n5 raised low\n7 returned low\n");
    expect_band("high", "(flow) < (12) - 0.2\""); /* as a person writes it */
    plant_rule(&plant, "odd", "pump", "flow > 12 and run", "")->deadband = 2;
    engine_free(engine);
    assert_false(start(0));
    assert_non_null(strstr(trace.data, "E315"));
    done();
}

/* Windows and logs of truths are whole at once; no alarm moves while the past comes in.
 */
static void test_recall(void **state)
{
    struct sample samples[4];

    (void)state;
    build("flow * 2");
    plant_rule(&plant, "steady", "pump", "avg(flow, 1m) > 5", "avg(flow, 1m) < 4");
    plant_rule(&plant, "often", "pump", "rises(flow > 8, 10m) >= 3",
               "rises(flow > 8, 10m) == 0");
    plant_rule(&plant, "long", "pump", "held(flow > 2 and run, 5m)", "not run");
    plant_rule(&plant, "all", "pump_set", "gcount('members', held(flow > 2, 6m)) > 0",
               "");
    assert_true(start(0));
    assert_true(engine_reach_ms(engine, plant_find(&plant, "pump-1", "flow")->index) >=
                10 * 60 * 1000);
    assert_true(engine_reach_ms(engine, plant_find(&plant, "bus-1", "online")->index) ==
                0);
    for (int second = -400; second < 0; second++) {
        bool high = second % 100 > -20 && second % 100 < 0;

        samples[0] = reading(second, "flow", high ? 9 : 6);
        samples[1] = reading(second, "run", 1);
        engine_recall(engine, samples, 2, mono_at(0), wall_at(0));
    }
    engine_recalled(engine);
    expect("silence", "");
    step(0);
    expect("known at once",
           "0 twice 18\n0 four 36\n0 calm 0\n"
           "0 raised steady\n0 raised often\n0 raised long\n0 raised all\n");
    done();
}

/* The last second before a kill may be missing from what is put back: an alarm that was
 * raised in it neither returns because of an older value nor is raised twice. It moves on
 * the first reading of this run, also when that is the value that was put back. */
static void test_restored_waits(void **state)
{
    struct alarm_memory memory = {.alarm = {.state = ALARM_ACTIVE,
                                            .observed_ms = -1,
                                            .level_ms = -1,
                                            .activation = 1},
                                  .standing = STANDING_ROOT,
                                  .cause_rule = "",
                                  .cause_equipment = ""};
    struct sample sample;
    struct alarm alarm;

    (void)state;
    build("flow * 2");
    memory.text_hash =
        engine_rule_hash(plant_rule(&plant, "high", "pump", "flow > 12", "flow < 10"));
    assert_true(start(0));
    assert_true(engine_restore(engine, "high", "pump-1", &memory));
    sample = reading(-2, "flow", 5); /* the reading of 13 was not on disk yet */
    engine_recall(engine, &sample, 1, mono_at(0), wall_at(0));
    engine_recalled(engine);
    step(0);
    step(1);
    assert_true(engine_alarm(engine, "high", "pump-1", &alarm));
    assert_int_equal(alarm.state, ALARM_ACTIVE);
    assert_true(alarm.unknown);
    feed(2, 2, "flow", 13);
    assert_true(engine_alarm(engine, "high", "pump-1", &alarm));
    assert_int_equal(alarm.state, ALARM_ACTIVE);
    assert_false(alarm.unknown);
    text_clear(&trace);
    feed(3, 3, "flow", 5);
    expect("returns on what is read now", "3 returned high\n");
    engine_free(engine);
    assert_true(start(100));
    assert_true(engine_restore(engine, "high", "pump-1", &memory));
    sample = reading(98, "flow", 5);
    engine_recall(engine, &sample, 1, mono_at(100), wall_at(100));
    engine_recalled(engine);
    step(100);
    text_clear(&trace);
    feed(101, 101, "flow", 5);
    expect("the same value, but of this run", "101 returned high\n");
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_virtual),     cmocka_unit_test(test_circle),
        cmocka_unit_test(test_bad_formula), cmocka_unit_test(test_deadband),
        cmocka_unit_test(test_recall),      cmocka_unit_test(test_restored_waits),
    };

    return cmocka_run_group_tests_name("engine_past", tests, NULL, NULL);
}
