/* trial.c - see trial.h. */
#include "rules/trial.h"

#include "base/json_in.h"
#include "base/mem.h"
#include "base/tz.h"
#include "config/units.h"
#include "rules/engine.h"
#include "rules/trial_site.h"
#include "rules/trial_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 4,            /* of what is said below the name of a block */
    JSON_MAX = 256 * 1024, /* of one explanation: more than the engine ever writes */
};

/* The monotonic clock at the first sample: any, but not 0, which means never. */
static const int64_t begin_ns = 1000 * CLOCK_S;

/* A test that is going on. */
struct trial {
    const struct test_settings *test;
    struct trial_site site;
    struct engine *engine;
    struct wall_time begin;
    struct sample *batch; /* as many as the model has points */
    int64_t steps;        /* that were fed */
    size_t looks;
    struct trial_result result;
    struct text *why;
    size_t explained;
};

/* ---- what is said ---- */

static void line_begin(struct trial *t, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        text_add_char(t->why, ' ');
}

/* The block cannot be run. */
static bool unusable(struct trial *t, struct config_pos pos, const char *text)
{
    t->result.verdict = TRIAL_UNUSABLE;
    t->result.pos = pos;
    line_begin(t, INDENT);
    text_addf(t->why, "%s\n", text);
    return false;
}

static struct mono_time mono_at(int64_t at_ms)
{
    return (struct mono_time){begin_ns + at_ms * CLOCK_MS};
}

static struct wall_time wall_at(const struct trial *t, int64_t at_ms)
{
    return wall_add_ms(t->begin, at_ms);
}

static void explain(struct trial *t, int64_t at_ms)
{
    struct text json;
    struct json *document;

    text_init(&json, JSON_MAX);
    if (engine_explain(t->engine, t->site.rule->id, TRIAL_IT, mono_at(at_ms),
                       wall_at(t, at_ms), &json, NULL) == 0) {
        document = json_parse(json.data, json.length, json.max, NULL);
        if (document != NULL)
            trial_text(document, INDENT + 2, t->why);
        json_free(document);
    }
    text_done(&json);
}

/* "active serious, unknown", "pending (since 1m30s, for 20s)". */
static void put_got(struct trial *t, const struct alarm *alarm)
{
    const struct rule_settings *rule = t->site.rule;
    char since[UNITS_SIZE];
    char due[UNITS_SIZE];

    text_add(t->why, alarm_state_name(alarm->state));
    if (alarm_is_active(alarm))
        text_addf(t->why, " %s", severity_name(alarm_severity(alarm, rule)));
    (void)units_format_duration(wall_diff_ms(alarm->since, t->begin), since);
    if (alarm->state == ALARM_PENDING)
        text_addf(t->why, " (since %s, for %s)", since,
                  units_format_duration(rule->for_ms, due));
    if (alarm->state == ALARM_CLEARING)
        text_addf(t->why, " (since %s, clear_for %s)", since,
                  units_format_duration(rule->clear_for_ms, due));
    if (alarm->unknown)
        text_add(t->why, ", unknown");
}

/* ---- time passes ---- */

/* The samples of all points at a step. */
static void feed(struct trial *t, int64_t at_ms)
{
    size_t count = 0;

    for (size_t i = 0; i < t->site.config.model->point_count; i++) {
        struct trial_point *point = &t->site.points[i];
        struct trial_moment moment = trial_series_next(&point->series, &point->cursor);

        if (moment.what == TRIAL_NOTHING)
            continue;
        t->batch[count++] = (struct sample){
            .point = (uint32_t)i,
            .quality = moment.what == TRIAL_BAD       ? QUALITY_BAD
                       : moment.reason == REASON_NONE ? QUALITY_GOOD
                                                      : QUALITY_UNCERTAIN,
            .reason = moment.reason,
            .value = moment.what == TRIAL_BAD ? 0 : moment.value,
            .time = wall_at(t, at_ms),
            .mono = mono_at(at_ms),
        };
    }
    engine_put(t->engine, t->batch, count);
}

