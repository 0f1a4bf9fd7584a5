/* units.c - see units.h. */
#include "config/units.h"

#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit durations[] = {
    {"w", INT64_C(7) * 86400000},
    {"d", 86400000},
    {"h", 3600000},
    {"m", 60000},
    {"s", 1000},
    {"ms", 1},
};
static const struct unit sizes[] = {
    {"TiB", INT64_C(1) << 40},
    {"TB", INT64_C(1000000000000)},
    {"GiB", INT64_C(1) << 30},
    {"GB", 1000000000},
    {"MiB", 1 << 20},
    {"MB", 1000000},
    {"KiB", 1 << 10},
    {"kB", 1000},
    {"B", 1},
};

enum {
    DURATIONS = sizeof durations / sizeof durations[0],
    SIZES = sizeof sizes / sizeof sizes[0],
    DIGITS_MAX = 15, /* keeps number * factor far from overflow after the check below */
};

static const int64_t duration_max = INT64_C(36525) * 86400000;
static const int64_t size_max = INT64_C(1000) << 40;

/* Reads "123" and the letters behind it. Returns the unit's index, or -1. */
static int read_part(const char **text, const struct unit *units, int count,
                     int64_t *number)
{
    size_t digits = strspn(*text, "0123456789");
    size_t letters = strspn(*text + digits, "abcdefghijklmnopqrstuvwxyz"
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (digits == 0 || digits > DIGITS_MAX)
        return -1;
    *number = 0;
    for (size_t i = 0; i < digits; i++)
        *number = *number * 10 + ((*text)[i] - '0');
    for (int u = 0; u < count; u++) {
        if (strlen(units[u].name) == letters &&
            memcmp(*text + digits, units[u].name, letters) == 0) {
            *text += digits + letters;
            return u;
        }
    }
    return -1;
}

bool units_duration(const char *text, int64_t *ms)
{
    int64_t total = 0;
    int last = -1;

    do {
        int64_t number;
        int unit = read_part(&text, durations, DURATIONS, &number);

        if (unit <= last || number > duration_max / durations[unit].factor)
            return false;
        last = unit;
        total += number * durations[unit].factor;
    } while (*text != '\0');
    if (total > duration_max)
        return false;
    *ms = total;
    return true;
}

bool units_size(const char *text, int64_t *bytes)
{
    int64_t number;
    int unit = read_part(&text, sizes, SIZES, &number);

    if (unit < 0 || *text != '\0' || number > size_max / sizes[unit].factor)
        return false;
    *bytes = number * sizes[unit].factor;
    return true;
}

char *units_format_duration(int64_t ms, char out[UNITS_SIZE])
{
    size_t used = 0;

    if (ms <= 0) {
        (void)snprintf(out, UNITS_SIZE, "0s");
        return out;
    }
    for (int i = 1; i < DURATIONS && ms > 0; i++) { /* "30d" says more than "4w2d" */
        int64_t number = ms / durations[i].factor;

        if (number == 0)
            continue;
        used += (size_t)snprintf(out + used, UNITS_SIZE - used, "%lld%s",
                                 (long long)number, durations[i].name);
        ms -= number * durations[i].factor;
    }
    return out;
}

char *units_format_size(int64_t bytes, char out[UNITS_SIZE])
{
    int unit = 0;

    while (unit < SIZES - 1 && (bytes == 0 || bytes % sizes[unit].factor != 0))
        unit++;
    (void)snprintf(out, UNITS_SIZE, "%lld%s", (long long)(bytes / sizes[unit].factor),
                   sizes[unit].name);
    return out;
}
