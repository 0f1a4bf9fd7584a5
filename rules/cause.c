/* cause.c - which alarm explains which, and until when.
 *
 * What could explain an alarm is in the graph (cause_graph.c). An alarm that nothing
 * explains yet waits until each of those has been seen in order after its own condition
 * began: a reading of the feeder from before the pump stopped says nothing. When the
 * cause returns, a symptom must be seen anew, for its own `for`: devices come back one by
 * one, and what was true before the outage need not be true any more. */
#include "rules/engine_impl.h"

enum {
    LOOK_MS = 250, /* how often those that wait are looked at when nothing happens */
};

static const struct suppress_settings *row_of(const struct engine *engine,
                                              const struct cause_parent *parent)
{
    return &engine->config->suppress[parent->row];
}

static bool settles(const struct engine *engine, const struct instance *instance,
                    const struct suppress_settings *row)
{
    return row->settle_ms > 0 && instance->returned_ns != INT64_MIN &&
           engine->now_ns - instance->returned_ns < row->settle_ms * CLOCK_MS;
}

static bool explains(const struct engine *engine, const struct cause_parent *parent,
                     uint32_t index)
{
    const struct instance *instance = &engine->instances[parent->instance];

    return parent->instance != index &&
           (instance_fires(instance) ||
            settles(engine, instance, row_of(engine, parent)));
}

/* The topmost alarm that explains what `index` explains. */
static uint32_t topmost(const struct engine *engine, uint32_t index)
{
    const struct instance *instance = &engine->instances[index];

    return instance->standing == STANDING_SYMPTOM && instance->cause != INSTANCE_NONE
               ? instance->cause
               : index;
}

/* Whether all branches of the row that begins at `from` are out; `to` is behind it. */
static bool all_branches(const struct engine *engine, uint32_t index, uint32_t from,
                         uint32_t to)
{
    uint16_t branches = 0;

    for (uint32_t i = from; i < to; i++)
        if (engine->causes.parents[i].branch >= branches)
            branches = (uint16_t)(engine->causes.parents[i].branch + 1);
    for (uint16_t branch = 0; branch < branches; branch++) {
        bool out = false;

        for (uint32_t i = from; i < to && !out; i++)
            out = engine->causes.parents[i].branch == branch &&
                  explains(engine, &engine->causes.parents[i], index);
        if (!out)
            return false;
    }
    return true;
}

/* Parents of one row stand together. */
static uint32_t end_of_row(const struct cause_graph *graph, uint32_t from, uint32_t end)
{
    uint32_t next = from + 1;

    while (next < end && graph->parents[next].row == graph->parents[from].row)
        next++;
    return next;
}

/* What explains the instance now, or INSTANCE_NONE. */
static uint32_t find_cause(const struct engine *engine, uint32_t index)
{
    const struct cause_graph *graph = &engine->causes;
    uint32_t end = graph->first[index + 1];
    uint32_t i = graph->first[index];

    while (i < end) {
        uint32_t next = end_of_row(graph, i, end);

        if (!row_of(engine, &graph->parents[i])->all ||
            all_branches(engine, index, i, next))
            for (uint32_t k = i; k < next; k++)
                if (explains(engine, &graph->parents[k], index))
                    return topmost(engine, graph->parents[k].instance);
        i = next;
    }
    return INSTANCE_NONE;
}

int64_t cause_seen_ns(const struct engine *engine, const struct instance *instance)
{
    const struct program *program = instance->unit->program;
    int64_t seen = INT64_MIN;
    bool polled = false;

    (void)engine;
    for (size_t i = 0; i < program->point_count; i++) {
        const struct track *track = instance->binding.tracks[i];

        if (track_point(track)->period_ms == 0)
            continue;
        polled = true;
        seen = track_good_ns(track) > seen ? track_good_ns(track) : seen;
    }
    return polled ? seen : INT64_MAX;
}

