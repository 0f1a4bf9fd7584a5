/* web.h - everything as pages: API, event stream, board, issues, report.
 *
 * One libmicrohttpd daemon for the TCP address of the configuration and one for the unix
 * socket that facilityctl uses; the same table of routes (web/routes.c) behind both.
 * Requests over TCP act as "web"; over the socket as the peer's user name.
 *
 * What is shown comes from the site, which gateway/ may swap in a reload; a handler
 * holds it from acquire to release.
 *
 * Threads: web_open and web_close from the main thread; handlers run on the server's own.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "adapters/adapter.h"
#include "base/tz.h"
#include "history/history.h"
#include "issues/desk.h"
#include "telemetry/live.h"
#include "web/tools.h"

/* One loaded configuration and the stages that run on it. */
struct web_site {
    uint64_t
        generation; /* grows with each reload: live sequences and indices start anew */
    const struct config *config;
    const struct model *model;
    struct live *live;
    struct engine *engine; /* only between lock_engine and unlock_engine */
    struct desk *desk;
    struct history *history;
    struct tz *tz;
};

struct web_source {
    void *context;
    /* The site, unchanged until release; never NULL. */
    const struct web_site *(*acquire)(void *context);
    void (*release)(void *context);
    void (*lock_engine)(void *context);
    void (*unlock_engine)(void *context);
    void (*link_status)(void *context, uint32_t link, struct link_status *status);
    /* At most `max` of the link's units; returns how many it has. */
    size_t (*link_units)(void *context, uint32_t link, struct unit_status *units,
                         size_t max);
    /* Topics of a broker that no equipment has, latest first; returns how many. */
    size_t (*link_strangers)(void *context, uint32_t link,
                             struct link_stranger strangers[LINK_STRANGERS_MAX]);
    /* True when every stage works; otherwise appends reasons as JSON strings in an array.
     */
    bool (*ready)(void *context, struct text *reasons);
    /* Prometheus text of the program's own counters. */
    void (*metrics)(void *context, struct text *out);
    struct web_tools tools;
};

struct web_options {
    const char *listen;  /* "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one */
    const char *socket;  /* path of the unix socket; "" = none */
    const char *version; /* "0.1.0" */
    struct wall_time started;
};

struct web;

/* ERR_CONFIG when the address is not a loopback one, ERR_STATE when it is
 * in use, ERR_IO when it cannot be bound. */
struct web *web_open(const struct web_options *options, const struct web_source *source,
                     struct err *err);
/* Resumes and ends every stream, then stops. NULL is fine. */
void web_close(struct web *web);

int web_port(const struct web *web);           /* the bound TCP port */
uint64_t web_heartbeat(const struct web *web); /* grows at least each second */

#endif
