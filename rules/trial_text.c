/* trial_text.c - see trial_text.h. */
#include "rules/trial_text.h"

#include "base/number.h"

#include <string.h>

enum {
    DEPTH_MAX = 10,  /* of terms, as engine_explain writes them */
    WIDTH_MAX = 60,  /* of the column of terms; longer ones push their value out */
    LABEL_WIDTH = 9, /* "serious  " */
};

struct writer {
    struct text *out;
    size_t indent;
    size_t width; /* of the terms with their indentation */
};

static void pad(struct text *out, size_t count)
{
    while (count-- > 0)
        text_add_char(out, ' ');
}

static size_t longest(const struct json *term, size_t depth)
{
    const struct json *terms = json_member(term, "terms");
    size_t length = 2 * depth + strlen(json_member_text(term, "text", ""));

    if (length > WIDTH_MAX)
        length = WIDTH_MAX;
    for (size_t i = 0; terms != NULL && depth < DEPTH_MAX && i < json_count(terms); i++) {
        size_t below = longest(json_item(terms, i), depth + 1);

        if (below > length)
            length = below;
    }
    return length;
}

static void put_number(struct text *out, double number)
{
    char digits[NUMBER_SIZE];

    (void)number_format_digits(digits, number, 6);
    text_add(out, digits);
}

static void put_reasons(const struct json *value, struct text *out)
{
    const struct json *reasons = json_member(value, "reasons");

    for (size_t i = 0; reasons != NULL && i < json_count(reasons); i++)
        text_addf(out, "%s%s", i == 0 ? " (" : ", ", json_text(json_item(reasons, i)));
    if (reasons != NULL && json_count(reasons) > 0)
        text_add_char(out, ')');
}

/* "2.9 m3/h", "true", "unknown (stale)". */
static void put_value(const struct json *holder, struct text *out)
{
    const struct json *value = json_member(holder, "value");
    const char *unit = json_member_text(holder, "unit", "");

    switch (value == NULL ? JSON_NULL : json_kind(value)) {
    case JSON_BOOL:
        text_add(out, json_truth(value) ? "true" : "false");
        break;
    case JSON_NUMBER:
        put_number(out, json_real(value));
        if (unit[0] != '\0')
            text_addf(out, " %s", unit);
        break;
    case JSON_STRING:
        text_addf(out, "'%s'", json_text(value));
        break;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        text_add(out, "unknown");
        put_reasons(holder, out);
        break;
    }
}

static void put_members(const struct json *term, struct text *out)
{
    const struct json *members = json_member(term, "members");

    for (size_t i = 0; members != NULL && i < json_count(members); i++) {
        const struct json *member = json_item(members, i);

        text_addf(out, "%s%s ", i == 0 ? "  [" : ", ",
                  json_member_text(member, "equipment", ""));
        put_value(member, out);
    }
    if (members != NULL && json_count(members) > 0)
        text_add_char(out, ']');
}

static void put_term(const struct writer *w, const struct json *term, size_t depth)
{
    const struct json *terms = json_member(term, "terms");
    const struct json *coverage = json_member(term, "coverage");
    const char *text = json_member_text(term, "text", "");
    size_t used = 2 * depth + strlen(text);

    if (depth > 0)
        pad(w->out, w->indent + LABEL_WIDTH + 2 * depth);
    text_add(w->out, text);
    pad(w->out, (used < w->width ? w->width - used : 0) + 2);
    put_value(term, w->out);
    if (coverage != NULL && json_kind(coverage) == JSON_NUMBER)
        text_addf(w->out, "  coverage %.0f %%", 100 * json_real(coverage));
    put_members(term, w->out);
    text_add_char(w->out, '\n');
    for (size_t i = 0; terms != NULL && depth < DEPTH_MAX && i < json_count(terms); i++)
        put_term(w, json_item(terms, i), depth + 1);
}

static void put_label(struct writer *w, const char *label)
{
    size_t length = strlen(label);

    pad(w->out, w->indent);
    text_add(w->out, label);
    pad(w->out, length < LABEL_WIDTH ? LABEL_WIDTH - length : 1);
}

static void put_tree(struct writer *w, const char *label, const struct json *term)
{
    if (term == NULL || json_kind(term) != JSON_OBJECT)
        return;
    put_label(w, label);
    put_term(w, term, 0);
}

/* One line for each point, the oldest reading first. */
static void put_samples(struct writer *w, const struct json *samples)
{
    const char *point = NULL;

    for (size_t i = 0; samples != NULL && i < json_count(samples); i++) {
        const struct json *sample = json_item(samples, i);
        const char *name = json_member_text(sample, "point", "");

        if (point == NULL || strcmp(point, name) != 0) {
            if (point != NULL)
                text_add_char(w->out, '\n');
            put_label(w, point == NULL ? "last" : "");
            text_add(w->out, name);
            point = name;
        }
        text_add_char(w->out, ' ');
        if (strcmp(json_member_text(sample, "quality", ""), "bad") == 0)
            text_addf(w->out, "!%s", json_member_text(sample, "reason", ""));
        else
            put_value(sample, w->out);
    }
    if (point != NULL)
        text_add_char(w->out, '\n');
}

void trial_text(const struct json *explained, unsigned indent, struct text *out)
{
    const struct json *levels = json_member(explained, "levels");
    const struct json *when = json_member(explained, "when");
    const struct json *clear = json_member(explained, "clear");
    struct writer w = {.out = out, .indent = indent};

    for (size_t i = 0; levels != NULL && i < json_count(levels); i++) {
        size_t length = longest(json_member(json_item(levels, i), "when"), 0);

        w.width = length > w.width ? length : w.width;
    }
    if (when != NULL && longest(when, 0) > w.width)
        w.width = longest(when, 0);
    if (clear != NULL && longest(clear, 0) > w.width)
        w.width = longest(clear, 0);
    put_tree(&w, "when", when);
    for (size_t i = 0; levels != NULL && i < json_count(levels); i++) {
        const struct json *level = json_item(levels, i);

        put_tree(&w, json_member_text(level, "severity", "level"),
                 json_member(level, "when"));
    }
    put_tree(&w, "clear", clear);
    put_samples(&w, json_member(explained, "samples"));
}
