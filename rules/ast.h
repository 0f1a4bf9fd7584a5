/* ast.h - an expression as a tree.
 *
 * Nodes lie in one array in the order they were completed (children before parents) and
 * name each other by index. The parser fills the upper part of a node, the check
 * (rules/check.h) the lower.
 *
 * Threads: read-only once checked.
 */
#ifndef RULES_AST_H
#define RULES_AST_H

#include "rules/diagnosis.h"
#include "rules/lexer.h"
#include "rules/units.h"
#include "telemetry/model.h"

enum {
    AST_TEXT_MAX = 4096, /* bytes of an expression; the longest shipped one has 150 */
    AST_NODES_MAX = 256,
    AST_DEPTH_MAX = 24, /* of nesting; also bounds the stack of the parser */
    AST_ARGS_MAX = 16,  /* of one call */
};

#define AST_NONE UINT16_MAX

enum ast_kind {
    AST_NUMBER,   /* number */
    AST_DURATION, /* number in seconds */
    AST_STRING,   /* name without the quotes */
    AST_BOOL,     /* number 0 or 1 */
    AST_UNKNOWN,
    AST_POINT,  /* name = "flow" or "link.online" */
    AST_PARAM,  /* name without the $ */
    AST_UNARY,  /* op, one child */
    AST_BINARY, /* op, two children */
    AST_CALL,   /* name, children = arguments */
    AST_WINDOW, /* argument: number = length or samples = n; ago_s */
};

enum expr_type {
    EXPR_ANY, /* not known, or already wrong: fits everywhere */
    EXPR_NUMBER,
    EXPR_BOOL,
    EXPR_DURATION,
    EXPR_ENUM,
    EXPR_STRING,
};

struct function;

struct ast_node {
    enum ast_kind kind;
    enum token_kind op;
    uint16_t first;   /* child, AST_NONE when none */
    uint16_t next;    /* sibling */
    uint16_t count;   /* children */
    uint32_t samples; /* of a window "#n" */
    struct span span; /* the whole term */
    struct span at;   /* what a message points at: the name or the operator */
    double number;
    double ago_s;
    const char *name;

    /* by the check */
    enum expr_type type;
    const struct function *function; /* of a call */
    const struct point *point;       /* an example of what the name means, or NULL */
    const char *unit;                /* of the value, "" when none or not known */
    struct measure measure;          /* what it measures */
    double code;                     /* of a string that names an enum value */
    uint32_t group_members;          /* of a group call: members of the example */
    bool floating; /* measured or computed in fractions: == makes no sense */
};

struct unit_text;

struct ast {
    char *text;  /* the expression */
    char *names; /* all names, each terminated */
    size_t names_used;
    struct unit_text *units; /* made by the check */
    struct ast_node *nodes;
    size_t count;
    uint16_t root;
};

/* An empty tree for this text, at most AST_TEXT_MAX bytes. */
struct ast *ast_new(const char *text);
void ast_free(struct ast *ast); /* NULL is fine */

/* Gives back the memory that the finished tree does not need. */
void ast_shrink(struct ast *ast);

/* Adds a node without children; AST_NONE when there are AST_NODES_MAX already. */
uint16_t ast_add(struct ast *ast, enum ast_kind kind, struct span at);
/* Makes `child` the last child of `parent`. */
void ast_append(struct ast *ast, uint16_t parent, uint16_t child);
/* A terminated copy of a part of the text that lives as long as the tree. A path is
 * copied without the blanks in it: "link . online" is link.online. */
const char *ast_name(struct ast *ast, struct span span);
const char *ast_path(struct ast *ast, struct span span);
/* A copy of a unit that lives as long as the tree. */
const char *ast_unit(struct ast *ast, const char *unit);
/* The n-th child, from 0; AST_NONE beyond the last. */
uint16_t ast_child(const struct ast *ast, uint16_t node, unsigned n);

#endif
