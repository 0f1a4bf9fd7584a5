/* resolve.c - ids and classes; see resolve.h. */
#include "config/resolve.h"

#include "config/codes.h"
#include "telemetry/model.h"

#include <assert.h>
#include <string.h>

enum {
    CANDIDATES_MAX = 32, /* classes */
};

static struct reader *reader_of(const struct resolver *resolver)
{
    return &resolver->drafts->reader;
}

static void duplicate(struct resolver *resolver, const char *what, const char *id,
                      struct config_pos pos, struct config_pos first)
{
    (void)schema_fail(reader_of(resolver), CODE(DUPLICATE_ID), pos, NULL,
                      "the id \"%s\" of this %s is already given in %s:%u", id, what,
                      config_report_path(reader_of(resolver)->report, first.file),
                      first.line);
}

/* ---- links, equipment, sinks ---- */

static void index_links(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->links.count; i++) {
        const struct link_settings *link = &draft_link(drafts, i)->settings;
        uint32_t first;

        if (link->id[0] == '\0' || map_put(resolver->links, link->id, (uint32_t)i))
            continue;
        first = map_get(resolver->links, link->id);
        duplicate(resolver, "link", link->id, link->pos,
                  draft_link(drafts, first)->settings.pos);
    }
}

static void index_equipment(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->equipment.count; i++) {
        const struct equipment_settings *equipment =
            &draft_equipment(drafts, i)->draft.settings;
        uint32_t link = map_get(resolver->links, equipment->id);

        if (equipment->id[0] == '\0')
            continue;
        if (link != MAP_NONE)
            duplicate(resolver, "equipment", equipment->id, equipment->pos,
                      draft_link(drafts, link)->settings.pos);
        if (map_put(resolver->equipment, equipment->id, (uint32_t)i))
            continue;
        duplicate(resolver, "equipment", equipment->id, equipment->pos,
                  draft_equipment(drafts, map_get(resolver->equipment, equipment->id))
                      ->draft.settings.pos);
    }
}

static void check_sink_ids(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->sinks.count; i++) {
        const struct sink_settings *sink = &draft_sink(drafts, i)->settings;

        for (size_t k = 0; k < i; k++) /* at most CONFIG_SINKS_MAX */
            if (sink->id[0] != '\0' &&
                strcmp(sink->id, draft_sink(drafts, k)->settings.id) == 0) {
                duplicate(resolver, "sink", sink->id, sink->pos,
                          draft_sink(drafts, k)->settings.pos);
                break;
            }
    }
}

/* ---- profiles and rules: an operator's replaces a shipped one ---- */

static void warn_replaced(struct resolver *resolver, const char *what, const char *id,
                          struct config_pos pos, struct config_pos shipped)
{
    struct reader *reader = reader_of(resolver);

    config_report_add(reader->report, REPORT_WARNING, CODE(W_REPLACES), pos, NULL,
                      "this %s \"%s\" replaces the shipped one in %s:%u", what, id,
                      config_report_path(reader->report, shipped.file), shipped.line);
}

/* Operators' come before the shipped ones in the drafts: files are read in that order. */
static void index_profiles(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->profiles.count; i++) {
        struct profile_draft *profile = draft_profile(drafts, i);
        const char *id = profile->body.settings.id;
        struct profile_draft *first;

        if (id[0] == '\0' || map_put(resolver->profiles, id, (uint32_t)i))
            continue;
        first = draft_profile(drafts, map_get(resolver->profiles, id));
        profile->replaced = true;
        if (profile->shipped && !first->shipped)
            warn_replaced(resolver, "profile", id, first->body.settings.pos,
                          profile->body.settings.pos);
        else
            duplicate(resolver, "profile", id, profile->body.settings.pos,
                      first->body.settings.pos);
    }
}

static void index_tables(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->tables.count; i++) {
        struct table_draft *table = draft_table(drafts, i);
        const char *id = table->settings.id;
        struct table_draft *first;

        if (id[0] == '\0' || map_put(resolver->tables, id, (uint32_t)i))
            continue;
        first = draft_table(drafts, map_get(resolver->tables, id));
        table->replaced = true;
        if (table->shipped && !first->shipped)
            warn_replaced(resolver, "table", id, first->settings.pos,
                          table->settings.pos);
        else
            duplicate(resolver, "table", id, table->settings.pos, first->settings.pos);
    }
}

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
        if (rule->settings.shipped && !first->settings.shipped)
            warn_replaced(resolver, "rule", id, first->settings.pos, rule->settings.pos);
        else
            duplicate(resolver, "rule", id, rule->settings.pos, first->settings.pos);
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

        if (rule != MAP_NONE)
            draft_rule(drafts, rule)->disabled = true;
        else if (!drafts->incomplete)
            (void)schema_fail(
                reader, CODE(NO_RULE), node->pos,
                schema_hint(reader, node->string, ids, drafts->rules.count, NULL),
                "there is no rule \"%.64s\"", node->string);
    }
}

/* ---- classes ---- */

bool resolve_class(struct resolver *resolver, const char *name, struct config_pos pos,
                   bool link_too)
{
    const char *names[CANDIDATES_MAX];
    size_t count;
    const struct equipment_class *classes = model_classes(&count);

    if (name[0] == '\0')
        return false; /* its absence is reported */
    if (model_class(name) != NULL) {
        if (link_too || strcmp(name, "link") != 0)
            return true;
        return schema_fail(reader_of(resolver), CODE(CLASS), pos, NULL,
                           "class \"link\" is kept for the links themselves");
    }
    assert(count <= CANDIDATES_MAX);
    for (size_t i = 0; i < count; i++)
        names[i] = classes[i].name;
    return schema_fail(reader_of(resolver), CODE(CLASS), pos,
                       schema_hint(reader_of(resolver), name, names, count,
                                   "the classes are listed in docs/CONFIGURATION.md"),
                       "there is no class \"%.64s\"", name);
}

/* What profiles and rules say about others than themselves. */
static void check_classes(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->profiles.count; i++) {
        const struct profile_draft *profile = draft_profile(drafts, i);

        (void)resolve_class(resolver, profile->body.settings.class_name,
                            schema_pos(profile->node, "class"), false);
    }
    for (size_t i = 0; i < drafts->rules.count; i++) {
        const struct rule_draft *rule = draft_rule(drafts, i);

        if (strcmp(rule->settings.class_name, "*") != 0)
            (void)resolve_class(resolver, rule->settings.class_name,
                                schema_pos(rule->node, "class"), true);
        vocabulary_check_rule(reader_of(resolver), &rule->settings);
    }
}

void resolve_all(struct resolver *resolver)
{
    resolver->links = map_new();
    resolver->equipment = map_new();
    resolver->profiles = map_new();
    resolver->tables = map_new();
    resolver->rules = map_new();
    index_links(resolver);
    index_equipment(resolver);
    index_profiles(resolver);
    index_tables(resolver);
    index_rules(resolver);
    check_sink_ids(resolver);
    check_classes(resolver);
    disable_rules(resolver);
    resolve_links(resolver);
    resolve_equipment(resolver);
    resolve_cycles(resolver);
}

void resolve_done(struct resolver *resolver)
{
    map_free(resolver->links);
    map_free(resolver->equipment);
    map_free(resolver->profiles);
    map_free(resolver->tables);
    map_free(resolver->rules);
}
