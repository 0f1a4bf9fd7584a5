/* percentile.c - see percentile.h. */
#include "gateway/percentile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void percentile_add(struct percentile *set, int64_t value)
{
    set->values[set->count++ % PERCENTILE_KEPT] = value;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int64_t percentile_get(const struct percentile *set, double share)
{
    int64_t sorted[PERCENTILE_KEPT];
    size_t count = set->count < PERCENTILE_KEPT ? (size_t)set->count : PERCENTILE_KEPT;
    size_t rank;

    if (count == 0)
        return 0;
    memcpy(sorted, set->values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    rank = (size_t)ceil(share * (double)count);
    return sorted[rank == 0 ? 0 : rank - 1];
}
