/* store.h - the embedded history: minute and hour rows in files by month and year.
 *
 *   history/2026-11.db      minutes of a month (UTC)
 *   history/hours-2026.db   hours of a year
 *   history/journal-<id>    samples of the minutes that are not in a file yet
 *
 * A minute's rows are written in one transaction when it is over, in slices, so that the
 * writer's queue is not held up; an hour's when it is over, from the same numbers.
 * Samples that come later than that are merged into their rows. A commit a second is not
 * needed: the journal holds the present minute.
 *
 * Retention removes whole files, at most one of each kind a day, so that a wall clock
 * that jumps ahead cannot throw years away at once.
 *
 * Time is an argument throughout. A disk that refuses costs rows, never a start.
 *
 * Threads: open, put, step and close from one thread; query and status from any.
 */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "config/settings.h"
#include "history/history.h"
#include "telemetry/model.h"
#include "telemetry/sample.h"

struct store;

/* Never NULL. Replays what a crash left. `folder` is made when it is not there; `model`
 * is borrowed. */
struct store *store_open(const char *folder, const struct history_settings *settings,
                         const struct model *model, struct wall_time now);
/* Writes out everything; the minute under way, too. NULL is fine. */
void store_close(struct store *store, struct wall_time now);

void store_put(struct store *store, const struct sample *samples, size_t count,
               struct wall_time now);
/* Does a slice of what is due; call it several times a second. */
void store_step(struct store *store, struct wall_time now, struct mono_time mono);

struct store_status {
    uint64_t rows_written;
    uint64_t rows_lost; /* of minutes or late samples that could not be written */
    char error[SINK_ERROR_TEXT_MAX]; /* "" when the files accept writes */
};
void store_status(struct store *store, struct store_status *status);

/* As history_query. */
int store_query(struct store *store, uint32_t point, struct wall_time from,
                struct wall_time to, int64_t step_ms, struct history_step *steps,
                size_t max, struct err *err);

#endif
