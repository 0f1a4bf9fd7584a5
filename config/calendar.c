/* calendar.c - see calendar.h. */
#include "config/calendar.h"

#include "base/clock.h"
#include "config/codes.h"

#include <stdlib.h>
#include <string.h>

/* As many digits as `count`; -1 when something else stands there. */
static int digits(const char *text, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

bool calendar_parse_day(const char *text, int32_t *day)
{
    int year;
    int month;
    int of_month;
    int64_t back_year;
    int back_month;
    int back_day;
    int64_t days;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    year = digits(text, 4);
    month = digits(text + 5, 2);
    of_month = digits(text + 8, 2);
    if (year < 1970 || month < 1 || month > 12 || of_month < 1 || of_month > 31)
        return false;
    days = days_from_civil(year, month, of_month);
    civil_from_days(days, &back_year, &back_month, &back_day);
    if (back_month != month)
        return false; /* 31 April has become 1 May */
    *day = (int32_t)days;
    return true;
}

bool calendar_month_day(const char *text, int *month, int *day)
{
    char leap_day[11] = "2000-"; /* of a year that has a 29 February */
    int32_t days;

    if (strlen(text) != 5)
        return false;
    memcpy(leap_day + 5, text, 6);
    if (!calendar_parse_day(leap_day, &days))
        return false;
    *month = digits(text, 2);
    *day = digits(text + 3, 2);
    return true;
}

static int compare_days(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a;
    int32_t y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static size_t sort_days(struct vector *days)
{
    int32_t *list = days->items;
    size_t kept = 0;

    if (days->count > 0)
        qsort(list, days->count, sizeof *list, compare_days);
    for (size_t i = 0; i < days->count; i++)
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    return kept;
}

static int year_of(int32_t day)
{
    int64_t year;
    int month;
    int of_month;

    civil_from_days(day, &year, &month, &of_month);
    return (int)year;
}

void calendar_finish(struct calendar_body *calendar)
{
    struct calendar_settings *settings = &calendar->settings;

    settings->holidays = calendar->holidays.items;
    settings->holiday_count = sort_days(&calendar->holidays);
    settings->workdays = calendar->workdays.items;
    settings->workday_count = sort_days(&calendar->workdays);
    settings->seasons = calendar->seasons.items;
    settings->season_count = calendar->seasons.count;
    if (settings->holiday_count == 0)
        return;
    settings->first_year = year_of(settings->holidays[0]);
    settings->last_year = year_of(settings->holidays[settings->holiday_count - 1]);
}

static bool asks(const struct expr_settings *expr)
{
    return strstr(expr->text, "holiday(") != NULL ||
           strstr(expr->text, "workday(") != NULL;
}

static bool rule_asks(const struct rule_settings *rule)
{
    const struct expr_settings *exprs[RULE_EXPRESSIONS_MAX];
    size_t count = rule_expressions(rule, exprs);

    for (size_t i = 0; i < count; i++)
        if (asks(exprs[i]))
            return true;
    return false;
}

/* Who asks first; false when nobody does. */
static bool find_asker(const struct config *config, struct config_pos *pos,
                       const char **what)
{
    for (size_t i = 0; i < config->rule_count; i++)
        if (rule_asks(&config->rules[i])) {
            *pos = config->rules[i].pos;
            *what = config->rules[i].id;
            return true;
        }
    for (size_t i = 0; i < config->virtual_count; i++)
        if (asks(&config->virtuals[i].value)) {
            *pos = config->virtuals[i].pos;
            *what = config->virtuals[i].name;
            return true;
        }
    return false;
}

void calendar_check(const struct config *config, int64_t year,
                    struct config_report *report)
{
    const struct calendar_settings *calendar = &config->calendar;
    struct config_pos pos;
    const char *what;

    if ((year >= calendar->first_year && year <= calendar->last_year) ||
        !find_asker(config, &pos, &what))
        return;
    config_report_add(
        report, REPORT_WARNING, CODE(W_CALENDAR),
        calendar->pos.line > 0 ? calendar->pos : pos,
        calendar->country[0] == '\0'
            ? "write calendar : { country = \"cn\"; }; or its holidays"
            : "add the holidays and workdays of that year to your calendar",
        "the calendar has no holidays of %lld, but \"%s\" asks for them: every Monday to "
        "Friday counts as a workday",
        (long long)year, what);
}
