/* test_engine.c - whole scenarios: samples in, changes out, at the right instant. */
#include "rules/engine.h"

#include "base/json_in.h"
#include "tests/unit/check.h"
#include "tests/unit/plant.h"

#include <stdio.h>

/* The scenario runs on a clock of its own: second 0 is monotonic 1000 s and noon. */
#define MONO_0 (1000 * CLOCK_S)

static struct plant plant;
static struct engine *engine;
static struct text changes; /* "12.0 raised pump.dry pump-1\n" */
static char evidence[20000];
static int64_t wall_shift_ns; /* how far the wall clock was put forward */

static int64_t wall_0(void)
{
    struct wall_time noon;

    assert_true(wall_parse("2026-11-24T04:00:00Z", &noon));
    return noon.ns;
}

static struct mono_time mono_at(double second)
{
    return (struct mono_time){MONO_0 + (int64_t)(second * 1e9)};
}

static struct wall_time wall_at(double second)
{
    return (struct wall_time){wall_0() + wall_shift_ns + (int64_t)(second * 1e9)};
}

static void build_plant(void)
{
    struct equipment *pump;
    struct equipment *main_meter;
    const struct equipment *members[2];

    plant_start(&plant);
    pump = plant_add(&plant, "pump-1", "pump",
                     "run:b::5 cmd:b::5 flow:n:m3/h:5 pressure:n:MPa:5 mode:e::5");
    (void)plant_add(&plant, "pump-2", "pump", "run:b::5 flow:n:m3/h:5");
    plant_param(&plant, pump, "flow_min", 0.2);
    members[0] = plant_add(&plant, "meter-1", "water_meter", "volume:c:m3:60");
    members[1] = plant_add(&plant, "meter-2", "water_meter", "volume:c:m3:60");
    main_meter = plant_add(&plant, "meter-0", "water_meter", "volume:c:m3:60");
    plant_relate(&plant, main_meter, "submeters", members, 2);
    (void)plant_add(&plant, "valve-1", "valve", "open:b");
    plant_finish(&plant);
    text_init(&changes, 1 << 16);
    wall_shift_ns = 0;
    evidence[0] = '\0';
}

static void end_plant(void)
{
    engine_free(engine);
    engine = NULL;
    text_done(&changes);
    plant_done(&plant);
}

/* Builds the engine; the messages must be as told ("" = none). */
static void start_engine(double second)
{
    struct config_report *report = config_report_new();
    struct text messages;

    engine = engine_new(&plant.config, mono_at(second), report);
    text_init(&messages, 1 << 16);
    config_report_json(report, &messages);
    if (engine == NULL || strcmp(messages.data, "[]") != 0)
        fail_msg("engine_new: %s", messages.data);
    text_done(&messages);
    config_report_free(report);
}

static double now_s;

static void keep_change(void *context, const struct alarm_change *change)
{
    static const char *const kinds[] = {
        [CHANGE_RAISED] = "raised",     [CHANGE_RETURNED] = "returned",
        [CHANGE_STANDING] = "standing", [CHANGE_LEVEL] = "level",
        [CHANGE_CHATTERS] = "chatters", [CHANGE_STEADY] = "steady",
        [CHANGE_PROGRESS] = "progress",
    };

    (void)context;
    assert_true((change->evidence == NULL) == (change->kind == CHANGE_PROGRESS));
    if (change->evidence != NULL)
        (void)snprintf(evidence, sizeof evidence, "%s", change->evidence);
    text_addf(&changes, "%.3f %s %s %s\n", now_s, kinds[change->kind], change->rule->id,
              change->equipment->id);
}

static void step(double second)
{
    now_s = second;
    engine_step(engine, mono_at(second), wall_at(second),
                &(struct engine_out){.emit = keep_change});
}

