/* modbus_transport.h - descriptors with deadlines: sockets, and the fences of a serial
 * port that libmodbus does not put up.
 *
 * libmodbus resolves no names, waits in connect as long as the kernel does, and its
 * select() ends the process at a descriptor of FD_SETSIZE or above. So it is given
 * serial ports only, and what waits is poll().
 *
 * Every wait is cut into slices of TRANSPORT_SLICE_MS and ends early when *stop is set
 * (ERR_STATE). Only resolving a name cannot be interrupted: addresses in figures need
 * none.
 *
 * Threads: any, one at a time per descriptor.
 */
#ifndef ADAPTERS_MODBUS_TRANSPORT_H
#define ADAPTERS_MODBUS_TRANSPORT_H

#include "adapters/modbus_endpoint.h"
#include "base/clock.h"

#include <stdatomic.h>
#include <sys/types.h>

enum {
    TRANSPORT_SLICE_MS = 100,
    TRANSPORT_KEEPALIVE_IDLE_S =
        30, /* a peer that vanished is noticed within a minute, */
    TRANSPORT_KEEPALIVE_STEP_S = 10, /* also on a link that is polled once an hour */
    TRANSPORT_KEEPALIVE_COUNT = 3,
    TRANSPORT_USER_TIMEOUT_MS = 10 * 1000, /* sent and not acknowledged: gone */
};

/* A connected non-blocking socket, the caller's to close; -1 with ERR_TIMEOUT, ERR_IO,
 * ERR_FULL (too many descriptors) or ERR_STATE. All addresses of the host are tried
 * within `timeout_ms`, after resolving. */
int transport_connect(const struct modbus_endpoint *endpoint, int64_t timeout_ms,
                      const atomic_bool *stop, struct err *err);

/* The same without waiting, for an address that is no name: a socket that is connecting
 * or connected, or -1. */
int transport_dial(const struct modbus_endpoint *endpoint, struct err *err);
/* Once it is writable: 0 when it is connected, -1 with why not. */
int transport_dialled(int fd, struct err *err);
/* The host is a literal address. */
bool transport_is_literal(const struct modbus_endpoint *endpoint);

/* Opens the port, takes an advisory lock and the port's exclusive mode, and returns the
 * descriptor that holds both until transport_unlock. -1 with ERR_IO: "in use" when
 * somebody else has it. */
int transport_lock_serial(const char *path, struct err *err);
void transport_exclude(int lock);
void transport_unlock(int lock); /* -1 is fine */

/* What has arrived, without waiting. 0: nothing; -1 with errno: the peer has closed, or
 * the adapter was unplugged. */
ssize_t transport_read(int fd, void *bytes, size_t size);

/* 1: ready, 0: the time has come, -1: stopped. An error of the descriptor is "ready": the
 * next call on it says which. */
int transport_wait(int fd, short events, struct mono_time until, const atomic_bool *stop);

/* Of a connected socket: no delay, and a peer that has vanished is noticed. */
void transport_set_options(int fd);

#endif
