/* web.c - see web.h.
 *
 * DESIGN: two servers (TCP, unix socket), each with a thread of libmicrohttpd's that runs
 * the handlers, and the hub's thread, which feeds the event streams and asks both
 * servers once a second whether they answer. What has to wait for a device runs beside
 * them (web/aside.h). Handlers hold the site only while they run.
 *
 * Stopping: take no connections, end the streams (hub_stop), wait for what runs beside,
 * stop the servers, free.
 */
#include "web/web.h"

#include "base/mem.h"
#include "web/listen.h"
#include "web/pulse.h"
#include "web/routes.h"
#include "web/stream.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

enum {
    WEB_SERVERS = 2,
};

struct web {
    /* fixed after open */
    struct web_options options;
    struct web_source source;
    struct hub *hub;
    struct aside *aside;
    struct server *servers[WEB_SERVERS]; /* TCP, unix socket; NULL when there is none */
    char *socket;
    char *version;
    int port;

    struct pulse pulses[WEB_SERVERS]; /* owned by the hub's thread once `alive` */
    atomic_bool alive;
    atomic_uint_fast64_t heartbeat;
};

static void handle(void *context, struct request *request, struct response *response)
{
    struct web *web = context;

    routes_handle(&web->source, &web->options, web->hub, request, response);
}

static bool waits(void *context, const struct request *request)
{
    (void)context;
    return routes_wait(request);
}

/* Called by the hub's thread once a second. */
static void beat(void *context)
{
    struct web *web = context;
    bool all = true;

    if (!atomic_load(&web->alive))
        return;
    for (size_t i = 0; i < WEB_SERVERS; i++)
        if (web->servers[i] != NULL && !pulse_step(&web->pulses[i]))
            all = false;
    if (all)
        atomic_fetch_add(&web->heartbeat, 1);
}

static int open_servers(struct web *web, const struct web_options *options,
                        struct err *err)
{
    const struct server_work work = {web, handle, waits, web->aside};
    int fd = listen_tcp(options->listen, &web->port, err);

    if (fd < 0)
        return -1;
    web->servers[0] = server_open(fd, false, &work, err);
    if (web->servers[0] == NULL)
        return -1;
    if (options->socket[0] == '\0')
        return 0;
    fd = listen_unix(options->socket, err);
    if (fd < 0)
        return -1;
    web->socket = mem_strdup(options->socket);
    web->servers[1] = server_open(fd, true, &work, err);
    return web->servers[1] == NULL ? -1 : 0;
}

struct web *web_open(const struct web_options *options, const struct web_source *source,
                     struct err *err)
{
    struct web *web = mem_alloc(sizeof *web);

    web->version = mem_strdup(options->version);
    web->options = (struct web_options){
        .listen = "", .socket = "", .version = web->version, .started = options->started};
    web->source = *source;
    web->aside = aside_new();
    web->hub = hub_open(&web->source, &web->options, beat, web, err);
    if (web->hub == NULL || open_servers(web, options, err) != 0) {
        web_close(web);
        return NULL;
    }
    for (size_t i = 0; i < WEB_SERVERS; i++)
        web->pulses[i] = (struct pulse){.server = web->servers[i], .fd = -1};
    atomic_store(&web->alive, true);
    return web;
}

void web_close(struct web *web)
{
    if (web == NULL)
        return;
    for (size_t i = 0; i < WEB_SERVERS; i++)
        server_quiesce(web->servers[i]);
    if (web->hub != NULL)
        hub_stop(web->hub);
    aside_stop(web->aside);
    if (atomic_load(&web->alive))
        for (size_t i = 0; i < WEB_SERVERS; i++)
            pulse_stop(&web->pulses[i]);
    for (size_t i = 0; i < WEB_SERVERS; i++)
        server_close(web->servers[i]);
    hub_free(web->hub);
    aside_free(web->aside);
    if (web->socket != NULL)
        (void)unlink(web->socket);
    mem_free(web->socket);
    mem_free(web->version);
    mem_free(web);
}

int web_port(const struct web *web)
{
    return web->port;
}

uint64_t web_heartbeat(const struct web *web)
{
    return atomic_load(&web->heartbeat);
}
