/* functions.c - see functions.h. */
#include "rules/functions.h"

#include "rules/calls.h"

#include <string.h>

/* clang-format off */
const struct function functions[] = {
    /* the reading itself */
    {.name = "last", .args = "p", .result = RESULT_POINT, .unit = UNIT_POINT,
     .eval = call_last,
     .doc = "The value in force now; the same as the bare name."},
    {.name = "prev", .args = "p?i", .result = RESULT_POINT, .unit = UNIT_POINT,
     .eval = call_prev,
     .doc = "The n-th good reading before the last one; n is 1 when left out."},
    {.name = "raw", .args = "p", .result = RESULT_POINT, .unit = UNIT_POINT,
     .eval = call_raw,
     .doc = "The last value that was read, however old, also behind bad readings."},
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
    {.name = "quality", .args = "p", .result = RESULT_QUALITY,
     .eval = call_quality,
     .doc = "'good', 'uncertain' or 'bad'; bad also when there is no reading or it is "
            "stale. Never unknown."},
    {.name = "reason", .args = "p", .result = RESULT_REASON,
     .eval = call_reason,
     .doc = "Why the last reading is not good, 'timeout' or 'range' for one; 'none' when it "
            "is. Never unknown."},
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
    {.name = "mean", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_mean,
     .doc = "Mean of the good readings, each counts the same."},
    {.name = "sum", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_sum,
     .doc = "Sum of the good readings."},
    {.name = "min", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_min,
     .doc = "Least of the readings and the value in force at the left edge."},
    {.name = "max", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_max,
     .doc = "Greatest of the readings and the value in force at the left edge."},
    {.name = "stddev", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_stddev, .needs = NEED_MOMENTS,
     .doc = "Sample standard deviation of the good readings."},
    {.name = "pctl", .args = "Pwq", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_pctl, .needs = NEED_RANKS,
     .doc = "The value that the share q of the readings does not exceed; exact up to 1024 "
            "readings, then within 1 %."},
    {.name = "integral", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_TIMES_HOUR,
     .floating = true, .eval = call_integral,
     .doc = "Value times time, in the point's unit times hours; time without a value adds "
            "nothing."},
    {.name = "delta", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_delta,
     .doc = "Value in force at the end of the window minus that at its begin."},
    {.name = "rate", .args = "Cw", .result = RESULT_NUMBER, .unit = UNIT_PER_SECOND,
     .floating = true, .eval = call_rate, .needs = NEED_STEPS,
     .doc = "What a counter grew by, per second of the window."},
    {.name = "used", .args = "Cw", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_used, .needs = NEED_STEPS,
     .doc = "What a counter grew by; sees wraps and resets, never extrapolates."},
    {.name = "slope", .args = "Pw", .result = RESULT_NUMBER, .unit = UNIT_PER_HOUR,
     .floating = true, .eval = call_slope, .needs = NEED_MOMENTS,
     .doc = "Change per hour of the line of least squares through the readings."},
    {.name = "forecast", .args = "Pwd", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_forecast, .needs = NEED_MOMENTS,
     .doc = "Where that line will be so much later."},
    {.name = "time_to", .args = "Pwn", .result = RESULT_DURATION,
     .eval = call_time_to, .needs = NEED_MOMENTS,
     .doc = "How long until that line reaches the value; 365d when it does not."},
    {.name = "ewma", .args = "PD", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_ewma,
     .doc = "Mean of the readings that forgets: one that is tau old weighs 1/e."},
    {.name = "rises", .args = "Bw", .result = RESULT_NUMBER,
     .eval = call_rises, .eval_truth = call_rises_truth,
     .truth_changes = TRUTH_LOG_EDGES, .needs = NEED_STEPS,
     .doc = "How often it became true; unknown in between is skipped."},
    {.name = "falls", .args = "Bw", .result = RESULT_NUMBER,
     .eval = call_falls, .eval_truth = call_falls_truth,
     .truth_changes = TRUTH_LOG_EDGES, .needs = NEED_STEPS,
     .doc = "How often it became false; unknown in between is skipped."},
    {.name = "changes", .args = "Bw", .result = RESULT_NUMBER,
     .eval = call_changes, .eval_truth = call_changes_truth,
     .truth_changes = TRUTH_LOG_EDGES, .needs = NEED_STEPS,
     .doc = "How often it became true or false; unknown in between is skipped."},
    {.name = "time_true", .args = "Bw", .result = RESULT_DURATION,
     .eval = call_time_true, .eval_truth = call_time_true_truth,
     .truth_changes = TRUTH_LOG_EDGES,
     .doc = "How long it was true in all; unknown time is not counted."},
    {.name = "count", .args = "pw", .result = RESULT_NUMBER,
     .eval = call_count,
     .doc = "Number of good readings."},
    {.name = "coverage", .args = "pw", .result = RESULT_NUMBER, .floating = true,
     .eval = call_coverage,
     .doc = "Share of the window, 0 to 1, in which some value was in force. Never unknown."},

    /* against the past */
    {.name = "baseline", .args = "Pwk", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_baseline,
     .doc = "Median of the average at the same time of n earlier weeks, days of the same "
            "kind."},
    {.name = "zscore", .args = "Pwk", .result = RESULT_NUMBER, .floating = true,
     .eval = call_zscore,
     .doc = "How many robust standard deviations the average lies above the baseline."},
    {.name = "nights", .args = "PwttNq", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .floating = true, .eval = call_nights,
     .doc = "The q-percentile over the last n nights of the least average in each."},

    /* time of day, kind of day */
    {.name = "within", .args = "tt", .result = RESULT_BOOL,
     .eval = call_within,
     .doc = "The site's clock is in [from, to); wraps over midnight."},
    {.name = "dow", .args = "", .result = RESULT_NUMBER,
     .eval = call_dow, .doc = "Day of the week, 1 Monday to 7 Sunday."},
    {.name = "workday", .args = "", .result = RESULT_BOOL,
     .eval = call_workday,
     .doc = "Monday to Friday without the holidays, and the days that are worked instead."},
    {.name = "holiday", .args = "", .result = RESULT_BOOL,
     .eval = call_holiday, .doc = "A holiday of the calendar."},
    {.name = "season", .args = "s", .result = RESULT_BOOL,
     .eval = call_season, .doc = "Today lies in that season of the calendar."},

    /* plain */
    {.name = "abs", .args = "m", .result = RESULT_SAME, .eval = call_abs,
     .doc = "Without its sign."},
    {.name = "minof", .args = "m*", .result = RESULT_SAME, .eval = call_minof,
     .doc = "The least of its arguments."},
    {.name = "maxof", .args = "m*", .result = RESULT_SAME, .eval = call_maxof,
     .doc = "The greatest of its arguments."},
    {.name = "round", .args = "n?i", .result = RESULT_NUMBER, .unit = UNIT_POINT,
     .eval = call_round,
     .doc = "To whole numbers, or to so many decimals; halves away from zero."},
    {.name = "sqrt", .args = "n", .result = RESULT_NUMBER, .floating = true,
     .eval = call_sqrt, .doc = "Square root; unknown below zero."},
    {.name = "clamp", .args = "mmm", .result = RESULT_SAME, .eval = call_clamp,
     .doc = "The first, but at least the second and at most the third."},
    {.name = "inside", .args = "mmm", .result = RESULT_BOOL, .eval = call_inside,
     .doc = "The first is at least the second and at most the third."},
    {.name = "outside", .args = "mmm", .result = RESULT_BOOL, .eval = call_outside,
     .doc = "The first is below the second or above the third."},
    {.name = "if", .args = "bee", .result = RESULT_SAME, .eval = call_if,
     .doc = "The second argument when the first is true, else the third."},
    {.name = "near", .args = "mmm", .result = RESULT_BOOL, .eval = call_near,
     .doc = "The first two differ by at most the third; instead of == on measurements."},
    {.name = "poisson_limit", .args = "nn", .result = RESULT_NUMBER,
     .eval = call_poisson_limit,
     .doc = "The least count that comes with less than the given probability when so many "
            "are usual."},

    /* over the members of a relation or group */
    {.name = "gsum", .args = "gn", .result = RESULT_NUMBER, .unit = UNIT_MEMBER,
     .floating = true, .eval_group = group_total,
     .doc = "Sum over the members; unknown when fewer than min_cover of them are known."},
    {.name = "gavg", .args = "gn", .result = RESULT_NUMBER, .unit = UNIT_MEMBER,
     .floating = true, .eval_group = group_mean, .doc = "Mean over the members."},
    {.name = "gmin", .args = "gn", .result = RESULT_NUMBER, .unit = UNIT_MEMBER,
     .eval_group = group_min, .doc = "Least over the members."},
    {.name = "gmax", .args = "gn", .result = RESULT_NUMBER, .unit = UNIT_MEMBER,
     .eval_group = group_max, .doc = "Greatest over the members."},
    {.name = "gcount", .args = "gb", .result = RESULT_NUMBER,
     .eval_group = group_count, .doc = "Number of members of which it is true."},
    {.name = "gsize", .args = "g", .result = RESULT_NUMBER,
     .eval_group = group_size, .doc = "Number of members."},

    /* other rules */
    {.name = "active", .args = "r?o", .result = RESULT_BOOL,
     .eval = call_active,
     .doc = "The alarm of that rule is active here, or on the one equipment of a relation."},
    {.name = "since", .args = "r?o", .result = RESULT_DURATION,
     .eval = call_since,
     .doc = "How long it has been active; 0s when it is not."},
    {.name = "blind", .args = "", .result = RESULT_BOOL,
     .eval = call_blind,
     .doc = "Some other rule of this equipment cannot see for want of readings."},
};
/* clang-format on */

