/* trial_rules.c - see trial_rules.h. */
#include "rules/trial_rules.h"

#include "base/mem.h"
#include "rules/functions.h"
#include "rules/parser.h"

#include <string.h>

enum {
    EXPRS_OF_A_RULE = 2 + RULE_LEVELS_MAX,
};

/* What a rule asks of other rules. */
typedef void visit_node(void *context, const struct ast *ast,
                        const struct ast_node *node);

static void each_node(const struct rule_settings *rule, visit_node *visit, void *context)
{
    const char *texts[EXPRS_OF_A_RULE] = {rule->when.text, rule->clear.text};
    size_t count = 2;

    for (size_t i = 0; i < rule->level_count; i++)
        texts[count++] = rule->levels[i].when.text;
    for (size_t i = 0; i < count; i++) {
        struct diagnosis_sink silent = {0};
        struct ast *ast = texts[i] == NULL || texts[i][0] == '\0'
                              ? NULL
                              : parser_parse(texts[i], &silent);

        for (size_t n = 0; ast != NULL && n < ast->count; n++)
            visit(context, ast, &ast->nodes[n]);
        ast_free(ast);
    }
}

/* ---- words ---- */

static void take_words(void *context, const struct ast *ast, const struct ast_node *node)
{
    if (node->kind != AST_BINARY ||
        (node->op != TOKEN_EQUAL && node->op != TOKEN_NOT_EQUAL))
        return;
    for (uint16_t c = node->first; c != AST_NONE; c = ast->nodes[c].next)
        if (ast->nodes[c].kind == AST_STRING)
            (void)trial_word(context, ast->nodes[c].name, strlen(ast->nodes[c].name));
}

void trial_rule_words(const struct rule_settings *rule, struct trial_words *words)
{
    each_node(rule, take_words, words);
}

/* ---- kinds ---- */

struct kind_search {
    const char *point;
    enum point_kind kind;
};

/* The point itself or one of that name of other equipment. */
static bool is_point(const struct ast_node *node, const char *name)
{
    const char *last;

    if (node->kind != AST_POINT)
        return false;
    last = strrchr(node->name, '.');
    return strcmp(last == NULL ? node->name : last + 1, name) == 0;
}

/* Whether the n-th child of the node must be a condition. */
static bool wants_truth(const struct ast_node *node, unsigned n)
{
    const struct function *function;
    char letter;

    if (node->kind == AST_UNARY)
        return node->op == TOKEN_NOT;
    if (node->kind == AST_BINARY)
        return node->op == TOKEN_AND || node->op == TOKEN_OR;
    function = node->kind == AST_CALL ? function_find(node->name) : NULL;
    if (function == NULL)
        return false;
    letter = function_letter(function, n);
    return letter == 'b' || letter == 'B';
}

static void take_kind(void *context, const struct ast *ast, const struct ast_node *node)
{
    struct kind_search *search = context;
    unsigned n = 0;

    if (node == &ast->nodes[ast->root] && is_point(node, search->point))
        search->kind = POINT_BOOL;
    for (uint16_t c = node->first; c != AST_NONE; c = ast->nodes[c].next, n++) {
        if (!is_point(&ast->nodes[c], search->point))
            continue;
        if (wants_truth(node, n))
            search->kind = POINT_BOOL;
        for (uint16_t s = node->first; node->kind == AST_BINARY && s != AST_NONE;
             s = ast->nodes[s].next)
            if (ast->nodes[s].kind == AST_STRING)
                search->kind = POINT_ENUM;
    }
}

enum point_kind trial_rule_kind(const struct rule_settings *rule, const char *point)
{
    struct kind_search search = {point, POINT_NUMBER};

    each_node(rule, take_kind, &search);
    return search.kind;
}

/* ---- rules ---- */

const struct rule_settings *trial_rule(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->rule_count; i++)
        if (strcmp(config->rules[i].id, id) == 0)
            return &config->rules[i];
    return NULL;
}

struct gathering {
    const struct config *config;
    bool *wanted; /* as config->rules */
    bool more;
};

static void want(struct gathering *g, const struct rule_settings *rule)
{
    size_t index = (size_t)(rule - g->config->rules);

    if (g->wanted[index])
        return;
    g->wanted[index] = true;
    g->more = true;
}

static void take_rules(void *context, const struct ast *ast, const struct ast_node *node)
{
    struct gathering *g = context;
    const struct rule_settings *named;

    if (node->kind != AST_CALL)
        return;
    if (strcmp(node->name, "blind") == 0)
        for (size_t i = 0; i < g->config->rule_count; i++)
            want(g, &g->config->rules[i]);
    if (node->first == AST_NONE || ast->nodes[node->first].kind != AST_STRING ||
        (strcmp(node->name, "active") != 0 && strcmp(node->name, "since") != 0))
        return;
    named = trial_rule(g->config, ast->nodes[node->first].name);
    if (named != NULL)
        want(g, named);
}

struct rule_settings *trial_rules(const struct config *config,
                                  const struct rule_settings *rule, size_t *count)
{
    struct gathering g = {config, mem_array(config->rule_count, sizeof(bool)), true};
    struct rule_settings *rules = mem_array(config->rule_count, sizeof *rules);
    size_t first = (size_t)(rule - config->rules);

    g.wanted[first] = true;
    while (g.more) { /* ends: each round adds at least one */
        g.more = false;
        for (size_t i = 0; i < config->rule_count; i++)
            if (g.wanted[i])
                each_node(&config->rules[i], take_rules, &g);
    }
    rules[0] = *rule;
    rules[0].shipped = false;
    *count = 1;
    for (size_t i = 0; i < config->rule_count; i++) {
        if (!g.wanted[i] || i == first)
            continue;
        rules[*count] = config->rules[i];
        rules[(*count)++].shipped = true;
    }
    mem_free(g.wanted);
    return rules;
}
