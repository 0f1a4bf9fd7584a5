/* engine_emit.c - what has happened in a step, told in order: an alarm that could explain
 * others comes before them. */
#include "rules/engine_impl.h"

static bool has_evidence(const struct instance *instance, enum change_kind kind)
{
    return kind == CHANGE_RAISED || kind == CHANGE_LEVEL || kind == CHANGE_RETURNED ||
           (kind == CHANGE_STANDING && instance->standing == STANDING_ROOT);
}

void engine_emit_change(struct engine *engine, struct instance *instance,
                        enum change_kind kind, const struct engine_out *out)
{
    const struct rule_settings *rule = instance->unit->rule;
    struct alarm_change change = {
        .kind = kind,
        .rule = rule,
        .equipment = instance->equipment,
        .alarm = instance->alarm,
        .severity = alarm_severity(&instance->alarm, rule),
        .standing = (enum standing)instance->standing,
        .chatter = instance->chatter,
        .time = engine->wall,
    };

    if (instance->standing == STANDING_SYMPTOM && instance->cause != INSTANCE_NONE) {
        change.cause_rule = engine->instances[instance->cause].unit->rule;
        change.cause_equipment = engine->instances[instance->cause].equipment;
    }
    if (has_evidence(instance, kind)) {
        text_clear(&engine->evidence);
        (void)engine_describe(engine, instance, &engine->evidence);
        change.evidence = engine->evidence.data;
    }
    instance->stored = instance->alarm.state != ALARM_NORMAL;
    instance->stored_ms =
        instance->alarm.observed_ms < 0 ? 0 : instance->alarm.observed_ms;
    out->emit(out->context, &change);
}

/* Comes and goes: nobody needs to be told each time. */
static void count_raise(struct engine *engine, struct instance *instance,
                        const struct engine_out *out)
{
    if (instance->unit->rule->highly_managed)
        return;
    if (!chatter_raise(&instance->chatter, engine->wall))
        return;
    engine_rouse(engine, instance); /* its end is due, whatever is read */
    engine_emit_change(engine, instance, CHANGE_CHATTERS, out);
    if (instance->due_ns > engine->now_ns + CHATTER_QUIET_MS * CLOCK_MS) {
        instance->due_ns = engine->now_ns + CHATTER_QUIET_MS * CLOCK_MS;
        agenda_set(engine->agenda, engine_index_of(engine, instance), instance->due_ns);
    }
}

static void tell_one(struct engine *engine, struct instance *instance,
                     const struct engine_out *out)
{
    enum alarm_event event = (enum alarm_event)instance->event;

    instance->changed = false;
    instance->event = ALARM_NOTHING;
    if (instance->chatter.active && event != ALARM_RAISED &&
        chatter_step(&instance->chatter, engine->wall))
        engine_emit_change(engine, instance, CHANGE_STEADY, out);
    switch (event) {
    case ALARM_RAISED:
        cause_raised(engine, instance);
        engine_emit_change(engine, instance, CHANGE_RAISED, out);
        count_raise(engine, instance, out);
        cause_spread(engine, instance, out);
        break;
    case ALARM_RETURNED:
        instance->returned_ns = engine->now_ns;
        engine_emit_change(engine, instance, CHANGE_RETURNED, out);
        if (instance->alarm.state ==
            ALARM_NORMAL) { /* a latched one stands until reset */
            instance->standing = STANDING_NONE;
            instance->cause = INSTANCE_NONE;
        }
        cause_returned(engine, instance, out);
        break;
    case ALARM_LEVEL:
        engine_emit_change(engine, instance, CHANGE_LEVEL, out);
        break;
    case ALARM_MOVED:
        engine_emit_change(engine, instance, CHANGE_PROGRESS, out);
        break;
    case ALARM_NOTHING:
        break;
    }
}

/* Those of one depth of cause; returns whether some alarm was raised or returned. */
static bool tell_depth(struct engine *engine, unsigned depth,
                       const struct engine_out *out)
{
    bool news = false;

    for (size_t i = 0; i < engine->changed_count; i++) {
        struct instance *instance = &engine->instances[engine->changed[i]];

        if (engine->causes.depth[engine->changed[i]] != depth)
            continue;
        news = news || instance->event >= ALARM_RAISED;
        tell_one(engine, instance, out);
    }
    return news;
}

void engine_tell(struct engine *engine, const struct engine_out *out)
{
    unsigned deepest = 0;
    bool news = false;

    for (size_t i = 0; i < engine->changed_count; i++)
        if (engine->causes.depth[engine->changed[i]] > deepest)
            deepest = engine->causes.depth[engine->changed[i]];
    for (unsigned depth = 0; depth <= deepest && engine->changed_count > 0; depth++)
        news = tell_depth(engine, depth, out) || news;
    engine->changed_count = 0;
    if (engine->waiting_count > 0)
        cause_settle(engine, news, out);
}
