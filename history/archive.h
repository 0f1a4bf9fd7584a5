/* archive.h - the embedded history: minute and hour rows in files by month and year.
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
#ifndef HISTORY_ARCHIVE_H
#define HISTORY_ARCHIVE_H

#include "config/settings.h"
#include "history/history.h"
#include "telemetry/model.h"
#include "telemetry/sample.h"

struct archive;

/* Never NULL. Replays what a crash left. `folder` is made when it is not there; `model`
 * is borrowed. */
struct archive *archive_open(const char *folder, const struct history_settings *settings,
                             const struct model *model, struct wall_time now);
/* Writes out everything; the minute under way, too. NULL is fine. */
void archive_close(struct archive *archive, struct wall_time now);

void archive_put(struct archive *archive, const struct sample *samples, size_t count,
                 struct wall_time now);
/* Does a slice of what is due; call it several times a second. */
void archive_step(struct archive *archive, struct wall_time now, struct mono_time mono);

struct archive_status {
    uint64_t rows_written;
    uint64_t rows_lost;     /* of minutes or late samples that could not be written */
    uint64_t files_damaged; /* set aside as "<file>.damaged-<time>" in this run */
    char error[SINK_ERROR_TEXT_MAX]; /* "" when the files accept writes */
};
void archive_status(struct archive *archive, struct archive_status *status);

struct archive_span {
    struct wall_time from;
    struct wall_time to;
    int64_t step_ms;
};

/* As history_query. */
int archive_query(struct archive *archive, uint32_t point,
                  const struct archive_span *span, struct history_step *steps, size_t max,
                  struct err *err);

#endif