/* Every point of it, those of groups included, is good and, when polled, read since. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool all_read(const struct binding *binding, const struct program *program,
                     int64_t since_ns)
{
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            if (!all_read(&binding->groups[g].members[m], program->groups[g].body,
                          since_ns))
                return false;
    for (size_t i = 0; i < program->point_count; i++) {
        const struct track *track = binding->tracks[i];

        if (!track->has_value || track->quality != QUALITY_GOOD ||
            (track_point(track)->period_ms > 0 && track_good_ns(track) < since_ns))
            return false;
    }
    return true;
}

/* It has been seen to be in order since `since`; or it was seen, and only lacks the past
 * that its windows need: to wait for that would bring nothing. */
static bool in_order(const struct engine *engine, const struct instance *instance,
                     int64_t since_ns)
{
    if (instance->alarm.state != ALARM_NORMAL || instance->when == TRUTH_TRUE)
        return false;
    if (instance->when == TRUTH_FALSE && !instance->alarm.unknown)
        return cause_seen_ns(engine, instance) >= since_ns;
    return all_read(&instance->binding, instance->unit->program, since_ns);
}

/* The parents from `from` to `to` that stand for the branch are all in order. */
static bool branch_in_order(const struct engine *engine, uint32_t index, uint32_t from,
                            uint32_t to, uint16_t branch)
{
    for (uint32_t i = from; i < to; i++) {
        const struct cause_parent *parent = &engine->causes.parents[i];

        if (parent->branch == branch && parent->instance != index &&
            !in_order(engine, &engine->instances[parent->instance],
                      engine->instances[index].began_ns))
            return false;
    }
    return true;
}

/* Of a row with `all` one branch in order is enough; the others have one branch. */
static bool row_in_order(const struct engine *engine, uint32_t index, uint32_t from,
                         uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (branch_in_order(engine, index, from, to, engine->causes.parents[i].branch))
            return true;
    return false;
}

/* Everything that could explain it has been seen in order since it began. */
static bool nothing_explains(const struct engine *engine, uint32_t index)
{
    const struct cause_graph *graph = &engine->causes;
    uint32_t end = graph->first[index + 1];
    uint32_t i = graph->first[index];

    while (i < end) {
        uint32_t next = end_of_row(graph, i, end);

        if (!row_in_order(engine, index, i, next))
            return false;
        i = next;
    }
    return true;
}

static void put_waiting(struct engine *engine, struct instance *instance)
{
    if (instance->waiting)
        return;
    instance->waiting = true;
    engine->waiting[engine->waiting_count++] = engine_index_of(engine, instance);
    engine->waiting_due_ns = engine->now_ns;
}

static void stand(struct instance *instance, enum standing standing, uint32_t cause)
{
    instance->standing = (uint8_t)standing;
    instance->cause = cause;
}

/* A cause that has returned and only settles must be looked at again. */
static void stand_as_symptom(struct engine *engine, struct instance *instance,
                             uint32_t cause)
{
    stand(instance, STANDING_SYMPTOM, cause);
    if (!instance_fires(&engine->instances[cause]))
        put_waiting(engine, instance);
}

static void wait_for_parents(struct engine *engine, struct instance *instance)
{
    stand(instance, STANDING_WAITING, INSTANCE_NONE);
    instance->wait_ns = engine->now_ns + CAUSE_WAIT_MS * CLOCK_MS;
    put_waiting(engine, instance);
}

static void decide(struct engine *engine, struct instance *instance)
{
    uint32_t index = engine_index_of(engine, instance);
    uint32_t cause = find_cause(engine, index);

    if (cause != INSTANCE_NONE)
        stand_as_symptom(engine, instance, cause);
    else if (nothing_explains(engine, index))
        stand(instance, STANDING_ROOT, INSTANCE_NONE);
    else
        wait_for_parents(engine, instance);
}

void cause_raised(struct engine *engine, struct instance *instance)
{
    instance->raised_ns = engine->now_ns;
    decide(engine, instance);
}

/* Whether a cause that was raised now may take over what stands already. */
static bool may_attach(const struct engine *engine, const struct instance *child,
                       uint32_t parent)
{
    switch ((enum standing)child->standing) {
    case STANDING_NONE:
        return false; /* not told yet: it will find its cause itself */
    case STANDING_SYMPTOM:
        return child->cause == parent; /* moves on to the cause of its cause */
    case STANDING_ROOT:
        return child->raised_ns != INT64_MIN &&
               engine->now_ns - child->raised_ns <= CAUSE_LATE_MS * CLOCK_MS;
    case STANDING_WAITING:
    case STANDING_REPROVE:
        break;
    }
    return true;
}

