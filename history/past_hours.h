/* past_hours.h - hours of the past, read beside a running facilityd.
 *
 * Opens the files of hours read-only, for programs that are not the daemon; that has
 * history_query.
 *
 * Threads: any.
 */
#ifndef HISTORY_PAST_HOURS_H
#define HISTORY_PAST_HOURS_H

#include "base/clock.h"
#include "base/err.h"
#include "telemetry/model.h"

struct past_query {
    const char *folder; /* "history" of the state folder */
    const struct model *model;
    const bool *wanted; /* by point */
    struct wall_time from;
    struct wall_time to;
};

typedef void past_hour(void *context, uint32_t point, struct wall_time start,
                       double mean);

/* Calls `each` for every hour that begins in [from, to) and has readings, of the points
 * that are wanted, in order of time. A year without a file holds nothing. Returns -1 with
 * err when some file could not be read; the others were. */
int past_hours(const struct past_query *query, past_hour *each, void *context,
               struct err *err);

#endif
