/* schema_value.c - see schema_value.h and schema.h. */
#include "config/schema_value.h"

#include "base/number.h"
#include "config/codes.h"
#include "config/units.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 32, /* of one choice */
};

/* How a row's value is written. */
static enum node_kind kind_of(enum schema_type type)
{
    static const enum node_kind kinds[] = {
        [SCHEMA_STRING] = NODE_STRING,   [SCHEMA_WORD] = NODE_STRING,
        [SCHEMA_CHOICE] = NODE_STRING,   [SCHEMA_INT] = NODE_INT,
        [SCHEMA_DOUBLE] = NODE_DOUBLE,   [SCHEMA_BOOL] = NODE_BOOL,
        [SCHEMA_DURATION] = NODE_STRING, [SCHEMA_SIZE] = NODE_STRING,
        [SCHEMA_EXPR] = NODE_STRING,
    };

    return kinds[type];
}

/* ---- wrong types ---- */

static bool is_number_text(const char *text)
{
    char *end;

    if (text[0] == '\0')
        return false;
    (void)strtod(text, &end);
    return *end == '\0';
}

static const char *mend_text(const struct node *node, enum node_kind wanted)
{
    bool boolean =
        strcmp(node->string, "true") == 0 || strcmp(node->string, "false") == 0;

    if ((wanted == NODE_BOOL && boolean) ||
        ((wanted == NODE_INT || wanted == NODE_DOUBLE) && is_number_text(node->string)))
        return "remove the quotes";
    return NULL;
}

/* The way out, where there is one. */
static const char *mend(const struct node *node, enum node_kind wanted)
{
    bool scalar = node->kind != NODE_GROUP && node->kind != NODE_LIST;

    if (node->kind == NODE_STRING)
        return mend_text(node, wanted);
    if (wanted == NODE_STRING && scalar)
        return "put it in quotes";
    if (wanted == NODE_BOOL && node->kind == NODE_INT)
        return node->integer == 0 ? "write false" : "write true";
    if (wanted == NODE_INT && node->kind == NODE_DOUBLE)
        return "write it without a point";
    if (wanted == NODE_LIST && node->kind == NODE_GROUP)
        return "put it into a list: ( { ... } )";
    if (wanted == NODE_GROUP && node->kind == NODE_LIST)
        return "write one group { ... } without ( )";
    return NULL;
}

static bool wrong_type(struct reader *reader, const struct scope *scope, const char *what,
                       const struct node *node, const char *wanted, const char *hint)
{
    char where[SCOPE_TEXT_MAX];

    (void)scope_text(scope, where);
    return schema_fail(
        reader, CODE(TYPE), node->pos, hint, "\"%s\"%s%s must be %s, not %s", what,
        where[0] == '\0' ? "" : " of ", where, wanted, node_kind_name(node->kind));
}

bool schema_want(struct reader *reader, const struct scope *scope, const char *what,
                 const struct node *node, enum node_kind kind)
{
    if (node->kind == kind)
        return true;
    return wrong_type(reader, scope, what, node, node_kind_name(kind), mend(node, kind));
}

bool schema_number(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, double *out)
{
    if (node->kind == NODE_INT) {
        *out = (double)node->integer;
    } else if (node->kind == NODE_DOUBLE) {
        *out = node->number;
    } else {
        (void)schema_want(reader, scope, what, node, NODE_DOUBLE);
        return false;
    }
    return true;
}

/* ---- texts ---- */

static bool check_length(struct reader *reader, const char *what, const struct node *node,
                         size_t max)
{
    if (strlen(node->string) <= max)
        return true;
    return schema_fail(reader, CODE(FORM), node->pos, NULL,
                       "\"%s\" is longer than %zu bytes", what, max);
}

