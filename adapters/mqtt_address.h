/* mqtt_address.h - where a broker is: "mqtt://host:port" and "mqtts://host:port".
 *
 * Threads: no state. mqtt_address_probe blocks for the name service and up to its
 * timeout.
 */
#ifndef ADAPTERS_MQTT_ADDRESS_H
#define ADAPTERS_MQTT_ADDRESS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    MQTT_HOST_MAX = 254, /* bytes of a host name with its terminator; RFC 1035 */
};

struct mqtt_address {
    bool tls;
    bool ipv6; /* host is an IPv6 address, without its brackets */
    char host[MQTT_HOST_MAX];
    char port[6]; /* 1883 and 8883 when none is written */
};

/* ERR_CONFIG with what is wrong. */
int mqtt_address_parse(const char *url, struct mqtt_address *address, struct err *err);

/* Opens and closes a TCP connection, to learn why the library could not: ERR_IO with the
 * system's words ("Connection refused"), ERR_TIMEOUT, or 0 when it works. */
int mqtt_address_probe(const struct mqtt_address *address, int timeout_ms,
                       struct err *err);

#endif
