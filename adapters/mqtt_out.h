/* mqtt_out.h - what has been read from messages, on its way to the sink: counted, its
 * counters guarded, and handed on in batches.
 *
 * Threads: one owner.
 */
#ifndef ADAPTERS_MQTT_OUT_H
#define ADAPTERS_MQTT_OUT_H

#include "adapters/mqtt_points.h"
#include "adapters/mqtt_ring.h"
#include "telemetry/sample.h"

enum {
    MQTT_BATCH_SAMPLES = 1024, /* handed on in one call */
};

struct mqtt_out {
    const struct sample_sink *sink; /* of the present step */
    uint64_t samples;
    uint64_t bad_samples;
    size_t batched;
    struct sample batch[MQTT_BATCH_SAMPLES];
};

/* A step: what is put between the two is in the sink after the second. */
void mqtt_out_begin(struct mqtt_out *out, const struct sample_sink *sink);
void mqtt_out_end(struct mqtt_out *out);

/* A reading of the message that arrived then; a counter that moved as it cannot becomes
 * bad. */
void mqtt_out_reading(struct mqtt_out *out, struct mqtt_point *point,
                      const struct mqtt_message *message, struct mqtt_reading *reading);

/* A point "online". */
void mqtt_out_online(struct mqtt_out *out, uint32_t point, bool online);

/* The unit was said to be gone: none of its points has a value. */
void mqtt_out_gone(struct mqtt_out *out, const struct mqtt_points *points, uint32_t unit);

#endif
