/* check_impl.h - shared by the files of the check; not for others. */
#ifndef RULES_CHECK_IMPL_H
#define RULES_CHECK_IMPL_H

#include "rules/check.h"
#include "rules/functions.h"

struct checker {
    struct ast *ast;
    const struct check_scope *scope;
    struct diagnosis_sink *sink;
    const struct equipment *equipment; /* a member while inside a group, or NULL */
    bool in_group;
};

/* Types the node and everything below it. */
void check_node(struct checker *c, uint16_t index);

/* check_names.c: fills type, point, unit of a point node; says why it cannot. */
void check_point(struct checker *c, uint16_t index);
void check_param(struct checker *c, uint16_t index);
/* The code of the enum value that the string names among the labels of `point`. */
void check_label(struct checker *c, uint16_t string, const struct point *point);

/* check_call.c */
void check_call(struct checker *c, uint16_t index);
/* Says that an argument is not what the function wants. */
void check_wrong(struct checker *c, const struct ast_node *call,
                 const struct ast_node *arg, const char *what);

/* check_args.c: arguments that are not evaluated; false when the letter is of one that
 * is. */
bool check_written(struct checker *c, struct ast_node *call, uint16_t index, char letter);
/* The stretches of a night must fit into it. */
void check_night(struct checker *c, const struct ast_node *call);

/* check_units.c: says so when the values of two nodes cannot be set against each other,
 * at `at`. */
void check_units(struct checker *c, struct span at, const struct ast_node *a,
                 const struct ast_node *b);
/* What the operator makes of the units of both. */
void check_units_join(struct ast_node *node, const struct ast_node *a,
                      const struct ast_node *b);
/* What a function makes of the unit of `of`. */
void check_units_call(struct checker *c, struct ast_node *call,
                      const struct ast_node *of);

const char *check_type_name(enum expr_type type); /* "a number" */

/* "did you mean "flow"?" or NULL; written into `out`. */
const char *check_hint(const char *word, const char *const *candidates, size_t count,
                       char out[DIAGNOSIS_HINT_MAX]);
/* The same, else "it has flow, run and 7 more" with `what` in front. */
const char *check_choice(const char *word, const char *what,
                         const char *const *candidates, size_t count,
                         char out[DIAGNOSIS_HINT_MAX]);
/* Says that the equipment has no such relation, nor, with `groups`, is there a group. */
void check_no_relation(struct checker *c, const struct equipment *equipment,
                       struct span at, const char *name, bool groups);

#endif
