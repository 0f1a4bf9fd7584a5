/* functions.c - see functions.h. */
#include "rules/functions.h"

#include "rules/calls.h"

#include <string.h>

/* clang-format off */
static const struct function rows[] = {
    /* the reading itself */
    {.name = "last", .args = "p", .result = RESULT_POINT, .unit = UNIT_POINT,
     .eval = call_last,
     .doc = "The value in force now; the same as the bare name."},
    {.name = "prev", .args = "p?i", .result = RESULT_POINT, .unit = UNIT_POINT,
     .eval = call_prev,
     .doc = "The n-th good reading before the last one; n is 1 when left out."},
    {.name = "age", .args = "p", .result = RESULT_DURATION,
     .eval = call_age,
     .doc = "How long ago the last good reading was true. Never unknown."},
    {.name = "good", .args = "p", .result = RESULT_BOOL,
     .eval = call_good,
     .doc = "The last reading is good or uncertain and not stale. Never unknown."},
    {.name = "stale", .args = "p", .result = RESULT_BOOL,
     .eval = call_stale,
     .doc = "No good reading for longer than the point's stale_after. Never unknown."},
    {.name = "bad", .args = "p", .result = RESULT_BOOL,
     .eval = call_bad,
     .doc = "The last reading is bad. Never unknown."},
    {.name = "nodata", .args = "pd", .result = RESULT_BOOL,
     .eval = call_nodata,
     .doc = "Nothing of any quality arrived for that long."},

    /* over a window */
    {.name = "held", .args = "Bw", .result = RESULT_BOOL,
     .eval = call_held, .eval_truth = call_held_truth, .truth_changes = TRUTH_LOG_HELD,
     .doc = "True all through the window and now; tolerates unknown up to 1 - min_cover."},
    {.name = "avg", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_avg,
     .doc = "Time-weighted mean of the value in force; over #n the mean of the readings."},
    {.name = "min", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_min,
     .doc = "Least of the readings and the value in force at the left edge."},
    {.name = "max", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_max,
     .doc = "Greatest of the readings and the value in force at the left edge."},
    {.name = "delta", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_delta,
     .doc = "Value in force at the end of the window minus that at its begin."},
    {.name = "rate", .args = "Cw", .result = RESULT_NUMBER, .unit = UNIT_PER_SECOND,
     .floating = true, .eval = call_rate,
     .doc = "What a counter grew by, per second of the window."},
    {.name = "used", .args = "Cw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_used,
     .doc = "What a counter grew by; sees wraps and resets, never extrapolates."},
    {.name = "rises", .args = "Bw", .result = RESULT_NUMBER,
     .eval = call_rises, .eval_truth = call_rises_truth,
     .truth_changes = TRUTH_LOG_EDGES,
     .doc = "How often it became true; unknown in between is skipped."},
    {.name = "falls", .args = "Bw", .result = RESULT_NUMBER,
     .eval = call_falls, .eval_truth = call_falls_truth,
     .truth_changes = TRUTH_LOG_EDGES,
     .doc = "How often it became false; unknown in between is skipped."},
    {.name = "count", .args = "pw", .result = RESULT_NUMBER,
     .eval = call_count,
     .doc = "Number of good readings."},

    /* time of day */
    {.name = "within", .args = "tt", .result = RESULT_BOOL,
     .eval = call_within,
     .doc = "The site's clock is in [from, to); wraps over midnight."},

    /* plain */
    {.name = "abs", .args = "m", .result = RESULT_SAME, .eval = call_abs,
     .doc = "Without its sign."},
    {.name = "minof", .args = "m*", .result = RESULT_SAME, .eval = call_minof,
     .doc = "The least of its arguments."},
    {.name = "maxof", .args = "m*", .result = RESULT_SAME, .eval = call_maxof,
     .doc = "The greatest of its arguments."},
    {.name = "round", .args = "n?i", .result = RESULT_NUMBER, .eval = call_round,
     .doc = "To whole numbers, or to so many decimals; halves away from zero."},
    {.name = "if", .args = "bee", .result = RESULT_SAME, .eval = call_if,
     .doc = "The second argument when the first is true, else the third."},
    {.name = "near", .args = "mmm", .result = RESULT_BOOL, .eval = call_near,
     .doc = "The first two differ by at most the third; instead of == on measurements."},

    /* over the members of a relation */
    {.name = "gsum", .args = "gn", .result = RESULT_NUMBER, .floating = true,
     .eval_group = group_total,
     .doc = "Sum over the members; unknown when fewer than min_cover of them are known."},
    {.name = "gavg", .args = "gn", .result = RESULT_NUMBER, .floating = true,
     .eval_group = group_mean, .doc = "Mean over the members."},
    {.name = "gmin", .args = "gn", .result = RESULT_NUMBER,
     .eval_group = group_min, .doc = "Least over the members."},
    {.name = "gmax", .args = "gn", .result = RESULT_NUMBER,
     .eval_group = group_max, .doc = "Greatest over the members."},
    {.name = "gcount", .args = "gb", .result = RESULT_NUMBER,
     .eval_group = group_count, .doc = "Number of members of which it is true."},
    {.name = "gsize", .args = "g", .result = RESULT_NUMBER,
     .eval_group = group_size, .doc = "Number of members."},
};
/* clang-format on */

const struct function *function_rows(size_t *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

const struct function *function_find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

void function_arity(const struct function *function, unsigned *least, unsigned *most)
{
    bool optional = false;

    *least = 0;
    *most = 0;
    for (const char *p = function->args; *p != '\0'; p++) {
        if (*p == '?') {
            optional = true;
        } else if (*p == '*') {
            *most = AST_ARGS_MAX;
        } else {
            *least += !optional;
            (*most)++;
        }
    }
}

char function_letter(const struct function *function, unsigned n)
{
    unsigned seen = 0;
    char letter = '\0';

    for (const char *p = function->args; *p != '\0'; p++) {
        if (*p == '?')
            continue;
        if (*p == '*')
            return letter;
        if (seen == n)
            return *p;
        letter = *p;
        seen++;
    }
    return '\0';
}

static const char *letter_word(char letter)
{
    switch (letter) {
    case 'p':
    case 'P':
        return "point";
    case 'C':
        return "counter";
    case 'B':
    case 'b':
        return "condition";
    case 'w':
        return "window";
    case 'd':
        return "duration";
    case 't':
        return "'hh:mm'";
    case 'g':
        return "'relation'";
    case 'i':
        return "n";
    default:
        return "value";
    }
}

void function_usage(const struct function *function, struct text *out)
{
    bool first = true;

    text_addf(out, "%s(", function->name);
    for (const char *p = function->args; *p != '\0'; p++) {
        if (*p == '*') {
            text_add(out, ", ...");
            continue;
        }
        if (*p == '?') {
            text_addf(out, "[, %s]", letter_word(*++p));
            continue;
        }
        text_addf(out, "%s%s", first ? "" : ", ", letter_word(*p));
        first = false;
    }
    text_add(out, ")");
}
