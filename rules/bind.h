/* bind.h - what the slots of a program mean for one equipment.
 *
 * Threads: one owner.
 */
#ifndef RULES_BIND_H
#define RULES_BIND_H

#include "config/settings.h"
#include "rules/program.h"

/* Where tracks come from, and who wants to know of their news. */
struct bind_scope {
    const struct model *model;
    const struct rule_settings *rule;
    struct track *(*track)(void *context, const struct point *point);
    void *context;
    int64_t period_ms; /* out: the longest poll period among the points */
};

/* Every name of the program must exist for the equipment. */
void bind_program(struct binding *binding, const struct program *program,
                  const struct equipment *equipment, struct bind_scope *scope);
void bind_done(struct binding *binding, const struct program *program);

size_t bind_memory(const struct binding *binding, const struct program *program);

/* The value of a rule's parameter for an equipment. */
double bind_param(const struct rule_settings *rule, const struct equipment *equipment,
                  const char *name, bool *own);

#endif
