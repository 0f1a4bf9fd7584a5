/* mqtt_convert.h - from one value that a device sent to the reading of a point.
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
 * Pure. Threads: no state.
 */
#ifndef ADAPTERS_MQTT_CONVERT_H
#define ADAPTERS_MQTT_CONVERT_H

#include "adapters/adapter.h"
#include "adapters/mqtt_words.h"
#include "config/settings.h"
#include "telemetry/live.h"

enum mqtt_scalar_kind {
    MQTT_SCALAR_NULL, /* the device has no value */
    MQTT_SCALAR_BOOL,
    MQTT_SCALAR_NUMBER,
    MQTT_SCALAR_WORD,
    MQTT_SCALAR_NONE, /* an object or an array, or no payload at all */
};

/* One value on its way from the payload to a reading. */
struct mqtt_scalar {
    enum mqtt_scalar_kind kind;
    double number; /* of BOOL and NUMBER */
    struct mqtt_word word;
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

/* Good, without a value, at `arrival`. */
void mqtt_reading_begin(struct mqtt_reading *reading, struct wall_time arrival);

/* Bad; `problem` (may be NULL) outlives the reading. */
void mqtt_reading_fail(struct mqtt_reading *reading, enum reason reason,
                       const char *problem);

/* Fills in the value, or why there is none, of a reading that was begun. */
void mqtt_convert(const struct mqtt_scalar *scalar, const struct point_settings *point,
                  enum point_kind kind, struct mqtt_reading *reading);

#endif
