/* server.c - see server.h. */
#include "web/server.h"

#include "base/mem.h"
#include "history/gzip.h"
#include "web/gate.h"
#include "web/stream.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SERVER_CONNECTIONS_MAX = 512, /* 200 streams, and pages beside them */
    SERVER_TIMEOUT_S = 30,        /* of a connection that neither sends nor takes */
    SERVER_MEMORY = 48 * 1024, /* per connection: HTTP_HEADERS_MAX and room to answer */
    SERVER_STREAM_BLOCK = 16 * 1024,
    SERVER_PACK_MIN = 1400, /* what fits a packet is not made smaller */
};

struct server {
    struct MHD_Daemon *daemon;
    bool local;
    struct server_work work;
    struct gzip *gzip; /* owned by the library's thread */
    int listen_fd;     /* -1, or what is to be closed when that thread has ended */
};

/* One request on its way. */
struct exchange {
    char *url;    /* as sent */
    char *method; /* as sent; GET stands in for HEAD in the request */
    struct request request;
    struct text body;
    struct gate_envelope envelope;
    bool begun;

    /* of one that is handled beside this thread: the connection sleeps meanwhile */
    struct server *server;
    struct MHD_Connection *connection;
    struct response *response; /* NULL: not put aside */
};

/* On every response, also errors. The pages need no more than this: no inline script or
 * style, nothing from elsewhere, no frame around them. */
static const char *const common_headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
     "connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; "
     "base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
};

/* The peer's user name on a unix socket, "web" over TCP. */
static void name_actor(struct MHD_Connection *connection, struct request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t size = sizeof peer;
    struct passwd entry;
    struct passwd *found = NULL;
    char room[1024];

    (void)snprintf(request->actor, sizeof request->actor, "web");
    if (!request->local || info == NULL)
        return;
    if (getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        (void)snprintf(request->actor, sizeof request->actor, "local");
        return;
    }
    if (getpwuid_r(peer.uid, &entry, room, sizeof room, &found) == 0 && found != NULL)
        (void)snprintf(request->actor, sizeof request->actor, "%s", entry.pw_name);
    else
        (void)snprintf(request->actor, sizeof request->actor, "uid %u", peer.uid);
}

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind,
                                    const char *key, const char *value)
{
    struct exchange *exchange = context;

    (void)kind;
    exchange->envelope.headers_bytes += strlen(key) + 4;
    if (value != NULL)
        exchange->envelope.headers_bytes += strlen(value);
    if (strcasecmp(key, MHD_HTTP_HEADER_HOST) == 0)
        exchange->envelope.hosts++;
    if (strcasecmp(key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
        exchange->envelope.content_lengths++;
    return MHD_YES;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

    return value == NULL ? "" : value;
}

static void read_headers(struct MHD_Connection *connection, struct exchange *exchange)
{
    struct request *request = &exchange->request;

    exchange->envelope.method = exchange->method;
    exchange->envelope.transfer_encoding = header(connection, "Transfer-Encoding");
    exchange->envelope.content_length = header(connection, "Content-Length");
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header, exchange);
    request->host = header(connection, "Host");
    request->origin = header(connection, "Origin");
    request->fetch_site = header(connection, "Sec-Fetch-Site");
    request->guard = header(connection, "X-Facilityd");
    request->content_type = header(connection, "Content-Type");
    request->accept = header(connection, "Accept");
    request->accept_encoding = header(connection, "Accept-Encoding");
    request->accept_language = header(connection, "Accept-Language");
    request->cookie = header(connection, "Cookie");
    request->last_event_id = header(connection, "Last-Event-ID");
}

static void split_url(struct exchange *exchange)
{
    char *query = strchr(exchange->url, '?');

    exchange->request.path = exchange->url;
    exchange->request.query_text = "";
    if (query != NULL) {
        *query = '\0';
        exchange->request.query_text = query + 1;
    }
}

static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t max)
{
    int length = stream_read(context, buffer, max);

    (void)position;
    return length < 0 ? MHD_CONTENT_READER_END_OF_STREAM : length;
}

static void close_stream(void *context)
{
    stream_close(context);
}

static void suspend(void *connection)
{
    MHD_suspend_connection(connection);
}

static void resume(void *connection)
{
    MHD_resume_connection(connection);
}

/* The library's response that carries the body of ours. */
static struct MHD_Response *carry(struct MHD_Connection *connection,
                                  struct response *response)
{
    size_t length = response->body.length;

