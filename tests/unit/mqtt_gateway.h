/* mqtt_gateway.h - one session, its ring, and what has arrived, for the tests of a
 * broker. */
#ifndef TESTS_UNIT_MQTT_GATEWAY_H
#define TESTS_UNIT_MQTT_GATEWAY_H

#include "adapters/mqtt_session.h"
#include "tests/unit/broker.h"
#include "tests/unit/check.h"

/* One gateway: settings, filters, inbox, session, and what has arrived. */
struct gateway {
    struct link_settings settings;
    char url[64];
    char files[5][128];
    struct mqtt_index *filters;
    struct mqtt_inbox *inbox;
    struct mqtt_session *session;
    char seen[4096]; /* "topic=payload " of every message */
    size_t messages;
};

static inline void gateway_prepare(struct gateway *gateway, const char *scheme,
                                   const char *host, int port)
{
    *gateway = (struct gateway){0};
    (void)snprintf(gateway->url, sizeof gateway->url, "%s://%s:%d", scheme, host, port);
    gateway->settings = (struct link_settings){
        .id = "broker",
        .kind = LINK_MQTT,
        .mqtt = gateway->url,
        .timeout_ms = 1000,
        .client_id = "",
        .username = "",
        .password_file = "",
        .ca_file = "",
        .cert_file = "",
        .key_file = "",
        .keepalive_ms = 10000,
        .qos = 1,
        .status_topic = "",
        .sparkplug = "",
    };
    gateway->filters = mqtt_index_new();
    gateway->inbox = mqtt_inbox_new(
        gateway->filters,
        &(struct mqtt_inbox_limits){.max_rate = 1000000, .max_payload = 1 << 18});
}

static inline const char *in_folder(struct gateway *gateway, int slot,
                                    const struct broker *broker, const char *name)
{
    (void)snprintf(gateway->files[slot], sizeof gateway->files[slot], "%s/%s",
                   broker->folder, name);
    return gateway->files[slot];
}

static inline void gateway_open(struct gateway *gateway)
{
    struct err err = {0};

    gateway->session =
        mqtt_session_new(&gateway->settings, gateway->filters, gateway->inbox, &err);
    if (gateway->session == NULL)
        fail_msg("%s", err.text);
}

static inline void gateway_close(struct gateway *gateway)
{
    mqtt_session_free(gateway->session);
    gateway->session = NULL;
    mqtt_inbox_free(gateway->inbox);
    mqtt_index_free(gateway->filters);
}

static inline void pump(struct gateway *gateway)
{
    struct mono_time now = mono_now();
    struct mono_time next = mqtt_session_step(gateway->session, now);
    struct mqtt_message message;

    mqtt_inbox_take(gateway->inbox, mono_min(next, mono_add_ms(now, 20)));
    while (mqtt_inbox_next(gateway->inbox, &message)) {
        size_t used = strlen(gateway->seen);

        gateway->messages++;
        (void)snprintf(gateway->seen + used, sizeof gateway->seen - used, "%s=%s ",
                       message.topic, message.payload);
    }
}

static inline bool gateway_ready(struct gateway *gateway)
{
    struct mqtt_session_state state;

    mqtt_session_state(gateway->session, &state);
    return state.connected && state.subscribed;
}

static inline bool wait_ready(struct gateway *gateway, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);

    while (!gateway_ready(gateway) && mono_before(mono_now(), until))
        pump(gateway);
    return gateway_ready(gateway);
}

static inline bool wait_seen(struct gateway *gateway, const char *text, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);

    while (strstr(gateway->seen, text) == NULL && mono_before(mono_now(), until))
        pump(gateway);
    return strstr(gateway->seen, text) != NULL;
}

static inline bool wait_error(struct gateway *gateway, const char *text, int64_t ms)
{
    struct mono_time until = mono_add_ms(mono_now(), ms);
    struct mqtt_session_state state = {0};

    while (strstr(state.error, text) == NULL && mono_before(mono_now(), until)) {
        pump(gateway);
        mqtt_session_state(gateway->session, &state);
    }
    if (strstr(state.error, text) == NULL)
        fail_msg("no '%s' in: %s", text, state.error);
    return true;
}

#endif
