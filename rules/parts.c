/* parts.c - see parts.h. */
#include "rules/parts.h"

#include "base/mem.h"
#include "base/number.h"
#include "rules/parser.h"

#include <stdio.h>
#include <string.h>

const struct expr_settings *parts_expr(const struct rule_settings *rule, enum part part)
{
    if (part == PART_WHEN)
        return rule->level_count == 0 ? &rule->when : NULL;
    if (part >= PART_LEVEL)
        return (size_t)(part - PART_LEVEL) < rule->level_count
                   ? &rule->levels[part - PART_LEVEL].when
                   : NULL;
    if (rule->deadband > 0)
        return &rule->when;
    return rule->clear.text[0] == '\0' ? NULL : &rule->clear;
}

const char *parts_name(const struct rule_settings *rule, enum part part, char out[24])
{
    if (part == PART_WHEN)
        return "when";
    if (part == PART_CLEAR)
        return rule->deadband > 0 ? "deadband" : "clear";
    (void)snprintf(out, 24, "levels[%d].when", (int)(part - PART_LEVEL));
    return out;
}

static bool is_order(enum token_kind op)
{
    return op == TOKEN_LESS || op == TOKEN_LESS_EQUAL || op == TOKEN_GREATER ||
           op == TOKEN_GREATER_EQUAL;
}

/* The clear that a deadband makes of `when`; NULL when that is no comparison. The
 * caller's (mem_free). */
static char *deadband_text(const struct ast *when, double deadband)
{
    const struct ast_node *root = &when->nodes[when->root];
    const struct ast_node *left;
    const struct ast_node *right;
    char band[NUMBER_SIZE];
    bool above;

    if (root->kind != AST_BINARY || !is_order(root->op))
        return NULL;
    above = root->op == TOKEN_GREATER || root->op == TOKEN_GREATER_EQUAL;
    left = &when->nodes[root->first];
    right = &when->nodes[left->next];
    (void)number_format(band, deadband); /* people read it in `explain` */
    return mem_format("(%.*s) %c (%.*s) %c %s", (int)left->span.length,
                      when->text + left->span.offset, above ? '<' : '>',
                      (int)right->span.length, when->text + right->span.offset,
                      above ? '-' : '+', band);
}

static struct ast *parse_deadband(const struct rule_settings *rule,
                                  struct diagnosis_sink *sink)
{
    struct diagnosis_sink silent = {0};
    struct ast *when = parser_parse(rule->when.text, &silent);
    struct ast *clear = NULL;
    char *text;

    if (when == NULL)
        return NULL; /* said about `when` */
    text = deadband_text(when, rule->deadband);
    if (text == NULL)
        diagnose(sink, "E315", (struct span){0, (uint32_t)strlen(rule->when.text)},
                 "write `clear` instead",
                 "a deadband needs a `when` that is one comparison with <, <=, > or >=");
    else
        clear = parser_parse(text, sink);
    mem_free(text);
    ast_free(when);
    return clear;
}

bool parts_parse(struct parts *parts, const struct rule_settings *rule,
                 parts_begin *begin, void *context)
{
    bool good = true;

    *parts = (struct parts){0};
    for (enum part part = 0; part < PART_COUNT; part++) {
        const struct expr_settings *expr = parts_expr(rule, part);
        struct diagnosis_sink silent = {0};
        struct diagnosis_sink *sink = begin == NULL ? &silent : begin(context, part);

        if (expr == NULL)
            continue;
        parts->asts[part] = part == PART_CLEAR && rule->deadband > 0
                                ? parse_deadband(rule, sink)
                                : parser_parse(expr->text, sink);
        good = good && parts->asts[part] != NULL;
    }
    return good;
}

void parts_free(struct parts *parts)
{
    for (size_t i = 0; i < PART_COUNT; i++)
        ast_free(parts->asts[i]);
    *parts = (struct parts){0};
}

size_t parts_nodes(const struct parts *parts)
{
    size_t nodes = 0;

    for (size_t i = 0; i < PART_COUNT; i++)
        nodes += parts->asts[i] == NULL ? 0 : parts->asts[i]->count;
    return nodes;
}
