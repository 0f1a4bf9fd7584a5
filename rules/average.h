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

    int64_t last_ns; /* of a reading; meaningless before the first */
    int64_t
        covered_ns; /* of the time since the first, how much some value was in force */
    double mean;
    bool any;
};

/* A reading that is no break; one that is not after the last is passed over. */
void average_put(struct average *average, struct reading reading, int64_t hold_ns);

#endif