/* Steps at every deadline up to `second`, as the pipeline does. */
static void run_until(double second)
{
    for (int guard = 0; guard < 100000; guard++) {
        struct mono_time due = engine_due(engine);

        if (due.ns > mono_at(second).ns)
            break;
        step((double)(due.ns - MONO_0) / 1e9);
    }
    step(second);
}

static void put_quality(double second, const char *equipment, const char *point,
                        enum quality quality, enum reason reason, double value)
{
    struct sample sample = {
        .point = plant_find(&plant, equipment, point)->index,
        .quality = (uint8_t)quality,
        .reason = (uint8_t)reason,
        .value = value,
        .time = wall_at(second),
        .mono = mono_at(second),
    };

    run_until(second);
    engine_put(engine, &sample, 1);
}

static void put(double second, const char *equipment, const char *point, double value)
{
    put_quality(second, equipment, point, QUALITY_GOOD, REASON_NONE, value);
}

static void expect(const char *name, const char *want)
{
    check_text(name, changes.data, want);
    text_clear(&changes);
}

static struct rule_settings *dry_run_rule(void)
{
    static struct param_settings params[] = {{.name = "flow_min", .value = 0.5}};
    struct rule_settings *rule = plant_rule(&plant, "pump.dry", "pump",
                                            "held(run, 1m) and avg(flow, 1m) < $flow_min",
                                            "not run or avg(flow, 1m) > 1.2 * $flow_min");

    rule->for_ms = 20000;
    rule->clear_for_ms = 60000;
    rule->params = params;
    rule->param_count = 1;
    return rule;
}

/* Polls run and flow of pump-1 each 5 s from `from` to `to`. */
static void poll(int from, int to, double run, double flow)
{
    for (int t = from; t <= to; t += 5) {
        put(t, "pump-1", "run", run);
        put(t, "pump-1", "flow", flow);
    }
}

/* Starts at 100 s with no flow: held for 1 m at 160 s, for 20 s at 180 s, exactly. */
static void test_dry_run(void **state)
{
    (void)state;
    build_plant();
    (void)dry_run_rule();
    start_engine(0);
    assert_int_equal(engine_instances(engine), 2);
    assert_true(engine_memory(engine) > 0);
    poll(0, 95, 0, 0);
    poll(100, 300, 1, 0);
    expect("raised", "170.000 progress pump.dry pump-1\n"
                     "180.000 raised pump.dry pump-1\n");
    assert_non_null(strstr(evidence, "\"text\":\"avg(flow, 1m) < $flow_min\""));
    assert_non_null(strstr(evidence, "\"overridden\":[\"flow_min\"]"));
    poll(305, 400, 1, 5); /* water again: avg > 0.24 soon, then 1 m */
    run_until(500);
    /* 0.24 of 5 after 2.88 s: seen at the next second, the window slides by 1 s. */
    expect("returned", "308.000 progress pump.dry pump-1\n"
                       "318.000 progress pump.dry pump-1\n"
                       "328.000 progress pump.dry pump-1\n"
                       "338.000 progress pump.dry pump-1\n"
                       "348.000 progress pump.dry pump-1\n"
                       "358.000 progress pump.dry pump-1\n"
                       "368.000 returned pump.dry pump-1\n");
    end_plant();
}

/* Held for long: known at the instant, not at the next look of a window that slides. */
static void test_held_deadline(void **state)
{
    (void)state;
    build_plant();
    (void)plant_rule(&plant, "pump.point", "pump", "cmd or held(run, 10m)", "");
    (void)plant_rule(&plant, "pump.expr", "pump", "held(run or cmd, 10s500ms)", "");
    start_engine(0);
    put(0, "pump-1", "cmd", 0);
    put(0, "pump-1", "run", 0);
    for (int t = 5; t <= 800; t += 5) {
        put(t + 0.125, "pump-1", "cmd", 0);
        put(t + 0.125, "pump-1", "run", t >= 100);
    }
    expect("to the millisecond", "110.625 raised pump.expr pump-1\n"
                                 "700.125 raised pump.point pump-1\n");
    end_plant();
}

