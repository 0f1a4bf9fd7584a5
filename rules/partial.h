/* partial.h - what a stretch of readings amounts to, and how two stretches make one.
 *
 * Everything a window function needs is kept as a sum over a stretch that can be merged
 * with the next one, never as a running sum from which old values are subtracted: after
 * one misread 3.4e38 a running sum is wrong for ever, a merged one as soon as that
 * reading has left the window.
 *
 * The value of a reading is in force until the next reading, but at most for `hold`.
 * A reading that is NaN is a break: it ends what was in force and begins nothing.
 *
 * Steps are kept up only where they are needed (NEED_STEPS), else they mean nothing.
 * Appending is associative. Times are event times in ns on any one axis.
 *
 * Threads: plain data.
 */
#ifndef RULES_PARTIAL_H
#define RULES_PARTIAL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One reading as the windows keep it. */
struct reading {
    int64_t time_ns;
    double value; /* NaN: a break */
    bool uncertain;
};

/* How readings of one point relate to each other. */
struct hold_rule {
    int64_t hold_ns; /* INT64_MAX: until the next reading */
    double modulus;  /* of a counter; 0 = it does not wrap */
};

/* What is kept up beside the time-weighted part, sums and extremes. */
enum {
    NEED_STEPS = 1 << 0,   /* the last group of a partial */
    NEED_MOMENTS = 1 << 1, /* rules/moments.h beside it */
    NEED_RANKS = 1 << 2,   /* the values themselves, for rules/percentile.h */
};

struct partial {
    uint32_t readings; /* with breaks; 0: nothing here, the rest is meaningless */
    uint32_t count;    /* without breaks */
    uint32_t uncertain;
    int64_t first_ns;
    int64_t last_ns;
    int64_t covered_ns; /* how long some value was in force */
    double last;        /* of the last reading, NaN = break */

    double area_ns; /* of value over time, in unit ns */
    double min;
    double max;
    double sum; /* of the values */

    /* NEED_STEPS */
    uint32_t rises; /* from zero to not zero, between known values */
    uint32_t falls;
    double first_known; /* NaN when there is none */
    double last_known;
    double increase; /* sum of the steps up, wraps included */
    double drop;     /* sum of the steps down: resets or misread values */
};

/* Leaves the steps out where they mean nothing: a third of the bytes. */
static inline void partial_copy(struct partial *to, const struct partial *from,
                                unsigned needs)
{
    memcpy(to, from, offsetof(struct partial, rises));
    if ((needs & NEED_STEPS) != 0)
        memcpy(&to->rises, &from->rises, sizeof *to - offsetof(struct partial, rises));
}

/* One reading and nothing else. */
static inline void partial_start(struct partial *partial, struct reading reading)
{
    bool known = !isnan(reading.value);

    partial->readings = 1;
    partial->count = known;
    partial->uncertain = known && reading.uncertain;
    partial->first_ns = partial->last_ns = reading.time_ns;
    partial->covered_ns = 0;
    partial->last = reading.value;
    partial->area_ns = 0;
    partial->min = known ? reading.value : INFINITY;
    partial->max = known ? reading.value : -INFINITY;
    partial->sum = known ? reading.value : 0;
    partial->rises = partial->falls = 0;
    partial->first_known = partial->last_known = reading.value;
    partial->increase = partial->drop = 0;
}

/* What happened between two known values that follow each other. */
static inline void partial_step(struct partial *partial, double from, double to,
                                double modulus)
{
    if (from == 0)
        partial->rises += to != 0;
    else
        partial->falls += to == 0;
    if (to >= from)
        partial->increase += to - from;
    else if (modulus > 0 && from > 0.9 * modulus && to < 0.1 * modulus)
        partial->increase += modulus - from + to;
    else
        partial->drop += from - to;
}

/* Lets the last value stay in force until `until_ns` (or its hold ends). */
static inline void partial_extend(struct partial *partial, int64_t until_ns,
                                  struct hold_rule rule)
{
    int64_t span = until_ns - partial->last_ns;

    if (partial->readings == 0 || isnan(partial->last) || span <= 0)
        return;
    if (span > rule.hold_ns)
        span = rule.hold_ns;
    partial->area_ns += partial->last * (double)span;
    partial->covered_ns += span;
}

/* A known value behind others. */
static inline void partial_value(struct partial *partial, double value, double modulus,
                                 bool steps)
{
    partial->count++;
    partial->sum += value;
    partial->min = value < partial->min ? value : partial->min;
    partial->max = value > partial->max ? value : partial->max;
    if (!steps)
        return;
    if (isnan(partial->first_known))
        partial->first_known = value;
    else
        partial_step(partial, partial->last_known, value, modulus);
    partial->last_known = value;
}

/* One more reading, not before the last. */
static inline void partial_add(struct partial *partial, struct reading reading,
                               struct hold_rule rule, unsigned needs)
{
    if (partial->readings == 0) {
        partial_start(partial, reading);
        return;
    }
    partial_extend(partial, reading.time_ns, rule);
    partial->readings++;
    partial->last_ns = reading.time_ns;
    partial->last = reading.value;
    if (isnan(reading.value))
        return;
    partial->uncertain += reading.uncertain;
    partial_value(partial, reading.value, rule.modulus, (needs & NEED_STEPS) != 0);
}

/* Puts `later` behind `sum`; either may be empty. */
void partial_append(struct partial *sum, const struct partial *later,
                    struct hold_rule rule, unsigned needs);

/* By how much a counter grew over the stretch. A wrap is seen when the counter was in
 * the last tenth of its modulus and is now in the first. Any other step down is
 * either a misread value, which the way back up makes good, or a reset, after which
 * only the steps up count; both make the result uncertain. */
double partial_used(const struct partial *partial);

/* The time-weighted mean, and that of the readings; both within the extremes, so that the
 * mean of what never changed is exactly that. Something must be covered, or counted. */
double partial_average(const struct partial *partial);
double partial_mean(const struct partial *partial);

#endif
