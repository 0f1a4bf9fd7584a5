/* bus_gateway.c - see bus_gateway.h. */
#include "plantsim/bus_gateway.h"

#include "base/mem.h"
#include "plantsim/exact.h"
#include "plantsim/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    IN_MAX = 1024, /* several requests of a client that does not wait */
    BUSY = 6,      /* exception: the row is full */
};

struct gateway_peer {
    struct loop_source source; /* fd -1 = free */
    struct bus_gateway *gateway;
    uint8_t in[IN_MAX];
    size_t in_length;
};

struct gateway_request {
    struct gateway_peer *peer; /* NULL: it has hung up */
    uint8_t frame[MODBUS_FRAME_MAX];
    size_t length;
};

struct bus_gateway {
    struct loop *loop;
    struct bus *bus;
    struct bus_wire wire;
    struct gateway_options options;
    struct loop_source listener;
    struct gateway_peer peers[GATEWAY_PEERS_MAX];
    struct exact_timer timer; /* end of the exchange on the wire */

    struct gateway_request row[GATEWAY_QUEUE_MAX]; /* the first is on the wire */
    size_t waiting;
    struct mono_time began;
    bool answered; /* by a device */
    uint8_t pdu[MODBUS_PDU_MAX];
    size_t pdu_length; /* 0: nothing will be said */
};

static void start_next(struct bus_gateway *gateway);

static void drop_peer(struct gateway_peer *peer)
{
    struct bus_gateway *gateway = peer->gateway;
    size_t kept = 0;

    if (peer->source.fd < 0)
        return;
    loop_remove(gateway->loop, &peer->source);
    (void)close(peer->source.fd);
    peer->source.fd = -1;
    for (size_t i = 0; i < gateway->waiting; i++) {
        struct gateway_request request = gateway->row[i];

        if (request.peer == peer && i > 0)
            continue;
        if (request.peer == peer)
            request.peer = NULL;
        gateway->row[kept++] = request;
    }
    gateway->waiting = kept;
}

static void send_answer(const struct gateway_request *request, const uint8_t *pdu,
                        size_t length)
{
    uint8_t out[MODBUS_FRAME_MAX];
    size_t size =
        modbus_tcp_wrap(out, (uint16_t)((request->frame[0] << 8) | request->frame[1]),
                        request->frame[6], pdu, length);

    if (request->peer == NULL)
        return;
    if (send(request->peer->source.fd, out, size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
        (ssize_t)size)
        drop_peer(request->peer);
}

/* The exchange that was on the wire is over. */
static void exchange_over(struct exact_timer *timer)
{
    struct bus_gateway *gateway = timer->owner;
    struct gateway_request request;

    if (gateway->waiting == 0)
        return;
    request = gateway->row[0];
    gateway->waiting--;
    memmove(&gateway->row[0], &gateway->row[1],
            gateway->waiting * sizeof gateway->row[0]);
    if (gateway->answered)
        bus_answered(gateway->bus, request.frame[6], request.frame + MODBUS_TCP_HEADER,
                     request.length - MODBUS_TCP_HEADER,
                     mono_now().ns - gateway->began.ns);
    if (gateway->pdu_length > 0)
        send_answer(&request, gateway->pdu, gateway->pdu_length);
    start_next(gateway);
}

static void start_next(struct bus_gateway *gateway)
{
    const struct gateway_request *request = &gateway->row[0];
    const struct bus_wire *wire = &gateway->wire;
    const uint8_t *pdu = request->frame + MODBUS_TCP_HEADER;
    int64_t took_ns;
    size_t length;

    if (gateway->waiting == 0)
        return;
    gateway->began = mono_now();
    length = request->length - MODBUS_TCP_HEADER;
    took_ns = (int64_t)(length + MODBUS_RTU_EXTRA) * wire->character_ns;
    gateway->pdu_length =
        bus_answer(gateway->bus, request->frame[6], pdu, length, gateway->pdu);
    gateway->answered = gateway->pdu_length > 0;
    if (gateway->answered) {
        took_ns += 2 * wire->silence_ns + wire->latency_ns +
                   (int64_t)(gateway->pdu_length + MODBUS_RTU_EXTRA) * wire->character_ns;
    } else {
        took_ns += gateway->options.timeout_ms * CLOCK_MS;
        if (gateway->options.exception)
            gateway->pdu_length =
                modbus_exception_answer(gateway->pdu, pdu[0], MODBUS_NO_RESPONSE);
    }
    exact_at(&gateway->timer, (struct mono_time){gateway->began.ns + took_ns});
}

static void take_request(struct gateway_peer *peer, const uint8_t *frame, size_t length)
{
    struct bus_gateway *gateway = peer->gateway;
    struct gateway_request request = {.peer = peer, .length = length};

    memcpy(request.frame, frame, length);
    if (gateway->waiting == GATEWAY_QUEUE_MAX) {
        uint8_t pdu[MODBUS_PDU_MAX];
        size_t size = modbus_exception_answer(pdu, frame[MODBUS_TCP_HEADER],
                                              (enum modbus_exception)BUSY);

        send_answer(&request, pdu, size);
        return;
    }
    gateway->row[gateway->waiting++] = request;
    if (gateway->waiting == 1)
        start_next(gateway);
}

static void peer_ready(struct loop_source *source, uint32_t events)
{
    struct gateway_peer *peer = source->owner;
    ssize_t got = recv(source->fd, peer->in + peer->in_length,
                       sizeof peer->in - peer->in_length, MSG_DONTWAIT);
    int length = 0;

    (void)events;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        drop_peer(peer);
        return;
    }
    peer->in_length += (size_t)got;
    while (peer->source.fd >= 0 &&
           (length = modbus_tcp_frame(peer->in, peer->in_length)) > 0) {
        take_request(peer, peer->in, (size_t)length);
        peer->in_length -= (size_t)length;
        memmove(peer->in, peer->in + length, peer->in_length);
    }
    if (length < 0)
        drop_peer(peer);
}

