/* modbus_client.c - see modbus_client.h. */
#include "adapters/modbus_client.h"

#include "adapters/modbus_serial.h"
#include "adapters/modbus_transport.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MBAP_LENGTH_END = 6, /* the bytes of a TCP frame that say how long it is */
    MBAP_FRAME_MIN = 9,  /* head, unit, function and one byte: an exception */
    /* The shortest RTU frame. Fewer stray bytes are the noise of a bus changing its
     * direction; as many or more may be somebody's answer. */
    STRAY_FRAME_MIN = 5,
    QUIET_LIMIT_TIMES = 4, /* response times until a line counts as never silent */
};

struct modbus_client {
    /* fixed after new */
    const struct link_settings *link;
    const atomic_bool *stop;
    struct modbus_endpoint endpoint;
    modbus_t *context;
    int64_t character_ns;     /* on the wire; 0 but for a serial port */
    int64_t gap_ns;           /* silence before a request */
    struct link_trace *trace; /* or NULL */

    /* the connection */
    int fd;
    int lock; /* a serial port's */
    struct client_counts counts;
    uint16_t transaction;
    struct mono_time last;       /* when the line was last in use */
    struct mono_time quiet;      /* RTU: nothing is asked before; 0: in step */
    struct modbus_request asked; /* on its way; modbus_client_ask */
    size_t filled;               /* of `frame`, with what came of its answer */
    uint8_t frame[MODBUS_FRAME_MAX];
};

static bool is_serial(const struct modbus_client *client)
{
    return client->endpoint.kind == ENDPOINT_SERIAL;
}

static bool is_rtu(const struct modbus_client *client)
{
    return client->endpoint.kind != ENDPOINT_TCP;
}

bool modbus_client_is_tcp(const struct modbus_client *client)
{
    return !is_rtu(client);
}

bool modbus_client_is_slow(const struct modbus_client *client)
{
    return is_rtu(client) && client->link->baud <= 19200;
}

void modbus_client_set_trace(struct modbus_client *client, struct link_trace *trace)
{
    client->trace = trace;
}

void modbus_client_counts(const struct modbus_client *client,
                          struct client_counts *counts)
{
    *counts = client->counts;
}

static void tell(struct modbus_client *client, enum link_trace_kind kind,
                 const void *bytes, size_t length, int64_t after_us)
{
    if (client->trace != NULL && link_trace_on(client->trace))
        link_trace_frame(client->trace, kind, bytes, length, after_us);
}

bool modbus_client_connected(const struct modbus_client *client)
{
    return client->fd >= 0;
}

/* Modbus over serial line V1.02, 2.5.1.1: 3.5 characters, above 19200 baud 1.75 ms. A bus
 * behind a serial server needs the silence as well; what its bytes take on the wire is in
 * the operator's timeout. */
static void set_line_times(struct modbus_client *client)
{
    const struct link_settings *link = client->link;
    int64_t turnaround_ns = link->turnaround_ms * CLOCK_MS;
    int64_t silence_ns = 1750 * (CLOCK_MS / 1000);

    if (is_serial(client)) {
        int64_t bits =
            1 + 8 + (modbus_serial_parity(link->parity) == 'N' ? 0 : 1) + link->stop_bits;

        client->character_ns = bits * CLOCK_S / link->baud;
    }
    if (link->baud > 0 && link->baud <= 19200)
        silence_ns = 11 * CLOCK_S / link->baud * 7 / 2;
    client->gap_ns = !is_rtu(client)              ? turnaround_ns
                     : silence_ns > turnaround_ns ? silence_ns
                                                  : turnaround_ns;
}

static modbus_t *new_context(const struct modbus_client *client)
{
    const struct link_settings *link = client->link;

    switch (client->endpoint.kind) {
    case ENDPOINT_TCP: /* only its framing: the address is never dialled */
        return modbus_new_tcp("127.0.0.1", MODBUS_TCP_DEFAULT_PORT);
    case ENDPOINT_RTU_TCP: /* only its framing: the port is never opened */
        return modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
    case ENDPOINT_SERIAL:
    default:
        return modbus_new_rtu(client->endpoint.host, (int)link->baud,
                              modbus_serial_parity(link->parity), 8,
                              (int)link->stop_bits);
    }
}

