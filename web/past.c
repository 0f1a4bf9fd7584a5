/* past.c - see past.h. */
#include "web/past.h"

#include <errno.h>
#include <stdlib.h>

int64_t past_step_ms(int64_t span_ms, int64_t steps)
{
    static const int64_t handy[] = {
        PAST_MINUTE_MS,      2 * PAST_MINUTE_MS,  5 * PAST_MINUTE_MS, 10 * PAST_MINUTE_MS,
        15 * PAST_MINUTE_MS, 30 * PAST_MINUTE_MS, PAST_HOUR_MS,       2 * PAST_HOUR_MS,
        3 * PAST_HOUR_MS,    6 * PAST_HOUR_MS,    12 * PAST_HOUR_MS,  PAST_DAY_MS,
    };

    for (size_t i = 0; i < sizeof handy / sizeof handy[0]; i++)
        if (span_ms / handy[i] <= steps)
            return handy[i];
    return 7 * PAST_DAY_MS;
}

bool past_parse_step(const char *text, int64_t *ms)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {
        {'s', 1000}, {'m', PAST_MINUTE_MS}, {'h', PAST_HOUR_MS}, {'d', PAST_DAY_MS}};
    char *end;
    long number;

    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || end == text || number <= 0 || number > 1000000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (end[0] == units[i].letter && end[1] == '\0') {
            *ms = number * units[i].ms;
            return true;
        }
    return false;
}

struct wall_time past_floor(struct wall_time time, int64_t step_ms)
{
    int64_t step_ns = step_ms * CLOCK_MS;
    int64_t rest = time.ns % step_ns;

    return (struct wall_time){time.ns - (rest < 0 ? rest + step_ns : rest)};
}