static struct gateway_peer *free_peer(struct bus_gateway *gateway)
{
    for (size_t i = 0; i < GATEWAY_PEERS_MAX; i++)
        if (gateway->peers[i].source.fd < 0)
            return &gateway->peers[i];
    return NULL;
}

static void listener_ready(struct loop_source *source, uint32_t events)
{
    struct bus_gateway *gateway = source->owner;
    struct gateway_peer *peer = free_peer(gateway);
    int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int one = 1;

    (void)events;
    if (fd < 0)
        return;
    if (peer == NULL) {
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    peer->source = (struct loop_source){.fd = fd, .ready = peer_ready, .owner = peer};
    peer->in_length = 0;
    if (loop_add(gateway->loop, &peer->source, EPOLLIN, NULL) != 0) {
        (void)close(fd);
        peer->source.fd = -1;
    }
}

struct bus_gateway *bus_gateway_new(struct loop *loop, struct bus *bus,
                                    const struct bus_wire *wire,
                                    const struct gateway_options *options,
                                    struct err *err)
{
    struct bus_gateway *gateway = mem_alloc(sizeof *gateway);
    const struct in_addr loopback = {htonl(INADDR_LOOPBACK)};

    gateway->loop = loop;
    gateway->bus = bus;
    gateway->wire = *wire;
    gateway->options = *options;
    gateway->timer.fire = exchange_over;
    gateway->timer.owner = gateway;
    gateway->listener =
        (struct loop_source){.fd = -1, .ready = listener_ready, .owner = gateway};
    for (size_t i = 0; i < GATEWAY_PEERS_MAX; i++) {
        gateway->peers[i].source.fd = -1;
        gateway->peers[i].gateway = gateway;
    }
    if (exact_open(&gateway->timer, loop, err) != 0)
        goto fail;
    gateway->listener.fd =
        server_listen(loopback, (uint16_t)options->port, GATEWAY_PEERS_MAX, err);
    if (gateway->listener.fd >= 0 &&
        loop_add(loop, &gateway->listener, EPOLLIN, err) == 0)
        return gateway;
fail:
    bus_gateway_free(gateway);
    return NULL;
}

void bus_gateway_free(struct bus_gateway *gateway)
{
    if (gateway == NULL)
        return;
    exact_close(&gateway->timer);
    for (size_t i = 0; i < GATEWAY_PEERS_MAX; i++)
        drop_peer(&gateway->peers[i]);
    if (gateway->listener.fd >= 0) {
        loop_remove(gateway->loop, &gateway->listener);
        (void)close(gateway->listener.fd);
    }
    mem_free(gateway);
}
