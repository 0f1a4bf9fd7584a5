/* plant.h - a small building for the tests of rules/: equipment with points, written as
 * "run:b flow:n:m3/h:5 volume:c mode:e" (name:kind[:unit[:period in s]]), without
 * config/.
 *
 * Kinds: b boolean, n number, c counter (modulus 1000), e enum (plant_labels), t text.
 * A period makes a point stale after three; without one it reports on change. */
#ifndef TESTS_UNIT_PLANT_H
#define TESTS_UNIT_PLANT_H

#include "base/mem.h"
#include "config/config.h"
#include "rules/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLANT_EQUIPMENT_MAX = 32,
    PLANT_POINTS_MAX = 400,
    PLANT_RULES_MAX = 40,
};

static const struct enum_label plant_labels[] = {
    {0, "normal"},          {2, "inspection"},
    {3, "fire_return"},     {4, "firefighter"},
    {5, "emergency_power"}, {12, "out_of_service"},
    {16, "fire"},           {64, "supervisory"},
    {234, "co_and_fire"},   {237, "co_supervisory_and_fire"},
};

struct plant {
    struct model *model;
    struct config config;
    struct rule_settings rules[PLANT_RULES_MAX];
    struct equipment_settings written[PLANT_EQUIPMENT_MAX];
    size_t points;
};

static inline void plant_point(struct plant *plant, const char *name, const char *kind,
                               const char *unit, double period_s)
{
    struct point *point = &plant->model->points[plant->points];

    assert(plant->points < PLANT_POINTS_MAX);
    *point = (struct point){
        .index = (uint32_t)plant->points++,
        .equipment = (uint32_t)plant->model->equipment_count,
        .name = model_string(plant->model, name),
        .unit = model_string(plant->model, unit),
        .period_ms = (int64_t)(period_s * 1000),
        .digits = 17,
        .builtin = strcmp(name, "online") == 0,
    };
    point->stale_after_ms = 3 * point->period_ms;
    if (point->period_ms > 0 && point->stale_after_ms < 10000)
        point->stale_after_ms = 10000;
    switch (kind[0]) {
    case 'b':
        point->kind = POINT_BOOL;
        break;
    case 'e':
        point->kind = POINT_ENUM;
        point->labels = plant_labels;
        point->label_count = sizeof plant_labels / sizeof plant_labels[0];
        break;
    case 't':
        point->kind = POINT_TEXT;
        break;
    case 'c':
        point->counter = true;
        point->counter_modulus = 1000;
        point->kind = POINT_NUMBER;
        break;
    default:
        point->kind = POINT_NUMBER;
        break;
    }
}

/* Returns the equipment, whose relations and parameters may still be set. */
static inline struct equipment *plant_add(struct plant *plant, const char *id,
                                          const char *class_name, const char *points)
{
    struct model *model = plant->model;
    struct equipment *equipment = &model->equipment[model->equipment_count];
    char copy[1000];
    char *rest = copy;
    char *word;

    assert(strlen(points) < sizeof copy);
    memcpy(copy, points, strlen(points) + 1);
    *equipment = (struct equipment){
        .index = (uint32_t)model->equipment_count,
        .id = model_string(model, id),
        .name = model_string(model, id),
        .class_name = model_string(model, class_name),
        .place = "",
        .is_link = strcmp(class_name, "link") == 0,
        .first_point = (uint32_t)plant->points,
    };
    while ((word = strsep(&rest, " ")) != NULL) {
        char *name = strsep(&word, ":");
        char *kind = strsep(&word, ":");
        char *unit = strsep(&word, ":");

        if (name[0] != '\0')
            plant_point(plant, name, kind, unit == NULL ? "" : unit,
                        word == NULL ? 0 : strtod(word, NULL));
    }
    plant_point(plant, "online", "b", "", 0);
    equipment->point_count = (uint32_t)plant->points - equipment->first_point;
    model->equipment_count++;
    return equipment;
}

static inline void plant_start(struct plant *plant)
{
    struct model *model = model_new();

    memset(plant, 0, sizeof *plant);
    plant->model = model;
    model->site_id = "test";
    model->site_name = "Test";
    model->equipment = model_memory(model, PLANT_EQUIPMENT_MAX, sizeof *model->equipment);
    model->points = model_memory(model, PLANT_POINTS_MAX, sizeof *model->points);
    model->links = model_memory(model, 1, sizeof *model->links);
    plant->config.model = model;
    plant->config.rules = plant->rules;
    plant->config.site.timezone = "Asia/Shanghai";
}

static inline void plant_relate(struct plant *plant, struct equipment *equipment,
                                const char *name, const struct equipment **members,
                                size_t count)
{
    struct relation *relations =
        model_memory(plant->model, equipment->relation_count + 1, sizeof *relations);
    uint32_t *list = model_memory(plant->model, count, sizeof *list);

    for (size_t i = 0; i < count; i++)
        list[i] = members[i]->index;
    for (size_t i = 0; i < equipment->relation_count; i++)
        relations[i] = equipment->relations[i];
    relations[equipment->relation_count] =
        (struct relation){name, list, count, count > 1};
    equipment->relations = relations;
    equipment->relation_count++;
}

static inline void plant_param(struct plant *plant, struct equipment *equipment,
                               const char *name, double value)
{
    struct param *params = model_memory(plant->model, 1, sizeof *params);

    *params = (struct param){name, value};
    equipment->params = params;
    equipment->param_count = 1;
}

/* Adds the stand-in of the one link and seals the model. */
static inline void plant_finish(struct plant *plant)
{
    struct equipment *stand_in = plant_add(plant, "bus-1", "link", "");

    plant->model->links[0] = (struct link){0, "bus-1", "modbus", stand_in->index};
    plant->model->link_count = 1;
    plant->model->point_count = plant->points;
    plant->config.equipment = plant->written;
    model_seal(plant->model);
}

static inline void plant_done(struct plant *plant)
{
    model_free(plant->model);
}

/* A rule of the operator's with the usual defaults. */
static inline struct rule_settings *plant_rule(struct plant *plant, const char *id,
                                               const char *class_name, const char *when,
                                               const char *clear)
{
    struct rule_settings *rule = &plant->rules[plant->config.rule_count++];

    assert(plant->config.rule_count <= PLANT_RULES_MAX);
    *rule = (struct rule_settings){
        .pos = {0, 1, 1, 1},
        .id = id,
        .class_name = class_name,
        .title_en = id,
        .title_zh = id,
        .advice_en = "",
        .advice_zh = "",
        .when = {when, {0, 4, 10, 1}},
        .clear = {clear, {0, 5, 10, 1}},
        .blind_after_ms = 15 * 60 * 1000,
        .min_cover = 0.6,
    };
    return rule;
}

static inline const struct point *plant_find(const struct plant *plant, const char *id,
                                             const char *name)
{
    const struct equipment *equipment = model_equipment(plant->model, id);

    assert(equipment != NULL);
    return model_point(plant->model, equipment, name);
}

#endif
