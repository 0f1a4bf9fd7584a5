/* build_model.c - the model of a configuration; see config.h for how both correspond.
 *
 * A thousand meters of one profile have the same names, titles and labels: those are
 * copied into the model once per instance, and the points are stamped from them.
 */
#include "base/mem.h"
#include "config/build.h"
#include "telemetry/model.h"

#include <assert.h>
#include <stdlib.h>

/* Significant decimal digits that a value of a type may carry, so that 4578 * 0.0001 is
 * written 0.4578 and not 0.45780000000000004. */
enum {
    DIGITS_16 = 10,     /* 5 of the register, as many of a scale and an offset */
    DIGITS_32 = 12,     /* 10, and what an offset adds */
    DIGITS_F32 = 9,     /* bring a float back */
    DIGITS_SCALED = 15, /* what a double holds of any decimal */
    DIGITS_ALL = 17,    /* bring a double back */
};

struct builder {
    const struct config *config;
    struct model *model;
    struct point **stamps; /* of each instance: its points as they are in the model */
    struct map *index;     /* equipment id to its index */
    uint32_t next_point;
    const char *online;
    const char *empty;
};

enum point_kind point_kind_of(const struct point_settings *point)
{
    if (point->type == TYPE_STRING)
        return POINT_TEXT;
    if (point->label_count > 0)
        return POINT_ENUM;
    if (point->flag_count > 0)
        return POINT_FLAGS;
    if (point->type == TYPE_BOOL ||
        (point->bit_low >= 0 && point->bit_low == point->bit_high))
        return POINT_BOOL;
    return POINT_NUMBER;
}

static const struct enum_label *
copy_labels(struct model *model, const struct enum_settings *from, size_t count)
{
    struct enum_label *labels;

    if (count == 0)
        return NULL;
    labels = model_memory(model, count, sizeof *labels);
    for (size_t i = 0; i < count; i++)
        labels[i] = (struct enum_label){from[i].code, model_string(model, from[i].name)};
    return labels;
}

static int digits_of(const struct point_settings *point)
{
    static const int digits[] = {
        [TYPE_U16] = DIGITS_16,  [TYPE_S16] = DIGITS_16,    [TYPE_BCD16] = DIGITS_16,
        [TYPE_U32] = DIGITS_32,  [TYPE_S32] = DIGITS_32,    [TYPE_BCD32] = DIGITS_32,
        [TYPE_F32] = DIGITS_F32, [TYPE_M10K32] = DIGITS_32, [TYPE_U48] = DIGITS_SCALED,
        [TYPE_NUMBER] = 0,
    };
    bool depends = point->time_count > 0 || point->exponent != POINT_NOBODY ||
                   point->factor != POINT_NOBODY;
    bool scaled = point->scale != 1 || point->offset != 0 || depends;

    if (point->plus.given || (depends && digits[point->type] == DIGITS_32))
        return DIGITS_SCALED; /* both parts, and what is multiplied to them */
    if (point_kind_of(point) == POINT_NUMBER && digits[point->type] != 0)
        return digits[point->type];
    return scaled ? DIGITS_SCALED : DIGITS_ALL;
}

static struct point stamp(struct model *model, const struct point_settings *point)
{
    bool flags = point->flag_count > 0;
    size_t label_count = flags ? point->flag_count : point->label_count;

    return (struct point){
        .name = model_string(model, point->name),
        .title_en = model_string(model, point->title_en),
        .title_zh = model_string(model, point->title_zh),
        .unit = model_string(model, point->unit),
        .kind = point_kind_of(point),
        .labels = copy_labels(model, flags ? point->flags : point->labels, label_count),
        .label_count = label_count,
        .counter = point->counter,
        .counter_modulus = point->modulus,
        .period_ms = point->poll_ms,
        .stale_after_ms = point->stale_after_ms,
        .digits = digits_of(point),
        .counter_max_rate = point->max_rate,
        .counter_resets = point->resets,
        .store = point->store,
        .deadband = point->deadband,
        .deadband_percent = point->deadband_percent,
        .heartbeat_ms = point->heartbeat_ms,
    };
}

