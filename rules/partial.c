/* partial.c - see partial.h. */
#include "rules/partial.h"

#include <math.h>

#define NS_PER_S 1e9

struct partial partial_of(struct reading reading)
{
    struct partial partial = {
        .readings = 1,
        .first_ns = reading.time_ns,
        .last_ns = reading.time_ns,
        .last = reading.value,
        .first_known = reading.value,
        .last_known = reading.value,
        .min = INFINITY,
        .max = -INFINITY,
    };

    if (isnan(reading.value))
        return partial;
    partial.count = 1;
    partial.uncertain = reading.uncertain;
    partial.sum = partial.min = partial.max = reading.value;
    return partial;
}

void partial_extend(struct partial *partial, int64_t until_ns, struct hold_rule rule)
{
    int64_t span = until_ns - partial->last_ns;

    if (partial->readings == 0 || isnan(partial->last) || span <= 0)
        return;
    if (span > rule.hold_ns)
        span = rule.hold_ns;
    partial->area += partial->last * ((double)span / NS_PER_S);
    partial->covered_ns += span;
}

/* What happened between two known values that follow each other. */
static void step(struct partial *partial, double from, double to, double modulus)
{
    if (from == 0 && to != 0)
        partial->rises++;
    else if (from != 0 && to == 0)
        partial->falls++;
    if (to >= from)
        partial->increase += to - from;
    else if (modulus > 0 && from > 0.9 * modulus && to < 0.1 * modulus)
        partial->increase += modulus - from + to;
    else
        partial->drop += from - to;
}

void partial_add(struct partial *partial, struct reading reading, struct hold_rule rule)
{
    if (partial->readings == 0) {
        *partial = partial_of(reading);
        return;
    }
    partial_extend(partial, reading.time_ns, rule);
    partial->readings++;
    partial->last_ns = reading.time_ns;
    partial->last = reading.value;
    if (isnan(reading.value))
        return;
    partial->count++;
    partial->uncertain += reading.uncertain;
    partial->sum += reading.value;
    if (reading.value < partial->min)
        partial->min = reading.value;
    if (reading.value > partial->max)
        partial->max = reading.value;
    if (isnan(partial->first_known))
        partial->first_known = reading.value;
    else
        step(partial, partial->last_known, reading.value, rule.modulus);
    partial->last_known = reading.value;
}

struct partial partial_merge(const struct partial *earlier, const struct partial *later,
                             struct hold_rule rule)
{
    struct partial both;

    if (earlier->readings == 0)
        return *later;
    if (later->readings == 0)
        return *earlier;
    both = *earlier;
    partial_extend(&both, later->first_ns, rule);
    both.readings += later->readings;
    both.count += later->count;
    both.uncertain += later->uncertain;
    both.rises += later->rises;
    both.falls += later->falls;
    both.last_ns = later->last_ns;
    both.last = later->last;
    both.covered_ns += later->covered_ns;
    both.area += later->area;
    both.sum += later->sum;
    both.increase += later->increase;
    both.drop += later->drop;
    both.min = later->min < both.min ? later->min : both.min;
    both.max = later->max > both.max ? later->max : both.max;
    if (isnan(later->first_known))
        return both;
    if (isnan(both.first_known))
        both.first_known = later->first_known;
    else
        step(&both, both.last_known, later->first_known, rule.modulus);
    both.last_known = later->last_known;
    return both;
}

double partial_used(const struct partial *partial)
{
    double net = partial->increase - partial->drop;

    return net >= 0 ? net : partial->increase;
}
