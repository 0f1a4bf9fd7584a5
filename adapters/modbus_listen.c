/* modbus_listen.c - see modbus_listen.h.
 *
 * DESIGN: everything stands in `hall`, under its one mutex, which is held only for calls
 * that do not wait. A door is a listening socket, a seat is what a link waits for at a
 * door, a guest is a connection that has not yet said who it is. The thread sleeps in
 * epoll for doors and guests; a connection that has found its seat is watched no more
 * until its link takes it. The thread is started by the first seat and ends, detached,
 * with the last.
 *
 * What epoll reports is an index; an event of a socket that was closed meanwhile finds
 * the next one there, which has nothing to read, and does no harm.
 */
#include "adapters/modbus_listen.h"

#include "adapters/modbus_transport.h"
#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 128,
    EVENTS_A_TURN = 64,
    ACCEPTS_A_TURN = 16, /* of one door; guests wait meanwhile */
    PAUSE_MS = 1000,     /* of a door when no descriptor is left */
    SLEEP_MAX_MS = 60 * 1000,
    STACK_BYTES = 128 * 1024,
    SHOWN_BYTES = 16, /* of what a stranger sent */
    STRANGER_TEXT_MAX = 160,
    PEER_TEXT_MAX = 64,
    EVENT_WAKE = 0, /* high half of an event; the low one is the index */
    EVENT_DOOR = 1,
    EVENT_GUEST = 2,
};

struct door {
    int fd; /* -1: free */
    char host[ENDPOINT_HOST_MAX];
    char port[ENDPOINT_PORT_MAX];
    size_t seats;
    struct mono_time paused; /* until; 0: open */
    uint64_t strangers;
    struct wall_time stranger_time;
    char stranger[STRANGER_TEXT_MAX]; /* the last one */
};

struct listen_seat {
    struct listen_seat *next;
    size_t door;
    size_t users;
    struct mono_time leaves; /* while nobody uses it */
    struct wall_time since;  /* when its last device dialled in, else when it was made */
    bool ever;
    int fd;              /* -1: nobody has dialled in */
    atomic_bool waiting; /* fd >= 0 */
    size_t length;
    char registration[LISTEN_REGISTRATION_MAX];
};

struct guest {
    int fd; /* -1: free */
    size_t door;
    struct mono_time until;
    char peer[PEER_TEXT_MAX];
    size_t filled;
    char bytes[LISTEN_REGISTRATION_MAX];
};

static struct {
    pthread_mutex_t mutex;
    bool running;
    int epoll;
    int wake;
    struct listen_seat *seats;
    struct door doors[LISTEN_DOORS_MAX];
    struct guest guests[LISTEN_GUESTS_MAX];
} hall = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* --- doors ----------------------------------------------------------------------- */

static int watch(int operation, int fd, uint32_t events, uint64_t kind, size_t index)
{
    struct epoll_event event = {.events = events, .data.u64 = kind << 32 | index};

    return epoll_ctl(hall.epoll, operation, fd, &event);
}

static int bind_door(int fd, const struct addrinfo *at, const struct door *door,
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

static int open_door(struct door *door, struct err *err)
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
        watch(EPOLL_CTL_ADD, fd, EPOLLIN, EVENT_DOOR, (size_t)(door - hall.doors)) == 0) {
        door->fd = fd;
        fd = -1;
    }
out:
    if (fd >= 0)
        (void)close(fd);
    freeaddrinfo(at);
    return door->fd < 0 ? -1 : 0;
}

static struct door *find_door(const struct listen_claim *claim, struct err *err)
{
    struct door *empty = NULL;

