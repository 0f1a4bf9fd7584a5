/* trial_rules.h - which rules a test of a rule needs (pure).
 *
 * Threads: no state. */
#ifndef RULES_TRIAL_RULES_H
#define RULES_TRIAL_RULES_H

#include "config/config.h"
#include "rules/trial_series.h"
#include "telemetry/model.h"

const struct rule_settings *trial_rule(const struct config *config, const char *id);

/* Copies of the rule and of what it asks for, the rule first; the caller's (mem_free).
 * Only the first may complain that it fits nothing. */
struct rule_settings *trial_rules(const struct config *config,
                                  const struct rule_settings *rule, size_t *count);

/* What kind of point the rule takes it for, by how it is used; a number when it does not
 * tell. */
enum point_kind trial_rule_kind(const struct rule_settings *rule, const char *point);

/* Adds the quoted words that a rule compares something with. */
void trial_rule_words(const struct rule_settings *rule, struct trial_words *words);

#endif
