/* test_json_out.c - what base/json_out.c writes, and that base/json_in.c reads it back.
 */
#include "base/json_in.h"
#include "base/json_out.h"
#include "tests/unit/check.h"

static void writes_every_kind(void **state)
{
    struct text text;
    struct json_out json;

    (void)state;
    text_init(&text, 1000);
    json = json_begin(&text);
    json_open(&json, '{');
    json_put_string(&json, "s", "pump-2");
    json_put_string(&json, "none", NULL);
    json_put_number(&json, "n", 12.4);
    json_key(&json, "short");
    json_number_digits(&json, 4578 * 0.0001, 10); /* 0.45780000000000004 */
    json_put_number(&json, "nan", NAN);
    json_put_number(&json, "inf", -INFINITY);
    json_put_int(&json, "i", INT64_MIN);
    json_put_bool(&json, "yes", true);
    json_put_bool(&json, "no", false);
    json_put_time(&json, "t", (struct wall_time){1764000000123000000});
    json_put_time(&json, "never", (struct wall_time){0});
    json_key(&json, "list");
    json_open(&json, '[');
    json_open(&json, '[');
    json_close(&json, ']');
    json_null(&json);
    json_open(&json, '{');
    json_close(&json, '}');
    json_raw(&json, "{\"raw\":1}");
    json_number(&json, 1);
    json_close(&json, ']');
    json_put_int(&json, "last", 0);
    json_close(&json, '}');
    check_text("all", text.data,
               "{\"s\":\"pump-2\",\"none\":null,\"n\":12.4,\"short\":0.4578,\"nan\":null,"
               "\"inf\":null,"
               "\"i\":-9223372036854775808,\"yes\":true,\"no\":false,"
               "\"t\":\"2025-11-24T16:00:00.123Z\",\"never\":null,"
               "\"list\":[[],null,{},{\"raw\":1},1],\"last\":0}");
    text_done(&text);
}

static void escapes_strings(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *want;
    } cases[] = {
        {"plain", "abc", "\"abc\""},
        {"empty", "", "\"\""},
        {"quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
        {"short escapes", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"control", "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
        {"Chinese", "水泵", "\"水泵\""},
        {"four bytes", "\xF0\x9F\x92\xA7", "\"\xF0\x9F\x92\xA7\""},
        {"bad byte",
         "a\xFF"
         "b",
         "\"a\xEF\xBF\xBD"
         "b\""},
        {"cut character", "\xE6\xB0", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"surrogate", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text;
        struct json_out json;
        struct json *back;

        text_init(&text, 1000);
        json = json_begin(&text);
        json_string(&json, cases[i].value);
        check_text(cases[i].name, text.data, cases[i].want);
        back = json_parse(text.data, text.length, 1000, NULL);
        check_case(cases[i].name, back != NULL && json_kind(back) == JSON_STRING);
        json_free(back);
        text_done(&text);
    }
}

static void every_byte_comes_back(void **state)
{
    char all[128];
    struct text text;
    struct json_out json;
    struct json *back;

    (void)state;
    for (int c = 1; c < 128; c++)
        all[c - 1] = (char)c;
    all[127] = '\0';
    text_init(&text, 2000);
    json = json_begin(&text);
    json_open(&json, '{');
    json_put_string(&json, all, all);
    json_close(&json, '}');
    back = json_parse(text.data, text.length, 2000, NULL);
    assert_non_null(back);
    check_text("bytes 1 to 127", json_member_text(back, all, "?"), all);
    json_free(back);
    text_done(&text);
}

static void a_full_text_overflows_once(void **state)
{
    struct text text;
    struct json_out json;

    (void)state;
    text_init(&text, 8);
    json = json_begin(&text);
    json_open(&json, '[');
    for (int i = 0; i < 100; i++)
        json_string(&json, "long enough");
    json_close(&json, ']');
    assert_true(text.overflow);
    assert_true(text.length <= 8);
    text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_kind),
        cmocka_unit_test(escapes_strings),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(a_full_text_overflows_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
