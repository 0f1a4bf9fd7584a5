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

static void shows_topics_to_people(void **state)
{
    static const struct {
        const char *topic;
        const char *want;
    } cases[] = {
        {"plant/pump-1", "plant/pump-1"},
        {"泵/1", "泵/1"},
        {"a\x01\x7f/b", "a?\?/b"},
        {"a\xff/b", "a?/b"},
        {"0123456789abcdefghij", "0123456789abc"}, /* room for a character of 4 bytes */
        {"0123456789a水水", "0123456789a水"},
        {"a\xe6\xb0", "a??"},
    };
    char out[16 + 1];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mqtt_topic_show(cases[i].topic, strlen(cases[i].topic), out, sizeof out);
        check_text("shown", out, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_the_standard_says),
        cmocka_unit_test(checks_filters),
        cmocka_unit_test(checks_topics),
        cmocka_unit_test(joins_topics),
        cmocka_unit_test(shows_topics_to_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