static void ignore_change(void *context, const struct alarm_change *change)
{
    (void)context;
    (void)change;
}

static void step(struct trial *t, struct mono_time now)
{
    static const struct engine_out nobody = {.emit = ignore_change};
    struct wall_time wall = {t->begin.ns + (now.ns - begin_ns)};

    engine_step(t->engine, now, wall, &nobody);
    t->looks++;
}

/* The deadlines before `until`, which is looked at by the caller. */
static void pass_deadlines(struct trial *t, struct mono_time until)
{
    struct mono_time due = engine_due(t->engine);

    while (due.ns < until.ns && t->looks < TRIAL_LOOKS_MAX) {
        step(t, due);
        due = engine_due(t->engine);
    }
}

/* Up to and with `at_ms`. */
static void pass(struct trial *t, int64_t at_ms)
{
    while (t->steps * t->test->step_ms <= at_ms) {
        int64_t sample_ms = t->steps++ * t->test->step_ms;

        pass_deadlines(t, mono_at(sample_ms));
        feed(t, sample_ms);
        step(t, mono_at(sample_ms));
    }
    pass_deadlines(t, mono_at(at_ms));
    step(t, mono_at(at_ms));
}

/* ---- what is expected ---- */

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool is_met(const struct trial *t, const struct test_expect *expect,
                   const struct alarm *alarm)
{
    const struct rule_settings *rule = t->site.rule;

    if (given(expect->state) &&
        strcmp(expect->state, alarm_state_name(alarm->state)) != 0)
        return false;
    if (given(expect->mark) && (strcmp(expect->mark, "unknown") == 0) != alarm->unknown)
        return false;
    if (given(expect->level) &&
        (!alarm_is_active(alarm) ||
         strcmp(expect->level, severity_name(alarm_severity(alarm, rule))) != 0))
        return false;
    return true;
}

/* "at 2m40s expected active serious, got pending (since 1m30s, for 20s)" */
static void say_unmet(struct trial *t, const struct test_expect *expect,
                      const struct alarm *alarm)
{
    char at[UNITS_SIZE];

    if (t->result.verdict == TRIAL_PASSED)
        t->result.pos = expect->pos;
    t->result.verdict = TRIAL_FAILED;
    line_begin(t, INDENT);
    text_addf(t->why, "at %s expected", units_format_duration(expect->at_ms, at));
    if (given(expect->state))
        text_addf(t->why, " %s", expect->state);
    if (given(expect->level))
        text_addf(t->why, " %s", expect->level);
    if (given(expect->mark))
        text_addf(t->why, "%s %s", given(expect->state) ? "," : "", expect->mark);
    text_add(t->why, ", got ");
    put_got(t, alarm);
    text_add_char(t->why, '\n');
    if (t->explained++ < TRIAL_EXPLAINED_MAX)
        explain(t, expect->at_ms);
}

static bool has_state(const char *name)
{
    for (int i = ALARM_NORMAL; i <= ALARM_LATCHED; i++)
        if (strcmp(alarm_state_name((enum alarm_state)i), name) == 0)
            return true;
    return false;
}

/* In order of time, at times that can be reached, with words that exist. */
static bool expectations_are_fine(struct trial *t)
{
    const struct test_settings *test = t->test;
    int64_t before_ms = 0;

    if (test->expect_count == 0)
        return unusable(t, test->pos, "it expects nothing");
    for (size_t i = 0; i < test->expect_count; i++) {
        const struct test_expect *expect = &test->expect[i];

        if (expect->at_ms < before_ms)
            return unusable(t, expect->pos, "expectations stand in the order of time");
        before_ms = expect->at_ms;
        if (expect->at_ms / test->step_ms > TRIAL_STEPS_MAX)
            return unusable(t, expect->pos, "a test has at most 500000 steps");
        if (given(expect->state) && !has_state(expect->state))
            return unusable(t, expect->pos,
                            "a state is normal, pending, active, clearing or latched");
        if (given(expect->mark) && strcmp(expect->mark, "unknown") != 0 &&
            strcmp(expect->mark, "known") != 0)
            return unusable(t, expect->pos, "a mark is unknown or known");
        if (given(expect->level) && severity_from_name(expect->level) < 0)
            return unusable(t, expect->pos, "a level is minor, general or serious");
    }
    return true;
}

