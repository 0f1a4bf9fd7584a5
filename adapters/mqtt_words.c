/* mqtt_words.c - see mqtt_words.h. */
#include "adapters/mqtt_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NUMBER_MAX = 64, /* characters; 17 digits, sign, point and exponent need 24 */
    STAMP_MAX = 48,  /* "2026-11-24T16:24:39.123456789+08:00" has 35 */
    AHEAD_MAX_MS = 24 * 3600 * 1000,
};

/* 2020-01-01T00:00:00Z: older than any reading this program can have been sent. */
static const struct wall_time oldest_believable = {INT64_C(1577836800) * CLOCK_S};

/* What devices in the field send, on and off. "open" is on, as for the contact of a
 * door, a valve or a breaker that reports its position by that word. */
static const char *const usual[][2] = {
    {"1", "0"},
    {"true", "false"},
    {"on", "off"},
    {"yes", "no"},
    {"open", "closed"},
    {"opened", "close"},
    {"alarm", "normal"},
    {"active", "inactive"},
    {"high", "low"},
    {"running", "stopped"},
    {"run", "stop"},
    {"wet", "dry"},
    {"leak", "ok"},
    {"detected", "clear"},
    {"triggered", "idle"},
    {"fault", "none"},
    {"online", "offline"},
    {"enabled", "disabled"},
    {"occupied", "vacant"},
    {"开", "关"},
    {"是", "否"},
    {"报警", "正常"},
    {"运行", "停止"},
};

static const char *const absent[] = {
    "null", "nan", "n/a", "na", "unavailable", "unknown", "undefined", "-", "--", "---",
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct mqtt_word mqtt_word_trim(const char *text, size_t length)
{
    while (length > 0 && is_blank(text[0])) {
        text++;
        length--;
    }
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    return (struct mqtt_word){text, length};
}

bool mqtt_word_is(struct mqtt_word word, const char *text)
{
    return strlen(text) == word.length && strncasecmp(word.text, text, word.length) == 0;
}

/* The number a word is written as; it may be infinite. */
static bool read_digits(struct mqtt_word word, double *number)
{
    char digits[NUMBER_MAX];
    char *end;

    if (word.length == 0 || word.length >= sizeof digits)
        return false;
    memcpy(digits, word.text, word.length);
    digits[word.length] = '\0';
    /* strtod would take blanks, "inf", "nan" and hexadecimal as well. */
    if (strspn(digits, "0123456789+-.eE") != word.length)
        return false;
    *number = strtod(digits, &end);
    return end != digits && *end == '\0';
}

bool mqtt_word_number(struct mqtt_word word, double *number)
{
    double value;

    if (!read_digits(word, &value) || !isfinite(value))
        return false;
    *number = value;
    return true;
}

bool mqtt_word_too_large(struct mqtt_word word)
{
    double value;

    return read_digits(word, &value) && !isfinite(value);
}

int mqtt_word_truth(struct mqtt_word word)
{
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (mqtt_word_is(word, usual[i][0]))
            return 1;
        if (mqtt_word_is(word, usual[i][1]))
            return 0;
    }
    return -1;
}

bool mqtt_word_absent(struct mqtt_word word)
{
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        if (mqtt_word_is(word, absent[i]))
            return true;
    return false;
}

bool mqtt_stamp_from_number(double number, struct wall_time *time)
{
    /* Each unit reaches to the year 5138 in its own; the next begins in 1973. */
    static const struct {
        double below;
        double ns;
    } units[] = {{1e11, 1e9}, {1e14, 1e6}, {1e17, 1e3}, {9.2e18, 1}};

    for (size_t i = 0; number >= 0 && i < sizeof units / sizeof units[0]; i++) {
        if (number >= units[i].below)
            continue;
        if (number * units[i].ns >= 9.2e18)
            return false;
        /* A double of seconds carries no more than microseconds. */
        time->ns = units[i].ns > 1e3
                       ? (int64_t)llround(number * (units[i].ns / 1e3)) * 1000
                       : (int64_t)llround(number * units[i].ns);
        return true;
    }
    return false;
}

bool mqtt_stamp_from_word(struct mqtt_word word, struct wall_time *time)
{
    char text[STAMP_MAX];
    double number;

    if (word.length >= sizeof text)
        return false;
    if (mqtt_word_number(word, &number))
        return mqtt_stamp_from_number(number, time);
    memcpy(text, word.text, word.length);
    text[word.length] = '\0';
    return wall_parse(text, time);
}

bool mqtt_stamp_believable(struct wall_time time, struct wall_time arrival)
{
    return time.ns >= oldest_believable.ns &&
           time.ns <= wall_add_ms(arrival, AHEAD_MAX_MS).ns;
}
