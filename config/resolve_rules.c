/* resolve_rules.c - which rules run, and which of their alarms explain others; see
 * resolve.h. */
#include "config/codes.h"
#include "config/resolve.h"

#include <string.h>

static struct reader *reader_of(const struct resolver *resolver)
{
    return &resolver->drafts->reader;
}

/* Fire and people in a lift: that somebody has taken the rule's protection away must not
 * be found out from its silence. */
static void warn_managed(struct resolver *resolver, const struct rule_settings *rule,
                         struct config_pos pos, const char *what)
{
    if (rule->highly_managed)
        config_report_add(reader_of(resolver)->report, REPORT_WARNING, CODE(W_MANAGED),
                          pos, NULL, "rule \"%s\" is highly managed, and %s", rule->id,
                          what);
}

/* An operator's rule replaces a shipped one. */
static void index_rules(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->rules.count; i++) {
        struct rule_draft *rule = draft_rule(drafts, i);
        const char *id = rule->settings.id;
        struct rule_draft *first;

        if (id[0] == '\0' || map_put(resolver->rules, id, (uint32_t)i))
            continue;
        first = draft_rule(drafts, map_get(resolver->rules, id));
        rule->replaced = true;
        if (first->tried && !rule->tried)
            continue;
        if (!rule->settings.shipped || first->settings.shipped) {
            resolve_duplicate(resolver, "rule", id, rule->settings.pos,
                              first->settings.pos);
            continue;
        }
        resolve_replaced(resolver, "rule", id, first->settings.pos, rule->settings.pos);
        if (!first->settings.highly_managed)
            warn_managed(resolver, &rule->settings, first->settings.pos,
                         "this one in its place is not");
    }
}

static void disable_rules(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;
    struct reader *reader = reader_of(resolver);
    const char **ids = arena_array(reader->arena, drafts->rules.count, sizeof *ids);

    for (size_t i = 0; i < drafts->rules.count; i++)
        ids[i] = draft_rule(drafts, i)->settings.id;
    for (size_t i = 0; i < drafts->disabled.count; i++) {
        const struct node *node = ((const struct node **)drafts->disabled.items)[i];
        uint32_t rule = map_get(resolver->rules, node->string);

        if (rule != MAP_NONE) {
            draft_rule(drafts, rule)->disabled = true;
            warn_managed(resolver, &draft_rule(drafts, rule)->settings, node->pos,
                         "it is switched off");
        } else if (!drafts->incomplete)
            (void)schema_fail(
                reader, CODE(NO_RULE), node->pos,
                schema_hint(reader, node->string, ids, drafts->rules.count, NULL),
                "there is no rule \"%.64s\"", node->string);
    }
}

static void check_rules(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->rules.count; i++) {
        struct rule_draft *rule = draft_rule(drafts, i);

        if (strcmp(rule->settings.class_name, "*") != 0 &&
            !resolve_class(resolver, rule->settings.class_name,
                           schema_pos(rule->node, "class"), true))
            rule->broken = true;
        vocabulary_check_rule(reader_of(resolver), &rule->settings);
    }
}

void resolve_rules(struct resolver *resolver)
{
    index_rules(resolver);
    check_rules(resolver);
    disable_rules(resolver);
}

/* ---- suppression ---- */

bool resolve_matches(const char *pattern, const char *id)
{
    size_t length = strlen(pattern);

    if (strcmp(pattern, "*") == 0)
        return true;
    if (length > 2 && strcmp(pattern + length - 2, ".*") == 0)
        return strncmp(pattern, id, length - 1) == 0;
    return strcmp(pattern, id) == 0;
}

static bool matches_any(const struct drafts *drafts, const char *pattern)
{
    for (size_t i = 0; i < drafts->rules.count; i++)
        if (resolve_matches(pattern, draft_rule(drafts, i)->settings.id))
            return true;
    return false;
}

static void check_targets(struct resolver *resolver, const struct suppress_draft *row,
                          const char *const *names)
{
    const struct drafts *drafts = resolver->drafts;
    const struct node *list = node_member(row->node, "targets");

    for (size_t i = 0; i < row->settings.target_count; i++)
        if (!matches_any(drafts, row->settings.targets[i]))
            resolve_unknown(resolver, "rule", row->settings.targets[i],
                            list->kind == NODE_LIST ? list->children[i].pos : list->pos,
                            (struct candidates){names, drafts->rules.count});
}

/* A shipped row may speak of rules that a site has disabled: it is silently left out. */
void resolve_suppress(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;
    const char **names = NULL;

    for (size_t i = 0; i < drafts->suppress.count; i++) {
        struct suppress_draft *row = draft_suppress(drafts, i);
        const char *by = row->settings.by;
        uint32_t rule = row->broken ? MAP_NONE : map_get(resolver->rules, by);

        row->dropped = rule == MAP_NONE || draft_rule(drafts, rule)->disabled;
        if (row->settings.shipped || row->broken)
            continue;
        if (names == NULL)
            names = resolve_rule_names(resolver);
        if (rule == MAP_NONE)
            resolve_unknown(resolver, "rule", by, row->settings.pos,
                            (struct candidates){names, drafts->rules.count});
        check_targets(resolver, row, names);
    }
}