bool schema_text(struct reader *reader, const struct scope *scope, const char *what,
                 const struct node *node, const char **out)
{
    if (!schema_want(reader, scope, what, node, NODE_STRING) ||
        !check_length(reader, what, node, SCHEMA_TEXT_MAX))
        return false;
    for (const char *c = node->string; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return schema_fail(reader, CODE(FORM), node->pos, NULL,
                               "\"%s\" holds a control character", what);
    *out = arena_string(reader->arena, node->string);
    return true;
}

static void *field(void *out, const struct schema_row *row)
{
    return (char *)out + row->offset;
}

static bool set_string(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    const char *value = "";
    const char *must;

    if (!schema_text(reader, scope, row->key, node, &value))
        return false;
    if (value[0] == '\0' && row->fallback == CONFIG_REQUIRED)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"%s\" is empty",
                           row->key);
    must = row->check == NULL || value[0] == '\0' ? NULL : row->check(value);
    if (must != NULL)
        return schema_fail(reader, CODE(FORM), node->pos, must,
                           "\"%.64s\" is no valid \"%s\"", value, row->key);
    *(const char **)field(out, row) = value;
    return true;
}

static bool set_expr(struct reader *reader, const struct schema_row *row,
                     const struct node *node, void *out)
{
    struct expr_settings *expr = field(out, row);

    if (!check_length(reader, row->key, node, SCHEMA_EXPR_MAX))
        return false;
    if (node->string[0] == '\0')
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"%s\" is empty",
                           row->key);
    expr->text = arena_string(reader->arena, node->string);
    expr->pos = node->pos;
    expr->pos.column++; /* behind the quote */
    if (expr->pos.length > 2)
        expr->pos.length -= 2;
    return true;
}

/* "one of a, b, c" */
static const char *list_words(struct reader *reader, const struct schema_word *words)
{
    char text[256];
    size_t used = 0;

    for (const struct schema_word *w = words; w->name != NULL; w++) {
        int n = snprintf(text + used, sizeof text - used, "%s\"%s\"",
                         used == 0 ? "" : ", ", w->name);

        if (n < 0 || used + (size_t)n >= sizeof text)
            break;
        used += (size_t)n;
    }
    return arena_format(reader->arena, "one of %s", text);
}

static bool set_word(struct reader *reader, const struct schema_row *row,
                     const struct node *node, void *out)
{
    const char *names[WORDS_MAX];
    size_t count = 0;

    for (const struct schema_word *w = row->words; w->name != NULL; w++) {
        assert(count < WORDS_MAX);
        names[count++] = w->name;
        if (strcmp(w->name, node->string) != 0)
            continue;
        if (row->type == SCHEMA_WORD)
            *(const char **)field(out, row) = w->name;
        else
            *(unsigned *)field(out, row) = (unsigned)w->value;
        return true;
    }
    return schema_fail(
        reader, CODE(WORD), node->pos,
        schema_hint(reader, node->string, names, count, list_words(reader, row->words)),
        "\"%.64s\" is no possible \"%s\"", node->string, row->key);
}

/* ---- quantities ---- */

static void print_bound(const struct schema_row *row, double bound, char out[UNITS_SIZE])
{
    if (row->type == SCHEMA_DURATION)
        (void)units_format_duration((int64_t)bound, out);
    else if (row->type == SCHEMA_SIZE)
        (void)units_format_size((int64_t)bound, out);
    else
        (void)number_format(out, bound);
}

static bool within(struct reader *reader, const struct schema_row *row,
                   const struct node *node, double value)
{
    char low[UNITS_SIZE];
    char high[UNITS_SIZE];
    char written[UNITS_SIZE];

    if (value >= row->low && value <= row->high)
        return true;
    print_bound(row, row->low, low);
    print_bound(row, row->high, high);
    print_bound(row, value, written);
    return schema_fail(reader, CODE(BOUNDS), node->pos, NULL,
                       "\"%s\" must be %s to %s, not %s", row->key, low, high, written);
}

