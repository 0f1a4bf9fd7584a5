/* server.c - see server.h. */
#include "plantsim/server.h"

#include "base/mem.h"
#include "plantsim/channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    struct loop_source source; /* fd -1 = free */
    struct channel channel;
    struct server *server;
};

struct server {
    struct loop *loop;
    struct plant *plant;
    enum plant_link link;
    uint16_t port;
    struct loop_source listener; /* fd -1 = shut */
    struct peer peers[SERVER_PEERS_MAX];
};

int server_listen(struct in_addr address, uint16_t port, int backlog, struct err *err)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address};
    char text[INET_ADDRSTRLEN] = "";
    int one = 1;
    int fd;

    (void)inet_ntop(AF_INET, &address, text, sizeof text);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(err, ERR_IO, "socket: %m");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, backlog) != 0) {
        (void)err_set(err, ERR_IO,
                      "cannot listen on %s:%u: %m; another plantsim? choose other ports "
                      "with --base-port",
                      text, port);
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void drop_peer(struct peer *peer)
{
    if (peer->source.fd < 0)
        return;
    channel_stop(&peer->channel);
    loop_remove(peer->server->loop, &peer->source);
    (void)close(peer->source.fd);
    peer->source.fd = -1;
}

/* Answers are small: a peer whose socket is full does not read and is dropped. */
static bool send_to_peer(void *owner, const uint8_t *bytes, size_t length)
{
    struct peer *peer = owner;
    ssize_t sent = send(peer->source.fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent == (ssize_t)length)
        return true;
    drop_peer(peer);
    return false;
}

static void peer_ready(struct loop_source *source, uint32_t events)
{
    struct peer *peer = source->owner;
    uint8_t bytes[1024];
    ssize_t got = recv(source->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)events;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || !channel_feed(&peer->channel, bytes, (size_t)got))
        drop_peer(peer);
}

static struct peer *free_peer(struct server *server)
{
    for (size_t i = 0; i < SERVER_PEERS_MAX; i++)
        if (server->peers[i].source.fd < 0)
            return &server->peers[i];
    return NULL;
}

static void listener_ready(struct loop_source *source, uint32_t events)
{
    struct server *server = source->owner;
    struct peer *peer = free_peer(server);
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
    *peer = (struct peer){
        .source = {.fd = fd, .ready = peer_ready, .owner = peer},
        .channel = {.loop = server->loop,
                    .plant = server->plant,
                    .link = server->link,
                    .framing =
                        server->link == LINK_DTU ? CHANNEL_RTU_STREAM : CHANNEL_TCP,
                    .silence_ns = 100 * CLOCK_MS,
                    .send = send_to_peer,
                    .owner = peer},
        .server = server,
    };
    channel_start(&peer->channel);
    if (loop_add(server->loop, &peer->source, EPOLLIN, NULL) != 0) {
        (void)close(fd);
        peer->source.fd = -1;
    }
}

static int open_listener(struct server *server, struct err *err)
{
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    int fd = server_listen(loopback, server->port, SERVER_PEERS_MAX, err);

    if (fd < 0)
        return -1;
    server->listener =
        (struct loop_source){.fd = fd, .ready = listener_ready, .owner = server};
    if (loop_add(server->loop, &server->listener, EPOLLIN, err) == 0)
        return 0;
    (void)close(fd);
    server->listener.fd = -1;
    return -1;
}

static void shut_listener(struct server *server)
{
    if (server->listener.fd < 0)
        return;
    loop_remove(server->loop, &server->listener);
    (void)close(server->listener.fd);
    server->listener.fd = -1;
}

struct server *server_new(struct loop *loop, struct plant *plant, enum plant_link link,
                          uint16_t port, struct err *err)
{
    struct server *server = mem_alloc(sizeof *server);

    server->loop = loop;
    server->plant = plant;
    server->link = link;
    server->port = port;
    for (size_t i = 0; i < SERVER_PEERS_MAX; i++)
        server->peers[i].source.fd = -1;
    if (open_listener(server, err) != 0) {
        mem_free(server);
        return NULL;
    }
    return server;
}

void server_free(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < SERVER_PEERS_MAX; i++)
        drop_peer(&server->peers[i]);
    shut_listener(server);
    mem_free(server);
}

void server_follow(struct server *server)
{
    if (plant_link_state(server->plant, server->link) != LINK_REFUSES) {
        if (server->listener.fd < 0)
            (void)open_listener(server, NULL); /* taken meanwhile: tried again */
        return;
    }
    shut_listener(server);
    for (size_t i = 0; i < SERVER_PEERS_MAX; i++)
        drop_peer(&server->peers[i]);
}

unsigned server_peers(const struct server *server)
{
    unsigned count = 0;

    for (size_t i = 0; i < SERVER_PEERS_MAX; i++)
        count += server->peers[i].source.fd >= 0 ? 1 : 0;
    return count;
}
