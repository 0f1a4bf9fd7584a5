/* mqtt_strangers.h - the last few topics that fed nothing, so that a person sees what a
 * new device sends.
 *
 * A flood of ever new topics must cost nothing: one new topic is noted each
 * MQTT_STRANGERS_MS, and the others are only counted by the caller. The one that was
 * silent longest makes room.
 *
 * Threads: see from the thread that receives; list from any.
 */
#ifndef ADAPTERS_MQTT_STRANGERS_H
#define ADAPTERS_MQTT_STRANGERS_H

#include "adapters/adapter.h"
#include "adapters/mqtt_ring.h"

enum {
    MQTT_STRANGERS_MS = 100,
};

struct mqtt_strangers;

struct mqtt_strangers *mqtt_strangers_new(void);
void mqtt_strangers_free(struct mqtt_strangers *strangers); /* NULL is fine */

void mqtt_strangers_see(struct mqtt_strangers *strangers,
                        const struct mqtt_message *message);

/* Latest first; returns how many. */
size_t mqtt_strangers_list(struct mqtt_strangers *strangers,
                           struct link_stranger list[LINK_STRANGERS_MAX]);

#endif
