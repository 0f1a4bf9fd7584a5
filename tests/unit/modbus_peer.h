/* modbus_peer.h - a Modbus device that lies on demand, in a thread of the test.
 *
 * It speaks TCP, RTU over TCP, or RTU over a pseudo-terminal. A register's value is its
 * address, so a value that belongs to another address is seen at once. One wish holds
 * for the next request and then the device is honest again; peer_unit makes a unit
 * misbehave for good.
 *
 * Over RTU, answers that are delayed go to the newest connection, as a serial server
 * hands on what its bus brings: the hardest case for the client.
 */
#ifndef TESTS_UNIT_MODBUS_PEER_H
#define TESTS_UNIT_MODBUS_PEER_H

#include "adapters/modbus_frame.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum peer_kind {
    PEER_TCP,
    PEER_RTU_TCP,
    PEER_PTY,
};

enum peer_wish {
    WISH_HONEST,
    WISH_LATE, /* by peer->late_ms */
    WISH_WRONG_UNIT,
    WISH_WRONG_TRANSACTION,
    WISH_WRONG_LENGTH,
    WISH_WRONG_FUNCTION,
    WISH_SHORT_COUNT,
    WISH_LONG_COUNT,
    WISH_BAD_CHECKSUM,
    WISH_GARBAGE, /* 300 bytes */
    WISH_DRIP,    /* a byte each 40 ms */
    WISH_ENDLESS, /* no answer, noise for 300 ms */
    WISH_SILENCE,
    WISH_CLOSE,
    WISH_HALF_THEN_CLOSE,
    WISH_TWICE,     /* in one piece, as a serial server hands it on */
    WISH_EXCEPTION, /* peer->exception */
    WISH_COUNT
};

enum {
    PEER_PENDING_MAX = 512,
    PEER_LOG_MAX = 4096,
};

struct peer_bytes {
    int64_t due_ns;
    size_t length;
    uint8_t bytes[320];
};

struct peer_request {
    uint16_t transaction;
    uint8_t unit;
    uint8_t function;
    uint16_t start;
    uint16_t count;
    int64_t at_ns;
};

struct peer {
    enum peer_kind kind;
    int listener; /* or the terminal's master */
    int fd;       /* the newest connection */
    int slave;    /* kept open, so that the master never sees a hang-up */
    uint16_t port;
    char address[96];
    pthread_t thread;
    bool running;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards everything below */
    enum peer_wish wish;
    enum peer_wish unit_wish[256];
    int64_t late_ms;
    uint8_t exception;
    uint32_t refused; /* a holding register that answers exception 2; 0: none */
    size_t requests;
    size_t connections;
    struct peer_request log[PEER_LOG_MAX]; /* to be read once it is stopped */
    struct peer_bytes pending[PEER_PENDING_MAX];
    size_t pending_count;
    uint8_t in[64];
    size_t in_length;
};

static inline void peer_queue(struct peer *peer, int64_t delay_ms, const uint8_t *bytes,
                              size_t length)
{
    struct peer_bytes *p = &peer->pending[peer->pending_count++];

    assert(peer->pending_count < PEER_PENDING_MAX && length <= sizeof p->bytes);
    p->due_ns = mono_now().ns + delay_ms * CLOCK_MS;
    p->length = length;
    memcpy(p->bytes, bytes, length);
}

/* The frame around a PDU. */
static inline size_t peer_frame(const struct peer *peer, const struct peer_request *r,
                                const uint8_t *pdu, size_t length, uint8_t *out)
{
    uint16_t crc;

    if (peer->kind == PEER_TCP) {
        const uint8_t head[7] = {(uint8_t)(r->transaction >> 8),
                                 (uint8_t)r->transaction,
                                 0,
                                 0,
                                 0,
                                 (uint8_t)(length + 1),
                                 r->unit};
        memcpy(out, head, sizeof head);
        memcpy(out + 7, pdu, length);
        return length + 7;
    }
    out[0] = r->unit;
    memcpy(out + 1, pdu, length);
    crc = modbus_crc(out, length + 1);
    out[length + 1] = (uint8_t)(crc & 0xFF);
    out[length + 2] = (uint8_t)(crc >> 8);
    return length + 3;
}

static inline size_t peer_pdu(const struct peer *peer, const struct peer_request *r,
                              enum peer_wish wish, uint8_t *pdu)
{
    uint32_t count = r->count;
    bool refused = peer->refused != 0 && r->start <= peer->refused &&
                   peer->refused < (uint32_t)r->start + r->count;