    if (response->stream != NULL) {
        const struct stream_carrier carrier = {connection, suspend, resume};

        stream_carry(response->stream, &carrier);
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SERVER_STREAM_BLOCK,
                                                 read_stream, response->stream,
                                                 close_stream);
    }
    if (response->fixed != NULL)
        return MHD_create_response_from_buffer_with_free_callback_cls(
            response->fixed_length, (void *)(uintptr_t)response->fixed, NULL, NULL);
    return MHD_create_response_from_buffer_with_free_callback(
        length, text_take(&response->body), mem_free);
}

static enum MHD_Result send_response(struct MHD_Connection *connection,
                                     struct response *response)
{
    struct MHD_Response *carrier = carry(connection, response);
    enum MHD_Result result;

    if (carrier == NULL) { /* the library is out of memory */
        stream_close(response->stream);
        return MHD_NO;
    }
    for (size_t i = 0; i < sizeof common_headers / sizeof common_headers[0]; i++)
        (void)MHD_add_response_header(carrier, common_headers[i][0],
                                      common_headers[i][1]);
    (void)MHD_add_response_header(carrier, "Cache-Control",
                                  response->cache == NULL ? "no-store" : response->cache);
    if (response->type != NULL)
        (void)MHD_add_response_header(carrier, "Content-Type", response->type);
    for (size_t i = 0; i < response->header_count; i++)
        (void)MHD_add_response_header(carrier, response->headers[i].name,
                                      response->headers[i].value);
    result = MHD_queue_response(connection, (unsigned)response->status, carrier);
    MHD_destroy_response(carrier);
    return result;
}

/* Headers are in, the body is not: the moment to refuse. True when it may go on. */
static bool admit(struct exchange *exchange, struct response *response)
{
    uint64_t length = strtoull(exchange->envelope.content_length, NULL, 10);

    if (!gate_admit(&exchange->envelope, &exchange->request, response))
        return false;
    if (length > HTTP_BODY_MAX) {
        response_problem(response, 413, "send less", "the body has more than %d bytes",
                         HTTP_BODY_MAX);
        return false;
    }
    return true;
}

static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection,
                             const char *method, struct exchange *exchange)
{
    struct response response;
    enum MHD_Result result = MHD_YES;

    exchange->begun = true;
    exchange->method = mem_strdup(method);
    exchange->request.method = strcmp(method, "HEAD") == 0 ? "GET" : exchange->method;
    exchange->request.local = server->local;
    text_init(&exchange->body, HTTP_BODY_MAX);
    split_url(exchange);
    read_headers(connection, exchange);
    response_init(&response);
    if (!admit(exchange, &response)) {
        problem_json(&response);
        response_header(&response, "Connection", "close");
        result = send_response(connection, &response);
    }
    response_done(&response);
    return result;
}

/* "gzip" or "gzip;q=1.0" in a list; a weight of 0 refuses it. */
static bool takes_gzip(const char *accept)
{
    const char *found = strcasestr(accept, "gzip");

    return found != NULL && strncmp(found + 4, ";q=0", 4) != 0;
}

/* Text of some length goes out packed: pages shrink to a tenth. */
static void pack(struct server *server, const struct request *request,
                 struct response *response)
{
    const char *bytes =
        response->fixed != NULL ? (const char *)response->fixed : response->body.data;
    size_t length =
        response->fixed != NULL ? response->fixed_length : response->body.length;
    struct text packed;

    if (response->stream != NULL || length < SERVER_PACK_MIN)
        return;
    response_header(response, "Vary", "Accept-Encoding");
    if (!takes_gzip(request->accept_encoding))
        return;
    text_init(&packed, HTTP_ANSWER_MAX + HTTP_BODY_MAX);
    if (gzip_pack(server->gzip, bytes, length, &packed, NULL) != 0) {
        text_done(&packed);
        return;
    }
    text_done(&response->body);
    response->body = packed;
    response->fixed = NULL;
    response_header(response, "Content-Encoding", "gzip");
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection,
                              const struct exchange *exchange, struct response *response)
{
    enum MHD_Result result;

    if (strcmp(exchange->method, "HEAD") == 0 && response->stream != NULL) {
        /* The library would send the last chunk of a body that must not be there. */
        stream_close(response->stream);
        response->stream = NULL;
    }
    pack(server, &exchange->request, response);
    result = send_response(connection, response);
    response_done(response);
    return result;
}

