/* build.c - see build.h. */
#include "config/build.h"

#include "base/mem.h"

#include <string.h>

struct owner {
    struct config config; /* first, so that a config pointer is an owner pointer */
    struct arena *arena;
};

static void take_links(struct config *config, const struct drafts *drafts)
{
    config->link_count = drafts->links.count;
    config->links =
        arena_array(drafts->reader.arena, config->link_count, sizeof *config->links);
    for (size_t i = 0; i < config->link_count; i++)
        config->links[i] = draft_link(drafts, i)->settings;
}

static void take_sinks(struct config *config, const struct drafts *drafts)
{
    config->sink_count = drafts->sinks.count;
    config->sinks =
        arena_array(drafts->reader.arena, config->sink_count, sizeof *config->sinks);
    for (size_t i = 0; i < config->sink_count; i++)
        config->sinks[i] = draft_sink(drafts, i)->settings;
}

static void take_rules(struct config *config, const struct drafts *drafts)
{
    config->rules =
        arena_array(drafts->reader.arena, drafts->rules.count, sizeof *config->rules);
    for (size_t i = 0; i < drafts->rules.count; i++) {
        const struct rule_draft *rule = draft_rule(drafts, i);

        if (!rule->replaced && !rule->disabled && !rule->broken)
            config->rules[config->rule_count++] = rule->settings;
    }
}

/* Shipped rows first: the operator's have the last word. */
static void take_suppress(struct config *config, const struct drafts *drafts)
{
    config->suppress = arena_array(drafts->reader.arena, drafts->suppress.count,
                                   sizeof *config->suppress);
    for (int own = 0; own < 2; own++)
        for (size_t i = 0; i < drafts->suppress.count; i++) {
            const struct suppress_draft *row = draft_suppress(drafts, i);

            if (row->settings.shipped == (own == 0) && !row->dropped)
                config->suppress[config->suppress_count++] = row->settings;
        }
}

static void take_tests(struct config *config, const struct drafts *drafts)
{
    config->tests =
        arena_array(drafts->reader.arena, drafts->tests.count, sizeof *config->tests);
    for (int own = 0; own < 2; own++)
        for (size_t i = 0; i < drafts->tests.count; i++) {
            const struct test_draft *test = draft_test(drafts, i);

            if (test->settings.shipped == (own == 0) && !test->dropped)
                config->tests[config->test_count++] = test->settings;
        }
}

static void take_groups(struct config *config, const struct drafts *drafts)
{
    config->group_count = drafts->groups.count;
    config->groups =
        arena_array(drafts->reader.arena, config->group_count, sizeof *config->groups);
    for (size_t i = 0; i < config->group_count; i++)
        config->groups[i] = draft_group(drafts, i)->settings;
}

static void take_virtuals(struct config *config, const struct drafts *drafts)
{
    config->virtual_count = drafts->virtuals.count;
    config->virtuals = arena_array(drafts->reader.arena, config->virtual_count,
                                   sizeof *config->virtuals);
    for (size_t i = 0; i < config->virtual_count; i++) {
        config->virtuals[i] = draft_virtual(drafts, i)->settings;
        config->lacking = config->lacking || draft_virtual(drafts, i)->broken;
    }
}

/* Where each draft went; UINT32_MAX for a replaced one. The arena's. */
static uint32_t *take_profiles(struct config *config, const struct drafts *drafts)
{
    uint32_t *place =
        arena_array(drafts->reader.arena, drafts->profiles.count, sizeof *place);

    config->profiles = arena_array(drafts->reader.arena, drafts->profiles.count,
                                   sizeof *config->profiles);
    for (size_t i = 0; i < drafts->profiles.count; i++) {
        const struct profile_draft *profile = draft_profile(drafts, i);

        place[i] = UINT32_MAX;
        if (profile->replaced)
            continue;
        place[i] = (uint32_t)config->profile_count;
        config->profiles[config->profile_count++] = profile->body.settings;
    }
    return place;
}

/* Whether it can stand in the model by itself. */
static bool stands(const struct resolver *resolver, const struct equipment_entry *entry)
{
    const struct equipment_settings *e = &entry->draft.settings;

    return entry->draft.enabled && !entry->broken && e->profile != NULL &&
           e->points != NULL && e->link != MAP_NONE &&
           model_class(e->class_name) != NULL &&
           map_get(resolver->profiles, e->profile_id) != MAP_NONE;
}