/* The same value again is news for who asks whether anything comes at all. */
static void test_nodata(void **state)
{
    (void)state;
    build_plant();
    (void)plant_rule(&plant, "valve.silent", "valve", "nodata(open, 10s)", "");
    start_engine(0);
    put(5, "valve-1", "open", 1);
    put(17, "valve-1", "open", 1);
    put_quality(25, "valve-1", "open", QUALITY_BAD, REASON_NOT_AVAILABLE, 0);
    step(30);
    expect("nodata", "15.000 raised valve.silent valve-1\n"
                     "17.000 returned valve.silent valve-1\n");
    end_plant();
}

/* A point that reports on change holds for ever, until its device is gone. */
static void test_break(void **state)
{
    struct sample late = {.value = 1, .quality = QUALITY_GOOD};
    struct alarm alarm;

    (void)state;
    build_plant();
    (void)plant_rule(&plant, "valve.open", "valve", "open", "");
    start_engine(0);
    put(10, "valve-1", "open", 0);
    run_until(100000);
    assert_true(engine_alarm(engine, "valve.open", "valve-1", &alarm) && !alarm.unknown);
    put_quality(100001, "valve-1", "open", QUALITY_BAD, REASON_OFFLINE, 0);
    step(100001);
    assert_true(engine_alarm(engine, "valve.open", "valve-1", &alarm) && alarm.unknown);
    late.point = plant_find(&plant, "valve-1", "open")->index;
    late.time = wall_at(100000); /* from before it went */
    late.mono = mono_at(100002);
    engine_put(engine, &late, 1);
    step(100002);
    expect("not from the past", "");
    put(100003, "valve-1", "open", 1);
    step(100003);
    expect("but now", "100003.000 raised valve.open valve-1\n");
    end_plant();
}

/* An active alarm holds while nothing is known, and so does the normal state. */
static void test_missing_data_holds(void **state)
{
    struct alarm alarm;

    (void)state;
    build_plant();
    (void)dry_run_rule();
    start_engine(0);
    poll(0, 95, 0, 0);
    poll(100, 200, 1, 0);
    expect("raised", "170.000 progress pump.dry pump-1\n"
                     "180.000 raised pump.dry pump-1\n");
    for (int t = 205; t < 3600; t += 5)
        put_quality(t, "pump-1", "run", QUALITY_BAD, REASON_TIMEOUT, 0);
    assert_true(engine_alarm(engine, "pump.dry", "pump-1", &alarm));
    assert_int_equal(alarm.state, ALARM_ACTIVE);
    assert_true(alarm.unknown);
    expect("only the mark", "215.000 progress pump.dry pump-1\n");
    end_plant();
}

/* A gap in the middle of a delay pauses it. */
static void test_delay_pauses(void **state)
{
    struct rule_settings *rule;

    (void)state;
    build_plant();
    rule = plant_rule(&plant, "pump.start", "pump", "cmd and not run", "run or not cmd");
    rule->for_ms = 60000;
    start_engine(0);
    put(0, "pump-1", "cmd", 1);
    for (int t = 0; t <= 30; t += 5) {
        put(t, "pump-1", "cmd", 1);
        put(t, "pump-1", "run", 0);
    }
    /* In force until 45 s; silent until 65 s; 60 s observed at 80 s. */
    for (int t = 65; t <= 100; t += 5) {
        put(t, "pump-1", "cmd", 1);
        put(t, "pump-1", "run", 0);
    }
    run_until(100);
    expect("paused", "10.000 progress pump.start pump-1\n"
                     "20.000 progress pump.start pump-1\n"
                     "30.000 progress pump.start pump-1\n"
                     "40.000 progress pump.start pump-1\n"
                     "45.000 progress pump.start pump-1\n"
                     "65.000 progress pump.start pump-1\n"
                     "75.000 progress pump.start pump-1\n"
                     "80.000 raised pump.start pump-1\n");
    end_plant();
}

