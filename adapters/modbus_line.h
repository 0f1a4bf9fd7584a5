/* modbus_line.h - the wire of a link: what a character takes, and the silences.
 *
 * A link has a serial bus when it is one of our ports, or when its peer has one and the
 * configuration says how fast that is (`baud` on a TCP link: units behind a gateway).
 *
 * Pure. Threads: no state.
 */
#ifndef ADAPTERS_MODBUS_LINE_H
#define ADAPTERS_MODBUS_LINE_H

#include "adapters/modbus_endpoint.h"
#include "config/settings.h"

#include <stdint.h>

struct modbus_line {
    bool tcp;  /* framing is MBAP, else RTU */
    bool port; /* a serial port of ours */
    bool far;  /* its peer dials in, as a rule over a mobile network */
    bool slow; /* a bus of at most 19200 baud, or one of unknown speed behind a serial
                * server: a hole costs less than a request */
    int64_t character_ns; /* of the bus, start, parity and stop bits included; 0: none */
    int64_t silence_ns;   /* that ends a frame on the bus; 0: none */
    int64_t gap_ns;       /* silence that the gateway keeps before a request */
};

void modbus_line_of(const struct link_settings *link, enum endpoint_kind kind,
                    struct modbus_line *line);

#endif
