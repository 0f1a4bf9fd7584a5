/* explain_terms.c - the tree of terms of explain_text.h.
 *
 * A comparison of two plain terms is one line: "avg(flow, 1m) = 0.08 m3/h < 0.5 (...)".
 * A chain of "and" or "or" is "all of" or "any of" and its parts. Everything else is its
 * text, its value, and below it what it is made of. */
#include "ctl/explain_impl.h"

#include "base/mem.h"
#include "base/number.h"
#include "config/units.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 16 * 1024,
    MEMBERS_SHOWN = 8, /* of a group */
    DIGITS = 6,        /* of a value; more is in the JSON */
};

/* ---- values ---- */

/* Milliseconds of a time in seconds; nobody reads them in one above ten seconds. */
static int64_t round_ms(double seconds)
{
    double step = seconds >= 10 ? 1 : 0.001;

    return (int64_t)(round(seconds / step) * step * 1000 + 0.5);
}

void explain_value(const struct json *value, const char *unit, struct text *out)
{
    char digits[NUMBER_SIZE];
    char duration[UNITS_SIZE];

    if (value == NULL || json_kind(value) == JSON_NULL) {
        text_add(out, "?");
        return;
    }
    if (json_kind(value) == JSON_BOOL) {
        text_add(out, json_truth(value) ? "true" : "false");
    } else if (json_kind(value) == JSON_STRING) {
        text_addf(out, "'%s'", json_text(value));
    } else if (json_kind(value) == JSON_NUMBER && strcmp(unit, "s") == 0 &&
               json_real(value) >= 0) {
        text_add(out, units_format_duration(round_ms(json_real(value)), duration));
    } else if (json_kind(value) == JSON_NUMBER) {
        (void)number_format_digits(digits, json_real(value), DIGITS);
        text_addf(out, "%s%s%s", digits, unit[0] == '\0' ? "" : " ", unit);
    }
}

static const char *text_of(const struct json *term)
{
    return json_member_text(term, "text", "");
}

static enum rows_mark mark_of(const struct json *term)
{
    const struct json *value = json_member(term, "value");

    if (value == NULL || json_kind(value) == JSON_NULL)
        return MARK_UNKNOWN;
    if (json_kind(value) != JSON_BOOL)
        return MARK_NONE;
    return json_truth(value) ? MARK_TRUE : MARK_FALSE;
}

static size_t count_terms(const struct json *term)
{
    const struct json *terms = json_member(term, "terms");

    return terms == NULL ? 0 : json_count(terms);
}

static const struct json *term_at(const struct json *term, size_t i)
{
    return i < count_terms(term) ? json_item(json_member(term, "terms"), i) : NULL;
}

/* ---- details ---- */

static void separate(struct text *detail)
{
    if (detail->length > 0)
        text_add(detail, ", ");
}

static void put_reasons(const struct json *term, struct text *detail)
{
    const struct json *reasons = json_member(term, "reasons");

    for (size_t i = 0; reasons != NULL && i < json_count(reasons); i++) {
        separate(detail);
        text_addf(detail, "%s%s", i == 0 ? "not known: " : "",
                  json_text(json_item(reasons, i)));
    }
}

/* How far the value can be trusted. */
static void put_detail(const struct json *term, struct text *detail)
{
    const struct json *coverage = json_member(term, "coverage");
    const struct json *samples = json_member(term, "samples");
    const struct json *uncertain = json_member(term, "uncertain");
    const struct json *members = json_member(term, "member_count");
    const char *method = json_member_text(term, "method", "");

    put_reasons(term, detail);
    if (coverage != NULL && json_kind(coverage) == JSON_NUMBER) {
        separate(detail);
        text_addf(detail, "covered %.0f %%", 100 * json_real(coverage));
    }
    if (samples != NULL && json_kind(samples) == JSON_NUMBER) {
        separate(detail);
        text_addf(detail, "%.0f reading%s", json_real(samples),
                  json_real(samples) == 1 ? "" : "s");
    }
    if (members != NULL && json_kind(members) == JSON_NUMBER) {
        separate(detail);
        text_addf(detail, "%.0f member%s", json_real(members),
                  json_real(members) == 1 ? "" : "s");
    }
    if (method[0] != '\0') {
        separate(detail);
        text_add(detail, method);
    }
    if (uncertain != NULL && json_kind(uncertain) == JSON_BOOL && json_truth(uncertain)) {
        separate(detail);
        text_add(detail, "uncertain");
    }
}