/* Durations and sizes. */
static bool set_quantity(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    bool duration = row->type == SCHEMA_DURATION;
    int64_t value = 0;

    if (node->kind != NODE_STRING)
        return wrong_type(reader, scope, row->key, node,
                          duration ? "a duration in quotes" : "a size in quotes",
                          duration ? "with a unit, such as \"500ms\", \"30s\", \"1h30m\""
                                   : "with a unit, such as \"10kB\", \"64MiB\"");
    if (!(duration ? units_duration : units_size)(node->string, &value))
        return schema_fail(
            reader, CODE(QUANTITY), node->pos,
            duration ? "such as \"500ms\", \"30s\", \"15m\", \"2h\", \"7d\", \"1h30m\""
                     : "such as \"500B\", \"10kB\", \"64MiB\", \"1GiB\"",
            "\"%.64s\" is no %s", node->string, duration ? "duration" : "size");
    if (!within(reader, row, node, (double)value))
        return false;
    *(int64_t *)field(out, row) = value;
    return true;
}

static bool set_double(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    double value;

    if (!schema_number(reader, scope, row->key, node, &value) ||
        !within(reader, row, node, value))
        return false;
    *(double *)field(out, row) = value;
    return true;
}

static bool set_int(struct reader *reader, const struct schema_row *row,
                    const struct node *node, void *out)
{
    if (!within(reader, row, node, (double)node->integer))
        return false;
    *(int64_t *)field(out, row) = node->integer;
    return true;
}

bool schema_set(struct reader *reader, const struct scope *scope,
                const struct schema_row *row, const struct node *node, void *out)
{
    if (row->type == SCHEMA_DURATION || row->type == SCHEMA_SIZE)
        return set_quantity(reader, scope, row, node, out);
    if (row->type == SCHEMA_DOUBLE)
        return set_double(reader, scope, row, node, out);
    if (!schema_want(reader, scope, row->key, node, kind_of(row->type)))
        return false;
    switch (row->type) {
    case SCHEMA_STRING:
        return set_string(reader, scope, row, node, out);
    case SCHEMA_WORD:
    case SCHEMA_CHOICE:
        return set_word(reader, row, node, out);
    case SCHEMA_INT:
        return set_int(reader, row, node, out);
    case SCHEMA_BOOL:
        *(bool *)field(out, row) = node->boolean;
        return true;
    case SCHEMA_EXPR:
        return set_expr(reader, row, node, out);
    case SCHEMA_DOUBLE:
    case SCHEMA_DURATION:
    case SCHEMA_SIZE:
    case SCHEMA_CUSTOM:
    case SCHEMA_REFUSED:
        break;
    }
    assert(!"a row of a type that has no value");
    return false;
}

/* ---- defaults ---- */

static int64_t default_int(const struct schema_row *row)
{
    int64_t value = 0;
    bool ok = true;

    if (row->type == SCHEMA_DURATION)
        ok = units_duration(row->fallback, &value);
    else if (row->type == SCHEMA_SIZE)
        ok = units_size(row->fallback, &value);
    else
        value = strtoll(row->fallback, NULL, 10);
    assert(ok && (double)value >= row->low && (double)value <= row->high);
    return value;
}

void schema_default(const struct schema_row *row, void *out)
{
    const char *text = row->fallback == CONFIG_REQUIRED ? "" : row->fallback;

    switch (row->type) {
    case SCHEMA_STRING:
    case SCHEMA_WORD:
        *(const char **)field(out, row) = text;
        return;
    case SCHEMA_EXPR:
        ((struct expr_settings *)field(out, row))->text = text;
        return;
    case SCHEMA_CHOICE:
        if (text[0] != '\0') {
            assert(schema_word(row->words, text) >= 0);
            *(unsigned *)field(out, row) = (unsigned)schema_word(row->words, text);
        }
        return;
    case SCHEMA_BOOL:
        *(bool *)field(out, row) = strcmp(text, "true") == 0;
        return;
    case SCHEMA_DOUBLE:
        if (text[0] != '\0')
            *(double *)field(out, row) = strtod(text, NULL);
        return;
    case SCHEMA_INT:
    case SCHEMA_DURATION:
    case SCHEMA_SIZE:
        if (text[0] != '\0')
            *(int64_t *)field(out, row) = default_int(row);
        return;
    case SCHEMA_CUSTOM:
    case SCHEMA_REFUSED:
        return;
    }
}
