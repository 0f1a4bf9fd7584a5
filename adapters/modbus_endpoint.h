/* modbus_endpoint.h - the address of a link, read from its "modbus" key.
 *
 *   tcp://host[:port]        Modbus TCP, port 502 unless given
 *   rtu+tcp://host[:port]    RTU frames over a TCP socket (a transparent serial server)
 *   rtu:///dev/...           a serial port
 *   listen+tcp://addr:port   a device that dials in and answers Modbus TCP
 *   listen+rtu://addr:port   a device that dials in and answers RTU frames
 *
 * A host is a name, an IPv4 address or an IPv6 address in brackets. Pure. Threads: any.
 */
#ifndef ADAPTERS_MODBUS_ENDPOINT_H
#define ADAPTERS_MODBUS_ENDPOINT_H

#include "base/err.h"

#include <stdbool.h>

enum {
    ENDPOINT_HOST_MAX = 256, /* a DNS name has at most 253 */
    ENDPOINT_PORT_MAX = 6,
};

enum endpoint_kind {
    ENDPOINT_TCP,
    ENDPOINT_RTU_TCP,
    ENDPOINT_SERIAL,
    ENDPOINT_LISTEN_TCP,
    ENDPOINT_LISTEN_RTU,
};

struct modbus_endpoint {
    enum endpoint_kind kind;
    char host[ENDPOINT_HOST_MAX]; /* a serial port: the path of its device */
    char port[ENDPOINT_PORT_MAX]; /* decimal; "" for a serial port */
};

/* ERR_CONFIG when it is none of these. */
int modbus_endpoint_parse(const char *text, struct modbus_endpoint *endpoint,
                          struct err *err);

#endif
