/* resolve_virtuals.c - which equipment has which computed points; see resolve.h.
 *
 * Each equipment gets the list of its own in the order they are written; equipment of one
 * class that is named nowhere shares one.
 */
#include "config/codes.h"
#include "config/point_names.h"
#include "config/resolve.h"

#include "base/mem.h"

#include <string.h>

enum {
    DEPTH_MAX = 6, /* of computed points that are computed from others */
};

struct places {
    struct resolver *resolver;
    struct map *named;   /* id of equipment that a computed point names */
    struct map *classes; /* class to the first equipment whose list the others share */
};

static struct reader *reader_of(const struct places *places)
{
    return &places->resolver->drafts->reader;
}

/* ---- whom they name ---- */

static void check_named(struct places *places, const struct virtual_draft *draft)
{
    const struct drafts *drafts = places->resolver->drafts;
    const struct node *list = node_member(draft->node, "equipment");

    for (size_t i = 0; i < draft->settings.equipment_count; i++) {
        const char *id = draft->settings.equipment[i];

        (void)map_put(places->named, id, 0);
        if (map_get(places->resolver->equipment, id) == MAP_NONE)
            resolve_unknown(places->resolver, "equipment", id,
                            list->kind == NODE_LIST ? list->children[i].pos : list->pos,
                            (struct candidates){resolve_equipment_names(places->resolver),
                                                drafts->equipment.count});
    }
}

static void check_all_named(struct places *places)
{
    const struct drafts *drafts = places->resolver->drafts;

    for (size_t i = 0; i < drafts->virtuals.count; i++) {
        const struct virtual_draft *draft = draft_virtual(drafts, i);

        if (draft->broken)
            continue;
        check_named(places, draft);
        if (draft->settings.class_name[0] != '\0')
            (void)resolve_class(places->resolver, draft->settings.class_name,
                                schema_pos(draft->node, "class"), false);
    }
}

/* ---- who has them ---- */

static bool names_it(const struct virtual_settings *virtual,
                     const struct equipment_settings *equipment)
{
    for (size_t i = 0; i < virtual->equipment_count; i++)
        if (strcmp(virtual->equipment[i], equipment->id) == 0)
            return true;
    return false;
}

static bool of_class(const struct virtual_settings *virtual,
                     const struct equipment_settings *equipment)
{
    return virtual->class_name[0] != '\0' &&
           strcmp(virtual->class_name, equipment->class_name) == 0;
}

static const struct point_settings *measured(const struct equipment_settings *equipment,
                                             const char *name)
{
    for (size_t i = 0; i < equipment->point_count; i++)
        if (strcmp(equipment->points[i].name, name) == 0)
            return &equipment->points[i];
    return NULL;
}

static bool has_relation(const struct equipment_settings *equipment, const char *name)
{
    for (size_t i = 0; i < equipment->relation_count; i++)
        if (strcmp(equipment->relations[i].name, name) == 0)
            return true;
    return strcmp(name, "link") == 0;
}

static bool has_inputs(const struct drafts *drafts,
                       const struct virtual_settings *virtual,
                       const struct equipment_settings *equipment, int depth);

static bool is_computed(const struct drafts *drafts,
                        const struct equipment_settings *equipment, const char *name,
                        int depth)
{
    for (size_t i = 0; i < drafts->virtuals.count; i++) {
        const struct virtual_settings *virtual = &draft_virtual(drafts, i)->settings;

        if (strcmp(virtual->name, name) == 0 &&
            (names_it(virtual, equipment) ||
             (of_class(virtual, equipment) &&
              has_inputs(drafts, virtual, equipment, depth + 1))))
            return true;
    }
    return false;
}

static bool has_input(const struct drafts *drafts,
                      const struct equipment_settings *equipment,
                      const struct point_name *name, int depth)
{
    if (name->relation)
        return has_relation(equipment, name->name);
    return measured(equipment, name->name) != NULL || strcmp(name->name, "online") == 0 ||
           is_computed(drafts, equipment, name->name, depth);
}

/* Whether it has what the value is computed from: a meter of one phase has no unbalance
 * of three. */
static bool has_inputs(const struct drafts *drafts,
                       const struct virtual_settings *virtual,
                       const struct equipment_settings *equipment, int depth)
{
    const char *text = virtual->value.text;
    struct point_name name;

    if (depth == DEPTH_MAX)
        return true; /* a circle, which rules/ explains */
    while (point_name_next(&text, &name))
        if (!has_input(drafts, equipment, &name, depth))
            return false;
    return true;
}

/* A class of which nobody has the inputs: a misspelt name, which rules/ explains. */
static void find_orphans(struct places *places)
{
    const struct drafts *drafts = places->resolver->drafts;

    for (size_t i = 0; i < drafts->virtuals.count; i++) {
        struct virtual_draft *draft = draft_virtual(drafts, i);

        draft->orphan = true;
        for (size_t k = 0; k < drafts->equipment.count && draft->orphan; k++) {
            const struct equipment_draft *e = &draft_equipment(drafts, k)->draft;

            if (e->enabled && of_class(&draft->settings, &e->settings) &&
                has_inputs(drafts, &draft->settings, &e->settings, 0))
                draft->orphan = false;
        }
    }
}

