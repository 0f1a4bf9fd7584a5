/* queue.c - see queue.h.
 *
 * DESIGN: a ring under one mutex. Producers hand over whole batches, so the lock is
 * taken once per batch, and the consumer is signalled only while it waits: what costs
 * on this path is waking a thread, not copying.
 */
#include "base/queue.h"

#include "base/mem.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

struct queue {
    /* fixed after new */
    size_t item_size;
    size_t capacity;
    unsigned char *items;

    pthread_mutex_t mutex;
    pthread_cond_t filled;

    /* guarded by mutex */
    size_t head;
    size_t length;
    size_t high_water;
    uint64_t accepted;
    uint64_t dropped;
    bool waiting;
    bool woken;
};

struct queue *queue_new(size_t item_size, size_t capacity)
{
    struct queue *queue = mem_alloc(sizeof *queue);
    pthread_condattr_t attr;

    queue->item_size = item_size;
    queue->capacity = capacity;
    queue->items = mem_array(capacity, item_size);
    (void)pthread_mutex_init(&queue->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&queue->filled, &attr);
    (void)pthread_condattr_destroy(&attr);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (queue == NULL)
        return;
    (void)pthread_cond_destroy(&queue->filled);
    (void)pthread_mutex_destroy(&queue->mutex);
    mem_free(queue->items);
    mem_free(queue);
}

/* Copies in or out of the ring in at most two pieces. */
static void copy_in(struct queue *queue, const unsigned char *items, size_t count)
{
    size_t tail = (queue->head + queue->length) % queue->capacity;
    size_t first = count < queue->capacity - tail ? count : queue->capacity - tail;

    memcpy(queue->items + tail * queue->item_size, items, first * queue->item_size);
    memcpy(queue->items, items + first * queue->item_size,
           (count - first) * queue->item_size);
}

static void copy_out(const struct queue *queue, unsigned char *items, size_t count)
{
    size_t first =
        count < queue->capacity - queue->head ? count : queue->capacity - queue->head;

    memcpy(items, queue->items + queue->head * queue->item_size,
           first * queue->item_size);
    memcpy(items + first * queue->item_size, queue->items,
           (count - first) * queue->item_size);
}

bool queue_put(struct queue *queue, const void *items, size_t count)
{
    bool fits;
    bool signal = false;

    if (count == 0)
        return true;
    (void)pthread_mutex_lock(&queue->mutex);
    fits = count <= queue->capacity - queue->length;
    if (fits) {
        copy_in(queue, items, count);
        queue->length += count;
        queue->accepted += count;
        if (queue->length > queue->high_water)
            queue->high_water = queue->length;
        signal = queue->waiting;
        queue->waiting = false;
    } else {
        queue->dropped += count;
    }
    (void)pthread_mutex_unlock(&queue->mutex);
    if (signal)
        (void)pthread_cond_signal(&queue->filled);
    return fits;
}

size_t queue_take(struct queue *queue, void *items, size_t max, struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};
    size_t count;
    int rc = 0;

    (void)pthread_mutex_lock(&queue->mutex);
    while (queue->length == 0 && !queue->woken && rc == 0) {
        queue->waiting = true;
        rc = pthread_cond_timedwait(&queue->filled, &queue->mutex, &at);
    }
    queue->waiting = false;
    queue->woken = false;
    count = queue->length < max ? queue->length : max;
    copy_out(queue, items, count);
    queue->head = (queue->head + count) % queue->capacity;
    queue->length -= count;
    (void)pthread_mutex_unlock(&queue->mutex);
    return count;
}

void queue_wake(struct queue *queue)
{
    (void)pthread_mutex_lock(&queue->mutex);
    queue->woken = true;
    (void)pthread_mutex_unlock(&queue->mutex);
    (void)pthread_cond_signal(&queue->filled);
}

struct queue_stats queue_stats(struct queue *queue)
{
    struct queue_stats stats;

    (void)pthread_mutex_lock(&queue->mutex);
    stats = (struct queue_stats){
        .accepted = queue->accepted,
        .dropped = queue->dropped,
        .length = queue->length,
        .high_water = queue->high_water,
    };
    (void)pthread_mutex_unlock(&queue->mutex);
    return stats;
}
