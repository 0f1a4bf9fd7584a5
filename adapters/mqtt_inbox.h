/* mqtt_inbox.h - what the library's callback does with a message, and what the link's
 * thread gets to read.
 *
 * The callback runs under the library's lock on a thread that serves every broker, so the
 * cheapest reasons to drop a message come first, and none of them copies or allocates:
 *
 *   1. no equipment has the topic     counted; the topic is noted (mqtt_strangers.h)
 *   2. longer than max_payload        counted
 *   3. more than max_rate of a topic  the newest waits, the one before it is counted
 *                                     (mqtt_rate.h)
 *   4. the ring is full               counted (mqtt_ring.h)
 *
 * Every message is counted once: as one of these, or by whoever takes it out.
 *
 * Threads: put from the one that receives; take and next from one; the rest from any.
 */
#ifndef ADAPTERS_MQTT_INBOX_H
#define ADAPTERS_MQTT_INBOX_H

#include "adapters/mqtt_index.h"
#include "adapters/mqtt_ring.h"
#include "adapters/mqtt_strangers.h"

struct mqtt_inbox;

struct mqtt_inbox_limits {
    int64_t max_rate; /* messages a second of one topic */
    size_t max_payload;
};

/* Borrows the index. */
struct mqtt_inbox *mqtt_inbox_new(const struct mqtt_index *index,
                                  const struct mqtt_inbox_limits *limits);
void mqtt_inbox_free(struct mqtt_inbox *inbox); /* NULL is fine; nobody may use it */

/* Fills in topic_hash, leaf and several of a copy. */
void mqtt_inbox_put(struct mqtt_inbox *inbox, const struct mqtt_message *message);

/* Waits until there is something to read, somebody calls mqtt_inbox_wake, or `until` has
 * come. */
void mqtt_inbox_take(struct mqtt_inbox *inbox, struct mono_time until);

/* The next message; borrowed until the next call. */
bool mqtt_inbox_next(struct mqtt_inbox *inbox, struct mqtt_message *message);

void mqtt_inbox_wake(struct mqtt_inbox *inbox);

/* Fills in the four counters of dropped messages. */
void mqtt_inbox_counts(struct mqtt_inbox *inbox, struct link_status *status);

size_t mqtt_inbox_strangers(struct mqtt_inbox *inbox,
                            struct link_stranger list[LINK_STRANGERS_MAX]);

/* True with the topic and length of a message that was too long, once for each time it is
 * noted. */
bool mqtt_inbox_oversize(struct mqtt_inbox *inbox, char topic[LINK_TOPIC_TEXT_MAX],
                         size_t *length);

#endif
