/* mqtt.c - see mqtt.h.
 *
 * DESIGN: MQTTAsync with its automatic reconnect; the first connect that fails goes on
 * by itself as well. Its callbacks run on the library's threads and touch one atomic
 * flag. A message is handed over only while connected, so the library buffers nothing.
 */
#include "plantsim/mqtt.h"

#include "base/mem.h"

#include <MQTTAsync.h>
#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEEP_ALIVE_S = 20,
    RETRY_MIN_S = 1,
    RETRY_MAX_S = 5,
    DISCONNECT_MS = 500,
};

struct mqtt {
    MQTTAsync client;
    atomic_bool connected;
    bool paused;
    uint64_t dropped;
};

static void on_connected(void *context, char *cause)
{
    struct mqtt *mqtt = context;

    (void)cause;
    atomic_store(&mqtt->connected, true);
}

static void on_lost(void *context, char *cause)
{
    struct mqtt *mqtt = context;

    (void)cause;
    atomic_store(&mqtt->connected, false);
}

/* Nothing is subscribed, but the library insists on a receiver. */
static int on_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context;
    (void)length;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static int start_connect(struct mqtt *mqtt)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;

    options.keepAliveInterval = KEEP_ALIVE_S;
    options.cleansession = 1;
    options.automaticReconnect = 1;
    options.minRetryInterval = RETRY_MIN_S;
    options.maxRetryInterval = RETRY_MAX_S;
    options.context = mqtt;
    return MQTTAsync_connect(mqtt->client, &options);
}

/* "mqtt://127.x.y.z:port" to the library's "tcp://...". */
static char *library_uri(const char *broker, struct err *err)
{
    static const char scheme[] = "mqtt://";
    const char *host = broker + sizeof scheme - 1;
    const char *colon;
    char *name;
    struct in_addr address;
    bool loopback;

    if (strncmp(broker, scheme, sizeof scheme - 1) != 0 ||
        (colon = strchr(host, ':')) == NULL) {
        (void)err_set(err, ERR_INPUT,
                      "--broker '%s' is not of the form mqtt://127.0.0.1:1883 (or none)",
                      broker);
        return NULL;
    }
    name = mem_strndup(host, (size_t)(colon - host));
    loopback = strcmp(name, "localhost") == 0 ||
               (inet_pton(AF_INET, name, &address) == 1 &&
                (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET);
    mem_free(name);
    if (!loopback) {
        (void)err_set(err, ERR_INPUT,
                      "--broker '%s': the simulator stays on the loopback, 127.x.y.z",
                      broker);
        return NULL;
    }
    return mem_format("tcp://%s", host);
}

struct mqtt *mqtt_new(const char *broker, const char *client_id, struct err *err)
{
    struct mqtt *mqtt;
    char *uri = library_uri(broker, err);
    int code;

    if (uri == NULL)
        return NULL;
    mqtt = mem_alloc(sizeof *mqtt);
    code = MQTTAsync_create(&mqtt->client, uri, client_id, MQTTCLIENT_PERSISTENCE_NONE,
                            NULL);
    mem_free(uri);
    if (code == MQTTASYNC_SUCCESS)
        code = MQTTAsync_setCallbacks(mqtt->client, mqtt, on_lost, on_message, NULL);
    if (code == MQTTASYNC_SUCCESS)
        code = MQTTAsync_setConnected(mqtt->client, mqtt, on_connected);
    if (code == MQTTASYNC_SUCCESS)
        code = start_connect(mqtt);
    if (code == MQTTASYNC_SUCCESS)
        return mqtt;
    (void)err_set(err, ERR_IO, "MQTT client for '%s': code %d", broker, code);
    mqtt_free(mqtt);
    return NULL;
}

static void disconnect(struct mqtt *mqtt)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;

    options.timeout = DISCONNECT_MS;
    (void)MQTTAsync_disconnect(mqtt->client, &options);
    atomic_store(&mqtt->connected, false);
}

void mqtt_free(struct mqtt *mqtt)
{
    if (mqtt == NULL)
        return;
    if (mqtt->client != NULL) {
        disconnect(mqtt);
        MQTTAsync_destroy(&mqtt->client);
    }
    mem_free(mqtt);
}

bool mqtt_connected(struct mqtt *mqtt)
{
    return atomic_load(&mqtt->connected);
}

void mqtt_pause(struct mqtt *mqtt, bool pause)
{
    if (pause == mqtt->paused)
        return;
    mqtt->paused = pause;
    if (pause)
        disconnect(mqtt);
    else
        (void)start_connect(mqtt);
}

bool mqtt_publish(struct mqtt *mqtt, const char *topic, const char *payload,
                  size_t length)
{
    if (!mqtt->paused && mqtt_connected(mqtt) &&
        MQTTAsync_send(mqtt->client, topic, (int)length, payload, 1, 0, NULL) ==
            MQTTASYNC_SUCCESS)
        return true;
    mqtt->dropped++;
    return false;
}

uint64_t mqtt_dropped(const struct mqtt *mqtt)
{
    return mqtt->dropped;
}
