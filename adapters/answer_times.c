/* answer_times.c - see answer_times.h. */
#include "adapters/answer_times.h"

#include "adapters/lateness.h"

void answer_times_add(struct answer_times *times, int64_t took_ns)
{
    int64_t us = took_ns / 1000;

    times->us[times->next] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    times->next = (times->next + 1) % ANSWER_TIMES;
    if (times->count < ANSWER_TIMES)
        times->count++;
}

int64_t answer_times_percentile_us(struct answer_times *copy, unsigned percent)
{
    return nearest_rank(copy->us, copy->count, percent, -1);
}
