/* value.h - a number, a truth, or why it is not known.
 *
 * Three-valued logic after Kleene: unknown is neither true nor false, and what depends on
 * it is unknown unless the other operand decides alone. An unknown value carries the
 * union of its reasons. A value computed from an uncertain reading carries a mark.
 *
 * Booleans are 0 and 1, enums their code, durations seconds.
 *
 * Threads: plain data.
 */
#ifndef RULES_VALUE_H
#define RULES_VALUE_H

#include "rules/alarm.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Bits of struct value.marks. Their names (value_reason_name) are shown by explain. */
enum {
    WHY_MISSING = 1 << 0,  /* the point has never reported, though it should have */
    WHY_STALE = 1 << 1,    /* the last good reading is too old */
    WHY_BAD = 1 << 2,      /* the device gives no usable value */
    WHY_COMM = 1 << 3,     /* no communication with the device */
    WHY_STARTUP = 1 << 4,  /* the daemon has not observed for long enough */
    WHY_COVERAGE = 1 << 5, /* too much of the window has no value */
    WHY_DIV0 = 1 << 6,     /* division by zero */
    WHY_RANGE = 1 << 7,    /* implausible reading or a result beyond double */
    WHY_CONFIG = 1 << 8,   /* written as `unknown` */
    WHY_COUNT = 9,
    WHY_ALL = (1 << WHY_COUNT) - 1,

    VALUE_UNCERTAIN = 1 << 15, /* computed from an uncertain reading */
};

struct value {
    double number;  /* 0 when unknown */
    uint32_t marks; /* unknown when a WHY_ bit is set */
};

static inline bool value_known(struct value value)
{
    return (value.marks & WHY_ALL) == 0;
}

static inline struct value value_unknown(uint32_t why)
{
    return (struct value){0, why};
}

/* A result: unknown when any input was, or when it is not a number. */
static inline struct value value_of(double number, uint32_t marks)
{
    if ((marks & WHY_ALL) != 0)
        return (struct value){0, marks};
    if (!isfinite(number))
        return (struct value){0, marks | WHY_RANGE};
    return (struct value){number, marks};
}

static inline bool value_is_false(struct value value)
{
    return value_known(value) && value.number == 0;
}

static inline bool value_is_true(struct value value)
{
    return value_known(value) && value.number != 0;
}

static inline enum truth value_truth(struct value value)
{
    if (!value_known(value))
        return TRUTH_UNKNOWN;
    return value.number != 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

static inline struct value value_not(struct value a)
{
    return value_known(a) ? (struct value){a.number == 0, a.marks} : a;
}

static inline struct value value_and(struct value a, struct value b)
{
    if (value_is_false(a))
        return value_is_false(b) ? (struct value){0, a.marks & b.marks} : a;
    if (value_is_false(b))
        return b;
    return value_of(1, a.marks | b.marks);
}

static inline struct value value_or(struct value a, struct value b)
{
    if (value_is_true(a))
        return value_is_true(b) ? (struct value){1, a.marks & b.marks} : a;
    if (value_is_true(b))
        return b;
    return value_of(0, a.marks | b.marks);
}

/* "missing", "stale", ...; `bit` from 0 to WHY_COUNT - 1. */
const char *value_reason_name(unsigned bit);

#endif
