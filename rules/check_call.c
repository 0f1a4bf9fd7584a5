/* check_call.c - the arguments of functions against their signatures. */
#include "rules/check_impl.h"

#include "base/mem.h"
#include "rules/days.h"
#include "rules/lookup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    USAGE_MAX = 120,
    PREV_MAX = 16, /* readings that prev can go back */
};

#define HOUR_S 3600.0
#define DAY_S  (24 * HOUR_S)

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

/* Windows of functions that work on hours or nights. */
static const char *wrong_past(const struct ast_node *call, const struct ast_node *window)
{
    char kind = function_letter(call->function, 2);

    if (kind != 'k' && kind != 't')
        return NULL;
    if (window->samples > 0)
        return "the window is a duration here, not a number of samples";
    if (kind == 'k' && window->number > 7 * DAY_S)
        return "the window is at most a week here";
    if (kind == 't' && window->ago_s > 0)
        return "\"ago\" makes no sense here: it is about the last nights";
    return NULL;
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
    else if (wrong_past(call, node) != NULL)
        wrong(c, call, node, wrong_past(call, node));
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

/* Minutes since midnight of what is_clock. */
static int clock_minutes(const char *text)
{
    return (text[0] - '0') * 600 + (text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] -
           '0';
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

/* Numbers that are written out, and what is said when they are not. */
static const struct whole {
    char letter;
    double least;
    double most;
    const char *wanted;
} wholes[] = {
    {'i', 0, PREV_MAX, "a whole number from 0 to 16 is wanted here"},
    {'k', 1, HOURS_WEEKS_MAX, "a number of weeks from 1 to 12 is wanted here"},
    {'N', 1, NIGHTS_MAX, "a number of nights from 1 to 31 is wanted here"},
};

static void check_whole(struct checker *c, const struct ast_node *call,
                        struct ast_node *node, char letter)
{
    const struct whole *whole = wholes;

    while (whole->letter != letter)
        whole++;
    node->type = EXPR_NUMBER;
    if (node->kind != AST_NUMBER || node->number < whole->least ||
        node->number > whole->most || node->number != floor(node->number))
        wrong(c, call, node, whole->wanted);
}

static void check_literal(struct checker *c, const struct ast_node *call, uint16_t index,
                          char letter)
{
    struct ast_node *node = &c->ast->nodes[index];

    if (letter == 't') {
        node->type = EXPR_STRING;
        if (node->kind != AST_STRING || !is_clock(node->name))
            wrong(c, call, node, "a time of day is wanted here, as in '02:00'");
    } else if (letter == 'D') {
        /* Where a window could stand a duration is parsed as one. */
        node->type = EXPR_DURATION;
        if ((node->kind != AST_DURATION && node->kind != AST_WINDOW) ||
            node->samples > 0 || node->ago_s > 0 || node->number <= 0)
            wrong(c, call, node, "a duration is wanted here, written out as in 30m");
    } else {
        check_whole(c, call, node, letter);
    }
}

/* The id of a rule. */
static void check_rule_id(struct checker *c, const struct ast_node *call, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const struct check_scope *scope = c->scope;
    char hint[DIAGNOSIS_HINT_MAX];
    const char **names;

    node->type = EXPR_STRING;
    if (node->kind != AST_STRING) {
        wrong(c, call, node, "the id of a rule is wanted here, in single quotes");
        return;
    }
    if (scope->rules == NULL)
        return;
    names = mem_array(scope->rule_count + 1, sizeof *names);
    for (size_t i = 0; i < scope->rule_count; i++)
        names[i] = scope->rules[i].id;
    for (size_t i = 0; i < scope->rule_count; i++) {
        if (strcmp(names[i], node->name) == 0) {
            mem_free((void *)names);
            return;
        }
    }
    diagnose(c->sink, "E315", node->at,
             check_hint(node->name, names, scope->rule_count, hint),
             "there is no rule \"%s\"", node->name);
    mem_free((void *)names);
}

/* A relation that leads to one equipment. */
static void check_one_relation(struct checker *c, const struct ast_node *call,
                               uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    size_t count;

    node->type = EXPR_STRING;
    if (node->kind != AST_STRING) {
        wrong(c, call, node, "the name of a relation is wanted here, in single quotes");
        return;
    }
    if (c->equipment == NULL)
        return;
    if (lookup_members(c->scope->model, c->equipment, node->name, &count) == NULL)
        diagnose(c->sink, "E308", node->at, NULL, "%s \"%s\" has no relation \"%s\"",
                 c->equipment->class_name, c->equipment->id, node->name);
    else if (count != 1)
        diagnose(c->sink, "E308", node->at,
                 "as in gcount('relation', active('rule')) > 0",
                 "the relation \"%s\" does not lead to one equipment", node->name);
}

static void check_season(struct checker *c, const struct ast_node *call, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const struct calendar_settings *calendar = c->scope->calendar;
    char hint[DIAGNOSIS_HINT_MAX];
    const char **names;

    node->type = EXPR_STRING;
    if (node->kind != AST_STRING) {
        wrong(c, call, node, "the name of a season is wanted here, in single quotes");
        return;
    }
    if (calendar == NULL || days_season(calendar, node->name) != NULL)
        return;
    names = mem_array(calendar->season_count + 1, sizeof *names);
    for (size_t i = 0; i < calendar->season_count; i++)
        names[i] = calendar->seasons[i].name;
    diagnose(c->sink, "E316", node->at,
             check_hint(node->name, names, calendar->season_count, hint) != NULL
                 ? hint
                 : "seasons stand in calendar : { seasons = (...); }",
             "the calendar has no season \"%s\"", node->name);
    mem_free((void *)names);
}

/* Enters the relation: what follows is about its members. */
static void check_relation(struct checker *c, struct ast_node *call, uint16_t index)
{
    struct ast_node *node = &c->ast->nodes[index];
    const uint32_t *members;
    size_t count;

    node->type = EXPR_STRING;
    if (node->kind != AST_STRING) {
        wrong(c, call, node,
              "the name of a relation or group is wanted here, in single quotes");
        return;
    }
    if (c->in_group) {
        wrong(c, call, node, "groups cannot be nested");
        c->equipment = NULL; /* nothing more to say about the inner names */
        return;
    }
    if (c->equipment == NULL)
        return;
    members = lookup_group(c->scope->model, c->equipment, node->name, &count);
    if (members == NULL) {
        diagnose(c->sink, "E308", node->at, NULL,
                 "%s \"%s\" has no relation \"%s\", and there is no such group",
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
        wrong(c, call, node, what);
        return;
    }
    if (letter == 'q' && node->kind == AST_NUMBER &&
        !(node->number >= 0 && node->number <= 1))
        wrong(c, call, node, "a number from 0 to 1 is wanted here");
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

static void check_arg(struct checker *c, struct ast_node *call, uint16_t arg, char letter,
                      enum expr_type *same)
{
    switch (letter) {
    case 'w':
        check_window(c, call, arg);
        break;
    case 'p':
    case 'P':
    case 'C':
        check_point_arg(c, call, arg, letter);
        break;
    case 't':
    case 'D':
    case 'i':
    case 'k':
    case 'N':
        check_literal(c, call, arg, letter);
        break;
    case 'g':
        check_relation(c, call, arg);
        break;
    case 'r':
        check_rule_id(c, call, arg);
        break;
    case 'o':
        check_one_relation(c, call, arg);
        break;
    case 's':
        check_season(c, call, arg);
        break;
    default:
        check_operand(c, call, arg, letter, same);
        break;
    }
}

/* The stretches of a night must fit into it. */
static void check_night(struct checker *c, const struct ast_node *call)
{
    const struct ast_node *nodes = c->ast->nodes;
    const struct ast_node *window =
        &nodes[ast_child(c->ast, (uint16_t)(call - nodes), 1)];
    const struct ast_node *from = &nodes[window->next];
    const struct ast_node *to = &nodes[from->next];
    double length_s;

    if (window->kind != AST_WINDOW || from->kind != AST_STRING ||
        to->kind != AST_STRING || !is_clock(from->name) || !is_clock(to->name))
        return;
    length_s = clock_minutes(to->name) - clock_minutes(from->name);
    length_s = 60 * (length_s <= 0 ? length_s + 24 * 60 : length_s);
    if (window->number > length_s)
        wrong(c, call, window, "the window is longer than the night");
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
