/* check_call.c - the arguments of functions against their signatures. */
#include "rules/check_impl.h"

#include "base/mem.h"
#include "rules/lookup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    USAGE_MAX = 120,
    PREV_MAX = 16, /* readings that prev can go back */
};

static void usage(const struct function *function, char out[USAGE_MAX])
{
    struct text text;

    text_init(&text, USAGE_MAX - 1);
    function_usage(function, &text);
    (void)snprintf(out, USAGE_MAX, "%s", text.data);
    text_done(&text);
}

static void unknown_function(struct checker *c, const struct ast_node *node)
{
    char hint[DIAGNOSIS_HINT_MAX];
    size_t count;
    const struct function *rows = function_rows(&count);
    const char **names = mem_array(count, sizeof *names);

    for (size_t i = 0; i < count; i++)
        names[i] = rows[i].name;
    diagnose(c->sink, "E304", node->at, check_hint(node->name, names, count, hint),
             "there is no function \"%s\"", node->name);
    mem_free((void *)names);
}

static void wrong(struct checker *c, const struct ast_node *call,
                  const struct ast_node *arg, const char *what)
{
    char shape[USAGE_MAX];

    usage(call->function, shape);
    diagnose(c->sink, "E305", arg->span, shape, "%s", what);
}

/* A window must hold at least two polls of its point. */
static void check_window_length(struct checker *c, const struct ast_node *point,
                                const struct ast_node *window)
{
    char hint[DIAGNOSIS_HINT_MAX];
    double period_s;

    if (point->point == NULL || window->samples > 0)
        return;
    period_s = (double)point->point->period_ms / 1000;
    if (window->number >= 2 * period_s)
        return;
    (void)snprintf(hint, sizeof hint, "\"%s\" is read every %g s", point->name, period_s);
    diagnose(c->sink, "W301", window->span, hint, "the window is shorter than two polls");
}

static void check_window(struct checker *c, const struct ast_node *call, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const struct ast_node *first = &c->ast->nodes[call->first];

    node->type = EXPR_DURATION;
    if (node->kind != AST_WINDOW) {
        wrong(c, call, node, "a window is wanted here, as in 5m, #10 or 1h ago 24h");
        return;
    }
    if (node->samples == 0 && node->number <= 0)
        wrong(c, call, node, "a window needs at least one sample");
    else if (node->samples > READING_RING_MAX)
        wrong(c, call, node, "a window of so many samples is not kept; give a time");
    else if (first->kind != AST_POINT && (node->samples > 0 || node->ago_s > 0))
        wrong(c, call, node, "over an expression the window is a plain duration");
    else
        check_window_length(c, first, node);
}

static void check_point_arg(struct checker *c, const struct ast_node *call,
                            uint16_t index, char letter)
{
    const struct ast_node *node = &c->ast->nodes[index];

    if (node->kind != AST_POINT) {
        wrong(c, call, node, "the name of a point is wanted here");
        return;
    }
    check_node(c, index);
    if (node->type == EXPR_ANY || letter == 'p')
        return;
    if (node->type != EXPR_NUMBER) {
        wrong(c, call, node, "a point that is a number is wanted here");
        return;
    }
    if (letter == 'C' && node->point != NULL && !node->point->counter)
        diagnose(c->sink, "E305", node->span,
                 "set counter = true in the profile, or use delta",
                 "\"%s\" is not declared as a counter", node->name);
}

static bool is_clock(const char *text)
{
    if (strlen(text) != 5 || text[2] != ':')
        return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (text[i] < '0' || text[i] > '9'))
            return false;
    return (text[0] - '0') * 10 + text[1] - '0' < 24 && text[3] < '6';
}

static void check_literal(struct checker *c, const struct ast_node *call, uint16_t index,
                          char letter)
{
    struct ast_node *node = &c->ast->nodes[index];

    if (letter == 't') {
        node->type = EXPR_STRING;
        if (node->kind != AST_STRING || !is_clock(node->name))
            wrong(c, call, node, "a time of day is wanted here, as in '02:00'");
        return;
    }
    node->type = EXPR_NUMBER;
    if (node->kind != AST_NUMBER || node->number > PREV_MAX ||
        node->number != floor(node->number))
        wrong(c, call, node, "a whole number from 0 to 16 is wanted here");
}

/* Enters the relation: what follows is about its members. */
static void check_relation(struct checker *c, struct ast_node *call, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const uint32_t *members;
    size_t count;

    node->type = EXPR_STRING;
    if (node->kind != AST_STRING) {
        wrong(c, call, node, "the name of a relation is wanted here, in single quotes");
        return;
    }
    if (c->in_group) {
        wrong(c, call, node, "groups cannot be nested");
        c->equipment = NULL; /* nothing more to say about the inner names */
        return;
    }
    if (c->equipment == NULL)
        return;
    members = lookup_members(c->scope->model, c->equipment, node->name, &count);
    if (members == NULL) {
        diagnose(c->sink, "E308", node->at, NULL, "%s \"%s\" has no relation \"%s\"",
                 c->equipment->class_name, c->equipment->id, node->name);
        c->equipment = NULL;
        return;
    }
    call->group_members = (uint32_t)count;
    c->equipment = count == 0 ? NULL : &c->scope->model->equipment[members[0]];
}

