/* test_mqtt_path.c - where in a JSON document a value is: adapters/mqtt_path.c. */
#include "adapters/mqtt_path.h"
#include "tests/unit/check.h"

#include <stdio.h>

static const char document[] =
    "{\"flow\":{\"value\":1,\"none\":null},\"off\":null,\"switch:0\":{\"apower\":2},"
    "\"values\":[3,[4,5],{\"p\":6},{\"p\":null},null],"
    "\"s\":[{\"id\":\"a\",\"v\":7},{\"id\":8,\"v\":8},{\"id\":true,\"v\":9},5,"
    "{\"id\":\"a\",\"v\":10},{\"id\":null,\"v\":11}],"
    "\"deep\":[{\"x\":[{\"y\":12},{}]},{\"x\":[]},{\"x\":null},{}]}";

/* What a path finds: a number, "null", or "" for nothing. */
static void follow(const struct json *root, struct mqtt_paths *paths, const char *text,
                   const char *want)
{
    const struct mqtt_path *path;
    const struct json *found;
    char got[32] = "";

    assert_int_equal(mqtt_paths_get(paths, text, &path, NULL), 0);
    found = mqtt_path_find(path, root);
    if (found != NULL && json_kind(found) == JSON_NUMBER)
        (void)snprintf(got, sizeof got, "%g", json_real(found));
    else if (found != NULL)
        (void)snprintf(got, sizeof got, "%s",
                       json_kind(found) == JSON_NULL ? "null" : "other");
    check_text(text, got, want);
}

static void follows_paths(void **state)
{
    static const struct {
        const char *path;
        const char *want;
    } cases[] = {
        {"flow.value", "1"},        {"flow", "other"},        {"flow.none", "null"},
        {"flow.none.more", "null"}, {"flow.missing", ""},     {"flow.value.more", ""},
        {"off.value[3].x", "null"}, {"switch:0.apower", "2"}, {"values[0]", "3"},
        {"values[1][1]", "5"},      {"values[1][2]", ""},     {"values[2].p", "6"},
        {"values[4].p", "null"},    {"values[9]", ""},        {"values.p", ""},
        {"values[*]", "other"},  /* the last that is no null */
        {"values[*].p", "null"}, /* the last that has one says null */
        {"values[*][0]", "4"},      {"s[id=a].v", "7"}, /* the first */
        {"s[id=8].v", "8"},         {"s[id=true].v", "9"},    {"s[id=null].v", ""},
        {"s[id=b].v", ""},          {"s[v=10].v", "10"},      {"s[*].v", "11"},
        {"flow[id=a]", ""},         {"flow[0]", ""},          {"flow[*]", ""},
        {"deep[*].x[*].y", "null"}, /* the last with an x says null */
        {"deep[0].x[*].y", "12"},   {"nothing", ""},
    };
    struct mqtt_paths *paths = mqtt_paths_new();
    struct json *root = json_parse(document, sizeof document - 1, 10000, NULL);

    (void)state;
    assert_non_null(root);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        follow(root, paths, cases[i].path, cases[i].want);
    json_free(root);
    mqtt_paths_free(paths);
}

static void refuses_what_is_no_path(void **state)
{
    static const char *const bad[] = {
        ".",   ".a",    "a.",    "a..b",  "a[",     "a[1",         "a[]",   "a[x]",  "a]",
        "[x]", "a[1]b", "a[-1]", "a[=1]", "a[id=]", "a[99999999]", "a[1 ]", "a.[0]",
    };
    struct mqtt_paths *paths = mqtt_paths_new();
    const struct mqtt_path *path;
    char text[256] = "a";

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct err err = {0};

        check_case(bad[i], mqtt_paths_get(paths, bad[i], &path, &err) == -1);
        check_case(bad[i], err.kind == ERR_CONFIG && strstr(err.text, bad[i]) != NULL);
    }
    for (size_t i = 1; i < MQTT_PATH_STEPS; i++)
        (void)strncat(text, ".a", sizeof text - strlen(text) - 1);
    assert_int_equal(mqtt_paths_get(paths, text, &path, NULL), 0);
    (void)strncat(text, ".a", sizeof text - strlen(text) - 1);
    assert_int_equal(mqtt_paths_get(paths, text, &path, NULL), -1);
    mqtt_paths_free(paths);
}

static void equal_texts_share_a_path(void **state)
{
    struct mqtt_paths *paths = mqtt_paths_new();
    const struct mqtt_path *a;
    const struct mqtt_path *b;

    (void)state;
    assert_int_equal(mqtt_paths_get(paths, "", &a, NULL), 0);
    assert_null(a);
    assert_int_equal(mqtt_paths_get(paths, "x[0]", &a, NULL), 0);
    assert_int_equal(mqtt_paths_get(paths, "x[1]", &b, NULL), 0);
    assert_ptr_not_equal(a, b);
    assert_int_equal(mqtt_paths_get(paths, "x[0]", &b, NULL), 0);
    assert_ptr_equal(a, b);
    mqtt_paths_free(paths);
    mqtt_paths_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_paths),
        cmocka_unit_test(refuses_what_is_no_path),
        cmocka_unit_test(equal_texts_share_a_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
