/* mqtt_client.h - one handle of the MQTT library, the only place that knows it.
 *
 * Speaks MQTT 3.1.1, over TLS when the address says mqtts:// (never falls back to plain
 * text; the broker's certificate and its name are always checked). Keeps nothing on disk.
 * Does not reconnect and does not remember subscriptions: mqtt_session.h does.
 *
 * Threads: the functions on one thread. The events come on the library's threads, under
 * its lock: they must only take note and return.
 */
#ifndef ADAPTERS_MQTT_CLIENT_H
#define ADAPTERS_MQTT_CLIENT_H

#include "adapters/mqtt_options.h"
#include "adapters/mqtt_ring.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    MQTT_PUBLISH_MAX = 1024, /* bytes: requests are small */
};

struct mqtt_client;

struct mqtt_client_events {
    void *context;
    void (*connected)(void *context);
    /* A connect failed (`connecting`), or a connection ended. `reason` NULL: the library
     * knows none. `answered`: the broker itself said no. Borrowed for the call. */
    void (*ended)(void *context, bool connecting, bool answered, const char *reason);
    /* A QoS, or MQTT_QOS_REFUSED, for each filter of the batch. */
    void (*answered)(void *context, size_t batch, const int *granted, size_t count);
    void (*message)(void *context, const struct mqtt_message *message);
};

/* Does not touch the network. Batches are numbered from 0. Borrows the options. */
struct mqtt_client *mqtt_client_new(const struct mqtt_options *options, size_t batches,
                                    const struct mqtt_client_events *events,
                                    struct err *err);
/* No event comes any more when it returns. NULL is fine. */
void mqtt_client_free(struct mqtt_client *client);

/* Begins to connect; `connected` or `ended` follows. Only when nothing is under way. */
int mqtt_client_connect(struct mqtt_client *client, struct err *err);

/* Sends one SUBSCRIBE with at most MQTT_BATCH_MAX filters; `answered` follows unless the
 * connection ends. False when it has ended already. */
bool mqtt_client_subscribe(struct mqtt_client *client, size_t batch,
                           const char *const *filters, size_t count);

/* Retained, on the status topic; nothing without one. With Sparkplug B it is the STATE of
 * the host application, with the time stamp of its will. */
void mqtt_client_publish_status(struct mqtt_client *client, bool online);

/* QoS 0, not retained; at most MQTT_PUBLISH_MAX bytes. False when it cannot be sent:
 * there is no connection, or too much waits to be sent already. */
bool mqtt_client_publish(struct mqtt_client *client, const char *topic, const void *bytes,
                         size_t length);

/* Sends what is queued, at most for `timeout_ms`, then DISCONNECT; `ended` follows. False
 * when there is no connection. */
bool mqtt_client_disconnect(struct mqtt_client *client, int timeout_ms);

#endif
