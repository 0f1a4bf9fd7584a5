/* hours.c - see hours.h. Hour k of the epoch lies in slot k % count. */
#include "rules/hours.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

/* A reading older than the last by more than this means that the clock was set back. */
#define BACK_NS (2 * HOURS_NS)

struct hours {
    int64_t hold_ns;

    /* the hour that goes on */
    bool any;
    int64_t last_ns; /* the last reading */
    double value;
    int64_t pos_ns; /* up to where time was walked */
    double area_ns;
    int64_t covered_ns;

    int64_t count;  /* slots */
    int64_t newest; /* hour of the epoch; slots hold (newest - count, newest] */
    float means[];  /* NaN: not known */
};

struct hours *hours_new(unsigned weeks, int64_t hold_ns)
{
    int64_t count = (int64_t)weeks * HOURS_A_WEEK;
    struct hours *hours;

    assert(weeks > 0 && weeks <= HOURS_WEEKS_MAX);
    hours = mem_alloc(sizeof *hours + (size_t)count * sizeof(float));
    hours->hold_ns = hold_ns;
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

/* The hour up to `pos` is over. */
static void finish(struct hours *hours)
{
    if ((double)hours->covered_ns >= HOURS_COVER * (double)HOURS_NS)
        hours_put(hours, (struct wall_time){hours->pos_ns - HOURS_NS},
                  hours->area_ns / (double)hours->covered_ns);
    hours->area_ns = 0;
    hours->covered_ns = 0;
}

static void walk(struct hours *hours, int64_t to_ns)
{
    int64_t until = isnan(hours->value)           ? INT64_MIN
                    : hours->hold_ns == INT64_MAX ? INT64_MAX
                                                  : hours->last_ns + hours->hold_ns;

    if (to_ns - hours->pos_ns > hours->count * HOURS_NS) { /* nothing is kept so long */
        hours->pos_ns = to_ns;
        hours->area_ns = 0;
        hours->covered_ns = 0;
    }
    while (hours->pos_ns < to_ns) {
        int64_t end = (hour_of((struct wall_time){hours->pos_ns}) + 1) * HOURS_NS;
        int64_t stop = to_ns < end ? to_ns : end;

        if (until > hours->pos_ns) {
            int64_t span = (until < stop ? until : stop) - hours->pos_ns;

            hours->area_ns += hours->value * (double)span;
            hours->covered_ns += span;
        }
        hours->pos_ns = stop;
        if (stop == end)
            finish(hours);
    }
}

void hours_read(struct hours *hours, struct wall_time time, double value)
{
    if (!hours->any || time.ns < hours->last_ns - BACK_NS) {
        hours->any = true;
        hours->pos_ns = time.ns;
        hours->area_ns = 0;
        hours->covered_ns = 0;
    } else if (time.ns <= hours->last_ns) {
        return;
    } else {
        walk(hours, time.ns);
    }
    hours->last_ns = time.ns;
    hours->value = value;
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
