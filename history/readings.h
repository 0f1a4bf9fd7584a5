/* readings.h - every reading of the points that rules look at, as it came.
 *
 *   readings/2026-11-24.rdg    batches of a day (UTC), each with an index and one chunk
 *                              of encoded readings per point; when it has become large,
 *                              2026-11-24.01.rdg and so on
 *   readings/tail-<id>         what is in no batch yet, as it came, written once a second
 *
 * Minute figures are enough for a chart, not for a rule: `for = "3s"` and a window of a
 * minute need the readings themselves. From here windows are rebuilt after a restart, and
 * a changed rule is tried on the past (reports/backtest.h). Bad readings are kept with
 * their reason, because "not known" is a truth of its own. Times are kept to the
 * millisecond, values exactly. kill -9 costs at most a second. Readings that came too
 * late for rules (rules/track.h) are not kept, and a stamp of the future counts as its
 * arrival: the past looks as rules saw it.
 *
 * Bounds: `keep_readings` by whole days, `readings_max` by bytes, oldest day first.
 * Points are named by equipment and point id in each file, so that a changed
 * configuration reads what an older one wrote.
 *
 * Threads: one writer; cursors from any thread and from other processes, while the writer
 * runs: a cursor sees what was written to disk when it was opened, the tail included.
 */
#ifndef HISTORY_READINGS_H
#define HISTORY_READINGS_H

#include "base/err.h"
#include "config/settings.h"
#include "telemetry/model.h"
#include "telemetry/sample.h"

struct readings;

/* Never NULL; a disk that refuses is in the status and tried again. `wanted` says by
 * point index which points to keep (borrowed for the call). */
struct readings *readings_open(const char *folder,
                               const struct history_settings *settings,
                               const struct model *model, const bool *wanted,
                               struct wall_time now);
void readings_close(struct readings *readings, struct wall_time now); /* NULL is fine */

/* `mono` of a sample is 0: it has just been true. */
void readings_put(struct readings *readings, const struct sample *samples, size_t count);
/* Writes the tail once a second and a batch when it is time; call it several times a
 * second. */
void readings_step(struct readings *readings, struct wall_time now,
                   struct mono_time mono);

struct readings_status {
    uint64_t kept;
    uint64_t lost;           /* the disk refused them */
    int64_t bytes;           /* on disk */
    struct wall_time oldest; /* as last looked; 0 when there is none */
    char error[256];         /* "" when the disk accepts writes */
    char left[256];          /* why what a crash has left could not be taken over at the
                              * start and was left alone; "" when it could */
};
void readings_status(const struct readings *readings, struct readings_status *status);

/* ---- reading ---- */

struct readings_cursor;

/* Readings of `points` (indices of `model`) in [from, to). NULL: ERR_IO. A folder that is
 * not there holds nothing. */
struct readings_cursor *readings_cursor_open(const char *folder,
                                             const struct model *model,
                                             const uint32_t *points, size_t count,
                                             struct wall_time from, struct wall_time to,
                                             struct err *err);
/* The next readings in order of time over all points, as samples (mono = 0); 0 at the
 * end. A damaged chunk is skipped and counted. */
size_t readings_next(struct readings_cursor *cursor, struct sample *samples, size_t max);
/* How far it is, 0..1, and what could not be read. */
double readings_progress(const struct readings_cursor *cursor);
uint64_t readings_damaged(const struct readings_cursor *cursor);
void readings_cursor_close(struct readings_cursor *cursor); /* NULL is fine */

/* The time of the oldest reading kept; 0 when there is none. */
struct wall_time readings_oldest(const char *folder);

#endif
