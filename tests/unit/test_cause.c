/* test_cause.c - which alarm explains which: a small building with a supply that fails.
 *
 *   ups-1 (mains) ─► feeder-1 (v) ─► pump-1, pump-2, lift-1; two supplies for server-1
 *
 * Everything is polled each second. A trace has one line per change that people or the
 * store would care about. */
#include "rules/engine.h"

#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

#define MONO_0 INT64_C(5000000000000)
#define WALL_0 INT64_C(1790000000000000000)

static struct plant plant;
static struct engine *engine;
static struct text trace;
static struct suppress_settings suppress[8];
static double now_s;

/* What every point reads, second by second, until it is set to something else. */
static struct {
    const char *equipment;
    const char *point;
    double value;
    bool silent;
} readings[16];
static size_t reading_count;

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
    static const char *const kinds[] = {
        [CHANGE_RAISED] = "raised",     [CHANGE_RETURNED] = "returned",
        [CHANGE_STANDING] = "standing", [CHANGE_LEVEL] = "level",
        [CHANGE_CHATTERS] = "chatters", [CHANGE_STEADY] = "steady",
    };

    (void)context;
    if (change->kind == CHANGE_PROGRESS)
        return;
    text_addf(&trace, "%.0f %s %s@%s", now_s, kinds[change->kind], change->rule->id,
              change->equipment->id);
    if (change->kind == CHANGE_RAISED || change->kind == CHANGE_STANDING)
        text_addf(&trace, " %s", standing_name(change->standing));
    if (change->kind == CHANGE_LEVEL)
        text_addf(&trace, " %s", severity_name(change->severity));
    if (change->cause_rule != NULL)
        text_addf(&trace, "(%s@%s)", change->cause_rule->id, change->cause_equipment->id);
    text_addf(&trace, "\n");
    assert_true((change->cause_rule == NULL) == (change->standing != STANDING_SYMPTOM));
    assert_true(change->kind != CHANGE_RAISED || change->evidence != NULL);
}

static void add_suppress(const char *by, const char *via, const char *target, bool all,
                         int64_t settle_ms)
{
    static const char *targets[8];
    size_t index = plant.config.suppress_count++;

    targets[index] = target;
    suppress[index] = (struct suppress_settings){.pos = {0, 1, 1, 1},
                                                 .by = by,
                                                 .via = via,
                                                 .all = all,
                                                 .settle_ms = settle_ms,
                                                 .targets = &targets[index],
                                                 .target_count = 1};
    plant.config.suppress = suppress;
}

static void set(const char *equipment, const char *point, double value)
{
    for (size_t i = 0; i < reading_count; i++) {
        if (strcmp(readings[i].equipment, equipment) != 0 ||
            strcmp(readings[i].point, point) != 0)
            continue;
        readings[i].value = value;
        readings[i].silent = isnan(value);
        return;
    }
    readings[reading_count].equipment = equipment;
    readings[reading_count].point = point;
    readings[reading_count++].value = value;
}

static void build(void)
{
    struct equipment *ups;
    struct equipment *feeder[2];
    struct equipment *fed[4];
    const struct equipment *both[2];

    plant_start(&plant);
    reading_count = 0;
    ups = plant_add(&plant, "ups-1", "gateway", "mains:b::1");
    feeder[0] = plant_add(&plant, "feeder-1", "electricity_meter", "v:n:V:1");
    feeder[1] = plant_add(&plant, "feeder-2", "electricity_meter", "v:n:V:1");
    fed[0] = plant_add(&plant, "pump-1", "pump", "fault:b::1 hot:b::1");
    fed[1] = plant_add(&plant, "pump-2", "pump", "fault:b::1 hot:b::1");
    fed[2] = plant_add(&plant, "lift-1", "elevator", "fault:b::1");
    fed[3] = plant_add(&plant, "server-1", "sensor", "fault:b::1");
    both[0] = ups;
    plant_relate(&plant, feeder[0], "power", both, 1);
    plant_relate(&plant, feeder[1], "power", both, 1);
    both[0] = feeder[0];
    both[1] = feeder[1];
    for (size_t i = 0; i < 3; i++)
        plant_relate(&plant, fed[i], "power", both, 1);
    plant_relate(&plant, fed[3], "power", both, 2);
    plant_finish(&plant);
    plant_rule(&plant, "site.outage", "gateway", "not mains", "mains")->for_ms = 2000;
    plant_rule(&plant, "feeder.outage", "electricity_meter", "v < 23", "v > 198")
        ->for_ms = 3000;
    plant_rule(&plant, "pump.fault", "pump", "fault", "not fault")->for_ms = 5000;
    plant_rule(&plant, "lift.fault", "elevator", "fault", "not fault");
    plant_rule(&plant, "server.fault", "sensor", "fault", "not fault")->for_ms = 5000;
    plant_rule(&plant, "fire", "pump", "hot", "not hot")->highly_managed = true;
    set("ups-1", "mains", 1);
    set("feeder-1", "v", 230);
    set("feeder-2", "v", 230);
    set("pump-1", "fault", 0);
    set("pump-2", "fault", 0);
    set("pump-1", "hot", 0);
    set("pump-2", "hot", 0);
    set("lift-1", "fault", 0);
    set("server-1", "fault", 0);
    text_init(&trace, 1 << 16);
    now_s = 0;
}