/* Beside the server's thread. */
static void handle_aside(void *context)
{
    struct exchange *exchange = context;
    const struct server_work *work = &exchange->server->work;

    work->handle(work->context, &exchange->request, exchange->response);
    MHD_resume_connection(exchange->connection);
}

/* The library calls again when the connection is awake. */
static enum MHD_Result put_aside(struct server *server, struct MHD_Connection *connection,
                                 struct exchange *exchange)
{
    exchange->server = server;
    exchange->connection = connection;
    exchange->response = mem_alloc(sizeof *exchange->response);
    response_init(exchange->response);
    MHD_suspend_connection(connection);
    if (aside_run(server->work.aside, handle_aside, exchange))
        return MHD_YES;
    response_problem(exchange->response, 503, "try again in a moment",
                     "%d requests wait for devices already", ASIDE_MAX);
    problem_json(exchange->response);
    MHD_resume_connection(connection);
    return MHD_YES;
}

static enum MHD_Result finish(struct server *server, struct MHD_Connection *connection,
                              struct exchange *exchange)
{
    struct response response;

    if (exchange->response != NULL)
        return answer(server, connection, exchange, exchange->response);
    exchange->request.body = exchange->body.data;
    exchange->request.body_length = exchange->body.length;
    name_actor(connection, &exchange->request);
    if (server->work.waits(server->work.context, &exchange->request))
        return put_aside(server, connection, exchange);
    response_init(&response);
    server->work.handle(server->work.context, &exchange->request, &response);
    return answer(server, connection, exchange, &response);
}

/* NOLINTNEXTLINE(readability-function-size): the library wants eight parameters */
static enum MHD_Result access_handler(void *context, struct MHD_Connection *connection,
                                      const char *url, const char *method,
                                      const char *version, const char *upload,
                                      size_t *upload_size, void **state)
{
    struct exchange *exchange = *state;

    (void)url;
    (void)version;
    if (!exchange->begun)
        return begin(context, connection, method, exchange);
    if (*upload_size > 0) {
        text_add_bytes(&exchange->body, upload, *upload_size);
        *upload_size = 0;
        return exchange->body.overflow ? MHD_NO : MHD_YES;
    }
    return finish(context, connection, exchange);
}

/* The first thing that happens to a request: the URL as it was sent. */
static void *begin_exchange(void *context, const char *url,
                            struct MHD_Connection *connection)
{
    struct exchange *exchange = mem_alloc(sizeof *exchange);

    (void)context;
    (void)connection;
    exchange->url = mem_strdup(url);
    return exchange;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *exchange = *state;

    (void)context;
    (void)connection;
    (void)why;
    if (exchange == NULL)
        return;
    if (exchange->begun)
        text_done(&exchange->body);
    if (exchange->response != NULL)
        response_done(exchange->response);
    mem_free(exchange->response);
    mem_free(exchange->method);
    mem_free(exchange->url);
    mem_free(exchange);
    *state = NULL;
}

/* We decode ourselves (web/params.h); the library must not. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

struct server *server_open(int listen_fd, bool local, const struct server_work *work,
                           struct err *err)
{
    struct server *server = mem_alloc(sizeof *server);

    server->local = local;
    server->listen_fd = -1;
    server->work = *work;
    server->gzip = gzip_new();
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL,
        NULL, access_handler, server, MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)SERVER_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)SERVER_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        end_exchange, NULL, MHD_OPTION_END);
    if (server->daemon == NULL) {
        (void)err_set(err, ERR_IO, "the web server cannot be started: %m");
        (void)close(listen_fd);
        gzip_free(server->gzip);
        mem_free(server);
        return NULL;
    }
    return server;
}

void server_quiesce(struct server *server)
{
    if (server == NULL || server->listen_fd >= 0)
        return;
    /* Its thread may still look at it, and the number would be somebody else's. */
    server->listen_fd = MHD_quiesce_daemon(server->daemon);
}

void server_close(struct server *server)
{
    if (server == NULL)
        return;
    MHD_stop_daemon(server->daemon);
    if (server->listen_fd >= 0)
        (void)close(server->listen_fd);
    gzip_free(server->gzip);
    mem_free(server);
}

int server_connect(struct server *server)
{
    struct sockaddr address = {.sa_family = AF_UNIX};
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return -1;
    /* The library closes its end in any case. */
    if (MHD_add_connection(server->daemon, ends[1], &address, sizeof address) !=
        MHD_YES) {
        (void)close(ends[0]);
        return -1;
    }
    return ends[0];
}
