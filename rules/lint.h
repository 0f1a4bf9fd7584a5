/* lint.h - what a colleague would say about rules that compile. (pure)
 *
 * Errors are the engine's to tell; here is what is possible and hardly meant:
 *
 *   W310  never true: `level > 120` when its range ends at 100
 *   W311  always true
 *   W312  a delay shorter than one poll
 *   W313  a measurement compared with a limit, and neither clear nor deadband
 *   W314  a clear that can never be reached
 *   W315  a clear that holds while the rule does
 *   N301  no test block
 *   N302  more than 5 % of the rules are serious
 *   N303  a suppress row whose rules or relation nobody has
 *   N304  off as long as a parameter is not set: `$i_rated > 0 and ...`
 *
 * What depends on ranges and parameters is judged for each kind of equipment that the
 * rule watches, and told once. Notes are kept by reports that want them.
 *
 * Threads: no state.
 */
#ifndef RULES_LINT_H
#define RULES_LINT_H

#include "config/config.h"

/* Which rules: the operator's, the shipped ones too, or those with these ids. */
struct lint_wish {
    bool shipped;
    const char *const *ids; /* when there are any, only these, whoever wrote them */
    size_t id_count;
};

/* Whether the rule is one of them. */
bool lint_wants(const struct lint_wish *wish, const struct rule_settings *rule);

void lint_rules(const struct config *config, const struct lint_wish *wish,
                struct config_report *report);

#endif