    pdu[0] = r->function;
    if (wish == WISH_EXCEPTION || refused) {
        pdu[0] |= 0x80;
        pdu[1] = wish == WISH_EXCEPTION ? peer->exception : 2;
        return 2;
    }
    count += wish == WISH_LONG_COUNT;
    count -= wish == WISH_SHORT_COUNT && count > 1;
    if (wish == WISH_WRONG_FUNCTION)
        pdu[0] = r->function == 3 ? 4 : 3;
    if (r->function <= 2) { /* a bit's value is its address modulo 2 */
        pdu[1] = (uint8_t)((count + 7) / 8);
        memset(pdu + 2, 0, pdu[1]);
        for (uint32_t i = 0; i < count; i++)
            pdu[2 + i / 8] |= (uint8_t)(((r->start + i) & 1) << (i % 8));
        return 2 + (size_t)pdu[1];
    }
    pdu[1] = (uint8_t)(2 * count);
    for (uint32_t i = 0; i < count; i++) {
        pdu[2 + 2 * i] = (uint8_t)((r->start + i) >> 8);
        pdu[3 + 2 * i] = (uint8_t)(r->start + i);
    }
    return 2 + 2 * (size_t)count;
}

static inline void peer_close(struct peer *peer)
{
    if (peer->kind == PEER_PTY || peer->fd < 0)
        return;
    (void)close(peer->fd);
    peer->fd = -1;
}

/* What the device sends, good or not. */
static inline void peer_send(struct peer *peer, enum peer_wish wish, uint8_t *frame,
                             size_t length)
{
    static const uint8_t noise[20] = {0xFF, 0xFF, 0xFF, 0x7F};
    uint8_t waste[300];

    switch ((int)wish) {
    case WISH_SILENCE:
        return;
    case WISH_LATE:
        peer_queue(peer, peer->late_ms, frame, length);
        return;
    case WISH_TWICE:
        memcpy(waste, frame, length);
        memcpy(waste + length, frame, length);
        peer_queue(peer, 0, waste, 2 * length);
        return;
    case WISH_DRIP:
        for (size_t i = 0; i < length; i++)
            peer_queue(peer, 40 * (int64_t)i, frame + i, 1);
        return;
    case WISH_ENDLESS:
        for (int i = 0; i < 30; i++)
            peer_queue(peer, 10 * i, noise, sizeof noise);
        return;
    case WISH_GARBAGE:
        for (size_t i = 0; i < sizeof waste; i++)
            waste[i] = (uint8_t)(i * 37 + 11);
        peer_queue(peer, 0, waste, sizeof waste);
        return;
    case WISH_CLOSE:
        peer_close(peer);
        return;
    case WISH_HALF_THEN_CLOSE:
        if (peer->fd >= 0 && write(peer->fd, frame, length / 2) > 0)
            peer_close(peer);
        return;
    default:
        peer_queue(peer, 0, frame, length);
    }
}

static inline void peer_answer(struct peer *peer, struct peer_request *r)
{
    enum peer_wish wish = peer->unit_wish[r->unit];
    uint8_t pdu[256];
    uint8_t frame[300];
    size_t length;

    if (peer->requests < PEER_LOG_MAX)
        peer->log[peer->requests] = *r;
    peer->requests++;
    if (peer->wish != WISH_HONEST) {
        wish = peer->wish;
        peer->wish = WISH_HONEST;
    }
    r->unit = (uint8_t)(r->unit + (wish == WISH_WRONG_UNIT ? 1 : 0));
    r->transaction =
        (uint16_t)(r->transaction - (wish == WISH_WRONG_TRANSACTION ? 1 : 0));
    length = peer_frame(peer, r, pdu, peer_pdu(peer, r, wish, pdu), frame);
    if (wish == WISH_WRONG_LENGTH)
        frame[5] = (uint8_t)(frame[5] + 9);
    if (wish == WISH_BAD_CHECKSUM)
        frame[length - 1] ^= 0x55;
    peer_send(peer, wish, frame, length);
}

static inline void peer_input(struct peer *peer)
{
    size_t whole = peer->kind == PEER_TCP ? 12 : 8;

    while (peer->in_length >= whole) {
        const uint8_t *pdu = peer->in + (peer->kind == PEER_TCP ? 7 : 1);
        struct peer_request r = {
            .transaction = (uint16_t)(peer->in[0] << 8 | peer->in[1]),
            .unit = pdu[-1],
            .function = pdu[0],
            .start = (uint16_t)(pdu[1] << 8 | pdu[2]),
            .count = (uint16_t)(pdu[3] << 8 | pdu[4]),
            .at_ns = mono_now().ns,
        };

        peer->in_length -= whole;
        memmove(peer->in, peer->in + whole, peer->in_length);
        peer_answer(peer, &r);
    }
}

static inline void peer_accept(struct peer *peer)
{
    int fd = accept(peer->listener, NULL, NULL);

    if (fd < 0)
        return;
    peer_close(peer);
    peer->fd = fd;
    peer->in_length = 0;
    if (peer->kind == PEER_TCP)
        peer->pending_count = 0; /* died with its connection */
    peer->connections++;
}

static inline void peer_read(struct peer *peer)
{
    ssize_t got =
        read(peer->fd, peer->in + peer->in_length, sizeof peer->in - peer->in_length);

    if (got > 0) {
        peer->in_length += (size_t)got;
        peer_input(peer);
    } else {
        peer_close(peer);
    }
}