/* Instances nobody uses are not stamped. */
static const struct point *stamps_of(struct builder *b,
                                     const struct equipment_settings *settings)
{
    struct point *stamps = b->stamps[settings->instance];

    if (stamps != NULL)
        return stamps;
    stamps = model_memory(b->model, settings->point_count, sizeof *stamps);
    for (size_t i = 0; i < settings->point_count; i++)
        stamps[i] = stamp(b->model, &settings->points[i]);
    b->stamps[settings->instance] = stamps;
    return stamps;
}

static void add_point(struct builder *b, struct equipment *equipment,
                      const struct point *from)
{
    struct point *point = &b->model->points[b->next_point];

    *point = *from;
    point->index = b->next_point++;
    point->equipment = equipment->index;
    equipment->point_count++;
}

static void add_online(struct builder *b, struct equipment *equipment)
{
    const struct point online = {.name = b->online,
                                 .unit = b->empty,
                                 .kind = POINT_BOOL,
                                 .digits = DIGITS_ALL,
                                 .builtin = true,
                                 .store = true};

    add_point(b, equipment, &online);
}

enum {
    STALE_PERIODS = 3, /* of a computed point, as of a measured one */
    STALE_MIN_MS = 10 * 1000,
};

static void add_virtual(struct builder *b, struct equipment *equipment, uint32_t index)
{
    const struct virtual_settings *from = &b->config->virtuals[index];
    int64_t stale_ms = STALE_PERIODS * from->every_ms;
    const struct point point = {
        .name = model_string(b->model, from->name),
        .title_en = model_string(b->model, from->title_en),
        .title_zh = model_string(b->model, from->title_zh),
        .unit = model_string(b->model, from->unit),
        .kind = from->boolean ? POINT_BOOL : POINT_NUMBER,
        .period_ms = from->every_ms,
        .stale_after_ms = stale_ms > STALE_MIN_MS ? stale_ms : STALE_MIN_MS,
        .digits = DIGITS_32,
        .formula = index + 1,
        .store = from->store,
    };

    add_point(b, equipment, &point);
}

/* The indices of the equipment; of a partial configuration some may be missing. */
static size_t find_all(const struct builder *b, const char *const *ids, size_t count,
                       uint32_t *indices)
{
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t index = map_get(b->index, ids[i]);

        if (index != MAP_NONE)
            indices[known++] = index;
    }
    assert(known == count || b->config->partial);
    return known;
}

static const struct relation *
relations_of(struct builder *b, const struct equipment_settings *settings, size_t *count)
{
    struct relation *relations =
        model_memory(b->model, settings->relation_count, sizeof *relations);

    *count = 0;
    for (size_t r = 0; r < settings->relation_count; r++) {
        const struct relation_settings *from = &settings->relations[r];
        uint32_t *targets;
        size_t known;

        if (from->count == 0 && !from->list)
            continue; /* its only target is not enabled */
        targets = model_memory(b->model, from->count, sizeof *targets);
        known = find_all(b, from->equipment, from->count, targets);
        relations[(*count)++] = (struct relation){model_string(b->model, from->name),
                                                  targets, known, from->list};
    }
    return relations;
}

static const struct param *params_of(struct builder *b,
                                     const struct equipment_settings *settings)
{
    struct param *params = model_memory(b->model, settings->param_count, sizeof *params);

    for (size_t i = 0; i < settings->param_count; i++)
        params[i] = (struct param){model_string(b->model, settings->params[i].name),
                                   settings->params[i].value};
    return params;
}

static void add_equipment(struct builder *b, uint32_t index)
{
    const struct equipment_settings *settings = &b->config->equipment[index];
    struct equipment *equipment = &b->model->equipment[index];
    const struct point *stamps = stamps_of(b, settings);

    *equipment = (struct equipment){
        .index = index,
        .id = model_string(b->model, settings->id),
        .name = model_string(b->model, settings->name),
        .class_name = model_string(b->model, settings->class_name),
        .place = model_string(b->model, settings->place),
        .link = settings->link,
        .first_point = b->next_point,
        .params = params_of(b, settings),
        .param_count = settings->param_count,
    };
    equipment->relations = relations_of(b, settings, &equipment->relation_count);
    for (size_t i = 0; i < settings->point_count; i++)
        add_point(b, equipment, &stamps[i]);
    for (size_t i = 0; i < settings->virtual_count; i++)
        add_virtual(b, equipment, settings->virtuals[i]);
    add_online(b, equipment);
}

