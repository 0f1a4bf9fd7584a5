/* parser.h - text to tree (pure): the grammar of rules.
 *
 *   expr       = and_expr { "or" and_expr }
 *   and_expr   = not_expr { "and" not_expr }
 *   not_expr   = "not" not_expr | comparison
 *   comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]    no chaining
 *   sum        = product { ("+" | "-") product }
 *   product    = unary { ("*" | "/" | "%") unary }
 *   unary      = "-" unary | primary
 *   primary    = number | duration | string | "true" | "false" | "unknown"
 *              | call | point | param | "(" expr ")"
 *   call       = name "(" [ arg { "," arg } ] ")"
 *   arg        = window | expr
 *   window     = ( duration | "#" integer ) [ "ago" duration ]
 *   point      = name { "." name }
 *   param      = "$" name
 *
 * Threads: no state.
 */
#ifndef RULES_PARSER_H
#define RULES_PARSER_H

#include "rules/ast.h"

/* NULL when it does not parse; the first trouble is in the sink. ast_free it. */
struct ast *parser_parse(const char *text, struct diagnosis_sink *sink);

#endif
