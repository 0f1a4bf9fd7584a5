/* times.c - see times.h. */
#include "web/times.h"

#include "web/body.h"

#include <stdio.h>

enum {
    FOR_MAX_DAYS = 366,
};

bool times_read(const struct json *object, const char *name, struct wall_time *time,
                struct response *response)
{
    const char *text = json_member_text(object, name, NULL);

    if (text == NULL || wall_parse(text, time))
        return true;
    response_bad_parameter(response, name, "2026-11-24T18:00:00+08:00",
                           "\"%s\" is not a time in RFC 3339", text);
    return false;
}

bool times_read_end(const struct json *object, struct wall_time from, int64_t default_ms,
                    struct wall_time *until, struct response *response)
{
    int64_t for_ms = default_ms;
    bool both =
        json_member(object, "until") != NULL && json_member(object, "for_ms") != NULL;

    if (both) {
        response_bad_parameter(response, "for_ms", "leave one of them out",
                               "and until say the same thing");
        return false;
    }
    if (!body_integer(object, "for_ms", 1, (int64_t)FOR_MAX_DAYS * 24 * 3600 * 1000,
                      &for_ms, response))
        return false;
    *until = wall_add_ms(from, for_ms);
    return times_read(object, "until", until, response);
}

bool times_local(const struct call *call, const char *text, struct wall_time *time)
{
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int end = 0;

    /* NOLINTNEXTLINE(cert-err34-c): at most four digits each, checked below */
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute,
               &end) != 5 ||
        text[end] != '\0' || year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    *time = tz_instant(call->site->tz, year, month, day, hour, minute);
    /* 31 November would be a day in December. */
    return tz_local(call->site->tz, *time).month == month;
}
