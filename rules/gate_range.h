/* gate_range.h - the values of a point that no rule tells apart from the last one, see
 * rules/gate.h. */
#ifndef RULES_GATE_RANGE_H
#define RULES_GATE_RANGE_H

#include <math.h>
#include <stdbool.h>

struct gate {
    double low; /* inclusive; low > high: nothing passes */
    double high;
};

static inline void gate_open(struct gate *gate)
{
    gate->low = -INFINITY;
    gate->high = INFINITY;
}

static inline void gate_shut(struct gate *gate)
{
    gate->low = INFINITY;
    gate->high = -INFINITY;
}

static inline bool gate_passes(const struct gate *gate, double value)
{
    return value >= gate->low && value <= gate->high; /* not for NaN */
}

#endif
