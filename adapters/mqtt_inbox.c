/* mqtt_inbox.c - see mqtt_inbox.h.
 *
 * DESIGN: the receiving thread decides; it shares with the reader only the ring (a mutex
 * for one memcpy), the slots of topics that send too much (a mutex, and only for these)
 * and counters (atomics that one thread writes). What is dropped for its topic or length
 * touches none of the locks.
 */
#include "adapters/mqtt_inbox.h"

#include "adapters/mqtt_hash.h"
#include "adapters/mqtt_rate.h"
#include "adapters/mqtt_topic.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

enum {
    RING_MESSAGES = 65536,         /* three seconds of 20000 a second */
    RING_BYTES = 16 * 1024 * 1024, /* of a link; 256 bytes for each of these messages */
    HELD_BYTES = 4 * 1024 * 1024,
    LARGEST_FIT = 4, /* times, at least, that the largest message fits */
};

struct mqtt_inbox {
    /* fixed after new */
    const struct mqtt_index *index;
    struct mqtt_inbox_limits limits;
    uint64_t seed;
    struct mqtt_ring *ring;
    struct mqtt_rate *rate;
    struct mqtt_strangers *strangers;

    /* owned by the receiving thread */
    bool crowded; /* the ring, in that turn */
    uint32_t turn;

    /* owned by the reading thread */
    bool ring_read;         /* what follows waited for its turn */
    struct mono_time taken; /* when the ring was */

    /* counters, written by the receiving thread */
    atomic_ullong lost;
    atomic_ullong over_rate;
    atomic_ullong oversize;
    atomic_ullong unknown;

    pthread_mutex_t mutex;

    /* guarded by mutex */
    char large_topic[LINK_TOPIC_TEXT_MAX]; /* "": nothing new */
    size_t large_length;
};

static size_t at_least(size_t usual, size_t needed)
{
    return needed > usual ? needed : usual;
}

struct mqtt_inbox *mqtt_inbox_new(const struct mqtt_index *index,
                                  const struct mqtt_inbox_limits *limits)
{
    struct mqtt_inbox *inbox = mem_alloc(sizeof *inbox);
    size_t largest = limits->max_payload * LARGEST_FIT;

    inbox->index = index;
    inbox->limits = *limits;
    if (getrandom(&inbox->seed, sizeof inbox->seed, 0) != (ssize_t)sizeof inbox->seed)
        inbox->seed = (uint64_t)wall_now().ns;
    inbox->ring = mqtt_ring_new(RING_MESSAGES, at_least(RING_BYTES, largest));
    inbox->rate = mqtt_rate_new(limits->max_rate, at_least(HELD_BYTES, largest));
    inbox->strangers = mqtt_strangers_new();
    (void)pthread_mutex_init(&inbox->mutex, NULL);
    return inbox;
}

void mqtt_inbox_free(struct mqtt_inbox *inbox)
{
    if (inbox == NULL)
        return;
    (void)pthread_mutex_destroy(&inbox->mutex);
    mqtt_strangers_free(inbox->strangers);
    mqtt_rate_free(inbox->rate);
    mqtt_ring_free(inbox->ring);
    mem_free(inbox);
}

/* ---- the receiving thread ---- */

static void count(atomic_ullong *counter)
{
    atomic_store_explicit(counter,
                          atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static void drop_oversize(struct mqtt_inbox *inbox, const struct mqtt_message *message)
{
    bool news;

    count(&inbox->oversize);
    if (pthread_mutex_trylock(&inbox->mutex) != 0)
        return; /* the next one will do */
    news = inbox->large_topic[0] == '\0';
    if (news) {
        mqtt_topic_show(message->topic, message->topic_length, inbox->large_topic,
                        sizeof inbox->large_topic);
        inbox->large_length = message->payload_length;
    }
    (void)pthread_mutex_unlock(&inbox->mutex);
    if (news)
        mqtt_ring_wake(inbox->ring);
}

static void pass(struct mqtt_inbox *inbox, const struct mqtt_message *message)
{
    (void)mqtt_ring_put(inbox->ring, message, &inbox->crowded);
}

/* A topic that is known, at a length that is allowed. */
static void accept(struct mqtt_inbox *inbox, const struct mqtt_message *message)
{
    uint32_t turn = mqtt_ring_turn(inbox->ring);

    inbox->crowded = inbox->crowded && turn == inbox->turn;
    inbox->turn = turn;
    switch (mqtt_rate_offer(inbox->rate, message, inbox->crowded, turn)) {
    case MQTT_RATE_PASS:
        pass(inbox, message);
        break;
    case MQTT_RATE_HELD_NEW:
        mqtt_ring_wake(inbox->ring); /* the reader may mean to sleep longer */
        break;
    case MQTT_RATE_REPLACED:
        count(&inbox->over_rate);
        break;
    case MQTT_RATE_FULL:
        count(&inbox->lost);
        break;
    }
}

void mqtt_inbox_put(struct mqtt_inbox *inbox, const struct mqtt_message *message)
{
    struct mqtt_message known = *message;

    known.leaf = mqtt_index_first(inbox->index, message->topic, message->topic_length,
                                  &known.several);
    known.topic_hash = mqtt_hash(message->topic, message->topic_length, inbox->seed);
    if (known.leaf == MQTT_NOWHERE) {
        count(&inbox->unknown);
        mqtt_strangers_see(inbox->strangers, &known);
    } else if (message->payload_length > inbox->limits.max_payload) {
        drop_oversize(inbox, message);
    } else {
        accept(inbox, &known);
    }
}

/* ---- the reading thread ---- */

void mqtt_inbox_take(struct mqtt_inbox *inbox, struct mono_time until)
{
    (void)mqtt_ring_take(inbox->ring, mono_min(until, mqtt_rate_due(inbox->rate)));
    inbox->ring_read = false;
    inbox->taken = mqtt_ring_taken(inbox->ring);
}

/* What waited is newer than what is in the ring. */
bool mqtt_inbox_next(struct mqtt_inbox *inbox, struct mqtt_message *message)
{
    if (!inbox->ring_read && mqtt_ring_next(inbox->ring, message))
        return true;
    inbox->ring_read = true;
    return mqtt_rate_take(inbox->rate, inbox->taken, message);
}

void mqtt_inbox_wake(struct mqtt_inbox *inbox)
{
    mqtt_ring_wake(inbox->ring);
}

void mqtt_inbox_counts(struct mqtt_inbox *inbox, struct link_status *status)
{
    status->dropped = mqtt_ring_stats(inbox->ring).dropped + atomic_load(&inbox->lost);
    status->dropped_rate = atomic_load(&inbox->over_rate);
    status->dropped_oversize = atomic_load(&inbox->oversize);
    status->dropped_unknown = atomic_load(&inbox->unknown);
}

size_t mqtt_inbox_strangers(struct mqtt_inbox *inbox,
                            struct link_stranger list[LINK_STRANGERS_MAX])
{
    return mqtt_strangers_list(inbox->strangers, list);
}

bool mqtt_inbox_oversize(struct mqtt_inbox *inbox, char topic[LINK_TOPIC_TEXT_MAX],
                         size_t *length)
{
    bool noted;

    (void)pthread_mutex_lock(&inbox->mutex);
    noted = inbox->large_topic[0] != '\0';
    memcpy(topic, inbox->large_topic, LINK_TOPIC_TEXT_MAX);
    *length = inbox->large_length;
    inbox->large_topic[0] = '\0';
    (void)pthread_mutex_unlock(&inbox->mutex);
    return noted;
}
