/* percentile.h - percentiles of the readings of a window (pure), in two ways:
 *
 * struct ranks keeps the values themselves in order: exact, for windows of a ring.
 * Inserting and removing moves half of them on average: 4 KB of READING_RING_MAX.
 *
 * struct sketch counts values in bins whose width grows with the value, so that every
 * value of a bin is within SKETCH_ERROR of its middle; counts of two sketches add up.
 * Zero and what is below SKETCH_TINY is one bin. It holds SKETCH_BINS_MAX bins, more than
 * four decades of values of one sign; beyond that the bins nearest to zero are
 * joined. Source: Masson, Rim, Lee, "DDSketch" (2019).
 *
 * The q-percentile (q from 0 to 1) of n values is the one at place q (n - 1) in order,
 * from 0, with linear interpolation between two places.
 *
 * Threads: one owner.
 */
#ifndef RULES_PERCENTILE_H
#define RULES_PERCENTILE_H

#include <stddef.h>
#include <stdint.h>

#define SKETCH_ERROR 0.01
#define SKETCH_TINY  1e-9

enum {
    SKETCH_BINS_MAX = 512, /* 4 KB */
};

/* Of values in order; NaN when there is none. */
double percentile_at(const double *values, size_t count, double q);

struct ranks;

struct ranks *ranks_new(size_t values);
void ranks_free(struct ranks *ranks); /* NULL is fine */
void ranks_clear(struct ranks *ranks);
/* Room must be left. */
void ranks_insert(struct ranks *ranks, double value);
/* A value that was inserted. */
void ranks_remove(struct ranks *ranks, double value);
size_t ranks_count(const struct ranks *ranks);
size_t ranks_room(const struct ranks *ranks);         /* as it was made */
double ranks_at(const struct ranks *ranks, double q); /* NaN when empty */
size_t ranks_memory(const struct ranks *ranks);

struct sketch_bin {
    int32_t key; /* in order of the values */
    uint32_t count;
};

/* Zeroed at birth; grows up to SKETCH_BINS_MAX. */
struct sketch {
    struct sketch_bin *bins; /* in order */
    uint32_t used;
    uint32_t room;
    uint64_t count;
};

void sketch_done(struct sketch *sketch);
void sketch_clear(struct sketch *sketch); /* keeps its memory */
void sketch_add(struct sketch *sketch, double value);
void sketch_append(struct sketch *sum, const struct sketch *later);
/* Of two together, either may be empty; NaN when both are. */
double sketch_at(const struct sketch *a, const struct sketch *b, double q);

#endif
