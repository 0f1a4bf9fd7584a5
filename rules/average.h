/* average.h - an exponentially weighted mean over readings at any distance (pure).
 *
 * Each reading x, dt after the one before, moves the mean by (1 - exp(-dt / tau)) of what
 * lies between: a reading tau old weighs 1/e. The first reading is the mean.
 *
 * Threads: one owner.
 */
#ifndef RULES_AVERAGE_H
#define RULES_AVERAGE_H

#include "rules/partial.h"

/* What is older than so many tau weighs less than 1 %. */
#define AVERAGE_REACH 5

struct track;

struct average {
    int64_t tau_ns;
    const struct track *track; /* the point it belongs to (rules/track.h) */
    struct average *next;      /* of the same point */

    int64_t last_ns;    /* of a reading; meaningless before the first */
    int64_t span_ns;    /* from the one before it */
    int64_t covered_ns; /* how much some value was in force since the first */
    double before;      /* the mean before the last reading */
    double mean;
    bool any;
    bool holds; /* nothing has ended the last reading */
};

/* A reading or a break. One at the time of the last replaces it, an older one
 * is passed over. */
void average_put(struct average *average, struct reading reading, int64_t hold_ns);

#endif
