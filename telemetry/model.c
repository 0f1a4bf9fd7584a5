/* model.c - see model.h. */
#include "telemetry/model.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

/* One allocation of the model's; freed together at the end. */
struct chunk {
    struct chunk *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct owner {
    struct model model; /* first, so that a model pointer is an owner pointer */
    struct chunk *chunks;
};

struct model *model_new(void)
{
    struct owner *owner = mem_alloc(sizeof *owner);

    return &owner->model;
}

void model_free(struct model *model)
{
    struct owner *owner = (struct owner *)model;

    if (owner == NULL)
        return;
    while (owner->chunks != NULL) {
        struct chunk *next = owner->chunks->next;

        mem_free(owner->chunks);
        owner->chunks = next;
    }
    map_free(model->equipment_by_id);
    mem_free(owner);
}

void *model_memory(struct model *model, size_t count, size_t size)
{
    struct owner *owner = (struct owner *)model;
    struct chunk *chunk;

    assert(size == 0 || count <= (SIZE_MAX - sizeof *chunk) / size);
    chunk = mem_alloc(sizeof *chunk + count * size);
    chunk->next = owner->chunks;
    owner->chunks = chunk;
    return chunk->bytes;
}

const char *model_string(struct model *model, const char *text)
{
    char *copy;
    size_t size;

    if (text == NULL)
        return NULL;
    size = strlen(text) + 1;
    copy = model_memory(model, size, 1);
    memcpy(copy, text, size);
    return copy;
}

void model_seal(struct model *model)
{
    size_t next_point = 0;

    assert(model->equipment_by_id == NULL);
    model->equipment_by_id = map_new();
    for (size_t i = 0; i < model->equipment_count; i++) {
        const struct equipment *equipment = &model->equipment[i];

        assert(equipment->index == i && equipment->first_point == next_point);
        assert(equipment->point_count > 0);
        next_point += equipment->point_count;
        assert(next_point <= model->point_count);
        assert(model->points[next_point - 1].builtin);
        for (size_t p = equipment->first_point; p < next_point; p++)
            assert(model->points[p].index == p && model->points[p].equipment == i);
        (void)map_put(model->equipment_by_id, equipment->id, (uint32_t)i);
    }
    assert(next_point == model->point_count);
}

const struct equipment *model_equipment(const struct model *model, const char *id)
{
    uint32_t index = map_get(model->equipment_by_id, id);

    return index == MAP_NONE ? NULL : &model->equipment[index];
}

const struct point *model_point(const struct model *model,
                                const struct equipment *equipment, const char *name)
{
    for (uint32_t i = 0; i < equipment->point_count; i++) {
        const struct point *point = &model->points[equipment->first_point + i];

        if (strcmp(point->name, name) == 0)
            return point;
    }
    return NULL;
}

bool model_has_series(const struct point *point)
{
    return point->store && point->kind != POINT_TEXT;
}

const struct relation *model_relation(const struct equipment *equipment, const char *name)
{
    for (size_t i = 0; i < equipment->relation_count; i++)
        if (strcmp(equipment->relations[i].name, name) == 0)
            return &equipment->relations[i];
    return NULL;
}

static const struct equipment_class classes[] = {
    {"elevator", "Elevator", "电梯"},
    {"escalator", "Escalator", "自动扶梯"},
    {"pump", "Pump", "水泵"},
    {"water_meter", "Water meter", "水表"},
    {"electricity_meter", "Electricity meter", "电表"},
    {"heat_meter", "Heat meter", "热量表"},
    {"fire_panel", "Fire panel", "火灾报警控制器"},
    {"leak_detector", "Leak detector", "漏水检测器"},
    {"tank", "Tank", "水箱"},
    {"sump", "Sump", "集水井"},
    {"valve", "Valve", "阀门"},
    {"drive", "Drive", "变频器"},
    {"residual_current", "Residual current monitor", "剩余电流监测"},
    {"transformer", "Transformer", "变压器"},
    {"sensor", "Sensor", "传感器"},
    {"link", "Link", "链路"},
    {"gateway", "Gateway", "网关"},
};

const struct equipment_class *model_classes(size_t *count)
{
    *count = sizeof classes / sizeof classes[0];
    return classes;
}

const struct model_group *model_group(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->group_count; i++)
        if (strcmp(model->groups[i].name, name) == 0)
            return &model->groups[i];
    return NULL;
}

const struct equipment_class *model_class(const char *name)
{
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strcmp(classes[i].name, name) == 0)
            return &classes[i];
    return NULL;
}
