/* modbus_client.c - the connection of a link; see modbus_client.h. */
#include "adapters/modbus_client_impl.h"

#include "adapters/modbus_line.h"
#include "adapters/modbus_serial.h"
#include "adapters/modbus_transport.h"
#include "base/mem.h"

#include <assert.h>
#include <modbus/modbus.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum {
    EVENT_TEXT_MAX = 200,
};

bool modbus_client_is_tcp(const struct modbus_client *client)
{
    return !client_is_rtu(client);
}

bool modbus_client_is_slow(const struct modbus_client *client)
{
    return client->slow;
}

bool modbus_client_connected(const struct modbus_client *client)
{
    return client->fd >= 0;
}

bool modbus_client_listens(const struct modbus_client *client)
{
    return client_listens(client);
}

void modbus_client_set_trace(struct modbus_client *client, struct link_trace *trace)
{
    client->trace = trace;
}

struct mono_time modbus_client_sent(const struct modbus_client *client)
{
    return client->sent;
}

void modbus_client_counts(const struct modbus_client *client,
                          struct client_counts *counts)
{
    *counts = client->counts;
}

void client_tell(struct modbus_client *client, enum link_trace_kind kind,
                 const void *bytes, size_t length)
{
    int64_t after_us = 0;

    if (client->trace == NULL || !link_trace_on(client->trace))
        return;
    if (kind == LINK_TRACE_RECEIVED)
        after_us = (mono_now().ns - client->sent.ns) / 1000;
    link_trace_frame(client->trace, kind, bytes, length, after_us);
}

