/* retry_after.c - see retry_after.h. */
#include "history/retry_after.h"

#include <string.h>

struct date {
    int64_t year;
    int64_t month;
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
};

/* A number of `least` to `most` digits. */
static bool read_number(const char **at, int least, int most, int64_t *value)
{
    int digits = 0;

    *value = 0;
    while (digits < most && **at >= '0' && **at <= '9') {
        *value = *value * 10 + (**at - '0');
        digits++;
        ++*at;
    }
    return digits >= least;
}

static bool read_text(const char **at, const char *text)
{
    size_t length = strlen(text);

    if (strncmp(*at, text, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool read_month(const char **at, int64_t *month)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (*month = 1; *month <= 12; ++*month)
        if (strncmp(*at, names + (*month - 1) * 3, 3) == 0) {
            *at += 3;
            return true;
        }
    return false;
}

static bool read_clock(const char **at, struct date *date)
{
    return read_number(at, 2, 2, &date->hour) && read_text(at, ":") &&
           read_number(at, 2, 2, &date->minute) && read_text(at, ":") &&
           read_number(at, 2, 2, &date->second);
}

/* "06 Nov 1994 08:49:37 GMT", behind "Sun, " */
static bool read_imf(const char *at, struct date *date)
{
    return read_number(&at, 2, 2, &date->day) && read_text(&at, " ") &&
           read_month(&at, &date->month) && read_text(&at, " ") &&
           read_number(&at, 4, 4, &date->year) && read_text(&at, " ") &&
           read_clock(&at, date) && read_text(&at, " GMT") && *at == '\0';
}

/* "06-Nov-94 08:49:37 GMT", behind "Sunday, ": of this century, as we are. */
static bool read_rfc850(const char *at, struct date *date)
{
    if (!(read_number(&at, 2, 2, &date->day) && read_text(&at, "-") &&
          read_month(&at, &date->month) && read_text(&at, "-") &&
          read_number(&at, 2, 2, &date->year) && read_text(&at, " ") &&
          read_clock(&at, date) && read_text(&at, " GMT") && *at == '\0'))
        return false;
    date->year += 2000;
    return true;
}

/* "Nov  6 08:49:37 1994", behind "Sun " */
static bool read_asctime(const char *at, struct date *date)
{
    if (!read_month(&at, &date->month) || !read_text(&at, " "))
        return false;
    (void)read_text(&at, " ");
    return read_number(&at, 1, 2, &date->day) && read_text(&at, " ") &&
           read_clock(&at, date) && read_text(&at, " ") &&
           read_number(&at, 4, 4, &date->year) && *at == '\0';
}

static bool read_date(const char *value, struct date *date)
{
    const char *comma = strchr(value, ',');
    const char *blank = strchr(value, ' ');

    if (comma != NULL && comma[1] == ' ')
        return read_imf(comma + 2, date) || read_rfc850(comma + 2, date);
    return blank != NULL && read_asctime(blank + 1, date);
}

int64_t retry_after_ms(const char *value, struct wall_time now)
{
    struct date date;
    const char *at = value;
    int64_t seconds;

    if (read_number(&at, 1, 9, &seconds)) {
        if (strspn(at, "0123456789") > 0)
            seconds = RETRY_AFTER_MAX_MS;
        else if (*at != '\0')
            return -1;
    } else if (read_date(value, &date) && date.day >= 1 && date.day <= 31 &&
               date.hour < 24 && date.minute < 60 && date.second <= 60) {
        seconds = days_from_civil(date.year, (int)date.month, (int)date.day) * 86400 +
                  date.hour * 3600 + date.minute * 60 + date.second - now.ns / CLOCK_S;
    } else {
        return -1;
    }
    if (seconds < 0)
        return 0;
    return seconds > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : seconds * 1000;
}
