/* window.h - what a point did over the last W (pure).
 *
 * A window of length W at time t is (t-W, t]; "W ago D" is (t-D-W, t-D]; "#n" is the
 * last n good readings. The value in force at x is the newest good reading not after x
 * that is no older than the point's hold. Coverage is the share of the window during
 * which some value was in force.
 *
 * Windows of one point share its ring while they expect at most READING_RING_MAX
 * readings (a point that reports on change: one in four seconds); longer ones have
 * buckets of their own. Equal windows of one point are one window, and asking twice at
 * the same time costs once.
 *
 * Threads: one owner.
 */
#ifndef RULES_WINDOW_H
#define RULES_WINDOW_H

#include "rules/buckets.h"
#include "rules/reading_ring.h"

/* How a window is written; compared to find equal ones. */
struct window_spec {
    int64_t length_ns; /* 0: by count */
    int64_t ago_ns;
    uint32_t samples; /* "#n"; 0: by length */
};

struct track;

/* In the order in which a question touches it. */
struct window {
    struct reading_ring *ring; /* of the point; NULL for a long window */
    int64_t cached_ns;         /* `stats` are of then, ... */
    uint64_t cached_version;   /* ... and of the ring when it was at this */
    struct window_spec spec;
    struct track *track; /* the point it belongs to (rules/track.h) */
    bool cached;
    struct window_stats stats;
    struct ring_cache cache; /* its needs are those of a long window as well */

    struct buckets *buckets; /* owned; NULL for an exact window */
    struct window *next;     /* of the same point */
};

static inline bool window_spec_equal(struct window_spec a, struct window_spec b)
{
    return a.length_ns == b.length_ns && a.ago_ns == b.ago_ns && a.samples == b.samples;
}

/* Readings the window expects of a point with this period (0: on change). */
size_t window_readings(struct window_spec spec, int64_t period_ms);

void window_free(struct window *window); /* NULL is fine */

/* A reading for a long window; the others have it from the ring. */
void window_put(struct window *window, struct reading reading);

/* Asks for the memory that the next question will touch: the window itself, and once that
 * is there what it points to, and then what is behind it. */
void window_fetch(const struct window *window);
void window_fetch_ring(const struct window *window);
void window_fetch_slots(const struct window *window);

/* What the window holds at `now`; borrowed until the next call or reading. */
const struct window_stats *window_at(struct window *window, int64_t now_ns);

/* Of what the last window_at found, where the functions over it need them. */
struct moments window_moments(struct window *window);
double window_percentile(struct window *window, double q);

/* Share of the window during which some value was in force, 0..1. */
double window_coverage(const struct window *window, const struct window_stats *stats);

size_t window_memory(const struct window *window);

#endif
