/* publisher.c - see publisher.h. */
#include "plantsim/publisher.h"

#include "base/mem.h"
#include "base/text.h"
#include "plantsim/mqtt.h"
#include "plantsim/payload.h"

#include <unistd.h>

enum {
    PAYLOAD_MAX = 1024, /* ours have about 130 bytes */
};

struct publisher {
    struct plant *plant;
    struct mqtt *mqtt;
    struct text payload;
    struct entry {
        struct device *device;
        char *topic;
        struct mono_time due;
        bool leak; /* as published last */
    } * entries;
    size_t count;
};

struct publisher *publisher_new(struct plant *plant, const char *broker, const char *site,
                                struct err *err)
{
    /* Two simulators on one broker must not throw each other out. */
    char *client_id = mem_format("plantsim-%d", (int)getpid());
    struct mqtt *mqtt = mqtt_new(broker, client_id, err);
    struct publisher *publisher;

    mem_free(client_id);
    if (mqtt == NULL)
        return NULL;
    publisher = mem_alloc(sizeof *publisher);
    publisher->plant = plant;
    publisher->mqtt = mqtt;
    text_init(&publisher->payload, PAYLOAD_MAX);
    publisher->entries = mem_array(building_count, sizeof publisher->entries[0]);
    for (size_t i = 0; i < building_count; i++) {
        const char *topic = building[i].topic;
        struct entry *entry;

        if (topic == NULL)
            continue;
        entry = &publisher->entries[publisher->count++];
        entry->device = &plant->devices[i];
        entry->topic =
            topic[0] == '/' ? mem_format("%s%s", site, topic) : mem_strdup(topic);
    }
    return publisher;
}

void publisher_free(struct publisher *publisher)
{
    if (publisher == NULL)
        return;
    mqtt_free(publisher->mqtt);
    for (size_t i = 0; i < publisher->count; i++)
        mem_free(publisher->entries[i].topic);
    mem_free(publisher->entries);
    text_done(&publisher->payload);
    mem_free(publisher);
}

static bool is_due(const struct entry *entry, struct mono_time mono)
{
    if (!mono_before(mono, entry->due))
        return true;
    return entry->device->thing->kind == THING_CABLE &&
           entry->leak != entry->device->reading.cable.leak;
}

static void publish(struct publisher *publisher, struct entry *entry,
                    struct mono_time mono, struct wall_time now)
{
    struct device *device = entry->device;

    entry->due = mono_add_ms(mono, device->thing->period_ms);
    entry->leak = device->thing->kind == THING_CABLE && device->reading.cable.leak;
    device->requests++;
    if (plant_is_dead(publisher->plant, device))
        return;
    if (device->fault.off_clock)
        now = wall_add_ms(now, wall_diff_ms(plant_clock(publisher->plant, device),
                                            publisher->plant->world.time));
    text_clear(&publisher->payload);
    payload_write(&publisher->payload, device->thing->payload, &device->reading, now);
    if (mqtt_publish(publisher->mqtt, entry->topic, publisher->payload.data,
                     publisher->payload.length))
        device->answers++;
}

void publisher_step(struct publisher *publisher, struct mono_time mono,
                    struct wall_time now)
{
    bool off = plant_link_state(publisher->plant, LINK_BROKER) != LINK_WELL;

    mqtt_pause(publisher->mqtt, off);
    if (off || !mqtt_connected(publisher->mqtt))
        return;
    for (size_t i = 0; i < publisher->count; i++)
        if (is_due(&publisher->entries[i], mono))
            publish(publisher, &publisher->entries[i], mono, now);
}

bool publisher_connected(struct publisher *publisher)
{
    return mqtt_connected(publisher->mqtt);
}
