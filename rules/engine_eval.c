/* engine_eval.c - what is dirty or due is evaluated, and its alarm steps. */
#include "rules/engine_impl.h"

#include <string.h>

enum {
    /* A running delay is stored again when it has advanced this far: a restart loses at
     * most so much of it, and short delays are not written at all. */
    PROGRESS_MS = 10000,
};

/* A difference between the clocks that jumps by more is a step of the wall clock. */
#define CLOCK_STEP_NS (1 * CLOCK_S)

void engine_mark(struct engine *engine, uint32_t instance)
{
    if (engine->instances[instance].dirty)
        return;
    engine->instances[instance].dirty = true;
    engine->dirty[engine->dirty_count++] = instance;
}

struct eval engine_eval_begin(const struct engine *engine,
                              const struct instance *instance, struct wall_time wall)
{
    return (struct eval){
        .now_ns = engine->now_ns,
        .start_ns = engine->start_ns,
        .wall = wall,
        .tz = engine->tz,
        .calendar = &engine->config->calendar,
        .min_cover = instance->unit->rule->min_cover,
        .binding = &instance->binding,
        .stack = engine->stack,
        .due_ns = INT64_MAX,
    };
}

/* Whether people need not, but the store must, hear of it. */
static bool is_progress(const struct instance *instance, enum alarm_event event)
{
    const struct alarm *alarm = &instance->alarm;
    bool advanced = alarm->observed_ms >= instance->stored_ms + PROGRESS_MS;

    switch (alarm->state) {
    case ALARM_NORMAL:
        return instance->stored;
    case ALARM_PENDING:
        return advanced || (instance->stored && event == ALARM_MOVED);
    case ALARM_ACTIVE:
    case ALARM_CLEARING:
    case ALARM_LATCHED:
        break;
    }
    return advanced || event == ALARM_MOVED;
}

static void report_change(struct engine *engine, struct instance *instance,
                          enum alarm_event event, struct wall_time wall,
                          const struct engine_out *out)
{
    struct alarm_change change = {
        .kind = CHANGE_PROGRESS,
        .rule = instance->unit->rule,
        .equipment = instance->equipment,
        .alarm = instance->alarm,
        .severity = alarm_severity(&instance->alarm, instance->unit->rule),
        .standing = alarm_is_active(&instance->alarm) ? STANDING_ROOT : STANDING_NONE,
        .chatter = instance->chatter,
        .time = wall,
    };

    if (event == ALARM_RAISED || event == ALARM_RETURNED) {
        change.kind = event == ALARM_RAISED ? CHANGE_RAISED : CHANGE_RETURNED;
        text_clear(&engine->evidence);
        (void)engine_describe(engine, instance, wall, &engine->evidence);
        change.evidence = engine->evidence.data;
    } else if (!is_progress(instance, event)) {
        return;
    }
    instance->stored = instance->alarm.state != ALARM_NORMAL;
    instance->stored_ms =
        instance->alarm.observed_ms < 0 ? 0 : instance->alarm.observed_ms;
    out->emit(out->context, &change);
}

/* Whole milliseconds since the last step; the rest is counted next time. */
static int64_t elapsed_ms(struct instance *instance, int64_t now_ns)
{
    int64_t elapsed;

    if (instance->stepped_ns == INT64_MIN)
        instance->stepped_ns = now_ns;
    elapsed = (now_ns - instance->stepped_ns) / CLOCK_MS;
    instance->stepped_ns += elapsed * CLOCK_MS;
    return elapsed;
}

/* Asked before the change is reported: a delay that runs is also stored as it advances.
 */
static int64_t next_due(const struct instance *instance, int64_t now_ns, int64_t eval_ns,
                        int64_t alarm_ms)
{
    int64_t every_ms = instance->unit->rule->every_ms;
    int64_t due = every_ms > 0 ? now_ns + every_ms * CLOCK_MS : eval_ns;

    if (alarm_ms != INT64_MAX && alarm_ms > PROGRESS_MS)
        alarm_ms = PROGRESS_MS;
    if (alarm_ms != INT64_MAX && instance->stepped_ns + alarm_ms * CLOCK_MS < due)
        due = instance->stepped_ns + alarm_ms * CLOCK_MS;
    return due > now_ns ? due : now_ns + CLOCK_MS;
}

static enum truth opposite(enum truth truth)
{
    if (truth == TRUTH_UNKNOWN)
        return TRUTH_UNKNOWN;
    return truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

static void evaluate(struct engine *engine, uint32_t index, struct wall_time wall,
                     const struct engine_out *out)
{
    struct instance *instance = &engine->instances[index];
    const struct unit *unit = instance->unit;
    struct eval eval = engine_eval_begin(engine, instance, wall);
    struct alarm_truths truths;
    enum alarm_event event;

    instance->dirty = false;
    truths.when = value_truth(eval_run(&eval, unit->program, unit->when_start));
    if (unit->clear != NULL)
        truths.clear = value_truth(eval_run(&eval, unit->program, unit->clear_start));
    else
        truths.clear = opposite(truths.when);
    event = alarm_step(&instance->alarm, &unit->timing,
                       elapsed_ms(instance, engine->now_ns), &truths, wall);
    instance->due_ns =
        next_due(instance, engine->now_ns, eval.due_ns,
                 alarm_deadline_ms(&instance->alarm, &unit->timing, &truths));
    agenda_set(engine->agenda, index, instance->due_ns);
    report_change(engine, instance, event, wall, out);
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
    engine->offset_known = true;
}

static void mark_due(struct engine *engine)
{
    uint32_t index;

    while (agenda_take(engine->agenda, engine->now_ns, &index)) {
        const struct instance *instance = &engine->instances[index];

        if (instance->due_ns <= engine->now_ns)
            engine_mark(engine, index);
        else if (!instance->dirty) /* put off meanwhile */
            agenda_set(engine->agenda, index, instance->due_ns);
    }
}

void engine_step(struct engine *engine, struct mono_time mono, struct wall_time wall,
                 const struct engine_out *out)
{
    if (mono.ns > engine->now_ns)
        engine->now_ns = mono.ns;
    see_clocks(engine, mono, wall);
    mark_due(engine);
    for (size_t i = 0; i < engine->dirty_count; i++)
        evaluate(engine, engine->dirty[i], wall, out);
    engine->dirty_count = 0;
}