static struct rule_settings *loss_rules(void)
{
    struct rule_settings *rule =
        plant_rule(&plant, "equipment.lost", "*", "not online and link.online", "online");

    rule->for_ms = 30000;
    rule = plant_rule(&plant, "link.down", "link", "not online", "online");
    rule->for_ms = 30000;
    return rule;
}

/* A dead link is one alarm, not one per equipment; a dead equipment is its own. */
static void test_loss(void **state)
{
    static const char *const ids[] = {"pump-1", "pump-2", "meter-1"};

    (void)state;
    build_plant();
    (void)loss_rules();
    start_engine(0);
    assert_int_equal(engine_instances(engine), 7);
    put(0, "bus-1", "online", 1);
    for (size_t i = 0; i < 3; i++)
        put(0, ids[i], "online", 1);
    for (size_t i = 0; i < 3; i++)
        put(100 + (double)i, ids[i], "online", 0);
    put(105, "bus-1", "online", 0);
    run_until(600);
    expect("one", "115.000 progress link.down bus-1\n"
                  "125.000 progress link.down bus-1\n"
                  "135.000 raised link.down bus-1\n");
    put(610, "bus-1", "online", 1);
    for (size_t i = 0; i < 2; i++)
        put(615, ids[i], "online", 1);
    run_until(1000);
    expect("and the one that stays away", "610.000 returned link.down bus-1\n"
                                          "620.000 progress equipment.lost meter-1\n"
                                          "630.000 progress equipment.lost meter-1\n"
                                          "640.000 raised equipment.lost meter-1\n");
    end_plant();
}

/* After a restart a delay goes on from where it was and an active alarm stays. */
static void test_restore(void **state)
{
    struct rule_settings *rule;
    struct alarm_memory memory = {.cause_rule = "", .cause_equipment = ""};
    struct alarm alarm;
    uint64_t hash;

    (void)state;
    build_plant();
    rule = plant_rule(&plant, "pump.start", "pump", "cmd and not run", "run or not cmd");
    rule->for_ms = 60000;
    hash = engine_rule_hash(rule);
    start_engine(1000);
    memory.alarm = (struct alarm){.state = ALARM_PENDING,
                                  .observed_ms = 50000,
                                  .activation = 3,
                                  .since = wall_at(0),
                                  .level_ms = -1};
    memory.text_hash = hash;
    assert_true(engine_restore(engine, "pump.start", "pump-1", &memory));
    assert_false(engine_restore(engine, "pump.start", "pump-9", &memory));
    assert_false(engine_restore(engine, "pump.start", "pump-2", &memory));
    for (int t = 1000; t <= 1030; t += 5) {
        put(t, "pump-1", "cmd", 1);
        put(t, "pump-1", "run", 0);
    }
    expect("the last ten seconds", "1000.000 progress pump.start pump-1\n"
                                   "1000.000 progress pump.start pump-1\n"
                                   "1010.000 raised pump.start pump-1\n");
    assert_true(engine_alarm(engine, "pump.start", "pump-1", &alarm));
    assert_true(alarm.activation == 4);

    engine_free(engine);
    start_engine(2000);
    memory.alarm = alarm;
    memory.alarm.state = ALARM_CLEARING;
    memory.text_hash = hash + 1;
    assert_true(engine_restore(engine, "pump.start", "pump-1", &memory));
    run_until(2100);
    assert_true(engine_alarm(engine, "pump.start", "pump-1", &alarm));
    assert_int_equal(alarm.state, ALARM_ACTIVE); /* another rule: timers anew */
    assert_true(alarm.unknown);
    text_clear(&changes);
    put(2101, "pump-1", "run", 1);
    step(2101);
    expect("proven clear", "2101.000 returned pump.start pump-1\n");
    end_plant();
}

