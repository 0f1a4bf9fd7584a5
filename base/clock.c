/* clock.c - see clock.h. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * CLOCK_S + now.tv_nsec;
}

struct mono_time mono_now(void)
{
    return (struct mono_time){read_clock(CLOCK_MONOTONIC)};
}

struct wall_time wall_now(void)
{
    return (struct wall_time){read_clock(CLOCK_REALTIME)};
}

void mono_sleep_until(struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

char *wall_format(struct wall_time time, char out[CLOCK_RFC3339_SIZE])
{
    int64_t seconds = time.ns / CLOCK_S - (time.ns % CLOCK_S < 0 ? 1 : 0);
    int64_t rest_ns = time.ns - seconds * CLOCK_S;
    int64_t days = seconds / 86400 - (seconds % 86400 < 0 ? 1 : 0);
    int64_t in_day = seconds - days * 86400;
    int64_t year;
    int month;
    int day;

    if (time.ns == 0) {
        out[0] = '\0';
        return out;
    }
    civil_from_days(days, &year, &month, &day);
    /* The remainders tell the compiler that every part fits. */
    (void)snprintf(out, CLOCK_RFC3339_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
                   (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100,
                   (unsigned)(in_day / 3600) % 100, (unsigned)(in_day / 60 % 60),
                   (unsigned)(in_day % 60), (unsigned)(rest_ns / CLOCK_MS) % 1000);
    return out;
}

/* Exactly `count` digits as a number, or -1. */
static int digits(const char **cursor, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++, (*cursor)++) {
        if (**cursor < '0' || **cursor > '9')
            return -1;
        value = value * 10 + (**cursor - '0');
    }
    return value;
}

static bool expect(const char **cursor, char c)
{
    if (**cursor != c)
        return false;
    (*cursor)++;
    return true;
}

/* ".123" as nanoseconds, 0 when there is no fraction, -1 when it has none or more than
 * nine digits. */
static int64_t fraction_ns(const char **cursor)
{
    int64_t ns = 0;
    int64_t unit = CLOCK_S;

    if (!expect(cursor, '.'))
        return 0;
    for (; **cursor >= '0' && **cursor <= '9' && unit > 0; (*cursor)++) {
        unit /= 10;
        ns += (**cursor - '0') * unit;
    }
    return unit == CLOCK_S || unit == 0 ? -1 : ns;
}

/* Seconds east of UTC, or INT32_MIN when malformed. */
static int32_t zone_offset(const char **cursor)
{
    int sign = **cursor == '-' ? -1 : 1;
    int hour;
    int minute;

    if (expect(cursor, 'Z') || expect(cursor, 'z'))
        return 0;
    if (!expect(cursor, '+') && !expect(cursor, '-'))
        return INT32_MIN;
    hour = digits(cursor, 2);
    if (hour < 0 || hour > 23 || !expect(cursor, ':'))
        return INT32_MIN;
    minute = digits(cursor, 2);
    if (minute < 0 || minute > 59)
        return INT32_MIN;
    return sign * (hour * 3600 + minute * 60);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool parse_date(const char **cursor, int64_t *days)
{
    int year = digits(cursor, 4);
    int month;
    int day;

    if (year < 1678 || year > 2261 || !expect(cursor, '-'))
        return false;
    month = digits(cursor, 2);
    if (month < 1 || month > 12 || !expect(cursor, '-'))
        return false;
    day = digits(cursor, 2);
    if (day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_civil(year, month, day);
    return true;
}

static bool parse_time_of_day(const char **cursor, int64_t *seconds)
{
    int hour = digits(cursor, 2);
    int minute;
    int second;

    if (hour < 0 || hour > 23 || !expect(cursor, ':'))
        return false;
    minute = digits(cursor, 2);
    if (minute < 0 || minute > 59 || !expect(cursor, ':'))
        return false;
    second = digits(cursor, 2);
    if (second < 0 || second > 60)
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

bool wall_parse(const char *text, struct wall_time *out)
{
    const char *cursor = text;
    int64_t days;
    int64_t seconds;
    int64_t ns;
    int32_t offset;

    if (!parse_date(&cursor, &days))
        return false;
    if (*cursor != 'T' && *cursor != 't' && *cursor != ' ')
        return false;
    cursor++;
    if (!parse_time_of_day(&cursor, &seconds))
        return false;
    ns = fraction_ns(&cursor);
    offset = zone_offset(&cursor);
    if (ns < 0 || offset == INT32_MIN || *cursor != '\0')
        return false;
    out->ns = (days * 86400 + seconds - offset) * CLOCK_S + ns;
    return true;
}
