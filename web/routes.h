/* routes.h - which handler answers what: one table.
 *
 * Threads: no state; handlers run on the servers' threads.
 */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/call.h"

/* Answers a request that passed the gate: reads its query, finds its route, holds the
 * site while the handler runs, turns a problem into JSON or a page. */
void routes_handle(const struct web_source *source, const struct web_options *options,
                   struct hub *hub, struct request *request, struct response *response);

/* True for a request whose handler waits for a device (ROUTE_WAITS). */
bool routes_wait(const struct request *request);

typedef void route_handler(const struct call *call, struct response *response);

enum route_kind {
    ROUTE_API,   /* JSON; in the index */
    ROUTE_WAITS, /* the same, but it may take seconds */
    ROUTE_PAGE,
    ROUTE_FILE, /* a piece of a page */
};

struct route {
    const char *method;
    const char *pattern; /* "/api/v1/issues/{id}/events"; {id} is one segment */
    route_handler *handler;
    enum route_kind kind;
    const char *doc;
};

/* What a path matches. `id` holds what stood for {id}, decoded; a segment that does not
 * decode matches nothing. NULL when no route has it; then `allowed` lists the methods
 * that the path would have ("" when it does not exist). */
enum {
    ROUTES_ALLOWED_SIZE = 64,
};
const struct route *routes_match(const char *method, const char *path,
                                 char id[CALL_ID_SIZE],
                                 char allowed[ROUTES_ALLOWED_SIZE]);

const struct route *routes_table(size_t *count);

#endif
