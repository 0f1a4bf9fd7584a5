/* mqtt_payload.h - from the bytes of a message to the reading of a point.
 *
 * A point without `path` takes the payload itself: a number, a word, or one JSON scalar.
 * With a path the payload is a JSON document; it is parsed at most once, however many
 * points read it, and a member that is not there is no news about its point: devices send
 * what has changed. JSON null means that the device has no value.
 *
 * What the value means to the point: mqtt_convert.h.
 *
 * Pure: time comes in as an argument. Threads: one owner of a payload.
 */
#ifndef ADAPTERS_MQTT_PAYLOAD_H
#define ADAPTERS_MQTT_PAYLOAD_H

#include "adapters/mqtt_convert.h"
#include "adapters/mqtt_path.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a point finds its value in a payload, and what that means. */
struct mqtt_source {
    const struct point_settings *settings;
    enum point_kind kind;
    const struct mqtt_path *path; /* NULL: the payload itself */
    const struct mqtt_path *time; /* NULL: the payload carries none */
    const struct mqtt_path *sequence;
};

struct mqtt_payload {
    const char *bytes; /* borrowed */
    size_t length;
    bool parsed; /* tried: `json` or, when that is NULL, `fault` and `why` */
    struct json *json;
    enum payload_fault fault;
    struct err why;

    /* the last time stamp that was read: most points of a payload share it */
    const struct mqtt_path *time_path;
    int time_state;
    struct wall_time time;
};

void mqtt_payload_begin(struct mqtt_payload *payload, const char *bytes, size_t length);
void mqtt_payload_end(struct mqtt_payload *payload);

/* False when the message says nothing about the point. */
bool mqtt_payload_read(struct mqtt_payload *payload, const struct mqtt_source *source,
                       struct wall_time arrival, struct mqtt_reading *reading);

#endif
