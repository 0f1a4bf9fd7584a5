/* live.h - the latest sample of every point.
 *
 * Sized once for the model's points and never grows. A point that has not reported yet
 * reads as QUALITY_BAD, REASON_STARTUP at time 0. Older samples never replace newer (by
 * their own time), except that a bad sample always shows: it is news about now. A stamp
 * in the future of live_clock was made before the wall clock was put back; it holds
 * nothing up, or the table would stand still until that time has come again.
 *
 * The last good reading is kept beside the last one, so that a page can say "0.41 MPa,
 * 12 minutes ago, no answer since"; and since when it has read the same, because a sensor
 * that froze looks healthy otherwise.
 *
 * Threads: every function may be called from any thread. The table's mutex is held only
 * while copying; nothing outside this module is called under it.
 */
#ifndef TELEMETRY_LIVE_H
#define TELEMETRY_LIVE_H

#include "telemetry/model.h"
#include "telemetry/sample.h"

enum {
    LIVE_TEXT_MAX = 96, /* bytes of a text point; the display of a panel is 80 */
};

struct live;

struct live_cell {
    struct sample last;
    struct wall_time good_time; /* 0: never good */
    double good_value;
    struct wall_time same_since; /* of the first of the good readings that all were it */
    uint64_t sequence;           /* grows with every change in the table; 0: never */
};

struct live *live_new(size_t points); /* never NULL: out of memory aborts */
void live_free(struct live *live);    /* NULL is fine */

/* What the wall clock shows as the next samples are put. */
void live_clock(struct live *live, struct wall_time now);

/* Stores copies. `accepted[i]` (may be NULL) says whether samples[i] was stored. */
void live_put(struct live *live, const struct sample *samples, size_t count,
              bool *accepted);
void live_put_text(struct live *live, uint32_t point, const char *text);

/* Copies `count` cells from `first` on. */
void live_get(struct live *live, uint32_t first, size_t count, struct live_cell *cells);
void live_get_text(struct live *live, uint32_t point, char text[LIVE_TEXT_MAX]);

/* The sequence of the newest change. */
uint64_t live_sequence(struct live *live);

/* Points that changed after `sequence`, oldest index first, at most `max`; returns how
 * many were written to `points` and sets *sequence to the table's present one (when the
 * list was cut, the rest is lost to the caller: it should reread everything). */
size_t live_changes(struct live *live, uint64_t *sequence, uint32_t *points, size_t max);

/* How far the cell may be trusted at `now`: its own quality, or BAD and REASON_STALE when
 * the reading is older than the point's stale_after. */
enum quality live_quality(const struct live_cell *cell, const struct point *point,
                          struct mono_time now, enum reason *reason);

#endif
