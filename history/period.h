/* period.h - which file a minute or an hour belongs to (pure).
 *
 * Minutes and hours count from 1970-01-01 UTC. Minute rows lie in one file a month,
 * "2026-11.db"; hour rows, which are kept for years, in one a year, "hours-2026.db", so
 * that each can be thrown away whole. A period is numbered: months from the year 0, years
 * by themselves.
 *
 * Threads: no state.
 */
#ifndef HISTORY_PERIOD_H
#define HISTORY_PERIOD_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PERIOD_NAME_SIZE = 40,
};

enum period_kind {
    PERIOD_MONTH, /* of minutes */
    PERIOD_YEAR,  /* of hours */
};

/* The period of a minute (PERIOD_MONTH) or an hour (PERIOD_YEAR). */
int64_t period_of(enum period_kind kind, int64_t t);
/* Its first minute or hour; the end is the start of the next. */
int64_t period_start(enum period_kind kind, int64_t period);
void period_name(enum period_kind kind, int64_t period, char out[PERIOD_NAME_SIZE]);
/* Reads the name at the beginning of `name`, so that what SQLite and we put beside a file
 * is found, too. */
bool period_parse(const char *name, enum period_kind *kind, int64_t *period);

int64_t period_minute(struct wall_time time);
int64_t period_hour(struct wall_time time);

#endif
