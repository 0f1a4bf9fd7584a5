/* mqtt_strangers.c - see mqtt_strangers.h.
 *
 * DESIGN: the receiving thread is the only one that writes. Hashes, counts and times are
 * atomics that it changes without the mutex; a text is written, and read, under it. So a
 * message on a topic that is listed costs a walk over sixteen hashes.
 */
#include "adapters/mqtt_strangers.h"

#include "adapters/mqtt_topic.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct stranger {
    uint64_t hash; /* the receiving thread's; 0: free */
    atomic_ullong count;
    _Atomic int64_t last_ns;
    char topic[LINK_TOPIC_TEXT_MAX]; /* guarded by mutex */
};

struct mqtt_strangers {
    struct stranger list[LINK_STRANGERS_MAX];
    struct mono_time next_note; /* the receiving thread's */
    pthread_mutex_t mutex;
};

struct mqtt_strangers *mqtt_strangers_new(void)
{
    struct mqtt_strangers *strangers = mem_alloc(sizeof *strangers);

    (void)pthread_mutex_init(&strangers->mutex, NULL);
    return strangers;
}

void mqtt_strangers_free(struct mqtt_strangers *strangers)
{
    if (strangers == NULL)
        return;
    (void)pthread_mutex_destroy(&strangers->mutex);
    mem_free(strangers);
}

static void note(struct mqtt_strangers *strangers, struct stranger *stranger,
                 const struct mqtt_message *message)
{
    if (mono_before(message->mono, strangers->next_note) ||
        pthread_mutex_trylock(&strangers->mutex) != 0)
        return;
    strangers->next_note = mono_add_ms(message->mono, MQTT_STRANGERS_MS);
    stranger->hash = message->topic_hash;
    mqtt_topic_show(message->topic, message->topic_length, stranger->topic,
                    sizeof stranger->topic);
    atomic_store(&stranger->count, 1);
    atomic_store(&stranger->last_ns, message->time.ns);
    (void)pthread_mutex_unlock(&strangers->mutex);
}

void mqtt_strangers_see(struct mqtt_strangers *strangers,
                        const struct mqtt_message *message)
{
    struct stranger *oldest = &strangers->list[0];

    for (size_t i = 0; i < LINK_STRANGERS_MAX; i++) {
        struct stranger *stranger = &strangers->list[i];

        if (stranger->hash == message->topic_hash) {
            atomic_fetch_add_explicit(&stranger->count, 1, memory_order_relaxed);
            atomic_store_explicit(&stranger->last_ns, message->time.ns,
                                  memory_order_relaxed);
            return;
        }
        if (atomic_load_explicit(&stranger->last_ns, memory_order_relaxed) <
            atomic_load_explicit(&oldest->last_ns, memory_order_relaxed))
            oldest = stranger;
    }
    note(strangers, oldest, message);
}

static int by_time(const void *a, const void *b)
{
    int64_t first = ((const struct link_stranger *)a)->last.ns;
    int64_t second = ((const struct link_stranger *)b)->last.ns;

    return (first < second) - (first > second);
}

size_t mqtt_strangers_list(struct mqtt_strangers *strangers,
                           struct link_stranger list[LINK_STRANGERS_MAX])
{
    size_t count = 0;

    (void)pthread_mutex_lock(&strangers->mutex);
    for (size_t i = 0; i < LINK_STRANGERS_MAX; i++) {
        struct stranger *stranger = &strangers->list[i];

        if (stranger->topic[0] == '\0')
            continue;
        list[count].messages = atomic_load(&stranger->count);
        list[count].last.ns = atomic_load(&stranger->last_ns);
        memcpy(list[count].topic, stranger->topic, sizeof list[count].topic);
        count++;
    }
    (void)pthread_mutex_unlock(&strangers->mutex);
    qsort(list, count, sizeof list[0], by_time);
    return count;
}
