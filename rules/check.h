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

/* Name the fields when filling it: there will be more. */
struct check_scope {
    const struct model *model;
    /* NULL: nothing is known about points; any name will do. */
    const struct equipment *example;
    const struct rule_settings *rule; /* its parameters; NULL: there are none */
    /* Every rule, for active() and since(); NULL: any id will do. */
    const struct rule_settings *rules;
    size_t rule_count;
    const struct calendar_settings *calendar; /* its seasons; NULL: any name will do */
};

/* False when there is an error. The expression must be a condition. */
bool check_rule(struct ast *ast, const struct check_scope *scope,
                struct diagnosis_sink *sink);
/* The same for the expression of a virtual point: a condition when it is a boolean point,
 * else a number. */
bool check_value(struct ast *ast, const struct check_scope *scope, bool boolean,
                 struct diagnosis_sink *sink);

#endif