    for (size_t i = 0; i < LISTEN_DOORS_MAX; i++) {
        struct door *door = &hall.doors[i];

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
    *empty = (struct door){.fd = -1};
    (void)snprintf(empty->host, sizeof empty->host, "%s", claim->address);
    (void)snprintf(empty->port, sizeof empty->port, "%s", claim->port);
    return open_door(empty, err) == 0 ? empty : NULL;
}

static void close_door(struct door *door)
{
    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++) {
        struct guest *guest = &hall.guests[i];

        if (guest->fd < 0 || guest->door != (size_t)(door - hall.doors))
            continue;
        (void)close(guest->fd);
        guest->fd = -1;
    }
    (void)close(door->fd);
    door->fd = -1;
}

/* --- guests ---------------------------------------------------------------------- */

static void leave_door(struct guest *guest)
{
    (void)close(guest->fd);
    guest->fd = -1;
}

/* Remembers who was sent away and why. */
static void turn_away(struct guest *guest, const char *why)
{
    struct door *door = &hall.doors[guest->door];
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
static struct listen_seat *find_seat(const struct guest *guest, bool *hope)
{
    struct listen_seat *found = NULL;

    *hope = false;
    for (struct listen_seat *seat = hall.seats; seat != NULL; seat = seat->next) {
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

static void set_seat(struct listen_seat *seat, int fd)
{
    if (seat->fd >= 0)
        (void)close(seat->fd);
    seat->fd = fd;
    atomic_store(&seat->waiting, fd >= 0);
}

static void sit_down(struct guest *guest, struct listen_seat *seat)
{
    (void)epoll_ctl(hall.epoll, EPOLL_CTL_DEL, guest->fd, NULL);
    transport_set_options(guest->fd);
    set_seat(seat, guest->fd);
    seat->since = wall_now();
    seat->ever = true;
    guest->fd = -1;
}

static void hear(struct guest *guest)
{
    ssize_t got = recv(guest->fd, guest->bytes + guest->filled,
                       sizeof guest->bytes - guest->filled, MSG_DONTWAIT);
    struct listen_seat *seat;
    bool hope;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        turn_away(guest, "hung up");
        return;
    }
    guest->filled += (size_t)got;
    seat = find_seat(guest, &hope);
    if (seat != NULL)
        sit_down(guest, seat);
    else if (!hope)
        turn_away(guest, "is unknown");
}

static struct guest *free_place(void)
{
    struct guest *oldest = &hall.guests[0];

    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++) {
        if (hall.guests[i].fd < 0)
            return &hall.guests[i];
        if (mono_before(hall.guests[i].until, oldest->until))
            oldest = &hall.guests[i];
    }
    /* Whoever holds his place without a word makes room. */
    turn_away(oldest, "was pushed out");
    return oldest;
}

static void welcome(size_t door, int fd, const struct sockaddr_storage *from,
                    socklen_t size)
{
    struct guest *guest = free_place();
    char host[NI_MAXHOST] = "?";
    char port[NI_MAXSERV] = "?";

    *guest = (struct guest){
        .fd = fd, .door = door, .until = mono_add_ms(mono_now(), LISTEN_REGISTER_MS)};
    (void)getnameinfo((const struct sockaddr *)from, size, host, sizeof host, port,
                      sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(guest->peer, sizeof guest->peer, "%.45s port %.5s", host, port);
    if (watch(EPOLL_CTL_ADD, fd, EPOLLIN, EVENT_GUEST, (size_t)(guest - hall.guests)) !=
        0)
        leave_door(guest);
}

static void answer_door(size_t index)
{
    struct door *door = &hall.doors[index];

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
            (void)watch(EPOLL_CTL_MOD, door->fd, 0, EVENT_DOOR, index);
        }
        return;
    }
}

/* --- the thread ------------------------------------------------------------------ */

static void free_seat(struct listen_seat **at)
{
    struct listen_seat *seat = *at;
    struct door *door = &hall.doors[seat->door];

    *at = seat->next;
    set_seat(seat, -1);
    if (--door->seats == 0)
        close_door(door);
    mem_free(seat);
}

