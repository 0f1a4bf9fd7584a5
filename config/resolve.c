/* resolve.c - ids and classes; see resolve.h. Rules: resolve_rules.c. */
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

void resolve_duplicate(struct resolver *resolver, const char *what, const char *id,
                       struct config_pos pos, struct config_pos first)
{
    (void)schema_fail(reader_of(resolver), CODE(DUPLICATE_ID), pos, NULL,
                      "the id \"%s\" of this %s is already given in %s:%u", id, what,
                      config_report_path(reader_of(resolver)->report, first.file),
                      first.line);
}

void resolve_unknown(struct resolver *resolver, const char *what, const char *id,
                     struct config_pos pos, struct candidates candidates)
{
    struct reader *reader = reader_of(resolver);
    bool rule = strcmp(what, "rule") == 0;

    if (!resolver->drafts->incomplete)
        (void)schema_fail(
            reader, rule ? CODE(NO_RULE) : CODE(UNKNOWN_NAME), pos,
            schema_hint(reader, id, candidates.names, candidates.count, NULL),
            "there is no %s \"%.64s\"", what, id);
}

const char **resolve_rule_names(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;
    const char **names =
        arena_array(drafts->reader.arena, drafts->rules.count, sizeof *names);

    for (size_t i = 0; i < drafts->rules.count; i++)
        names[i] = draft_rule(drafts, i)->settings.id;
    return names;
}

const char **resolve_equipment_names(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;
    const char **names =
        arena_array(drafts->reader.arena, drafts->equipment.count, sizeof *names);

    for (size_t i = 0; i < drafts->equipment.count; i++)
        names[i] = draft_equipment(drafts, i)->draft.settings.id;
    return names;
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
        resolve_duplicate(resolver, "link", link->id, link->pos,
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
            resolve_duplicate(resolver, "equipment", equipment->id, equipment->pos,
                              draft_link(drafts, link)->settings.pos);
        if (map_put(resolver->equipment, equipment->id, (uint32_t)i))
            continue;
        resolve_duplicate(
            resolver, "equipment", equipment->id, equipment->pos,
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
                resolve_duplicate(resolver, "sink", sink->id, sink->pos,
                                  draft_sink(drafts, k)->settings.pos);
                break;
            }
    }
}

/* ---- profiles and tables: an operator's replaces a shipped one ---- */

void resolve_replaced(struct resolver *resolver, const char *what, const char *id,
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
            resolve_replaced(resolver, "profile", id, first->body.settings.pos,
                             profile->body.settings.pos);
        else
            resolve_duplicate(resolver, "profile", id, profile->body.settings.pos,
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
            resolve_replaced(resolver, "table", id, first->settings.pos,
                             table->settings.pos);
        else
            resolve_duplicate(resolver, "table", id, table->settings.pos,
                              first->settings.pos);
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

static void check_classes(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->profiles.count; i++) {
        const struct profile_draft *profile = draft_profile(drafts, i);

        (void)resolve_class(resolver, profile->body.settings.class_name,
                            schema_pos(profile->node, "class"), false);
    }
}

void resolve_all(struct resolver *resolver)
{
    resolver->links = map_new();
    resolver->equipment = map_new();
    resolver->profiles = map_new();
    resolver->tables = map_new();
    resolver->rules = map_new();
    resolver->groups = map_new();
    index_links(resolver);
    index_equipment(resolver);
    index_profiles(resolver);
    index_tables(resolver);
    check_sink_ids(resolver);
    check_classes(resolver);
    resolve_rules(resolver);
    resolve_links(resolver);
    resolve_equipment(resolver);
    resolve_cycles(resolver);
    resolve_groups(resolver);
    resolve_virtuals(resolver);
    resolve_suppress(resolver);
    resolve_tests(resolver);
}

void resolve_done(struct resolver *resolver)
{
    map_free(resolver->links);
    map_free(resolver->equipment);
    map_free(resolver->profiles);
    map_free(resolver->tables);
    map_free(resolver->rules);
    map_free(resolver->groups);
}
