/* backtest_plan.h - the part of a configuration that a try of some rules needs (pure).
 *
 * The rules to try, the rules that they ask about (active, since, blind), the rules that
 * could explain their alarms, and what all these need in turn. Everything else is left
 * out, so that thirty days pass in seconds.
 *
 * A tried rule may be a changed version of one of the configuration: it takes its place,
 * under an id of its own if several versions are tried at once.
 *
 * Ownership: the plan borrows from the configuration. Threads: read-only once made.
 */
#ifndef REPORTS_BACKTEST_PLAN_H
#define REPORTS_BACKTEST_PLAN_H

#include "config/config.h"

enum {
    BACKTEST_RULES_MAX = 64, /* tried at once */
};

/* A rule to try. */
struct tried_rule {
    struct rule_settings rule;
    const char *stands_for; /* id in the configuration; its own when nothing else */
};

struct backtest_plan {
    struct config config;        /* a copy that shares all but these: */
    struct rule_settings *rules; /* the tried ones first, in their order */
    size_t tried;
    struct suppress_settings *suppress;
    const char ***targets; /* of the rows */
};

void backtest_plan_make(struct backtest_plan *plan, const struct config *config,
                        const struct tried_rule *tried, size_t count);
void backtest_plan_done(struct backtest_plan *plan);

#endif
