/* mqtt_trouble.h - why there is no connection to a broker, in words for people.
 *
 * Pure but for mqtt_trouble_look, which opens connections (mqtt_address.h, mqtt_tls.h).
 * Threads: no state.
 */
#ifndef ADAPTERS_MQTT_TROUBLE_H
#define ADAPTERS_MQTT_TROUBLE_H

#include "adapters/mqtt_options.h"

#include <stddef.h>

/* The broker's answer to CONNECT; NULL when `code` is none. */
const char *mqtt_trouble_connack(int code);

/* One line of OpenSSL's error print ("thread:error:code:library:function:reason:..."),
 * not terminated, as "TLS: reason" with a hint where the reason alone does not help. */
void mqtt_trouble_tls(const char *line, size_t length, char *out, size_t size);

/* Finds out what the library cannot say. `out` holds what it did say, "" for nothing, and
 * keeps it when there is nothing better. Blocks for the name service and 5 s. */
void mqtt_trouble_look(const struct mqtt_options *options, char *out, size_t size);

#endif
