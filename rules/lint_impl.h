/* lint_impl.h - shared by the files of the lint; not for others. */
#ifndef RULES_LINT_IMPL_H
#define RULES_LINT_IMPL_H

#include "rules/bounds.h"
#include "rules/lint.h"
#include "rules/parts.h"

enum {
    LINT_SAID_MAX = 64, /* findings of one rule */
};

/* A finding, so that it is told once for all equipment. */
struct lint_said {
    const char *code;
    enum part part;
    uint32_t offset;
};

struct lint {
    const struct config *config;
    struct config_report *report;
    const struct rule_settings *rule;
    const struct equipment *example; /* NULL: no equipment has what the rule names */
    struct bounds_scope scope;
    struct parts parts; /* checked for the example */
    struct lint_said said[LINT_SAID_MAX];
    size_t said_count;
};

/* Says something about a stretch of a part, unless it has been said. "rule ..., when: "
 * stands before it. */
void lint_say(struct lint *lint, const char *code, enum part part, struct span span,
              const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* A note about the rule as a whole, unless that has been said. */
void lint_note(struct lint *lint, const char *code, const char *hint, const char *format,
               ...) __attribute__((format(printf, 4, 5)));
/* The whole part. */
struct span lint_whole(const struct lint *lint, enum part part);

/* lint_terms.c: units, delays, comparisons without a clear. */
void lint_terms(struct lint *lint);
/* lint_logic.c: never, always, clear against when. */
void lint_logic(struct lint *lint);

#endif