static void start(void)
{
    struct config_report *report = config_report_new();
    struct text messages;

    text_init(&messages, 1 << 16);
    engine = engine_new(&plant.config, mono_at(now_s), report);
    config_report_json(report, &messages);
    if (engine == NULL)
        fail_msg("engine_new: %s", messages.data);
    text_done(&messages);
    config_report_free(report);
}

static void done(void)
{
    engine_free(engine);
    engine = NULL;
    text_done(&trace);
    plant_done(&plant);
}

/* Polls everything each second up to `second`. */
static void run_to(double second)
{
    for (; now_s <= second; now_s++) {
        for (size_t i = 0; i < reading_count; i++) {
            const struct sample sample = {
                .point =
                    plant_find(&plant, readings[i].equipment, readings[i].point)->index,
                .value = readings[i].value,
                .time = wall_at(now_s),
                .mono = mono_at(now_s),
            };

            if (!readings[i].silent)
                engine_put(engine, &sample, 1);
        }
        engine_step(engine, mono_at(now_s), wall_at(now_s),
                    &(struct engine_out){.emit = keep_change});
    }
}

static void expect(const char *name, const char *want)
{
    check_text(name, trace.data, want);
    text_clear(&trace);
}

/* A feeder fails: the pumps that stop are symptoms, the issue is the feeder's. When it is
 * back, one pump is in order and says nothing; the other must be seen to be wrong for its
 * own delay first. */
static void test_symptoms(void **state)
{
    (void)state;
    build();
    add_suppress("feeder.outage", "power", "*", false, 0);
    start();
    run_to(9);
    set("feeder-1", "v", 0);
    set("pump-1", "fault", 1);
    set("pump-2", "fault", 1);
    set("lift-1", "fault", 1);
    run_to(30);
    expect("the feeder is the cause",
           "10 raised lift.fault@lift-1 waiting\n"
           "13 raised feeder.outage@feeder-1 root\n"
           "13 standing lift.fault@lift-1 symptom(feeder.outage@feeder-1)\n"
           "15 raised pump.fault@pump-1 symptom(feeder.outage@feeder-1)\n"
           "15 raised pump.fault@pump-2 symptom(feeder.outage@feeder-1)\n");
    set("feeder-1", "v", 230);
    run_to(31);
    expect("the feeder is back", "31 returned feeder.outage@feeder-1\n"
                                 "31 standing pump.fault@pump-1 reprove\n"
                                 "31 standing pump.fault@pump-2 reprove\n"
                                 "31 standing lift.fault@lift-1 reprove\n");
    set("lift-1", "fault", 0);
    set("pump-1", "fault", 0);
    run_to(60);
    expect("only what is still wrong", "32 returned pump.fault@pump-1\n"
                                       "32 returned lift.fault@lift-1\n"
                                       "37 standing pump.fault@pump-2 root\n");
    done();
}

/* Devices are silent for a while after the supply has returned: what is not seen is not
 * told. */
static void test_reprove_needs_readings(void **state)
{
    (void)state;
    build();
    add_suppress("feeder.outage", "power", "pump.*", false, 0);
    start();
    set("feeder-1", "v", 0);
    set("pump-1", "fault", 1);
    run_to(10);
    text_clear(&trace);
    set("feeder-1", "v", 230);
    set("pump-1", "fault", NAN); /* it boots */
    run_to(100);
    expect("silence proves nothing", "11 returned feeder.outage@feeder-1\n"
                                     "11 standing pump.fault@pump-1 reprove\n");
    set("pump-1", "fault", 1);
    run_to(110);
    expect("now it is seen", "106 standing pump.fault@pump-1 root\n");
    done();
}

