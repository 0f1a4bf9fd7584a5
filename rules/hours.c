/* hours.c - see hours.h. Hour k of the epoch lies in slot k % count. */
#include "rules/hours.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>

struct hours {
    int64_t count;  /* slots */
    int64_t newest; /* hour of the epoch; slots hold (newest - count, newest] */
    float means[];  /* NaN: not known */
};

struct hours *hours_new(unsigned weeks)
{
    int64_t count = (int64_t)weeks * HOURS_A_WEEK;
    struct hours *hours;

    assert(weeks > 0 && weeks <= HOURS_WEEKS_MAX);
    hours = mem_alloc(sizeof *hours + (size_t)count * sizeof(float));
    hours->count = count;
    hours->newest = INT64_MIN;
    for (int64_t i = 0; i < count; i++)
        hours->means[i] = NAN;
    return hours;
}

void hours_free(struct hours *hours)
{
    mem_free(hours);
}

/* Rounds down, also before 1970. */
static int64_t hour_of(struct wall_time time)
{
    int64_t hour = time.ns / HOURS_NS;

    return time.ns % HOURS_NS < 0 ? hour - 1 : hour;
}

static size_t slot_of(const struct hours *hours, int64_t hour)
{
    return (size_t)((hour % hours->count + hours->count) % hours->count);
}

/* Makes `hour` the newest: the hours skipped are not known. */
static void move_on(struct hours *hours, int64_t hour)
{
    int64_t from = hours->newest + 1;

    if (hours->newest == INT64_MIN || hour - from >= hours->count)
        from = hour - hours->count + 1;
    for (int64_t k = from; k <= hour; k++)
        hours->means[slot_of(hours, k)] = NAN;
    hours->newest = hour;
}

void hours_put(struct hours *hours, struct wall_time start, double mean)
{
    int64_t hour = hour_of(start);

    if (hours == NULL)
        return;
    if (hours->newest != INT64_MIN && hour <= hours->newest - hours->count)
        hours->newest = INT64_MIN;
    if (hour > hours->newest)
        move_on(hours, hour);
    hours->means[slot_of(hours, hour)] = (float)mean;
}

double hours_at(const struct hours *hours, struct wall_time time)
{
    int64_t hour = hour_of(time);

    if (hour > hours->newest || hour <= hours->newest - hours->count)
        return NAN;
    return (double)hours->means[slot_of(hours, hour)];
}

int64_t hours_reach_ms(const struct hours *hours)
{
    return hours->count * (HOURS_NS / CLOCK_MS);
}

size_t hours_memory(const struct hours *hours)
{
    return sizeof *hours + (size_t)hours->count * sizeof(float);
}