static void test_latch(void **state)
{
    struct rule_settings *rule;
    struct alarm alarm;

    (void)state;
    build_plant();
    rule = plant_rule(&plant, "pump.mode", "pump", "mode == 'out_of_service'", "");
    rule->latch = true;
    start_engine(0);
    put(0, "pump-1", "mode", 12);
    step(0);
    assert_false(engine_reset(engine, "pump.mode", "pump-1")); /* still there */
    put(5, "pump-1", "mode", 0);
    step(5);
    assert_true(engine_alarm(engine, "pump.mode", "pump-1", &alarm));
    assert_int_equal(alarm.state, ALARM_LATCHED);
    assert_true(engine_reset(engine, "pump.mode", "pump-1"));
    assert_false(engine_reset(engine, "pump.mode", "pump-1"));
    assert_true(engine_alarm(engine, "pump.mode", "pump-1", &alarm));
    assert_int_equal(alarm.state, ALARM_NORMAL);
    run_until(8);
    /* The reset is told as well, or the store would keep it latched. */
    expect("latch", "0.000 raised pump.mode pump-1\n5.000 returned pump.mode pump-1\n"
                    "5.000 progress pump.mode pump-1\n");
    end_plant();
}

/* The wall clock is put forward and back by hours: nothing opens or closes. */
static void test_clock_steps(void **state)
{
    static const double hours[] = {3, -3, -20, 20, 0.01};

    (void)state;
    build_plant();
    (void)dry_run_rule();
    (void)plant_rule(&plant, "pump.silent", "pump", "nodata(flow, 1m)", "");
    start_engine(0);
    poll(0, 95, 0, 0);
    poll(100, 200, 1, 0);
    expect("raised", "60.000 raised pump.silent pump-2\n" /* never heard of */
                     "170.000 progress pump.dry pump-1\n"
                     "180.000 raised pump.dry pump-1\n");
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        int begin = 205 + 100 * (int)i;

        wall_shift_ns += (int64_t)(hours[i] * 3600e9);
        poll(begin, begin + 95, 1, 0);
    }
    expect("nothing", "");
    end_plant();
}

/* A buffered upload with old stamps raises nothing; a reading two polls late counts. */
static void test_late(void **state)
{
    struct sample sample = {0};

    (void)state;
    build_plant();
    (void)plant_rule(&plant, "pump.high", "pump", "max(flow, 1m) > 9", "");
    start_engine(0);
    for (int t = 0; t <= 100; t += 5)
        put(t, "pump-1", "flow", 1);
    sample.point = plant_find(&plant, "pump-1", "flow")->index;
    sample.value = 10;
    sample.mono = mono_at(101);
    sample.time = wall_at(90); /* 11 s late, two polls are 10 s */
    engine_put(engine, &sample, 1);
    step(101);
    expect("too late", "");
    sample.time = wall_at(92);
    engine_put(engine, &sample, 1);
    step(102);
    expect("late", "102.000 raised pump.high pump-1\n");
    for (int t = 105; t <= 160; t += 5)
        put(t, "pump-1", "flow", 1);
    expect("leaves the window", "155.000 returned pump.high pump-1\n");
    end_plant();
}

/* Sub-meters: the sum is unknown without enough of them, so an offline one is no leak. */
static void test_group(void **state)
{
    struct rule_settings *rule;

    (void)state;
    build_plant();
    rule = plant_rule(&plant, "water.loss", "water_meter",
                      "used(volume, 10m) - gsum('submeters', used(volume, 10m)) > 5", "");
    rule->min_cover = 0.95;
    start_engine(0);
    assert_int_equal(engine_instances(engine), 1);
    for (int i = 0; i <= 12; i++) {
        put(i * 60, "meter-0", "volume", 990 + 2 * i >= 1000 ? 2 * i - 10 : 990 + 2 * i);
        put(i * 60, "meter-1", "volume", 100 + i);
        if (i < 8)
            put(i * 60, "meter-2", "volume", 200 + i);
    }
    run_until(780);
    expect("one missing", "");
    for (int i = 14; i <= 30; i++) {
        put(i * 60, "meter-0", "volume", 14 + 2 * (i - 12));
        put(i * 60, "meter-1", "volume", 112 + i - 12);
        put(i * 60, "meter-2", "volume", 208); /* stands still: ten in ten minutes */
    }
    run_until(1860);
    assert_non_null(strstr(changes.data, "raised water.loss meter-0\n"));
    assert_non_null(strstr(evidence, "\"member_count\":2"));
    assert_non_null(strstr(evidence, "{\"equipment\":\"meter-2\",\"value\":0}"));
    end_plant();
}