static bool has(const struct drafts *drafts, const struct virtual_draft *draft,
                const struct equipment_settings *equipment)
{
    const struct virtual_settings *virtual = &draft->settings;

    if (draft->broken)
        return false;
    return names_it(virtual, equipment) ||
           (of_class(virtual, equipment) &&
            (draft->orphan || has_inputs(drafts, virtual, equipment, 0)));
}

/* What one equipment has must have names of their own. */
static bool check_clash(struct places *places, const struct equipment_entry *entry,
                        const struct virtual_settings *virtual, const uint32_t *before,
                        size_t count)
{
    const struct drafts *drafts = places->resolver->drafts;
    const struct equipment_settings *equipment = &entry->draft.settings;

    if (measured(equipment, virtual->name) != NULL)
        return schema_fail(reader_of(places), CODE(VIRTUAL), virtual->pos,
                           "choose another name, or name the equipment that needs it",
                           "the computed point \"%s\" would hide the measured one of "
                           "equipment \"%s\" (profile \"%s\")",
                           virtual->name, equipment->id, equipment->profile_id);
    for (size_t i = 0; i < count; i++) {
        const struct virtual_settings *other =
            &draft_virtual(drafts, before[i])->settings;

        if (strcmp(other->name, virtual->name) == 0)
            return schema_fail(reader_of(places), CODE(VIRTUAL), virtual->pos, NULL,
                               "equipment \"%s\" already has the computed point \"%s\" "
                               "from line %u",
                               equipment->id, virtual->name, other->pos.line);
    }
    return true;
}

static void give(struct places *places, struct equipment_entry *entry)
{
    const struct drafts *drafts = places->resolver->drafts;
    uint32_t *list =
        arena_array(drafts->reader.arena, drafts->virtuals.count, sizeof *list);
    size_t count = 0;

    for (size_t i = 0; i < drafts->virtuals.count; i++) {
        const struct virtual_draft *draft = draft_virtual(drafts, i);

        if (has(drafts, draft, &entry->draft.settings) &&
            check_clash(places, entry, &draft->settings, list, count))
            list[count++] = (uint32_t)i;
    }
    entry->virtuals = list;
    entry->virtual_count = count;
}

/* Names are only compared again when the points or relations may be others. */
static bool shares(const struct equipment_entry *entry,
                   const struct equipment_entry *first)
{
    return entry->draft.settings.points == first->draft.settings.points &&
           entry->draft.settings.relation_count == 0 &&
           first->draft.settings.relation_count == 0;
}

static void give_or_share(struct places *places, uint32_t index)
{
    const struct drafts *drafts = places->resolver->drafts;
    struct equipment_entry *entry = draft_equipment(drafts, index);
    const struct equipment_settings *settings = &entry->draft.settings;
    const struct equipment_entry *first;
    uint32_t known;

    if (map_get(places->named, settings->id) != MAP_NONE) {
        give(places, entry);
        return;
    }
    known = map_get(places->classes, settings->class_name);
    if (known == MAP_NONE) {
        give(places, entry);
        (void)map_put(places->classes, settings->class_name, index);
        return;
    }
    first = draft_equipment(drafts, known);
    if (!shares(entry, first)) {
        give(places, entry);
        return;
    }
    entry->virtuals = first->virtuals;
    entry->virtual_count = first->virtual_count;
}

static void check_points(struct places *places)
{
    const struct drafts *drafts = places->resolver->drafts;
    size_t points = drafts->links.count;

    for (size_t i = 0; i < drafts->equipment.count; i++) {
        const struct equipment_entry *entry = draft_equipment(drafts, i);

        if (entry->draft.enabled)
            points += entry->draft.settings.point_count + entry->virtual_count + 1;
    }
    if (points > CONFIG_POINTS_MAX)
        (void)schema_fail(reader_of(places), CODE(TOO_MANY), drafts->site.pos,
                          "what is beyond is a second gateway",
                          "%zu points are more than %d", points, CONFIG_POINTS_MAX);
}

void resolve_virtuals(struct resolver *resolver)
{
    struct places places = {
        .resolver = resolver, .named = map_new(), .classes = map_new()};
    const struct drafts *drafts = resolver->drafts;

    check_all_named(&places);
    find_orphans(&places);
    for (size_t i = 0; i < drafts->equipment.count && drafts->virtuals.count > 0; i++)
        if (draft_equipment(drafts, i)->draft.enabled)
            give_or_share(&places, (uint32_t)i);
    check_points(&places);
    map_free(places.named);
    map_free(places.classes);
}
