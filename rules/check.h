/* check.h - does an expression make sense for this equipment? (pure)
 *
 * Gives every node its type, finds functions, points and enum values, and says what is
 * wrong with a way out: wrong kinds and numbers of arguments, unknown names (with the
 * nearest known one), a boolean compared with a number, == on measurements, windows that
 * are too short to hold two polls.
 *
 * A rule is checked once for each set of equipment whose points are alike; `example`
 * stands for them.
 *
 * Threads: no state.
 */
#ifndef RULES_CHECK_H
#define RULES_CHECK_H

#include "config/settings.h"
#include "rules/ast.h"

struct check_scope {
    const struct model *model;
    /* NULL: nothing is known about points; any name will do. */
    const struct equipment *example;
    const struct rule_settings *rule; /* its parameters */
};

/* False when there is an error. The expression must be a condition. */
bool check_rule(struct ast *ast, const struct check_scope *scope,
                struct diagnosis_sink *sink);

#endif
