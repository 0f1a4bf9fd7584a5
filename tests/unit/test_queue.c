/* test_queue.c - base/queue.c alone and between threads. */
#include "base/queue.h"
#include "tests/unit/check.h"

#include <pthread.h>
#include <sched.h>

static const struct mono_time at_once = {0};

static void keeps_order_round_the_ring(void **state)
{
    struct queue *queue = queue_new(sizeof(uint32_t), 7);
    uint32_t next_in = 0;
    uint32_t next_out = 0;

    (void)state;
    for (size_t round = 0; round < 100; round++) {
        uint32_t batch[7];
        uint32_t got[7] = {0};
        size_t count = 1 + round % 5;

        for (size_t i = 0; i < count; i++)
            batch[i] = next_in++;
        assert_true(queue_put(queue, batch, count));
        assert_int_equal(queue_take(queue, got, 7, at_once), count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(got[i], next_out++);
    }
    queue_free(queue);
    queue_free(NULL);
}

static void refuses_whole_batches_and_counts(void **state)
{
    struct queue *queue = queue_new(sizeof(int), 4);
    const int items[] = {1, 2, 3, 4, 5};
    struct queue_stats stats;
    int got[4];

    (void)state;
    assert_true(queue_put(queue, items, 0));
    assert_true(queue_put(queue, items, 3));
    assert_false(queue_put(queue, items, 2));
    assert_false(queue_put(queue, items, 5));
    assert_true(queue_put(queue, items + 3, 1));
    stats = queue_stats(queue);
    assert_int_equal(stats.accepted, 4);
    assert_int_equal(stats.dropped, 7);
    assert_int_equal(stats.length, 4);
    assert_int_equal(stats.high_water, 4);
    assert_int_equal(queue_take(queue, got, 2, at_once), 2);
    assert_int_equal(queue_take(queue, got + 2, 4, at_once), 2);
    for (int i = 0; i < 4; i++)
        assert_int_equal(got[i], i + 1);
    assert_int_equal(queue_take(queue, got, 4, at_once), 0);
    queue_free(queue);
}

static void waits_until_its_deadline(void **state)
{
    struct queue *queue = queue_new(sizeof(int), 4);
    struct mono_time until = mono_add_ms(mono_now(), 30);
    int got;

    (void)state;
    assert_int_equal(queue_take(queue, &got, 1, until), 0);
    assert_false(mono_before(mono_now(), until));
    queue_free(queue);
}

static void a_wake_before_the_wait_is_not_lost(void **state)
{
    struct queue *queue = queue_new(sizeof(int), 4);
    struct mono_time start = mono_now();
    int got;

    (void)state;
    queue_wake(queue);
    assert_int_equal(queue_take(queue, &got, 1, mono_add_ms(start, 10000)), 0);
    assert_true(mono_diff_ms(mono_now(), start) < 5000);
    /* and it is used up */
    assert_int_equal(queue_take(queue, &got, 1, mono_add_ms(mono_now(), 5)), 0);
    queue_free(queue);
}

static void *wake_later(void *queue)
{
    mono_sleep_until(mono_add_ms(mono_now(), 20));
    queue_wake(queue);
    return NULL;
}

static void a_wake_ends_a_wait_without_end(void **state)
{
    struct queue *queue = queue_new(sizeof(int), 4);
    pthread_t thread;
    int got;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, wake_later, queue), 0);
    assert_int_equal(queue_take(queue, &got, 1, MONO_NEVER), 0);
    (void)pthread_join(thread, NULL);
    queue_free(queue);
}

enum {
    PRODUCERS = 3,
    PER_PRODUCER = 20000,
};

struct producer {
    struct queue *queue;
    uint32_t id;
};

/* Batches of 1 to 5; a full queue is tried again, so nothing may be missing. */
static void *produce(void *argument)
{
    const struct producer *self = argument;
    uint32_t next = 0;

    while (next < PER_PRODUCER) {
        uint32_t batch[5];
        uint32_t count = 1 + next % 5;

        if (count > PER_PRODUCER - next)
            count = PER_PRODUCER - next;
        for (uint32_t i = 0; i < count; i++)
            batch[i] = self->id << 24 | (next + i);
        while (!queue_put(self->queue, batch, count))
            (void)sched_yield();
        next += count;
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    struct queue *queue = queue_new(sizeof(uint32_t), 64);
    struct producer producers[PRODUCERS];
    pthread_t threads[PRODUCERS];
    uint32_t next[PRODUCERS] = {0};
    size_t total = 0;

    (void)state;
    for (uint32_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){queue, i};
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    while (total < (size_t)PRODUCERS * PER_PRODUCER) {
        uint32_t got[48];
        size_t count = queue_take(queue, got, 48, mono_add_ms(mono_now(), 10000));

        assert_true(count > 0);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(got[i] & 0xffffff, next[got[i] >> 24]++);
        total += count;
    }
    for (size_t i = 0; i < PRODUCERS; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(queue_stats(queue).length, 0);
    assert_int_equal(queue_stats(queue).accepted, PRODUCERS * PER_PRODUCER);
    queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_round_the_ring),
        cmocka_unit_test(refuses_whole_batches_and_counts),
        cmocka_unit_test(waits_until_its_deadline),
        cmocka_unit_test(a_wake_before_the_wait_is_not_lost),
        cmocka_unit_test(a_wake_ends_a_wait_without_end),
        cmocka_unit_test(nothing_is_lost_between_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