static struct mono_time expire_seats(struct mono_time now)
{
    struct mono_time next = mono_add_ms(now, SLEEP_MAX_MS);
    struct listen_seat **at = &hall.seats;

    while (*at != NULL) {
        if ((*at)->users == 0 && !mono_before(now, (*at)->leaves)) {
            free_seat(at);
            continue;
        }
        if ((*at)->users == 0)
            next = mono_min(next, (*at)->leaves);
        at = &(*at)->next;
    }
    return next;
}

/* What the time has come for; when it will come for the next. */
static struct mono_time expire(struct mono_time now)
{
    struct mono_time next = expire_seats(now);

    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++) {
        struct guest *guest = &hall.guests[i];

        if (guest->fd >= 0 && !mono_before(now, guest->until))
            turn_away(guest, "did not say in time who it is");
        if (guest->fd >= 0)
            next = mono_min(next, guest->until);
    }
    for (size_t i = 0; i < LISTEN_DOORS_MAX; i++) {
        struct door *door = &hall.doors[i];

        if (door->fd < 0 || door->paused.ns == 0)
            continue;
        if (mono_before(now, door->paused)) {
            next = mono_min(next, door->paused);
            continue;
        }
        door->paused.ns = 0;
        (void)watch(EPOLL_CTL_MOD, door->fd, EPOLLIN, EVENT_DOOR, i);
    }
    return next;
}

static void handle(const struct epoll_event *event)
{
    size_t index = event->data.u64 & UINT32_MAX;
    uint64_t rung;

    switch (event->data.u64 >> 32) {
    case EVENT_DOOR:
        answer_door(index);
        break;
    case EVENT_GUEST:
        if (hall.guests[index].fd >= 0)
            hear(&hall.guests[index]);
        break;
    case EVENT_WAKE:
    default:
        (void)!read(hall.wake, &rung, sizeof rung);
    }
}

static void *serve(void *context)
{
    struct epoll_event events[EVENTS_A_TURN];

    (void)context;
    (void)prctl(PR_SET_NAME, "dial-in");
    (void)pthread_mutex_lock(&hall.mutex);
    for (;;) {
        struct mono_time now = mono_now();
        struct mono_time next = expire(now);
        int count;

        if (hall.seats == NULL)
            break;
        (void)pthread_mutex_unlock(&hall.mutex);
        count = epoll_wait(hall.epoll, events, EVENTS_A_TURN,
                           (int)mono_diff_ms(next, now) + 1);
        (void)pthread_mutex_lock(&hall.mutex);
        for (int i = 0; i < count; i++)
            handle(&events[i]);
    }
    (void)close(hall.epoll);
    (void)close(hall.wake);
    hall.running = false;
    (void)pthread_mutex_unlock(&hall.mutex);
    return NULL;
}

static int start_thread(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    int rc;

    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(&thread, &attr, serve, NULL);
    (void)pthread_attr_destroy(&attr);
    return rc;
}

/* The caller holds the mutex, and adds a seat before it lets go of it. */
static int start(struct err *err)
{
    if (hall.running)
        return 0;
    for (size_t i = 0; i < LISTEN_DOORS_MAX; i++)
        hall.doors[i].fd = -1;
    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++)
        hall.guests[i].fd = -1;
    hall.epoll = epoll_create1(EPOLL_CLOEXEC);
    hall.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (hall.epoll >= 0 && hall.wake >= 0 &&
        watch(EPOLL_CTL_ADD, hall.wake, EPOLLIN, EVENT_WAKE, 0) == 0 &&
        start_thread() == 0) {
        hall.running = true;
        return 0;
    }
    (void)err_set(err, ERR_FULL, "the thread for devices that dial in: %m");
    if (hall.epoll >= 0)
        (void)close(hall.epoll);
    if (hall.wake >= 0)
        (void)close(hall.wake);
    return -1;
}

/* --- seats ----------------------------------------------------------------------- */

