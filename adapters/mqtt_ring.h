/* mqtt_ring.h - raw messages on their way from the MQTT library to the link's thread.
 *
 * The library calls back under its own lock on a thread that serves every broker, so the
 * callback only copies topic and payload in here and returns. The link's thread takes
 * everything that has come at once and reads it without any lock.
 *
 * Bounded in messages and in bytes. A full ring refuses the newest message and counts it.
 * A payload that is too large is not copied; its message comes without bytes, so that
 * its points can say so.
 *
 * Threads: mqtt_ring_put, mqtt_ring_wake and mqtt_ring_stats from any; take and next from
 * one.
 */
#ifndef ADAPTERS_MQTT_RING_H
#define ADAPTERS_MQTT_RING_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt_ring;

struct mqtt_message {
    const char *topic; /* terminated when it comes out */
    size_t topic_length;
    const char *payload;   /* terminated when it comes out; NULL: too large to be kept */
    size_t payload_length; /* as it was sent */
    bool retained;         /* the broker's memory, not news: how old is unknown */
    struct wall_time time; /* of arrival */
    struct mono_time mono;
};

struct mqtt_ring_stats {
    uint64_t accepted;
    uint64_t dropped;     /* refused because the ring was full */
    size_t high_messages; /* most that ever waited */
    size_t high_bytes;
};

/* At most `messages` and `bytes` wait to be taken; a payload longer than `payload_max` is
 * not kept. Memory grows with what really waits. */
struct mqtt_ring *mqtt_ring_new(size_t messages, size_t bytes, size_t payload_max);
void mqtt_ring_free(
    struct mqtt_ring *ring); /* NULL is fine; nobody may use it any more */

/* Copies the message in. False when it does not fit. */
bool mqtt_ring_put(struct mqtt_ring *ring, const struct mqtt_message *message);

/* Waits until there is a message, somebody calls mqtt_ring_wake, or `until` has come,
 * then takes all there is. Returns how many; what was not read of the last taking is
 * gone. */
size_t mqtt_ring_take(struct mqtt_ring *ring, struct mono_time until);

/* The next message of the last taking; borrowed until the next taking. */
bool mqtt_ring_next(struct mqtt_ring *ring, struct mqtt_message *message);

/* Makes a waiting mqtt_ring_take return at once, even with nothing in it. */
void mqtt_ring_wake(struct mqtt_ring *ring);

struct mqtt_ring_stats mqtt_ring_stats(struct mqtt_ring *ring);

#endif
