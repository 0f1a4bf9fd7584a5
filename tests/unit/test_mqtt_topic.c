/* test_mqtt_topic.c - filters, topics and the index of adapters/mqtt_topic.c. */
#include "adapters/mqtt_topic.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <stdio.h>

static void matches_as_the_standard_says(void **state)
{
    static const struct {
        const char *filter;
        const char *topic;
        bool match;
    } cases[] = {
        {"a/b", "a/b", true},
        {"a/b", "a/bc", false},
        {"a/bc", "a/b", false},
        {"a/b", "a/b/", false},
        {"a/b/", "a/b", false},
        {"A/b", "a/b", false},
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/tennis/player1/#", "sport/tennis/player11", false},
        {"sport/#", "sport", true},
        {"sport/#", "sports", false},
        {"#", "a", true},
        {"#", "/", true},
        {"#", "a/b/c", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"+", "a", true},
        {"+/tennis/#", "sport/tennis", true},
        {"+/tennis/#", "sport/tennis/x/y", true},
        {"+/+/c", "a/b/c", true},
        {"+/+/c", "a/b/d", false},
        {"+/#", "a", true},
        {"a/+/#", "a", false},
        {"a/+/#", "a/b", true},
        {"#", "$SYS/uptime", false},
        {"+/uptime", "$SYS/uptime", false},
        {"$SYS/#", "$SYS/uptime", true},
        {"$SYS/+", "$SYS/uptime", true},
        {"a/#", "a/$b", true},
        {"楼/+/水", "楼/1/水", true},
        {"a//b", "a//b", true},
        {"a/+/b", "a//b", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[200];

        (void)snprintf(name, sizeof name, "%s ~ %s", cases[i].filter, cases[i].topic);
        check_case(name, mqtt_filter_matches(cases[i].filter, cases[i].topic,
                                             strlen(cases[i].topic)) == cases[i].match);
    }
    assert_true(mqtt_filter_matches("a/b", "a/bcd", 3));
    assert_false(mqtt_filter_matches("a/b", "", 0));
}

static void checks_filters(void **state)
{
    static const struct {
        const char *filter;
        const char *says; /* NULL: fine */
    } cases[] = {
        {"a", NULL},
        {"/", NULL},
        {"#", NULL},
        {"+", NULL},
        {"a/+/b/#", NULL},
        {"楼/水泵", NULL},
        {"with space/x", NULL},
        {"$SYS/broker", NULL},
        {"", "empty"},
        {"a#", "stand alone"},
        {"a/b+", "stand alone"},
        {"+a/b", "stand alone"},
        {"a/##", "stand alone"},
        {"a/#/b", "last level"},
        {"#/", "last level"},
        {"a\nb", "control character"},
        {"a\xff", "UTF-8"},
        {"$share/g/a", "shared subscription"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        bool refused = mqtt_filter_check(cases[i].filter, &err) != 0;
        const char *says = cases[i].says == NULL ? "" : cases[i].says;

        check_case(cases[i].filter, refused == (cases[i].says != NULL));
        check_case(cases[i].filter, err.kind == (refused ? ERR_CONFIG : ERR_NONE));
        check_case(cases[i].filter, strstr(err.text, says) != NULL);
    }
}

static void checks_topics(void **state)
{
    char *longest = mem_alloc(MQTT_TOPIC_MAX + 2);

    (void)state;
    assert_int_equal(mqtt_topic_check("gateway/status", NULL), 0);
    assert_int_equal(mqtt_topic_check("gateway/+", NULL), -1);
    assert_int_equal(mqtt_topic_check("#", NULL), -1);
    assert_int_equal(mqtt_topic_check("", NULL), -1);
    memset(longest, 'a', MQTT_TOPIC_MAX);
    assert_int_equal(mqtt_topic_check(longest, NULL), 0);
    longest[MQTT_TOPIC_MAX] = 'a';
    assert_int_equal(mqtt_topic_check(longest, NULL), -1);
    mem_free(longest);
}

static void joins_topics(void **state)
{
    static const struct {
        const char *equipment;
        const char *suffix;
        const char *want;
    } cases[] = {
        {"riverside/water/main", "", "riverside/water/main"},
        {"riverside/water/main", "flow", "riverside/water/main/flow"},
        {"riverside/+", "status/switch:0", "riverside/+/status/switch:0"},
        {"", "flow", "flow"},
        {"", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *joined = mqtt_topic_join(cases[i].equipment, cases[i].suffix);

        check_text("join", joined, cases[i].want);
        mem_free(joined);
    }
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_the_standard_says),
        cmocka_unit_test(checks_filters),
        cmocka_unit_test(checks_topics),
        cmocka_unit_test(joins_topics),
        cmocka_unit_test(finds_points_of_topics),
        cmocka_unit_test(holds_many_topics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
