/* mqtt_payload.h - from the bytes of a message to the reading of a point.
 *
 * A point without `path` takes the payload itself: a number, a word, or one JSON scalar.
 * With a path the payload is a JSON document; it is parsed at most once, however many
 * points read it, and a member that is not there is no news about its point: devices send
 * what has changed. JSON null means that the device has no value.
 *
 *   point is     takes
 *   number       number, digits in a string, true and false as 1 and 0; then the
 *                sentinels (`invalid`), scale, offset and range
 *   boolean      the point's own `on` and `off` words when it has any, else the usual
 *                ones (mqtt_words.c); numbers 1 and 0; JSON true and false
 *   enum         a label's name or a whole number
 *   flags        a whole number from 0, its bits
 *   text         any scalar, cut to LIVE_TEXT_MAX bytes
 *
 * Pure: time comes in as an argument. Threads: one owner of a payload.
 */
#ifndef ADAPTERS_MQTT_PAYLOAD_H
#define ADAPTERS_MQTT_PAYLOAD_H

#include "adapters/adapter.h"
#include "adapters/mqtt_path.h"
#include "base/err.h"
#include "config/settings.h"
#include "telemetry/live.h"

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

struct mqtt_reading {
    enum quality quality;
    enum reason reason;
    double value;
    struct wall_time time; /* the device's when it is believable, else the arrival */
    bool stamped;          /* `time` is the device's */
    bool numbered;         /* the payload carries the number of the message */
    const char *problem; /* what does not fit, for REASON_DECODE; lives as the payload */
    enum payload_fault fault; /* of `problem` */
    char text[LIVE_TEXT_MAX]; /* of a text point */
};

void mqtt_payload_begin(struct mqtt_payload *payload, const char *bytes, size_t length);
void mqtt_payload_end(struct mqtt_payload *payload);

/* False when the message says nothing about the point. */
bool mqtt_payload_read(struct mqtt_payload *payload, const struct mqtt_source *source,
                       struct wall_time arrival, struct mqtt_reading *reading);

#endif
