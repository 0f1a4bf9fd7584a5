/* mqtt_seen.h - which messages came already.
 *
 * With QoS 1 a broker delivers again what it does not know to have arrived: after a few
 * restarts more than half of all messages were such copies. A message whose payload
 * carries the device's time is the same one when topic and payload are the same; a small
 * table of the latest hashes finds it. Without a time in it, an equal payload is simply
 * an equal reading.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MQTT_SEEN_H
#define ADAPTERS_MQTT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt_seen;

struct mqtt_seen *mqtt_seen_new(void);
void mqtt_seen_free(struct mqtt_seen *seen); /* NULL is fine */

uint64_t mqtt_seen_hash(const char *topic, size_t topic_length, const char *payload,
                        size_t payload_length);
bool mqtt_seen_before(const struct mqtt_seen *seen, uint64_t hash);
void mqtt_seen_add(struct mqtt_seen *seen, uint64_t hash);

#endif
