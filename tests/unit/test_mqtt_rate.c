/* test_mqtt_rate.c - how much one topic may send: adapters/mqtt_rate.c. */
#include "adapters/mqtt_hash.h"
#include "adapters/mqtt_rate.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <stdio.h>

static const struct mono_time start = {1000 * CLOCK_S};

static enum mqtt_rate_answer offer_at(struct mqtt_rate *rate, const char *topic,
                                      const char *payload, int64_t at_ms, bool crowded)
{
    const struct mqtt_message message = {
        .topic = topic,
        .topic_length = strlen(topic),
        .payload = payload,
        .payload_length = strlen(payload),
        .topic_hash = mqtt_hash(topic, strlen(topic), 1),
        .leaf = 5,
        .mono = mono_add_ms(start, at_ms),
    };

    return mqtt_rate_offer(rate, &message, crowded, 1);
}

static enum mqtt_rate_answer offer(struct mqtt_rate *rate, const char *topic,
                                   const char *payload, int64_t at_ms)
{
    return offer_at(rate, topic, payload, at_ms, false);
}

static void take(struct mqtt_rate *rate, int64_t at_ms, const char *topic,
                 const char *payload)
{
    struct mqtt_message message;

    assert_true(mqtt_rate_take(rate, mono_add_ms(start, at_ms), &message));
    check_text("topic", message.topic, topic);
    check_text("payload", message.payload, payload);
    assert_true(message.topic_length == strlen(topic) &&
                message.payload_length == strlen(payload) && message.leaf == 5);
}

static bool nothing_due(struct mqtt_rate *rate, int64_t at_ms)
{
    struct mqtt_message message;

    return !mqtt_rate_take(rate, mono_add_ms(start, at_ms), &message);
}

static void keeps_the_newest(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(2, 10000);

    (void)state;
    assert_int_equal(mqtt_rate_due(rate).ns, MONO_NEVER.ns);
    assert_int_equal(offer(rate, "t", "1", 0), MQTT_RATE_PASS);
    assert_int_equal(offer(rate, "t", "2", 10), MQTT_RATE_PASS);
    assert_int_equal(offer(rate, "t", "3", 20), MQTT_RATE_HELD_NEW);
    assert_int_equal(offer(rate, "t", "4", 30), MQTT_RATE_REPLACED);
    assert_int_equal(offer(rate, "t", "longer than before", 40), MQTT_RATE_REPLACED);
    assert_int_equal(offer(rate, "u", "1", 50), MQTT_RATE_PASS); /* not its business */
    assert_int_equal(mqtt_rate_due(rate).ns, mono_add_ms(start, 500).ns);
    assert_true(nothing_due(rate, 499));
    take(rate, 500, "t", "longer than before");
    assert_true(nothing_due(rate, 500));
    assert_int_equal(mqtt_rate_due(rate).ns, MONO_NEVER.ns);
    mqtt_rate_free(rate);
    mqtt_rate_free(NULL);
}

static void is_free_again_after_a_rest(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(2, 10000);

    (void)state;
    for (int64_t at_ms = 0; at_ms < 100000; at_ms += 500)
        assert_int_equal(offer(rate, "t", "1", at_ms), MQTT_RATE_PASS);
    assert_int_equal(offer(rate, "t", "1", 200000), MQTT_RATE_PASS);
    assert_int_equal(offer(rate, "t", "1", 200000), MQTT_RATE_PASS);
    assert_int_equal(offer(rate, "t", "1", 200000), MQTT_RATE_HELD_NEW);
    mqtt_rate_free(rate);
}

/* A flood for ten seconds: the rate comes through, and the last word within a second. */
static void a_flood_is_thinned(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(10, 10000);
    char payload[32] = "";
    char last[32] = "";
    uint64_t passed = 0;
    uint64_t replaced = 0;
    uint64_t held = 0;
    struct mqtt_message message;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        enum mqtt_rate_answer answer;

        (void)snprintf(payload, sizeof payload, "%d", i);
        answer = offer(rate, "t", payload, i / 10);
        passed += answer == MQTT_RATE_PASS ? 1 : 0;
        replaced += answer == MQTT_RATE_REPLACED ? 1 : 0;
        assert_int_not_equal(answer, MQTT_RATE_FULL);
        while (mqtt_rate_take(rate, mono_add_ms(start, i / 10), &message))
            held++;
    }
    while (mqtt_rate_take(rate, mono_add_ms(start, 11000), &message)) {
        held++;
        (void)snprintf(last, sizeof last, "%s", message.payload);
    }
    check_text("the last word", last, payload);
    assert_int_equal(passed + held + replaced, 100000);
    assert_true(passed + held >= 109 && passed + held <= 111); /* ten at once, 10/s */
    mqtt_rate_free(rate);
}

