/* lateness.h - how late the last polls began, as percentiles.
 *
 * A ring of the last LATENESS_POLLS values. Adding is a store; the sorting is paid by
 * who asks, on a copy.
 *
 * Pure. Threads: one owner, or guarded by its owner.
 */
#ifndef ADAPTERS_LATENESS_H
#define ADAPTERS_LATENESS_H

#include <stddef.h>
#include <stdint.h>

enum {
    LATENESS_POLLS = 256, /* a kilobyte per link */
};

struct lateness {
    uint32_t us[LATENESS_POLLS]; /* over an hour is kept as about an hour */
    size_t count;                /* filled */
    size_t next;
};

void lateness_add(struct lateness *lateness, int64_t late_ns);

/* The nearest-rank percentile in microseconds, 0 when there is nothing yet. Sorts the
 * ring, so give it a copy. */
int64_t lateness_percentile_us(struct lateness *copy, unsigned percent);

/* The nearest-rank percentile of `values`, which are sorted in place; `none` when there
 * are none. */
int64_t nearest_rank(uint32_t *values, size_t count, unsigned percent, int64_t none);

#endif
