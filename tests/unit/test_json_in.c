/* test_json_in.c - what base/json_in.c takes, refuses and finds. */
#include "base/json_in.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/check.h"

enum {
    MAX = 256 * 1024,
};

static struct json *parse(const char *text, struct err *err)
{
    return json_parse(text, strlen(text), MAX, err);
}

static void takes_any_single_value(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        enum json_kind kind;
        double number;
    } cases[] = {
        {"null", "null", JSON_NULL, 0},
        {"true", "true", JSON_BOOL, 1},
        {"false", " false ", JSON_BOOL, 0},
        {"integer", "23", JSON_NUMBER, 23},
        {"real", "-23.5e1", JSON_NUMBER, -235},
        {"minus zero", "-0", JSON_NUMBER, 0},
        {"2^53 + 1 rounds", "9007199254740993", JSON_NUMBER, 9007199254740992.0},
        {"2^64 - 1 rounds", "18446744073709551615", JSON_NUMBER, 18446744073709551616.0},
        {"nanoseconds", "1764000000123000000", JSON_NUMBER, 1764000000123000000.0},
        {"tiny underflows", "1e-400", JSON_NUMBER, 0},
        {"string", "\"on\"", JSON_STRING, 0},
        {"array", "\r\n[1, 2]\n", JSON_ARRAY, 0},
        {"object", "{\"a\":1}", JSON_OBJECT, 0},
        {"escaped bracket in a string", "\"\\\"[[[\"", JSON_STRING, 0},
        {"surrogate pair", "\"\\ud83d\\udca7\"", JSON_STRING, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        struct json *json = parse(cases[i].text, &err);

        check_case(cases[i].name, json != NULL && err.kind == ERR_NONE);
        check_case(cases[i].name, json_kind(json) == cases[i].kind);
        if (cases[i].kind == JSON_NUMBER)
            check_near(cases[i].name, json_real(json), cases[i].number, 0);
        if (cases[i].kind == JSON_BOOL)
            check_case(cases[i].name, json_truth(json) == (cases[i].number != 0));
        json_free(json);
    }
    json_free(NULL);
}

static void refuses_what_is_not_one_value(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *says; /* part of the message */
    } cases[] = {
        {"empty", "", "empty"},
        {"white space", "  \n", "line 2"},
        {"byte order mark", "\xEF\xBB\xBF{}", "byte order mark"},
        {"trailing garbage", "{} x", "line 1 column"},
        {"two values", "1 2", "line 1 column"},
        {"second object on line 3", "{}\n\n{}", "line 3"},
        {"invalid UTF-8", "\"\xff\"", "line 1"},
        {"overlong UTF-8", "\"\xC0\xAF\"", "line 1"},
        {"lone surrogate", "\"\\ud800\"", "line 1"},
        {"duplicate key", "{\"a\":1,\"a\":2}", "duplicate"},
        {"duplicate key below", "[{\"b\":{\"a\":1,\"a\":1}}]", "duplicate"},
        {"1e400", "1e400", "overflow"},
        {"-1e400 in an object", "{\"v\":-1e400}", "overflow"},
        {"NaN", "NaN", "line 1"},
        {"Infinity", "[Infinity]", "line 1"},
        {"NUL escape", "\"a\\u0000b\"", "line 1"},
        {"NUL escape in a key", "{\"a\\u0000\":1}", "line 1"},
        {"raw newline in a string", "\"a\nb\"", "line 1"},
        {"leading zero", "012", "line 1"},
        {"plus sign", "+1", "line 1"},
        {"hexadecimal", "0x10", "line 1"},
        {"single quotes", "{'a':1}", "line 1"},
        {"trailing comma", "[1,]", "line 1"},
        {"comment", "/* */ 1", "line 1"},
        {"cut off", "{\"a\":[1,2", "line 1"},
        {"only closing", "]", "line 1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        struct json *json = parse(cases[i].text, &err);

        check_case(cases[i].name, json == NULL);
        check_case(cases[i].name, err.kind == ERR_INPUT);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("case '%s': the message is: %s", cases[i].name, err.text);
        for (const char *c = err.text; *c != '\0'; c++)
            check_case(cases[i].name, (unsigned char)*c >= 0x20);
    }
    assert_null(parse("1 2", NULL));
}

static void refuses_a_raw_nul_byte(void **state)
{
    static const char bytes[] = "{\"a\":1}\0";

    (void)state;
    assert_null(json_parse(bytes, sizeof bytes, MAX, NULL));
}

static struct json *parse_nested(size_t depth, char open, char close)
{
    struct text text;
    struct json *json;

    text_init(&text, 5 * depth);
    for (size_t i = 0; i < depth; i++) {
        text_add_char(&text, open);
        if (open == '{' && i + 1 < depth)
            text_add(&text, "\"\":");
    }
    for (size_t i = 0; i < depth && close != '\0'; i++)
        text_add_char(&text, close);
    assert_false(text.overflow);
    json = json_parse(text.data, text.length, 5 * depth, NULL);
    text_done(&text);
    return json;
}

