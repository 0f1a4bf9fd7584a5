/* applies.c - see applies.h. */
#include "rules/applies.h"

#include "rules/functions.h"
#include "rules/lookup.h"

#include <string.h>

/* One walk: `example` is NULL when only the existence matters. */
struct walk {
    const struct model *model;
    const struct ast *ast;
    bool words; /* the words compared with matter as well */
};

static bool test_point(const struct walk *walk, const char *path,
                       const struct equipment *equipment, const struct equipment *example)
{
    struct resolved one;
    struct resolved other;

    if (lookup_point(walk->model, equipment, path, &one) != LOOKUP_FOUND)
        return false;
    return example == NULL ||
           (lookup_point(walk->model, example, path, &other) == LOOKUP_FOUND &&
            lookup_alike(one.point, other.point));
}

/* A point against what it is compared with. */
static bool test_word(const struct walk *walk, const struct ast_node *name,
                      const struct ast_node *other, const struct equipment *equipment)
{
    struct resolved found;

    if (name->kind != AST_POINT ||
        lookup_point(walk->model, equipment, name->name, &found) != LOOKUP_FOUND)
        return true; /* whether it exists is another question */
    if (other->kind == AST_NUMBER)
        return found.point->kind != POINT_ENUM;
    if (other->kind != AST_STRING)
        return true;
    for (size_t i = 0; i < found.point->label_count; i++)
        if (strcmp(found.point->labels[i].name, other->name) == 0)
            return found.point->kind == POINT_ENUM;
    return false;
}

static bool test_words(const struct walk *walk, const struct ast_node *node,
                       const struct equipment *equipment)
{
    const struct ast_node *left;
    const struct ast_node *right;

    if (node->kind != AST_BINARY || node->op < TOKEN_LESS || node->op > TOKEN_NOT_EQUAL)
        return true;
    left = &walk->ast->nodes[node->first];
    right = &walk->ast->nodes[left->next];
    return test_word(walk, left, right, equipment) &&
           test_word(walk, right, left, equipment);
}

static const struct function *function_of(const struct ast_node *node)
{
    return node->kind == AST_CALL ? function_find(node->name) : NULL;
}

/* active('rule', 'relation'): the relation leads to one equipment. */
static bool test_alarm(const struct walk *walk, uint16_t index,
                       const struct equipment *equipment)
{
    uint16_t relation = ast_child(walk->ast, index, 1);
    size_t count;

    if (relation == AST_NONE || walk->ast->nodes[relation].kind != AST_STRING)
        return true;
    return lookup_members(walk->model, equipment, walk->ast->nodes[relation].name,
                          &count) != NULL &&
           count == 1;
}

static bool test_node(const struct walk *walk, uint16_t index,
                      const struct equipment *equipment, const struct equipment *example);

/* Every member must pass; they are compared with the example's first. */
static bool test_group(const struct walk *walk, uint16_t index,
                       const struct equipment *equipment, const struct equipment *example)
{
    const struct model *model = walk->model;
    uint16_t relation = ast_child(walk->ast, index, 0);
    uint16_t body = ast_child(walk->ast, index, 1);
    const struct equipment *other = NULL;
    const uint32_t *members;
    size_t count;

    if (relation == AST_NONE || walk->ast->nodes[relation].kind != AST_STRING)
        return true; /* the check will say so */
    if (example != NULL) {
        members = lookup_group(model, example, walk->ast->nodes[relation].name, &count);
        if (members == NULL || count == 0)
            return false;
        other = &model->equipment[members[0]];
    }
    members = lookup_group(model, equipment, walk->ast->nodes[relation].name, &count);
    if (members == NULL)
        return false;
    for (size_t i = 0; i < count && body != AST_NONE; i++)
        if (!test_node(walk, body, &model->equipment[members[i]], other))
            return false;
    return true;
}

static bool test_node(const struct walk *walk, uint16_t index,
                      const struct equipment *equipment, const struct equipment *example)
{
    const struct ast_node *node = &walk->ast->nodes[index];
    const struct function *function = function_of(node);

    if (node->kind == AST_POINT)
        return test_point(walk, node->name, equipment, example);
    if (function != NULL && function->eval_group != NULL)
        return test_group(walk, index, equipment, example);
    if (function != NULL && function->args[0] == 'r')
        return test_alarm(walk, index, equipment);
    if (walk->words && !test_words(walk, node, equipment))
        return false;
    for (uint16_t child = node->first; child != AST_NONE;
         child = walk->ast->nodes[child].next)
        if (!test_node(walk, child, equipment, example))
            return false;
    return true;
}

bool applies_has(const struct model *model, const struct ast *ast,
                 const struct equipment *equipment)
{
    struct walk walk = {.model = model, .ast = ast};

    return test_node(&walk, ast->root, equipment, NULL);
}

bool applies_words(const struct model *model, const struct ast *ast,
                   const struct equipment *equipment)
{
    struct walk walk = {.model = model, .ast = ast, .words = true};

    return test_node(&walk, ast->root, equipment, NULL);
}

bool applies_alike(const struct model *model, const struct ast *ast,
                   const struct equipment *equipment, const struct equipment *example)
{
    struct walk walk = {.model = model, .ast = ast};

    return test_node(&walk, ast->root, equipment, example);
}

/* Groups are not left out: their inner names look missing everywhere alike. */
size_t applies_missing(const struct model *model, const struct ast *ast,
                       const struct equipment *equipment)
{
    struct resolved found;
    size_t missing = 0;

    for (size_t i = 0; i < ast->count; i++)
        if (ast->nodes[i].kind == AST_POINT &&
            lookup_point(model, equipment, ast->nodes[i].name, &found) != LOOKUP_FOUND)
            missing++;
    return missing;
}
