/* explain_text.c - see explain_text.h. The terms: explain_terms.c. */
#include "ctl/explain_text.h"

#include "base/mem.h"
#include "config/units.h"
#include "ctl/explain_impl.h"

#include <stdio.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 16 * 1024,
};

/* ---- times ---- */

static bool time_of(const struct json *object, const char *member, struct wall_time *time)
{
    const char *text = json_member_text(object, member, "");

    return text[0] != '\0' && wall_parse(text, time);
}

/* "02:14:05"; with the day when it is another one than that of the explanation. */
static void put_time(const struct explanation *e, const char *member,
                     const struct json *object, struct text *out)
{
    struct wall_time time;
    struct local_time local;
    struct local_time today;

    if (!time_of(object, member, &time)) {
        text_add(out, "?");
        return;
    }
    local = explain_local(e, time);
    today = explain_local(e, e->now);
    if (local.year != today.year || local.month != today.month || local.day != today.day)
        text_addf(out, "%04lld-%02d-%02d ", (long long)local.year, local.month,
                  local.day);
    text_addf(out, "%02d:%02d:%02d", local.hour, local.minute, local.second);
}

struct local_time explain_local(const struct explanation *e, struct wall_time time)
{
    return tz_local(e->tz, time);
}

static void put_duration(double ms, struct text *out)
{
    char text[UNITS_SIZE];
    int64_t whole = (int64_t)ms;

    if (whole >= 1000)
        whole -= whole % 1000; /* nobody reads 3m20s412ms */
    text_add(out, units_format_duration(whole, text));
}

/* ---- the head ---- */

static bool flag(const struct json *object, const char *member)
{
    const struct json *value = json_member(object, member);

    return value != NULL && json_kind(value) == JSON_BOOL && json_truth(value);
}

static double number(const struct json *object, const char *member)
{
    const struct json *value = json_member(object, member);

    return value != NULL && json_kind(value) == JSON_NUMBER ? json_real(value) : 0;
}

static const char *state_colour(const char *state)
{
    if (strcmp(state, "normal") == 0)
        return "\033[32m";
    return strcmp(state, "pending") == 0 ? "\033[33m" : "\033[1;31m";
}

static void put_head(struct explanation *e)
{
    const char *state = json_member_text(e->truth, "state", "?");
    struct wall_time since;
    struct text line;

    text_init(&line, LINE_MAX_BYTES);
    text_addf(&line, "%s on %s: %s%s%s", json_member_text(e->truth, "rule", "?"),
              json_member_text(e->truth, "equipment", "?"),
              e->colour ? state_colour(state) : "", state, e->colour ? "\033[0m" : "");
    if (time_of(e->truth, "since", &since)) {
        text_add(&line, " since ");
        put_time(e, "since", e->truth, &line);
        text_add(&line, " (");
        put_duration((double)wall_diff_ms(e->now, since), &line);
        text_add(&line, ")");
    }
    if (strcmp(state, "normal") != 0 &&
        json_member_text(e->truth, "severity", "")[0] != 0)
        text_addf(&line, ", %s", json_member_text(e->truth, "severity", ""));
    rows_add(e->rows, 0, MARK_NONE, line.data, "");
    text_done(&line);
}

/* What the alarm stands for, and what is marked on it. */
static void put_standing(struct explanation *e)
{
    static const struct {
        const char *name;
        const char *words;
    } words[] = {
        {"waiting", "waits to see whether something above it explains it"},
        {"root", "stands for itself: nothing above it explains it"},
        {"reprove",
         "its cause is over: waits for a reading that shows it is still there"},
    };
    const char *standing = json_member_text(e->truth, "standing", "");
    const struct json *cause = json_member(e->truth, "cause");

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(standing, words[i].name) == 0)
            rows_add(e->rows, 2, MARK_NONE, words[i].words, "");
    if (strcmp(standing, "symptom") == 0 && json_kind(cause) == JSON_OBJECT) {
        char *line =
            mem_format("symptom of %s on %s", json_member_text(cause, "rule", "?"),
                       json_member_text(cause, "equipment", "?"));

        rows_add(e->rows, 2, MARK_NONE, line, "");
        mem_free(line);
    }
    if (flag(e->truth, "chattering"))
        rows_add(e->rows, 2, MARK_NONE,
                 "comes and goes: one issue about the signal stands for it", "");
}

static void put_issue(struct explanation *e, const struct json *issue)
{
    char *line;

    if (issue == NULL)
        return;
    line = mem_format("issue %.0f, %s, %s  %s", number(issue, "number"),
                      json_member_text(issue, "status", "?"),
                      json_member_text(issue, "severity", "?"),
                      json_member_text(issue, "id", ""));
    rows_add(e->rows, 2, MARK_NONE, line, "");
    mem_free(line);
}

static void put_unknown(struct explanation *e)
{
    struct text line;

    if (!flag(e->truth, "unknown"))
        return;
    text_init(&line, LINE_MAX_BYTES);
    text_add(&line, "not observable for ");
    put_duration(number(e->truth, "unknown_ms"), &line);
    text_add(&line, ": its state is held");
    rows_add(e->rows, 2, MARK_UNKNOWN, line.data, "");
    text_done(&line);
}

/* ---- conditions and delays ---- */

