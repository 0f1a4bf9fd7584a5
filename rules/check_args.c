/* check_args.c - arguments that are not evaluated: windows, points, literals, names. */
#include "rules/check_impl.h"

#include "base/mem.h"
#include "rules/days.h"
#include "rules/lookup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    PREV_MAX = 16, /* readings that prev can go back */
};

#define HOUR_S 3600.0
#define DAY_S  (24 * HOUR_S)

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
        check_wrong(c, call, node,
                    "a window is wanted here, as in 5m, #10 or 1h ago 24h");
        return;
    }
    if (node->samples == 0 && node->number <= 0)
        check_wrong(c, call, node, "a window needs at least one sample");
    else if (node->samples > READING_RING_MAX)
        check_wrong(c, call, node,
                    "a window of so many samples is not kept; give a time");
    else if (first->kind != AST_POINT && (node->samples > 0 || node->ago_s > 0))
        check_wrong(c, call, node, "over an expression the window is a plain duration");
    else if (wrong_past(call, node) != NULL)
        check_wrong(c, call, node, wrong_past(call, node));
    else
        check_window_length(c, first, node);
}

static void check_point_arg(struct checker *c, const struct ast_node *call,
                            uint16_t index, char letter)
{
    const struct ast_node *node = &c->ast->nodes[index];

    if (node->kind != AST_POINT) {
        check_wrong(c, call, node, "the name of a point is wanted here");
        return;
    }
    check_node(c, index);
    if (node->type == EXPR_ANY || letter == 'p')
        return;
    if (node->type != EXPR_NUMBER) {
        check_wrong(c, call, node, "a point that is a number is wanted here");
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
        check_wrong(c, call, node, whole->wanted);
}

static void check_literal(struct checker *c, const struct ast_node *call, uint16_t index,
                          char letter)
{
    struct ast_node *node = &c->ast->nodes[index];

    if (letter == 't') {
        node->type = EXPR_STRING;
        if (node->kind != AST_STRING || !is_clock(node->name))
            check_wrong(c, call, node, "a time of day is wanted here, as in '02:00'");
    } else if (letter == 'D') {
        /* Where a window could stand a duration is parsed as one. */
        node->type = EXPR_DURATION;
        if ((node->kind != AST_DURATION && node->kind != AST_WINDOW) ||
            node->samples > 0 || node->ago_s > 0 || node->number <= 0)
            check_wrong(c, call, node,
                        "a duration is wanted here, written out as in 30m");
    } else {
        check_whole(c, call, node, letter);
    }
}

/* What is near, else those that begin alike: "pump." */
static const char *rule_hint(const char *word, const char **names,
                             const struct check_scope *scope,
                             char out[DIAGNOSIS_HINT_MAX])
{
    size_t length = strcspn(word, ".");
    size_t alike = 0;

    if (check_hint(word, names, scope->rule_count, out) != NULL)
        return out;
    for (size_t i = 0; i < scope->rule_count; i++)
        if (strncmp(names[i], word, length) == 0 && names[i][length] == '.')
            names[alike++] = names[i];
    if (alike > 0)
        return check_choice(word, "choose from", names, alike, out);
    return "facilityctl rules lists them";
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
        check_wrong(c, call, node, "the id of a rule is wanted here, in single quotes");
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
    diagnose(c->sink, "E318", node->at, rule_hint(node->name, names, scope, hint),
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
        check_wrong(c, call, node,
                    "the name of a relation is wanted here, in single quotes");
        return;
    }
    if (c->equipment == NULL)
        return;
    if (lookup_members(c->scope->model, c->equipment, node->name, &count) == NULL)
        check_no_relation(c, c->equipment, node->at, node->name, false);
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
        check_wrong(c, call, node,
                    "the name of a season is wanted here, in single quotes");
        return;
    }
    if (calendar == NULL || days_season(calendar, node->name) != NULL)
        return;
    names = mem_array(calendar->season_count + 1, sizeof *names);
    for (size_t i = 0; i < calendar->season_count; i++)
        names[i] = calendar->seasons[i].name;
    diagnose(c->sink, "E319", node->at,
             check_hint(node->name, names, calendar->season_count, hint) != NULL
                 ? hint
                 : "seasons stand in calendar : { seasons = (...); }",
             "the calendar has no season \"%s\"", node->name);
    mem_free((void *)names);
}

void check_night(struct checker *c, const struct ast_node *call)
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
        check_wrong(c, call, window, "the window is longer than the night");
}

bool check_written(struct checker *c, struct ast_node *call, uint16_t index, char letter)
{
    switch (letter) {
    case 'w':
        check_window(c, call, index);
        return true;
    case 'p':
    case 'P':
    case 'C':
        check_point_arg(c, call, index, letter);
        return true;
    case 't':
    case 'D':
    case 'i':
    case 'k':
    case 'N':
        check_literal(c, call, index, letter);
        return true;
    case 'r':
        check_rule_id(c, call, index);
        return true;
    case 'o':
        check_one_relation(c, call, index);
        return true;
    case 's':
        check_season(c, call, index);
        return true;
    default:
        return false;
    }
}
