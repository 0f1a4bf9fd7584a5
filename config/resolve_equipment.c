/* resolve_equipment.c - equipment against links, profiles and other equipment; see
 * resolve.h. */
#include "config/codes.h"
#include "config/resolve.h"
#include "config/url.h"
#include "telemetry/model.h"

#include <string.h>

enum {
    UNIT_MAX = 247, /* 248 to 254 are reserved. Source: Modbus over serial line 1.02 */
    UNIT_TCP_ONLY = 255, /* "the device itself" behind a TCP connection */
};

struct names {
    const char **links; /* for hints; filled when first needed */
    const char **profiles;
    const char **equipment;
};

struct checker {
    struct resolver *resolver;
    struct reader *reader;
    struct names names;
};

static const char **link_names(struct checker *c)
{
    const struct drafts *drafts = c->resolver->drafts;

    if (c->names.links == NULL) {
        c->names.links =
            arena_array(c->reader->arena, drafts->links.count, sizeof(const char *));
        for (size_t i = 0; i < drafts->links.count; i++)
            c->names.links[i] = draft_link(drafts, i)->settings.id;
    }
    return c->names.links;
}

static const char **profile_names(struct checker *c)
{
    const struct drafts *drafts = c->resolver->drafts;

    if (c->names.profiles == NULL) {
        c->names.profiles =
            arena_array(c->reader->arena, drafts->profiles.count, sizeof(const char *));
        for (size_t i = 0; i < drafts->profiles.count; i++)
            c->names.profiles[i] = draft_profile(drafts, i)->body.settings.id;
    }
    return c->names.profiles;
}

static const char **equipment_names(struct checker *c)
{
    if (c->names.equipment == NULL)
        c->names.equipment = resolve_equipment_names(c->resolver);
    return c->names.equipment;
}

static void unknown(struct checker *c, const char *what, const char *id,
                    struct config_pos pos, const char **names, size_t count)
{
    resolve_unknown(c->resolver, what, id, pos, (struct candidates){names, count});
}

static const struct link_settings *
find_link(struct checker *c, const struct equipment_entry *entry, uint32_t *index)
{
    const struct drafts *drafts = c->resolver->drafts;
    const char *id = entry->draft.settings.link_id;

    *index = map_get(c->resolver->links, id);
    if (*index != MAP_NONE)
        return &draft_link(drafts, *index)->settings;
    if (id[0] != '\0')
        unknown(c, "link", id, schema_pos(entry->node, "link"), link_names(c),
                drafts->links.count);
    return NULL;
}

static struct profile_draft *find_profile(struct checker *c,
                                          const struct equipment_entry *entry)
{
    const struct drafts *drafts = c->resolver->drafts;
    const char *id = entry->draft.settings.profile_id;
    uint32_t index = map_get(c->resolver->profiles, id);

    if (index != MAP_NONE)
        return draft_profile(drafts, index);
    if (id[0] != '\0')
        unknown(c, "profile", id, schema_pos(entry->node, "profile"), profile_names(c),
                drafts->profiles.count);
    return NULL;
}

/* ---- kinds ---- */

static void check_unit(struct checker *c, const struct equipment_entry *entry,
                       const struct link_settings *link)
{
    const struct equipment_settings *e = &entry->draft.settings;
    struct config_pos pos = schema_pos(entry->node, "unit");
    bool serial = strncmp(link->modbus, "rtu:", 4) == 0;
    bool socket = strncmp(link->modbus, "tcp:", 4) == 0 ||
                  strncmp(link->modbus, "listen+tcp:", 11) == 0;

    if (e->unit < 0) {
        if (entry->broken)
            return;
        (void)schema_fail(c->reader, CODE(NO_UNIT), e->pos, "add unit = ...;",
                          "equipment \"%s\" on Modbus link \"%s\" needs a unit id", e->id,
                          link->id);
    } else if (e->unit == UNIT_TCP_ONLY && !socket) {
        (void)schema_fail(c->reader, CODE(UNIT), pos, "units are 1 to 247",
                          "unit 255 exists on tcp only");
    } else if (e->unit > UNIT_MAX && e->unit < UNIT_TCP_ONLY) {
        (void)schema_fail(c->reader, CODE(UNIT), pos, "units are 1 to 247",
                          "unit %lld is reserved by the protocol", (long long)e->unit);
    } else if (e->unit == 0 && serial) {
        config_report_add(c->reader->report, REPORT_WARNING, CODE(W_NO_EFFECT), pos,
                          "units are 1 to 247",
                          "unit 0 speaks to all devices of a bus: none may answer");
    }
}

static bool has_points(const struct profile_body *profile)
{
    return profile->shared.count > 0 || profile->variant_count > 0;
}

static void check_kind(struct checker *c, const struct equipment_entry *entry,
                       struct profile_draft *profile, const struct link_settings *link)
{
    bool mqtt = link->kind == LINK_MQTT;

