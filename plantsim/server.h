/* server.h - one TCP port of the building, loopback only.
 *
 * Follows the link's fault: a refusing link has no listener and drops its peers.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_SERVER_H
#define PLANTSIM_SERVER_H

#include "base/err.h"
#include "plantsim/loop.h"
#include "plantsim/plant.h"

#include <netinet/in.h>
#include <stdint.h>

enum {
    SERVER_PEERS_MAX = 32, /* of one port; the gateway needs one */
};

struct server;

/* A listening socket bound to a loopback address. ERR_IO says what to do about it. */
int server_listen(struct in_addr address, uint16_t port, int backlog, struct err *err);

/* NULL with ERR_IO when the port is taken. */
struct server *server_new(struct loop *loop, struct plant *plant, enum plant_link link,
                          uint16_t port, struct err *err);
void server_free(struct server *server); /* NULL is fine */

/* Opens or shuts the listener as the link's fault wants. */
void server_follow(struct server *server);

unsigned server_peers(const struct server *server);

#endif
