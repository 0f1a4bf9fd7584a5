/* test_reference_engine.c - the whole engine against the reference: random samples on a
 * clock of seconds, and each second every rule is evaluated anew from its definition and
 * moved by an alarm machine of a few lines. States, marks and raises must be the same
 * each second: so nothing is evaluated too seldom, and no delay runs too long or too
 * short.
 *
 * The wall clock is put forward and back on the way, which must change nothing.
 * REFERENCE_SECONDS and REFERENCE_SEED ask for more, or for another course. */
#include "rules/engine.h"

#include "rules/check.h"
#include "rules/parser.h"
#include "tests/unit/check.h"
#include "tests/unit/plant.h"
#include "tests/unit/reference.h"

#include <stdio.h>

#define S INT64_C(1000000000)

enum {
    SECONDS = 30000,
    START_S = 1000,
    POINTS_MAX = 60,
};

/* Windows are at most 1m long: what slides out of them is seen each second. */
static const struct {
    const char *id;
    const char *when;
    const char *clear; /* "": not (when) */
    int for_s;
    int clear_for_s;
    int grace_s;
    bool latch;
    enum on_unknown on_unknown;
} rows[] = {
    {"plain", "flow > 50", "", 0, 0, 10, false, UNKNOWN_HOLD},
    {"delayed", "flow > 50", "", 20, 30, 10, false, UNKNOWN_HOLD},
    {"hysteresis", "level > 52", "level < 48", 10, 10, 60, false, UNKNOWN_HOLD},
    {"short grace", "level > 50 and run", "level < 50", 15, 15, 1, false, UNKNOWN_HOLD},
    {"latched", "avg(flow, 1m) > 52", "avg(flow, 30s) < 50", 5, 20, 30, true,
     UNKNOWN_HOLD},
    {"raised by unknown", "run and flow > 45", "", 10, 10, 30, false, UNKNOWN_RAISE},
    {"cleared by unknown", "level > 50", "level < 49", 10, 10, 30, false, UNKNOWN_CLEAR},
    {"held", "held(run, 30s)", "not run", 0, 0, 10, false, UNKNOWN_HOLD},
    {"held condition", "held(flow > 48 and not door, 20s)", "", 5, 5, 10, false,
     UNKNOWN_HOLD},
    {"edges", "rises(run, 1m) >= 2", "rises(run, 1m) == 0", 0, 0, 60, false,
     UNKNOWN_HOLD},
    {"edges of a condition", "rises(flow > 50, 1m) >= 2", "", 5, 5, 10, false,
     UNKNOWN_HOLD},
    {"silent", "nodata(level, 40s) or age(level) > 50s", "", 0, 0, 10, false,
     UNKNOWN_HOLD},
    {"stale", "stale(flow) or bad(run)", "good(flow) and good(run)", 3, 3, 10, false,
     UNKNOWN_HOLD},
    {"counter", "used(volume, 1m) > 12", "used(volume, 1m) < 8", 0, 10, 20, false,
     UNKNOWN_HOLD},
    {"reset", "rate(energy, 1m) > 0.15 and delta(level, 30s) < 1", "", 4, 4, 20, false,
     UNKNOWN_HOLD},
    {"group", "gcount('subs', x > 50) >= 2", "gavg('subs', x) < 50", 5, 10, 20, false,
     UNKNOWN_HOLD},
    {"group over windows", "gmax('subs', avg(x, 30s)) - gmin('subs', avg(x, 30s)) > 20",
     "", 5, 5, 20, false, UNKNOWN_HOLD},
    {"link", "not link.online and flow > 0", "link.online", 10, 10, 60, false,
     UNKNOWN_HOLD},
    {"extremes", "max(flow, 1m) - min(flow, 1m ago 30s) > 30", "", 0, 0, 20, false,
     UNKNOWN_HOLD},
    {"the last five", "avg(flow, #5) > 52 or prev(level, 3) > 60", "", 0, 5, 20, false,
     UNKNOWN_HOLD},
    {"by the clock", "within('00:10', '00:40') and flow > 20", "", 0, 0, 10, false,
     UNKNOWN_HOLD},
};

