/* timeline.h - what one equipment was, second by second, and its failures (pure).
 *
 * Intervals that overlap are resolved by precedence: FAULT, EXTERNAL, PLANNED, UNKNOWN,
 * DEGRADED, UP; time that no interval covers is out of scope. A failure is a change into
 * FAULT. It lasts until a return to service that holds: when the same mode (rule) comes
 * back after at most TIMELINE_STABLE_MS of up time, it is the same failure and the up
 * time between counts as fault. Time in which nobody watched neither ends a failure nor
 * begins one.
 *
 * Source: reference terms of IEC 60050-192; the ten minutes are a choice of this project.
 * Ownership: the timeline owns its failures; their strings are those of the intervals.
 * Threads: no state.
 */
#ifndef REPORTS_TIMELINE_H
#define REPORTS_TIMELINE_H

#include "base/clock.h"
#include "issues/state.h"

#include <stddef.h>

enum {
    TIMELINE_STABLE_MS = 10 * 60 * 1000,
    TIMELINE_REPEAT_DAYS = 30, /* the same mode again within this time is a repeat */
};

struct timeline_interval {
    enum equipment_state state;
    struct wall_time from;
    struct wall_time to; /* exclusive */
    const char *mode;    /* rule behind a FAULT; "" otherwise */
    const char *issue;   /* "" when none */
};

struct timeline_failure {
    struct wall_time start;
    struct wall_time end; /* of the last FAULT; the end of what is known when open */
    bool restored;        /* it was seen in another state afterwards */
    bool repeat;          /* the same mode failed in the TIMELINE_REPEAT_DAYS before */
    const char *mode;     /* at its start */
    const char *issue;
};

struct timeline {
    int64_t state_ns[STATE_COUNT];     /* within the span */
    struct timeline_failure *failures; /* all that are known, also before the span */
    size_t failure_count;
};

/* Builds the timeline of the span [from, to). Intervals may lie outside of it: those
 * before tell where a failure began and what is a repeat; what lies behind is not looked
 * at. */
void timeline_build(const struct timeline_interval *intervals, size_t count,
                    struct wall_time from, struct wall_time to,
                    struct timeline *timeline);
void timeline_done(struct timeline *timeline); /* frees */

#endif
