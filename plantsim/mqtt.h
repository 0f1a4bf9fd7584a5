/* mqtt.h - a publisher that keeps itself connected.
 *
 * The one place of plantsim that includes MQTTAsync.h. Messages are handed to the
 * library while connected and dropped (and counted) while not: a meter has no memory.
 *
 * Threads: all calls from one thread; Paho's own threads only set the state.
 */
#ifndef PLANTSIM_MQTT_H
#define PLANTSIM_MQTT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt;

/* `broker`: "mqtt://127.0.0.1:1883", loopback only. Starts to connect and keeps trying.
 * ERR_INPUT for an address that is not of that form. */
struct mqtt *mqtt_new(const char *broker, const char *client_id, struct err *err);
void mqtt_free(struct mqtt *mqtt); /* disconnects; NULL is fine */

bool mqtt_connected(struct mqtt *mqtt);

/* Leaves the broker, or comes back to it. */
void mqtt_pause(struct mqtt *mqtt, bool pause);

/* True when it was accepted. QoS 1. */
bool mqtt_publish(struct mqtt *mqtt, const char *topic, const char *payload,
                  size_t length);

uint64_t mqtt_dropped(const struct mqtt *mqtt);

#endif
