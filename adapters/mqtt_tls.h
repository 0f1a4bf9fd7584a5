/* mqtt_tls.h - why a broker's TLS does not come about, in words for people.
 *
 * The MQTT library says no more than "certificate verify failed". This makes a handshake
 * of its own with the same files, and tells what was wrong with the certificate: expired,
 * signed by somebody unknown, made out to another name. Nothing is sent but the
 * handshake.
 *
 * Threads: no state. Blocks for the name service and the handshake, at most 3 s.
 */
#ifndef ADAPTERS_MQTT_TLS_H
#define ADAPTERS_MQTT_TLS_H

#include "adapters/mqtt_options.h"

#include <stdbool.h>
#include <stddef.h>

/* True with "TLS: ..." when the handshake fails for the certificate or the protocol. */
bool mqtt_tls_look(const struct mqtt_options *options, char *out, size_t size);

#endif
