/* days.c - see days.h. */
#include "rules/days.h"

#include "base/clock.h"

#include <string.h>

int days_weekday(int64_t day)
{
    int64_t since_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return (int)(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

static bool among(const int32_t *days, size_t count, int64_t day)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && days[low] == day;
}

static int64_t year_of(int64_t day)
{
    int64_t year;
    int month;
    int of_month;

    civil_from_days(day, &year, &month, &of_month);
    return year;
}

struct day_kind days_kind(const struct calendar_settings *calendar, int64_t day)
{
    struct day_kind kind = {.workday = days_weekday(day) <= 5};

    if (calendar == NULL)
        return kind;
    kind.holiday = among(calendar->holidays, calendar->holiday_count, day);
    if (kind.holiday)
        kind.workday = false;
    else if (among(calendar->workdays, calendar->workday_count, day))
        kind.workday = true;
    kind.uncertain =
        calendar->holiday_count > 0 &&
        (year_of(day) < calendar->first_year || year_of(day) > calendar->last_year);
    return kind;
}

const struct season_settings *days_season(const struct calendar_settings *calendar,
                                          const char *name)
{
    for (size_t i = 0; calendar != NULL && i < calendar->season_count; i++)
        if (strcmp(calendar->seasons[i].name, name) == 0)
            return &calendar->seasons[i];
    return NULL;
}

bool days_in_season(const struct season_settings *season, int month, int day)
{
    int from = season->from_month * 100 + season->from_day;
    int to = season->to_month * 100 + season->to_day;
    int now = month * 100 + day;

    return from <= to ? now >= from && now <= to : now >= from || now <= to;
}