static void bounds_depth_and_size(void **state)
{
    struct err err = {0};
    struct json *json = parse_nested(JSON_DEPTH_MAX, '[', ']');

    (void)state;
    assert_non_null(json);
    json_free(json);
    json = parse_nested(JSON_DEPTH_MAX, '{', '}');
    assert_non_null(json);
    json_free(json);
    assert_null(parse_nested(JSON_DEPTH_MAX + 1, '[', ']'));
    assert_null(parse_nested(JSON_DEPTH_MAX + 1, '{', '}'));
    assert_null(parse_nested(200000, '[', ']'));
    assert_null(parse_nested(200000, '[', '\0'));

    assert_null(json_parse("[1,2]", 5, 4, &err));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.text, "5 bytes"));
    json = json_parse("[1,2]", 5, 5, &err);
    assert_non_null(json);
    json_free(json);
}

static const char document[] =
    "{\"flow\":{\"value\":12.5,\"unit\":\"m3/h\"},\"values\":[{\"v\":1},{\"v\":2},"
    "{\"v\":3,\"n\":null}],\"switch:0\":{\"apower\":7},\"m\":[[10,11],[20,21]],"
    "\"\xe6\xb5\x81\xe9\x87\x8f\":4,\"a b\":5}";

static void walks_paths(void **state)
{
    static const struct {
        const char *path;
        double value; /* NAN: not there */
        bool valid;
    } cases[] = {
        {"flow.value", 12.5, true},
        {"values[2].v", 3, true},
        {"values[0].v", 1, true},
        {"values[3].v", NAN, true},
        {"switch:0.apower", 7, true},
        {"m[1][0]", 20, true},
        {"\xe6\xb5\x81\xe9\x87\x8f", 4, true},
        {"a b", 5, true},
        {"flow.missing", NAN, true},
        {"flow.value.more", NAN, true},
        {"flow[0]", NAN, true},
        {"values.v", NAN, true},
        {"[0]", NAN, true},
        {".flow", NAN, false},
        {"flow.", NAN, false},
        {"flow..value", NAN, false},
        {"values[2", NAN, false},
        {"values[]", NAN, false},
        {"values[-1]", NAN, false},
        {"values[x]", NAN, false},
        {"values[2]v", NAN, false},
        {"values[99999999999999999999]", NAN, false},
    };
    struct json *json = parse(document, NULL);

    (void)state;
    assert_non_null(json);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct json *value = json_path(json, cases[i].path);

        check_near(cases[i].path, value == NULL ? NAN : json_real(value), cases[i].value,
                   0);
        check_case(cases[i].path, json_path_valid(cases[i].path) == cases[i].valid);
    }
    assert_ptr_equal(json_path(json, ""), json);
    assert_int_equal(json_kind(json_path(json, "values[2].n")), JSON_NULL);
    json_free(json);
}

static void bounds_names_in_paths(void **state)
{
    char path[201];

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_false(json_path_valid(path));
    path[128] = '\0';
    assert_false(json_path_valid(path));
    path[127] = '\0';
    assert_true(json_path_valid(path));
}

static void collect(void *context, const char *key, const struct json *value)
{
    text_addf(context, "%s=%g ", key,
              json_kind(value) == JSON_NUMBER ? json_real(value) : -1);
}

static void reads_members(void **state)
{
    struct json *json = parse("{\"b\":1,\"a\":\"x\",\"c\":[4,5]}", NULL);
    struct text text;

    (void)state;
    text_init(&text, 100);
    assert_int_equal(json_count(json), 3);
    assert_int_equal(json_count(json_member(json, "c")), 2);
    check_near("item", json_real(json_item(json_member(json, "c"), 1)), 5, 0);
    assert_null(json_item(json_member(json, "c"), 2));
    assert_null(json_member(json, "d"));
    check_text("text", json_member_text(json, "a", "-"), "x");
    check_text("not a string", json_member_text(json, "b", "-"), "-");
    check_text("absent", json_member_text(json, "d", "-"), "-");
    json_each(json, collect, &text);
    check_text("in order", text.data, "b=1 a=-1 c=-1 ");
    json_each(json_member(json, "b"), collect, &text);
    check_text("nothing in a number", text.data, "b=1 a=-1 c=-1 ");
    text_done(&text);
    json_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_any_single_value),
        cmocka_unit_test(refuses_what_is_not_one_value),
        cmocka_unit_test(refuses_a_raw_nul_byte),
        cmocka_unit_test(bounds_depth_and_size),
        cmocka_unit_test(walks_paths),
        cmocka_unit_test(bounds_names_in_paths),
        cmocka_unit_test(reads_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
