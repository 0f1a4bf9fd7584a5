/* satisfy.h - can conditions hold at the same time? (pure)
 *
 * Looks for a way to make every goal true (or false): follows "and", "or" and "not", and
 * keeps for each term that is compared what interval is left for it. Terms are the same
 * when they are written the same. Between different terms nothing is assumed, so "no" is
 * certain and "yes" only means that no contradiction was seen.
 *
 * For the lint only. Threads: no state.
 */
#ifndef RULES_SATISFY_H
#define RULES_SATISFY_H

#include "rules/bounds.h"

enum {
    SATISFY_GOALS_MAX = 8,
    SATISFY_STEPS_MAX = 20000, /* of the search; then the answer is "yes" */
};

struct satisfy_goal {
    const struct ast *ast; /* checked; a condition */
    bool wanted;
};

/* False when they cannot all hold. */
bool satisfy_possible(const struct bounds_scope *scope, const struct satisfy_goal *goals,
                      size_t count);

/* True when the first and the second can certainly hold together: along some way every
 * term that the second speaks of is one that the first speaks of, too, and what is left
 * of each is not empty. */
bool satisfy_overlap(const struct bounds_scope *scope, const struct ast *first,
                     const struct ast *second);

#endif