/* With a time to settle the symptom stays one until then. */
static void test_settle(void **state)
{
    (void)state;
    build();
    add_suppress("feeder.outage", "power", "pump.*", false, 60000);
    start();
    set("feeder-1", "v", 0);
    set("pump-1", "fault", 1);
    run_to(10);
    text_clear(&trace);
    set("feeder-1", "v", 230);
    run_to(20);
    set("pump-2", "fault", 1);
    run_to(100);
    expect("a minute and its own delay",
           "11 returned feeder.outage@feeder-1\n"
           "26 raised pump.fault@pump-2 symptom(feeder.outage@feeder-1)\n"
           "71 standing pump.fault@pump-1 reprove\n"
           "71 standing pump.fault@pump-2 reprove\n"
           "77 standing pump.fault@pump-1 root\n"
           "77 standing pump.fault@pump-2 root\n");
    done();
}

/* The cause is noticed later than what it causes: it takes over what was told within five
 * minutes, not what is older. */
static void test_late_cause(void **state)
{
    (void)state;
    build();
    add_suppress("site.outage", "power", "pump.*", false, 0);
    start();
    set("pump-2", "fault", 1);
    run_to(400);
    set("pump-1", "fault", 1);
    run_to(410);
    expect("on their own", "5 raised pump.fault@pump-2 root\n"
                           "406 raised pump.fault@pump-1 root\n");
    set("ups-1", "mains", 0);
    run_to(420);
    expect("the mains", "413 raised site.outage@ups-1 root\n"
                        "413 standing pump.fault@pump-1 symptom(site.outage@ups-1)\n");
    done();
}

/* Two levels: what the feeder explains moves on to the mains when the feeder is explained
 * itself. */
static void test_topmost(void **state)
{
    (void)state;
    build();
    add_suppress("site.outage", "power", "feeder.outage", false, 0);
    add_suppress("feeder.outage", "power", "pump.*", false, 0);
    start();
    set("ups-1", "mains", NAN); /* not known for now */
    set("feeder-1", "v", 0);
    set("pump-1", "fault", 1);
    run_to(20);
    expect("the feeder waits for the mains",
           "3 raised feeder.outage@feeder-1 waiting\n"
           "5 raised pump.fault@pump-1 symptom(feeder.outage@feeder-1)\n");
    set("ups-1", "mains", 0);
    run_to(30);
    expect("the mains explain both",
           "23 raised site.outage@ups-1 root\n"
           "23 standing feeder.outage@feeder-1 symptom(site.outage@ups-1)\n"
           "23 standing pump.fault@pump-1 symptom(site.outage@ups-1)\n");
    done();
}

/* A possible cause that cannot be seen holds an alarm back for half a minute, no longer;
 * one that is seen in order does not. */
static void test_wait(void **state)
{
    (void)state;
    build();
    add_suppress("feeder.outage", "power", "*", false, 0);
    start();
    set("feeder-1", "v", NAN);
    set("lift-1", "fault", 1);
    run_to(50);
    expect("half a minute", "0 raised lift.fault@lift-1 waiting\n"
                            "30 standing lift.fault@lift-1 root\n");
    set("feeder-1", "v", 230);
    set("lift-1", "fault", 0);
    run_to(60);
    text_clear(&trace);
    set("lift-1", "fault", 1);
    run_to(70);
    expect("seen in order", "61 raised lift.fault@lift-1 root\n");
    done();
}

/* One that is read well and only lacks the past of its window does not either. */
static void test_no_wait_for_the_past(void **state)
{
    (void)state;
    build();
    plant_rule(&plant, "feeder.sag", "electricity_meter", "avg(v, 1h) < 100", "v > 198");
    add_suppress("feeder.sag", "power", "*", false, 0);
    start();
    set("lift-1", "fault", 0);
    run_to(20);
    set("lift-1", "fault", 1);
    run_to(30);
    expect("read well", "21 raised lift.fault@lift-1 root\n");
    set("lift-1", "fault", 0);
    set("feeder-1", "v", NAN);
    run_to(40);
    text_clear(&trace);
    set("lift-1", "fault", 1);
    run_to(80);
    expect("not read", "41 raised lift.fault@lift-1 waiting\n"
                       "71 standing lift.fault@lift-1 root\n");
    done();
}

/* Nothing holds back or explains away what is highly managed. */
static void test_highly_managed(void **state)
{
    (void)state;
    build();
    add_suppress("feeder.outage", "power", "*", false, 0);
    start();
    set("feeder-1", "v", 0);
    run_to(10);
    text_clear(&trace);
    set("pump-1", "hot", 1);
    run_to(20);
    expect("a fire in an outage", "11 raised fire@pump-1 root\n");
    done();
}

