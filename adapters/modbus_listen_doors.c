/* modbus_listen_doors.c - doors and guests; see modbus_listen_impl.h. */
#include "adapters/modbus_listen_impl.h"

#include "adapters/modbus_transport.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 128,
    ACCEPTS_A_TURN = 16, /* of one door; guests wait meanwhile */
    PAUSE_MS = 1000,     /* of a door when no descriptor is left */
    SHOWN_BYTES = 16,    /* of what a stranger sent */
};

/* --- doors ----------------------------------------------------------------------- */

int listen_watch(int operation, int fd, uint32_t events, enum listen_event kind,
                 size_t index)
{
    struct epoll_event event = {.events = events,
                                .data.u64 = (uint64_t)kind << 32 | index};

    return epoll_ctl(listen_hall.epoll, operation, fd, &event);
}

static int bind_door(int fd, const struct addrinfo *at, const struct listen_door *door,
                     struct err *err)
{
    int on = 1;
    int off = 0;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return 0;
    return err_set(err,
                   errno == EACCES          ? ERR_DENIED
                   : errno == EADDRNOTAVAIL ? ERR_CONFIG
                                            : ERR_IO,
                   "listen at %s port %s: %m", door->host, door->port);
}

static int open_door(struct listen_door *door, struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *at = NULL;
    int rc = getaddrinfo(door->host, door->port, &hints, &at);
    int fd;

    if (rc != 0)
        return err_set(err, ERR_CONFIG, "listen at %s port %s: %s", door->host,
                       door->port, gai_strerror(rc));
    fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        (void)err_set(err, ERR_FULL, "listen at %s port %s: %m", door->host, door->port);
        goto out;
    }
    if (bind_door(fd, at, door, err) == 0 &&
        listen_watch(EPOLL_CTL_ADD, fd, EPOLLIN, LISTEN_EVENT_DOOR,
                     (size_t)(door - listen_hall.doors)) == 0) {
        door->fd = fd;
        fd = -1;
    }
out:
    if (fd >= 0)
        (void)close(fd);
    freeaddrinfo(at);
    return door->fd < 0 ? -1 : 0;
}

struct listen_door *listen_find_door(const struct listen_claim *claim, struct err *err)
{
    struct listen_door *empty = NULL;

    for (size_t i = 0; i < LISTEN_DOORS_MAX; i++) {
        struct listen_door *door = &listen_hall.doors[i];

        if (door->fd < 0)
            empty = empty == NULL ? door : empty;
        else if (strcmp(door->host, claim->address) == 0 &&
                 strcmp(door->port, claim->port) == 0)
            return door;
    }
    if (empty == NULL) {
        (void)err_set(err, ERR_FULL, "listen at %s port %s: more than %d addresses",
                      claim->address, claim->port, LISTEN_DOORS_MAX);
        return NULL;
    }
    *empty = (struct listen_door){.fd = -1};
    (void)snprintf(empty->host, sizeof empty->host, "%s", claim->address);
    (void)snprintf(empty->port, sizeof empty->port, "%s", claim->port);
    return open_door(empty, err) == 0 ? empty : NULL;
}

void listen_close_door(struct listen_door *door)
{
    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++) {
        struct listen_guest *guest = &listen_hall.guests[i];

        if (guest->fd < 0 || guest->door != (size_t)(door - listen_hall.doors))
            continue;
        (void)close(guest->fd);
        guest->fd = -1;
    }
    (void)close(door->fd);
    door->fd = -1;
}

/* --- guests ---------------------------------------------------------------------- */

static void leave_door(struct listen_guest *guest)
{
    (void)close(guest->fd);
    guest->fd = -1;
}

/* Remembers who was sent away and why. */
static void turn_away(struct listen_guest *guest, const char *why)
{
    struct listen_door *door = &listen_hall.doors[guest->door];
    char hex[3 * SHOWN_BYTES + 1] = "nothing";
    size_t shown = guest->filled < SHOWN_BYTES ? guest->filled : SHOWN_BYTES;

    for (size_t i = 0; i < shown; i++)
        (void)snprintf(hex + 3 * i, sizeof hex - 3 * i, "%02X ",
                       (unsigned char)guest->bytes[i]);
    if (shown > 0)
        hex[3 * shown - 1] = '\0';
    door->strangers++;
    door->stranger_time = wall_now();
    (void)snprintf(door->stranger, sizeof door->stranger, "%s %s, it sent %s%s",
                   guest->peer, why, hex, guest->filled > shown ? " ..." : "");
    leave_door(guest);
}

/* The seat whose registration the bytes begin with, the longest if there are several;
 * *hope: with more bytes there may be one. */
static struct listen_seat *find_seat(const struct listen_guest *guest, bool *hope)
{
    struct listen_seat *found = NULL;

