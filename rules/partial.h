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
 * Appending is associative. Times are event times in ns on any one axis.
 * Threads: plain data.
 */
#ifndef RULES_PARTIAL_H
#define RULES_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>

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

struct partial {
    uint32_t readings; /* with breaks; 0: nothing here, the rest is meaningless */
    uint32_t count;    /* without breaks */
    uint32_t uncertain;
    uint32_t rises; /* from zero to not zero, between known values */
    uint32_t falls;
    int64_t first_ns;
    int64_t last_ns;
    int64_t covered_ns; /* how long some value was in force */
    double last;        /* of the last reading, NaN = break */
    double first_known; /* NaN when there is none */
    double last_known;
    double area; /* of value over time, in unit seconds */
    double sum;  /* of the values */
    double min;
    double max;
    double increase; /* sum of the steps up, wraps included */
    double drop;     /* sum of the steps down: resets or misread values */
};

struct partial partial_of(struct reading reading);

/* One more reading, not before the last. */
void partial_add(struct partial *partial, struct reading reading, struct hold_rule rule);

/* Puts `later` behind `sum`; either may be empty. */
void partial_append(struct partial *sum, const struct partial *later,
                    struct hold_rule rule);

/* Lets the last value stay in force until `until_ns` (or its hold ends). */
void partial_extend(struct partial *partial, int64_t until_ns, struct hold_rule rule);

/* By how much a counter grew over the stretch. A wrap is seen when the counter was in
 * the last tenth of its modulus and is now in the first. Any other step down is
 * either a misread value, which the way back up makes good, or a reset, after which
 * only the steps up count; both make the result uncertain. */
double partial_used(const struct partial *partial);

#endif