/* What feeds a link feeds its stand-in. */
static const struct relation *power_of_link(struct builder *b,
                                            const struct link_settings *settings)
{
    struct relation *relation;
    uint32_t *target;

    if (settings->power[0] == '\0' ||
        map_get(b->index, settings->power) == MAP_NONE) /* the latter: partial only */
        return NULL;
    relation = model_memory(b->model, 1, sizeof *relation);
    target = model_memory(b->model, 1, sizeof *target);
    *target = map_get(b->index, settings->power);
    *relation = (struct relation){.name = "power", .equipment = target, .count = 1};
    return relation;
}

static void add_link(struct builder *b, uint32_t index)
{
    const struct link_settings *settings = &b->config->links[index];
    uint32_t stand_in = (uint32_t)b->config->equipment_count + index;
    struct link *link = &b->model->links[index];
    const struct relation *power = power_of_link(b, settings);

    *link = (struct link){
        .index = index,
        .id = model_string(b->model, settings->id),
        .kind = settings->kind == LINK_MQTT ? "mqtt" : "modbus",
        .stand_in = stand_in,
    };
    b->model->equipment[stand_in] = (struct equipment){
        .index = stand_in,
        .id = link->id,
        .name = link->id,
        .class_name = "link",
        .place = b->empty,
        .link = index,
        .is_link = true,
        .first_point = b->next_point,
        .relations = power,
        .relation_count = power != NULL,
    };
    add_online(b, &b->model->equipment[stand_in]);
}

static int compare_indices(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void add_groups(struct builder *b)
{
    const struct config *config = b->config;
    struct model_group *groups =
        model_memory(b->model, config->group_count, sizeof *groups);

    for (size_t i = 0; i < config->group_count; i++) {
        const struct group_settings *from = &config->groups[i];
        uint32_t *members =
            model_memory(b->model, from->equipment_count, sizeof *members);

        size_t count = find_all(b, from->equipment, from->equipment_count, members);

        if (count > 0)
            qsort(members, count, sizeof *members, compare_indices);
        groups[i] =
            (struct model_group){model_string(b->model, from->id), members, count};
    }
    b->model->groups = groups;
    b->model->group_count = config->group_count;
}

static void size_model(const struct config *config, struct model *model)
{
    model->link_count = config->link_count;
    model->equipment_count = config->equipment_count + config->link_count;
    model->point_count = model->equipment_count; /* "online" of each */
    for (size_t i = 0; i < config->equipment_count; i++)
        model->point_count +=
            config->equipment[i].point_count + config->equipment[i].virtual_count;
    model->links = model_memory(model, model->link_count, sizeof *model->links);
    model->equipment =
        model_memory(model, model->equipment_count, sizeof *model->equipment);
    model->points = model_memory(model, model->point_count, sizeof *model->points);
}

struct model *build_model(const struct config *config)
{
    struct model *model = model_new();
    struct builder b = {.config = config, .model = model};

    model->site_id = model_string(model, config->site.id);
    model->site_name = model_string(model, config->site.name);
    size_model(config, model);
    b.online = model_string(model, "online");
    b.empty = model_string(model, "");
    b.stamps = mem_array(config->instance_count, sizeof(struct point *));
    b.index = map_new();
    for (size_t i = 0; i < config->equipment_count; i++)
        (void)map_put(b.index, config->equipment[i].id, (uint32_t)i);
    for (size_t i = 0; i < config->equipment_count; i++)
        add_equipment(&b, (uint32_t)i);
    for (size_t i = 0; i < config->link_count; i++)
        add_link(&b, (uint32_t)i);
    add_groups(&b);
    map_free(b.index);
    mem_free(b.stamps);
    model_seal(model);
    return model;
}