static bool is_overridden(const struct explanation *e, const char *name)
{
    const struct json *list = json_member(e->truth, "overridden");

    for (size_t i = 0; list != NULL && i < json_count(list); i++)
        if (strcmp(json_text(json_item(list, i)), name) == 0)
            return true;
    return false;
}

/* Whether the text is but a number, for which there is nothing to say. */
static bool is_literal(const char *text)
{
    return text[strspn(text, "-.0123456789")] == '\0';
}

static void put_origin(const struct explanation *e, const char *text, struct text *line)
{
    if (is_overridden(e, text + 1))
        text_addf(line, "set for %s", json_member_text(e->truth, "equipment", "it"));
    else
        text_add(line, "default");
}

/* "flow = 3 m3/h", "$flow_min = 0.5 (default)". */
static void put_equation(const struct explanation *e, const struct json *term,
                         struct text *line)
{
    const char *text = text_of(term);

    text_add(line, text);
    if (is_literal(text))
        return;
    text_add(line, " = ");
    explain_value(json_member(term, "value"), json_member_text(term, "unit", ""), line);
    if (text[0] != '$')
        return;
    text_add(line, " (");
    put_origin(e, text, line);
    text_add(line, ")");
}

/* The right side of a comparison: "0.5 ($flow_min, default)". */
static void put_limit(const struct explanation *e, const struct json *term,
                      struct text *line)
{
    const char *text = text_of(term);

    if (text[0] != '$' || count_terms(term) > 0) {
        put_equation(e, term, line);
        return;
    }
    explain_value(json_member(term, "value"), "", line);
    text_addf(line, " (%s, ", text);
    put_origin(e, text, line);
    text_add(line, ")");
}

/* ---- groups ---- */

static void put_members(struct explanation *e, const struct json *term, size_t indent)
{
    const struct json *members = json_member(term, "members");

    for (size_t i = 0; members != NULL && i < json_count(members); i++) {
        const struct json *member = json_item(members, i);
        struct text line;
        struct text detail;

        if (i == MEMBERS_SHOWN) {
            char *more = mem_format("and %zu more", json_count(members) - i);

            rows_add(e->rows, indent, MARK_NONE, more, "");
            mem_free(more);
            return;
        }
        text_init(&line, LINE_MAX_BYTES);
        text_init(&detail, LINE_MAX_BYTES);
        text_addf(&line, "%s = ", json_member_text(member, "equipment", "?"));
        explain_value(json_member(member, "value"), json_member_text(term, "unit", ""),
                      &line);
        put_detail(member, &detail);
        rows_add(e->rows, indent, MARK_NONE, line.data,
                 detail.data == NULL ? "" : detail.data);
        text_done(&line);
        text_done(&detail);
    }
}

/* ---- comparisons ---- */

/* The operator at the start of the text, or NULL. */
static const char *operator_at(const char *text)
{
    static const char *const operators[] = {"<=", ">=", "==", "!=", "<", ">"};

    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strncmp(text, operators[i], strlen(operators[i])) == 0)
            return operators[i];
    return NULL;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\n");
}

/* A comparison taken apart; `right` is NULL when it is written out in `rest`. */
struct comparison {
    const struct json *left;
    const struct json *right;
    const char *operator;
    const char *rest;
};

static bool is_condition(const struct json *term)
{
    const struct json *value = json_member(term, "value");

    return value != NULL && json_kind(value) == JSON_BOOL;
}

/* False when the term is none whose parts can be told from its text. */
static bool take_apart(const struct json *term, struct comparison *c)
{
    size_t count = count_terms(term);

    c->left = term_at(term, 0);
    c->right = count == 2 ? term_at(term, 1) : NULL;
    if (count == 0 || count > 2 || is_condition(c->left) ||
        strncmp(text_of(term), text_of(c->left), strlen(text_of(c->left))) != 0)
        return false;
    c->rest = skip_blanks(text_of(term) + strlen(text_of(c->left)));
    c->operator= operator_at(c->rest);
    if (c->operator== NULL)
        return false;
    c->rest = skip_blanks(c->rest + strlen(c->operator));
    return c->right == NULL || strcmp(c->rest, text_of(c->right)) == 0;
}

