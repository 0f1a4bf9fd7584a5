/* bounds.h - what values a term can have at all: from the ranges of points, the numbers
 * that are written and the parameters of one equipment. Pure.
 *
 * For the lint only: an evaluation does not need it. A term about which nothing is known
 * lies between -INFINITY and INFINITY. Conditions have no bounds.
 *
 * Threads: no state.
 */
#ifndef RULES_BOUNDS_H
#define RULES_BOUNDS_H

#include "config/config.h"
#include "rules/ast.h"

#include <math.h>

struct bounds {
    double low;
    double high;
};

/* For whom: `equipment` may be NULL, when there is none of the class. */
struct bounds_scope {
    const struct config *config;
    const struct rule_settings *rule;
    const struct equipment *equipment;
};

/* Of a node of a checked tree. */
struct bounds bounds_of(const struct bounds_scope *scope, const struct ast *ast,
                        uint16_t index);

static inline bool bounds_are_one(struct bounds bounds)
{
    return bounds.low == bounds.high;
}

/* The parameter's value: the equipment's, else the rule's. NAN when there is none. */
double bounds_param(const struct bounds_scope *scope, const char *name);

#endif