static bool leads_nowhere(const struct resolver *resolver,
                          const struct equipment_settings *e, const bool *keep)
{
    for (size_t r = 0; r < e->relation_count; r++)
        for (size_t i = 0; i < e->relations[r].count; i++) {
            uint32_t target = map_get(resolver->equipment, e->relations[r].equipment[i]);

            if (target == MAP_NONE || !keep[target])
                return true;
        }
    return false;
}

/* What is enabled; of a partial configuration what is good, and of that what leads to
 * good equipment only, or a rule would miss what is there. The arena's. */
static bool *choose_equipment(const struct resolver *resolver, bool partial)
{
    const struct drafts *drafts = resolver->drafts;
    bool *keep = arena_array(drafts->reader.arena, drafts->equipment.count, sizeof *keep);
    bool changed = partial;

    for (size_t i = 0; i < drafts->equipment.count; i++) {
        const struct equipment_entry *entry = draft_equipment(drafts, i);

        keep[i] = partial ? stands(resolver, entry) : entry->draft.enabled;
    }
    while (changed) { /* each turn drops one at least */
        changed = false;
        for (size_t i = 0; i < drafts->equipment.count; i++)
            if (keep[i] &&
                leads_nowhere(resolver, &draft_equipment(drafts, i)->draft.settings,
                              keep)) {
                keep[i] = false;
                changed = true;
            }
    }
    return keep;
}

static void take_equipment(struct config *config, const struct resolver *resolver,
                           const uint32_t *profile_place)
{
    const struct drafts *drafts = resolver->drafts;
    const bool *keep = choose_equipment(resolver, config->partial);

    config->equipment = arena_array(drafts->reader.arena, drafts->equipment.count,
                                    sizeof *config->equipment);
    for (size_t i = 0; i < drafts->equipment.count; i++) {
        const struct equipment_entry *entry = draft_equipment(drafts, i);
        const struct equipment_draft *draft = &entry->draft;
        struct equipment_settings *e;
        uint32_t profile;

        config->lacking = config->lacking || (draft->enabled && !keep[i]);
        if (!keep[i])
            continue;
        e = &config->equipment[config->equipment_count++];
        *e = draft->settings;
        e->virtuals = entry->virtuals;
        e->virtual_count = entry->virtual_count;
        if (e->unit < 0)
            e->unit = 0; /* on MQTT there is none */
        profile = map_get(resolver->profiles, e->profile_id);
        e->profile = &config->profiles[profile_place[profile]];
    }
}

/* What the points were made of is not needed any more. */
static void release_bodies(const struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->profiles.count; i++) {
        struct profile_body *body = &draft_profile(drafts, i)->body;

        arena_release(drafts->reader.arena, body->shared.points);
        body->shared = (struct points_body){0};
        for (size_t v = 0; v < body->variant_count; v++) {
            arena_release(drafts->reader.arena, body->variants[v].own.points);
            body->variants[v].own = (struct points_body){0};
        }
    }
}

struct config *config_build(struct resolver *resolver, const char *state_dir,
                            bool partial)
{
    const struct drafts *drafts = resolver->drafts;
    struct owner *owner = mem_alloc(sizeof *owner);
    struct config *config = &owner->config;

    owner->arena = drafts->reader.arena;
    config->site = drafts->site;
    config->web = drafts->web;
    config->history = drafts->history;
    config->state_dir = state_dir;
    config->partial = partial;
    config->instance_count = resolver->instance_count;
    take_links(config, drafts);
    take_sinks(config, drafts);
    take_rules(config, drafts);
    take_suppress(config, drafts);
    take_tests(config, drafts);
    take_groups(config, drafts);
    take_virtuals(config, drafts);
    config->calendar = drafts->calendar.settings;
    take_equipment(config, resolver, take_profiles(config, drafts));
    release_bodies(drafts);
    config->model = build_model(config);
    return config;
}

void config_free(struct config *config)
{
    struct owner *owner = (struct owner *)config;

    if (owner == NULL)
        return;
    model_free(config->model);
    arena_free(owner->arena);
    mem_free(owner);
}
