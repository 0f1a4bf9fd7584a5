/* calendar.h - days that are off, and whether anybody asks for a year that is not there.
 *
 * Pure. Threads: no state.
 */
#ifndef CONFIG_CALENDAR_H
#define CONFIG_CALENDAR_H

#include "config/config.h"
#include "config/sections.h"

/* "2026-10-01" as days since 1970-01-01. False when there is no such day. */
bool calendar_parse_day(const char *text, int32_t *day);
/* "11-15" as month and day; 02-29 is one. */
bool calendar_month_day(const char *text, int *month, int *day);

/* Sorts the days, each once, and notes the years they cover. */
void calendar_finish(struct calendar_body *calendar);

/* A warning when a rule, a virtual point or a level asks for holiday() or workday() and
 * the calendar says nothing about `year`. */
void calendar_check(const struct config *config, int64_t year,
                    struct config_report *report);

#endif
