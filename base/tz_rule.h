/* tz_rule.h - the POSIX TZ string of a zone's footer: "CET-1CEST,M3.5.0,M10.5.0/3"
 * (pure).
 *
 * Says the offset for every time beyond a zone's table of transitions.
 *
 * Source: POSIX.1-2017 section 8.3 (TZ), RFC 8536 section 3.3.1 (hours -167..167).
 * Threads: plain data.
 */
#ifndef BASE_TZ_RULE_H
#define BASE_TZ_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum tz_day_kind {
    TZ_DAY_JULIAN, /* Jn: 1..365, February 29 is never counted */
    TZ_DAY_ZERO,   /* n: 0..365, February 29 is counted */
    TZ_DAY_MONTH,  /* Mm.w.d: the w-th weekday d of month m; w = 5 is the last */
};

/* One of the two changes of a year. */
struct tz_day {
    enum tz_day_kind kind;
    int month;      /* 1..12 */
    int week;       /* 1..5 */
    int day;        /* of the kind; of TZ_DAY_MONTH 0 = Sunday .. 6 */
    int32_t time_s; /* local seconds after that day's midnight, may be negative */
};

struct tz_rule {
    int32_t standard_s; /* seconds east of UTC */
    int32_t daylight_s;
    bool has_daylight;
    struct tz_day start; /* in standard time */
    struct tz_day end;   /* in daylight time */
};

/* False when `text` is no TZ string; then `rule` is untouched. */
bool tz_rule_parse(const char *text, struct tz_rule *rule);

/* Seconds east of UTC in force at `seconds` since 1970-01-01 UTC. */
int32_t tz_rule_offset(const struct tz_rule *rule, int64_t seconds);

#endif
