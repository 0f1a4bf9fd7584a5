/* queue.h - bounded hand-over of equal-sized items between threads.
 *
 * Any number of producers, one consumer. A full queue refuses and counts; it never
 * blocks a producer, because a slow consumer must not delay a poll.
 *
 * Threads: queue_put and queue_wake from any thread; queue_take from one.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

struct queue_stats {
    uint64_t accepted;
    uint64_t dropped; /* items refused because the queue was full */
    size_t length;
    size_t high_water;
};

struct queue *queue_new(size_t item_size, size_t capacity);
void queue_free(struct queue *queue); /* NULL is fine; nobody may use it any more */

/* Copies `count` items in, all or none. False when they do not fit. */
bool queue_put(struct queue *queue, const void *items, size_t count);

/* Waits until there is an item, somebody calls queue_wake, or `until` has come, then
 * copies at most `max` items out. Returns how many. */
size_t queue_take(struct queue *queue, void *items, size_t max, struct mono_time until);

/* Makes a waiting queue_take return at once, even with nothing in it. */
void queue_wake(struct queue *queue);

struct queue_stats queue_stats(struct queue *queue);

#endif