struct modbus_client *modbus_client_new(const struct link_settings *link,
                                        const atomic_bool *stop, struct err *err)
{
    struct modbus_client *client = mem_alloc(sizeof *client);

    client->link = link;
    client->stop = stop;
    client->fd = client->lock = -1;
    if (modbus_endpoint_parse(link->modbus, &client->endpoint, err) != 0 ||
        (is_serial(client) && modbus_serial_check(link, err) != 0))
        goto fail;
    if (link->timeout_ms <= 0) {
        (void)err_set(err, ERR_CONFIG, "the timeout must be longer than 0");
        goto fail;
    }
    set_line_times(client);
    client->context = new_context(client);
    if (client->context == NULL) {
        (void)err_set(err, ERR_CONFIG, "libmodbus: %m");
        goto fail;
    }
    /* 0: the response timeout covers the whole frame and not each piece of it. */
    (void)modbus_set_byte_timeout(client->context, 0, 0);
    (void)modbus_set_error_recovery(client->context, MODBUS_ERROR_RECOVERY_NONE);
    return client;
fail:
    modbus_client_free(client);
    return NULL;
}

void modbus_client_free(struct modbus_client *client)
{
    if (client == NULL)
        return;
    modbus_client_close(client);
    if (client->context != NULL)
        modbus_free(client->context);
    mem_free(client);
}

static int open_serial(struct modbus_client *client, struct err *err)
{
    const char *path = client->endpoint.host;

    client->lock = transport_lock_serial(path, err);
    if (client->lock < 0)
        return -1;
    if (modbus_connect(client->context) != 0) {
        (void)err_set(err, ERR_IO, "open %s: %m", path);
        goto fail;
    }
    client->fd = modbus_get_socket(client->context);
    if (client->fd >= FD_SETSIZE) {
        (void)err_set(err, ERR_FULL, "open %s: descriptor %d is beyond libmodbus' %d",
                      path, client->fd, FD_SETSIZE - 1);
        modbus_close(client->context);
        goto fail;
    }
    transport_exclude(client->lock);
    return 0;
fail:
    transport_unlock(client->lock);
    client->lock = client->fd = -1;
    return -1;
}

int modbus_client_connect(struct modbus_client *client, struct err *err)
{
    if (client->fd >= 0)
        return 0;
    if (is_serial(client))
        return open_serial(client, err);
    client->fd =
        transport_connect(&client->endpoint, client->link->timeout_ms, client->stop, err);
    if (client->fd < 0)
        return -1;
    (void)modbus_set_socket(client->context, client->fd);
    return 0;
}

void modbus_client_close(struct modbus_client *client)
{
    if (client->fd < 0)
        return;
    if (is_serial(client)) {
        modbus_close(client->context);
        transport_unlock(client->lock);
    } else {
        (void)close(client->fd);
    }
    (void)modbus_set_socket(client->context, -1);
    client->fd = client->lock = -1;
}

/* What an errno of libmodbus means; the texts are ours, its own are not thread safe. */
static enum client_result receive_failed(int error, int64_t timeout_ms, struct err *err)
{
    switch (error) {
    case ETIMEDOUT:
        (void)err_set(err, ERR_TIMEOUT, "no answer within %lld ms",
                      (long long)timeout_ms);
        return CLIENT_TIMEOUT;
    case EMBBADCRC:
        (void)err_set(err, ERR_PROTOCOL, "checksum does not fit");
        return CLIENT_PROTOCOL;
    case EMBBADDATA:
    case EMBMDATA:
        (void)err_set(err, ERR_PROTOCOL, "answer is longer than a frame can be");
        return CLIENT_PROTOCOL;
    default:
        errno = error;
        (void)err_set(err, ERR_IO, "connection lost: %m");
        return CLIENT_LOST;
    }
}

/* Puts the link where the next request can start in step. */
static void resynchronise(struct modbus_client *client, enum client_result result,
                          struct mono_time now)
{
    if (!is_serial(client) || result == CLIENT_LOST)
        modbus_client_close(client);
    if (is_rtu(client))
        client->quiet = mono_add_ms(now, client->link->timeout_ms);
}

/* Drains the line until it was silent for a response time. */
static int quieten(struct modbus_client *client, struct mono_time from, struct err *err)
{
    int64_t silence_ms = client->link->timeout_ms;
    struct mono_time limit = mono_add_ms(from, QUIET_LIMIT_TIMES * silence_ms);

    if (transport_quiet(client->fd, client->quiet, silence_ms, limit, client->stop,
                        err) != 0)
        return -1;
    client->quiet.ns = 0;
    client->last.ns = 0;
    return 0;
}

