/* modbus_listen.h - devices that dial in: 4G modems behind a provider's NAT call the
 * gateway, say who they are (the registration packet), and then answer Modbus.
 *
 * Links may share a port. A connection belongs to the seat whose registration its first
 * bytes are; it may come in pieces, within LISTEN_REGISTER_MS. What is known to nobody is
 * closed, counted, and told to whoever waits for his device, with the bytes that came: a
 * mistyped registration is found by that. A device that dials in again has lost its old
 * connection, whatever that socket says, so the new one replaces it at once.
 *
 * A seat outlives its user by LISTEN_LINGER_MS, with its connection: a reload gives it to
 * the same link of the new configuration, and no device has to dial again.
 *
 * Threads: a seat has one user at a time, who may be on any thread; one thread of this
 * module's own serves all of them.
 */
#ifndef ADAPTERS_MODBUS_LISTEN_H
#define ADAPTERS_MODBUS_LISTEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    LISTEN_REGISTER_MS = 10 * 1000, /* a modem on a bad day needs a few seconds */
    LISTEN_LONGER_MS = 500, /* when one registration is the beginning of another */
    LISTEN_LINGER_MS = 10 * 1000,
    LISTEN_GUESTS_MAX = 64, /* connections that have not said who they are */
    LISTEN_DOORS_MAX = 64,  /* addresses that are listened at */
    LISTEN_REGISTRATION_MAX = 256,
};

/* What a link waits for. Copied. */
struct listen_claim {
    const char *address; /* literal: "0.0.0.0", "::" (both families), "192.168.1.2" */
    const char *port;    /* decimal */
    const char *registration;
    size_t registration_length; /* 1..LISTEN_REGISTRATION_MAX */
};

struct listen_seat;

/* Begins to listen when nobody did so there before. NULL with ERR_CONFIG (no such
 * address), ERR_IO (in use by another program), ERR_DENIED, ERR_FULL. */
struct listen_seat *listen_join(const struct listen_claim *claim, struct err *err);
void listen_leave(struct listen_seat *seat); /* NULL is fine */

/* The socket of the device, non-blocking, now the caller's; -1 with ERR_IO when none has
 * dialled in: the text says since when, and who else tried. */
int listen_take(struct listen_seat *seat, struct err *err);
/* It has dialled in (again) and can be taken. One atomic load. */
bool listen_waiting(const struct listen_seat *seat);
/* For the next user of the seat, unless a newer one waits already. */
void listen_give_back(struct listen_seat *seat, int fd);

#endif
