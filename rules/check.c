/* check.c - see check.h. Operators; names are in check_names.c, calls in check_call.c. */
#include "rules/check_impl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *check_type_name(enum expr_type type)
{
    static const char *const names[] = {
        [EXPR_ANY] = "unknown",    [EXPR_NUMBER] = "a number",
        [EXPR_BOOL] = "a boolean", [EXPR_DURATION] = "a duration",
        [EXPR_ENUM] = "an enum",   [EXPR_STRING] = "a string",
    };

    return names[type];
}

/* The source of a term, for hints; long ones are cut. */
static int text_length(const struct ast_node *node)
{
    return (int)(node->span.length > 60 ? 60 : node->span.length);
}

static const char *text_of(const struct checker *c, const struct ast_node *node)
{
    return c->ast->text + node->span.offset;
}

/* A condition is wanted here: true when the node is one (or already wrong). */
static bool want_bool(struct checker *c, uint16_t index, const char *where)
{
    const struct ast_node *node = &c->ast->nodes[index];
    char hint[DIAGNOSIS_HINT_MAX];

    if (node->type == EXPR_BOOL || node->type == EXPR_ANY)
        return true;
    if (node->type == EXPR_ENUM)
        (void)snprintf(hint, sizeof hint, "compare it with a name: %.*s == '%s'",
                       text_length(node), text_of(c, node),
                       node->point != NULL && node->point->label_count > 0
                           ? node->point->labels[0].name
                           : "...");
    else
        (void)snprintf(hint, sizeof hint, "compare it with something: %.*s > ...",
                       text_length(node), text_of(c, node));
    diagnose(c->sink, "E306", node->span, hint, "%s must be a condition, this is %s",
             where, check_type_name(node->type));
    return false;
}

static void check_unary(struct checker *c, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const struct ast_node *operand = &c->ast->nodes[node->first];

    check_node(c, node->first);
    if (node->op == TOKEN_NOT) {
        node->type = want_bool(c, node->first, "what stands behind \"not\"") ? EXPR_BOOL
                                                                             : EXPR_ANY;
        return;
    }
    node->type = operand->type;
    node->unit = operand->unit;
    node->measure = operand->measure;
    node->floating = operand->floating;
    if (operand->type == EXPR_NUMBER || operand->type == EXPR_DURATION ||
        operand->type == EXPR_ANY)
        return;
    node->type = EXPR_ANY;
    diagnose(c->sink, "E306", node->span, NULL, "%s has no negative",
             check_type_name(operand->type));
}

static const struct {
    enum token_kind op;
    enum expr_type left;
    enum expr_type right;
    enum expr_type result;
} arithmetic[] = {
    {TOKEN_PLUS, EXPR_NUMBER, EXPR_NUMBER, EXPR_NUMBER},
    {TOKEN_PLUS, EXPR_DURATION, EXPR_DURATION, EXPR_DURATION},
    {TOKEN_MINUS, EXPR_NUMBER, EXPR_NUMBER, EXPR_NUMBER},
    {TOKEN_MINUS, EXPR_DURATION, EXPR_DURATION, EXPR_DURATION},
    {TOKEN_STAR, EXPR_NUMBER, EXPR_NUMBER, EXPR_NUMBER},
    {TOKEN_STAR, EXPR_NUMBER, EXPR_DURATION, EXPR_DURATION},
    {TOKEN_STAR, EXPR_DURATION, EXPR_NUMBER, EXPR_DURATION},
    {TOKEN_SLASH, EXPR_NUMBER, EXPR_NUMBER, EXPR_NUMBER},
    {TOKEN_SLASH, EXPR_DURATION, EXPR_NUMBER, EXPR_DURATION},
    {TOKEN_SLASH, EXPR_DURATION, EXPR_DURATION, EXPR_NUMBER},
    {TOKEN_PERCENT, EXPR_NUMBER, EXPR_NUMBER, EXPR_NUMBER},
    {TOKEN_PERCENT, EXPR_DURATION, EXPR_DURATION, EXPR_DURATION},
};

