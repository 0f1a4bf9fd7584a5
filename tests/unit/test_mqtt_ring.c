/* test_mqtt_ring.c - adapters/mqtt_ring.c alone and between threads. */
#include "adapters/mqtt_ring.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

static const struct mono_time at_once = {0};

static struct mqtt_message message_of(const char *topic, const char *payload)
{
    return (struct mqtt_message){
        .topic = topic,
        .topic_length = strlen(topic),
        .payload = payload,
        .payload_length = strlen(payload),
        .time = {7},
        .mono = {8},
    };
}

static bool put(struct mqtt_ring *ring, const struct mqtt_message *message)
{
    bool crowded;

    return mqtt_ring_put(ring, message, &crowded);
}

static void gives_back_what_went_in(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(100, 10000);
    struct mqtt_message message = message_of("a/b", "23.5");
    struct mqtt_message got;

    (void)state;
    assert_int_equal(mqtt_ring_take(ring, at_once), 0);
    assert_false(mqtt_ring_next(ring, &got));
    assert_true(put(ring, &message));
    message = message_of("", "");
    message.retained = true;
    message.again = true;
    message.several = true;
    message.topic_hash = 9;
    message.leaf = 10;
    assert_true(put(ring, &message));
    message = message_of("topic", "\0binary");
    message.payload_length = 7;
    assert_true(put(ring, &message));

    assert_int_equal(mqtt_ring_take(ring, MONO_NEVER), 3);
    assert_true(mqtt_ring_next(ring, &got));
    check_text("topic", got.topic, "a/b");
    check_text("payload", got.payload, "23.5");
    assert_true(got.topic_length == 3 && got.payload_length == 4 && !got.retained);
    assert_true(got.time.ns == 7 && got.mono.ns == 8);
    assert_true(mqtt_ring_next(ring, &got));
    assert_true(got.topic_length == 0 && got.payload_length == 0 && got.retained);
    assert_true(got.again && got.several && got.topic_hash == 9 && got.leaf == 10);
    assert_true(mqtt_ring_next(ring, &got));
    assert_memory_equal(got.payload, "\0binary", 8);
    assert_false(mqtt_ring_next(ring, &got));
    assert_int_equal(mqtt_ring_take(ring, at_once), 0);
    mqtt_ring_free(ring);
    mqtt_ring_free(NULL);
}

static void bounds_messages(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(3, 10000);
    struct mqtt_message message = message_of("t", "1");

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(put(ring, &message) == (i < 3));
    assert_int_equal(mqtt_ring_stats(ring).accepted, 3);
    assert_int_equal(mqtt_ring_stats(ring).dropped, 2);
    assert_int_equal(mqtt_ring_stats(ring).high_messages, 3);
    assert_int_equal(mqtt_ring_take(ring, at_once), 3);
    assert_true(put(ring, &message));
    mqtt_ring_free(ring);
}

static void bounds_bytes(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(1000, 4096);
    char payload[1001];
    struct mqtt_message message;
    size_t taken = 0;

    (void)state;
    memset(payload, 'x', sizeof payload);
    payload[1000] = '\0';
    message = message_of("t", payload);
    while (put(ring, &message))
        taken++;
    assert_int_equal(taken, 3);
    assert_true(mqtt_ring_stats(ring).high_bytes <= 4096);
    message = message_of("t", "small"); /* a small one still fits */
    assert_true(put(ring, &message));
    assert_int_equal(mqtt_ring_take(ring, at_once), 4);
    mqtt_ring_free(ring);
}

static void says_when_it_is_crowded(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(100, 1 << 20);
    struct mqtt_message message = message_of("t", "1");
    uint32_t turn = mqtt_ring_turn(ring);
    bool crowded = false;
    int until = 0;

    (void)state;
    for (; !crowded; until++)
        assert_true(mqtt_ring_put(ring, &message, &crowded));
    assert_int_equal(until, 76); /* beyond three quarters */
    assert_int_equal(mqtt_ring_turn(ring), turn);
    assert_int_equal(mqtt_ring_take(ring, at_once), until);
    assert_int_not_equal(mqtt_ring_turn(ring), turn);
    assert_true(mqtt_ring_put(ring, &message, &crowded));
    assert_false(crowded);
    mqtt_ring_free(ring);
    ring = mqtt_ring_new(100000, 4096); /* the same by bytes */
    while (!crowded)
        assert_true(mqtt_ring_put(ring, &message, &crowded));
    assert_true(mqtt_ring_stats(ring).high_bytes > 3072);
    mqtt_ring_free(ring);
}

/* 5000 messages in and out, numbered. */
static void burst(struct mqtt_ring *ring)
{
    char payload[32];
    struct mqtt_message got;

    for (int i = 0; i < 5000; i++) {
        struct mqtt_message message;

        (void)snprintf(payload, sizeof payload, "%d", i);
        message = message_of("some/topic", payload);
        assert_true(put(ring, &message));
    }
    assert_int_equal(mqtt_ring_take(ring, at_once), 5000);
    for (int i = 0; mqtt_ring_next(ring, &got); i++) {
        (void)snprintf(payload, sizeof payload, "%d", i);
        check_text("in order", got.payload, payload);
    }
}

static void grows_with_a_burst(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(20000, 8 << 20);

    (void)state;
    for (int round = 0; round < 3; round++)
        burst(ring);
    mqtt_ring_free(ring);
}

static void waits_and_wakes(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(10, 4096);
    struct mono_time start = mono_now();

    (void)state;
    assert_int_equal(mqtt_ring_take(ring, mono_add_ms(start, 20)), 0);
    assert_true(mono_diff_ms(mono_now(), start) >= 20);
    mqtt_ring_wake(ring);
    assert_int_equal(mqtt_ring_take(ring, MONO_NEVER), 0);
    mqtt_ring_free(ring);
}

enum {
    MESSAGES = 50000,
};

static void *put_many(void *argument)
{
    struct mqtt_ring *ring = argument;

    for (uint32_t i = 0; i < MESSAGES; i++) {
        struct mqtt_message message = message_of("t", "");

        message.payload = (const char *)&i;
        message.payload_length = sizeof i;
        while (!put(ring, &message))
            (void)sched_yield();
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    struct mqtt_ring *ring = mqtt_ring_new(1000, 1 << 16);
    pthread_t thread;
    uint32_t next = 0;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, put_many, ring), 0);
    while (next < MESSAGES) {
        struct mqtt_message got;

        assert_true(mqtt_ring_take(ring, mono_add_ms(mono_now(), 10000)) > 0);
        while (mqtt_ring_next(ring, &got)) {
            assert_memory_equal(got.payload, &next, sizeof next);
            next++;
        }
    }
    (void)pthread_join(thread, NULL);
    assert_int_equal(mqtt_ring_stats(ring).accepted, MESSAGES);
    mqtt_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_went_in),
        cmocka_unit_test(bounds_messages),
        cmocka_unit_test(bounds_bytes),
        cmocka_unit_test(says_when_it_is_crowded),
        cmocka_unit_test(grows_with_a_burst),
        cmocka_unit_test(waits_and_wakes),
        cmocka_unit_test(nothing_is_lost_between_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
