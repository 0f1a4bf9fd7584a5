/* trial_site.c - see trial_site.h. */
#include "rules/trial_site.h"

#include "base/mem.h"
#include "rules/trial_rules.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What is being built. */
struct builder {
    struct trial_site *site;
    const struct test_settings *test;
    struct model *model;
    size_t point_room;
    struct trial_place *place;
    struct err *err;
};

static int wrong(struct builder *b, struct config_pos pos, const char *what,
                 const char *name)
{
    b->place->pos = pos;
    b->place->offset = 0;
    return err_set(b->err, ERR_INPUT, "%s \"%s\"", what, name);
}

/* ---- points ---- */

static bool is_counter(const struct test_settings *test, const char *name)
{
    for (size_t i = 0; i < test->counter_count; i++)
        if (strcmp(test->counters[i], name) == 0)
            return true;
    return false;
}

/* Adds a point of the equipment that is being made. */
static struct trial_point *add_point(struct builder *b, const char *name)
{
    size_t index = b->model->point_count++;
    struct point *point = &b->model->points[index];
    int64_t three_steps_ms = 3 * b->test->step_ms;

    assert(index < b->point_room);
    *point = (struct point){
        .index = (uint32_t)index,
        .equipment = (uint32_t)b->model->equipment_count,
        .name = name,
        .unit = "",
        .kind = POINT_BOOL,
        .counter = is_counter(b->test, name),
        .period_ms = b->test->step_ms,
        .stale_after_ms = three_steps_ms < 10000 ? 10000 : three_steps_ms,
        .digits = 12,
        .builtin = strcmp(name, "online") == 0,
    };
    if (point->builtin) /* holds until its adapter says otherwise */
        point->period_ms = point->stale_after_ms = 0;
    return &b->site->points[index];
}

static int add_series(struct builder *b, const struct test_series *series)
{
    struct trial_point *point = add_point(b, series->point);

    if (trial_series_read(&point->series, series->text, &b->site->words,
                          &b->place->offset, b->err) != 0) {
        b->place->pos = series->pos;
        return err_prefix(b->err, "points.%s", series->point);
    }
    if (!point->series.valued)
        point->series.kind = trial_rule_kind(b->site->rule, series->point);
    b->model->points[b->model->point_count - 1].kind = point->series.kind;
    return 0;
}

/* `online` is the last point of every equipment. */
static int add_online(struct builder *b, const struct test_equipment *written)
{
    static const struct test_series always = {.point = "online", .text = "true"};
    const struct test_series *online = &always;

    for (size_t i = 0; written != NULL && i < written->series_count; i++)
        if (strcmp(written->series[i].point, "online") == 0)
            online = &written->series[i];
    if (add_series(b, online) != 0)
        return -1;
    if (b->model->points[b->model->point_count - 1].kind != POINT_BOOL &&
        b->site->points[b->model->point_count - 1].series.valued)
        return wrong(b, online->pos, "true or false is what stands in", "online");
    b->model->points[b->model->point_count - 1].kind = POINT_BOOL;
    return 0;
}

static int add_points(struct builder *b, const struct test_equipment *written)
{
    for (size_t i = 0; written != NULL && i < written->series_count; i++) {
        const struct test_series *series = &written->series[i];

        for (size_t k = 0; k < i; k++)
            if (strcmp(written->series[k].point, series->point) == 0)
                return wrong(b, series->pos, "two series for the point", series->point);
        if (strcmp(series->point, "online") != 0 && add_series(b, series) != 0)
            return -1;
    }
    return add_online(b, written);
}

/* ---- equipment ---- */

static int add_equipment(struct builder *b, const char *id, const char *class_name,
                         const struct test_equipment *written)
{
    struct model *model = b->model;
    struct equipment *equipment = &model->equipment[model->equipment_count];
    size_t first = model->point_count;

    *equipment = (struct equipment){
        .index = (uint32_t)model->equipment_count,
        .id = model_string(model, id),
        .class_name = class_name,
        .place = "",
        .is_link = strcmp(class_name, "link") == 0,
        .first_point = (uint32_t)first,
    };
    equipment->name = equipment->id;
    if (add_points(b, written) != 0)
        return -1;
    equipment->point_count = (uint32_t)(model->point_count - first);
    model->equipment_count++;
    return 0;
}

