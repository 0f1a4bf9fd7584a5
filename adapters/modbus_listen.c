/* modbus_listen.c - see modbus_listen.h.
 *
 * DESIGN: everything stands in listen_hall (modbus_listen_impl.h), under its one mutex,
 * which is held only for calls that do not wait. The thread sleeps in epoll for doors and
 * guests; a connection that has found its seat is watched no more until its link takes
 * it. The thread is started by the first seat and ends, detached, with the last.
 *
 * An event of a socket that was closed meanwhile finds the next one at that index, which
 * has nothing to read, and does no harm.
 */
#include "adapters/modbus_listen_impl.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS_A_TURN = 64,
    SLEEP_MAX_MS = 60 * 1000,
    STACK_BYTES = 128 * 1024,
};

struct listen_hall listen_hall = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* --- the thread ------------------------------------------------------------------ */

static void free_seat(struct listen_seat **at)
{
    struct listen_seat *seat = *at;
    struct listen_door *door = &listen_hall.doors[seat->door];

    *at = seat->next;
    listen_set_seat(seat, -1);
    if (--door->seats == 0)
        listen_close_door(door);
    mem_free(seat);
}

static struct mono_time expire_seats(struct mono_time now)
{
    struct mono_time next = mono_add_ms(now, SLEEP_MAX_MS);
    struct listen_seat **at = &listen_hall.seats;

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

static void handle(const struct epoll_event *event)
{
    size_t index = event->data.u64 & UINT32_MAX;
    uint64_t rung;

    switch (event->data.u64 >> 32) {
    case LISTEN_EVENT_DOOR:
        listen_answer_door(index);
        break;
    case LISTEN_EVENT_GUEST:
        listen_hear_guest(index);
        break;
    case LISTEN_EVENT_WAKE:
    default:
        (void)!read(listen_hall.wake, &rung, sizeof rung);
    }
}

static void *serve(void *context)
{
    struct epoll_event events[EVENTS_A_TURN];

    (void)context;
    (void)prctl(PR_SET_NAME, "dial-in");
    (void)pthread_mutex_lock(&listen_hall.mutex);
    for (;;) {
        struct mono_time now = mono_now();
        struct mono_time next = mono_min(expire_seats(now), listen_expire_guests(now));
        int count;

        if (listen_hall.seats == NULL)
            break;
        (void)pthread_mutex_unlock(&listen_hall.mutex);
        count = epoll_wait(listen_hall.epoll, events, EVENTS_A_TURN,
                           (int)mono_diff_ms(next, now) + 1);
        (void)pthread_mutex_lock(&listen_hall.mutex);
        for (int i = 0; i < count; i++)
            handle(&events[i]);
    }
    (void)close(listen_hall.epoll);
    (void)close(listen_hall.wake);
    listen_hall.running = false;
    (void)pthread_mutex_unlock(&listen_hall.mutex);
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
    if (listen_hall.running)
        return 0;
    for (size_t i = 0; i < LISTEN_DOORS_MAX; i++)
        listen_hall.doors[i].fd = -1;
    for (size_t i = 0; i < LISTEN_GUESTS_MAX; i++)
        listen_hall.guests[i].fd = -1;
    listen_hall.epoll = epoll_create1(EPOLL_CLOEXEC);
    listen_hall.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listen_hall.epoll >= 0 && listen_hall.wake >= 0 &&
        listen_watch(EPOLL_CTL_ADD, listen_hall.wake, EPOLLIN, LISTEN_EVENT_WAKE, 0) ==
            0 &&
        start_thread() == 0) {
        listen_hall.running = true;
        return 0;
    }
    (void)err_set(err, ERR_FULL, "the thread for devices that dial in: %m");
    if (listen_hall.epoll >= 0)
        (void)close(listen_hall.epoll);
    if (listen_hall.wake >= 0)
        (void)close(listen_hall.wake);
    return -1;
}

/* --- seats ----------------------------------------------------------------------- */

static struct listen_seat *existing_seat(size_t door, const struct listen_claim *claim)
{
    struct listen_seat *seat = listen_hall.seats;

    while (seat != NULL &&
           (seat->door != door || seat->length != claim->registration_length ||
            memcmp(seat->registration, claim->registration, seat->length) != 0))
        seat = seat->next;
    return seat;
}

static struct listen_seat *join(const struct listen_claim *claim, struct err *err)
{
    struct listen_door *door = listen_find_door(claim, err);
    struct listen_seat *seat;
    size_t index;

    if (door == NULL)
        return NULL;
    index = (size_t)(door - listen_hall.doors);
    seat = existing_seat(index, claim);
    if (seat == NULL) {
        seat = mem_alloc(sizeof *seat);
        seat->door = index;
        seat->fd = -1;
        seat->since = wall_now();
        seat->length = claim->registration_length;
        memcpy(seat->registration, claim->registration, seat->length);
        seat->next = listen_hall.seats;
        listen_hall.seats = seat;
        door->seats++;
    }
    seat->users++;
    return seat;
}

static void ring(void)
{
    uint64_t one = 1;

    (void)!write(listen_hall.wake, &one, sizeof one);
}

struct listen_seat *listen_join(const struct listen_claim *claim, struct err *err)
{
    struct listen_seat *seat = NULL;

    assert(claim->registration_length > 0 &&
           claim->registration_length <= LISTEN_REGISTRATION_MAX);
    (void)pthread_mutex_lock(&listen_hall.mutex);
    if (start(err) == 0) {
        seat = join(claim, err);
        if (seat == NULL)
            ring(); /* the first one failed: the thread ends */
    }
    (void)pthread_mutex_unlock(&listen_hall.mutex);
    return seat;
}

void listen_leave(struct listen_seat *seat)
{
    if (seat == NULL)
        return;
    (void)pthread_mutex_lock(&listen_hall.mutex);
    assert(seat->users > 0);
    if (--seat->users == 0) {
        seat->leaves = mono_add_ms(mono_now(), LISTEN_LINGER_MS);
        ring();
    }
    (void)pthread_mutex_unlock(&listen_hall.mutex);
}

static int nobody(const struct listen_seat *seat, struct err *err)
{
    const struct listen_door *door = &listen_hall.doors[seat->door];
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

    (void)pthread_mutex_lock(&listen_hall.mutex);
    if (seat->fd >= 0 && hung_up(seat->fd))
        listen_set_seat(seat, -1);
    fd = seat->fd;
    seat->fd = -1;
    atomic_store(&seat->waiting, false);
    if (fd < 0)
        (void)nobody(seat, err);
    (void)pthread_mutex_unlock(&listen_hall.mutex);
    return fd;
}

bool listen_waiting(const struct listen_seat *seat)
{
    return atomic_load_explicit(&seat->waiting, memory_order_relaxed);
}

void listen_give_back(struct listen_seat *seat, int fd)
{
    (void)pthread_mutex_lock(&listen_hall.mutex);
    if (seat->fd >= 0)
        (void)close(fd);
    else
        listen_set_seat(seat, fd);
    (void)pthread_mutex_unlock(&listen_hall.mutex);
}