static struct listen_seat *existing_seat(size_t door, const struct listen_claim *claim)
{
    struct listen_seat *seat = hall.seats;

    while (seat != NULL &&
           (seat->door != door || seat->length != claim->registration_length ||
            memcmp(seat->registration, claim->registration, seat->length) != 0))
        seat = seat->next;
    return seat;
}

static struct listen_seat *join(const struct listen_claim *claim, struct err *err)
{
    struct door *door = find_door(claim, err);
    struct listen_seat *seat;
    size_t index;

    if (door == NULL)
        return NULL;
    index = (size_t)(door - hall.doors);
    seat = existing_seat(index, claim);
    if (seat == NULL) {
        seat = mem_alloc(sizeof *seat);
        seat->door = index;
        seat->fd = -1;
        seat->since = wall_now();
        seat->length = claim->registration_length;
        memcpy(seat->registration, claim->registration, seat->length);
        seat->next = hall.seats;
        hall.seats = seat;
        door->seats++;
    }
    seat->users++;
    return seat;
}

static void ring(void)
{
    uint64_t one = 1;

    (void)!write(hall.wake, &one, sizeof one);
}

struct listen_seat *listen_join(const struct listen_claim *claim, struct err *err)
{
    struct listen_seat *seat = NULL;

    assert(claim->registration_length > 0 &&
           claim->registration_length <= LISTEN_REGISTRATION_MAX);
    (void)pthread_mutex_lock(&hall.mutex);
    if (start(err) == 0) {
        seat = join(claim, err);
        if (seat == NULL)
            ring(); /* the first one failed: the thread ends */
    }
    (void)pthread_mutex_unlock(&hall.mutex);
    return seat;
}

void listen_leave(struct listen_seat *seat)
{
    if (seat == NULL)
        return;
    (void)pthread_mutex_lock(&hall.mutex);
    assert(seat->users > 0);
    if (--seat->users == 0) {
        seat->leaves = mono_add_ms(mono_now(), LISTEN_LINGER_MS);
        ring();
    }
    (void)pthread_mutex_unlock(&hall.mutex);
}

static int nobody(const struct listen_seat *seat, struct err *err)
{
    const struct door *door = &hall.doors[seat->door];
    char since[CLOCK_RFC3339_SIZE];
    char when[CLOCK_RFC3339_SIZE];

    wall_format(seat->since, since);
    if (door->strangers == 0)
        return err_set(err, ERR_IO, "%s port %s: no device has dialled in %s %s",
                       door->host, door->port, seat->ever ? "again since" : "since",
                       since);
    return err_set(err, ERR_IO,
                   "%s port %s: no device has dialled in %s %s; %llu other connection%s, "
                   "the last at %s: %s",
                   door->host, door->port, seat->ever ? "again since" : "since", since,
                   (unsigned long long)door->strangers, door->strangers == 1 ? "" : "s",
                   wall_format(door->stranger_time, when), door->stranger);
}

/* The device has hung up while its connection was waiting. */
static bool hung_up(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

int listen_take(struct listen_seat *seat, struct err *err)
{
    int fd;

    (void)pthread_mutex_lock(&hall.mutex);
    if (seat->fd >= 0 && hung_up(seat->fd))
        set_seat(seat, -1);
    fd = seat->fd;
    seat->fd = -1;
    atomic_store(&seat->waiting, false);
    if (fd < 0)
        (void)nobody(seat, err);
    (void)pthread_mutex_unlock(&hall.mutex);
    return fd;
}

bool listen_waiting(const struct listen_seat *seat)
{
    return atomic_load_explicit(&seat->waiting, memory_order_relaxed);
}

void listen_give_back(struct listen_seat *seat, int fd)
{
    (void)pthread_mutex_lock(&hall.mutex);
    if (seat->fd >= 0)
        (void)close(fd);
    else
        set_seat(seat, fd);
    (void)pthread_mutex_unlock(&hall.mutex);
}
