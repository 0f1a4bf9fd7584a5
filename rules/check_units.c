/* check_units.c - the units of an expression. Only what is certain is said: a number, a
 * parameter and what has an unknown unit fit everything, and so does what they were
 * multiplied with (it may just have been converted). */
#include "rules/check_impl.h"

#include <stdio.h>

enum {
    SHOWN = 40, /* bytes of a term in a message */
};

static int shown(const struct ast_node *node)
{
    return node->span.length > SHOWN ? SHOWN : (int)node->span.length;
}

static const char *text_of(const struct checker *c, const struct ast_node *node)
{
    return c->ast->text + node->span.offset;
}

/* A product has a measure but no name. */
static const char *name_of(const struct ast_node *node)
{
    return node->unit[0] == '\0' ? "another quantity" : node->unit;
}

void check_units(struct checker *c, struct span at, const struct ast_node *a,
                 const struct ast_node *b)
{
    char hint[DIAGNOSIS_HINT_MAX];

    switch (measure_fit(a->measure, b->measure)) {
    case MEASURE_FITS:
        break;
    case MEASURE_OTHER:
        (void)snprintf(hint, sizeof hint, "%.*s is %s, %.*s is %s", shown(a),
                       text_of(c, a), name_of(a), shown(b), text_of(c, b), name_of(b));
        diagnose(c->sink, "E320", at, hint, "these measure different things");
        break;
    case MEASURE_SCALE:
        (void)snprintf(hint, sizeof hint, "write %.*s * %.9g", shown(b), text_of(c, b),
                       b->measure.factor / a->measure.factor);
        diagnose(c->sink, "W316", at, hint, "%s and %s are not the same unit", name_of(a),
                 name_of(b));
        break;
    }
}

void check_units_join(struct ast_node *node, const struct ast_node *a,
                      const struct ast_node *b)
{
    const struct ast_node *known = a->measure.known ? a : b;

    if (node->op == TOKEN_STAR) {
        node->measure = measure_times(a->measure, b->measure);
    } else if (node->op == TOKEN_SLASH) {
        node->measure = measure_over(a->measure, b->measure);
    } else {
        known = node->op == TOKEN_PERCENT ? a : known;
        node->measure = known->measure;
        node->unit = known->unit;
    }
}

void check_units_call(struct checker *c, struct ast_node *call, const struct ast_node *of)
{
    char made[UNIT_TEXT_MAX];

    call->unit = of->unit;
    if (of->unit[0] != '\0') {
        switch (call->function->unit) {
        case UNIT_PER_SECOND:
            call->unit = ast_unit(c->ast, units_per(of->unit, "s", made));
            break;
        case UNIT_PER_HOUR:
            call->unit = ast_unit(c->ast, units_per(of->unit, "h", made));
            break;
        case UNIT_TIMES_HOUR:
            call->unit = ast_unit(c->ast, units_times_hour(of->unit, made));
            break;
        case UNIT_NONE:
        case UNIT_POINT:
        case UNIT_MEMBER:
            call->measure = of->measure;
            return;
        }
    }
    call->measure = measure_of(call->unit);
}
