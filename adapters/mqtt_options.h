/* mqtt_options.h - a link's settings, checked and brought into the form that a connection
 * needs.
 *
 * Reads the password's file and looks whether those of TLS can be read. Threads: no
 * state.
 */
#ifndef ADAPTERS_MQTT_OPTIONS_H
#define ADAPTERS_MQTT_OPTIONS_H

#include "adapters/mqtt_address.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct mqtt_options {
    const struct link_settings *settings; /* borrowed */
    struct mqtt_address address;
    char *client_id;          /* the configured one, or "facilityd-" and `random` */
    char *password;           /* NULL when there is none */
    bool clean;               /* no session is kept */
    int keepalive_s;          /* 5 to 65535 */
    int timeout_ms;           /* of a connect, with TLS; at least 5 s */
    const char *status_topic; /* NULL: nothing is published */
    char *state_topic;        /* with Sparkplug B: what status_topic then is, else NULL */
};

/* ERR_CONFIG with what is wrong. */
int mqtt_options_init(struct mqtt_options *options, const struct link_settings *settings,
                      uint64_t random, struct err *err);
void mqtt_options_done(struct mqtt_options *options);

#endif