static bool fits(char letter, enum expr_type type)
{
    switch (letter) {
    case 'n':
        return type == EXPR_NUMBER;
    case 'm':
        return type == EXPR_NUMBER || type == EXPR_DURATION;
    case 'd':
        return type == EXPR_DURATION;
    case 'b':
    case 'B':
        return type == EXPR_BOOL;
    default: /* e */
        return type != EXPR_STRING;
    }
}

static const char *wanted(char letter)
{
    switch (letter) {
    case 'n':
        return "a number";
    case 'm':
        return "a number or a duration";
    case 'd':
        return "a duration, as in 5m,";
    case 'b':
    case 'B':
        return "a condition";
    default:
        return "a value";
    }
}

/* An argument that is evaluated. `same` is the type all m or e of the call have. */
static void check_operand(struct checker *c, struct ast_node *call, uint16_t index,
                          char letter, enum expr_type *same)
{
    struct ast_node *node = &c->ast->nodes[index];
    char what[120];

    check_node(c, index);
    if (node->type == EXPR_ANY)
        return;
    if (!fits(letter, node->type)) {
        (void)snprintf(what, sizeof what, "%s is wanted here, this is %s", wanted(letter),
                       check_type_name(node->type));
        wrong(c, call, node, what);
        return;
    }
    if (letter != 'm' && letter != 'e')
        return;
    call->floating = call->floating || node->floating;
    if (*same == EXPR_ANY) {
        *same = node->type;
        call->unit = node->unit;
        call->point = node->point;
    } else if (*same != node->type) {
        (void)snprintf(what, sizeof what, "this is %s, but the one before is %s",
                       check_type_name(node->type), check_type_name(*same));
        wrong(c, call, node, what);
    }
}

static bool check_arity(struct checker *c, const struct ast_node *node)
{
    unsigned least;
    unsigned most;
    char shape[USAGE_MAX];

    function_arity(node->function, &least, &most);
    if (node->count >= least && node->count <= most)
        return true;
    usage(node->function, shape);
    diagnose(c->sink, "E305", node->at, shape, "%s takes %u%s argument%s, not %u",
             node->name, least, most > least ? " or more" : "",
             least == 1 && most == 1 ? "" : "s", node->count);
    return false;
}

static void check_args(struct checker *c, struct ast_node *call, enum expr_type *same)
{
    unsigned n = 0;

    for (uint16_t arg = call->first; arg != AST_NONE;
         arg = c->ast->nodes[arg].next, n++) {
        char letter = function_letter(call->function, n);

        if (letter == 'w')
            check_window(c, call, arg);
        else if (letter == 'p' || letter == 'P' || letter == 'C')
            check_point_arg(c, call, arg, letter);
        else if (letter == 't' || letter == 'i')
            check_literal(c, call, arg, letter);
        else if (letter == 'g')
            check_relation(c, call, arg);
        else
            check_operand(c, call, arg, letter, same);
        if (n == 0 && letter == 'g')
            c->in_group = true;
    }
}

static void check_result(struct checker *c, struct ast_node *call, enum expr_type same)
{
    const struct function *function = call->function;
    const struct ast_node *first =
        call->first == AST_NONE ? NULL : &c->ast->nodes[call->first];

    call->floating =
        function->floating || (function->result == RESULT_SAME ? call->floating : false);
    if (first != NULL && function->unit != UNIT_NONE)
        call->unit = first->unit;
    switch (function->result) {
    case RESULT_NUMBER:
        call->type = EXPR_NUMBER;
        break;
    case RESULT_BOOL:
        call->type = EXPR_BOOL;
        break;
    case RESULT_DURATION:
        call->type = EXPR_DURATION;
        call->unit = "s";
        break;
    case RESULT_POINT:
        call->type = first == NULL ? EXPR_ANY : first->type;
        call->point = first == NULL ? NULL : first->point;
        call->floating = first != NULL && first->floating;
        break;
    case RESULT_SAME:
        call->type = same;
        break;
    }
}

void check_call(struct checker *c, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const struct equipment *equipment = c->equipment;
    bool in_group = c->in_group;
    enum expr_type same = EXPR_ANY;

    node->type = EXPR_ANY;
    node->function = function_find(node->name);
    if (node->function == NULL) {
        unknown_function(c, node);
        return;
    }
    if (!check_arity(c, node))
        return;
    check_args(c, node, &same);
    c->equipment = equipment;
    c->in_group = in_group;
    check_result(c, node, same);
    if (node->type == EXPR_ENUM && node->point == NULL)
        node->type = EXPR_ANY;
}
