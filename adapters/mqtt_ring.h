/* mqtt_ring.h - raw messages on their way from the MQTT library to the link's thread.
 *
 * The library calls back under its own lock on a thread that serves every broker, so the
 * callback only copies topic and payload in here and returns. The link's thread takes
 * everything that has come at once and reads it without any lock.
 *
 * Bounded in messages and in bytes. A full ring refuses the newest message and counts it;
 * from three quarters on it says that it is crowded, so that the one who fills it can be
 * choosy.
 *
 * Threads: put, wake, turn and stats from any; take and next from one.
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
    const char *payload; /* terminated when it comes out */
    size_t payload_length;
    uint64_t topic_hash;
    uint32_t leaf;         /* the first that the topic feeds: mqtt_index.h */
    bool several;          /* it may feed others as well */
    bool retained;         /* the broker's memory, not news: how old is unknown */
    bool again;            /* the broker says that it may have come before (DUP) */
    struct wall_time time; /* of arrival */
    struct mono_time mono;
};

struct mqtt_ring_stats {
    uint64_t accepted;
    uint64_t dropped;     /* refused because the ring was full */
    size_t high_messages; /* most that ever waited */
    size_t high_bytes;
};

/* At most `messages` and `bytes` wait to be taken. Memory grows with what really waits.
 */
struct mqtt_ring *mqtt_ring_new(size_t messages, size_t bytes);
void mqtt_ring_free(
    struct mqtt_ring *ring); /* NULL is fine; nobody may use it any more */

/* Copies the message in. False when it does not fit. */
bool mqtt_ring_put(struct mqtt_ring *ring, const struct mqtt_message *message,
                   bool *crowded);

/* Changes with every taking; from 1. Costs an atomic load. */
uint32_t mqtt_ring_turn(struct mqtt_ring *ring);

/* Waits until there is a message, somebody calls mqtt_ring_wake, or `until` has come,
 * then takes all there is. Returns how many; what was not read of the last taking is
 * gone. */
size_t mqtt_ring_take(struct mqtt_ring *ring, struct mono_time until);

/* When that was: what came later is not in it. */
struct mono_time mqtt_ring_taken(const struct mqtt_ring *ring);

/* The next message of the last taking; borrowed until the next taking. */
bool mqtt_ring_next(struct mqtt_ring *ring, struct mqtt_message *message);

/* Makes a waiting mqtt_ring_take return at once, even with nothing in it. */
void mqtt_ring_wake(struct mqtt_ring *ring);

struct mqtt_ring_stats mqtt_ring_stats(struct mqtt_ring *ring);

#endif
