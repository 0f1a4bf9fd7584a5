/* mqtt_points.c - see mqtt_points.h. */
#include "adapters/mqtt_points.h"

#include "adapters/mqtt_topic.h"
#include "base/mem.h"

#include <math.h>

static uint32_t online_point(const struct equipment *equipment)
{
    return equipment->first_point + equipment->point_count - 1;
}

static void make_room(struct mqtt_points *points, const struct config *config,
                      uint32_t link)
{
    size_t count = 0;
    size_t units = 0;

    for (size_t i = 0; i < config->equipment_count; i++) {
        if (config->equipment[i].link != link)
            continue;
        count += config->equipment[i].point_count;
        units++;
    }
    points->points = mem_array(count, sizeof *points->points);
    points->unit_online = mem_array(units, sizeof *points->unit_online);
    points->unit_first = mem_array(units + 1, sizeof *points->unit_first);
}

static int set_source(struct mqtt_points *points, struct mqtt_source *source,
                      struct err *err)
{
    const struct point_settings *settings = source->settings;

    if (mqtt_paths_get(points->paths, settings->path, &source->path, err) != 0 ||
        mqtt_paths_get(points->paths, settings->time, &source->time, err) != 0)
        return -1;
    return mqtt_paths_get(points->paths, settings->sequence, &source->sequence, err);
}

/* Its own topic, or the link's pattern with its id; the point's own behind it. */
static int set_topic(struct mqtt_points *points, const struct link_settings *link,
                     const struct equipment_settings *equipment, const char *suffix,
                     struct err *err)
{
    bool own = equipment->topic[0] != '\0' || link->topics[0] == '\0';
    char *topic = mqtt_topic_join(own ? equipment->topic : link->topics, suffix);
    uint32_t number = (uint32_t)points->count;
    int result =
        own ? mqtt_filter_check(topic, err)
            : mqtt_index_add_pattern(points->index, topic, equipment->id, number, err);

    if (own && result == 0)
        mqtt_index_add(points->index, topic, number);
    mem_free(topic);
    return result;
}

/* Topic and place in the payload. */
static int set_where(struct mqtt_points *points, const struct link_settings *link,
                     const struct equipment_settings *equipment, struct mqtt_point *point,
                     struct err *err)
{
    if (set_source(points, &point->source, err) != 0)
        return -1;
    return set_topic(points, link, equipment, point->source.settings->topic, err);
}

/* What one count of the device is cannot be seen in decimal text; the scale is at least
 * as much. */
static void set_guard(struct mqtt_point *point, const struct point_settings *settings)
{
    point->rule = (struct counter_rule){.modulus = settings->modulus,
                                        .max_rate = settings->max_rate,
                                        .step = fabs(settings->scale),
                                        .resets = settings->resets};
    point->guarded = settings->counter && point->source.kind == POINT_NUMBER &&
                     counter_rule_judges(&point->rule);
}

static int add_point(struct mqtt_points *points, const struct link_settings *link,
                     const struct equipment_settings *equipment,
                     const struct point *in_model, uint32_t place, struct err *err)
{
    const struct point_settings *settings = &equipment->points[place];
    struct mqtt_point *point = &points->points[points->count];

    *point = (struct mqtt_point){
        .point = in_model->index,
        .unit = (uint32_t)points->unit_count,
        .periodic = settings->poll_ms > 0,
        .stale_after_ms = settings->stale_after_ms,
        .source = {.settings = settings, .kind = in_model->kind},
    };
    set_guard(point, settings);
    if (link->sparkplug[0] == '\0' && set_where(points, link, equipment, point, err) != 0)
        return err_prefix(err, "equipment '%s', point '%s'", equipment->id,
                          settings->name);
    points->count++;
    return 0;
}

static int add_equipment(struct mqtt_points *points, const struct config *config,
                         size_t place, struct err *err)
{
    const struct equipment_settings *settings = &config->equipment[place];
    const struct equipment *equipment = &config->model->equipment[place];
    const struct link_settings *link = &config->links[settings->link];

    for (uint32_t p = 0; p < settings->point_count; p++)
        if (add_point(points, link, settings,
                      &config->model->points[equipment->first_point + p], p, err) != 0)
            return -1;
    points->unit_online[points->unit_count++] = online_point(equipment);
    points->unit_first[points->unit_count] = points->count;
    return 0;
}

struct mqtt_points *mqtt_points_new(const struct config *config, uint32_t link,
                                    struct err *err)
{
    const struct model *model = config->model;
    struct mqtt_points *points = mem_alloc(sizeof *points);

    points->index = mqtt_index_new();
    points->paths = mqtt_paths_new();
    points->link_online = online_point(&model->equipment[model->links[link].stand_in]);
    make_room(points, config, link);
    for (size_t i = 0; i < config->equipment_count; i++) {
        if (config->equipment[i].link != link)
            continue;
        if (add_equipment(points, config, i, err) != 0) {
            mqtt_points_free(points);
            return NULL;
        }
    }
    return points;
}

void mqtt_points_free(struct mqtt_points *points)
{
    if (points == NULL)
        return;
    mqtt_index_free(points->index);
    mqtt_paths_free(points->paths);
    mem_free(points->points);
    mem_free(points->unit_online);
    mem_free(points->unit_first);
    mem_free(points);
}