    if (profile != NULL && profile->body.settings.mqtt != mqtt &&
        has_points(&profile->body)) {
        (void)schema_fail(
            c->reader, CODE(KIND_MISMATCH), schema_pos(entry->node, "profile"), NULL,
            "profile \"%s\" is for %s, but link \"%s\" is %s", profile->body.settings.id,
            profile->body.settings.mqtt ? "MQTT" : "Modbus", link->id,
            mqtt ? "MQTT" : "Modbus");
        return;
    }
    if (mqtt) {
        resolve_mqtt(c->resolver, entry, profile, link);
        return;
    }
    (void)section_refuse(c->reader, entry->node, "topic", "on a Modbus link");
    check_unit(c, entry, link);
}

static void check_class(struct checker *c, struct equipment_entry *entry,
                        const struct profile_settings *profile)
{
    struct equipment_settings *e = &entry->draft.settings;

    if (e->class_name[0] == '\0') {
        e->class_name = profile == NULL ? "" : profile->class_name;
        return; /* the profile's own is checked with it */
    }
    (void)resolve_class(c->resolver, e->class_name, schema_pos(entry->node, "class"),
                        false);
}

/* ---- relations ---- */

static const struct node *target_node(const struct equipment_entry *entry,
                                      const char *relation, size_t i)
{
    const struct node *node = node_member(entry->node, "relations");

    node = node_member(node, relation);
    return node->kind == NODE_LIST ? &node->children[i] : node;
}

/* A target that is there but not enabled is left out, silently in a list (a meter that
 * is away for repair), with a word otherwise. */
static bool keep_target(struct checker *c, const struct equipment_entry *entry,
                        const struct relation_settings *relation, size_t i)
{
    const struct drafts *drafts = c->resolver->drafts;
    const char *id = relation->equipment[i];
    uint32_t index = map_get(c->resolver->equipment, id);
    struct config_pos pos = target_node(entry, relation->name, i)->pos;

    if (index == MAP_NONE) {
        if (id[0] != '\0')
            unknown(c, "equipment", id, pos, equipment_names(c), drafts->equipment.count);
        return false;
    }
    if (strcmp(id, entry->draft.settings.id) == 0)
        return schema_fail(c->reader, CODE(CYCLE), pos, NULL,
                           "relation \"%s\" of \"%s\" leads to itself", relation->name,
                           id);
    if (draft_equipment(drafts, index)->draft.enabled)
        return true;
    if (!relation->list)
        config_report_add(c->reader->report, REPORT_WARNING, CODE(W_NO_EFFECT), pos, NULL,
                          "equipment \"%s\" is not enabled, so the relation is not there",
                          id);
    return false;
}

static void check_relations(struct checker *c, const struct equipment_entry *entry)
{
    for (size_t r = 0; r < entry->draft.settings.relation_count; r++) {
        struct relation_settings *relation = &entry->draft.settings.relations[r];
        size_t kept = 0;

        for (size_t i = 0; i < relation->count; i++)
            if (keep_target(c, entry, relation, i))
                relation->equipment[kept++] = relation->equipment[i];
        relation->count = kept;
    }
}

/* ---- all ---- */

/* What the equipment does not say is as the profile has it. */
static void set_timing(struct equipment_settings *e)
{
    if (e->delay_ms < 0)
        e->delay_ms = e->profile->delay_ms;
    if (e->latency_ms < 0)
        e->latency_ms = e->profile->latency_ms;
    if (e->timeout_ms < 0)
        e->timeout_ms = e->profile->timeout_ms;
}

static void check_entry(struct checker *c, struct equipment_entry *entry,
                        const struct vocabulary *vocabulary, struct instances *instances)
{
    struct equipment_settings *e = &entry->draft.settings;
    const struct link_settings *link = find_link(c, entry, &e->link);
    struct profile_draft *profile = find_profile(c, entry);

    e->profile = profile == NULL ? NULL : &profile->body.settings;
    check_class(c, entry, e->profile);
    if (link != NULL)
        check_kind(c, entry, profile, link);
    check_relations(c, entry);
    if (!c->resolver->drafts->incomplete)
        vocabulary_check(vocabulary, c->reader, e);
    if (profile == NULL)
        return;
    set_timing(e);
    instances_equipment(instances, c->resolver->drafts, entry, profile);
}

void resolve_equipment(struct resolver *resolver)
{
    struct drafts *drafts = resolver->drafts;
    struct checker checker = {.resolver = resolver, .reader = &drafts->reader};
    struct vocabulary *vocabulary = vocabulary_new(drafts);
    struct instances *instances = instances_new(resolver);

    for (size_t i = 0; i < drafts->profiles.count; i++)
        if (!draft_profile(drafts, i)->replaced)
            instances_profile(instances, drafts, draft_profile(drafts, i));
    for (size_t i = 0; i < drafts->equipment.count; i++) {
        size_t errors = config_report_errors(drafts->reader.report);

        check_entry(&checker, draft_equipment(drafts, i), vocabulary, instances);
        if (config_report_errors(drafts->reader.report) > errors)
            draft_equipment(drafts, i)->broken = true;
    }
    resolve_mqtt_paths(resolver);
    resolver->instance_count = instances_count(instances);
    instances_free(instances);
    vocabulary_free(vocabulary);
}
