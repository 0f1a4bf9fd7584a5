/* test_web_params.c - query strings, forms and path segments. */
#include "tests/unit/check.h"
#include "web/params.h"

#include <stdio.h>

static const struct {
    const char *name;
    const char *text;
    const char *key;
    const char *value; /* NULL: the whole text is refused */
} cases[] = {
    {"plain", "a=1&b=2", "b", "2"},
    {"first of two", "a=1&a=2", "a", "1"},
    {"plus is a space", "q=a+b", "q", "a b"},
    {"percent", "q=%E6%B0%B4%20x", "q", "水 x"},
    {"lower case hex", "q=%e6%b0%b4", "q", "水"},
    {"no equals", "flag&x=1", "flag", "fallback"},
    {"empty value", "q=", "q", "fallback"},
    {"empty pairs", "&&a=1&&", "a", "1"},
    {"equals in value", "a=b=c", "a", "b=c"},
    {"absent", "a=1", "zzz", "fallback"},
    {"line end in a form", "t=a%0D%0Ab", "t", "a\r\nb"},
    {"percent at the end", "a=%", "a", NULL},
    {"percent cut", "a=%4", "a", NULL},
    {"percent cut before &", "a=%4&b=1", "a", NULL},
    {"not hex", "a=%zz", "a", NULL},
    {"NUL", "a=%00", "a", NULL},
    {"control", "a=%07", "a", NULL},
    {"control in name", "a%0A=1", "a", NULL},
    {"bad UTF-8", "a=%C0%AF", "a", NULL},
    {"cut UTF-8", "a=%E6%B0", "a", NULL},
    {"surrogate", "a=%ED%A0%80", "a", NULL},
    {"DEL", "a=%7F", "a", NULL},
};

static void parse_one(const char *name, const char *text, const char *key,
                      const char *value)
{
    struct params params;
    struct err err;
    int result = params_parse(&params, text, strlen(text), &err);

    check_case(name, (result == 0) == (value != NULL));
    if (result != 0) {
        check_case(name, err.kind == ERR_INPUT);
        return;
    }
    check_text(name, params_get(&params, key, "fallback"), value);
    params_done(&params);
}

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        parse_one(cases[i].name, cases[i].text, cases[i].key, cases[i].value);
}

static void test_bound(void **state)
{
    char text[PARAMS_MAX * 4 + 8];
    size_t length = 0;
    struct params params;

    (void)state;
    for (int i = 0; i < PARAMS_MAX; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "a=1&");
    assert_int_equal(params_parse(&params, text, length, NULL), 0);
    assert_int_equal(params.count, PARAMS_MAX);
    params_done(&params);
    length += (size_t)snprintf(text + length, sizeof text - length, "b=1");
    assert_int_equal(params_parse(&params, text, length, NULL), -1);
}

static void test_segment(void **state)
{
    char out[8];

    (void)state;
    assert_true(params_decode("a+b%20", 6, out, sizeof out));
    assert_string_equal(out, "a+b ");
    assert_false(params_decode("12345678", 8, out, sizeof out));
    assert_false(params_decode("%0A", 3, out, sizeof out));
    assert_false(params_decode("%2", 2, out, sizeof out));
    assert_true(params_decode("%2F", 3, out, sizeof out)); /* the route refuses it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_segment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