static inline void peer_deliver(struct peer *peer)
{
    int64_t now_ns = mono_now().ns;
    size_t kept = 0;

    for (size_t i = 0; i < peer->pending_count; i++) {
        struct peer_bytes *p = &peer->pending[i];

        if (p->due_ns > now_ns) {
            peer->pending[kept++] = *p;
            continue;
        }
        if (peer->fd >= 0 && peer->kind != PEER_PTY)
            (void)!send(peer->fd, p->bytes, p->length, MSG_NOSIGNAL);
        else if (peer->fd >= 0)
            (void)!write(peer->fd, p->bytes, p->length);
    }
    peer->pending_count = kept;
}

static inline void *peer_run(void *context)
{
    struct peer *peer = context;

    while (!atomic_load(&peer->stop)) {
        struct pollfd items[2] = {
            {.fd = peer->fd, .events = POLLIN},
            {.fd = peer->kind == PEER_PTY ? -1 : peer->listener, .events = POLLIN}};

        (void)poll(items, 2, 2);
        (void)pthread_mutex_lock(&peer->mutex);
        if (items[1].revents != 0)
            peer_accept(peer);
        else if (items[0].revents != 0)
            peer_read(peer);
        peer_deliver(peer);
        (void)pthread_mutex_unlock(&peer->mutex);
    }
    return NULL;
}

static inline void peer_listen(struct peer *peer, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int on = 1;

    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(peer->listener, (struct sockaddr *)&at, size) != 0 ||
        listen(peer->listener, 8) != 0 ||
        getsockname(peer->listener, (struct sockaddr *)&at, &size) != 0)
        assert(!"listen");
    (void)snprintf(peer->address, sizeof peer->address, "%s://127.0.0.1:%u",
                   peer->kind == PEER_TCP ? "tcp" : "rtu+tcp", ntohs(at.sin_port));
    peer->port = ntohs(at.sin_port);
}

static inline void peer_open_terminal(struct peer *peer)
{
    struct termios raw;
    char name[64];

    if (openpty(&peer->fd, &peer->slave, name, NULL, NULL) != 0)
        assert(!"openpty");
    (void)tcgetattr(peer->slave, &raw);
    cfmakeraw(&raw);
    (void)tcsetattr(peer->slave, TCSANOW, &raw);
    (void)snprintf(peer->address, sizeof peer->address, "rtu://%s", name);
}

/* On any free port, or on `port`: that of a peer that was stopped. */
static inline void peer_start_at(struct peer *peer, enum peer_kind kind, uint16_t port)
{
    memset(peer, 0, sizeof *peer);
    peer->kind = kind;
    peer->fd = peer->listener = peer->slave = -1;
    (void)pthread_mutex_init(&peer->mutex, NULL);
    if (kind == PEER_PTY)
        peer_open_terminal(peer);
    else
        peer_listen(peer, port);
    peer->running = pthread_create(&peer->thread, NULL, peer_run, peer) == 0;
}

static inline void peer_start(struct peer *peer, enum peer_kind kind)
{
    peer_start_at(peer, kind, 0);
}

/* Fine when it has been stopped: a failed test leaves it to the teardown. */
static inline void peer_stop(struct peer *peer)
{
    if (!peer->running)
        return;
    peer->running = false;
    atomic_store(&peer->stop, true);
    (void)pthread_join(peer->thread, NULL);
    for (int i = 0; i < 3; i++) {
        int fd = (int[]){peer->fd, peer->listener, peer->slave}[i];

        if (fd >= 0)
            (void)close(fd);
    }
    (void)pthread_mutex_destroy(&peer->mutex);
}

static inline void peer_next(struct peer *peer, enum peer_wish wish)
{
    (void)pthread_mutex_lock(&peer->mutex);
    peer->wish = wish;
    (void)pthread_mutex_unlock(&peer->mutex);
}

static inline void peer_unit(struct peer *peer, uint8_t unit, enum peer_wish wish)
{
    (void)pthread_mutex_lock(&peer->mutex);
    peer->unit_wish[unit] = wish;
    (void)pthread_mutex_unlock(&peer->mutex);
}

static inline void peer_late(struct peer *peer, int64_t late_ms)
{
    (void)pthread_mutex_lock(&peer->mutex);
    peer->late_ms = late_ms;
    (void)pthread_mutex_unlock(&peer->mutex);
}

static inline void peer_exception(struct peer *peer, uint8_t code)
{
    (void)pthread_mutex_lock(&peer->mutex);
    peer->exception = code;
    (void)pthread_mutex_unlock(&peer->mutex);
}

static inline void peer_refuse(struct peer *peer, uint32_t address)
{
    (void)pthread_mutex_lock(&peer->mutex);
    peer->refused = address;
    (void)pthread_mutex_unlock(&peer->mutex);
}

static inline size_t peer_connections(struct peer *peer)
{
    size_t connections;

    (void)pthread_mutex_lock(&peer->mutex);
    connections = peer->connections;
    (void)pthread_mutex_unlock(&peer->mutex);
    return connections;
}

#endif
