/* mqtt_seen.h - which messages came already.
 *
 * With QoS 1 a broker delivers again what it does not know to have arrived: after a few
 * restarts more than half of all messages were such copies. A message is a copy when its
 * topic sent the same payload among its last MQTT_SEEN_LAST, and
 *
 *   the payload carries the device's time or the number of the message (when a clock of
 *   whole seconds stamped others since with the same time, only the last of them is
 *   known: on, off and on within a second are three messages), or
 *   the broker marks it as sent again (DUP) and the first came within the last minute, or
 *   the broker remembered it (retained) and it is the last that the topic sent: after a
 *   reconnect it says nothing new.
 *
 * Without any of these an equal payload is simply an equal reading.
 *
 * Bounded: the last MQTT_SEEN_TOPICS topics, the one silent longest is forgotten.
 *
 * Pure: time comes in as an argument. Threads: one owner.
 */
#ifndef ADAPTERS_MQTT_SEEN_H
#define ADAPTERS_MQTT_SEEN_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MQTT_SEEN_LAST = 32, /* messages of one topic; a broker has 20 under way */
    MQTT_SEEN_TOPICS = 16384,
    MQTT_SEEN_AGAIN_MS = 60 * 1000, /* the longest wait before a reconnect */
};

struct mqtt_seen;

struct mqtt_seen *mqtt_seen_new(void);
void mqtt_seen_free(struct mqtt_seen *seen); /* NULL is fine */

struct mqtt_sighting {
    uint64_t topic; /* hashes; never 0 */
    uint64_t payload;
    bool again; /* marked by the broker */
    bool retained;
    struct mono_time now;
};

/* False: it is not a copy, and was noted. Whether it carries a time or a number is only
 * known once it was read: then mqtt_seen_known says so. */
bool mqtt_seen_before(struct mqtt_seen *seen, const struct mqtt_sighting *sighting);

/* The message of the last mqtt_seen_before is known by this time of its own, or by a
 * number: 0. */
void mqtt_seen_known(struct mqtt_seen *seen, int64_t stamp_ns);

#endif