static const char *arithmetic_hint(enum expr_type a, enum expr_type b)
{
    if (a == EXPR_BOOL || b == EXPR_BOOL)
        return "if(condition, 1, 0) makes a number of a condition";
    if (a == EXPR_DURATION || b == EXPR_DURATION)
        return "durations have a unit, as in 30s";
    return NULL;
}

static void check_arithmetic(struct checker *c, struct ast_node *node,
                             const struct ast_node *a, const struct ast_node *b)
{
    node->floating = a->floating || b->floating || node->op == TOKEN_SLASH;
    check_units_join(node, a, b);
    if (a->type == EXPR_ANY || b->type == EXPR_ANY)
        return;
    for (size_t i = 0; i < sizeof arithmetic / sizeof arithmetic[0]; i++) {
        if (arithmetic[i].op == node->op && arithmetic[i].left == a->type &&
            arithmetic[i].right == b->type) {
            node->type = arithmetic[i].result;
            if (node->type == EXPR_DURATION)
                node->unit = "s";
            else if (node->op != TOKEN_STAR && node->op != TOKEN_SLASH)
                check_units(c, node->at, a, b);
            return;
        }
    }
    diagnose(c->sink, "E306", node->at, arithmetic_hint(a->type, b->type),
             "\"%.*s\" cannot join %s and %s", (int)node->at.length,
             c->ast->text + node->at.offset, check_type_name(a->type),
             check_type_name(b->type));
}

/* "run == 1" on a boolean. */
static bool bool_with_number(struct checker *c, const struct ast_node *node,
                             const struct ast_node *boolean,
                             const struct ast_node *number)
{
    char hint[DIAGNOSIS_HINT_MAX];
    bool positive;

    if (boolean->type != EXPR_BOOL || number->kind != AST_NUMBER)
        return false;
    positive = (number->number != 0) == (node->op == TOKEN_EQUAL);
    (void)snprintf(hint, sizeof hint, "write %s%.*s", positive ? "" : "not ",
                   text_length(boolean), text_of(c, boolean));
    diagnose(c->sink, "E306", node->span, hint,
             "a boolean is not compared with a number");
    return true;
}

/* An enum and the name of one of its values. */
static bool enum_with_string(struct checker *c, const struct ast_node *node, uint16_t a,
                             uint16_t b)
{
    struct ast_node *nodes = c->ast->nodes;

    if (nodes[a].type != EXPR_ENUM || nodes[b].kind != AST_STRING)
        return false;
    if (node->op != TOKEN_EQUAL && node->op != TOKEN_NOT_EQUAL) {
        diagnose(c->sink, "E306", node->at,
                 "use == or !=", "the values of an enum have no order");
        return true;
    }
    check_label(c, b, nodes[a].point);
    return true;
}

static const char *compare_hint(enum expr_type a, enum expr_type b)
{
    if (a == EXPR_ENUM || b == EXPR_ENUM)
        return "compare an enum with a name, as in mode == 'normal'";
    if (a == EXPR_DURATION || b == EXPR_DURATION)
        return "durations have a unit, as in 30s";
    if (a == EXPR_STRING || b == EXPR_STRING)
        return "only enums are compared with strings";
    return NULL;
}

static void warn_equal(struct checker *c, const struct ast_node *node,
                       const struct ast_node *a, const struct ast_node *b)
{
    char hint[DIAGNOSIS_HINT_MAX];

    if ((node->op != TOKEN_EQUAL && node->op != TOKEN_NOT_EQUAL) ||
        (!a->floating && !b->floating))
        return;
    (void)snprintf(hint, sizeof hint, "use near(%.*s, %.*s, tolerance)", text_length(a),
                   text_of(c, a), text_length(b), text_of(c, b));
    diagnose(c->sink, "W302", node->at, hint,
             "measured values are hardly ever exactly equal");
}

