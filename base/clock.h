/* clock.h - two clocks that cannot be mixed up.
 *
 * Durations come from the monotonic clock, stamps from the wall clock. Each has a type
 * of its own, so that a difference between the two does not compile.
 *
 * Unit: nanoseconds in 64 bits (wall: since 1970-01-01 UTC, good until 2262).
 * Threads: any.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_MS INT64_C(1000000)
#define CLOCK_S  INT64_C(1000000000)

struct mono_time {
    int64_t ns; /* 0 = never */
};

struct wall_time {
    int64_t ns; /* 0 = never */
};

#define MONO_NEVER ((struct mono_time){INT64_MAX}) /* a deadline that does not come */

struct mono_time mono_now(void);
struct wall_time wall_now(void);

static inline struct mono_time mono_add_ms(struct mono_time from, int64_t ms)
{
    return (struct mono_time){from.ns + ms * CLOCK_MS};
}

static inline int64_t mono_diff_ms(struct mono_time later, struct mono_time earlier)
{
    return (later.ns - earlier.ns) / CLOCK_MS;
}

static inline bool mono_before(struct mono_time a, struct mono_time b)
{
    return a.ns < b.ns;
}

static inline struct mono_time mono_min(struct mono_time a, struct mono_time b)
{
    return a.ns < b.ns ? a : b;
}

static inline struct wall_time wall_add_ms(struct wall_time from, int64_t ms)
{
    return (struct wall_time){from.ns + ms * CLOCK_MS};
}

static inline int64_t wall_diff_ms(struct wall_time later, struct wall_time earlier)
{
    return (later.ns - earlier.ns) / CLOCK_MS;
}

/* Sleeps until `until` on the monotonic clock; a signal does not shorten it. */
void mono_sleep_until(struct mono_time until);

enum {
    CLOCK_RFC3339_SIZE = 32, /* "2026-11-24T16:24:39.123Z" and its terminator */
};

/* RFC 3339 in UTC with milliseconds; "" for the time 0. Returns `out`. */
char *wall_format(struct wall_time time, char out[CLOCK_RFC3339_SIZE]);

/* Reads RFC 3339 (any offset, 0 to 9 fractional digits). False when malformed. */
bool wall_parse(const char *text, struct wall_time *out);

/* Days since 1970-01-01 of a proleptic Gregorian date; month 1..12, day 1..31.
 * Source: H. Hinnant, "chrono-compatible low-level date algorithms". */
int64_t days_from_civil(int64_t year, int month, int day);

/* The inverse of days_from_civil. */
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);

#endif
