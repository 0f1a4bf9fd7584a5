/* mqtt_ring.c - see mqtt_ring.h.
 *
 * DESIGN: two buffers. The library's thread appends records to the one that is being
 * filled; the link's thread swaps it for the other, empty one, and reads what it took
 * without the mutex. So the mutex is held for one memcpy or for the swap, a burst costs
 * one wake-up, and a buffer is as large as the largest burst so far.
 *
 * A record is a struct record, the topic and its NUL, the payload and its NUL, and
 * padding to the alignment of the next record.
 */
#include "adapters/mqtt_ring.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
    FIRST_BYTES = 16 * 1024, /* a buffer's size at birth; doubles as needed */
};

struct record {
    struct wall_time time;
    struct mono_time mono;
    uint64_t topic_hash;
    size_t payload_length;
    uint32_t size; /* of the whole record */
    uint32_t leaf;
    uint16_t topic_length;
    bool several;
    bool retained;
    bool again;
};

struct buffer {
    unsigned char *bytes;
    size_t capacity;
    size_t used;
    size_t messages;
};

struct mqtt_ring {
    /* fixed after new */
    size_t max_messages;
    size_t max_bytes;

    atomic_uint turn;
    pthread_mutex_t mutex;
    pthread_cond_t filled;

    /* guarded by mutex */
    struct buffer filling;
    struct mqtt_ring_stats stats;
    bool waiting;
    bool woken;

    /* owned by the taking thread */
    struct buffer taken;
    size_t read; /* bytes of `taken` that were given out */
    struct mono_time taken_at;
};

struct mqtt_ring *mqtt_ring_new(size_t messages, size_t bytes)
{
    struct mqtt_ring *ring = mem_alloc(sizeof *ring);
    pthread_condattr_t attr;

    assert(bytes <= UINT32_MAX);
    ring->max_messages = messages;
    ring->max_bytes = bytes;
    atomic_init(&ring->turn, 1);
    (void)pthread_mutex_init(&ring->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&ring->filled, &attr);
    (void)pthread_condattr_destroy(&attr);
    return ring;
}

void mqtt_ring_free(struct mqtt_ring *ring)
{
    if (ring == NULL)
        return;
    (void)pthread_cond_destroy(&ring->filled);
    (void)pthread_mutex_destroy(&ring->mutex);
    mem_free(ring->filling.bytes);
    mem_free(ring->taken.bytes);
    mem_free(ring);
}

static size_t record_size(const struct mqtt_message *message)
{
    const size_t align = _Alignof(struct record);
    size_t size =
        sizeof(struct record) + message->topic_length + 1 + message->payload_length + 1;

    return (size + align - 1) / align * align;
}

static void make_room(struct buffer *buffer, size_t size)
{
    size_t capacity = buffer->capacity == 0 ? FIRST_BYTES : buffer->capacity;

    while (capacity < buffer->used + size)
        capacity *= 2;
    if (capacity == buffer->capacity)
        return;
    buffer->bytes = mem_resize(buffer->bytes, capacity, 1);
    buffer->capacity = capacity;
}

static void append(struct buffer *buffer, const struct mqtt_message *message, size_t size)
{
    struct record record = {
        .time = message->time,
        .mono = message->mono,
        .topic_hash = message->topic_hash,
        .payload_length = message->payload_length,
        .size = (uint32_t)size,
        .leaf = message->leaf,
        .topic_length = (uint16_t)message->topic_length,
        .several = message->several,
        .retained = message->retained,
        .again = message->again,
    };
    unsigned char *to;

    make_room(buffer, size);
    to = buffer->bytes + buffer->used;
    memcpy(to, &record, sizeof record);
    to += sizeof record;
    memcpy(to, message->topic, message->topic_length);
    to += message->topic_length;
    *to++ = '\0';
    if (message->payload_length > 0)
        memcpy(to, message->payload, message->payload_length);
    to[message->payload_length] = '\0';
    buffer->used += size;
    buffer->messages++;
}