/* "for 20s: 12s so far", "for 20s: satisfied". */
static void put_delay(struct explanation *e, const char *name, const char *member,
                      const char *running, bool satisfied)
{
    const char *state = json_member_text(e->truth, "state", "");
    double ms = number(e->truth, member);
    struct text line;

    if (ms <= 0)
        return;
    text_init(&line, LINE_MAX_BYTES);
    text_addf(&line, "%s ", name);
    put_duration(ms, &line);
    if (strcmp(state, running) == 0) {
        text_add(&line, ": ");
        put_duration(number(e->truth, "observed_ms"), &line);
        text_add(&line, " so far");
    } else if (satisfied) {
        text_add(&line, ": satisfied");
    }
    rows_add(e->rows, 0, MARK_NONE, line.data, "");
    text_done(&line);
}

static void put_conditions(struct explanation *e)
{
    const char *state = json_member_text(e->truth, "state", "");
    const struct json *when = json_member(e->truth, "when");
    const struct json *clear = json_member(e->truth, "clear");
    const struct json *levels = json_member(e->truth, "levels");
    bool raised = strcmp(state, "normal") != 0 && strcmp(state, "pending") != 0;

    if (when != NULL) {
        rows_add(e->rows, 0, MARK_NONE, "when", "");
        explain_term(e, when, 2);
    }
    for (size_t i = 0; levels != NULL && i < json_count(levels); i++) {
        const struct json *level = json_item(levels, i);

        rows_add(e->rows, 0, MARK_NONE, json_member_text(level, "severity", "?"), "");
        explain_term(e, json_member(level, "when"), 2);
    }
    put_delay(e, "for", "for_ms", "pending", raised);
    if (clear != NULL) {
        rows_add(e->rows, 0, MARK_NONE, "clear", "");
        explain_term(e, clear, 2);
    }
    put_delay(e, "clear for", "clear_for_ms", "clearing", false);
}

/* ---- parents and readings ---- */

static void put_parents(struct explanation *e)
{
    const struct json *parents = json_member(e->truth, "parents");

    if (parents == NULL || json_count(parents) == 0)
        return;
    rows_add(e->rows, 0, MARK_NONE, "what could explain it", "");
    for (size_t i = 0; i < json_count(parents); i++) {
        const struct json *parent = json_item(parents, i);
        const char *state = json_member_text(parent, "state", "?");
        bool quiet = strcmp(state, "normal") == 0 || strcmp(state, "pending") == 0;
        struct text line;
        struct text seen;

        text_init(&line, LINE_MAX_BYTES);
        text_init(&seen, LINE_MAX_BYTES);
        text_addf(&line, "%s on %s: %s", json_member_text(parent, "rule", "?"),
                  json_member_text(parent, "equipment", "?"), state);
        if (json_member(parent, "seen") != NULL) {
            text_add(&seen, "seen ");
            put_time(e, "seen", parent, &seen);
        }
        rows_add(e->rows, 2,
                 flag(parent, "unknown") ? MARK_UNKNOWN
                 : quiet                 ? MARK_FALSE
                                         : MARK_TRUE,
                 line.data, seen.data == NULL ? "" : seen.data);
        text_done(&line);
        text_done(&seen);
    }
}

static void put_reading(struct explanation *e, const struct json *sample, bool first,
                        struct text *line)
{
    const char *quality = json_member_text(sample, "quality", "");

    text_add(line, first ? "" : ROWS_HARD_BLANK "| ");
    put_time(e, "time", sample, line);
    text_add(line, ROWS_HARD_BLANK);
    if (strcmp(quality, "bad") == 0)
        text_addf(line, "bad" ROWS_HARD_BLANK "(%s)",
                  json_member_text(sample, "reason", "?"));
    else
        explain_value(json_member(sample, "value"), "", line);
    if (strcmp(quality, "uncertain") == 0)
        text_add(line, ROWS_HARD_BLANK "(uncertain)");
}

/* The readings of one point, from `from` on. Returns where the next one begins. */
static size_t put_point(struct explanation *e, const struct json *samples, size_t from)
{
    const char *point = json_member_text(json_item(samples, from), "point", "?");
    const char *unit = "";
    struct text line;
    size_t at;

    text_init(&line, LINE_MAX_BYTES);
    text_addf(&line, "%s: ", point);
    for (at = from; at < json_count(samples); at++) {
        const struct json *sample = json_item(samples, at);

        if (strcmp(json_member_text(sample, "point", "?"), point) != 0)
            break;
        put_reading(e, sample, at == from, &line);
        unit = json_member_text(sample, "unit", unit);
    }
    if (unit[0] != '\0')
        text_addf(&line, ROWS_HARD_BLANK "%s", unit);
    rows_add(e->rows, 2, MARK_NONE, line.data, "");
    text_done(&line);
    return at;
}

static void put_readings(struct explanation *e)
{
    const struct json *samples = json_member(e->truth, "samples");
    size_t at = 0;

    if (samples == NULL || json_count(samples) == 0)
        return;
    rows_add(e->rows, 0, MARK_NONE, "last readings", "");
    while (at < json_count(samples))
        at = put_point(e, samples, at);
}

void explain_text(const struct json *truth, const struct json *issue,
                  const struct explain_look *look, struct text *out)
{
    struct err err;
    struct tz *utc = tz_load("UTC", &err);
    struct explanation e = {
        .truth = truth,
        .rows = rows_new(),
        .tz = look->tz != NULL ? look->tz : utc,
        .colour = look->colour,
    };

    if (!time_of(truth, "time", &e.now))
        (void)time_of(truth, "since", &e.now);
    put_head(&e);
    put_issue(&e, issue);
    put_standing(&e);
    put_unknown(&e);
    put_conditions(&e);
    put_parents(&e);
    put_readings(&e);
    rows_print(e.rows, look->width, look->colour, out);
    rows_free(e.rows);
    tz_free(utc);
}