/* Recursion ends: the graph has no circles and at most DEPTH_MAX levels. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void cause_spread(struct engine *engine, struct instance *instance,
                  const struct engine_out *out)
{
    const struct cause_graph *graph = &engine->causes;
    uint32_t index = engine_index_of(engine, instance);

    for (uint32_t i = graph->child_first[index]; i < graph->child_first[index + 1]; i++) {
        struct instance *child = &engine->instances[graph->children[i]];
        uint32_t cause;

        if (graph->children[i] == index || !instance_fires(child) ||
            !may_attach(engine, child, index))
            continue;
        cause = find_cause(engine, graph->children[i]);
        if (cause == INSTANCE_NONE ||
            (child->standing == STANDING_SYMPTOM && child->cause == cause))
            continue;
        stand_as_symptom(engine, child, cause);
        engine_emit_change(engine, child, CHANGE_STANDING, out);
        cause_spread(engine, child, out);
    }
}

static void reprove(struct engine *engine, struct instance *instance,
                    const struct engine_out *out)
{
    stand(instance, STANDING_REPROVE, INSTANCE_NONE);
    instance->wait_ns = engine->now_ns;
    instance->proof_ns = INT64_MIN;
    put_waiting(engine, instance);
    engine_emit_change(engine, instance, CHANGE_STANDING, out);
}

static void look_for_another(struct engine *engine, struct instance *instance,
                             const struct engine_out *out);

/* Those that may be explained by `instance`, or by way of it, and have lost their cause:
 * `over`, or INSTANCE_NONE for whatever it is. Who is explained by way of it has the
 * cause that it had itself, and is perhaps no child of that. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void pass_on(struct engine *engine, const struct instance *instance, uint32_t over,
                    const struct engine_out *out)
{
    const struct cause_graph *graph = &engine->causes;
    uint32_t index = engine_index_of(engine, instance);

    for (uint32_t i = graph->child_first[index]; i < graph->child_first[index + 1]; i++) {
        struct instance *child = &engine->instances[graph->children[i]];

        if (graph->children[i] != index && child->standing == STANDING_SYMPTOM &&
            (over == INSTANCE_NONE || child->cause == over) && instance_fires(child))
            look_for_another(engine, child, out);
    }
}

/* The cause of a symptom is not active any more. Recursion ends as in cause_spread. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void look_for_another(struct engine *engine, struct instance *instance,
                             const struct engine_out *out)
{
    uint32_t cause = find_cause(engine, engine_index_of(engine, instance));
    uint32_t over = instance->cause;

    if (cause == INSTANCE_NONE) {
        reprove(engine, instance, out);
        pass_on(engine, instance, over, out);
        return;
    }
    if (cause == over) {
        put_waiting(engine, instance); /* it only settles */
        return;
    }
    stand_as_symptom(engine, instance, cause);
    engine_emit_change(engine, instance, CHANGE_STANDING, out);
    pass_on(engine, instance, over, out);
}

void cause_returned(struct engine *engine, struct instance *instance,
                    const struct engine_out *out)
{
    pass_on(engine, instance, INSTANCE_NONE, out);
}

/* How long it must show that it is still there. What is blind has no reading that could,
 * and what is read seldom is not read at once: it takes as long as it took at first. */
static int64_t proof_ms(const struct instance *instance)
{
    const struct rule_settings *rule = instance->unit->rule;
    bool is_blind = instance->unit->program->blind;

    return is_blind && rule->blind_after_ms > rule->for_ms ? rule->blind_after_ms
                                                           : rule->for_ms;
}

/* A fresh reading has shown for `for` that it is still there. */
static bool is_proved(const struct engine *engine, struct instance *instance)
{
    if (instance->when != TRUTH_TRUE ||
        cause_seen_ns(engine, instance) <= instance->wait_ns) {
        instance->proof_ns = INT64_MIN;
        return false;
    }
    if (instance->proof_ns == INT64_MIN)
        instance->proof_ns = engine->now_ns;
    return engine->now_ns - instance->proof_ns >= proof_ms(instance) * CLOCK_MS;
}