/* "every" evaluates on its own beat, not on samples. */
static void test_every(void **state)
{
    struct rule_settings *rule;

    (void)state;
    build_plant();
    rule = plant_rule(&plant, "pump.flow", "pump", "flow > 5", "");
    rule->every_ms = 60000;
    start_engine(0);
    put(0, "pump-1", "flow", 1);
    for (int t = 5; t <= 100; t += 5)
        put(t, "pump-1", "flow", 9);
    expect("on the beat", "60.000 raised pump.flow pump-1\n");
    end_plant();
}

/* The site's clock: from 22:00 to 05:00, with the change of the day in it. */
static void test_within(void **state)
{
    (void)state;
    build_plant();
    (void)plant_rule(&plant, "valve.night", "valve", "open and within('22:00', '05:00')",
                     "");
    start_engine(0);
    put(0, "valve-1", "open", 1);
    run_until(86400);
    expect("a night", "36000.000 raised valve.night valve-1\n"
                      "61200.000 returned valve.night valve-1\n");
    wall_shift_ns = 11 * 3600 * CLOCK_S; /* the clock is put to 23:00 */
    step(86401);
    expect("a new time of day", "86401.000 raised valve.night valve-1\n");
    end_plant();
}

static void test_explain(void **state)
{
    struct text json;
    struct err err;
    struct json *document;

    (void)state;
    build_plant();
    (void)dry_run_rule();
    (void)plant_rule(&plant, "pump.all", "pump",
                     "run and flow > 1 and mode == 'normal' and held(flow > 2, 1m)",
                     "not run");
    start_engine(0);
    poll(0, 50, 1, 3);
    put(50, "pump-1", "mode", 12);
    step(51);
    text_init(&json, 1 << 16);
    assert_int_equal(engine_explain(engine, "pump.all", "pump-1", mono_at(51),
                                    wall_at(51), &json, &err),
                     0);
    document = json_parse(json.data, json.length, 1 << 16, &err);
    assert_non_null(document);
    {
        const struct json *when = json_member(document, "when");
        const struct json *terms = json_member(when, "terms");

        assert_int_equal(json_count(terms), 4); /* a chain of "and" is one level */
        assert_true(json_truth(json_member(json_item(terms, 0), "value")));
        assert_false(json_truth(json_member(json_item(terms, 2), "value")));
        assert_string_equal(
            json_text(json_path(document, "when.terms[2].terms[0].value")),
            "out_of_service");
        assert_true(json_real(json_path(document, "when.terms[3].coverage")) > 0.8);
        assert_int_equal(json_count(json_path(document, "samples")), 8 + 8 + 1);
        assert_string_equal(json_text(json_path(document, "samples[16].point")), "mode");
        assert_string_equal(json_text(json_path(document, "state")), "normal");
    }
    json_free(document);
    text_clear(&json);
    assert_int_equal(
        engine_explain(engine, "nope", "pump-1", mono_at(51), wall_at(51), &json, &err),
        -1);
    assert_string_equal(err.text, "there is no rule \"nope\"");
    assert_int_equal(
        engine_explain(engine, "pump.dry", "nope", mono_at(51), wall_at(51), &json, &err),
        -1);
    assert_string_equal(err.text, "there is no equipment \"nope\"");
    assert_int_equal(engine_explain(engine, "pump.dry", "valve-1", mono_at(51),
                                    wall_at(51), &json, &err),
                     -1);
    assert_string_equal(err.text,
                        "rule \"pump.dry\" is for class pump, \"valve-1\" is of class "
                        "valve");
    assert_int_equal(engine_explain(engine, "pump.all", "pump-2", mono_at(51),
                                    wall_at(51), &json, &err),
                     -1);
    assert_string_equal(err.text, "rule \"pump.all\" does not apply to \"pump-2\": pump "
                                  "\"pump-2\" has no point \"mode\"");
    assert_true(err.kind == ERR_NOT_FOUND);
    text_done(&json);
    end_plant();
}

