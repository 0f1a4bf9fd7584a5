/* show.h - how numbers, ages and times look to people (pure).
 *
 * Numbers keep the digits that matter at their size, so that a column of live values
 * does not jump; what is exact is the API's. Times are the site's.
 *
 * Every function writes to `out` (SHOW_SIZE bytes), terminates it and returns it;
 * SHOW_ROOM gives such a buffer for the rest of the block.
 * Threads: no state.
 */
#ifndef WEB_SHOW_H
#define WEB_SHOW_H

#include "base/tz.h"
#include "telemetry/live.h"
#include "web/words.h"

enum {
    SHOW_SIZE = 128, /* longest: a text point (LIVE_TEXT_MAX) */
};

#define SHOW_ROOM ((char[SHOW_SIZE]){0})

/* "0.412", "12.40", "231.2", "48213"; "–" when not finite. */
char *show_number(double value, char *out);

/* A reading of a point, without its unit: the number, yes or no, the name of the code,
 * the names of the bits that are set, or `text` for a text point. */
char *show_value(enum language language, const struct point *point, double value,
                 const char *text, char *out);

/* "3 s", "2 min", "2 h 13 min", "5 d 3 h". */
char *show_duration(enum language language, int64_t ms, char *out);

/* "16:45:02" today, "11-23 16:45" this year, else "2025-11-23 16:45". */
char *show_time(const struct tz *tz, struct wall_time time, struct wall_time now,
                char *out);
/* "2026-11-24 16:45:02". */
char *show_full_time(const struct tz *tz, struct wall_time time, char *out);

char *show_bytes(int64_t bytes, char *out);                 /* "12.4 MiB" */
char *show_count(uint64_t count, char *out);                /* "1 204 512", thin spaces */
char *show_percent(double share, char *out);                /* 0.9953 as "99.5 %" */
char *show_decimals(double value, int decimals, char *out); /* "–" when not finite */

/* The title of a point in that language; a usual name's word or the name itself when the
 * profile gives none. */
const char *show_point(enum language language, const struct point *point);

#endif
