/* backtest.c - see backtest.h. */
#include "reports/backtest.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAD_MIN_MS = 60 * 60 * 1000,
    /* Deadlines between two readings; an engine that is always due is a bug. */
    STEPS_MAX = 10000000,
    NO_RAISE = -1,
};

struct backtest {
    /* fixed after new */
    struct backtest_settings settings;
    struct backtest_plan plan;
    struct engine *engine;
    struct engine_out out;
    struct wall_time begin;

    int64_t now_ns;   /* of readings that were put and not yet stepped; 0 = none */
    int32_t *running; /* raise under way, by tried rule and equipment; NO_RAISE */
    struct raise *raises;
    size_t count;
    size_t capacity;
    uint64_t lost;
    size_t latched_count; /* returned in this step; to be reset behind it */
};

/* ---- what the engine says ---- */

static int32_t *running_of(struct backtest *backtest, const struct alarm_change *change)
{
    ptrdiff_t rule = change->rule - backtest->plan.rules;

    if ((size_t)rule >= backtest->plan.tried)
        return NULL;
    return &backtest->running[(size_t)rule *
                                  backtest->settings.config->model->equipment_count +
                              change->equipment->index];
}

static int32_t add_raise(struct backtest *backtest, const struct raise *raise)
{
    if (backtest->count == BACKTEST_RAISES_MAX) {
        backtest->lost++;
        return NO_RAISE;
    }
    if (backtest->count == backtest->capacity) {
        backtest->capacity = backtest->capacity * 2 + 64;
        backtest->raises =
            mem_resize(backtest->raises, backtest->capacity, sizeof *backtest->raises);
    }
    backtest->raises[backtest->count] = *raise;
    return (int32_t)backtest->count++;
}

/* Many of the same signal are one issue; a highly managed one goes out all the same. */
static bool is_held(const struct alarm_change *change)
{
    return change->chatter.active && !change->rule->highly_managed;
}

static void take_standing(struct raise *raise, const struct alarm_change *change)
{
    /* One that has to prove itself anew is a symptom until it has. */
    if (change->standing != STANDING_REPROVE)
        raise->standing = change->standing;
    if (change->standing == STANDING_SYMPTOM && change->cause_rule != NULL) {
        raise->cause_rule = change->cause_rule->id;
        raise->cause_equipment = change->cause_equipment->id;
    }
    if (change->standing == STANDING_ROOT && raise->told.ns == 0 && !is_held(change))
        raise->told = change->time;
}

/* What people were told of is from now on a part of something else. */
static void end_told(struct backtest *backtest, int32_t *running,
                     const struct alarm_change *change)
{
    struct raise rest = backtest->raises[*running];

    if (rest.told.ns == 0)
        return;
    backtest->raises[*running].returned = change->time;
    backtest->raises[*running].standing = STANDING_SYMPTOM;
    rest.raised = change->time;
    rest.told = (struct wall_time){0};
    *running = add_raise(backtest, &rest);
}

static void begin_raise(struct backtest *backtest, int32_t *running,
                        const struct alarm_change *change)
{
    const struct raise raise = {
        .rule = (uint32_t)(change->rule - backtest->plan.rules),
        .equipment = change->equipment->index,
        .raised = change->time,
        .severity = change->severity,
    };

    *running = add_raise(backtest, &raise);
}

static void end_raise(struct backtest *backtest, int32_t *running,
                      const struct alarm_change *change)
{
    backtest->raises[*running].returned = change->time;
    *running = NO_RAISE;
    if (change->alarm.state == ALARM_LATCHED)
        backtest->latched_count++;
}

