/* test_mqtt_inbox.c - what is dropped before anybody reads it, and that it is counted:
 * adapters/mqtt_inbox.c and adapters/mqtt_strangers.c. */
#include "adapters/mqtt_inbox.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <pthread.h>
#include <stdio.h>

static const struct mono_time at_once = {0};

static struct mqtt_index *make_index(void)
{
    struct mqtt_index *index = mqtt_index_new();

    mqtt_index_add(index, "a/b", 1);
    mqtt_index_add(index, "c/+", 2);
    assert_int_equal(mqtt_index_add_pattern(index, "site/{equipment}", "m1", 3, NULL), 0);
    return index;
}

static struct mqtt_inbox *make_inbox(const struct mqtt_index *index, int64_t max_rate)
{
    const struct mqtt_inbox_limits limits = {.max_rate = max_rate, .max_payload = 100};

    return mqtt_inbox_new(index, &limits);
}

static void put(struct mqtt_inbox *inbox, const char *topic, const char *payload)
{
    const struct mqtt_message message = {
        .topic = topic,
        .topic_length = strlen(topic),
        .payload = payload,
        .payload_length = strlen(payload),
        .time = wall_now(),
        .mono = mono_now(),
    };

    mqtt_inbox_put(inbox, &message);
}

static void next_is(struct mqtt_inbox *inbox, const char *topic, uint32_t *leaf)
{
    struct mqtt_message message;

    assert_true(mqtt_inbox_next(inbox, &message));
    check_text("topic", message.topic, topic);
    *leaf = message.leaf;
}

static void knows_its_topics(void **state)
{
    struct mqtt_index *index = make_index();
    struct mqtt_inbox *inbox = make_inbox(index, 1000);
    struct link_status status = {0};
    const uint32_t *points;
    uint32_t leaf;
    struct mqtt_message message;

    (void)state;
    put(inbox, "a/b", "1");
    put(inbox, "x/y", "1");
    put(inbox, "site/m1", "1");
    put(inbox, "site/m2", "1");
    mqtt_inbox_take(inbox, MONO_NEVER);
    next_is(inbox, "a/b", &leaf);
    assert_int_equal(mqtt_index_points(index, leaf, &points), 1);
    assert_int_equal(points[0], 1);
    next_is(inbox, "site/m1", &leaf);
    assert_int_equal(mqtt_index_points(index, leaf, &points), 1);
    assert_int_equal(points[0], 3);
    assert_false(mqtt_inbox_next(inbox, &message));
    mqtt_inbox_counts(inbox, &status);
    assert_int_equal(status.dropped_unknown, 2);
    assert_true(status.dropped == 0 && status.dropped_oversize == 0);
    mqtt_inbox_free(inbox);
    mqtt_inbox_free(NULL);
    mqtt_index_free(index);
}

static void drops_what_is_too_long(void **state)
{
    struct mqtt_index *index = make_index();
    struct mqtt_inbox *inbox = make_inbox(index, 1000);
    struct link_status status = {0};
    char payload[102];
    char topic[LINK_TOPIC_TEXT_MAX];
    struct mqtt_message message;
    size_t length;

    (void)state;
    assert_false(mqtt_inbox_oversize(inbox, topic, &length));
    memset(payload, 'x', sizeof payload);
    payload[101] = '\0';
    put(inbox, "a/b", payload);
    put(inbox, "c/d", payload);
    put(inbox, "nobody", payload);
    mqtt_inbox_take(inbox, MONO_NEVER); /* it woke us */
    assert_false(mqtt_inbox_next(inbox, &message));
    assert_true(mqtt_inbox_oversize(inbox, topic, &length));
    check_text("the first", topic, "a/b");
    assert_int_equal(length, 101);
    assert_false(mqtt_inbox_oversize(inbox, topic, &length)); /* told once */
    payload[100] = '\0';
    put(inbox, "a/b", payload);
    mqtt_inbox_take(inbox, at_once);
    assert_true(mqtt_inbox_next(inbox, &message));
    mqtt_inbox_counts(inbox, &status);
    assert_true(status.dropped_oversize == 2 && status.dropped_unknown == 1);
    mqtt_inbox_free(inbox);
    mqtt_index_free(index);
}

static void delivers_the_last_word(void **state)
{
    struct mqtt_index *index = make_index();
    struct mqtt_inbox *inbox = make_inbox(index, 5);
    struct link_status status = {0};
    struct mono_time begin = mono_now();
    struct mqtt_message message;
    char payload[16];
    char last[16] = "";
    size_t got = 0;

    (void)state;
    for (int i = 1; i <= 1000; i++) {
        (void)snprintf(payload, sizeof payload, "%d", i);
        put(inbox, "a/b", payload);
    }
    while (strcmp(last, "1000") != 0 && mono_diff_ms(mono_now(), begin) < 3000) {
        mqtt_inbox_take(inbox, mono_add_ms(mono_now(), 3000));
        for (; mqtt_inbox_next(inbox, &message); got++)
            (void)snprintf(last, sizeof last, "%s", message.payload);
    }
    check_text("last", last, "1000");
    assert_true(mono_diff_ms(mono_now(), begin) < 1000);
    mqtt_inbox_counts(inbox, &status);
    assert_int_equal(status.dropped_rate + got, 1000);
    assert_int_equal(got, 6);
    mqtt_inbox_free(inbox);
    mqtt_index_free(index);
}

