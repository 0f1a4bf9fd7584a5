/* mqtt_session.h - keeps one broker connected and every filter subscribed.
 *
 * With a client_id the session is kept by the broker (clean session 0), without one it
 * gets a random id and a clean session. All filters are subscribed after every connect,
 * because neither the library nor every broker remembers them; a refused one is tried
 * again each minute.
 *
 * With a status_topic it keeps a retained "online" there, and "offline" as its will and
 * when it is closed; with Sparkplug B that is the STATE of the host application. Without
 * either nothing is published but what mqtt_session_publish is told to.
 *
 * Messages go into the inbox; every change of the connection wakes its taker, which then
 * calls mqtt_session_step.
 *
 * Threads: state from any, the others on one.
 */
#ifndef ADAPTERS_MQTT_SESSION_H
#define ADAPTERS_MQTT_SESSION_H

#include "adapters/adapter.h"
#include "adapters/mqtt_inbox.h"
#include "base/clock.h"
#include "base/err.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct mqtt_session;

struct mqtt_session_state {
    bool connected;
    bool subscribed;        /* connected, every filter answered, at least one granted */
    struct wall_time since; /* of `connected` */
    uint64_t connects;      /* that came about, since the start */
    char error[LINK_ERROR_TEXT_MAX]; /* the present trouble; "" when there is none */
};

/* Reads the password, checks the files of TLS; does not touch the network. Borrows
 * settings, filters and inbox until it is freed. NULL with ERR_CONFIG on bad settings. */
struct mqtt_session *mqtt_session_new(const struct link_settings *settings,
                                      const struct mqtt_index *filters,
                                      struct mqtt_inbox *inbox, struct err *err);

/* Says goodbye (at most two seconds) and frees. NULL is fine. */
void mqtt_session_free(struct mqtt_session *session);

/* Does what is due: connect, subscribe, publish the status. Returns when it wants to be
 * called next. Looking for the reason of a failed connect may take five seconds and the
 * time of the name service. */
struct mono_time mqtt_session_step(struct mqtt_session *session, struct mono_time now);

/* Publishes the status again, because somebody else has overwritten it. */
void mqtt_session_announce(struct mqtt_session *session);

/* As mqtt_client_publish. */
bool mqtt_session_publish(struct mqtt_session *session, const char *topic,
                          const void *bytes, size_t length);

void mqtt_session_state(struct mqtt_session *session, struct mqtt_session_state *state);

#endif
