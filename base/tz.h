/* tz.h - a site's time zone, from the system's TZif files.
 *
 * glibc has one zone per process and keeps it in the environment; a gateway must be able
 * to change zones in a reload while threads run. So the zone is a value that is loaded
 * once and asked. Pure after loading.
 *
 * Source: RFC 8536 (TZif version 2+, with the footer for times beyond the table).
 * Threads: read-only after tz_load.
 */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include "base/clock.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct tz;

/* Loads an IANA name ("Asia/Shanghai", "UTC") from /usr/share/zoneinfo. ERR_CONFIG when
 * there is no such zone (names with ".." or a leading '/' are refused). */
struct tz *tz_load(const char *name, struct err *err);
/* The same from the bytes of a TZif file. ERR_CONFIG when they are damaged. */
struct tz *tz_parse(const void *bytes, size_t length, struct err *err);
void tz_free(struct tz *tz); /* NULL is fine */

/* Seconds east of UTC in force at `time`. */
int32_t tz_offset(const struct tz *tz, struct wall_time time);

struct local_time {
    int64_t year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int hour;  /* 0..23 */
    int minute;
    int second;
    int weekday; /* 1 = Monday .. 7 = Sunday (ISO 8601) */
};

struct local_time tz_local(const struct tz *tz, struct wall_time time);

/* The instant of a local time; fields may be out of range and are carried (month 13 is
 * January of the next year). In a gap (spring) the instant of the change; of the two of
 * an overlap (autumn) the first. Saturates outside of 1678..2261. */
struct wall_time tz_instant(const struct tz *tz, int64_t year, int month, int day,
                            int hour, int minute);

#endif
