/* buckets.h - one long window as a ring of partials (pure).
 *
 * For windows that expect more readings than a ring keeps: time is cut into buckets of
 * a 120th of the window, aligned to the axis, and each bucket keeps one partial. The left
 * edge (and with `ago` the right one) moves in steps of a bucket, so a window is up to
 * one bucket longer than asked: an error below 1 % of its length. About 17 KB a window;
 * moments add 7 KB, percentiles what their sketches come to (rules/percentile.h).
 *
 * Readings that come late change the count, the sum and the extremes of their bucket, not
 * the time-weighted parts: they are at most two polls late, a bucket is longer than
 * eight.
 *
 * Threads: one owner.
 */
#ifndef RULES_BUCKETS_H
#define RULES_BUCKETS_H

#include "rules/reading_ring.h"

enum {
    BUCKETS_PER_WINDOW = 120,
    /* A short window long ago: buckets get longer rather than more. */
    BUCKETS_MAX = 1024,
};

struct buckets;

/* `needs`: NEED_... of the functions over the window. */
struct buckets *buckets_new(int64_t length_ns, int64_t ago_ns, struct hold_rule rule,
                            unsigned needs);
void buckets_free(struct buckets *buckets); /* NULL is fine */

void buckets_put(struct buckets *buckets, struct reading reading);

/* The window that ends `ago` before now, see reading_ring_window. */
void buckets_window(struct buckets *buckets, int64_t now_ns, struct window_stats *stats);

/* Of the window of the last question, with NEED_MOMENTS or NEED_RANKS. */
struct moments buckets_moments(const struct buckets *buckets);
double buckets_percentile(const struct buckets *buckets, double q);

size_t buckets_memory(const struct buckets *buckets);

#endif
