/* mqtt_client.c - see mqtt_client.h.
 *
 * DESIGN: the library has two threads for the whole process and calls back on them under
 * its own lock; a call into it from elsewhere waits for that lock. So nothing here holds
 * a lock of ours while calling the library, and every callback only passes on what
 * happened.
 *
 * The library could reconnect by itself, but then it tells the reason of the first
 * failure only; an operator who mends a password wants to hear of the second. So each
 * attempt is an MQTTAsync_connect of its own, on the same handle.
 */
#include "adapters/mqtt_client.h"

#include "adapters/mqtt_trouble.h"
#include "adapters/mqtt_wishes.h"
#include "base/mem.h"

#include <MQTTAsync.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    URI_MAX = MQTT_HOST_MAX + 16, /* with "ssl://[", "]:" and a port */
    REASON_MAX = 256,
    STATUS_MAX = 64, /* bytes of {"online":false,"timestamp":-9223372036854775808} */
};

/* What the answer to one SUBSCRIBE is told with. */
struct batch {
    struct mqtt_client *client;
    size_t number;
    atomic_size_t count; /* filters that were asked for */
};

struct mqtt_client {
    /* fixed after new */
    const struct mqtt_options *options;
    struct mqtt_client_events events;
    struct batch *batches;
    MQTTAsync handle;

    /* owned by the link's thread */
    int64_t will_ms; /* wall time of the last attempt to connect */

    pthread_mutex_t mutex;

    /* guarded by mutex */
    char tls_reason[REASON_MAX]; /* OpenSSL's first words in this attempt */
};

static void on_connected(void *context, char *cause)
{
    struct mqtt_client *client = context;

    (void)cause;
    client->events.connected(client->events.context);
}

static void on_lost(void *context, char *cause)
{
    struct mqtt_client *client = context;

    (void)cause; /* NULL with every version so far */
    client->events.ended(client->events.context, false, false,
                         "the connection to the broker was lost");
}

static void on_closed(void *context, MQTTAsync_successData *data)
{
    struct mqtt_client *client = context;

    (void)data;
    client->events.ended(client->events.context, false, false, NULL);
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    struct mqtt_client *client = context;
    const char *reason = mqtt_trouble_connack(data == NULL ? 0 : data->code);
    bool answered = reason != NULL;
    char tls_reason[REASON_MAX];

    (void)pthread_mutex_lock(&client->mutex);
    memcpy(tls_reason, client->tls_reason, sizeof tls_reason);
    (void)pthread_mutex_unlock(&client->mutex);
    if (reason == NULL && tls_reason[0] != '\0')
        reason = tls_reason;
    client->events.ended(client->events.context, true, answered, reason);
}

/* Of several lines the first is the cause, the others are what followed. */
static int on_tls_error(const char *line, size_t length, void *context)
{
    struct mqtt_client *client = context;

    (void)pthread_mutex_lock(&client->mutex);
    if (client->tls_reason[0] == '\0')
        mqtt_trouble_tls(line, length, client->tls_reason, sizeof client->tls_reason);
    (void)pthread_mutex_unlock(&client->mutex);
    return 1;
}

/* Returns 1 always: 0 would make the library deliver the message again each second. */
static int on_message(void *context, char *topic, int topic_length,
                      MQTTAsync_message *message)
{
    struct mqtt_client *client = context;
    const struct mqtt_message copy = {
        .topic = topic,
        .topic_length = topic_length > 0 ? (size_t)topic_length : strlen(topic),
        .payload = message->payload,
        .payload_length = (size_t)message->payloadlen,
        .retained = message->retained != 0,
        .again = message->dup != 0,
        .time = wall_now(),
        .mono = mono_now(),
    };

    client->events.message(client->events.context, &copy);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_subscribed(void *context, MQTTAsync_successData *data)
{
    struct batch *batch = context;
    const struct mqtt_client_events *events = &batch->client->events;
    size_t count = atomic_load(&batch->count);
    /* The library gives a list only when there is more than one. */
    const int *granted = count == 1 ? &data->alt.qos : data->alt.qosList;

    if (granted != NULL)
        events->answered(events->context, batch->number, granted, count);
}

/* One filter alone, refused. Any other code is a connection that ended; on_lost tells. */
static void on_refused(void *context, MQTTAsync_failureData *data)
{
    static const int refused[] = {MQTT_QOS_REFUSED};
    struct batch *batch = context;
    const struct mqtt_client_events *events = &batch->client->events;

    if (data != NULL && data->code == MQTT_QOS_REFUSED)
        events->answered(events->context, batch->number, refused, 1);
}

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static MQTTAsync_SSLOptions tls_options(struct mqtt_client *client)
{
    const struct link_settings *settings = client->options->settings;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;

    tls.trustStore = or_null(settings->ca_file); /* NULL: the system's */
    tls.keyStore = or_null(settings->cert_file);
    tls.privateKey = or_null(settings->key_file);
    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* the name too; the library's default is not to look at it */
    tls.sslVersion = MQTT_SSL_VERSION_TLS_1_2; /* OpenSSL 3 refuses what is older */
    tls.ssl_error_cb = on_tls_error;
    tls.ssl_error_context = client;
    return tls;
}

/* A node that knows a later "online" ignores an older "offline", so neither may be
 * stamped before the will. Source: Sparkplug 3.0, 4.2 and 5.11. */
static size_t put_status(const struct mqtt_client *client, bool online, int64_t ms,
                         char out[STATUS_MAX])
{
    int length;

    if (client->options->state_topic == NULL)
        length = snprintf(out, STATUS_MAX, "%s", online ? "online" : "offline");
    else
        length = snprintf(out, STATUS_MAX, "{\"online\":%s,\"timestamp\":%lld}",
                          online ? "true" : "false",
                          (long long)(ms > client->will_ms ? ms : client->will_ms));
    return (size_t)length;
}

static int64_t wall_ms(void)
{
    return wall_now().ns / CLOCK_MS;
}

int mqtt_client_connect(struct mqtt_client *client, struct err *err)
{
    const struct mqtt_options *from = client->options;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_SSLOptions tls = tls_options(client);
    char offline[STATUS_MAX];
    int rc;

    client->will_ms = wall_ms();
    (void)put_status(client, false, client->will_ms, offline);
    will.topicName = from->status_topic;
    will.message = offline;
    will.retained = 1;
    will.qos = 1;
    options.keepAliveInterval = from->keepalive_s;
    options.cleansession = from->clean ? 1 : 0;
    options.connectTimeout = (from->timeout_ms + 999) / 1000;
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.username = or_null(from->settings->username);
    options.password = from->password;
    options.will = from->status_topic == NULL ? NULL : &will;
    options.ssl = from->address.tls ? &tls : NULL;
    options.onFailure = on_failure;
    options.context = client;

    (void)pthread_mutex_lock(&client->mutex);
    client->tls_reason[0] = '\0';
    (void)pthread_mutex_unlock(&client->mutex);
    rc = MQTTAsync_connect(client->handle, &options);
    if (rc != MQTTASYNC_SUCCESS)
        return err_set(err, ERR_IO, "connect: %s", MQTTAsync_strerror(rc));
    return 0;
}

bool mqtt_client_subscribe(struct mqtt_client *client, size_t batch,
                           const char *const *filters, size_t count)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    char *topics[MQTT_BATCH_MAX];
    int qos[MQTT_BATCH_MAX];

    assert(count <= MQTT_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        topics[i] = (char *)(uintptr_t)filters[i]; /* the library only reads */
        qos[i] = client->options->settings->qos > 0 ? 1 : 0;
    }
    atomic_store(&client->batches[batch].count, count);
    options.onSuccess = on_subscribed;
    options.onFailure = on_refused;
    options.context = &client->batches[batch];
    return MQTTAsync_subscribeMany(client->handle, (int)count, topics, qos, &options) ==
           MQTTASYNC_SUCCESS;
}