static void look_at_waiting(struct engine *engine, struct instance *instance,
                            const struct engine_out *out)
{
    uint32_t index = engine_index_of(engine, instance);
    uint32_t cause = find_cause(engine, index);

    if (cause != INSTANCE_NONE)
        stand_as_symptom(engine, instance, cause);
    else if (nothing_explains(engine, index) || engine->now_ns >= instance->wait_ns)
        stand(instance, STANDING_ROOT, INSTANCE_NONE);
    else
        return;
    engine_emit_change(engine, instance, CHANGE_STANDING, out);
    cause_spread(engine, instance, out);
}

static void look_at_unproved(struct engine *engine, struct instance *instance,
                             const struct engine_out *out)
{
    uint32_t cause = find_cause(engine, engine_index_of(engine, instance));

    if (cause != INSTANCE_NONE)
        stand_as_symptom(engine, instance, cause);
    else if (is_proved(engine, instance))
        decide(engine, instance);
    else
        return;
    engine_emit_change(engine, instance, CHANGE_STANDING, out);
    cause_spread(engine, instance, out);
}

/* Whether it stays in the list. */
static bool look(struct engine *engine, struct instance *instance,
                 const struct engine_out *out)
{
    if (!instance_fires(instance))
        return false;
    if (instance->standing == STANDING_WAITING)
        look_at_waiting(engine, instance, out);
    else if (instance->standing == STANDING_REPROVE)
        look_at_unproved(engine, instance, out);
    else if (instance->standing == STANDING_SYMPTOM &&
             !instance_fires(&engine->instances[instance->cause]))
        look_for_another(engine, instance, out);
    return instance->standing == STANDING_WAITING ||
           instance->standing == STANDING_REPROVE ||
           (instance->standing == STANDING_SYMPTOM &&
            !instance_fires(&engine->instances[instance->cause]));
}

void cause_settle(struct engine *engine, bool news, const struct engine_out *out)
{
    size_t count = engine->waiting_count;
    size_t kept = 0;

    if (!news && engine->now_ns < engine->waiting_due_ns)
        return;
    /* Nothing is added while this runs: all it could add is in the list already. */
    for (size_t i = 0; i < count; i++) {
        struct instance *instance = &engine->instances[engine->waiting[i]];

        instance->waiting = look(engine, instance, out);
        if (instance->waiting)
            engine->waiting[kept++] = engine->waiting[i];
    }
    for (size_t i = count; i < engine->waiting_count; i++)
        engine->waiting[kept++] = engine->waiting[i];
    engine->waiting_count = kept;
    engine->waiting_due_ns = engine->now_ns + LOOK_MS * CLOCK_MS;
}

void cause_restore(struct engine *engine, struct instance *instance,
                   const struct alarm_memory *memory)
{
    const struct instance *cause;

    stand(instance,
          instance->alarm.state == ALARM_LATCHED ? STANDING_ROOT : STANDING_NONE,
          INSTANCE_NONE);
    if (!instance_fires(instance))
        return;
    switch (memory->standing) {
    case STANDING_WAITING:
        wait_for_parents(engine, instance);
        break;
    case STANDING_SYMPTOM:
        cause = engine_find(engine, memory->cause_rule, memory->cause_equipment);
        if (cause != NULL) {
            stand(instance, STANDING_SYMPTOM, engine_index_of(engine, cause));
            put_waiting(engine, instance); /* the cause may have returned meanwhile */
            break;
        }
        __attribute__((fallthrough));
    case STANDING_REPROVE:
        stand(instance, STANDING_REPROVE, INSTANCE_NONE);
        instance->wait_ns = engine->now_ns;
        instance->proof_ns = INT64_MIN;
        put_waiting(engine, instance);
        break;
    case STANDING_NONE: /* stored before causes were known */
    case STANDING_ROOT:
        stand(instance, STANDING_ROOT, INSTANCE_NONE);
        break;
    }
}
