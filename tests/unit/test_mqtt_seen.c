/* test_mqtt_seen.c - which messages are copies: adapters/mqtt_seen.c. */
#include "adapters/mqtt_hash.h"
#include "adapters/mqtt_seen.h"
#include "tests/unit/check.h"

static const struct mono_time start = {1000 * CLOCK_S};

static struct mqtt_sighting sighting_of(uint64_t topic, uint64_t payload, int64_t at_ms)
{
    return (struct mqtt_sighting){
        .topic = topic, .payload = payload, .now = mono_add_ms(start, at_ms)};
}

static bool see(struct mqtt_seen *seen, uint64_t topic, uint64_t payload, int64_t at_ms)
{
    struct mqtt_sighting sighting = sighting_of(topic, payload, at_ms);

    return mqtt_seen_before(seen, &sighting);
}

static void known_by_a_time_or_number(void **state)
{
    struct mqtt_seen *seen = mqtt_seen_new();

    (void)state;
    assert_false(see(seen, 1, 10, 0));
    mqtt_seen_known(seen, 0);
    assert_true(see(seen, 1, 10, 1));
    assert_true(see(seen, 1, 10, 3600000)); /* however late */
    assert_false(see(seen, 1, 11, 2));
    assert_false(see(seen, 2, 10, 2)); /* another topic */
    assert_false(see(seen, 1, 11, 3)); /* without a time: an equal reading */
    assert_true(see(seen, 1, 10, 4));
    mqtt_seen_known(seen, 0); /* of a copy: nothing happens */
    mqtt_seen_free(seen);
    mqtt_seen_free(NULL);
}

/* On, off and on within a second of a clock that knows no parts of it. */
static void one_stamp_for_several(void **state)
{
    struct mqtt_seen *seen = mqtt_seen_new();

    (void)state;
    assert_false(see(seen, 1, 10, 0));
    mqtt_seen_known(seen, 5 * CLOCK_S);
    assert_true(see(seen, 1, 10, 1)); /* the last one, twice */
    assert_false(see(seen, 1, 11, 2));
    mqtt_seen_known(seen, 5 * CLOCK_S);
    assert_false(see(seen, 1, 10, 3));
    mqtt_seen_known(seen, 5 * CLOCK_S);
    assert_false(see(seen, 1, 12, 4));
    mqtt_seen_known(seen, 6 * CLOCK_S);
    assert_true(see(seen, 1, 10, 5)); /* an older one comes again */
    assert_true(see(seen, 1, 11, 6));
    mqtt_seen_free(seen);
}

static void marked_by_the_broker(void **state)
{
    struct mqtt_seen *seen = mqtt_seen_new();
    struct mqtt_sighting again = sighting_of(1, 10, 5000);

    (void)state;
    again.again = true;
    assert_false(mqtt_seen_before(seen, &again)); /* the first never came */
    assert_true(mqtt_seen_before(seen, &again));
    assert_false(see(seen, 1, 11, 6000));
    again.now = mono_add_ms(start, 7000);
    assert_true(mqtt_seen_before(seen, &again)); /* not only the latest */
    again.now = mono_add_ms(start, 5001 + MQTT_SEEN_AGAIN_MS);
    assert_false(mqtt_seen_before(seen, &again)); /* the second on, the old one is old */
    mqtt_seen_free(seen);
}

static void remembered_by_the_broker(void **state)
{
    struct mqtt_seen *seen = mqtt_seen_new();
    struct mqtt_sighting retained = sighting_of(1, 10, 0);

    (void)state;
    retained.retained = true;
    assert_false(mqtt_seen_before(seen, &retained)); /* at the start it is news */
    assert_true(mqtt_seen_before(seen, &retained));  /* after a reconnect it is not */
    assert_false(see(seen, 1, 11, 1));
    assert_false(mqtt_seen_before(seen, &retained)); /* changed and changed back */
    mqtt_seen_free(seen);
}

static void remembers_the_last_of_each_topic(void **state)
{
    struct mqtt_seen *seen = mqtt_seen_new();

    (void)state;
    for (uint64_t payload = 1; payload <= 40; payload++) {
        assert_false(see(seen, 1, payload, (int64_t)payload));
        mqtt_seen_known(seen, 0);
    }
    for (uint64_t payload = 40 - MQTT_SEEN_LAST + 1; payload <= 40; payload++)
        assert_true(see(seen, 1, payload, 100));
    assert_false(see(seen, 1, 40 - MQTT_SEEN_LAST, 100));
    mqtt_seen_free(seen);
}

static void a_flood_of_topics_is_bounded(void **state)
{
    struct mqtt_seen *seen = mqtt_seen_new();

    (void)state;
    assert_false(see(seen, 7, 1, 0));
    mqtt_seen_known(seen, 0);
    for (uint32_t i = 0; i < 4 * MQTT_SEEN_TOPICS; i++) {
        uint64_t topic = mqtt_hash((const char *)&i, sizeof i, 1);

        assert_false(see(seen, topic, 1, 1 + i));
        if (i % 1000 == 0) /* speaks often enough not to be forgotten */
            assert_true(see(seen, 7, 1, 1 + i));
    }
    assert_true(see(seen, 7, 1, 1000000));
    mqtt_seen_free(seen);
}

static void hashes_tell_apart(void **state)
{
    char bytes[64] = {0};

    (void)state;
    for (size_t length = 0; length < sizeof bytes; length++) {
        uint64_t hash = mqtt_hash(bytes, length, 5);

        assert_true(hash != 0 && hash != mqtt_hash(bytes, length + 1, 5));
        assert_true(hash != mqtt_hash(bytes, length, 6));
        for (size_t i = 0; i < length; i++) {
            bytes[i] = 1;
            assert_true(mqtt_hash(bytes, length, 5) != hash);
            bytes[i] = 0;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_by_a_time_or_number),
        cmocka_unit_test(one_stamp_for_several),
        cmocka_unit_test(marked_by_the_broker),
        cmocka_unit_test(remembered_by_the_broker),
        cmocka_unit_test(remembers_the_last_of_each_topic),
        cmocka_unit_test(a_flood_of_topics_is_bounded),
        cmocka_unit_test(hashes_tell_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
