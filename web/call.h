/* call.h - what a handler gets.
 *
 * The site is held from before the handler until its response is complete, so a handler
 * may point into it freely, and must not keep anything of it.
 *
 * Threads: handlers run on the servers' threads, several at once.
 */
#ifndef WEB_CALL_H
#define WEB_CALL_H

#include "web/http.h"
#include "web/web.h"

enum {
    CALL_ID_SIZE = 128, /* longest id: an issue's (DESK_ID_SIZE) or a rule's */
};

struct hub; /* web/stream.h */

struct call {
    const struct request *request;
    const struct web_source *source;
    const struct web_options *options;
    const struct web_site *site;
    struct hub *hub;
    struct wall_time now;
    struct mono_time mono;
    char id[CALL_ID_SIZE]; /* what stood for {id} in the route, decoded */
};

#endif
