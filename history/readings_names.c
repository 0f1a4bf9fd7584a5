/* readings_names.c - see readings_names.h. */
#include "history/readings_names.h"

#include "base/mem.h"

#include <string.h>

static bool any_wanted(const struct equipment *equipment, const bool *wanted)
{
    for (uint32_t i = 0; i < equipment->point_count; i++)
        if (wanted[equipment->first_point + i])
            return true;
    return false;
}

static void add_name(struct text *names, const char *name)
{
    text_add_bytes(names, name, strlen(name) + 1);
}

uint32_t names_make(const struct model *model, const bool *wanted, struct text *names,
                    uint32_t *numbers)
{
    uint32_t count = 0;

    for (size_t e = 0; e < model->equipment_count; e++) {
        const struct equipment *equipment = &model->equipment[e];

        if (any_wanted(equipment, wanted))
            add_name(names, equipment->id);
        for (uint32_t i = 0; i < equipment->point_count; i++) {
            uint32_t point = equipment->first_point + i;

            numbers[point] = wanted[point] ? count++ : MODEL_NONE;
            if (wanted[point])
                add_name(names, model->points[point].name);
        }
        if (any_wanted(equipment, wanted))
            add_name(names, "");
    }
    return count;
}

/* FNV-1a, 64 bits. */
uint64_t names_hash(const char *names, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)names[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The name at *at, which moves behind it; NULL when it is cut off. */
static const char *next_name(const char **at, const char *end)
{
    const char *name = *at;
    const char *nul = memchr(name, '\0', (size_t)(end - name));

    if (nul == NULL)
        return NULL;
    *at = nul + 1;
    return name;
}

uint32_t names_count(const char *names, size_t length)
{
    const char *at = names;
    const char *end = names + length;
    const char *name;
    uint32_t count = 0;

    while (at < end && next_name(&at, end) != NULL)
        while (at < end && (name = next_name(&at, end)) != NULL && name[0] != '\0')
            count++;
    return count;
}

uint32_t *names_points(const char *names, size_t length, const struct model *model,
                       uint32_t *count)
{
    const char *at = names;
    const char *end = names + length;
    const char *name;
    size_t capacity = 64;
    uint32_t *points = mem_array(capacity, sizeof *points);

    *count = 0;
    while (at < end && (name = next_name(&at, end)) != NULL) {
        const struct equipment *equipment = model_equipment(model, name);

        while (at < end && (name = next_name(&at, end)) != NULL && name[0] != '\0') {
            const struct point *point =
                equipment == NULL ? NULL : model_point(model, equipment, name);

            if (*count == capacity) {
                capacity *= 2;
                points = mem_resize(points, capacity, sizeof *points);
            }
            points[(*count)++] = point == NULL ? MODEL_NONE : point->index;
        }
    }
    return points;
}