static void a_crowd_lets_each_topic_through(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(1000000, 10000);

    (void)state;
    assert_int_equal(offer_at(rate, "t", "1", 0, false), MQTT_RATE_PASS);
    assert_int_equal(offer_at(rate, "t", "2", 1, true), MQTT_RATE_HELD_NEW);
    assert_int_equal(offer_at(rate, "u", "1", 1, true), MQTT_RATE_PASS);
    mqtt_rate_free(rate);
    rate = mqtt_rate_new(1000000, 10000);
    for (uint32_t turn = 1; turn < 4; turn++) {
        struct mqtt_message message = {.topic = "t",
                                       .topic_length = 1,
                                       .payload = "x",
                                       .payload_length = 1,
                                       .topic_hash = 77,
                                       .mono = mono_add_ms(start, turn * 10)};

        assert_int_equal(mqtt_rate_offer(rate, &message, true, turn), MQTT_RATE_PASS);
        assert_int_equal(mqtt_rate_offer(rate, &message, true, turn), MQTT_RATE_HELD_NEW);
        assert_int_equal(mqtt_rate_offer(rate, &message, true, turn), MQTT_RATE_REPLACED);
        assert_true(nothing_due(rate, turn * 10 - 1));
        assert_true(mqtt_rate_take(rate, message.mono, &message));
    }
    mqtt_rate_free(rate);
}

static void bounds_what_waits(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(1, 4 << 20);
    char topic[16];
    size_t waiting = 0;
    size_t lost = 0;
    struct mqtt_message message;

    (void)state;
    for (int i = 0; i < MQTT_RATE_HELD + 100; i++) {
        enum mqtt_rate_answer answer;

        (void)snprintf(topic, sizeof topic, "t%d", i);
        assert_int_equal(offer(rate, topic, "1", 0), MQTT_RATE_PASS);
        answer = offer(rate, topic, "2", 1);
        waiting += answer == MQTT_RATE_HELD_NEW ? 1 : 0;
        lost += answer == MQTT_RATE_FULL ? 1 : 0;
    }
    assert_int_equal(waiting, MQTT_RATE_HELD);
    assert_int_equal(lost, 100);
    while (mqtt_rate_take(rate, mono_add_ms(start, 1001), &message))
        waiting--;
    assert_int_equal(waiting, 0);
    mqtt_rate_free(rate);
}

static void bounds_bytes(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(1, 100);
    char payload[60];
    struct mqtt_message message;

    (void)state;
    memset(payload, 'x', sizeof payload);
    payload[59] = '\0';
    for (int i = 0; i < 3; i++) { /* the memory comes back */
        int64_t at_ms = i * 10000;

        assert_int_equal(offer(rate, "a", payload, at_ms), MQTT_RATE_PASS);
        assert_int_equal(offer(rate, "b", payload, at_ms), MQTT_RATE_PASS);
        assert_int_equal(offer(rate, "a", payload, at_ms + 1), MQTT_RATE_HELD_NEW);
        assert_int_equal(offer(rate, "b", payload, at_ms + 1), MQTT_RATE_FULL);
        assert_int_equal(offer(rate, "a", payload, at_ms + 2), MQTT_RATE_REPLACED);
        assert_int_equal(offer(rate, "b", "1", at_ms + 2), MQTT_RATE_HELD_NEW);
        take(rate, at_ms + 1001, "a", payload);
        take(rate, at_ms + 1002, "b", "1");
        assert_false(mqtt_rate_take(rate, mono_add_ms(start, at_ms + 2000), &message));
    }
    mqtt_rate_free(rate);
}

static void a_flood_of_topics_is_bounded(void **state)
{
    struct mqtt_rate *rate = mqtt_rate_new(1, 10000);
    char topic[16];

    (void)state;
    assert_int_equal(offer(rate, "held", "1", 0), MQTT_RATE_PASS);
    assert_int_equal(offer(rate, "held", "2", 0), MQTT_RATE_HELD_NEW);
    for (int i = 0; i < 4 * MQTT_RATE_TOPICS; i++) {
        (void)snprintf(topic, sizeof topic, "t%d", i);
        assert_int_equal(offer(rate, topic, "1", 1), MQTT_RATE_PASS);
    }
    /* One with a message that waits is not forgotten: nothing would overtake it. */
    assert_int_equal(offer(rate, "held", "3", 2), MQTT_RATE_REPLACED);
    take(rate, 1000, "held", "3");
    mqtt_rate_free(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_newest),
        cmocka_unit_test(is_free_again_after_a_rest),
        cmocka_unit_test(a_flood_is_thinned),
        cmocka_unit_test(a_crowd_lets_each_topic_through),
        cmocka_unit_test(bounds_what_waits),
        cmocka_unit_test(bounds_bytes),
        cmocka_unit_test(a_flood_of_topics_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
