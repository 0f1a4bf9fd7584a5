/* applies.h - does an equipment have what an expression names?
 *
 * Works on a parsed tree that need not be checked. Inside a group function the names are
 * those of the members, and every member must have them.
 *
 * Threads: no state.
 */
#ifndef RULES_APPLIES_H
#define RULES_APPLIES_H

#include "rules/ast.h"

/* Every point and relation exists. */
bool applies_has(const struct model *model, const struct ast *ast,
                 const struct equipment *equipment);

/* The words that points are compared with are values of theirs, and what is compared with
 * a number has no words: the rule is about what this equipment tells in this form. */
bool applies_words(const struct model *model, const struct ast *ast,
                   const struct equipment *equipment);

/* The names exist and are of the same kinds as those of `example`: one program serves
 * both. */
bool applies_alike(const struct model *model, const struct ast *ast,
                   const struct equipment *equipment, const struct equipment *example);

/* How many of the names do not exist; a measure of how near the equipment comes. */
size_t applies_missing(const struct model *model, const struct ast *ast,
                       const struct equipment *equipment);

#endif
