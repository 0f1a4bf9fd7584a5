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
    const struct tz *tz; /* of the site, must outlive the tracks; NULL: UTC */
    struct track *(*track)(void *context, const struct point *point);
    void *context;
    int64_t period_ms; /* out: the longest poll period among the points */
};

/* Every name of the program must exist for the equipment. The alarms are left open. */
void bind_program(struct binding *binding, const struct program *program,
                  const struct equipment *equipment, struct bind_scope *scope);
void bind_done(struct binding *binding, const struct program *program);

/* Gives the alarm of a rule on an equipment, or no alarm when there is none. */
typedef struct alarm_ref bind_alarm(void *context, const char *rule,
                                    const struct equipment *equipment);

/* Once all instances exist and lie where they will stay: fills the alarms of the binding
 * and of the members of its groups. `find` is asked once for each, so it also learns who
 * is to be evaluated before this one. */
void bind_alarms(struct binding *binding, const struct program *program,
                 const struct equipment *equipment, const struct model *model,
                 bind_alarm *find, void *context);

size_t bind_memory(const struct binding *binding, const struct program *program);

/* The value of a rule's parameter for an equipment. */
double bind_param(const struct rule_settings *rule, const struct equipment *equipment,
                  const char *name, bool *own);

#endif
