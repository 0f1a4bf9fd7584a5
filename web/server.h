/* server.h - HTTP over one listening socket, by libmicrohttpd.
 *
 * The one place that includes microhttpd.h. It reads a request with the limits of
 * web/http.h, passes it through the gate (web/gate.h), calls the handler, adds the
 * headers that every response carries, and sends the response.
 *
 * Known limits of libmicrohttpd 0.9.75: its own answers to what it cannot parse (400,
 * 414, 431, 505) carry none of our headers and end the connection; a bare LF is taken as
 * a line end; a NUL in the URL ends it. None of that matters without a proxy that reads
 * requests in another way, and the gate refuses everything else that such a proxy could
 * be fooled by.
 *
 * Threads: one of libmicrohttpd's per server, which calls the handler, but for requests
 * that wait for a device (web/aside.h).
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "web/aside.h"
#include "web/http.h"

struct server;

/* What a server does with a request. */
struct server_work {
    void *context;
    /* Fills `response`; called on the server's thread, or beside it. */
    void (*handle)(void *context, struct request *request, struct response *response);
    /* It has to wait for somebody else: it is handled beside the server's thread. */
    bool (*waits)(void *context, const struct request *request);
    struct aside *aside; /* borrowed */
};

/* Takes over `listen_fd`, also on failure. `local`: a unix socket, whose peers are known
 * by user name. */
struct server *server_open(int listen_fd, bool local, const struct server_work *work,
                           struct err *err);
void server_quiesce(struct server *server); /* takes no new connections any more */
/* Every stream must have ended (hub_stop), and all work beside the server (aside_stop).
 * NULL is fine. */
void server_close(struct server *server);

/* One end of a connection to this server, non-blocking; -1 when it cannot be made. */
int server_connect(struct server *server);

#endif
