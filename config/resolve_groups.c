/* resolve_groups.c - who belongs to a group; see resolve.h. */
#include "config/codes.h"
#include "config/resolve.h"

#include <string.h>

static struct reader *reader_of(const struct resolver *resolver)
{
    return &resolver->drafts->reader;
}

/* "Building 1" holds "Building 1" and "Building 1/Unit 2", not "Building 10". */
static bool is_within(const char *place, const char *where)
{
    size_t length = strlen(where);

    return strncmp(place, where, length) == 0 &&
           (place[length] == '\0' || place[length] == '/');
}

static bool belongs(const struct group_settings *group,
                    const struct equipment_settings *equipment)
{
    return (group->class_name[0] == '\0' ||
            strcmp(group->class_name, equipment->class_name) == 0) &&
           (group->place[0] == '\0' || is_within(equipment->place, group->place));
}

/* The first `parts` parts of the place: as many as the group's has. */
static const char *prefix(struct arena *arena, const char *place, const char *like)
{
    size_t length = 0;

    for (; *like != '\0'; like++)
        if (*like == '/')
            length += strcspn(place + length, "/") + (place[length] != '\0');
    length += strcspn(place + length, "/");
    return arena_bytes(arena, place, length);
}

static const char *place_hint(struct resolver *resolver, const char *place)
{
    const struct drafts *drafts = resolver->drafts;
    struct arena *arena = drafts->reader.arena;
    const char **places = arena_array(arena, drafts->equipment.count, sizeof *places);

    for (size_t i = 0; i < drafts->equipment.count; i++)
        places[i] =
            prefix(arena, draft_equipment(drafts, i)->draft.settings.place, place);
    return schema_hint(reader_of(resolver), place, places, drafts->equipment.count, NULL);
}

/* By class and place: the list of ids. */
static void gather(struct resolver *resolver, struct group_draft *draft)
{
    const struct drafts *drafts = resolver->drafts;
    struct group_settings *group = &draft->settings;

    group->equipment = arena_array(drafts->reader.arena, drafts->equipment.count,
                                   sizeof *group->equipment);
    for (size_t i = 0; i < drafts->equipment.count; i++) {
        const struct equipment_draft *equipment = &draft_equipment(drafts, i)->draft;

        if (equipment->enabled && equipment->settings.id[0] != '\0' &&
            belongs(group, &equipment->settings))
            group->equipment[group->equipment_count++] = equipment->settings.id;
    }
    if (group->equipment_count == 0 && !drafts->incomplete)
        config_report_add(
            reader_of(resolver)->report, REPORT_WARNING, CODE(W_NO_EFFECT), group->pos,
            group->place[0] == '\0' ? NULL : place_hint(resolver, group->place),
            "no equipment belongs to group \"%s\"", group->id);
}

/* By id: those that are enabled. */
static void keep(struct resolver *resolver, struct group_draft *draft)
{
    const struct drafts *drafts = resolver->drafts;
    struct group_settings *group = &draft->settings;
    const struct node *list = node_member(draft->node, "equipment");
    struct map *seen = map_new();
    size_t kept = 0;

    for (size_t i = 0; i < group->equipment_count; i++) {
        const char *id = group->equipment[i];
        uint32_t index = map_get(resolver->equipment, id);
        struct config_pos pos =
            list->kind == NODE_LIST ? list->children[i].pos : list->pos;

        if (index == MAP_NONE)
            resolve_unknown(resolver, "equipment", id, pos,
                            (struct candidates){resolve_equipment_names(resolver),
                                                drafts->equipment.count});
        else if (!map_put(seen, id, 0))
            (void)schema_fail(reader_of(resolver), CODE(GROUP), pos, "delete it",
                              "\"%s\" is named twice", id);
        else if (draft_equipment(drafts, index)->draft.enabled)
            group->equipment[kept++] = id;
    }
    group->equipment_count = kept;
    map_free(seen);
}

/* A name in quotes is looked for among the relations first. */
static void check_relations(struct resolver *resolver, const struct group_settings *group)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->equipment.count; i++) {
        const struct equipment_settings *e = &draft_equipment(drafts, i)->draft.settings;

        for (size_t r = 0; r < e->relation_count; r++)
            if (strcmp(e->relations[r].name, group->id) == 0) {
                (void)schema_fail(reader_of(resolver), CODE(GROUP), group->pos,
                                  "choose another id",
                                  "the id \"%s\" of this group is a relation of "
                                  "equipment \"%s\"",
                                  group->id, e->id);
                return;
            }
    }
}

void resolve_groups(struct resolver *resolver)
{
    const struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->groups.count; i++) {
        struct group_draft *draft = draft_group(drafts, i);
        struct group_settings *group = &draft->settings;

        if (draft->broken)
            continue;
        if (!map_put(resolver->groups, group->id, (uint32_t)i))
            resolve_duplicate(
                resolver, "group", group->id, group->pos,
                draft_group(drafts, map_get(resolver->groups, group->id))->settings.pos);
        check_relations(resolver, group);
        if (group->equipment_count > 0) {
            keep(resolver, draft);
            continue;
        }
        if (group->class_name[0] == '\0' ||
            resolve_class(resolver, group->class_name, schema_pos(draft->node, "class"),
                          false))
            gather(resolver, draft);
    }
}
