/* reading_mode.h - values as whole numbers, exactly (pure).
 *
 * A mode is a way to count. It fits a value when the way back gives the same bits.
 * Chosen by the encoder from the value at hand, in the order of `enum count_kind`.
 *
 * Threads: no state.
 */
#ifndef HISTORY_READING_MODE_H
#define HISTORY_READING_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum count_kind {
    COUNT_DECIMAL, /* count / 10^k: numbers of a text, whole numbers */
    COUNT_SCALED,  /* count * 10^-k: a register times its scale, which is not the same */
    COUNT_SHORT,   /* (float)(count / 10^k): a decimal that went through a float */
    COUNT_FLOAT,   /* the bits of a float */
    COUNT_FLOAT_SCALED, /* a float times 10^-k */
    COUNT_DOUBLE,       /* the bits of a double: any value but NaN */
    COUNT_KINDS
};

enum {
    MODE_POWER_MAX = 7, /* k */
};

/* kind * 8 + k, one byte. */
static inline uint8_t mode_make(enum count_kind kind, unsigned power)
{
    return (uint8_t)((unsigned)kind * 8 + power);
}

static inline bool mode_is_valid(uint8_t mode)
{
    return mode < COUNT_KINDS * 8;
}

/* False: the mode does not fit. */
bool mode_count(uint8_t mode, double value, uint64_t *count);

/* The first mode that fits; the value is not NaN. */
uint8_t mode_choose(double value);

/* The values of counts, in place: on entry each value is the bits of its count. `stride`
 * is in bytes. */
void mode_values(uint8_t mode, double *first, size_t stride, size_t count);

#endif
