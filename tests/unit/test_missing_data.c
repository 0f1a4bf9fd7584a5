/* test_missing_data.c - what is not known neither raises nor clears: every test block of
 * the shipped rules is played up to some moment, and from then on nothing can be read any
 * more. Alarms then stay as they are for days, but for those whose very subject is the
 * loss of monitoring. */
#include "rules/trial.h"

#include "base/tz.h"
#include "rules/engine.h"
#include "rules/trial_site.h"
#include "tests/unit/config_fixture.h"

#include <assert.h>
#include <glob.h>

enum {
    CUTS = 4,                       /* moments of each block */
    SILENT_MS = 2 * 60 * 60 * 1000, /* bad samples come for so long */
    QUIET_MS = 3 * 24 * 60 * 60 * 1000,
    STEPS_MAX = 200000,
};

static const int64_t begin_ns = 1000 * CLOCK_S;

/* How the readings end. */
enum cut {
    CUT_NOTHING, /* nothing comes */
    CUT_TIMEOUT, /* every reading fails */
    CUT_OFFLINE, /* and the equipment is known to be offline */
    CUT_KINDS,
};

struct scene {
    const struct test_settings *test;
    struct trial_site site;
    struct engine *engine;
    struct wall_time begin;
    int64_t cut_ms;
    enum cut cut;
    int64_t now_ms;
    unsigned raised; /* since the cut and what could still be in force */
    unsigned returned;
    int64_t event_ms;
};

static struct fixture *fixture;
static unsigned scenes;

static struct mono_time mono_at(int64_t at_ms)
{
    return (struct mono_time){begin_ns + at_ms * CLOCK_MS};
}

/* What was read last is in force for three steps, at least 10 s. */
static int64_t in_force_until_ms(const struct scene *scene)
{
    int64_t hold_ms = 3 * scene->test->step_ms;

    return scene->cut_ms + (hold_ms < 10000 ? 10000 : hold_ms);
}

static void keep(void *context, const struct alarm_change *change)
{
    struct scene *scene = context;

    if (change->rule != scene->site.rule || scene->now_ms <= in_force_until_ms(scene))
        return;
    if (change->kind != CHANGE_RAISED && change->kind != CHANGE_RETURNED)
        return;
    scene->raised += change->kind == CHANGE_RAISED;
    scene->returned += change->kind == CHANGE_RETURNED;
    scene->event_ms = scene->now_ms;
}

static void step(struct scene *scene, struct mono_time now)
{
    struct wall_time wall = {scene->begin.ns + now.ns - begin_ns};

    scene->now_ms = (now.ns - begin_ns) / CLOCK_MS;
    engine_step(scene->engine, now, wall,
                &(struct engine_out){.emit = keep, .context = scene});
}

static void pass_deadlines(struct scene *scene, int64_t until_ms)
{
    struct mono_time due = engine_due(scene->engine);

    for (unsigned steps = 0; due.ns < mono_at(until_ms).ns; steps++) {
        assert_true(steps < STEPS_MAX);
        step(scene, due);
        due = engine_due(scene->engine);
    }
}

static struct sample sample_of(const struct scene *scene, size_t point, int64_t at_ms)
{
    struct trial_point *of = &scene->site.points[point];
    struct trial_moment moment = trial_series_next(&of->series, &of->cursor);
    struct sample sample = {
        .point = (uint32_t)point,
        .quality = moment.what == TRIAL_BAD       ? QUALITY_BAD
                   : moment.reason == REASON_NONE ? QUALITY_GOOD
                                                  : QUALITY_UNCERTAIN,
        .reason = moment.reason,
        .value = moment.what == TRIAL_BAD ? 0 : moment.value,
        .time = wall_add_ms(scene->begin, at_ms),
        .mono = mono_at(at_ms),
    };

    if (moment.what == TRIAL_NOTHING)
        sample.point = MODEL_NONE;
    if (at_ms < scene->cut_ms)
        return sample;
    sample.point = scene->cut == CUT_NOTHING ? MODEL_NONE : (uint32_t)point;
    sample.quality = QUALITY_BAD;
    sample.reason = REASON_TIMEOUT;
    sample.value = 0;
    if (scene->site.config.model->points[point].builtin) { /* "online" */
        sample.quality = QUALITY_GOOD;
        sample.reason = REASON_NONE;
        if (scene->cut == CUT_TIMEOUT)
            sample.point = MODEL_NONE;
    }
    return sample;
}

