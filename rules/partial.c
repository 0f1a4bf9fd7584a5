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

void partial_append(struct partial *sum, const struct partial *later,
                    struct hold_rule rule)
{
    if (later->readings == 0)
        return;
    if (sum->readings == 0) {
        *sum = *later;
        return;
    }
    partial_extend(sum, later->first_ns, rule);
    sum->readings += later->readings;
    sum->count += later->count;
    sum->uncertain += later->uncertain;
    sum->rises += later->rises;
    sum->falls += later->falls;
    sum->last_ns = later->last_ns;
    sum->last = later->last;
    sum->covered_ns += later->covered_ns;
    sum->area += later->area;
    sum->sum += later->sum;
    sum->increase += later->increase;
    sum->drop += later->drop;
    sum->min = later->min < sum->min ? later->min : sum->min;
    sum->max = later->max > sum->max ? later->max : sum->max;
    if (isnan(later->first_known))
        return;
    if (isnan(sum->first_known))
        sum->first_known = later->first_known;
    else
        step(sum, sum->last_known, later->first_known, rule.modulus);
    sum->last_known = later->last_known;
}

double partial_used(const struct partial *partial)
{
    double net = partial->increase - partial->drop;

    return net >= 0 ? net : partial->increase;
}
