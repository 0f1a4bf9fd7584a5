/* engine_eval.c - what is dirty or due is evaluated, and its alarm steps. What has
 * happened is told at the end of the step (engine_emit.c), so that a cause comes before
 * its symptoms whatever was evaluated first. */
#include "rules/engine_impl.h"
#include "rules/settled.h"

#include <assert.h>
#include <string.h>

enum {
    /* A running delay is stored again when it has advanced this far: a restart loses at
     * most so much of it, and short delays are not written at all. */
    PROGRESS_MS = 10000,
    BLIND_LOOK_MS = 60000, /* how often what is blind is evaluated at least */

    /* How many items ahead memory is asked for. */
    FETCH_RESTING = 16,
    FETCH_TRACK = 8,
};

/* A difference between the clocks that jumps by more is a step of the wall clock. */
#define CLOCK_STEP_NS (1 * CLOCK_S)

void engine_mark(struct engine *engine, uint32_t item)
{
    bool *dirty = item < engine->instance_count
                      ? &engine->instances[item].dirty
                      : &engine->computed[item - engine->instance_count].dirty;
    size_t room = engine_items(engine);
    size_t slot = engine->dirty_head + engine->dirty_count;

    if (*dirty)
        return;
    *dirty = true;
    engine->dirty[slot < room ? slot : slot - room] = item;
    engine->dirty_count++;
}

void engine_rouse(struct engine *engine, struct instance *instance)
{
    instance->idle = false;
    engine->resting[engine_index_of(engine, instance)] = 0;
}

struct eval engine_eval_begin(const struct engine *engine, const struct binding *binding,
                              const struct rule_settings *rule)
{
    return (struct eval){
        .now_ns = engine->now_ns,
        .start_ns = engine->start_ns,
        .run_ns = engine->run_ns,
        .stop_ns = engine->stop_ns,
        .wall = engine->wall,
        .tz = engine->tz,
        .calendar = &engine->config->calendar,
        .min_cover = rule->min_cover,
        .binding = binding,
        .stack = engine->stack,
        .due_ns = INT64_MAX,
    };
}

static enum truth opposite(enum truth truth)
{
    if (truth == TRUTH_UNKNOWN)
        return TRUTH_UNKNOWN;
    return truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

/* Of all levels together: Kleene's or. */
static enum truth any_level(const struct alarm_truths *truths, size_t count)
{
    enum truth any = TRUTH_FALSE;

    for (size_t i = 0; i < count; i++) {
        if (truths->levels[i] == TRUTH_TRUE)
            return TRUTH_TRUE;
        if (truths->levels[i] == TRUTH_UNKNOWN)
            any = TRUTH_UNKNOWN;
    }
    return any;
}

void engine_truths(struct engine *engine, struct instance *instance, struct eval *eval,
                   struct alarm_truths *truths, uint32_t *marks)
{
    const struct unit *unit = instance->unit;
    struct value value;

    *eval = engine_eval_begin(engine, &instance->binding, unit->rule);
    if (unit->program->blind)
        eval->blind = engine->blind_count[instance->equipment->index] > 0;
    *marks = 0;
    if (unit->rule->level_count == 0) {
        value = eval_run(eval, unit->program, unit->starts[PART_WHEN]);
        truths->when = value_truth(value);
        *marks = value.marks;
    } else {
        for (size_t i = 0; i < unit->rule->level_count; i++) {
            value = eval_run(eval, unit->program, unit->starts[PART_LEVEL + i]);
            truths->levels[i] = value_truth(value);
            *marks |= value.marks;
        }
        truths->when = any_level(truths, unit->rule->level_count);
    }
    if (unit->parts.asts[PART_CLEAR] == NULL) {
        truths->clear = opposite(truths->when);
        return;
    }
    value = eval_run(eval, unit->program, unit->starts[PART_CLEAR]);
    truths->clear = value_truth(value);
    *marks |= value.marks;
}

/* When the truths may change by themselves, if that is later than when a window should be
 * looked at again. False when bounds do not decide them. */
static bool settle(const struct instance *instance, const struct alarm_truths *truths,
                   struct eval *eval, bool *limited)
{
    const struct unit *unit = instance->unit;
    struct settled_until until = {.ns = INT64_MAX};

