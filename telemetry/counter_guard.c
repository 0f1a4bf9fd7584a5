/* counter_guard.c - see counter_guard.h. */
#include "telemetry/counter_guard.h"

#include <float.h>
#include <math.h>

#define NS_PER_HOUR 3.6e12

/* A reading as one that another is compared with. */
struct mark {
    double value;
    struct mono_time time;
};

static bool is_whole(double value)
{
    return value == nearbyint(value);
}

/* How far the counter can have come between two readings. */
static double reach(const struct counter_rule *rule, struct mark from, struct mark to)
{
    double hours = (double)(to.time.ns - from.time.ns) / NS_PER_HOUR;
    double step = rule->step;

    if (rule->max_rate <= 0)
        return INFINITY;
    if (step <= 0)
        step = is_whole(from.value) && is_whole(to.value) ? 1 : 0;
    /* Scaled values are not exact: 0.3 - 0.2 is more than 0.1. */
    return rule->max_rate * (hours > 0 ? hours : 0) + step +
           4 * DBL_EPSILON * fabs(to.value);
}

static bool is_wrap(const struct counter_rule *rule, struct mark from, struct mark to)
{
    double step = rule->modulus - from.value + to.value;

    if (to.value < 0 || from.value > rule->modulus)
        return false;
    return rule->max_rate > 0 ? step <= reach(rule, from, to) : step < rule->modulus / 2;
}

static bool is_reset(const struct counter_rule *rule, struct mark from, struct mark to)
{
    if (to.value < 0)
        return false;
    return rule->max_rate > 0 ? to.value <= reach(rule, from, to)
                              : to.value < from.value / 2;
}

static bool is_possible(const struct counter_rule *rule, struct mark from, struct mark to)
{
    if (to.value >= from.value)
        return to.value - from.value <= reach(rule, from, to);
    return (rule->modulus > 0 && is_wrap(rule, from, to)) ||
           (rule->resets && is_reset(rule, from, to));
}

static bool accept(struct counter_guard *guard, struct mark mark)
{
    *guard = (struct counter_guard){
        .base = mark.value, .base_time = mark.time, .started = true};
    return true;
}

bool counter_guard_accepts(struct counter_guard *guard, const struct counter_rule *rule,
                           double value, struct mono_time time)
{
    struct mark base = {guard->base, guard->base_time};
    struct mark doubt = {guard->doubt, guard->doubt_time};
    struct mark mark = {value, time};

    if (!guard->started || !counter_rule_judges(rule) || is_possible(rule, base, mark))
        return accept(guard, mark);
    if (guard->doubts > 0 && is_possible(rule, doubt, mark))
        guard->doubts++;
    else
        guard->doubts = 1;
    guard->doubt = value;
    guard->doubt_time = time;
    return guard->doubts >= COUNTER_GUARD_AGREE && accept(guard, mark);
}
