/* modbus_listen_impl.h - who dials in; private to adapters/modbus_listen*.c.
 *
 * A door is a listening socket, a seat is what a link waits for at a door, a guest is a
 * connection that has not yet said who it is. All of them stand in listen_hall, and
 * every function here is called under its mutex. None waits.
 */
#ifndef ADAPTERS_MODBUS_LISTEN_IMPL_H
#define ADAPTERS_MODBUS_LISTEN_IMPL_H

#include "adapters/modbus_endpoint.h"
#include "adapters/modbus_listen.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    LISTEN_STRANGER_TEXT_MAX = 160,
    LISTEN_PEER_TEXT_MAX = 64,
};

/* What epoll reports: the kind in the high half, the index in the low one. */
enum listen_event {
    LISTEN_EVENT_WAKE,
    LISTEN_EVENT_DOOR,
    LISTEN_EVENT_GUEST,
};

struct listen_door {
    int fd; /* -1: free */
    char host[ENDPOINT_HOST_MAX];
    char port[ENDPOINT_PORT_MAX];
    size_t seats;
    struct mono_time paused; /* until; 0: open */
    uint64_t strangers;
    struct wall_time stranger_time;
    char stranger[LISTEN_STRANGER_TEXT_MAX]; /* the last one */
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

struct listen_guest {
    int fd; /* -1: free */
    size_t door;
    struct mono_time until;
    char peer[LISTEN_PEER_TEXT_MAX];
    size_t filled;
    char bytes[LISTEN_REGISTRATION_MAX];
};

struct listen_hall {
    pthread_mutex_t mutex;
    bool running;
    int epoll;
    int wake;
    struct listen_seat *seats;
    struct listen_door doors[LISTEN_DOORS_MAX];
    struct listen_guest guests[LISTEN_GUESTS_MAX];
};

extern struct listen_hall listen_hall;

int listen_watch(int operation, int fd, uint32_t events, enum listen_event kind,
                 size_t index);

/* The door of the claim, which is opened when there is none. */
struct listen_door *listen_find_door(const struct listen_claim *claim, struct err *err);
void listen_close_door(struct listen_door *door); /* with the guests at it */

/* What an event calls for. */
void listen_answer_door(size_t index);
void listen_hear_guest(size_t index);

/* Sends away who did not say in time who it is, opens doors that were paused. When to
 * look again. */
struct mono_time listen_expire_guests(struct mono_time now);

/* The seat's connection is `fd` (-1: none) from now on; the one before is closed. */
void listen_set_seat(struct listen_seat *seat, int fd);

#endif
