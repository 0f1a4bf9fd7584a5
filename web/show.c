/* show.c - see show.h. */
#include "web/show.h"

#include "web/flags.h"
#include "web/names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DASH "\xE2\x80\x93"

char *show_decimals(double value, int decimals, char *out)
{
    if (isfinite(value))
        (void)snprintf(out, SHOW_SIZE, "%.*f", decimals, value == 0 ? 0.0 : value);
    else
        (void)snprintf(out, SHOW_SIZE, DASH);
    return out;
}

char *show_number(double value, char *out)
{
    static const struct {
        double below;
        int decimals;
    } sizes[] = {{1, 3}, {100, 2}, {10000, 1}, {1e15, 0}};
    double size = fabs(value);

    if (size != 0 && size < 0.001) {
        (void)snprintf(out, SHOW_SIZE, "%.3g", value);
        return out;
    }
    if (size < 1e15 && trunc(value) == value)
        return show_decimals(value, 0, out);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (size < sizes[i].below)
            return show_decimals(value, sizes[i].decimals, out);
    if (!isfinite(value))
        return show_decimals(value, 0, out);
    (void)snprintf(out, SHOW_SIZE, "%.6g", value);
    return out;
}

/* The word for a code; NULL when the profile has no name for it. */
static const char *label_of(enum language language, const struct point *point,
                            double value)
{
    for (size_t i = 0; i < point->label_count; i++) {
        const char *name = point->labels[i].name;
        const char *usual;

        if ((double)point->labels[i].code != value)
            continue;
        usual = name_word(language, name);
        return usual == NULL ? name : usual;
    }
    return NULL;
}

/* "dry_run, bit 7": in words where there are usual ones; what does not fit ends in "…".
 */
static char *show_flags(enum language language, const struct point *point, double value,
                        char *out)
{
    static const char more[] = "\xE2\x80\xA6";
    size_t used = 0;

    (void)snprintf(out, SHOW_SIZE, "%s", word(language, WORD_FLAGS_NONE));
    for (unsigned bit = 0; bit < FLAGS_BITS; bit++) {
        char unnamed[FLAGS_NAME_SIZE];
        const char *name = flags_name(point, bit, unnamed);
        const char *usual = name_word(language, name);
        const char *shown = usual == NULL ? name : usual;
        size_t length = strlen(shown) + (used > 0 ? 2 : 0);

        if (!flags_set(value, bit))
            continue;
        if (used + length + sizeof more > SHOW_SIZE) {
            (void)snprintf(out + used, SHOW_SIZE - used, "%s", more);
            break;
        }
        used += (size_t)snprintf(out + used, SHOW_SIZE - used, "%s%s",
                                 used > 0 ? ", " : "", shown);
    }
    return out;
}

char *show_value(enum language language, const struct point *point, double value,
                 const char *text, char *out)
{
    const char *words = NULL;

    if (point->kind == POINT_FLAGS)
        return show_flags(language, point, value, out);
    if (point->kind == POINT_TEXT)
        words = text;
    else if (point->kind == POINT_BOOL)
        words = word(language, value != 0 ? WORD_YES : WORD_NO);
    else if (point->kind == POINT_ENUM)
        words = label_of(language, point, value);
    if (words == NULL)
        return show_number(value, out);
    (void)snprintf(out, SHOW_SIZE, "%s", words);
    return out;
}

/* Fills the one or two slots of a duration's word. */
static char *fill(enum language language, enum word which, int64_t first, int64_t second,
                  char *out)
{
    const char *at = word(language, which);
    int64_t numbers[2] = {first, second};
    size_t used = 0;
    size_t to = 0;

    while (*at != '\0' && to < SHOW_SIZE - 24) {
        if (at[0] == '{' && at[1] == '}' && used < 2) {
            to += (size_t)snprintf(out + to, SHOW_SIZE - to, "%lld",
                                   (long long)numbers[used++]);
            at += 2;
        } else {
            out[to++] = *at++;
        }
    }
    out[to] = '\0';
    return out;
}

char *show_duration(enum language language, int64_t ms, char *out)
{
    int64_t seconds = (ms > 0 ? ms : 0) / 1000;
    int64_t minutes = seconds / 60;
    int64_t hours = minutes / 60;

    if (seconds < 60)
        return fill(language, WORD_DURATION_S, seconds, 0, out);
    if (minutes < 60)
        return fill(language, WORD_DURATION_M, minutes, 0, out);
    if (hours < 24)
        return minutes % 60 == 0
                   ? fill(language, WORD_DURATION_H, hours, 0, out)
                   : fill(language, WORD_DURATION_HM, hours, minutes % 60, out);
    if (hours % 24 == 0 || hours >= INT64_C(30) * 24)
        return fill(language, WORD_DURATION_D, hours / 24, 0, out);
    return fill(language, WORD_DURATION_DH, hours / 24, hours % 24, out);
}

char *show_time(const struct tz *tz, struct wall_time time, struct wall_time now,
                char *out)
{
    struct local_time t;
    struct local_time today = tz_local(tz, now);

    if (time.ns == 0) {
        (void)snprintf(out, SHOW_SIZE, DASH);
        return out;
    }
    t = tz_local(tz, time);
    if (t.year != today.year)
        (void)snprintf(out, SHOW_SIZE, "%04lld-%02d-%02d %02d:%02d", (long long)t.year,
                       t.month, t.day, t.hour, t.minute);
    else if (t.month != today.month || t.day != today.day)
        (void)snprintf(out, SHOW_SIZE, "%02d-%02d %02d:%02d", t.month, t.day, t.hour,
                       t.minute);
    else
        (void)snprintf(out, SHOW_SIZE, "%02d:%02d:%02d", t.hour, t.minute, t.second);
    return out;
}

char *show_full_time(const struct tz *tz, struct wall_time time, char *out)
{
    struct local_time t = tz_local(tz, time);

    if (time.ns == 0)
        (void)snprintf(out, SHOW_SIZE, DASH);
    else
        (void)snprintf(out, SHOW_SIZE, "%04lld-%02d-%02d %02d:%02d:%02d",
                       (long long)t.year, t.month, t.day, t.hour, t.minute, t.second);
    return out;
}

char *show_bytes(int64_t bytes, char *out)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;

    while (size >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1024;
        unit++;
    }
    (void)snprintf(out, SHOW_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    return out;
}

char *show_count(uint64_t count, char *out)
{
    char digits[24];
    size_t length =
        (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    size_t to = 0;

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            memcpy(out + to, "\xE2\x80\xAF", 3); /* narrow no-break space */
            to += 3;
        }
        out[to++] = digits[i];
    }
    out[to] = '\0';
    return out;
}

char *show_percent(double share, char *out)
{
    if (isfinite(share))
        (void)snprintf(out, SHOW_SIZE, share >= 0.99995 ? "%.0f %%" : "%.2f %%",
                       share * 100);
    else
        (void)snprintf(out, SHOW_SIZE, DASH);
    return out;
}

const char *show_point(enum language language, const struct point *point)
{
    const char *title = language == LANGUAGE_ZH ? point->title_zh : point->title_en;

    if (point->builtin)
        return word(language, WORD_ONLINE);
    if (title == NULL || title[0] == '\0')
        title = name_word(language, point->name);
    return title == NULL ? point->name : title;
}
