/* reading_ring.h - the last readings of one point in order of event time, exactly (pure).
 *
 * A ring that is sized once; all windows of the point that expect few enough readings
 * share it. Whole blocks of READING_RING_BLOCK readings keep their partial, and a window
 * keeps the sum of its whole blocks, so that a question costs at most 30 single readings
 * and, once in 16 of them, one merge per block.
 *
 * When more readings come than the ring was sized for, the oldest go; a window that
 * needed them is cut short and says so (window_stats.truncated).
 *
 * Threads: one owner.
 */
#ifndef RULES_READING_RING_H
#define RULES_READING_RING_H

#include "rules/partial.h"

#include <stddef.h>

enum {
    READING_RING_BLOCK = 16,
    /* Longest exact window, in expected readings; beyond it rules/buckets.h. */
    READING_RING_MAX = 1024,
};

/* What the readings in (from, to] amount to. */
struct window_stats {
    struct partial sum; /* starts with the value in force at `from`, if any; its count
                         * has only the readings inside */
    double left;        /* in force at `from`, NaN when none */
    double right;       /* in force at `to` */
    int64_t length_ns;  /* of the window, after cutting */
    bool truncated;     /* readings that belong into it are gone */
};

struct reading_ring;

/* Room for at least `readings`. */
struct reading_ring *reading_ring_new(size_t readings, struct hold_rule rule);
void reading_ring_free(struct reading_ring *ring); /* NULL is fine */

/* Inserts in order of time; one at the same time as another replaces it. Older than
 * everything kept while the ring is full: ignored. */
void reading_ring_put(struct reading_ring *ring, struct reading reading);

/* The sum of the whole blocks of one window, from one question to the next. One for each
 * window that is asked for again and again, zeroed at birth. */
struct ring_cache {
    bool ready;
    uint64_t changes;
    size_t first; /* block */
    size_t count;
    struct partial sum;
};

/* Of the window (from, to], in ns; from < to. */
struct window_stats reading_ring_window(struct reading_ring *ring, int64_t from_ns,
                                        int64_t to_ns, struct ring_cache *cache);

/* Of the last `count` readings that are not breaks, up to `to`; each starts in force
 * with itself. Fewer when there are not so many (sum.count tells). */
struct window_stats reading_ring_tail(const struct reading_ring *ring, uint32_t count,
                                      int64_t to_ns);

/* The n-th known reading before the last one that is not after `to`; n = 0 is the last
 * itself. False when there are not so many. */
bool reading_ring_back(const struct reading_ring *ring, uint32_t n, int64_t to_ns,
                       struct reading *reading);

/* When the last zero reading up to `to` stopped being in force: at the next reading or
 * the end of its hold. `to` when it still is, INT64_MIN when none kept is zero. */
int64_t reading_ring_zero_until(const struct reading_ring *ring, int64_t to_ns);

size_t reading_ring_memory(const struct reading_ring *ring);

#endif