/* A delay is told as it runs, also when nothing has come since. */
static void test_explain_runs_on(void **state)
{
    struct text json;
    struct err err;
    struct json *document;

    (void)state;
    build_plant();
    plant_rule(&plant, "pump.runs", "pump", "run", "not run")->for_ms = 20000;
    start_engine(0);
    poll(0, 10, 1, 3);
    text_init(&json, 1 << 16);
    assert_int_equal(engine_explain(engine, "pump.runs", "pump-1", mono_at(13),
                                    wall_at(13), &json, &err),
                     0);
    document = json_parse(json.data, json.length, 1 << 16, &err);
    assert_non_null(document);
    assert_string_equal(json_text(json_path(document, "state")), "pending");
    assert_int_equal(json_real(json_path(document, "observed_ms")), 13000);
    json_free(document);
    text_done(&json);
    end_plant();
}

static void count_rules(void *context, const struct rule_settings *rule, size_t instances,
                        size_t active)
{
    text_addf(context, "%s %zu %zu\n", rule->id, instances, active);
}

static void test_visit(void **state)
{
    struct text seen;

    (void)state;
    build_plant();
    (void)loss_rules();
    (void)dry_run_rule();
    plant.rules[0].for_ms = 0;
    start_engine(0);
    put(0, "bus-1", "online", 1);
    put(0, "pump-2", "online", 0);
    step(1);
    text_init(&seen, 1000);
    engine_visit_rules(engine, count_rules, &seen);
    check_text("visit", seen.data, "equipment.lost 6 1\nlink.down 1 0\npump.dry 2 0\n");
    text_done(&seen);
    end_plant();
}

