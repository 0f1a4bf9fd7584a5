/* town_broker.c - see town_broker.h. */
#include "tests/sim/town_broker.h"

#include "adapters/mqtt_out.h"
#include "adapters/mqtt_points.h"
#include "adapters/mqtt_presence.h"
#include "base/mem.h"
#include "tests/sim/town_wire.h"

#include <string.h>

int town_plant_link(const char *id); /* town_plant.h cannot stand beside adapters/ */

enum {
    PAYLOAD_MAX = 1024, /* plantsim's have about 150 bytes */
    LOOK_MS = 1000,     /* between two looks for what is urgent */
};

struct publisher {
    char *topic;
    int64_t period_ms;
    struct mono_time due;
    int urgent; /* as published last */
};

struct town_broker {
    struct town_bus_use use;
    int wire;
    struct mqtt_points *points;
    struct mqtt_presence *presence;
    struct mqtt_out out;
    struct publisher *publishers;
    size_t count;
    struct text text;
    struct mono_time due;
    uint64_t seed;
    /* the message at hand */
    struct mqtt_message message;
    struct mqtt_payload payload;
};

static void on_presence(void *context, uint32_t unit, bool online)
{
    struct town_broker *broker = context;

    mqtt_out_online(&broker->out,
                    unit == MQTT_PRESENCE_LINK ? broker->points->link_online
                                               : broker->points->unit_online[unit],
                    online);
}

static void add_publishers(struct town_broker *broker, int64_t period_min_ms)
{
    broker->count = wire_publishers(broker->use.plant);
    broker->publishers = mem_array(broker->count + 1, sizeof *broker->publishers);
    for (size_t i = 0; i < broker->count; i++) {
        struct publisher *publisher = &broker->publishers[i];

        publisher->topic =
            wire_topic(broker->use.plant, i, broker->use.config->model->site_id);
        publisher->period_ms = wire_period_ms(broker->use.plant, i);
        if (publisher->period_ms < period_min_ms)
            publisher->period_ms = period_min_ms;
    }
}

struct town_broker *town_broker_new(const struct town_bus_use *use, int64_t period_min_ms,
                                    struct err *err)
{
    struct mqtt_points *points = mqtt_points_new(use->config, use->link, err);
    struct town_broker *broker;

    if (points == NULL)
        return NULL;
    broker = mem_alloc(sizeof *broker);
    broker->use = *use;
    broker->wire = town_plant_link(use->config->links[use->link].id);
    broker->points = points;
    broker->seed = use->seed;
    broker->due = mono_now();
    text_init(&broker->text, PAYLOAD_MAX);
    add_publishers(broker, period_min_ms);
    broker->presence =
        mqtt_presence_new(points->unit_count, mono_now(), on_presence, broker);
    for (size_t i = 0; i < points->count; i++)
        mqtt_presence_expect(broker->presence, points->points[i].unit,
                             points->points[i].source.settings->poll_ms);
    return broker;
}

void town_broker_free(struct town_broker *broker)
{
    if (broker == NULL)
        return;
    for (size_t i = 0; i < broker->count; i++)
        mem_free(broker->publishers[i].topic);
    mem_free(broker->publishers);
    mqtt_presence_free(broker->presence);
    mqtt_points_free(broker->points);
    text_done(&broker->text);
    mem_free(broker);
}

struct mono_time town_broker_due(const struct town_broker *broker)
{
    return broker->due;
}

void town_broker_missing(struct town_broker *broker, double part)
{
    broker->use.missing = part;
}

static void take_points(void *context, const uint32_t *points, size_t count)
{
    struct town_broker *broker = context;

    for (size_t i = 0; i < count; i++) {
        struct mqtt_point *point = &broker->points->points[points[i]];
        struct mqtt_reading reading;

        mqtt_presence_heard(broker->presence, point->unit, broker->message.mono, false);
        if (mqtt_payload_read(&broker->payload, &point->source, broker->message.time,
                              &reading))
            mqtt_out_reading(&broker->out, point, &broker->message, &reading);
    }
}

static void deliver(struct town_broker *broker, const char *topic)
{
    mqtt_payload_begin(&broker->payload, broker->text.data, broker->text.length);
    (void)mqtt_index_find(broker->points->index, topic, strlen(topic), take_points,
                          broker);
    mqtt_payload_end(&broker->payload);
}

static void publish(struct town_broker *broker, struct mono_time now, bool up)
{
    for (size_t i = 0; i < broker->count; i++) {
        struct publisher *publisher = &broker->publishers[i];
        int urgent = wire_urgent(broker->use.plant, i);

        if (mono_before(now, publisher->due) && urgent == publisher->urgent)
            continue;
        publisher->due = mono_add_ms(now, publisher->period_ms);
        publisher->urgent = urgent;
        if (up && wire_publish(broker->use.plant, i, &broker->text) &&
            (broker->use.missing <= 0 || wire_draw(&broker->seed) >= broker->use.missing))
            deliver(broker, publisher->topic);
    }
}

void town_broker_step(struct town_broker *broker, struct mono_time now,
                      struct wall_time wall)
{
    bool up = wire_up(broker->use.plant, broker->wire);

    mqtt_out_begin(&broker->out, broker->use.sink);
    broker->message = (struct mqtt_message){.time = wall, .mono = now};
    broker->due = mqtt_presence_step(broker->presence, up, now);
    publish(broker, now, up);
    mqtt_out_end(&broker->out);
    for (size_t i = 0; i < broker->count; i++)
        broker->due = mono_min(broker->due, broker->publishers[i].due);
    broker->due = mono_min(broker->due, mono_add_ms(now, LOOK_MS));
}
