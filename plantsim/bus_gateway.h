/* bus_gateway.h - the bus behind a Modbus TCP gateway: one port, many units, one request
 * on the wire at a time.
 *
 * Requests wait in a row for the bus. Each takes what it takes there: request, silence,
 * latency, answer, and the silence by which the gateway knows that the answer is
 * complete. For a dead unit the gateway waits its own time out, during which nobody else
 * is served; then it says nothing, or exception 0x0B (target failed to respond). What a
 * client that hangs up has asked is forgotten, but for what is on the wire.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_BUS_GATEWAY_H
#define PLANTSIM_BUS_GATEWAY_H

#include "plantsim/bus.h"
#include "plantsim/loop.h"

#include <netinet/in.h>

enum {
    GATEWAY_PEERS_MAX = 4,  /* what small gateways allow */
    GATEWAY_QUEUE_MAX = 16, /* requests in the row; more get exception 6, busy */
};

struct gateway_options {
    int64_t port; /* on 127.0.0.1 */
    int64_t timeout_ms;
    bool exception; /* of a dead unit */
};

struct bus_gateway;

/* `bus` is borrowed. ERR_IO when the port is taken. */
struct bus_gateway *bus_gateway_new(struct loop *loop, struct bus *bus,
                                    const struct bus_wire *wire,
                                    const struct gateway_options *options,
                                    struct err *err);
void bus_gateway_free(struct bus_gateway *gateway); /* NULL is fine */

#endif
