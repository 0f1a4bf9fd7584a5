/* lookup.c - see lookup.h. */
#include "rules/lookup.h"

#include <string.h>

const uint32_t *lookup_members(const struct model *model,
                               const struct equipment *equipment, const char *relation,
                               size_t *count)
{
    const struct relation *found;

    *count = 0;
    if (strcmp(relation, "link") == 0) {
        if (equipment->link >= model->link_count)
            return NULL;
        *count = 1;
        return &model->links[equipment->link].stand_in;
    }
    found = model_relation(equipment, relation);
    if (found == NULL)
        return NULL;
    *count = found->count;
    return found->equipment;
}

const uint32_t *lookup_group(const struct model *model, const struct equipment *equipment,
                             const char *name, size_t *count)
{
    const uint32_t *members = lookup_members(model, equipment, name, count);
    const struct model_group *group;

    if (members != NULL)
        return members;
    group = model_group(model, name);
    if (group == NULL)
        return NULL;
    *count = group->count;
    return group->equipment;
}

enum lookup_result lookup_point(const struct model *model,
                                const struct equipment *equipment, const char *path,
                                struct resolved *out)
{
    *out = (struct resolved){.equipment = equipment};
    for (;;) {
        const char *dot = strchr(path, '.');
        size_t length = dot == NULL ? strlen(path) : (size_t)(dot - path);
        const uint32_t *members;
        size_t count;

        if (length >= sizeof out->name)
            length = sizeof out->name - 1; /* no such name exists: config/ bounds them */
        memcpy(out->name, path, length);
        out->name[length] = '\0';
        if (dot == NULL) {
            out->point = model_point(model, out->equipment, out->name);
            return out->point == NULL ? LOOKUP_NO_POINT : LOOKUP_FOUND;
        }
        members = lookup_members(model, out->equipment, out->name, &count);
        if (members == NULL)
            return LOOKUP_NO_RELATION;
        if (count != 1)
            return LOOKUP_LIST;
        out->equipment = &model->equipment[members[0]];
        path = dot + 1;
    }
}

bool lookup_alike(const struct point *a, const struct point *b)
{
    if (a->kind != b->kind || a->counter != b->counter ||
        a->label_count != b->label_count)
        return false;
    for (size_t i = 0; i < a->label_count; i++)
        if (a->labels[i].code != b->labels[i].code ||
            strcmp(a->labels[i].name, b->labels[i].name) != 0)
            return false;
    return true;
}
