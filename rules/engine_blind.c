/* engine_blind.c - which equipment is not observed. Readings that are missing make a rule
 * blind after a while; blind() tells of the other rules of an equipment.
 *
 * After a restart nothing is blind yet. An alarm that was put back is not proven clear by
 * that: as long as some rule is still unknown, it waits to see what becomes of it. */
#include "rules/engine_impl.h"

/* Unknown for one of these reasons alone is no loss of monitoring: a window that is not
 * full yet, or a division by zero. */
#define BLIND_WHY (WHY_MISSING | WHY_STALE | WHY_BAD | WHY_COMM | WHY_RANGE)

static void wake_askers(struct engine *engine, uint32_t equipment)
{
    for (uint32_t i = engine->blind_first[equipment];
         i < engine->blind_first[equipment + 1]; i++)
        engine_mark(engine, engine->blind_askers[i]);
}

static void watch_doubt(struct engine *engine, struct instance *instance, bool doubt)
{
    uint32_t *count = &engine->doubt_count[instance->equipment->index];

    if (doubt == instance->doubt)
        return;
    instance->doubt = doubt;
    *count += doubt ? 1 : UINT32_MAX; /* or one less */
    if (*count == 0 && engine->restored)
        wake_askers(engine, instance->equipment->index);
}

void blind_watch(struct engine *engine, struct instance *instance, uint32_t marks)
{
    bool unknown = instance->alarm.unknown;
    bool missing = unknown && (marks & BLIND_WHY) != 0;
    bool blind = false;

    watch_doubt(engine, instance,
                unknown && (marks & (BLIND_WHY | (uint32_t)WHY_STARTUP)) != 0);
    if (!missing) {
        instance->blind_ns = INT64_MAX;
        if (!instance->blind)
            return;
    } else {
        int64_t after_ns = instance->unit->rule->blind_after_ms * CLOCK_MS;

        if (instance->blind_ns == INT64_MAX)
            instance->blind_ns = engine->now_ns;
        blind = engine->now_ns - instance->blind_ns >= after_ns;
    }
    if (blind != instance->blind) {
        uint32_t equipment = instance->equipment->index;
        uint32_t *count = &engine->blind_count[equipment];

        instance->blind = blind;
        *count += blind ? 1 : UINT32_MAX; /* or one less */
        if (*count == (blind ? 1 : 0))
            wake_askers(engine, equipment);
    }
}

int64_t blind_known_ns(const struct engine *engine, const struct instance *instance)
{
    uint32_t equipment = instance->equipment->index;
    int64_t first_ns = engine->run_ns + HEARD_WITHIN_MS * CLOCK_MS;

    if (engine->now_ns < first_ns)
        return first_ns;
    if (engine->blind_count[equipment] > 0 || engine->doubt_count[equipment] == 0)
        return engine->now_ns;
    /* What has not come yet is missing only when it is late: twice as long. */
    return engine->run_ns + 2 * instance->unit->rule->blind_after_ms * CLOCK_MS;
}
