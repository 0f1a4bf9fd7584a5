/* ast.c - see ast.h. */
#include "rules/ast.h"

#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct unit_text {
    struct unit_text *next;
    char text[UNIT_TEXT_MAX];
};

struct ast *ast_new(const char *text)
{
    struct ast *ast = mem_alloc(sizeof *ast);
    size_t length = strlen(text);

    assert(length <= AST_TEXT_MAX);
    ast->text = mem_strdup(text);
    /* Every name is a part of the text that is at least one byte away from the next, or
     * one byte shorter than its token: terminators always fit. */
    ast->names = mem_alloc(2 * length + 2);
    ast->nodes = mem_array(AST_NODES_MAX, sizeof *ast->nodes);
    ast->root = AST_NONE;
    return ast;
}

void ast_free(struct ast *ast)
{
    if (ast == NULL)
        return;
    while (ast->units != NULL) {
        struct unit_text *next = ast->units->next;

        mem_free(ast->units);
        ast->units = next;
    }
    mem_free(ast->text);
    mem_free(ast->names);
    mem_free(ast->nodes);
    mem_free(ast);
}

void ast_shrink(struct ast *ast)
{
    ast->nodes = mem_resize(ast->nodes, ast->count, sizeof *ast->nodes);
}

const char *ast_unit(struct ast *ast, const char *unit)
{
    struct unit_text *copy = mem_alloc(sizeof *copy);

    copy->next = ast->units;
    ast->units = copy;
    (void)snprintf(copy->text, sizeof copy->text, "%s", unit);
    return copy->text;
}

uint16_t ast_add(struct ast *ast, enum ast_kind kind, struct span at)
{
    struct ast_node *node;

    if (ast->count == AST_NODES_MAX)
        return AST_NONE;
    node = &ast->nodes[ast->count];
    *node = (struct ast_node){
        .kind = kind,
        .first = AST_NONE,
        .next = AST_NONE,
        .span = at,
        .at = at,
        .unit = "",
    };
    return (uint16_t)ast->count++;
}

void ast_append(struct ast *ast, uint16_t parent, uint16_t child)
{
    uint16_t *link = &ast->nodes[parent].first;

    while (*link != AST_NONE)
        link = &ast->nodes[*link].next;
    *link = child;
    ast->nodes[parent].count++;
}

const char *ast_name(struct ast *ast, struct span span)
{
    char *name = ast->names + ast->names_used;

    assert(ast->names_used + span.length < 2 * strlen(ast->text) + 2);
    memcpy(name, ast->text + span.offset, span.length);
    name[span.length] = '\0';
    ast->names_used += span.length + 1;
    return name;
}

const char *ast_path(struct ast *ast, struct span span)
{
    char *name = ast->names + ast->names_used;
    const char *path = ast_name(ast, span);
    size_t length = 0;

    for (uint32_t i = 0; i < span.length; i++)
        if (strchr(" \t\r\n", name[i]) == NULL)
            name[length++] = name[i];
    name[length] = '\0';
    return path;
}

uint16_t ast_child(const struct ast *ast, uint16_t node, unsigned n)
{
    uint16_t child = ast->nodes[node].first;

    while (n > 0 && child != AST_NONE) {
        child = ast->nodes[child].next;
        n--;
    }
    return child;
}