/* Which of the members of its relation it is, from 0. */
static size_t place_in_list(const struct test_settings *test, size_t index)
{
    size_t place = 0;

    for (size_t i = 1; i < index; i++)
        place +=
            strcmp(test->equipment[i].relation, test->equipment[index].relation) == 0;
    return place;
}

static const char *class_of(const struct builder *b, const struct test_equipment *written)
{
    if (written->class_name != NULL && written->class_name[0] != '\0')
        return written->class_name;
    /* Any will do for a rule that is for all. */
    return strcmp(b->site->rule->class_name, "*") == 0 ? "sensor"
                                                       : b->site->rule->class_name;
}

/* The stand-in of the link that a relation `link` describes, or NULL. */
static const struct test_equipment *written_link(const struct test_settings *test)
{
    for (size_t i = 1; i < test->equipment_count; i++)
        if (strcmp(test->equipment[i].relation, "link") == 0)
            return &test->equipment[i];
    return NULL;
}

static int add_all(struct builder *b)
{
    const struct test_settings *test = b->test;
    struct link *link = &b->model->links[0];

    for (size_t i = 0; i < test->equipment_count; i++) {
        const struct test_equipment *written = &test->equipment[i];
        char id[2 * TRIAL_WORD_MAX];

        if (i > 0 && strcmp(written->relation, "link") == 0)
            continue;
        if (i == 0)
            (void)snprintf(id, sizeof id, "%s", TRIAL_IT);
        else if (written->list)
            (void)snprintf(id, sizeof id, "%.60s-%zu", written->relation,
                           place_in_list(test, i) + 1);
        else
            (void)snprintf(id, sizeof id, "%.60s", written->relation);
        if (add_equipment(b, id, class_of(b, written), written) != 0)
            return -1;
    }
    *link = (struct link){.id = "link", .kind = "modbus"};
    b->model->link_count = 1;
    if (b->model->equipment[0].is_link)
        return 0;
    link->stand_in = (uint32_t)b->model->equipment_count;
    return add_equipment(b, "link", "link", written_link(test));
}

/* ---- what belongs to the first equipment ---- */

/* Members stand in the model in the order of the test, without the link. */
static void relate(struct builder *b)
{
    const struct test_settings *test = b->test;
    struct relation *relations =
        model_memory(b->model, test->equipment_count, sizeof *relations);
    struct equipment *it = &b->model->equipment[0];
    uint32_t index = 1;

    it->relations = relations;
    for (size_t i = 1; i < test->equipment_count; i++) {
        const struct test_equipment *written = &test->equipment[i];
        size_t place = place_in_list(test, i);
        struct relation *relation = &relations[it->relation_count];
        uint32_t *members;

        if (strcmp(written->relation, "link") == 0)
            continue;
        if (place > 0) { /* the members before it stand just in front of it */
            for (relation = relations; strcmp(relation->name, written->relation) != 0;)
                relation++;
            members = (uint32_t *)(uintptr_t)relation->equipment;
        } else {
            members = model_memory(b->model, test->equipment_count, sizeof *members);
            *relation = (struct relation){
                .name = written->relation, .equipment = members, .list = written->list};
            it->relation_count++;
        }
        members[relation->count++] = index++;
    }
}

static bool has_param(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->rule_count; i++)
        for (size_t k = 0; k < config->rules[i].param_count; k++)
            if (strcmp(config->rules[i].params[k].name, name) == 0)
                return true;
    return false;
}