    if (!unit->settles || instance->restored || truths->when == TRUTH_UNKNOWN ||
        truths->clear == TRUTH_UNKNOWN)
        return false;
    for (int part = 0; part < PART_COUNT; part++)
        if (unit->parts.asts[part] != NULL &&
            !settled(eval, unit->program, unit->starts[part], &until))
            return false;
    if (until.ns > eval->due_ns)
        eval->due_ns = until.ns;
    *limited = until.limited;
    return !until.exact;
}

/* Whole milliseconds since the last step; the rest is counted next time. */
static int64_t elapsed_ms(struct instance *instance, int64_t now_ns)
{
    int64_t elapsed;

    if (instance->stepped_ns == INT64_MIN)
        instance->stepped_ns = now_ns;
    if (now_ns - instance->stepped_ns < CLOCK_MS)
        return 0;
    elapsed = (now_ns - instance->stepped_ns) / CLOCK_MS;
    instance->stepped_ns += elapsed * CLOCK_MS;
    return elapsed;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Asked before the change is reported: a delay that runs is also stored as it advances.
 */
static int64_t next_due(const struct engine *engine, const struct instance *instance,
                        int64_t eval_ns, int64_t alarm_ms)
{
    int64_t now_ns = engine->now_ns;
    int64_t every_ms = instance->unit->rule->every_ms;
    int64_t due = every_ms > 0 ? now_ns + every_ms * CLOCK_MS : eval_ns;

    if (alarm_ms != INT64_MAX) {
        if (alarm_ms > PROGRESS_MS)
            alarm_ms = PROGRESS_MS;
        due = earlier(due, instance->stepped_ns + alarm_ms * CLOCK_MS);
    }
    if (instance->blind_ns != INT64_MAX && !instance->blind)
        due = earlier(due, instance->blind_ns +
                               instance->unit->rule->blind_after_ms * CLOCK_MS);
    else if (instance->blind_ns != INT64_MAX) /* a rule of `every` may see again before */
        due = earlier(due, now_ns + BLIND_LOOK_MS * CLOCK_MS);
    if (instance->chatter.active)
        due = earlier(due, now_ns + chatter_end(&instance->chatter).ns - engine->wall.ns);
    return due > now_ns ? due : now_ns + CLOCK_MS;
}

/* Who asks active() of it must see that it has changed. */
static void wake_watchers(struct engine *engine, struct instance *instance,
                          uint32_t index)
{
    bool active = alarm_is_active(&instance->alarm);

    if (active == instance->told_active)
        return;
    instance->told_active = active;
    instance->active_ns = engine->now_ns;
    for (uint32_t i = engine->watcher_first[index]; i < engine->watcher_first[index + 1];
         i++)
        engine_mark(engine, engine->watchers[i]);
}

/* Whether the store must hear of it although nothing happened. */
static bool is_progress(const struct instance *instance)
{
    const struct alarm *alarm = &instance->alarm;
    bool advanced = alarm->observed_ms >= instance->stored_ms + PROGRESS_MS;

    switch (alarm->state) {
    case ALARM_NORMAL:
        return instance->stored;
    case ALARM_PENDING:
        return advanced || (instance->stored && instance->event == ALARM_MOVED);
    case ALARM_ACTIVE:
    case ALARM_CLEARING:
    case ALARM_LATCHED:
        break;
    }
    return advanced || instance->event == ALARM_MOVED;
}

static void note_change(struct engine *engine, struct instance *instance, uint32_t index)
{
    if (instance->event <= ALARM_MOVED) {
        bool progress = is_progress(instance);

        instance->event = progress ? ALARM_MOVED : ALARM_NOTHING;
        if (!progress && !instance->chatter.active)
            return;
    }
    if (instance->changed)
        return;
    instance->changed = true;
    engine->changed[engine->changed_count++] = index;
}

/* An instance is evaluated again within a step only when a virtual point or an alarm that
 * it asks for has changed. When there is something to tell already, that is told first.
 */
static bool is_too_early(struct engine *engine, struct instance *instance, uint32_t index)
{
    if (instance->event < ALARM_RAISED)
        return false;
    engine_rouse(engine, instance); /* what has changed must be looked at */
    instance->due_ns = engine->now_ns + CLOCK_MS;
    agenda_set(engine->agenda, index, instance->due_ns);
    return true;
}

/* Nothing but a reading, or one that fails to come, can change its truths. */
static bool is_idle(const struct instance *instance, const struct alarm_truths *truths,
                    bool settled)
{
    const struct alarm *alarm = &instance->alarm;

    return (instance->unit->plain || settled) && alarm->observed_ms < 0 &&
           alarm->level_ms < 0 && truths->when != TRUTH_UNKNOWN &&
           truths->clear != TRUTH_UNKNOWN && instance->blind_ns == INT64_MAX &&
           !instance->chatter.active;
}

static const struct alarm_truths all_unknown = {
    .when = TRUTH_UNKNOWN,
    .clear = TRUTH_UNKNOWN,
    .levels = {TRUTH_UNKNOWN, TRUTH_UNKNOWN, TRUTH_UNKNOWN},
};

/* What was put back from the past may be a second older than the alarm: it neither clears
 * nor raises until every point has been heard of in this run, or half a minute is over
 * (what reports on change may stay silent for good). */
static bool is_heard(const struct engine *engine, struct instance *instance)
{
    const struct program *program = instance->unit->program;

    for (size_t i = 0; i < program->point_count; i++)
        if (instance->binding.tracks[i]->heard_ns < engine->run_ns &&
            engine->now_ns - engine->run_ns < HEARD_WITHIN_MS * CLOCK_MS)
            return false;
    if (program->blind && blind_known_ns(engine, instance) > engine->now_ns)
        return false;
    instance->restored = false;
    return true;
}

static void evaluate(struct engine *engine, uint32_t index)
{
    struct instance *instance = &engine->instances[index];
    const struct unit *unit = instance->unit;
    struct eval eval;
    struct alarm_truths truths;
    enum alarm_event event;
    bool settled;
    bool limited = false;
    bool was_unknown = instance->alarm.unknown || instance->stepped_ns == INT64_MIN;
    uint32_t marks;

    instance->dirty = false;
    if (is_too_early(engine, instance, index))
        return;
    engine_truths(engine, instance, &eval, &truths, &marks);
    if (instance->restored && !is_heard(engine, instance)) {
        truths = all_unknown;
        marks = WHY_STARTUP;
        eval_due(&eval, unit->program->blind
                            ? blind_known_ns(engine, instance)
                            : engine->run_ns + HEARD_WITHIN_MS * CLOCK_MS);
    }
    if (truths.when == TRUTH_TRUE && instance->when != TRUTH_TRUE)
        instance->began_ns = engine->now_ns;
    instance->when = (uint8_t)truths.when;
    event = alarm_step(&instance->alarm, &unit->timing,
                       elapsed_ms(instance, engine->now_ns), &truths, engine->wall);
    if (event > (enum alarm_event)instance->event)
        instance->event = (uint8_t)event;
    if (instance->alarm.unknown != was_unknown && engine->unknown != NULL)
        unknown_moved(engine, index, instance->alarm.unknown);
    if (!unit->program->blind)
        blind_watch(engine, instance, marks);
    settled = settle(instance, &truths, &eval, &limited);
    instance->due_ns =
        next_due(engine, instance, eval.due_ns,
                 alarm_deadline_ms(&instance->alarm, &unit->timing, &truths));
    agenda_set(engine->agenda, index, instance->due_ns);
    wake_watchers(engine, instance, index);
    note_change(engine, instance, index);
    instance->idle = is_idle(instance, &truths, settled && !limited);
    engine->resting[index] = instance->idle && instance->track != NULL
                                 ? engine->places[track_point(instance->track)->index]
                                 : 0;
    if (unit->rule->every_ms != 0)
        return;
    engine_narrow(instance, &eval, settled);
}

void engine_catch_up(struct engine *engine, const struct track *track)
{
    if (!engine->offset_known) /* nothing can be raised before the first step */
        return;
    engine->wall = (struct wall_time){engine->now_ns + engine->offset_ns};
    for (uint32_t i = 0; i < track->dependents; i++) {
        uint32_t index = engine->dependents[track->first_dependent + i];

        if (!engine->instances[index].dirty) /* rules of `every` have their time */
            continue;
        evaluate(engine, index);
        engine->instances[index].dirty = true; /* it is still in the queue */
    }
}

/* What was put back is active since a time of the wall clock; from here on no step of
 * that clock makes it older. */
static void anchor_restored(struct engine *engine)
{
    for (size_t i = 0; i < engine->instance_count; i++) {
        struct instance *instance = &engine->instances[i];
        const struct alarm *alarm = &instance->alarm;
        int64_t raised_ns = alarm->raised.ns != 0 ? alarm->raised.ns : alarm->since.ns;

        if (instance->active_ns == INT64_MIN)
            instance->active_ns = raised_ns - engine->offset_ns < engine->now_ns
                                      ? raised_ns - engine->offset_ns
                                      : engine->now_ns; /* the clock was set back */
    }
}

/* A step of the wall clock changes what time of day it is. */
static void see_clocks(struct engine *engine, struct mono_time mono,
                       struct wall_time wall)
{
    int64_t offset = wall.ns - mono.ns;
    int64_t jump = offset - engine->offset_ns;

    if (engine->offset_known && (jump > CLOCK_STEP_NS || jump < -CLOCK_STEP_NS))
        for (size_t i = 0; i < engine->instance_count; i++)
            if (engine->instances[i].unit->program->calendar)
                engine_mark(engine, (uint32_t)i);
    engine->offset_ns = offset;
    if (engine->restored && !engine->offset_known)
        anchor_restored(engine);
    engine->offset_known = true;
    engine->wall = wall;
}

/* When the value gets stale; at once when there is none. */
static int64_t stale_ns(const struct track *track)
{
    if (!track->has_value)
        return INT64_MIN;
    return track->hold_ms == HOLD_FOREVER ? INT64_MAX
                                          : track->time_ns + track_hold_ns(track) + 1;
}

/* Of an idle one readings may have come in time meanwhile. */
static int64_t due_now(struct instance *instance)
{
    if (instance->idle) {
        instance->due_ns = INT64_MAX;
        for (size_t i = 0; i < instance->unit->program->point_count; i++)
            instance->due_ns =
                earlier(instance->due_ns, stale_ns(instance->binding.tracks[i]));
    }
    return instance->due_ns;
}

static inline __attribute__((always_inline)) void fetch_ahead(const struct engine *engine)
{
    uint32_t item;

    if (agenda_peek(engine->agenda, FETCH_RESTING, &item) &&
        item < engine->instance_count)
        __builtin_prefetch(&engine->resting[item]);
    if (agenda_peek(engine->agenda, FETCH_TRACK, &item) && item < engine->instance_count)
        __builtin_prefetch(engine->resting[item] != 0
                               ? (const void *)&engine->tracks[engine->resting[item]]
                               : (const void *)&engine->instances[item]);
}

static void mark_due(struct engine *engine)
{
    uint32_t item;

    while (agenda_take(engine->agenda, engine->now_ns, &item)) {
        int64_t due_ns = INT64_MIN;

        fetch_ahead(engine);
        if (item < engine->instance_count)
            due_ns = engine->resting[item] != 0
                         ? stale_ns(&engine->tracks[engine->resting[item]])
                         : due_now(&engine->instances[item]);
        if (due_ns <= engine->now_ns)
            engine_mark(engine, item);
        else
            agenda_set(engine->agenda, item, due_ns);
    }
}

/* What the evaluations ahead will touch, further and further along its pointers. */
static void fetch_dirty(const struct engine *engine)
{
    static const unsigned ahead[EVAL_FETCH_STEPS + 1] = {14, 10, 7, 5, 3};
    size_t room = engine_items(engine);

    for (unsigned step = 0; step <= EVAL_FETCH_STEPS; step++) {
        size_t slot = engine->dirty_head + ahead[step];
        uint32_t item;

        if (ahead[step] >= engine->dirty_count)
            continue;
        item = engine->dirty[slot < room ? slot : slot - room];
        if (item >= engine->instance_count)
            continue;
        if (step == 0) {
            const char *at = (const char *)&engine->instances[item];

            for (size_t i = 0; i < offsetof(struct instance, equipment); i += 64)
                __builtin_prefetch(at + i, 1);
        } else {
            eval_fetch(&engine->instances[item].binding,
                       engine->instances[item].unit->program, step - 1);
        }
    }
}

static uint32_t take_dirty(struct engine *engine)
{
    uint32_t item = engine->dirty[engine->dirty_head];

    if (++engine->dirty_head == engine_items(engine))
        engine->dirty_head = 0;
    engine->dirty_count--;
    return item;
}

void engine_step(struct engine *engine, struct mono_time mono, struct wall_time wall,
                 const struct engine_out *out)
{
    if (mono.ns > engine->now_ns)
        engine->now_ns = mono.ns;
    see_clocks(engine, mono, wall);
    while (engine->fresh_count > 0)
        engine->tracks[engine->fresh[--engine->fresh_count]].fresh = false;
    mark_due(engine);
    while (engine->dirty_count > 0) { /* ends: what asks of each other has no circles */
        uint32_t item;

        fetch_dirty(engine);
        item = take_dirty(engine);
        if (item < engine->instance_count)
            evaluate(engine, item);
        else
            virtual_evaluate(engine, item, out);
    }
    engine_tell(engine, out);
}
