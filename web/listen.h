/* listen.h - the sockets that the web servers listen on.
 *
 * Threads: no state.
 */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include "base/err.h"

/* "127.0.0.1:8080" or "[::1]:8080"; loopback only. Returns the socket and the port that
 * it got. ERR_CONFIG when the address is malformed or not a loopback one, ERR_IO when it
 * cannot be bound. */
int listen_tcp(const char *address, int *port, struct err *err);

/* A socket file that owner and group may use. A file left over by a process that is gone
 * is replaced; ERR_CONFIG when something else is in the way, ERR_IO when somebody
 * listens there. */
int listen_unix(const char *path, struct err *err);

#endif
