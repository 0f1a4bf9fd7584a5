/* lateness.c - see lateness.h. */
#include "adapters/lateness.h"

#include <assert.h>
#include <stdlib.h>

void lateness_add(struct lateness *lateness, int64_t late_ns)
{
    int64_t us = late_ns / 1000;

    lateness->us[lateness->next] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    lateness->next = (lateness->next + 1) % LATENESS_POLLS;
    if (lateness->count < LATENESS_POLLS)
        lateness->count++;
}

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    return a < b ? -1 : a > b;
}

int64_t nearest_rank(uint32_t *values, size_t count, unsigned percent, int64_t none)
{
    assert(percent > 0 && percent <= 100);
    if (count == 0)
        return none;
    qsort(values, count, sizeof values[0], compare);
    return values[(count * percent + 99) / 100 - 1];
}

int64_t lateness_percentile_us(struct lateness *copy, unsigned percent)
{
    return nearest_rank(copy->us, copy->count, percent, 0);
}