static void shows_strangers(void **state)
{
    struct mqtt_index *index = make_index();
    struct mqtt_inbox *inbox = make_inbox(index, 1000);
    struct link_stranger list[LINK_STRANGERS_MAX];
    char topic[300];
    struct mqtt_message message = {.payload = "", .topic = topic};

    (void)state;
    assert_int_equal(mqtt_inbox_strangers(inbox, list), 0);
    for (int i = 0; i < 40; i++) {
        message.topic_length = (size_t)snprintf(topic, sizeof topic, "new/%d", i);
        message.mono.ns = (i + 1) * CLOCK_S;
        message.time.ns = (i + 1) * CLOCK_S;
        mqtt_inbox_put(inbox, &message);
        mqtt_inbox_put(inbox, &message);
    }
    assert_int_equal(mqtt_inbox_strangers(inbox, list), LINK_STRANGERS_MAX);
    for (size_t i = 0; i < LINK_STRANGERS_MAX; i++) {
        (void)snprintf(topic, sizeof topic, "new/%zu", 39 - i);
        check_text("latest first", list[i].topic, topic);
        assert_int_equal(list[i].messages, 2);
    }
    /* A flood of ever new ones is noted ten times a second. */
    for (int i = 0; i < 1000; i++) {
        message.topic_length = (size_t)snprintf(topic, sizeof topic, "flood/%d", i);
        message.mono.ns += CLOCK_MS;
        message.time.ns += CLOCK_MS;
        mqtt_inbox_put(inbox, &message);
    }
    (void)mqtt_inbox_strangers(inbox, list);
    check_case("flood", strncmp(list[9].topic, "flood/", 6) == 0);
    check_text("before", list[10].topic, "new/39");
    memset(topic, 'x', sizeof topic);
    message.topic_length = sizeof topic;
    message.mono.ns += CLOCK_S;
    message.time.ns += CLOCK_S;
    mqtt_inbox_put(inbox, &message);
    (void)mqtt_inbox_strangers(inbox, list);
    assert_true(strlen(list[0].topic) >= LINK_TOPIC_TEXT_MAX - 5);
    mqtt_inbox_free(inbox);
    mqtt_index_free(index);
}

enum {
    MESSAGES = 300000,
};

/* Floods known and unknown topics, with one that says little in between. */
static void *flood(void *argument)
{
    struct mqtt_inbox *inbox = argument;
    char payload[16];

    for (int i = 0; i < MESSAGES; i++) {
        (void)snprintf(payload, sizeof payload, "%d", i);
        put(inbox, i % 3 == 0 ? "c/d" : i % 3 == 1 ? "c/e" : "x/y", payload);
        if (i % 10000 == 0)
            put(inbox, "a/b", payload);
    }
    put(inbox, "a/b", "end");
    return NULL;
}

static void counts_all_and_starves_nobody(void **state)
{
    struct mqtt_index *index = make_index();
    struct mqtt_inbox *inbox = make_inbox(index, 1000000);
    struct link_status status = {0};
    pthread_t thread;
    uint64_t got = 0;
    int quiet = 0;
    bool end = false;
    int order = -1;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, flood, inbox), 0);
    while (!end) {
        struct mqtt_message message;

        mqtt_inbox_take(inbox, mono_add_ms(mono_now(), 5000));
        for (; mqtt_inbox_next(inbox, &message); got++) {
            if (strcmp(message.topic, "c/d") == 0) {
                int number = (int)strtol(message.payload, NULL, 10);

                assert_true(number > order); /* newer ones only */
                order = number;
            }
            if (strcmp(message.topic, "a/b") != 0)
                continue;
            quiet++;
            end = end || strcmp(message.payload, "end") == 0;
        }
        mono_sleep_until(mono_add_ms(mono_now(), 20)); /* a slow reader */
    }
    (void)pthread_join(thread, NULL);
    for (int i = 0; i < 2; i++) { /* what still waits */
        struct mqtt_message message;

        mqtt_inbox_take(inbox, at_once);
        while (mqtt_inbox_next(inbox, &message))
            got++;
    }
    mqtt_inbox_counts(inbox, &status);
    assert_true(quiet > 1); /* and among them the last, or we were not here */
    assert_int_equal(status.dropped_unknown, MESSAGES / 3);
    assert_int_equal(got + status.dropped + status.dropped_rate + status.dropped_unknown,
                     MESSAGES + MESSAGES / 10000 + 1);
    mqtt_inbox_free(inbox);
    mqtt_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_topics),
        cmocka_unit_test(drops_what_is_too_long),
        cmocka_unit_test(delivers_the_last_word),
        cmocka_unit_test(shows_strangers),
        cmocka_unit_test(counts_all_and_starves_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