struct mono_time modbus_client_free_at(const struct modbus_client *client,
                                       const struct modbus_request *request)
{
    int64_t gap_ns = request->gap_ms * CLOCK_MS;

    if (client->last.ns == 0)
        return (struct mono_time){0};
    return (struct mono_time){client->last.ns +
                              (gap_ns > client->gap_ns ? gap_ns : client->gap_ns)};
}

/* RTU: waits until the line is silent and in step. */
static int wait_for_line(struct modbus_client *client,
                         const struct modbus_request *request, struct err *err)
{
    struct mono_time free = modbus_client_free_at(client, request);
    struct mono_time now = mono_now();

    if (mono_before(now, client->quiet))
        return quieten(client, now, err);
    if (mono_before(now, free))
        mono_sleep_until(free);
    return 0;
}

/* Waits until the line may be used and empties it. */
static int prepare(struct modbus_client *client, const struct modbus_request *request,
                   struct err *err)
{
    ssize_t stray;

    if (wait_for_line(client, request, err) != 0)
        return -1;
    stray = transport_drain(client->fd);
    if (stray < 0)
        return err_set(err, ERR_IO, "the peer closed the connection");
    if (is_rtu(client) && stray >= STRAY_FRAME_MIN) {
        /* Somebody's answer: wait until the last of them is through. */
        client->quiet = mono_add_ms(mono_now(), client->link->timeout_ms);
        return quieten(client, client->quiet, err);
    }
    client->quiet.ns = 0;
    return 0;
}

static int send_request(struct modbus_client *client,
                        const struct modbus_request *request, struct err *err)
{
    uint8_t out[MODBUS_FRAME_MAX];
    size_t length = modbus_frame_request(request, out);
    ssize_t sent;

    if (is_serial(client)) {
        (void)modbus_set_slave(client->context, request->unit);
        /* It wants the frame without the checksum. */
        sent = modbus_send_raw_request(client->context, out, (int)length - 2);
    } else {
        if (is_rtu(client))
            (void)modbus_set_slave(client->context, request->unit);
        sent = send(client->fd, out, length, MSG_NOSIGNAL);
    }
    if (sent > 0) {
        client->counts.sent += (size_t)sent;
        tell(client, LINK_TRACE_SENT, out, (size_t)sent, 0);
    }
    if (sent == (ssize_t)length)
        return 0;
    return err_set(err, ERR_IO, "connection lost: %s%m", sent >= 0 ? "sent half: " : "");
}

int64_t modbus_client_timeout_ms(const struct modbus_client *client,
                                 const struct modbus_request *request)
{
    int64_t bytes = 8 + (int64_t)modbus_frame_answer_size(request);

    return (request->timeout_ms > 0 ? request->timeout_ms : client->link->timeout_ms) +
           (bytes * client->character_ns + CLOCK_MS - 1) / CLOCK_MS;
}

/* What the frame of `length` bytes says. */
static enum client_result judge(struct modbus_client *client,
                                const struct modbus_request *request, int length,
                                struct client_reply *reply, struct err *err)
{
    struct modbus_answer answer;

    if (length == 0) { /* of libmodbus' RTU side: the unit is another */
        (void)err_set(err, ERR_PROTOCOL, "answer of unit %u, asked unit %u",
                      client->frame[0], request->unit);
        return CLIENT_PROTOCOL;
    }
    switch (modbus_frame_check(request, client->frame, (size_t)length, &answer)) {
    case MODBUS_GOOD:
        modbus_frame_cells(request, client->frame, reply->cells);
        return CLIENT_GOOD;
    case MODBUS_EXCEPTION:
        reply->exception = answer.exception;
        (void)err_set(err, ERR_PROTOCOL, "exception %u: %s", answer.exception,
                      modbus_exception_name(answer.exception));
        return CLIENT_EXCEPTION;
    case MODBUS_WRONG:
    default:
        (void)err_set(err, ERR_PROTOCOL, "%s", answer.problem);
        return CLIENT_PROTOCOL;
    }
}

static enum client_result receive(struct modbus_client *client,
                                  const struct modbus_request *request,
                                  struct client_reply *reply, struct err *err)
{
    int64_t timeout_ms = modbus_client_timeout_ms(client, request);
    int length;

    (void)modbus_set_response_timeout(client->context, (uint32_t)(timeout_ms / 1000),
                                      (uint32_t)(timeout_ms % 1000 * 1000));
    length = modbus_receive_confirmation(client->context, client->frame);
    if (length < 0)
        return receive_failed(errno, timeout_ms, err);
    return judge(client, request, length, reply, err);
}