void mqtt_client_publish_status(struct mqtt_client *client, bool online)
{
    MQTTAsync_message message = MQTTAsync_message_initializer;
    char payload[STATUS_MAX]; /* the library wants void * and copies */

    if (client->options->status_topic == NULL)
        return;
    message.payload = payload;
    message.payloadlen =
        (int)put_status(client, online, online ? client->will_ms : wall_ms(), payload);
    message.qos = 1;
    message.retained = 1;
    (void)MQTTAsync_sendMessage(client->handle, client->options->status_topic, &message,
                                NULL);
}

bool mqtt_client_publish(struct mqtt_client *client, const char *topic, const void *bytes,
                         size_t length)
{
    assert(length <= MQTT_PUBLISH_MAX);
    return MQTTAsync_send(client->handle, topic, (int)length, bytes, 0, 0, NULL) ==
           MQTTASYNC_SUCCESS;
}

bool mqtt_client_disconnect(struct mqtt_client *client, int timeout_ms)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

    options.timeout = timeout_ms;
    options.onSuccess = on_closed;
    options.context = client;
    return MQTTAsync_disconnect(client->handle, &options) == MQTTASYNC_SUCCESS;
}

/* OpenSSL 3 starts and ends by itself; other libraries use it in the same process. */
static void init_library(void)
{
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;

    MQTTAsync_global_init(&options);
}

static int create_handle(struct mqtt_client *client, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const struct mqtt_address *address = &client->options->address;
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    char uri[URI_MAX];
    int rc;

    (void)pthread_once(&once, init_library);
    options.MQTTVersion = MQTTVERSION_3_1_1;
    (void)snprintf(uri, sizeof uri, address->ipv6 ? "%s://[%s]:%s" : "%s://%s:%s",
                   address->tls ? "ssl" : "tcp", address->host, address->port);
    rc = MQTTAsync_createWithOptions(&client->handle, uri, client->options->client_id,
                                     MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (rc != MQTTASYNC_SUCCESS)
        return err_set(err, ERR_CONFIG, "client id '%s': %s", client->options->client_id,
                       MQTTAsync_strerror(rc));
    (void)MQTTAsync_setCallbacks(client->handle, client, on_lost, on_message, NULL);
    (void)MQTTAsync_setConnected(client->handle, client, on_connected);
    return 0;
}

static void release(struct mqtt_client *client)
{
    (void)pthread_mutex_destroy(&client->mutex);
    mem_free(client->batches);
    mem_free(client);
}

struct mqtt_client *mqtt_client_new(const struct mqtt_options *options, size_t batches,
                                    const struct mqtt_client_events *events,
                                    struct err *err)
{
    struct mqtt_client *client = mem_alloc(sizeof *client);

    (void)pthread_mutex_init(&client->mutex, NULL);
    client->options = options;
    client->events = *events;
    client->batches = mem_array(batches, sizeof *client->batches);
    for (size_t i = 0; i < batches; i++) {
        client->batches[i].client = client;
        client->batches[i].number = i;
    }
    if (create_handle(client, err) != 0) {
        release(client);
        return NULL;
    }
    return client;
}

void mqtt_client_free(struct mqtt_client *client)
{
    if (client == NULL)
        return;
    MQTTAsync_destroy(&client->handle);
    release(client);
}