enum {
    ROWS = sizeof rows / sizeof rows[0],
};

struct alarm_of_reference {
    enum alarm_state state;
    int64_t timer_s; /* of the running delay; -1 = none */
    int64_t unknown_s;
    bool unknown;
    uint64_t raises;
};

static struct plant plant;
static struct engine *engine;
static struct reference reference;
static struct ast *trees[ROWS][2];
static struct alarm_of_reference alarms[ROWS];
static struct tz *tz;
static uint64_t chance;
static int64_t shift_ns; /* of the wall clock */
static uint64_t raises;

static uint64_t draw(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

static bool one_in(unsigned n)
{
    return draw() % n == 0;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* ---- the plant ---- */

static void add_rules(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct rule_settings *rule =
            plant_rule(&plant, rows[i].id, "pump", rows[i].when, rows[i].clear);

        rule->for_ms = rows[i].for_s * 1000;
        rule->clear_for_ms = rows[i].clear_for_s * 1000;
        rule->unknown_grace_ms = rows[i].grace_s * 1000;
        rule->latch = rows[i].latch;
        rule->on_unknown = rows[i].on_unknown;
    }
}

static struct ast *tree_of(const char *text)
{
    const struct rule_settings none = {.id = "x"};
    struct check_scope scope = {.model = plant.model,
                                .example = model_equipment(plant.model, "pump"),
                                .rule = &none};
    struct diagnosis_sink sink = {0};
    struct ast *ast;

    if (text[0] == '\0')
        return NULL;
    ast = parser_parse(text, &sink);
    check_case(text, ast != NULL && check_rule(ast, &scope, &sink));
    return ast;
}

static int start(void **state)
{
    struct config_report *report = config_report_new();
    const struct equipment *members[3];
    struct equipment *pump;
    struct text messages;
    struct err err;

    (void)state;
    plant_start(&plant);
    members[0] = plant_add(&plant, "m-1", "meter", "x:n::5");
    members[1] = plant_add(&plant, "m-2", "meter", "x:n::5");
    members[2] = plant_add(&plant, "m-3", "meter", "x:n::5");
    pump = plant_add(&plant, "pump", "pump",
                     "flow:n:m3/h:5 level:n volume:c:m3:5 energy:c run:b::5 door:b");
    plant_relate(&plant, pump, "subs", members, 3);
    plant_finish(&plant);
    plant.config.site.timezone = "UTC";
    add_rules();
    engine = engine_new(&plant.config, (struct mono_time){START_S * S}, report);
    text_init(&messages, 1 << 16);
    config_report_json(report, &messages);
    if (engine == NULL)
        fail_msg("%s", messages.data);
    text_done(&messages);
    config_report_free(report);
    for (size_t i = 0; i < ROWS; i++) {
        trees[i][0] = tree_of(rows[i].when);
        trees[i][1] = tree_of(rows[i].clear);
        alarms[i] = (struct alarm_of_reference){.timer_s = -1};
    }
    tz = tz_load("UTC", &err);
    assert_non_null(tz);
    ref_open(&reference, &plant.config, tz, START_S * S);
    chance = setting("REFERENCE_SEED", 88172645463325252);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    ref_close(&reference);
    for (size_t i = 0; i < ROWS; i++) {
        ast_free(trees[i][0]);
        ast_free(trees[i][1]);
    }
    engine_free(engine);
    tz_free(tz);
    plant_done(&plant);
    return 0;
}

/* ---- clocks ---- */

static struct wall_time wall_at(int64_t now_ns)
{
    struct wall_time midnight;

    assert_true(wall_parse("2026-11-24T00:00:00Z", &midnight));
    return (struct wall_time){midnight.ns + now_ns + shift_ns};
}

static void keep(void *context, const struct alarm_change *change)
{
    (void)context;
    raises += change->kind == CHANGE_RAISED;
}

static void step(int64_t now_ns)
{
    engine_step(engine, (struct mono_time){now_ns}, wall_at(now_ns),
                &(struct engine_out){.emit = keep});
}

/* ---- what the points report ---- */

static struct source {
    int64_t next_s;
    double value;
    unsigned bad;
} sources[POINTS_MAX];

static void move(const struct point *point, struct source *source)
{
    if (point->counter)
        source->value =
            one_in(500) ? 0 : fmod(source->value + (double)(draw() % 3), 1000);
    else if (point->kind == POINT_BOOL)
        source->value = one_in(9) ? 1 - source->value : source->value;
    else
        source->value += (50 - source->value) * 0.05 + (double)(draw() % 2001) / 100 - 10;
}

static void report(const struct point *point, struct source *source, int64_t now_ns)
{
    struct sample sample = {.point = point->index, .mono = {now_ns}};
    int64_t late_ns = 0;

    move(point, source);
    sample.value = source->value;
    if (source->bad == 0 && one_in(40))
        source->bad = 1 + (unsigned)(draw() % (one_in(3) ? 40 : 3));
    if (source->bad > 0) {
        source->bad--;
        sample.quality = QUALITY_BAD;
        sample.reason = REASON_TIMEOUT;
    }
    if (one_in(10))
        late_ns = (int64_t)(draw() % 8000) * CLOCK_MS;
    sample.time.ns = wall_at(now_ns).ns - late_ns;
    engine_put(engine, &sample, 1);
    ref_put(&reference, &sample, now_ns - late_ns, now_ns);
}

static void reports(int64_t now_s)
{
    for (size_t i = 0; i < plant.points; i++) {
        const struct point *point = &plant.model->points[i];
        struct source *source = &sources[i];

        if (source->next_s > now_s)
            continue;
        if (now_s > START_S)
            report(point, source, now_s * S);
        source->next_s = now_s + (point->period_ms > 0 ? 5 : 1 + (int64_t)(draw() % 12));
        if (one_in(300))
            source->next_s += (int64_t)(draw() % 300);
    }
}

/* ---- the alarm machine ---- */

static enum truth truth_at(size_t row, unsigned which, int64_t now_ns)
{
    struct ref_ask ask = {.ast = trees[row][which],
                          .equipment = model_equipment(plant.model, "pump"),
                          .rule = &plant.rules[row],
                          .now_ns = now_ns,
                          .wall = wall_at(now_ns),
                          .min_cover = 0.6};

    return value_truth(ref_eval(&reference, &ask));
}

/* The truth that the state waits for, as on_unknown has it. */
static enum truth counts_as(size_t row, bool clears, enum truth truth)
{
    if (truth != TRUTH_UNKNOWN || rows[row].on_unknown == UNKNOWN_HOLD)
        return truth;
    return (rows[row].on_unknown == UNKNOWN_CLEAR) == clears ? TRUTH_TRUE : TRUTH_FALSE;
}

static bool waits_for_clear(const struct alarm_of_reference *alarm)
{
    return alarm->state == ALARM_ACTIVE || alarm->state == ALARM_CLEARING;
}

static void ends(size_t row, struct alarm_of_reference *alarm)
{
    alarm->timer_s = -1;
    if (waits_for_clear(alarm)) {
        alarm->state = rows[row].latch ? ALARM_LATCHED : ALARM_NORMAL;
    } else {
        alarm->state = ALARM_ACTIVE;
        alarm->raises++;
    }
}

static void begins_not(struct alarm_of_reference *alarm)
{
    alarm->timer_s = -1;
    if (alarm->state == ALARM_PENDING)
        alarm->state = ALARM_NORMAL;
    else if (alarm->state == ALARM_CLEARING)
        alarm->state = ALARM_ACTIVE;
}

/* One second in which what was true before held; then the truths are these. */
static void second(size_t row, struct alarm_of_reference *alarm, enum truth when,
                   enum truth clear)
{
    bool clears = waits_for_clear(alarm);
    enum truth raw;
    enum truth truth;
    int delay_s = clears ? rows[row].clear_for_s : rows[row].for_s;

    if (when == TRUTH_TRUE && clear == TRUTH_TRUE)
        when = TRUTH_FALSE; /* what is proven clear is not raised */
    raw = clears ? clear : when;
    truth = counts_as(row, clears, raw);
    if (alarm->timer_s >= 0 && (!alarm->unknown || rows[row].on_unknown != UNKNOWN_HOLD))
        alarm->timer_s++;
    alarm->unknown_s = alarm->unknown && raw == TRUTH_UNKNOWN ? alarm->unknown_s + 1 : 0;
    alarm->unknown = raw == TRUTH_UNKNOWN;
    if (truth == TRUTH_TRUE) {
        if (alarm->timer_s < 0)
            alarm->timer_s = 0;
        if (alarm->state == ALARM_NORMAL)
            alarm->state = ALARM_PENDING;
        if (alarm->state == ALARM_ACTIVE)
            alarm->state = ALARM_CLEARING;
        if (alarm->timer_s >= delay_s)
            ends(row, alarm);
    } else if (truth == TRUTH_FALSE || alarm->unknown_s >= rows[row].grace_s) {
        begins_not(alarm);
    }
    if (waits_for_clear(alarm) != clears) { /* another truth counts from now on */
        alarm->unknown = (clears ? when : clear) == TRUTH_UNKNOWN;
        alarm->unknown_s = 0;
    }
}

static void moves(size_t row, int64_t now_ns)
{
    struct alarm_of_reference *alarm = &alarms[row];
    enum truth when = truth_at(row, 0, now_ns);
    enum truth clear = trees[row][1] != NULL   ? truth_at(row, 1, now_ns)
                       : when == TRUTH_UNKNOWN ? TRUTH_UNKNOWN
                       : when == TRUTH_TRUE    ? TRUTH_FALSE
                                               : TRUTH_TRUE;

    second(row, alarm, when, clear);
}

static void compare(int64_t now_ns)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct alarm alarm;

        moves(i, now_ns);
        assert_true(engine_alarm(engine, rows[i].id, "pump", &alarm));
        if (alarm.state == alarms[i].state && alarm.unknown == alarms[i].unknown &&
            alarm.activation == alarms[i].raises)
            continue;
        fail_msg("rule '%s' at %.0f s: %s%s, raised %llu times, want %s%s, %llu",
                 rows[i].id, (double)now_ns / 1e9, alarm_state_name(alarm.state),
                 alarm.unknown ? "?" : "", (unsigned long long)alarm.activation,
                 alarm_state_name(alarms[i].state), alarms[i].unknown ? "?" : "",
                 (unsigned long long)alarms[i].raises);
    }
}

/* A person resets what is latched. */
static void reset(void)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].latch && alarms[i].state == ALARM_LATCHED && one_in(50)) {
            assert_true(engine_reset(engine, rows[i].id, "pump"));
            alarms[i].state = ALARM_NORMAL;
            alarms[i].timer_s = -1;
        }
}

static void test_agrees(void **state)
{
    uint64_t seconds = setting("REFERENCE_SECONDS", SECONDS);

    (void)state;
    for (int64_t now_s = START_S; now_s < START_S + (int64_t)seconds; now_s++) {
        reports(now_s);
        step(now_s * S);
        compare(now_s * S);
        reset();
        if (now_s > START_S + 10 && one_in(2000)) {
            shift_ns += ((int64_t)(draw() % 7200) - 3600) * S;
            engine_step(engine, (struct mono_time){now_s * S}, wall_at(now_s * S),
                        &(struct engine_out){.emit = keep});
        }
    }
    for (size_t i = 0; i < ROWS; i++)
        check_case(rows[i].id, alarms[i].raises > 0);
    print_message("%llu seconds, %llu raises\n", (unsigned long long)seconds,
                  (unsigned long long)raises);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_agrees, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
