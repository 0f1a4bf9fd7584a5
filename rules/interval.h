/* interval.h - where a value lies, and where what is computed from it does (pure).
 *
 * The arithmetic and logic of eval.c on bounds instead of values: what comes out holds
 * for every value within. A truth is 0, 1 or both.
 *
 * Threads: plain data.
 */
#ifndef RULES_INTERVAL_H
#define RULES_INTERVAL_H

#include "rules/value.h"

struct interval {
    double low;
    double high;
    bool unknown; /* it may be or become so */
};

/* Sums are rounded: what is computed may lie a hair beside its bounds. */
#define INTERVAL_ROUNDING 1e-9

static inline bool interval_exact(struct interval interval)
{
    return interval.low == interval.high && !interval.unknown;
}

static inline struct interval interval_anything(void)
{
    return (struct interval){-INFINITY, INFINITY, true};
}

static inline struct interval interval_of(struct value value)
{
    return value_known(value) ? (struct interval){value.number, value.number, false}
                              : interval_anything();
}

static inline struct interval interval_truth(bool can_be_false, bool can_be_true)
{
    return (struct interval){can_be_false ? 0 : 1, can_be_true ? 1 : 0, false};
}

/* `op` of rules/program.h with two operands: from OP_ADD to OP_OR. */
struct interval interval_two(uint8_t op, struct interval a, struct interval b);
struct interval interval_negate(struct interval interval);
struct interval interval_not(struct interval interval);

#endif
