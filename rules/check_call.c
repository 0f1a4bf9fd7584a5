/* check_call.c - calls against the signatures of their functions. */
#include "rules/check_impl.h"

#include "base/mem.h"
#include "rules/lookup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    USAGE_MAX = 120,
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

void check_wrong(struct checker *c, const struct ast_node *call,
                 const struct ast_node *arg, const char *what)
{
    char shape[USAGE_MAX];

    usage(call->function, shape);
    diagnose(c->sink, "E305", arg->span, shape, "%s", what);
}

/* Enters the relation: what follows is about its members. */
static void check_relation(struct checker *c, struct ast_node *call, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const uint32_t *members;
    size_t count;

    node->type = EXPR_STRING;
    if (node->kind != AST_STRING) {
        check_wrong(c, call, node,
                    "the name of a relation or group is wanted here, in single quotes");
        return;
    }
    if (c->in_group) {
        check_wrong(c, call, node, "groups cannot be nested");
        c->equipment = NULL; /* nothing more to say about the inner names */
        return;
    }
    if (c->equipment == NULL)
        return;
    members = lookup_group(c->scope->model, c->equipment, node->name, &count);
    if (members == NULL) {
        check_no_relation(c, c->equipment, node->at, node->name, true);
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
    case 'q':
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
    case 'q':
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
        check_wrong(c, call, node, what);
        return;
    }
    if (letter == 'q' && node->kind == AST_NUMBER &&
        !(node->number >= 0 && node->number <= 1))
        check_wrong(c, call, node, "a number from 0 to 1 is wanted here");
    if (strcmp(call->name, "time_to") == 0)
        check_units(c, node->span, &c->ast->nodes[call->first], node);
    if (letter != 'm' && letter != 'e')
        return;
    call->floating = call->floating || node->floating;
    if (*same == EXPR_ANY) {
        *same = node->type;
        call->unit = node->unit;
        call->measure = node->measure;
        call->point = node->point;
    } else if (*same == node->type) {
        check_units(c, node->span, call, node);
        if (!call->measure.known)
            check_units_call(c, call, node);
    } else {
        (void)snprintf(what, sizeof what, "this is %s, but the one before is %s",
                       check_type_name(node->type), check_type_name(*same));
        check_wrong(c, call, node, what);
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

static void check_arg(struct checker *c, struct ast_node *call, uint16_t arg, char letter,
                      enum expr_type *same)
{
    if (letter == 'g')
        check_relation(c, call, arg);
    else if (!check_written(c, call, arg, letter))
        check_operand(c, call, arg, letter, same);
}

static void check_args(struct checker *c, struct ast_node *call, enum expr_type *same)
{
    unsigned n = 0;

    for (uint16_t arg = call->first; arg != AST_NONE;
         arg = c->ast->nodes[arg].next, n++) {
        char letter = function_letter(call->function, n);

        check_arg(c, call, arg, letter, same);
        if (n == 0 && letter == 'g')
            c->in_group = true;
    }
    if (function_letter(call->function, 2) == 't')
        check_night(c, call);
}

static void check_result(struct checker *c, struct ast_node *call, enum expr_type same)
{
    const struct function *function = call->function;
    const struct ast_node *first =
        call->first == AST_NONE ? NULL : &c->ast->nodes[call->first];

    call->floating =
        function->floating || (function->result == RESULT_SAME ? call->floating : false);
    if (first != NULL && function->unit == UNIT_MEMBER && first->next != AST_NONE)
        check_units_call(c, call, &c->ast->nodes[first->next]);
    else if (first != NULL && function->unit != UNIT_NONE)
        check_units_call(c, call, first);
    switch (function->result) {
    case RESULT_NUMBER:
        call->type = EXPR_NUMBER;
        break;
    case RESULT_BOOL:
        call->type = EXPR_BOOL;
        call->unit = "";
        call->measure = (struct measure){0};
        break;
    case RESULT_DURATION:
        call->type = EXPR_DURATION;
        call->unit = "s";
        call->measure = (struct measure){0};
        break;
    case RESULT_POINT:
        call->type = first == NULL ? EXPR_ANY : first->type;
        call->point = first == NULL ? NULL : first->point;
        call->floating = first != NULL && first->floating;
        break;
    case RESULT_SAME:
        call->type = same;
        break;
    case RESULT_QUALITY:
    case RESULT_REASON:
        call->type = EXPR_ENUM;
        call->point = function_labels(function->result);
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