static enum client_result not_prepared(const struct err *err)
{
    if (err->kind == ERR_STATE)
        return CLIENT_STOPPED;
    return err->kind == ERR_PROTOCOL ? CLIENT_PROTOCOL : CLIENT_LOST;
}

enum client_result modbus_client_read(struct modbus_client *client,
                                      struct modbus_request request,
                                      struct client_reply *reply, struct err *err)
{
    enum client_result result;

    assert(client->fd >= 0);
    request.rtu = is_rtu(client);
    request.transaction = ++client->transaction;
    if (prepare(client, &request, err) != 0)
        result = not_prepared(err);
    else if (send_request(client, &request, err) != 0)
        result = CLIENT_LOST;
    else
        result = receive(client, &request, reply, err);
    reply->mono = mono_now();
    client->last = reply->mono;
    if (result != CLIENT_GOOD && result != CLIENT_EXCEPTION && result != CLIENT_STOPPED)
        resynchronise(client, result, reply->mono);
    return result;
}

/* --- without waiting --------------------------------------------------------------- */

bool modbus_client_can_share(const struct modbus_client *client)
{
    return !is_rtu(client) && client->gap_ns == 0 &&
           transport_is_literal(&client->endpoint);
}

int modbus_client_fd(const struct modbus_client *client)
{
    return client->fd;
}

int modbus_client_dial(struct modbus_client *client, struct err *err)
{
    assert(client->fd < 0);
    client->fd = transport_dial(&client->endpoint, err);
    if (client->fd < 0)
        return -1;
    (void)modbus_set_socket(client->context, client->fd);
    return 0;
}

int modbus_client_dialled(struct modbus_client *client, struct err *err)
{
    if (transport_dialled(client->fd, err) == 0)
        return 0;
    modbus_client_close(client);
    return err_prefix(err, "connect to %s:%s", client->endpoint.host,
                      client->endpoint.port);
}

enum client_result modbus_client_ask(struct modbus_client *client,
                                     struct modbus_request request, struct err *err)
{
    request.transaction = ++client->transaction;
    client->asked = request;
    client->filled = 0;
    if (send_request(client, &request, err) == 0)
        return CLIENT_GOOD;
    modbus_client_close(client);
    return CLIENT_LOST;
}

/* Takes what has arrived. CLIENT_GOOD: a whole frame; what stands behind it (devices and
 * gateways are known that answer twice) is thrown away. */
static enum client_result collect(struct modbus_client *client, struct err *err)
{
    ssize_t got = recv(client->fd, client->frame + client->filled,
                       sizeof client->frame - client->filled, MSG_DONTWAIT);
    size_t length;

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        if (got == 0)
            errno = ECONNRESET;
        (void)err_set(err, ERR_IO, "connection lost: %m");
        return CLIENT_LOST;
    }
    client->filled += got > 0 ? (size_t)got : 0;
    if (client->filled < MBAP_LENGTH_END)
        return CLIENT_WAITING;
    length = MBAP_LENGTH_END + (size_t)(client->frame[4] << 8 | client->frame[5]);
    if (length < MBAP_FRAME_MIN || length > sizeof client->frame) {
        (void)err_set(err, ERR_PROTOCOL, "answer says that it has %zu bytes", length);
        return CLIENT_PROTOCOL;
    }
    if (client->filled < length)
        return CLIENT_WAITING;
    client->filled = length;
    return CLIENT_GOOD;
}

/* The time is over: nothing came, or not all of it. */
static enum client_result too_late(const struct modbus_client *client, struct err *err)
{
    if (client->filled == 0)
        return receive_failed(ETIMEDOUT, client->link->timeout_ms, err);
    (void)err_set(err, ERR_TIMEOUT, "only %zu bytes of an answer within %lld ms",
                  client->filled, (long long)client->link->timeout_ms);
    return CLIENT_TIMEOUT;
}

enum client_result modbus_client_take(struct modbus_client *client, bool over,
                                      struct client_reply *reply, struct err *err)
{
    enum client_result result = collect(client, err);

    if (result == CLIENT_WAITING && !over)
        return CLIENT_WAITING;
    if (result == CLIENT_WAITING)
        result = too_late(client, err);
    else if (result == CLIENT_GOOD)
        result = judge(client, &client->asked, (int)client->filled, reply, err);
    reply->mono = mono_now();
    if (result != CLIENT_GOOD && result != CLIENT_EXCEPTION)
        modbus_client_close(client);
    return result;
}

void modbus_client_tidy(struct modbus_client *client)
{
    if (client->fd >= 0 && transport_drain(client->fd) < 0)
        modbus_client_close(client);
}
