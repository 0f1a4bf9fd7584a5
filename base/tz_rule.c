/* tz_rule.c - see tz_rule.h. */
#include "base/tz_rule.h"

#include "base/clock.h"

#include <ctype.h>

enum {
    DAY_S = 86400,
    CHANGE_DEFAULT_S = 2 * 3600, /* POSIX: at 02:00 when no time is given */
    OFFSET_HOURS_MAX = 24,
    CHANGE_HOURS_MAX = 167, /* RFC 8536: a week less an hour, either way */
};

static bool take(const char **cursor, char c)
{
    if (**cursor != c)
        return false;
    (*cursor)++;
    return true;
}

/* A number of at most three digits within [low, high], or -1. */
static int take_number(const char **cursor, int low, int high)
{
    int value = 0;
    int digits = 0;

    while (digits < 3 && **cursor >= '0' && **cursor <= '9') {
        value = value * 10 + (**cursor - '0');
        (*cursor)++;
        digits++;
    }
    return digits > 0 && value >= low && value <= high ? value : -1;
}

static bool is_name_char(char c, bool quoted)
{
    return isalpha((unsigned char)c) != 0 ||
           (quoted && (isdigit((unsigned char)c) != 0 || c == '+' || c == '-'));
}

/* "CET" or "<+1030>": three characters or more. */
static bool take_name(const char **cursor)
{
    bool quoted = take(cursor, '<');
    const char *first = *cursor;

    while (is_name_char(**cursor, quoted))
        (*cursor)++;
    return *cursor - first >= 3 && (!quoted || take(cursor, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(const char **cursor, int hours_max, int32_t *seconds)
{
    int32_t sign = 1;
    int hours;
    int minutes = 0;
    int rest = 0;

    if (take(cursor, '-'))
        sign = -1;
    else
        (void)take(cursor, '+');
    hours = take_number(cursor, 0, hours_max);
    if (hours >= 0 && take(cursor, ':')) {
        minutes = take_number(cursor, 0, 59);
        if (minutes >= 0 && take(cursor, ':'))
            rest = take_number(cursor, 0, 59);
    }
    if (hours < 0 || minutes < 0 || rest < 0)
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
}

static bool take_month_day(const char **cursor, struct tz_day *day)
{
    day->kind = TZ_DAY_MONTH;
    day->month = take_number(cursor, 1, 12);
    if (day->month < 0 || !take(cursor, '.'))
        return false;
    day->week = take_number(cursor, 1, 5);
    if (day->week < 0 || !take(cursor, '.'))
        return false;
    day->day = take_number(cursor, 0, 6);
    return day->day >= 0;
}

/* ",M3.5.0/2": a comma, the day, perhaps a time. */
static bool take_change(const char **cursor, struct tz_day *day)
{
    bool good;

    if (!take(cursor, ','))
        return false;
    if (take(cursor, 'M')) {
        good = take_month_day(cursor, day);
    } else {
        bool julian = take(cursor, 'J');

        day->kind = julian ? TZ_DAY_JULIAN : TZ_DAY_ZERO;
        day->day = take_number(cursor, julian ? 1 : 0, 365);
        good = day->day >= 0;
    }
    day->time_s = CHANGE_DEFAULT_S;
    return good &&
           (!take(cursor, '/') || take_time(cursor, CHANGE_HOURS_MAX, &day->time_s));
}

bool tz_rule_parse(const char *text, struct tz_rule *rule)
{
    const char *cursor = text;
    struct tz_rule parsed = {0};
    int32_t west_s; /* POSIX counts west of Greenwich as positive */

    if (!take_name(&cursor) || !take_time(&cursor, OFFSET_HOURS_MAX, &west_s))
        return false;
    parsed.standard_s = -west_s;
    if (*cursor != '\0') {
        parsed.has_daylight = true;
        parsed.daylight_s = parsed.standard_s + 3600;
        if (!take_name(&cursor))
            return false;
        if (*cursor != ',') {
            if (!take_time(&cursor, OFFSET_HOURS_MAX, &west_s))
                return false;
            parsed.daylight_s = -west_s;
        }
        if (!take_change(&cursor, &parsed.start) || !take_change(&cursor, &parsed.end))
            return false;
    }
    if (*cursor != '\0')
        return false;
    *rule = parsed;
    return true;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970 of the w-th weekday of a month. 1970-01-01 was a Thursday (4). */
static int64_t month_day(int64_t year, const struct tz_day *day)
{
    int64_t first = days_from_civil(year, day->month, 1);
    int64_t next = day->month == 12 ? days_from_civil(year + 1, 1, 1)
                                    : days_from_civil(year, day->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7;
    int64_t found = first + (day->day - weekday + 7) % 7 + (int64_t)(day->week - 1) * 7;

    return found >= next ? found - 7 : found;
}

/* Local seconds since 1970 of a change in `year`. */
static int64_t change_of_year(int64_t year, const struct tz_day *day)
{
    int64_t new_year = days_from_civil(year, 1, 1);
    int64_t days = 0;

    switch (day->kind) {
    case TZ_DAY_JULIAN:
        days = new_year + day->day - 1 + (is_leap(year) && day->day >= 60 ? 1 : 0);
        break;
    case TZ_DAY_ZERO:
        days = new_year + day->day;
        break;
    case TZ_DAY_MONTH:
        days = month_day(year, day);
        break;
    }
    return days * DAY_S + day->time_s;
}

int32_t tz_rule_offset(const struct tz_rule *rule, int64_t seconds)
{
    int64_t local = seconds + rule->standard_s;
    int64_t year;
    int64_t start;
    int64_t end;
    int month;
    int day;
    bool daylight;

    if (!rule->has_daylight)
        return rule->standard_s;
    civil_from_days(local / DAY_S - (local % DAY_S < 0 ? 1 : 0), &year, &month, &day);
    start = change_of_year(year, &rule->start) - rule->standard_s;
    end = change_of_year(year, &rule->end) - rule->daylight_s;
    /* South of the equator daylight time runs over the new year. */
    daylight = start < end ? seconds >= start && seconds < end
                           : !(seconds >= end && seconds < start);
    return daylight ? rule->daylight_s : rule->standard_s;
}
