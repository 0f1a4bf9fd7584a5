/* reading_ring.h - the last readings of one point in order of event time, exactly (pure).
 *
 * A ring; all windows of the point that expect few enough readings
 * share it. Readings are numbered as they come. Each window remembers where it began and
 * ended at the last question and keeps the sums of whole blocks of READING_RING_BLOCK
 * readings as a queue of two stacks:
 *
 *   readings  ..|first ....|....|....|....|....|.. end
 *   blocks          single | fronts: each the  | back:
 *                          | sum from it to    | one sum
 *                          | the middle        |
 *
 * so that a question costs at most a block of single readings and one merge, and each
 * reading is summed three times while it passes through. Source: Tangwongsan, Hirzel,
 * Schneider, "In-Order Sliding-Window Aggregation in Worst-Case Constant Time".
 *
 * A point may report more often than was expected of it: then the ring grows, to a limit.
 * Beyond it the oldest go; a window that needed them knows nothing of the time before
 * those that are kept and says so (window_stats.truncated). After a reading that is not
 * the newest, windows sum up their blocks anew.
 *
 * Threads: one owner.
 */
#ifndef RULES_READING_RING_H
#define RULES_READING_RING_H

#include "rules/moments.h"
#include "rules/partial.h"
#include "rules/percentile.h"

#include <stddef.h>

enum {
    READING_RING_BLOCK = 8,
    /* Longest exact window, in expected readings; beyond it rules/buckets.h. */
    READING_RING_MAX = 1024,
    /* The most that is kept of a point that reports more often than it promised. */
    READING_RING_MOST = 8192,
};

struct reading_ring;

/* Counts what was taken in; a window is as it was as long as it stays the same. */
uint64_t reading_ring_version(const struct reading_ring *ring);

/* Asks for the memory that the next reading and question will touch: what the head lies
 * on, then the slots themselves. `cache` may be NULL. */
void reading_ring_fetch(const struct reading_ring *ring);
void reading_ring_fetch_slots(const struct reading_ring *ring, uint64_t first);

/* What the readings in (from, to] amount to. */
struct window_stats {
    double left;        /* in force at `from`, NaN when none */
    double right;       /* in force at `to` */
    int64_t length_ns;  /* of the window */
    bool truncated;     /* readings that belong into it are gone */
    struct partial sum; /* starts with the value in force at `from`, if any; its count
                         * has only the readings inside */
};

/* Room for at least `readings`; more, up to READING_RING_MOST, when readings of the last
 * `reach_ns` do not fit in. */
struct reading_ring *reading_ring_new(size_t readings, int64_t reach_ns,
                                      struct hold_rule rule);
void reading_ring_free(struct reading_ring *ring); /* NULL is fine */

/* Inserts in order of time; one at the same time as another replaces it. Older than
 * everything kept while the ring is full: ignored. */
void reading_ring_put(struct reading_ring *ring, struct reading reading);

struct ring_queue;

/* What one window remembers from one question to the next; zeroed at birth but for its
 * needs. Which block is the first inside it changes once in READING_RING_BLOCK readings:
 * until then new readings are added to the sum of the rest, and neither the queue nor
 * what lies in the middle is touched. */
struct ring_cache {
    int64_t from_ns; /* of the last question; `first` is the first reading after it */
    uint64_t first;
    uint64_t end;
    uint64_t low;     /* `rest` is the sum from block `low` ... */
    uint64_t upto;    /* ... to this reading */
    uint32_t changes; /* of the ring, when that was summed */
    uint32_t found;   /* and when `first` was found */
    uint16_t needs;
    bool ready;
    struct partial rest;

    struct ring_queue *queue; /* made when the window is long enough */

    /* with NEED_RANKS: the values of [ranked_first, ranked_end) */
    struct ranks *ranks;
    uint32_t ranked_changes;
    uint64_t ranked_first;
    uint64_t ranked_end;
};

void ring_cache_done(struct ring_cache *cache);
size_t ring_cache_memory(const struct ring_cache *cache);

/* Of the window (from, to], in ns; from < to. */
void reading_ring_window(struct reading_ring *ring, int64_t from_ns, int64_t to_ns,
                         struct ring_cache *cache, struct window_stats *stats);

/* Of the last `count` readings that are not breaks, up to `to`; each starts in force
 * with itself. Fewer when there are not so many (sum.count tells). */
void reading_ring_tail(struct reading_ring *ring, uint32_t count, int64_t to_ns,
                       struct ring_cache *cache, struct window_stats *stats);

/* Of the readings that the last question found, for windows with NEED_MOMENTS. */
struct moments reading_ring_moments(struct reading_ring *ring, struct ring_cache *cache);
/* The same with NEED_RANKS; NaN when there is none. */
double reading_ring_percentile(struct reading_ring *ring, struct ring_cache *cache,
                               double q);

/* The n-th known reading before the last one that is not after `to`; n = 0 is the last
 * itself. False when there are not so many. */
bool reading_ring_back(const struct reading_ring *ring, uint32_t n, int64_t to_ns,
                       struct reading *reading);

/* When the last zero reading up to `to` stopped being in force: at the next reading or
 * the end of its hold. `to` when it still is, INT64_MIN when none kept is zero. */
int64_t reading_ring_zero_until(const struct reading_ring *ring, int64_t to_ns);

size_t reading_ring_memory(const struct reading_ring *ring);

#endif