static void feed(struct scene *scene, int64_t at_ms)
{
    for (size_t i = 0; i < scene->site.config.model->point_count; i++) {
        struct sample sample = sample_of(scene, i, at_ms);

        if (sample.point != MODEL_NONE)
            engine_put(scene->engine, &sample, 1);
    }
}

static void play(struct scene *scene)
{
    int64_t end_ms = scene->cut_ms + (scene->cut == CUT_NOTHING ? 0 : SILENT_MS);

    for (int64_t at = 0; at <= end_ms; at += scene->test->step_ms) {
        pass_deadlines(scene, at);
        feed(scene, at);
        step(scene, mono_at(at));
    }
    pass_deadlines(scene, end_ms + QUIET_MS);
}

static int64_t length_ms(const struct test_settings *test)
{
    int64_t last = 0;

    for (size_t i = 0; i < test->expect_count; i++)
        if (test->expect[i].at_ms > last)
            last = test->expect[i].at_ms;
    return last;
}

static bool open_scene(struct scene *scene)
{
    struct trial_place place;
    struct err err = {0};
    struct config_report *report;

    if (trial_site_build(&scene->site, fixture->config, scene->test, &place, &err) != 0) {
        trial_site_done(&scene->site);
        return false;
    }
    report = config_report_new();
    assert_true(wall_parse("2026-03-02T04:00:00Z", &scene->begin));
    scene->engine = engine_new(&scene->site.config, mono_at(0), report);
    config_report_free(report);
    return scene->engine != NULL;
}

static void close_scene(struct scene *scene)
{
    engine_free(scene->engine);
    trial_site_done(&scene->site);
}

/* What may happen when nothing can be read: it is what these are about. */
static bool may(const struct scene *scene)
{
    static const char *const watchers[] = {"equipment.",      "link.",
                                           "gateway.",        "quality.",
                                           "fire.panel_lost", "fire.panel_silent"};
    const char *id = scene->test->rule;

    for (size_t i = 0; i < sizeof watchers / sizeof watchers[0]; i++)
        if (strncmp(id, watchers[i], strlen(watchers[i])) == 0)
            return true;
    /* A night that was read for the most part ends. */
    return strcmp(id, "water.night_minimum") == 0 && scene->returned == 0;
}

static void cut_block(const struct test_settings *test, int64_t cut_ms, enum cut cut)
{
    struct scene scene = {.test = test, .cut_ms = cut_ms, .cut = cut};

    if (!open_scene(&scene))
        return;
    play(&scene);
    if (scene.raised + scene.returned > 0 && !may(&scene))
        fail_msg(
            "%s / %s: cut (%d) after %lld s, raised %u and returned %u times, %lld s "
            "later",
            test->rule, test->name, (int)cut, (long long)cut_ms / 1000, scene.raised,
            scene.returned, (long long)(scene.event_ms - cut_ms) / 1000);
    scenes++;
    close_scene(&scene);
}

static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < fixture->config->test_count; i++) {
        const struct test_settings *test = &fixture->config->tests[i];

        for (int k = 1; k <= CUTS; k++)
            for (int cut = 0; cut < CUT_KINDS; cut++)
                cut_block(test, length_ms(test) * k / CUTS, (enum cut)cut);
    }
    print_message("%u scenes\n", scenes);
    check_case("many", scenes > 1000);
}

static void test_loads(void **state)
{
    glob_t found;

    (void)state;
    assert_int_equal(glob("rules/library/*.cfg", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *name = mem_format("shipped/rules/%s", strrchr(found.gl_pathv[i], '/') + 1);

        put_copy(fixture, name, found.gl_pathv[i]);
        mem_free(name);
    }
    globfree(&found);
    put(fixture, "site.cfg", SITE);
    load(fixture, "site.cfg");
    assert_non_null(fixture->config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads),
        cmocka_unit_test(test_cut),
    };
    void *state;
    int failed;

    assert(setup(&state) == 0);
    fixture = state;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)teardown(&state);
    return failed;
}