    *hope = false;
    for (struct listen_seat *seat = listen_hall.seats; seat != NULL; seat = seat->next) {
        size_t known = seat->length < guest->filled ? seat->length : guest->filled;

        if (seat->door != guest->door ||
            memcmp(seat->registration, guest->bytes, known) != 0)
            continue;
        if (known < seat->length)
            *hope = true;
        else if (found == NULL || seat->length > found->length)
            found = seat;
    }
    return found;
}

void listen_set_seat(struct listen_seat *seat, int fd)
{
    if (seat->fd >= 0)
        (void)close(seat->fd);
    seat->fd = fd;
    atomic_store(&seat->waiting, fd >= 0);
}

static void sit_down(struct listen_guest *guest, struct listen_seat *seat)
{
    (void)epoll_ctl(listen_hall.epoll, EPOLL_CTL_DEL, guest->fd, NULL);
    transport_set_options(guest->fd);
    listen_set_seat(seat, guest->fd);
    seat->since = wall_now();
    seat->ever = true;
    guest->fd = -1;
}

void listen_hear_guest(size_t index)
{
    struct listen_guest *guest = &listen_hall.guests[index];
    struct listen_seat *seat;
    ssize_t got;
    bool hope;

    if (guest->fd < 0) /* its event was under way when it left */
        return;
    got = recv(guest->fd, guest->bytes + guest->filled,
               sizeof guest->bytes - guest->filled, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        turn_away(guest, "hung up");
        return;
    }
    guest->filled += (size_t)got;
    seat = find_seat(guest, &hope);
    if (seat != NULL && hope) /* "DTU-1" has come; is it "DTU-12"? */
        guest->until = mono_min(guest->until, mono_add_ms(mono_now(), LISTEN_LONGER_MS));
    else if (seat != NULL)
        sit_down(guest, seat);
    else if (!hope)
        turn_away(guest, "is unknown");
}

/* It has said what it will say. */
static void conclude(struct listen_guest *guest)
{
    bool hope;
    struct listen_seat *seat = find_seat(guest, &hope);

    if (seat != NULL)
        sit_down(guest, seat);
    else
        turn_away(guest, "did not say in time who it is");
}

static struct listen_guest *free_place(void)
{
    struct listen_guest *oldest = &listen_hall.guests[0];

    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++) {
        if (listen_hall.guests[i].fd < 0)
            return &listen_hall.guests[i];
        if (mono_before(listen_hall.guests[i].until, oldest->until))
            oldest = &listen_hall.guests[i];
    }
    /* Whoever holds his place without a word makes room. */
    turn_away(oldest, "was pushed out");
    return oldest;
}

static void welcome(size_t door, int fd, const struct sockaddr_storage *from,
                    socklen_t size)
{
    struct listen_guest *guest = free_place();
    char host[NI_MAXHOST] = "?";
    char port[NI_MAXSERV] = "?";

    *guest = (struct listen_guest){
        .fd = fd, .door = door, .until = mono_add_ms(mono_now(), LISTEN_REGISTER_MS)};
    (void)getnameinfo((const struct sockaddr *)from, size, host, sizeof host, port,
                      sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(guest->peer, sizeof guest->peer, "%.45s port %.5s", host, port);
    if (listen_watch(EPOLL_CTL_ADD, fd, EPOLLIN, LISTEN_EVENT_GUEST,
                     (size_t)(guest - listen_hall.guests)) != 0)
        leave_door(guest);
}

void listen_answer_door(size_t index)
{
    struct listen_door *door = &listen_hall.doors[index];

    for (int i = 0; i < ACCEPTS_A_TURN && door->fd >= 0; i++) {
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        int fd = accept4(door->fd, (struct sockaddr *)&from, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            welcome(index, fd, &from, size);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            door->paused = mono_add_ms(mono_now(), PAUSE_MS);
            (void)listen_watch(EPOLL_CTL_MOD, door->fd, 0, LISTEN_EVENT_DOOR, index);
        }
        return;
    }
}

struct mono_time listen_expire_guests(struct mono_time now)
{
    struct mono_time next = MONO_NEVER;

    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++) {
        struct listen_guest *guest = &listen_hall.guests[i];

        if (guest->fd >= 0 && !mono_before(now, guest->until))
            conclude(guest);
        if (guest->fd >= 0)
            next = mono_min(next, guest->until);
    }
    for (size_t i = 0; i < LISTEN_DOORS_MAX; i++) {
        struct listen_door *door = &listen_hall.doors[i];

        if (door->fd < 0 || door->paused.ns == 0)
            continue;
        if (mono_before(now, door->paused)) {
            next = mono_min(next, door->paused);
            continue;
        }
        door->paused.ns = 0;
        (void)listen_watch(EPOLL_CTL_MOD, door->fd, EPOLLIN, LISTEN_EVENT_DOOR, i);
    }
    return next;
}
