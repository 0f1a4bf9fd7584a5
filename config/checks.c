/* checks.c - see checks.h. */
#include "config/checks.h"

#include <stddef.h>
#include <string.h>

enum {
    ID_MAX = 64,      /* fits a folder name, a tag value and a column on a page */
    TOPIC_MAX = 1024, /* MQTT allows 65535; brokers in the field far less */
};

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool made_of(const char *text, const char *first, const char *rest)
{
    size_t length = strlen(text);

    return length > 0 && length <= ID_MAX && strchr(first, text[0]) != NULL &&
           text[strspn(text, rest)] == '\0';
}

const char *check_site_id(const char *text)
{
    if (made_of(text, LOWER DIGITS, LOWER DIGITS "-"))
        return NULL;
    return "use a-z, 0-9 and '-', at most 64, not '-' first";
}

const char *check_id(const char *text)
{
    if (made_of(text, LOWER UPPER DIGITS, LOWER UPPER DIGITS "._-"))
        return NULL;
    return "use A-Z, a-z, 0-9, '.', '_' and '-', at most 64, a letter or digit first";
}

const char *check_rule_id(const char *text)
{
    if (made_of(text, LOWER DIGITS, LOWER DIGITS "._-"))
        return NULL;
    return "use a-z, 0-9, '.', '_' and '-', at most 64, a letter or digit first";
}

/* The keywords and functions of expressions (rules/). A point of that name could not be
 * told from them. */
static bool is_rule_word(const char *text)
{
    static const char *const words[] = {
        "and",      "or",        "not",     "true",          "false",  "unknown",
        "ago",      "if",        "last",    "prev",          "age",    "good",
        "stale",    "bad",       "quality", "raw",           "nodata", "avg",
        "mean",     "sum",       "count",   "stddev",        "min",    "max",
        "delta",    "integral",  "used",    "rate",          "slope",  "time_to",
        "forecast", "pctl",      "ewma",    "rises",         "falls",  "changes",
        "held",     "time_true", "nights",  "baseline",      "zscore", "within",
        "dow",      "workday",   "holiday", "season",        "gsum",   "gavg",
        "gmin",     "gmax",      "gcount",  "gsize",         "minof",  "maxof",
        "abs",      "round",     "sqrt",    "clamp",         "near",   "inside",
        "outside",  "active",    "since",   "poisson_limit",
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

const char *check_parameter(const char *text)
{
    if (made_of(text, LOWER, LOWER DIGITS "_"))
        return NULL;
    return "use a-z, 0-9 and '_', at most 64, a letter first";
}

const char *check_name(const char *text)
{
    if (is_rule_word(text))
        return "this word has a meaning in rules; choose another";
    return check_parameter(text);
}

const char *check_point_name(const char *text)
{
    if (strcmp(text, "online") == 0)
        return "every equipment has this point already; choose another";
    return check_name(text);
}

/* Source: MQTT 3.1.1, section 4.7. */
const char *check_topic(const char *text)
{
    if (strlen(text) > TOPIC_MAX)
        return "at most 1024 bytes";
    if (strpbrk(text, "+#") != NULL)
        return "wildcards are only possible in the topic of an equipment";
    return text[strlen(text) - 1] == '/' ? "write it without the '/' at its end" : NULL;
}

/* A '+' is a whole level, a '#' is the whole last level. */
const char *check_topic_filter(const char *text)
{
    if (strlen(text) > TOPIC_MAX)
        return "at most 1024 bytes";
    for (const char *at = strpbrk(text, "+#"); at != NULL; at = strpbrk(at + 1, "+#")) {
        bool begins = at == text || at[-1] == '/';
        bool ends = at[1] == '\0' || (*at == '+' && at[1] == '/');

        if (!begins || !ends)
            return "'+' stands for one whole level and '#' for all levels at the end";
    }
    return text[strlen(text) - 1] == '/' ? "write it without the '/' at its end" : NULL;
}

const char *check_topic_pattern(const char *text)
{
    static const char level[] = "{equipment}";
    const char *at = strstr(text, level);
    const char *must = check_topic_filter(text);
    const char *end;

    if (must != NULL)
        return must;
    if (at == NULL)
        return "one level must be {equipment}";
    end = at + strlen(level);
    if ((at != text && at[-1] != '/') || (*end != '\0' && *end != '/'))
        return "{equipment} stands for one whole level";
    if (strcspn(text, "{}") != (size_t)(at - text) || strpbrk(end, "{}") != NULL)
        return "the only word in braces is {equipment}, once";
    return NULL;
}

/* ---- JSON paths ---- */

static const char path_hint[] = "names separated by single dots, such as \"flow.value\"";
static const char selector_hint[] =
    "[ ] holds a position, a key and its value, or *: [0], [id=7], [*]";

/* What stands in brackets, from behind the first. NULL when it is none. */
static const char *skip_selector(const char *text)
{
    size_t length = strcspn(text, "[]");
    const char *equals = memchr(text, '=', length);

    if (text[length] != ']' || length == 0)
        return NULL;
    if (equals != NULL)
        return equals == text || equals == text + length - 1 ? NULL : text + length + 1;
    if (strspn(text, DIGITS) == length && length < 7)
        return text + length + 1;
    return length == 1 && *text == '*' ? text + 2 : NULL;
}

const char *check_json_path(const char *text)
{
    if (text[0] == '$')
        return "write \"data[0].t\" for $.data[0].t";
    for (bool first = true;; first = false) {
        size_t length = strcspn(text, ".[]");

        if (length == 0 && (!first || *text != '['))
            return path_hint;
        text += length;
        while (*text == '[') {
            text = skip_selector(text + 1);
            if (text == NULL)
                return selector_hint;
        }
        if (*text == '\0')
            return NULL;
        if (*text++ != '.')
            return selector_hint;
    }
}