void client_tell_event(struct modbus_client *client, const char *format, ...)
{
    char text[EVENT_TEXT_MAX];
    va_list args;
    int length;

    if (client->trace == NULL || !link_trace_on(client->trace))
        return;
    va_start(args, format);
    length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    client_tell(client, LINK_TRACE_EVENT, text,
                (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

/* --- new ------------------------------------------------------------------------- */

/* What the bytes of a bus behind a gateway take is in the operator's timeout. */
static void set_line_times(struct modbus_client *client)
{
    struct modbus_line line;

    modbus_line_of(client->link, client->endpoint.kind, &line);
    client->character_ns = line.port ? line.character_ns : 0;
    client->gap_ns = line.gap_ns;
    client->slow = line.slow;
}

static int check(const struct modbus_client *client, struct err *err)
{
    const struct link_settings *link = client->link;

    if (client_is_serial(client) && modbus_serial_check(link, err) != 0)
        return -1;
    if (link->timeout_ms <= 0)
        return err_set(err, ERR_CONFIG, "the timeout must be longer than 0");
    if (client_listens(client) && link->registration_length == 0)
        return err_set(err, ERR_CONFIG, "%s needs a registration", link->modbus);
    return 0;
}

/* libmodbus sets up the port and sends on it; for sockets there is nothing to do. */
static int new_context(struct modbus_client *client, struct err *err)
{
    const struct link_settings *link = client->link;

    if (!client_is_serial(client))
        return 0;
    client->context =
        modbus_new_rtu(client->endpoint.host, (int)link->baud,
                       modbus_serial_parity(link->parity), 8, (int)link->stop_bits);
    if (client->context == NULL)
        return err_set(err, ERR_CONFIG, "libmodbus: %m");
    (void)modbus_set_error_recovery(client->context, MODBUS_ERROR_RECOVERY_NONE);
    return 0;
}

struct modbus_client *modbus_client_new(const struct link_settings *link,
                                        const atomic_bool *stop, struct err *err)
{
    struct modbus_client *client = mem_alloc(sizeof *client);

    client->link = link;
    client->stop = stop;
    client->fd = client->lock = -1;
    if (modbus_endpoint_parse(link->modbus, &client->endpoint, err) != 0 ||
        check(client, err) != 0 || new_context(client, err) != 0)
        goto fail;
    set_line_times(client);
    client->packets[0] =
        (struct stream_packet){link->registration, link->registration_length};
    client->packets[1] =
        (struct stream_packet){link->keepalive_packet, link->keepalive_packet_length};
    if (client_is_rtu(client))
        client->owed = mem_alloc(sizeof *client->owed);
    /* A connection may outlive us: no number of ours should be that of our predecessor.
     */
    client->transaction = (uint16_t)(mono_now().ns / CLOCK_MS);
    return client;
fail:
    modbus_client_free(client);
    return NULL;
}

void modbus_client_free(struct modbus_client *client)
{
    if (client == NULL)
        return;
    if (client->fd >= 0 && client_listens(client)) {
        listen_give_back(client->seat, client->fd);
        client->fd = -1;
    }
    modbus_client_close(client);
    listen_leave(client->seat);
    if (client->context != NULL)
        modbus_free(client->context);
    mem_free(client->owed);
    mem_free(client);
}

/* --- open and close -------------------------------------------------------------- */

static int open_serial(struct modbus_client *client, struct err *err)
{
    const char *path = client->endpoint.host;

    client->lock = transport_lock_serial(path, err);
    if (client->lock < 0)
        return -1;
    if (modbus_connect(client->context) != 0) {
        (void)err_set(err, ERR_IO, "open %s: %m", path);
        transport_unlock(client->lock);
        client->lock = -1;
        return -1;
    }
    client->fd = modbus_get_socket(client->context);
    transport_exclude(client->lock);
    return 0;
}

static int take_seat(struct modbus_client *client, struct err *err)
{
    const struct listen_claim claim = {
        .address = client->endpoint.host,
        .port = client->endpoint.port,
        .registration = client->link->registration,
        .registration_length = client->link->registration_length,
    };

    if (client->seat == NULL)
        client->seat = listen_join(&claim, err);
    if (client->seat == NULL)
        return -1;
    client->fd = listen_take(client->seat, err);
    if (client->fd < 0)
        return -1;
    client->redialled = client->connected_once;
    return 0;
}

bool modbus_client_take_redialled(struct modbus_client *client)
{
    bool redialled = client->redialled;

    client->redialled = false;
    return redialled;
}

static int open_any(struct modbus_client *client, struct err *err)
{
    switch (client->endpoint.kind) {
    case ENDPOINT_SERIAL:
        return open_serial(client, err);
    case ENDPOINT_LISTEN_TCP:
    case ENDPOINT_LISTEN_RTU:
        return take_seat(client, err);
    case ENDPOINT_TCP:
    case ENDPOINT_RTU_TCP:
    default:
        client->fd = transport_connect(&client->endpoint, client->link->timeout_ms,
                                       client->stop, err);
        return client->fd < 0 ? -1 : 0;
    }
}

/* The first time the answer to a question of our predecessor, who was killed, may still
 * be on its way. */
static void opened(struct modbus_client *client)
{
    if (client_is_rtu(client) && !client->connected_once) {
        client->quiet = mono_add_ms(mono_now(), client->link->timeout_ms);
        client->silence_ms = client->link->timeout_ms;
    }
    client->connected_once = true;
    client_tell_event(client, "connected");
}

int modbus_client_connect(struct modbus_client *client, struct err *err)
{
    if (client->fd >= 0)
        return 0;
    if (open_any(client, err) != 0) {
        client_tell_event(client, "not connected: %s", err->text);
        return -1;
    }
    opened(client);
    return 0;
}

void modbus_client_close(struct modbus_client *client)
{
    if (client->fd < 0)
        return;
    if (client_is_serial(client)) {
        modbus_close(client->context);
        transport_unlock(client->lock);
    } else {
        (void)close(client->fd);
    }
    client->fd = client->lock = -1;
    client_tell_event(client, "closed");
}

ssize_t client_send_serial(struct modbus_client *client, const uint8_t *frame,
                           size_t length)
{
    (void)modbus_set_slave(client->context, frame[0]);
    /* It adds the checksum itself. */
    return modbus_send_raw_request(client->context, frame, (int)length - 2);
}

int client_follow(struct modbus_client *client, struct err *err)
{
    if (!client_listens(client) || !listen_waiting(client->seat))
        return 0;
    modbus_client_close(client);
    return modbus_client_connect(client, err);
}

/* --- without waiting ------------------------------------------------------------- */

bool modbus_client_can_share(const struct modbus_client *client)
{
    return client->endpoint.kind == ENDPOINT_TCP && client->gap_ns == 0 &&
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
    return client->fd < 0 ? -1 : 0;
}

int modbus_client_dialled(struct modbus_client *client, struct err *err)
{
    if (transport_dialled(client->fd, err) == 0) {
        opened(client);
        return 0;
    }
    modbus_client_close(client);
    return err_prefix(err, "connect to %s:%s", client->endpoint.host,
                      client->endpoint.port);
}