/* What is said about rules that cannot run; codes and columns. */
static void test_reports(void **state)
{
    static const struct {
        const char *name;
        const char *class_name;
        const char *when;
        const char *clear;
        bool shipped;
        const char *want; /* parts of the JSON, separated by '|'; "" = no message */
        size_t instances; /* when there is no error */
    } cases[] = {
        {"fine", "pump", "run", "", false, "", 2},
        {"no equipment of the class", "tank", "level > 5", "", false,
         "\"code\":\"W307\"|watches nothing", 0},
        {"still checked as far as possible", "tank", "avg(level) > 5", "", false,
         "\"code\":\"E305\"|\"line\":4,\"column\":10|rule \\\"x\\\", when: avg takes", 0},
        {"some have the point", "pump", "pressure > 5", "", false, "", 1},
        {"none has it", "pump", "run and presure > 5", "", false,
         "\"code\":\"E307\"|\"column\":18|did you mean \\\"pressure\\\"?", 0},
        {"none has it, shipped", "pump", "level > 5", "", true, "", 0},
        {"no equipment has both", "*", "run and open", "", false,
         "\"code\":\"E307\"|has no point \\\"open\\\"", 0},
        {"syntax, shipped", "pump", "run and", "", true, "\"code\":\"E302\"", 0},
        {"in clear", "pump", "run", "flow = 1", false,
         "\"code\":\"E301\"|\"line\":5,\"column\":15|rule \\\"x\\\", clear: |use ==", 0},
        {"a warning", "pump", "flow == 1", "", false,
         "\"code\":\"W302\"|\"severity\":\"warning\"", 2},
        {"none of the operator's business", "pump", "flow == 1", "", true, "", 2},
        {"link is there for all", "*", "not link.online", "", false, "", 6},
        {"on links themselves", "link", "not online", "", false, "", 1},
        {"a relation that one has", "water_meter", "gsize('submeters') > 1", "", false,
         "", 1},
        {"wrong kind", "pump", "run > 5", "", false, "\"code\":\"E306\"", 0},
        {"other words", "pump", "mode == 'firefighter'", "", false, "", 1},
        {"other words, shipped", "pump", "mode == 'firefigther'", "", true, "", 0},
        {"a number for words, shipped", "pump", "mode > 0", "", true, "", 0},
        {"words for a number, shipped", "pump", "flow != 'none'", "", true, "", 0},
        {"wrong kind, shipped", "pump", "run > 5", "", true,
         "\"code\":\"W303\"|is not applied to pump \\\"pump-1\\\"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct config_report *report = config_report_new();
        struct text messages;
        char parts[300];
        char source[300];
        char *rest = parts;
        char *part;

        build_plant();
        plant_rule(&plant, "x", cases[i].class_name, cases[i].when, cases[i].clear)
            ->shipped = cases[i].shipped;
        (void)snprintf(source, sizeof source, "\n\n\nwhen  = \"%s\";\nclear = \"%s\";\n",
                       cases[i].when, cases[i].clear);
        (void)config_report_file(report, "rules.cfg", source, strlen(source));
        engine = engine_new(&plant.config, mono_at(0), report);
        check_case(cases[i].name, (engine == NULL) == (config_report_errors(report) > 0));
        text_init(&messages, 1 << 16);
        config_report_json(report, &messages);
        (void)snprintf(parts, sizeof parts, "%s", cases[i].want);
        if (parts[0] == '\0')
            check_text(cases[i].name, messages.data, "[]");
        while ((part = strsep(&rest, "|")) != NULL)
            if (strstr(messages.data, part) == NULL)
                fail_msg("case '%s': no %s in %s", cases[i].name, part, messages.data);
        if (engine != NULL)
            check_near(cases[i].name, (double)engine_instances(engine),
                       (double)cases[i].instances, 0);
        text_done(&messages);
        config_report_free(report);
        end_plant();
    }
}

/* One class, two kinds of the same point: the rule runs where it makes sense. */
static void test_variants(void **state)
{
    struct config_report *report = config_report_new();
    struct text messages;

    (void)state;
    plant_start(&plant);
    (void)plant_add(&plant, "a", "pump", "fault:b");
    (void)plant_add(&plant, "b", "pump", "fault:n");
    (void)plant_add(&plant, "c", "pump", "fault:b");
    plant_finish(&plant);
    text_init(&changes, 1000);
    (void)plant_rule(&plant, "pump.fault", "pump", "fault", "");
    (void)plant_rule(&plant, "pump.code", "pump", "fault > 0", "");
    engine = engine_new(&plant.config, mono_at(0), report);
    assert_non_null(engine);
    assert_int_equal(engine_instances(engine), 3);
    text_init(&messages, 10000);
    config_report_json(report, &messages);
    assert_int_equal(config_report_warnings(report), 2);
    assert_non_null(strstr(messages.data,
                           "rule \\\"pump.fault\\\" is not applied to pump "
                           "\\\"b\\\" and its like"));
    text_done(&messages);
    config_report_free(report);
    end_plant();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_held_deadline),
        cmocka_unit_test(test_break),
        cmocka_unit_test(test_nodata),
        cmocka_unit_test(test_missing_data_holds),
        cmocka_unit_test(test_delay_pauses),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_latch),
        cmocka_unit_test(test_clock_steps),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_every),
        cmocka_unit_test(test_within),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_explain_runs_on),
        cmocka_unit_test(test_visit),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_variants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