static void take_change(void *context, const struct alarm_change *change)
{
    struct backtest *backtest = context;
    int32_t *running = running_of(backtest, change);

    if (running == NULL)
        return;
    if (change->kind == CHANGE_RAISED)
        begin_raise(backtest, running, change);
    if (*running == NO_RAISE)
        return;
    if (change->severity > backtest->raises[*running].severity)
        backtest->raises[*running].severity = change->severity;
    if (change->kind == CHANGE_CHATTERS)
        backtest->raises[*running].chattering = true;
    if ((change->kind == CHANGE_STANDING && change->standing == STANDING_SYMPTOM) ||
        (change->kind == CHANGE_CHATTERS && is_held(change)))
        end_told(backtest, running, change);
    if (change->kind == CHANGE_RETURNED)
        end_raise(backtest, running, change);
    else if (*running != NO_RAISE && change->kind != CHANGE_PROGRESS)
        take_standing(&backtest->raises[*running], change);
}

/* ---- birth ---- */

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Windows, then the delays of a rule that is about to be raised, then those of the alarm
 * that explains it. */
static int64_t lead_ms(const struct engine *engine, const struct config *config)
{
    int64_t reach_ms = LEAD_MIN_MS;
    int64_t delays_ms = 0;

    for (uint32_t i = 0; i < config->model->point_count; i++)
        reach_ms = longer(reach_ms, engine_reach_ms(engine, i));
    for (size_t i = 0; i < config->rule_count; i++)
        delays_ms =
            longer(delays_ms, config->rules[i].for_ms + config->rules[i].clear_for_ms +
                                  config->rules[i].every_ms);
    return reach_ms + 2 * delays_ms;
}

/* When the rules are to begin to look, so that they know everything at `from`. */
static struct wall_time choose_begin(const struct backtest_settings *settings,
                                     const struct config *config,
                                     struct config_report *report)
{
    struct engine *engine =
        engine_new(config, (struct mono_time){settings->from.ns}, report);
    struct wall_time begin = {0};

    if (engine == NULL)
        return begin;
    begin = wall_add_ms(settings->from, -lead_ms(engine, config));
    engine_free(engine);
    return begin.ns > settings->oldest.ns ? begin : settings->oldest;
}

struct backtest *backtest_new(const struct backtest_settings *settings,
                              struct config_report *report)
{
    struct backtest *backtest = mem_alloc(sizeof *backtest);
    size_t pairs = settings->tried_count * settings->config->model->equipment_count;

    backtest->settings = *settings;
    backtest->out = (struct engine_out){.emit = take_change, .context = backtest};
    backtest_plan_make(&backtest->plan, settings->config, settings->tried,
                       settings->tried_count);
    backtest->settings.tried = NULL; /* the plan has copies */
    backtest->begin = choose_begin(settings, &backtest->plan.config, report);
    if (backtest->begin.ns != 0)
        backtest->engine = engine_new(&backtest->plan.config,
                                      (struct mono_time){backtest->begin.ns}, report);
    if (backtest->engine == NULL) {
        backtest_free(backtest);
        return NULL;
    }
    engine_watch_unknown(backtest->engine, (struct mono_time){settings->from.ns});
    backtest->running = mem_array(pairs + 1, sizeof *backtest->running);
    for (size_t i = 0; i < pairs; i++)
        backtest->running[i] = NO_RAISE;
    return backtest;
}

void backtest_free(struct backtest *backtest)
{
    if (backtest == NULL)
        return;
    engine_free(backtest->engine);
    backtest_plan_done(&backtest->plan);
    mem_free(backtest->running);
    mem_free(backtest->raises);
    mem_free(backtest);
}

static void count_instances(void *context, const struct rule_settings *rule,
                            size_t instances, size_t active)
{
    struct {
        const struct backtest *backtest;
        size_t sum;
    } *counting = context;

    (void)active;
    if ((size_t)(rule - counting->backtest->plan.rules) < counting->backtest->plan.tried)
        counting->sum += instances;
}

size_t backtest_instances(const struct backtest *backtest)
{
    struct {
        const struct backtest *backtest;
        size_t sum;
    } counting = {backtest, 0};

    engine_visit_rules(backtest->engine, count_instances, &counting);
    return counting.sum;
}

/* Computed points are computed again. */
bool backtest_wants(const struct backtest *backtest, uint32_t point)
{
    return backtest->settings.config->model->points[point].formula == 0 &&
           engine_reach_ms(backtest->engine, point) > 0;
}

