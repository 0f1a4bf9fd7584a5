/* mqtt_retry.h - when to connect to a broker again.
 *
 * 1 s after the first trouble, then doubling, each with a fifth of jitter so that many
 * gateways do not return to a restarted broker in step: up to 7.5 s while nobody listens,
 * so that values come again within ten seconds of the broker; up to 30 s when the broker
 * refuses us, because some lock out who tries often. A connection that held for half a
 * minute, or whose broker went away, starts it over.
 *
 * Connections that the broker ends young one after another mean that it does not want
 * this client: another one uses its id (each connect throws the other out), or a
 * subscription is forbidden. Then the waits reach a minute, and only a connection that
 * holds for two minutes ends the suspicion, so that two gateways with one id do not play
 * ping-pong for ever.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MQTT_RETRY_H
#define ADAPTERS_MQTT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    MQTT_RETRY_YOUNG_MS = 10 * 1000,
    MQTT_RETRY_SOUND_MS = 120 * 1000,
};

struct mqtt_retry {
    uint64_t random;  /* any start; state of the jitter */
    int64_t wait_ms;  /* without jitter; 0 at birth */
    unsigned unloved; /* connections that died young, in a row */
};

enum mqtt_end {
    MQTT_END_NOBODY,  /* nobody listens there, or did any more when it was lost */
    MQTT_END_REFUSED, /* somebody does, but we do not come to terms */
    MQTT_END_LOST,    /* the connection ended while the broker goes on */
};

/* How long to wait after a connection that held `held_ms`, or -1: did not come about. */
int64_t mqtt_retry_next(struct mqtt_retry *retry, enum mqtt_end end, int64_t held_ms);

/* Three or more connections died young. */
bool mqtt_retry_unloved(const struct mqtt_retry *retry);

#endif
