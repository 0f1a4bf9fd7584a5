/* test_mqtt_index.c - from a topic to points: adapters/mqtt_index.c. */
#include "adapters/mqtt_index.h"
#include "tests/unit/check.h"

#include <stdio.h>

struct found {
    uint32_t points[16];
    size_t count;
};

static void collect(void *context, const uint32_t *points, size_t count)
{
    struct found *found = context;

    for (size_t i = 0; i < count; i++)
        found->points[found->count++] = points[i];
}

static size_t find(const struct mqtt_index *index, const char *topic, struct found *found)
{
    *found = (struct found){0};
    return mqtt_index_find(index, topic, strlen(topic), collect, found);
}

static void finds_points_of_topics(void **state)
{
    struct mqtt_index *index = mqtt_index_new();
    struct found found;

    (void)state;
    mqtt_index_add(index, "a/b", 1);
    mqtt_index_add(index, "a/+", 2);
    mqtt_index_add(index, "a/b", 3);
    mqtt_index_add(index, "#", 4);
    mqtt_index_add(index, "x/y", 5);
    assert_int_equal(mqtt_index_count(index), 4);
    check_text("in order", mqtt_index_filter(index, 0), "a/b");
    check_text("in order", mqtt_index_filter(index, 3), "x/y");
    assert_int_equal(find(index, "a/b", &found), 3);
    assert_int_equal(found.count, 4);
    assert_true(found.points[0] == 1 && found.points[1] == 3 && found.points[2] == 2 &&
                found.points[3] == 4);
    assert_int_equal(find(index, "a/c", &found), 2);
    assert_int_equal(find(index, "q", &found), 1);
    assert_int_equal(find(index, "$SYS/x", &found), 0);
    /* a broker that sends a filter as topic gets no second hit */
    assert_int_equal(find(index, "a/+", &found), 2);
    mqtt_index_free(index);
    mqtt_index_free(NULL);
}

static void holds_many_topics(void **state)
{
    struct mqtt_index *index = mqtt_index_new();
    struct found found;
    char topic[64];

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        (void)snprintf(topic, sizeof topic, "site/meter-%u/value", i);
        mqtt_index_add(index, topic, i);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        (void)snprintf(topic, sizeof topic, "site/meter-%u/value", i);
        assert_int_equal(find(index, topic, &found), 1);
        assert_int_equal(found.points[0], i);
    }
    assert_int_equal(find(index, "site/meter-20000/value", &found), 0);
    mqtt_index_free(index);
}

static void add_pattern(struct mqtt_index *index, const char *pattern, const char *id,
                        uint32_t point)
{
    struct err err = {0};

    if (mqtt_index_add_pattern(index, pattern, id, point, &err) != 0)
        fail_msg("%s", err.text);
}

static void a_pattern_is_one_filter_for_many(void **state)
{
    static const struct {
        const char *topic;
        size_t leaves;
        uint32_t point; /* the first */
    } cases[] = {
        {"riverside/b1/pump-1/state", 1, 1},
        {"riverside/b2/pump-1/state", 1, 1},
        {"riverside/b1/pump-2/state", 1, 2},
        {"riverside/b1/pump-2/state/extra", 0, 0},
        {"riverside/b1/pump-3/state", 0, 0}, /* nobody has that id */
        {"riverside/b1//state", 0, 0},
        {"riverside/b1/pump-1/battery", 1, 3},
        {"riverside/b1/pump-2/battery", 0, 0},
        {"riverside/pump-1", 0, 0},
        {"riverside", 0, 0},
        {"riverside/b1/+/state", 0, 0},
        {"", 0, 0},
    };
    struct mqtt_index *index = mqtt_index_new();
    struct found found;

    (void)state;
    add_pattern(index, "riverside/+/{equipment}/state", "pump-1", 1);
    add_pattern(index, "riverside/+/{equipment}/state", "pump-2", 2);
    add_pattern(index, "riverside/+/{equipment}/battery", "pump-1", 3);
    assert_int_equal(mqtt_index_count(index), 2);
    check_text("filter", mqtt_index_filter(index, 0), "riverside/+/+/state");
    check_text("filter", mqtt_index_filter(index, 1), "riverside/+/+/battery");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool several;
        uint32_t first =
            mqtt_index_first(index, cases[i].topic, strlen(cases[i].topic), &several);
        const uint32_t *points;

        check_case(cases[i].topic,
                   find(index, cases[i].topic, &found) == cases[i].leaves);
        check_case(cases[i].topic, (first == MQTT_NOWHERE) == (cases[i].leaves == 0));
        if (cases[i].leaves == 0)
            continue;
        check_case(cases[i].topic, found.points[0] == cases[i].point);
        check_case(cases[i].topic, mqtt_index_points(index, first, &points) == 1);
        check_case(cases[i].topic, points[0] == cases[i].point);
    }
    mqtt_index_free(index);
}

static void own_topics_stand_beside_patterns(void **state)
{
    struct mqtt_index *index = mqtt_index_new();
    struct found found;
    bool several;

    (void)state;
    add_pattern(index, "{equipment}/#", "a", 1);
    mqtt_index_add(index, "a/x", 2);
    mqtt_index_add(index, "b", 3);
    assert_int_equal(find(index, "a", &found), 1);
    assert_int_equal(found.points[0], 1);
    assert_int_equal(find(index, "a/x", &found), 2);
    assert_true(found.points[0] == 2 && found.points[1] == 1);
    assert_int_equal(find(index, "b", &found), 1);
    assert_int_equal(found.points[0], 3);
    assert_int_equal(find(index, "c/d", &found), 0);
    (void)mqtt_index_first(index, "a/x", 3, &several);
    assert_true(several);
    /* an equipment's own topic that looks like the pattern is not the pattern */
    mqtt_index_add(index, "{equipment}/#", 4);
    assert_int_equal(find(index, "a", &found), 1);
    assert_int_equal(find(index, "{equipment}/y", &found), 1);
    assert_int_equal(found.points[0], 4);
    mqtt_index_free(index);
}

static void refuses_what_is_no_pattern(void **state)
{
    static const char *const bad[] = {
        "a/b",
        "a/+/b",
        "a/{equipment}/{equipment}",
        "a/x{equipment}",
        "{equipment}x",
        "#/{equipment}",
        "",
    };
    struct mqtt_index *index = mqtt_index_new();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};

        check_case(bad[i], mqtt_index_add_pattern(index, bad[i], "id", 0, &err) == -1);
        check_case(bad[i], err.kind == ERR_CONFIG);
    }
    assert_int_equal(mqtt_index_count(index), 0);
    mqtt_index_free(index);
}

static void a_pattern_holds_many(void **state)
{
    struct mqtt_index *index = mqtt_index_new();
    struct found found;
    char text[64];

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        (void)snprintf(text, sizeof text, "meter-%u", i);
        add_pattern(index, "site/{equipment}/value", text, i);
    }
    assert_int_equal(mqtt_index_count(index), 1);
    for (uint32_t i = 0; i < 20000; i++) {
        (void)snprintf(text, sizeof text, "site/meter-%u/value", i);
        assert_int_equal(find(index, text, &found), 1);
        assert_int_equal(found.points[0], i);
    }
    assert_int_equal(find(index, "site/meter-20000/value", &found), 0);
    mqtt_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_points_of_topics),
        cmocka_unit_test(holds_many_topics),
        cmocka_unit_test(a_pattern_is_one_filter_for_many),
        cmocka_unit_test(own_topics_stand_beside_patterns),
        cmocka_unit_test(refuses_what_is_no_pattern),
        cmocka_unit_test(a_pattern_holds_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