struct wall_time backtest_begin(const struct backtest *backtest)
{
    return backtest->begin;
}

int64_t backtest_hours_ms(const struct backtest *backtest, uint32_t point)
{
    return engine_hours_ms(backtest->engine, point);
}

void backtest_hour(struct backtest *backtest, uint32_t point, struct wall_time start,
                   double mean)
{
    engine_recall_hour(backtest->engine, point, start, mean);
}

/* ---- the past ---- */

/* A latched alarm waits for a person, who is thought to come at once. */
static void reset_latched(struct backtest *backtest)
{
    const struct config *config = &backtest->plan.config;

    backtest->latched_count = 0;
    for (size_t r = 0; r < backtest->plan.tried; r++)
        for (size_t e = 0; config->rules[r].latch && e < config->model->equipment_count;
             e++)
            (void)engine_reset(backtest->engine, config->rules[r].id,
                               config->model->equipment[e].id);
}

/* Wall and monotonic time are the same here. */
static void step(struct backtest *backtest, int64_t ns)
{
    engine_step(backtest->engine, (struct mono_time){ns}, (struct wall_time){ns},
                &backtest->out);
    if (backtest->latched_count > 0)
        reset_latched(backtest);
}

static void step_readings(struct backtest *backtest)
{
    if (backtest->now_ns != 0)
        step(backtest, backtest->now_ns);
    backtest->now_ns = 0;
}

/* Deadlines before `until`. */
static void step_deadlines(struct backtest *backtest, int64_t until_ns)
{
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        int64_t due_ns = engine_due(backtest->engine).ns;

        if (due_ns >= until_ns)
            return;
        step(backtest, due_ns);
    }
}

void backtest_put(struct backtest *backtest, struct sample *samples, size_t count)
{
    size_t i = 0;

    for (size_t k = 0; k < count; k++)
        samples[k].mono = (struct mono_time){samples[k].time.ns};

    while (i < count) {
        int64_t ns = samples[i].time.ns;
        size_t same = 1;

        if (ns != backtest->now_ns) {
            step_readings(backtest);
            step_deadlines(backtest, ns);
        }
        while (i + same < count && samples[i + same].time.ns == ns)
            same++;
        engine_put(backtest->engine, samples + i, same);
        backtest->now_ns = ns;
        i += same;
    }
}

void backtest_finish(struct backtest *backtest)
{
    size_t kept = 0;

    step_readings(backtest);
    step_deadlines(backtest, backtest->settings.to.ns);
    for (size_t i = 0; i < backtest->count; i++) {
        const struct raise *raise = &backtest->raises[i];

        if (raise->raised.ns < backtest->settings.to.ns &&
            (raise->returned.ns == 0 || raise->returned.ns >= backtest->settings.from.ns))
            backtest->raises[kept++] = *raise;
    }
    backtest->count = kept;
}

const struct raise *backtest_raises(const struct backtest *backtest, size_t *count)
{
    *count = backtest->count;
    return backtest->raises;
}

struct counting_unknown {
    const struct backtest *backtest;
    struct backtest_unknown sum;
};

static void count_unknown(void *context, const struct rule_settings *rule,
                          int64_t unknown_ms)
{
    struct counting_unknown *counting = context;
    const struct backtest *backtest = counting->backtest;
    int64_t span_ms = wall_diff_ms(backtest->settings.to, backtest->settings.from);

    if ((size_t)(rule - backtest->plan.rules) >= backtest->plan.tried)
        return;
    counting->sum.ms += unknown_ms;
    counting->sum.always += unknown_ms >= span_ms ? 1 : 0;
}

struct backtest_unknown backtest_unknown(const struct backtest *backtest)
{
    struct counting_unknown counting = {.backtest = backtest};

    engine_visit_unknown(backtest->engine, (struct mono_time){backtest->settings.to.ns},
                         count_unknown, &counting);
    return counting.sum;
}

uint64_t backtest_lost(const struct backtest *backtest)
{
    return backtest->lost;
}
