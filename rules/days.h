/* days.h - what kind of day it is (pure), from config->calendar.
 *
 * Without a calendar, or on days it does not speak of, Saturday and Sunday are off and
 * there are no holidays. A country's list ends with some year: of days in later years
 * only that can be told, and it is uncertain.
 *
 * Threads: no state.
 */
#ifndef RULES_DAYS_H
#define RULES_DAYS_H

#include "config/settings.h"

struct day_kind {
    bool holiday;
    bool workday;
    bool uncertain; /* outside of the years of the list */
};

/* `day` since 1970-01-01 in the site's calendar; `calendar` may be NULL. */
struct day_kind days_kind(const struct calendar_settings *calendar, int64_t day);

/* 1 = Monday .. 7 = Sunday. */
int days_weekday(int64_t day);

/* NULL when there is none of that name. */
const struct season_settings *days_season(const struct calendar_settings *calendar,
                                          const char *name);
/* Both ends belong to it; it may go over New Year. */
bool days_in_season(const struct season_settings *season, int month, int day);

#endif
