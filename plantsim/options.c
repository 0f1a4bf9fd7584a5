/* options.c - see options.h. */
#include "plantsim/options.h"

#include "plantsim/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool options_duration(const char *text, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || value < 0 || value > 1000000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        *out_ms = value * units[i].ms;
        return true;
    }
    return false;
}

static int set_number(const struct option_row *row, const char *text, struct err *err)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < row->low ||
        value > row->high)
        return err_set(err, ERR_INPUT,
                       "--%s '%s' is not a number from %" PRId64 " to %" PRId64,
                       row->name, text, row->low, row->high);
    *(int64_t *)row->value = value;
    return 0;
}

static int set_duration(const struct option_row *row, const char *text, struct err *err)
{
    int64_t value_ms;

    if (!options_duration(text, &value_ms))
        return err_set(err, ERR_INPUT,
                       "--%s '%s' is not a duration like 500ms, 90s, 15m or 2h",
                       row->name, text);
    if (value_ms < row->low || value_ms > row->high)
        return err_set(err, ERR_INPUT,
                       "--%s '%s' is not within %" PRId64 " ms to %" PRId64 " ms",
                       row->name, text, row->low, row->high);
    *(int64_t *)row->value = value_ms;
    return 0;
}

static int set_value(const struct option_row *row, const char *text, struct err *err)
{
    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)row->value = true;
        return 0;
    case OPTION_STRING:
        *(const char **)row->value = text;
        return 0;
    case OPTION_NUMBER:
        return set_number(row, text, err);
    case OPTION_DURATION:
        return set_duration(row, text, err);
    }
    return -1;
}

static const struct option_row *find(const struct option_row *rows, size_t count,
                                     const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

static int unknown(const struct option_row *rows, size_t count, const char *argument,
                   struct err *err)
{
    const char *nearest = NULL;

    for (size_t i = 0; i < count; i++)
        nearest = names_better(argument + 2, nearest, rows[i].name);
    if (nearest != NULL)
        return err_set(err, ERR_INPUT, "there is no option '%s'; did you mean '--%s'?",
                       argument, nearest);
    return err_set(err, ERR_INPUT, "there is no option '%s'; all of them: plantsim help",
                   argument);
}

int options_parse(const struct option_row *rows, size_t count, int argc, char **argv,
                  struct option_words *words, struct err *err)
{
    words->count = 0;
    for (int i = 0; i < argc; i++) {
        const char *argument = argv[i];
        const char *equals = strchr(argument, '=');
        const struct option_row *row;
        const char *value = NULL;

        if (strncmp(argument, "--", 2) != 0) {
            if (words->count == sizeof words->words / sizeof words->words[0])
                return err_set(err, ERR_INPUT, "too many words at '%s'", argument);
            words->words[words->count++] = argument;
            continue;
        }
        row =
            find(rows, count, argument + 2,
                 equals != NULL ? (size_t)(equals - argument) - 2 : strlen(argument + 2));
        if (row == NULL)
            return unknown(rows, count, argument, err);
        if (row->type != OPTION_FLAG) {
            value = equals != NULL ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
            if (value == NULL)
                return err_set(err, ERR_INPUT, "--%s wants a value: --%s %s", row->name,
                               row->name, row->meta);
        }
        if (set_value(row, value, err) != 0)
            return -1;
    }
    return 0;
}

void options_print(const struct option_row *rows, size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "--%s%s%s", rows[i].name,
                       rows[i].meta != NULL ? " " : "",
                       rows[i].meta != NULL ? rows[i].meta : "");
        (void)fprintf(out, "  %-24s %s\n", name, rows[i].help);
    }
}
