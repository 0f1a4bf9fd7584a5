/* mqtt_retry.h - when to connect to a broker again.
 *
 * 1 s after the first trouble, then doubling up to 30 s, each with a fifth of jitter so
 * that many gateways do not return to a restarted broker in step. A connection that held
 * for half a minute starts it over.
 *
 * Connections that die young one after another mean that the broker does not want this
 * client: another one uses its id (each connect throws the other out), or a subscription
 * is forbidden. Then the waits reach a minute, so that two gateways with one id do not
 * play ping-pong.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MQTT_RETRY_H
#define ADAPTERS_MQTT_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct mqtt_retry {
    uint64_t random;  /* any start; state of the jitter */
    int64_t wait_ms;  /* without jitter; 0 at birth */
    unsigned unloved; /* connections that died young, in a row */
};

/* How long to wait, after a connection that held `held_ms`, or -1: did not come about. */
int64_t mqtt_retry_next(struct mqtt_retry *retry, int64_t held_ms);

/* Three or more connections died young. */
bool mqtt_retry_unloved(const struct mqtt_retry *retry);

#endif
