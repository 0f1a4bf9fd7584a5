/* parts.h - the expressions of one rule, parsed: when or levels, and clear.
 *
 * `deadband` becomes a clear of its own: of "flow > 12" with a deadband of 2 it is
 * "(flow) < (12) - 2". So everything behind sees only expressions.
 *
 * Threads: plain data.
 */
#ifndef RULES_PARTS_H
#define RULES_PARTS_H

#include "config/settings.h"
#include "rules/ast.h"

enum part {
    PART_WHEN,
    PART_CLEAR,
    PART_LEVEL, /* the first of as many as the rule has */
    PART_COUNT = PART_LEVEL + RULE_LEVELS_MAX,
};

struct parts {
    struct ast *asts[PART_COUNT]; /* NULL: the rule has no such part */
};

/* Where the part is written; NULL when the rule has none. The clear of a deadband is
 * written where `when` is. */
const struct expr_settings *parts_expr(const struct rule_settings *rule, enum part part);
/* "when", "clear", "levels[1].when" as the file has it; `out` has room for 24 bytes. */
const char *parts_name(const struct rule_settings *rule, enum part part, char out[24]);

/* Parses every part; false when one has an error. What is wrong goes to the sink, which
 * is told by `begin` which part it is about; both may be NULL. */
typedef struct diagnosis_sink *parts_begin(void *context, enum part part);
bool parts_parse(struct parts *parts, const struct rule_settings *rule,
                 parts_begin *begin, void *context);
void parts_free(struct parts *parts);

size_t parts_nodes(const struct parts *parts); /* of all trees together */

#endif
