/* sections_suppress.c - which alarms are explained by others; see sections.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/sections.h"

#include <string.h>

static schema_parse read_targets, read_need;

/* clang-format off */
static const struct schema_row suppress_rows[] = {
    CONFIG_CHECKED(struct suppress_settings, by, "by", CONFIG_REQUIRED, check_rule_id,
                   "Id of the rule that explains the others while it is active."),
    CONFIG_STRING(struct suppress_settings, via, "via", CONFIG_REQUIRED,
                  "How to get from the equipment of an alarm to that of `by`: a relation, "
                  "followed over several steps; `link`; or `self`, the same equipment."),
    CONFIG_CUSTOM("targets", CONFIG_REQUIRED, read_targets, "list of texts",
                  "Ids of the rules whose alarms become symptoms; `pump.*` and `*` are "
                  "patterns."),
    CONFIG_CUSTOM("need", "any", read_need, "`\"any\"`, `\"all\"`",
                  "When the relation has several members: whether one of them is enough, or "
                  "all must be out (two feeders)."),
    CONFIG_DURATION(struct suppress_settings, settle_ms, "settle", "0s", 0, CONFIG_DAY,
                    "How long after the return of `by` alarms still count as its symptoms: "
                    "the time that devices need to come back."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section suppress_section = {
    .name = "suppress",
    .path = "suppress",
    .id_key = "by",
    .rows = suppress_rows,
    .doc =
        "While one rule is active, alarms of others are its symptoms: part of its issue, "
        "and announced only when they outlast it. Rows add to the shipped ones. Rules "
        "that are `highly_managed` are never suppressed.",
};

/* "*", "pump.*" or an id. */
static bool is_pattern(const char *text)
{
    size_t length = strlen(text);
    char id[SCHEMA_TEXT_MAX + 1];

    if (strcmp(text, "*") == 0 || check_rule_id(text) == NULL)
        return true;
    if (length < 3 || strcmp(text + length - 2, ".*") != 0)
        return false;
    memcpy(id, text, length - 2);
    id[length - 2] = '\0';
    return check_rule_id(id) == NULL;
}

static bool read_targets(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct suppress_settings *suppress = out;

    if (!section_words(reader, scope, row->key, node, &suppress->targets,
                       &suppress->target_count))
        return false;
    if (suppress->target_count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL, "\"targets\" is empty");
    for (size_t i = 0; i < suppress->target_count; i++)
        if (!is_pattern(suppress->targets[i]))
            return schema_fail(reader, CODE(FORM),
                               node->kind == NODE_LIST ? node->children[i].pos
                                                       : node->pos,
                               "an id such as \"pump.dry_run\", \"pump.*\" or \"*\"",
                               "\"%.64s\" is neither the id of a rule nor a pattern",
                               suppress->targets[i]);
    return true;
}

static bool read_need(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct suppress_settings *suppress = out;

    if (!schema_want(reader, scope, row->key, node, NODE_STRING))
        return false;
    suppress->all = strcmp(node->string, "all") == 0;
    if (suppress->all || strcmp(node->string, "any") == 0)
        return true;
    return schema_fail(reader, CODE(WORD), node->pos, "one of \"any\", \"all\"",
                       "\"%.64s\" is no possible \"need\"", node->string);
}

static bool check_via(struct reader *reader, const struct node *node,
                      const struct suppress_settings *suppress)
{
    const char *must;

    if (strcmp(suppress->via, "link") == 0 || strcmp(suppress->via, "self") == 0)
        return true;
    must = check_name(suppress->via);
    if (must == NULL)
        return true;
    return schema_fail(reader, CODE(FORM), schema_pos(node, "via"), must,
                       "\"%.64s\" is no name of a relation", suppress->via);
}

bool section_read_suppress(struct reader *reader, const struct node *node,
                           struct suppress_settings *suppress)
{
    suppress->pos = schema_pos(node, "by");
    return schema_read(reader, &suppress_section, NULL, node, suppress) &&
           check_via(reader, node, suppress);
}
