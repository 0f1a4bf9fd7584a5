/* modbus_client_impl.h - the state of a client; private to adapters/modbus_client.c (the
 * connection) and adapters/modbus_exchange.c (question and answer).
 */
#ifndef ADAPTERS_MODBUS_CLIENT_IMPL_H
#define ADAPTERS_MODBUS_CLIENT_IMPL_H

#include "adapters/modbus_client.h"
#include "adapters/modbus_endpoint.h"
#include "adapters/modbus_listen.h"
#include "adapters/modbus_owed.h"
#include "adapters/modbus_stream.h"

#include <sys/types.h>

enum {
    CLIENT_BYTES_MAX = 600, /* two frames, or one behind a few packets of a modem */
};

struct modbus_client {
    /* fixed after new */
    const struct link_settings *link;
    const atomic_bool *stop;
    struct modbus_endpoint endpoint;
    struct _modbus *context;  /* libmodbus' modbus_t; of a serial port, else NULL */
    struct listen_seat *seat; /* of a device that dials in; NULL until it is needed */
    struct stream_packet packets[STREAM_PACKETS];
    int64_t character_ns; /* on the wire; 0 but for a serial port */
    int64_t gap_ns;       /* silence before a request */
    bool slow;
    struct link_trace *trace;

    /* the connection */
    int fd;
    int lock; /* a serial port's */
    bool connected_once;
    bool redialled; /* a device that dials in did so again; until somebody asked */
    uint16_t transaction;
    struct mono_time last;  /* when the line was last in use; 0: long ago */
    struct mono_time quiet; /* RTU: nothing is asked before; 0: in step */
    int64_t silence_ms;     /* how long the line must then have been silent */
    struct owed *owed;      /* RTU, else NULL */
    struct client_counts counts;

    /* the question that is on its way */
    struct modbus_request asked;
    struct mono_time sent;
    bool foreign;                   /* what came is no answer, and more may come */
    char older[MODBUS_PROBLEM_MAX]; /* the answer to an older question came; "" = no */
    size_t filled;                  /* of bytes */
    uint8_t bytes[CLIENT_BYTES_MAX];
};

static inline bool client_is_serial(const struct modbus_client *client)
{
    return client->endpoint.kind == ENDPOINT_SERIAL;
}

static inline bool client_listens(const struct modbus_client *client)
{
    return client->endpoint.kind == ENDPOINT_LISTEN_TCP ||
           client->endpoint.kind == ENDPOINT_LISTEN_RTU;
}

static inline bool client_is_rtu(const struct modbus_client *client)
{
    return client->endpoint.kind != ENDPOINT_TCP &&
           client->endpoint.kind != ENDPOINT_LISTEN_TCP;
}

void client_tell(struct modbus_client *client, enum link_trace_kind kind,
                 const void *bytes, size_t length);
void client_tell_event(struct modbus_client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Through libmodbus; `length` is with the checksum. What was sent, or -1. */
ssize_t client_send_serial(struct modbus_client *client, const uint8_t *frame,
                           size_t length);

/* A device that has dialled in again is spoken to from now on. 0 when connected. */
int client_follow(struct modbus_client *client, struct err *err);

#endif
