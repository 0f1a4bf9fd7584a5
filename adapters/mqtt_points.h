/* mqtt_points.h - what the configuration says about the equipment behind a broker.
 *
 * A unit is one equipment of the link, a point one of its points; both are numbered from
 * 0 in the order of the configuration. The index leads from a topic to points; with
 * Sparkplug B it is empty, because topics name units there (mqtt_sparkplug.h).
 *
 * Threads: read-only once built, except `heard` and `guard`: the link's thread.
 */
#ifndef ADAPTERS_MQTT_POINTS_H
#define ADAPTERS_MQTT_POINTS_H

#include "adapters/mqtt_index.h"
#include "adapters/mqtt_payload.h"
#include "config/config.h"
#include "telemetry/counter_guard.h"

struct mqtt_point {
    uint32_t point; /* in the model */
    uint32_t unit;
    bool periodic; /* it promised to report */
    bool guarded;
    bool heard; /* the device itself sent a reading, since the start */
    int64_t stale_after_ms;
    struct mqtt_source source;
    struct counter_rule rule; /* of a guarded one */
    struct counter_guard guard;
};

struct mqtt_points {
    struct mqtt_point *points;
    size_t count;
    uint32_t *unit_online; /* point "online" of each unit */
    size_t *unit_first;    /* of its points; one more says where the last ends */
    size_t unit_count;
    uint32_t link_online; /* point of the link's stand-in */
    struct mqtt_index *index;
    struct mqtt_paths *paths;
};

/* NULL with ERR_CONFIG and the equipment and point it is about. */
struct mqtt_points *mqtt_points_new(const struct config *config, uint32_t link,
                                    struct err *err);
void mqtt_points_free(struct mqtt_points *points); /* NULL is fine */

#endif
