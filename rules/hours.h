/* hours.h - the means of the past hours of one point, for baselines (pure).
 *
 * A ring with one place for each of the last weeks' hours, at most HOURS_WEEKS_MAX weeks.
 * Hours are those of UTC, so that a change of the offset tears none apart; who asks
 * translates (rules/calls_past.c). Means are kept as float: 1e-7 of a reading is below
 * what any meter resolves.
 *
 * Threads: one owner.
 */
#ifndef RULES_HOURS_H
#define RULES_HOURS_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

/* An hour of which less was covered has no mean. */
#define HOURS_COVER 0.6

enum {
    HOURS_WEEKS_MAX = 12,
    HOURS_A_WEEK = 7 * 24,
};

#define HOURS_NS (INT64_C(3600) * CLOCK_S)

struct hours;

/* `hold_ns`: how long a reading stays in force, INT64_MAX until the next. */
struct hours *hours_new(unsigned weeks, int64_t hold_ns);
void hours_free(struct hours *hours); /* NULL is fine */

/* The mean of the hour that begins at `start` (rounded down to a whole one). One put
 * again replaces it. One before everything kept: the clock was wrong by weeks, and what
 * is kept with it; all begins anew. NULL is fine. */
void hours_put(struct hours *hours, struct wall_time start, double mean);

/* A reading; NaN: a break. Whole hours of readings become means by themselves. One that
 * is not after the last is passed over, unless the clock was set back by hours. */
void hours_read(struct hours *hours, struct wall_time time, double value);

/* The mean of the hour in which `time` lies; NaN when it is not known. */
double hours_at(const struct hours *hours, struct wall_time time);

int64_t hours_reach_ms(const struct hours *hours);
size_t hours_memory(const struct hours *hours);

#endif
