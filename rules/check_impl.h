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

const char *check_type_name(enum expr_type type); /* "a number" */

/* "did you mean "flow"?" or NULL; written into `out`. */
const char *check_hint(const char *word, const char *const *candidates, size_t count,
                       char out[DIAGNOSIS_HINT_MAX]);

#endif
