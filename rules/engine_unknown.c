/* engine_unknown.c - for how long truths were unknown: what a try on the past has to say,
 * because a rule that never knew is not a quiet one. The daemon does not ask for it. */
#include "rules/engine_impl.h"

#include "base/mem.h"

/* Of one instance. */
struct unknown_time {
    int64_t since_ns; /* INT64_MAX: it is known */
    int64_t sum_ns;   /* of what is over */
};

void engine_watch_unknown(struct engine *engine, struct mono_time from)
{
    engine->unknown_from_ns = from.ns;
    engine->unknown = mem_array(engine->instance_count + 1, sizeof *engine->unknown);
    for (size_t i = 0; i < engine->instance_count; i++)
        engine->unknown[i].since_ns = from.ns; /* until it is evaluated */
}

void unknown_moved(struct engine *engine, uint32_t index, bool unknown)
{
    struct unknown_time *time = &engine->unknown[index];
    int64_t now_ns = engine->now_ns > engine->unknown_from_ns ? engine->now_ns
                                                              : engine->unknown_from_ns;

    if (time->since_ns != INT64_MAX)
        time->sum_ns += now_ns - time->since_ns;
    time->since_ns = unknown ? now_ns : INT64_MAX;
}

void engine_visit_unknown(const struct engine *engine, struct mono_time to,
                          engine_unknown_visit *each, void *context)
{
    for (size_t i = 0; engine->unknown != NULL && i < engine->instance_count; i++) {
        const struct unknown_time *time = &engine->unknown[i];
        int64_t sum_ns = time->sum_ns;

        if (time->since_ns < to.ns)
            sum_ns += to.ns - time->since_ns;
        each(context, engine->instances[i].unit->rule, sum_ns / CLOCK_MS);
    }
}