static void check_comparison(struct checker *c, struct ast_node *node, uint16_t left,
                             uint16_t right)
{
    const struct ast_node *a = &c->ast->nodes[left];
    const struct ast_node *b = &c->ast->nodes[right];
    bool equality = node->op == TOKEN_EQUAL || node->op == TOKEN_NOT_EQUAL;

    node->type = EXPR_BOOL;
    if (bool_with_number(c, node, a, b) || bool_with_number(c, node, b, a) ||
        enum_with_string(c, node, left, right) || enum_with_string(c, node, right, left))
        return;
    if (a->type == EXPR_ANY || b->type == EXPR_ANY)
        return;
    if (a->type == b->type && (a->type == EXPR_NUMBER || a->type == EXPR_DURATION)) {
        check_units(c, node->at, a, b);
        warn_equal(c, node, a, b);
        return;
    }
    if (a->type == EXPR_BOOL && b->type == EXPR_BOOL && equality)
        return;
    if (a->type == EXPR_ENUM && b->type == EXPR_ENUM && equality &&
        a->point->label_count == b->point->label_count)
        return;
    diagnose(c->sink, "E306", node->at, compare_hint(a->type, b->type),
             "\"%.*s\" cannot compare %s with %s", (int)node->at.length,
             c->ast->text + node->at.offset, check_type_name(a->type),
             check_type_name(b->type));
}

static void check_binary(struct checker *c, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    uint16_t left = node->first;
    uint16_t right = c->ast->nodes[left].next;
    char where[32];

    check_node(c, left);
    check_node(c, right);
    if (node->op == TOKEN_AND || node->op == TOKEN_OR) {
        (void)snprintf(where, sizeof where, "both sides of \"%s\"",
                       node->op == TOKEN_AND ? "and" : "or");
        (void)want_bool(c, left, where);
        (void)want_bool(c, right, where);
        node->type = EXPR_BOOL;
    } else if (node->op >= TOKEN_LESS && node->op <= TOKEN_NOT_EQUAL) {
        check_comparison(c, node, left, right);
    } else {
        check_arithmetic(c, node, &c->ast->nodes[left], &c->ast->nodes[right]);
    }
}

void check_node(struct checker *c, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];

    switch (node->kind) {
    case AST_NUMBER:
        node->type = EXPR_NUMBER;
        node->floating = node->number != floor(node->number);
        break;
    case AST_DURATION:
        node->type = EXPR_DURATION;
        node->unit = "s";
        break;
    case AST_BOOL:
        node->type = EXPR_BOOL;
        break;
    case AST_STRING:
        node->type = EXPR_STRING;
        break;
    case AST_UNKNOWN:
        node->type = EXPR_ANY;
        break;
    case AST_POINT:
        check_point(c, index);
        break;
    case AST_PARAM:
        check_param(c, index);
        break;
    case AST_UNARY:
        check_unary(c, index);
        break;
    case AST_BINARY:
        check_binary(c, index);
        break;
    case AST_CALL:
        check_call(c, index);
        break;
    case AST_WINDOW: /* stands where a duration is wanted */
        node->type = EXPR_DURATION;
        node->unit = "s";
        if (node->samples > 0 || node->ago_s > 0)
            diagnose(c->sink, "E305", node->span, NULL, "only a duration can stand here");
        break;
    }
}

bool check_value(struct ast *ast, const struct check_scope *scope, bool boolean,
                 struct diagnosis_sink *sink)
{
    struct checker c = {
        .ast = ast, .scope = scope, .sink = sink, .equipment = scope->example};
    const struct ast_node *root = &ast->nodes[ast->root];
    size_t errors = sink->errors;

    check_node(&c, ast->root);
    if (boolean)
        (void)want_bool(&c, ast->root, "a boolean point");
    else if (root->type != EXPR_NUMBER && root->type != EXPR_ANY)
        diagnose(sink, "E306", root->span,
                 root->type == EXPR_BOOL ? "write type = \"bool\" for the point"
                 : root->type == EXPR_DURATION
                     ? "divide it by a duration, as in age(flow) / 1s"
                     : NULL,
                 "a computed point must be a number, this is %s",
                 check_type_name(root->type));
    return sink->errors == errors;
}

bool check_rule(struct ast *ast, const struct check_scope *scope,
                struct diagnosis_sink *sink)
{
    struct checker c = {
        .ast = ast, .scope = scope, .sink = sink, .equipment = scope->example};
    size_t errors = sink->errors;

    check_node(&c, ast->root);
    (void)want_bool(&c, ast->root, "a rule");
    return sink->errors == errors;
}