/* A redundant supply explains only when all of it is out. */
static void test_redundant(void **state)
{
    (void)state;
    build();
    add_suppress("feeder.outage", "power", "server.*", true, 0);
    add_suppress("site.outage", "power", "server.*", true, 0);
    start();
    set("feeder-1", "v", 0);
    set("server-1", "fault", 1);
    run_to(20);
    expect("one feeder of two", "3 raised feeder.outage@feeder-1 root\n"
                                "5 raised server.fault@server-1 root\n");
    set("server-1", "fault", 0);
    run_to(30);
    text_clear(&trace);
    set("feeder-2", "v", 0);
    set("server-1", "fault", 1);
    run_to(70);
    expect("both", "34 raised feeder.outage@feeder-2 root\n"
                   "36 raised server.fault@server-1 symptom(feeder.outage@feeder-1)\n");
    set("server-1", "fault", 0);
    set("feeder-1", "v", 230);
    set("feeder-2", "v", 230);
    run_to(80);
    text_clear(&trace);
    set("ups-1", "mains", 0);
    set("server-1", "fault", 1);
    run_to(90);
    expect("what feeds both",
           "83 raised site.outage@ups-1 root\n"
           "86 raised server.fault@server-1 symptom(site.outage@ups-1)\n");
    done();
}

/* An alarm that comes and goes; a highly managed one never chatters. */
static void test_chatter(void **state)
{
    (void)state;
    build();
    start();
    for (int i = 0; i < 4; i++) {
        set("lift-1", "fault", 1);
        set("pump-1", "hot", 1);
        run_to(now_s + 4);
        set("lift-1", "fault", 0);
        set("pump-1", "hot", 0);
        run_to(now_s + 4);
    }
    assert_non_null(strstr(trace.data, "20 chatters lift.fault@lift-1\n"));
    assert_null(strstr(trace.data, "chatters fire"));
    text_clear(&trace);
    run_to(1900);
    expect("half an hour of quiet", "1830 steady lift.fault@lift-1\n");
    done();
}

/* What was stored goes on after a restart: a symptom stays one while its cause lasts. */
static void test_restore(void **state)
{
    struct alarm_memory cause = {.alarm = {.state = ALARM_ACTIVE,
                                           .observed_ms = -1,
                                           .level_ms = -1,
                                           .activation = 1},
                                 .standing = STANDING_ROOT,
                                 .cause_rule = "",
                                 .cause_equipment = ""};
    struct alarm_memory symptom = cause;

    (void)state;
    build();
    add_suppress("feeder.outage", "power", "pump.*", false, 0);
    start();
    cause.text_hash = engine_rule_hash(&plant.rules[1]);
    symptom.text_hash = engine_rule_hash(&plant.rules[2]);
    symptom.standing = STANDING_SYMPTOM;
    symptom.cause_rule = "feeder.outage";
    symptom.cause_equipment = "feeder-1";
    assert_true(engine_restore(engine, "pump.fault", "pump-1", &symptom));
    symptom.cause_equipment = "feeder-9"; /* is not there any more */
    assert_true(engine_restore(engine, "pump.fault", "pump-2", &symptom));
    assert_true(engine_restore(engine, "feeder.outage", "feeder-1", &cause));
    set("feeder-1", "v", 0);
    set("pump-1", "fault", 1);
    set("pump-2", "fault", 1);
    run_to(20);
    expect("the one whose cause is gone finds the other",
           "0 standing pump.fault@pump-2 symptom(feeder.outage@feeder-1)\n");
    set("feeder-1", "v", 230);
    run_to(40);
    expect("and is seen anew", "21 returned feeder.outage@feeder-1\n"
                               "21 standing pump.fault@pump-1 reprove\n"
                               "21 standing pump.fault@pump-2 reprove\n"
                               "27 standing pump.fault@pump-1 root\n"
                               "27 standing pump.fault@pump-2 root\n");
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symptoms),
        cmocka_unit_test(test_reprove_needs_readings),
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_late_cause),
        cmocka_unit_test(test_topmost),
        cmocka_unit_test(test_wait),
        cmocka_unit_test(test_no_wait_for_the_past),
        cmocka_unit_test(test_highly_managed),
        cmocka_unit_test(test_redundant),
        cmocka_unit_test(test_chatter),
        cmocka_unit_test(test_restore),
    };

    return cmocka_run_group_tests_name("cause", tests, NULL, NULL);
}
