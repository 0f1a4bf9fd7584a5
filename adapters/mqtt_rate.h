/* mqtt_rate.h - how many messages a second one topic may send, and the newest of what was
 * too many.
 *
 * A topic may send as many messages at once as it may in a second, then one each time its
 * rate allows. A message beyond that waits here; one that comes meanwhile takes its place
 * (the old one is lost and counted by the caller), and what waits is delivered when the
 * rate allows, at the latest after a second. So a topic that floods costs no more than
 * its rate, and its last word is never lost.
 *
 * The same is done to a topic that already has a message in a queue that is nearly full:
 * then every topic still gets its newest through.
 *
 * Bounded: state of MQTT_RATE_TOPICS topics (the one silent longest is forgotten, which
 * only makes it free to send again), MQTT_RATE_HELD messages, `bytes` of them.
 *
 * Threads: offer and turn from the thread that receives; take and due from the one that
 * reads; they meet under a mutex only where a message waits.
 */
#ifndef ADAPTERS_MQTT_RATE_H
#define ADAPTERS_MQTT_RATE_H

#include "adapters/mqtt_ring.h"

enum {
    MQTT_RATE_TOPICS = 16384, /* as many as a broker of a large site has */
    MQTT_RATE_HELD = 1024,    /* topics that flood at one time */
};

struct mqtt_rate;

/* `per_second` from 1. At most `bytes` wait. */
struct mqtt_rate *mqtt_rate_new(int64_t per_second, size_t bytes);
void mqtt_rate_free(struct mqtt_rate *rate); /* NULL is fine; nobody may use it */

enum mqtt_rate_answer {
    MQTT_RATE_PASS,     /* hand it on */
    MQTT_RATE_HELD_NEW, /* a copy waits; wake the reader */
    MQTT_RATE_REPLACED, /* a copy waits in place of an older one, which is lost */
    MQTT_RATE_FULL,     /* nowhere to wait: it is lost */
};

/* `crowded`: the queue is nearly full. `turn` changes when it was emptied. */
enum mqtt_rate_answer mqtt_rate_offer(struct mqtt_rate *rate,
                                      const struct mqtt_message *message, bool crowded,
                                      uint32_t turn);

/* When the first message that waits is due; MONO_NEVER when none waits. */
struct mono_time mqtt_rate_due(struct mqtt_rate *rate);

/* The next message that is due at `now`; borrowed until the next call. */
bool mqtt_rate_take(struct mqtt_rate *rate, struct mono_time now,
                    struct mqtt_message *message);

#endif