/* ---- the whole ---- */

/* "2026-03-02T01:00" in the zone of the test; a Monday noon when not given. */
static bool find_begin(struct trial *t)
{
    const char *start = given(t->test->start) ? t->test->start : "2026-03-02T12:00";
    struct err err = {0};
    struct tz *tz = tz_load(t->site.config.site.timezone, &err);
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int used = 0;

    if (tz == NULL)
        return unusable(t, t->test->pos, err.text);
    /* Fixed widths: nothing can be out of range. NOLINTNEXTLINE(cert-err34-c) */
    if (sscanf(start, "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute,
               &used) == 5 &&
        start[used] == '\0')
        t->begin = tz_instant(tz, year, month, day, hour, minute);
    tz_free(tz);
    return t->begin.ns != 0 ||
           unusable(t, t->test->pos, "start is written \"2026-03-02T01:00\"");
}

/* Compiles; what the rules say against it is a reason. */
static bool start_engine(struct trial *t)
{
    struct config_report *report = config_report_new();
    struct alarm alarm;
    struct err err = {0};
    struct text messages;

    text_init(&messages, 8000);
    for (size_t i = 0; i < t->site.config.rule_count; i++) {
        struct rule_settings *rule = &t->site.config.rules[i];

        rule->pos = rule->when.pos = rule->clear.pos = (struct config_pos){0};
        for (size_t k = 0; k < rule->level_count; k++)
            rule->levels[k].when.pos = (struct config_pos){0};
    }
    t->engine = engine_new(&t->site.config, mono_at(0), report);
    config_report_print(report, false, &messages);
    if (t->engine == NULL)
        (void)unusable(t, t->test->pos, messages.data);
    else if (!engine_alarm(t->engine, t->site.rule->id, TRIAL_IT, &alarm)) {
        (void)engine_explain(t->engine, t->site.rule->id, TRIAL_IT, mono_at(0), t->begin,
                             &messages, &err);
        (void)unusable(t, t->test->pos, err.text);
    }
    text_done(&messages);
    config_report_free(report);
    return t->result.verdict == TRIAL_PASSED;
}

static void run(struct trial *t)
{
    struct alarm alarm;

    t->batch = mem_array(t->site.config.model->point_count, sizeof *t->batch);
    for (size_t i = 0; i < t->test->expect_count; i++) {
        const struct test_expect *expect = &t->test->expect[i];

        pass(t, expect->at_ms);
        if (t->looks >= TRIAL_LOOKS_MAX) {
            (void)unusable(t, expect->pos, "it takes too long: a larger step will do");
            return;
        }
        (void)engine_alarm(t->engine, t->site.rule->id, TRIAL_IT, &alarm);
        if (is_met(t, expect, &alarm))
            t->result.held++;
        else
            say_unmet(t, expect, &alarm);
    }
}

struct trial_result trial_run(const struct config *config,
                              const struct test_settings *test, struct text *why)
{
    struct trial t = {.test = test, .why = why};
    struct trial_place place = {.pos = test->pos};
    struct err err = {0};

    if (trial_site_build(&t.site, config, test, &place, &err) != 0) {
        (void)unusable(&t, place.pos, err.text);
        t.result.offset = place.offset;
    } else if (expectations_are_fine(&t) && find_begin(&t) && start_engine(&t)) {
        run(&t);
    }
    engine_free(t.engine);
    mem_free(t.batch);
    trial_site_done(&t.site);
    return t.result;
}
