/* tally.h - what is kept of the readings of a minute or an hour (pure).
 *
 * The mean is that of the samples, not weighted by time: a point that reports on change
 * only counts each report once.
 *
 * Threads: plain data.
 */
#ifndef HISTORY_TALLY_H
#define HISTORY_TALLY_H

#include <stdint.h>

struct tally {
    double min;
    double max;
    double sum;
    double last;
    int64_t n; /* 0: nothing, the rest means nothing */
};

static inline void tally_add(struct tally *tally, double value)
{
    if (tally->n == 0 || value < tally->min)
        tally->min = value;
    if (tally->n == 0 || value > tally->max)
        tally->max = value;
    tally->sum += value;
    tally->last = value;
    tally->n++;
}

/* Adds what came after `tally`. */
static inline void tally_merge(struct tally *tally, const struct tally *later)
{
    if (later->n == 0)
        return;
    if (tally->n == 0) {
        *tally = *later;
        return;
    }
    if (later->min < tally->min)
        tally->min = later->min;
    if (later->max > tally->max)
        tally->max = later->max;
    tally->sum += later->sum;
    tally->last = later->last;
    tally->n += later->n;
}

#endif
