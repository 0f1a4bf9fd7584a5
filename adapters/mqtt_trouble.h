/* mqtt_trouble.h - why there is no connection to a broker, in words for people.
 *
 * Pure but for mqtt_trouble_look, which opens a TCP connection (mqtt_address.h).
 * Threads: no state.
 */
#ifndef ADAPTERS_MQTT_TROUBLE_H
#define ADAPTERS_MQTT_TROUBLE_H

#include "adapters/mqtt_address.h"

#include <stddef.h>

/* The broker's answer to CONNECT; NULL when `code` is none. */
const char *mqtt_trouble_connack(int code);

/* One line of OpenSSL's error print ("thread:error:code:library:function:reason:..."),
 * not terminated, as "TLS: reason" with a hint where the reason alone does not help. */
void mqtt_trouble_tls(const char *line, size_t length, char *out, size_t size);

/* Finds out what the library cannot say. Blocks for the name service and 2 s. */
void mqtt_trouble_look(const struct mqtt_address *address, char *out, size_t size);

#endif
