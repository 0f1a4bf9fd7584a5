/* lint_logic.c - conditions that say nothing, or contradict each other; see lint.h. */
#include "rules/lint_impl.h"

#include "rules/satisfy.h"

#include <stdio.h>

static bool can_be(const struct lint *lint, enum part part, bool wanted)
{
    const struct satisfy_goal goal = {lint->parts.asts[part], wanted};

    return satisfy_possible(&lint->scope, &goal, 1);
}

/* Whether it cannot be so whatever the ranges and parameters are. */
static bool is_always_so(const struct lint *lint, enum part part, bool wanted)
{
    static const struct rule_settings no_params;
    const struct bounds_scope bare = {lint->config, &no_params, NULL};
    const struct satisfy_goal goal = {lint->parts.asts[part], wanted};

    return !satisfy_possible(&bare, &goal, 1);
}

/* On what the finding rests, when it rests on the equipment. */
static const char *whom(const struct lint *lint, enum part part, bool wanted,
                        char out[DIAGNOSIS_HINT_MAX])
{
    if (lint->example == NULL || is_always_so(lint, part, wanted))
        return NULL;
    (void)snprintf(out, DIAGNOSIS_HINT_MAX, "with the ranges and parameters of %s \"%s\"",
                   lint->example->class_name, lint->example->id);
    return out;
}

/* The smallest comparison that is to blame; the whole part when there is none. */
static uint16_t blame(const struct lint *lint, enum part part, bool wanted)
{
    const struct ast *ast = lint->parts.asts[part];

    for (uint16_t i = 0; i < ast->count; i++) {
        const struct ast_node *node = &ast->nodes[i];
        struct ast alone = *ast;
        const struct satisfy_goal goal = {&alone, wanted};

        alone.root = i;
        if (node->type == EXPR_BOOL && node->kind == AST_BINARY &&
            !satisfy_possible(&lint->scope, &goal, 1))
            return i;
    }
    return ast->root;
}

static struct span blamed(const struct lint *lint, enum part part, bool wanted)
{
    return lint->parts.asts[part]->nodes[blame(lint, part, wanted)].span;
}

/* The first parameter below a node that speaks of nothing but parameters and numbers;
 * NULL when there is none. */
static const char *only_params(const struct ast *ast, uint16_t index)
{
    const struct ast_node *node = &ast->nodes[index];
    const char *name = node->kind == AST_PARAM ? node->name : NULL;

    if (node->kind == AST_POINT || node->kind == AST_CALL)
        return NULL;
    for (uint16_t child = node->first; child != AST_NONE;
         child = ast->nodes[child].next) {
        const struct ast_node *below = &ast->nodes[child];
        const char *found = only_params(ast, child);

        if (found == NULL && below->kind != AST_NUMBER)
            return NULL;
        name = name == NULL ? found : name;
    }
    return name;
}

/* `$i_rated > 0 and ...` with a default of 0 is how a rule waits for a parameter that
 * only the site knows. */
static bool say_off(struct lint *lint, enum part part)
{
    const struct ast *ast = lint->parts.asts[part];
    const char *name = only_params(ast, blame(lint, part, true));
    char hint[DIAGNOSIS_HINT_MAX];

    if (name == NULL)
        return false;
    (void)snprintf(hint, sizeof hint, "write params : { %s = ...; }; where it is known",
                   name);
    lint_note(lint, "N304", hint, "is off%s%s%s as long as $%s is %g",
              lint->example == NULL ? "" : " for \"",
              lint->example == NULL ? "" : lint->example->id,
              lint->example == NULL ? "" : "\"", name, bounds_param(&lint->scope, name));
    return true;
}

/* Whether it can be raised at all. */
static bool check_raise(struct lint *lint, enum part part)
{
    char hint[DIAGNOSIS_HINT_MAX];

    if (!can_be(lint, part, true)) {
        if (!say_off(lint, part))
            lint_say(lint, "W310", part, blamed(lint, part, true),
                     whom(lint, part, true, hint), "this can never be true");
        return false;
    }
    if (!can_be(lint, part, false))
        lint_say(lint, "W311", part, blamed(lint, part, false),
                 whom(lint, part, false, hint), "this is always true");
    return true;
}

static void check_clear(struct lint *lint)
{
    char hint[DIAGNOSIS_HINT_MAX];
    bool deadband = lint->rule->deadband > 0;

    if (!can_be(lint, PART_CLEAR, true)) {
        lint_say(lint, "W314", PART_CLEAR, blamed(lint, PART_CLEAR, true),
                 whom(lint, PART_CLEAR, true, hint), "%s, so the alarm never ends",
                 deadband ? "the value cannot come back so far"
                          : "this can never be true");
        return;
    }
    for (enum part part = 0; part < PART_COUNT && !deadband; part++)
        if (part != PART_CLEAR && lint->parts.asts[part] != NULL &&
            satisfy_overlap(&lint->scope, lint->parts.asts[part],
                            lint->parts.asts[PART_CLEAR])) {
            lint_say(lint, "W315", PART_CLEAR, lint_whole(lint, PART_CLEAR),
                     "leave a gap between the two",
                     "this can be true while the rule is: the alarm would flap");
            return;
        }
}

void lint_logic(struct lint *lint)
{
    bool raised = false;

    for (enum part part = 0; part < PART_COUNT; part++)
        if (part != PART_CLEAR && lint->parts.asts[part] != NULL)
            raised = check_raise(lint, part) || raised;
    if (raised && lint->parts.asts[PART_CLEAR] != NULL)
        check_clear(lint);
}
