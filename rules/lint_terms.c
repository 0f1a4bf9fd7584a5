/* lint_terms.c - delays and limits of one rule; see lint.h. */
#include "rules/lint_impl.h"

#include "rules/functions.h"

#include <stdio.h>
#include <string.h>

/* ---- delays ---- */

/* What a device sends by itself may come at any time, whatever is expected of it. */
static bool is_polled(const struct lint *lint, const struct point *point)
{
    const struct model *model = lint->config->model;
    const struct equipment *equipment = &model->equipment[point->equipment];

    return !point->builtin && equipment->link < model->link_count &&
           strcmp(model->links[equipment->link].kind, "modbus") == 0;
}

/* The shortest time between two readings of the points that the rule looks at; 0 when
 * none is polled. */
static int64_t shortest_poll_ms(const struct lint *lint)
{
    int64_t shortest = 0;

    for (enum part part = 0; part < PART_COUNT; part++) {
        const struct ast *ast = lint->parts.asts[part];

        for (uint16_t i = 0; ast != NULL && part != PART_CLEAR && i < ast->count; i++) {
            const struct ast_node *node = &ast->nodes[i];
            int64_t period;

            if (node->kind != AST_POINT || node->point == NULL ||
                !is_polled(lint, node->point))
                continue;
            period = node->point->period_ms;
            if (period > 0 && (shortest == 0 || period < shortest))
                shortest = period;
        }
    }
    return shortest;
}

static void check_delays(struct lint *lint, enum part first)
{
    const struct rule_settings *rule = lint->rule;
    int64_t poll_ms = shortest_poll_ms(lint);
    char hint[DIAGNOSIS_HINT_MAX];

    (void)snprintf(hint, sizeof hint, "its points are read every %g s at most",
                   (double)poll_ms / 1000);
    if (rule->for_ms > 0 && rule->for_ms < poll_ms)
        lint_say(lint, "W312", first, lint_whole(lint, first), hint,
                 "\"for\" is shorter than one poll, so it waits for nothing");
    else if (rule->clear_for_ms > 0 && rule->clear_for_ms < poll_ms)
        lint_say(lint, "W312", first, lint_whole(lint, first), hint,
                 "\"clear_for\" is shorter than one poll, so it waits for nothing");
}

/* ---- limits ---- */

/* Something measured that moves in small steps: not a count, not a constant. */
static bool is_analog(const struct lint *lint, const struct ast *ast, uint16_t index)
{
    const struct ast_node *node = &ast->nodes[index];

    return node->type == EXPR_NUMBER && node->floating && node->kind != AST_NUMBER &&
           !bounds_are_one(bounds_of(&lint->scope, ast, index));
}

static const struct ast_node *analog_limit(const struct lint *lint, const struct ast *ast)
{
    for (uint16_t i = 0; i < ast->count; i++) {
        const struct ast_node *node = &ast->nodes[i];

        if (node->kind == AST_BINARY && node->op >= TOKEN_LESS &&
            node->op <= TOKEN_GREATER_EQUAL &&
            (is_analog(lint, ast, node->first) ||
             is_analog(lint, ast, ast->nodes[node->first].next)))
            return node;
    }
    return NULL;
}

static void check_limits(struct lint *lint, enum part part)
{
    const struct ast *ast = lint->parts.asts[part];
    const struct ast_node *limit = analog_limit(lint, ast);
    bool alone = limit == &ast->nodes[ast->root] && part == PART_WHEN;

    if (limit != NULL)
        lint_say(lint, "W313", part, limit->span,
                 alone ? "write deadband = ...; or a clear behind the limit"
                       : "write a clear that lies behind the limit",
                 "the alarm comes and goes while the value plays about the limit");
}

/* What is true while the rule is: `when`, or each level. */
static bool raises(const struct lint *lint, enum part part)
{
    return part != PART_CLEAR && lint->parts.asts[part] != NULL;
}

void lint_terms(struct lint *lint)
{
    bool first = true;

    for (enum part part = 0; part < PART_COUNT; part++) {
        if (!raises(lint, part))
            continue;
        if (first)
            check_delays(lint, part);
        first = false;
        if (lint->parts.asts[PART_CLEAR] == NULL)
            check_limits(lint, part);
    }
}