static void note_height(struct mqtt_ring *ring)
{
    if (ring->filling.messages > ring->stats.high_messages)
        ring->stats.high_messages = ring->filling.messages;
    if (ring->filling.used > ring->stats.high_bytes)
        ring->stats.high_bytes = ring->filling.used;
}

/* Three quarters of either bound. */
static bool is_crowded(const struct mqtt_ring *ring)
{
    return ring->filling.messages > ring->max_messages / 4 * 3 ||
           ring->filling.used > ring->max_bytes / 4 * 3;
}

bool mqtt_ring_put(struct mqtt_ring *ring, const struct mqtt_message *message,
                   bool *crowded)
{
    size_t size = record_size(message);
    bool fits;
    bool signal = false;

    assert(message->topic_length <= UINT16_MAX);
    (void)pthread_mutex_lock(&ring->mutex);
    fits = ring->filling.messages < ring->max_messages &&
           size <= ring->max_bytes - ring->filling.used;
    if (fits) {
        append(&ring->filling, message, size);
        note_height(ring);
        ring->stats.accepted++;
        signal = ring->waiting;
        ring->waiting = false;
    } else {
        ring->stats.dropped++;
    }
    *crowded = is_crowded(ring);
    (void)pthread_mutex_unlock(&ring->mutex);
    if (signal)
        (void)pthread_cond_signal(&ring->filled);
    return fits;
}

size_t mqtt_ring_take(struct mqtt_ring *ring, struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};
    struct buffer empty = ring->taken;
    int rc = 0;

    empty.used = 0;
    empty.messages = 0;
    ring->read = 0;
    (void)pthread_mutex_lock(&ring->mutex);
    while (ring->filling.messages == 0 && !ring->woken && rc == 0) {
        ring->waiting = true;
        rc = pthread_cond_timedwait(&ring->filled, &ring->mutex, &at);
    }
    ring->waiting = false;
    ring->woken = false;
    ring->taken = ring->filling;
    ring->filling = empty;
    (void)atomic_fetch_add(&ring->turn, 1);
    ring->taken_at = mono_now(); /* under the mutex: nothing in it came later */
    (void)pthread_mutex_unlock(&ring->mutex);
    return ring->taken.messages;
}

struct mono_time mqtt_ring_taken(const struct mqtt_ring *ring)
{
    return ring->taken_at;
}

bool mqtt_ring_next(struct mqtt_ring *ring, struct mqtt_message *message)
{
    const unsigned char *from;
    struct record record;
    const char *topic;

    if (ring->read >= ring->taken.used)
        return false;
    from = ring->taken.bytes + ring->read;
    memcpy(&record, from, sizeof record);
    topic = (const char *)from + sizeof record;
    *message = (struct mqtt_message){
        .topic = topic,
        .topic_length = record.topic_length,
        .payload = topic + record.topic_length + 1,
        .payload_length = record.payload_length,
        .topic_hash = record.topic_hash,
        .leaf = record.leaf,
        .several = record.several,
        .retained = record.retained,
        .again = record.again,
        .time = record.time,
        .mono = record.mono,
    };
    ring->read += record.size;
    return true;
}

uint32_t mqtt_ring_turn(struct mqtt_ring *ring)
{
    return atomic_load_explicit(&ring->turn, memory_order_relaxed);
}

void mqtt_ring_wake(struct mqtt_ring *ring)
{
    (void)pthread_mutex_lock(&ring->mutex);
    ring->woken = true;
    (void)pthread_mutex_unlock(&ring->mutex);
    (void)pthread_cond_signal(&ring->filled);
}

struct mqtt_ring_stats mqtt_ring_stats(struct mqtt_ring *ring)
{
    struct mqtt_ring_stats stats;

    (void)pthread_mutex_lock(&ring->mutex);
    stats = ring->stats;
    (void)pthread_mutex_unlock(&ring->mutex);
    return stats;
}
