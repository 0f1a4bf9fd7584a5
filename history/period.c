/* period.c - see period.h. */
#include "history/period.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MINUTES_A_DAY = 1440,
    HOURS_A_DAY = 24,
};

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value >= 0 ? value / by : -((by - 1 - value) / by);
}

int64_t period_of(enum period_kind kind, int64_t t)
{
    int64_t year;
    int month;
    int day;

    civil_from_days(floor_divide(t, kind == PERIOD_MONTH ? MINUTES_A_DAY : HOURS_A_DAY),
                    &year, &month, &day);
    return kind == PERIOD_MONTH ? year * 12 + month - 1 : year;
}

int64_t period_start(enum period_kind kind, int64_t period)
{
    if (kind == PERIOD_YEAR)
        return days_from_civil(period, 1, 1) * HOURS_A_DAY;
    return days_from_civil(floor_divide(period, 12),
                           (int)(period - floor_divide(period, 12) * 12) + 1, 1) *
           MINUTES_A_DAY;
}

void period_name(enum period_kind kind, int64_t period, char out[PERIOD_NAME_SIZE])
{
    if (kind == PERIOD_YEAR)
        (void)snprintf(out, PERIOD_NAME_SIZE, "hours-%04" PRId64 ".db", period);
    else
        (void)snprintf(out, PERIOD_NAME_SIZE, "%04" PRId64 "-%02d.db", period / 12,
                       (int)(period % 12) + 1);
}

bool period_parse(const char *name, enum period_kind *kind, int64_t *period)
{
    char again[PERIOD_NAME_SIZE];
    char *end;
    long first;

    *kind = strncmp(name, "hours-", 6) == 0 ? PERIOD_YEAR : PERIOD_MONTH;
    first = strtol(*kind == PERIOD_YEAR ? name + 6 : name, &end, 10);
    if (first < 1970 || first > 9999)
        return false;
    *period = first;
    if (*kind == PERIOD_MONTH) {
        long month = *end == '-' ? strtol(end + 1, &end, 10) : 0;

        if (month < 1 || month > 12)
            return false;
        *period = first * 12 + month - 1;
    }
    period_name(*kind, *period, again);
    return strncmp(name, again, strlen(again)) == 0;
}

int64_t period_minute(struct wall_time time)
{
    return floor_divide(time.ns, 60 * CLOCK_S);
}

int64_t period_hour(struct wall_time time)
{
    return floor_divide(time.ns, 3600 * CLOCK_S);
}