const struct function *function_rows(size_t *count)
{
    *count = sizeof functions / sizeof functions[0];
    return functions;
}

const struct function *function_find(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
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

bool function_calendar(const struct function *function)
{
    static const struct {
        function_eval *eval;
    } asking[] = {
        {call_within}, {call_dow},      {call_workday}, {call_holiday},
        {call_season}, {call_baseline}, {call_zscore},  {call_nights},
    };

    for (size_t i = 0; i < sizeof asking / sizeof asking[0]; i++)
        if (function->eval == asking[i].eval)
            return true;
    return false;
}

static const struct enum_label quality_labels[] = {
    {QUALITY_GOOD, "good"},
    {QUALITY_UNCERTAIN, "uncertain"},
    {QUALITY_BAD, "bad"},
};

/* The words of reason_name. */
static const struct enum_label reason_labels[REASON_COUNT] = {
    {REASON_NONE, "none"},
    {REASON_STARTUP, "startup"},
    {REASON_STALE, "stale"},
    {REASON_CONNECT, "connect"},
    {REASON_TIMEOUT, "timeout"},
    {REASON_PROTOCOL, "protocol"},
    {REASON_EXCEPTION, "exception"},
    {REASON_ADDRESS, "address"},
    {REASON_NOT_AVAILABLE, "not_available"},
    {REASON_RANGE, "range"},
    {REASON_DECODE, "decode"},
    {REASON_OFFLINE, "offline"},
    {REASON_DEPENDS, "depends"},
    {REASON_JUMP, "jump"},
    {REASON_PROBE, "probe"},
    {REASON_CLOCK, "clock"},
};

const struct point *function_labels(enum function_result result)
{
    static const struct point quality = {
        .name = "quality",
        .unit = "",
        .kind = POINT_ENUM,
        .labels = quality_labels,
        .label_count = sizeof quality_labels / sizeof quality_labels[0],
    };
    static const struct point reason = {
        .name = "reason",
        .unit = "",
        .kind = POINT_ENUM,
        .labels = reason_labels,
        .label_count = REASON_COUNT,
    };

    if (result == RESULT_QUALITY)
        return &quality;
    return result == RESULT_REASON ? &reason : NULL;
}

static const char *letter_word(char letter)
{
    static const struct {
        const char *letters;
        const char *word;
    } words[] = {
        {"pP", "point"},    {"C", "counter"}, {"Bb", "condition"},  {"w", "window"},
        {"dD", "duration"}, {"t", "'hh:mm'"}, {"go", "'relation'"}, {"ikN", "n"},
        {"q", "share"},     {"r", "'rule'"},  {"s", "'season'"},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strchr(words[i].letters, letter) != NULL)
            return words[i].word;
    return "value";
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
