/* answer_times.h - how long the last answers of a unit took, as percentiles.
 *
 * A ring of the last ANSWER_TIMES. Pure. Threads: guarded by its owner.
 */
#ifndef ADAPTERS_ANSWER_TIMES_H
#define ADAPTERS_ANSWER_TIMES_H

#include <stddef.h>
#include <stdint.h>

enum {
    ANSWER_TIMES = 128, /* half a kilobyte per unit */
};

struct answer_times {
    uint32_t us[ANSWER_TIMES]; /* over an hour is kept as about an hour */
    size_t count;
    size_t next;
};

void answer_times_add(struct answer_times *times, int64_t took_ns);

/* The nearest-rank percentile in microseconds; -1 when there is nothing yet. Sorts the
 * ring, so give it a copy. */
int64_t answer_times_percentile_us(struct answer_times *copy, unsigned percent);

#endif