/* The same for every equipment: a rule that is asked for has them, too. */
static int set_params(struct builder *b)
{
    const struct test_settings *test = b->test;
    struct param *params = model_memory(b->model, test->param_count, sizeof *params);

    for (size_t i = 0; i < test->param_count; i++) {
        if (!has_param(&b->site->config, test->params[i].name))
            return wrong(b, test->pos, "the rule has no parameter", test->params[i].name);
        params[i] = (struct param){test->params[i].name, test->params[i].value};
    }
    for (size_t i = 0; i < b->model->equipment_count; i++) {
        b->model->equipment[i].params = params;
        b->model->equipment[i].param_count = test->param_count;
    }
    return 0;
}

/* The points of one kind have the same names for their values, as those of a model do. */
static void set_labels(struct builder *b)
{
    const struct trial_words *words = &b->site->words;
    struct enum_label *labels = model_memory(b->model, words->count, sizeof *labels);

    for (size_t i = 0; i < words->count; i++)
        labels[i] =
            (struct enum_label){(int64_t)i, model_string(b->model, words->names[i])};
    for (size_t i = 0; i < b->model->point_count; i++) {
        struct point *point = &b->model->points[i];

        if (point->kind != POINT_ENUM)
            continue;
        point->labels = labels;
        point->label_count = words->count;
    }
}

/* ---- the whole ---- */

static int check_size(struct builder *b)
{
    const struct test_settings *test = b->test;
    size_t points = 0;

    for (size_t i = 0; i < test->equipment_count; i++)
        points += test->equipment[i].series_count + 1;
    b->point_room = points + 1; /* the link's `online` */
    if (test->equipment_count == 0 || test->equipment_count > TRIAL_EQUIPMENT_MAX ||
        points > TRIAL_POINTS_MAX)
        return wrong(b, test->pos, "1 to 64 equipments and 500 points make a test of",
                     test->rule);
    if (test->step_ms < 1)
        return wrong(b, test->pos, "no step between the samples of", test->rule);
    return 0;
}

static void begin(struct builder *b)
{
    struct model *model = model_new();
    size_t room = b->test->equipment_count + 1;

    model->site_id = "test";
    model->site_name = "Test";
    model->equipment = model_memory(model, room, sizeof *model->equipment);
    model->points = model_memory(model, b->point_room, sizeof *model->points);
    model->links = model_memory(model, 1, sizeof *model->links);
    b->model = b->site->config.model = model;
    b->site->points = mem_array(b->point_room, sizeof *b->site->points);
    b->site->config.equipment = mem_array(room, sizeof *b->site->config.equipment);
}

int trial_site_build(struct trial_site *site, const struct config *config,
                     const struct test_settings *test, struct trial_place *place,
                     struct err *err)
{
    struct builder b = {.site = site, .test = test, .place = place, .err = err};

    *site = (struct trial_site){.rule = trial_rule(config, test->rule)};
    site->config.site.timezone = test->timezone == NULL || test->timezone[0] == '\0'
                                     ? "Asia/Shanghai"
                                     : test->timezone;
    site->config.calendar = config->calendar;
    if (site->rule == NULL)
        return wrong(&b, test->pos, "there is no rule", test->rule);
    if (check_size(&b) != 0)
        return -1;
    begin(&b);
    site->config.rules = trial_rules(config, site->rule, &site->config.rule_count);
    site->rule = &site->config.rules[0];
    for (size_t i = 0; i < site->config.rule_count; i++)
        trial_rule_words(&site->config.rules[i], &site->words);
    if (add_all(&b) != 0 || set_params(&b) != 0)
        return -1;
    relate(&b);
    set_labels(&b);
    model_seal(b.model);
    return 0;
}

void trial_site_done(struct trial_site *site)
{
    size_t points = site->config.model == NULL ? 0 : site->config.model->point_count;

    for (size_t i = 0; i < points; i++)
        trial_series_done(&site->points[i].series);
    mem_free(site->points);
    mem_free(site->config.equipment);
    mem_free(site->config.rules);
    model_free(site->config.model);
    trial_words_done(&site->words);
}
