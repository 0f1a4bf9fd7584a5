/* percentile.h - the last N durations and their percentiles. Threads: one owner. */
#ifndef GATEWAY_PERCENTILE_H
#define GATEWAY_PERCENTILE_H

#include <stddef.h>
#include <stdint.h>

enum {
    PERCENTILE_KEPT = 1024, /* the last ones; enough for a p99 that means something */
};

struct percentile {
    int64_t values[PERCENTILE_KEPT];
    uint64_t count; /* ever */
};

void percentile_add(struct percentile *set, int64_t value);
/* `share` 0..1, nearest rank; 0 when empty. Sorts a copy. */
int64_t percentile_get(const struct percentile *set, double share);

#endif