/* What the sides are made of. */
static void put_parts(struct explanation *e, const struct json *side, size_t indent)
{
    if (side == NULL)
        return;
    put_members(e, side, indent);
    for (size_t i = 0; i < count_terms(side); i++)
        explain_term(e, term_at(side, i), indent);
}

/* "avg(flow, 1m) = 0.08 m3/h < 0.5 ($flow_min, default)" */
static bool put_comparison(struct explanation *e, const struct json *term, size_t indent)
{
    struct comparison c;
    struct text line;
    struct text detail;

    if (!take_apart(term, &c))
        return false;
    text_init(&line, LINE_MAX_BYTES);
    text_init(&detail, LINE_MAX_BYTES);
    put_equation(e, c.left, &line);
    text_addf(&line, " %s ", c.operator);
    if (c.right != NULL)
        put_limit(e, c.right, &line);
    else
        text_add(&line, c.rest);
    put_detail(c.left, &detail);
    if (c.right != NULL)
        put_detail(c.right, &detail);
    rows_add(e->rows, indent, mark_of(term), line.data,
             detail.data == NULL ? "" : detail.data);
    text_done(&line);
    text_done(&detail);
    put_parts(e, c.left, indent + 2);
    put_parts(e, c.right, indent + 2);
    return true;
}

/* ---- chains ---- */

/* Whether the word stands there by itself. */
static bool is_word(const char *text, const char *at, const char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$'";
    size_t length = strlen(word);

    return strncmp(at, word, length) == 0 &&
           (at == text || strchr(letters, at[-1]) == NULL) &&
           (at[length] == '\0' || strchr(letters, at[length]) == NULL);
}

static const char *behind_quotes(const char *at)
{
    const char *end = strchr(at + 1, '\'');

    return end == NULL ? at + strlen(at) : end + 1;
}

/* Finds a word that stands in no parentheses. */
static bool joins_with(const char *text, const char *word)
{
    int depth = 0;

    for (const char *at = text; *at != '\0';) {
        if (*at == '\'') {
            at = behind_quotes(at);
            continue;
        }
        if (depth == 0 && is_word(text, at, word))
            return true;
        depth += (*at == '(') - (*at == ')');
        at++;
    }
    return false;
}

/* The text without parentheses around all of it; `out` is the caller's (mem_free). */
static char *bare(const char *text)
{
    size_t length = strlen(text);
    int depth = 0;

    if (text[0] != '(')
        return mem_strdup(text);
    for (const char *at = text; *at != '\0'; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0 && at[1] != '\0')
            return mem_strdup(text);
    }
    return mem_strndup(text + 1, length - 2);
}

/* "or" binds less than "and". NULL: it is no chain. */
static const char *chain_of(const struct json *term)
{
    const char *chain = NULL;
    char *text;

    if (count_terms(term) < 2)
        return NULL;
    text = bare(text_of(term));
    if (joins_with(text, "or"))
        chain = "any of";
    else if (joins_with(text, "and"))
        chain = "all of";
    mem_free(text);
    return chain;
}

/* "not run": what is below would only say it again. */
static bool is_denial(const struct json *term)
{
    return count_terms(term) == 1 && count_terms(term_at(term, 0)) == 0 &&
           strncmp(text_of(term), "not ", 4) == 0 &&
           strcmp(skip_blanks(text_of(term) + 4), text_of(term_at(term, 0))) == 0;
}

/* ---- terms ---- */

static void put_plain(struct explanation *e, const struct json *term, size_t indent)
{
    const char *chain = chain_of(term);
    enum rows_mark mark = mark_of(term);
    struct text line;
    struct text detail;

    text_init(&line, LINE_MAX_BYTES);
    text_init(&detail, LINE_MAX_BYTES);
    if (chain != NULL)
        text_add(&line, chain);
    else if (mark != MARK_NONE)
        text_add(&line, text_of(term)); /* the mark is its value */
    else
        put_equation(e, term, &line);
    if (chain == NULL)
        put_detail(is_denial(term) ? term_at(term, 0) : term, &detail);
    rows_add(e->rows, indent, mark, line.data, detail.data == NULL ? "" : detail.data);
    text_done(&line);
    text_done(&detail);
}

void explain_term(struct explanation *e, const struct json *term, size_t indent)
{
    if (put_comparison(e, term, indent))
        return;
    put_plain(e, term, indent);
    if (!is_denial(term))
        put_parts(e, term, indent + 2);
}
