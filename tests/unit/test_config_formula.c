/* test_config_formula.c - computed addresses, and bytes as people write them. */
#include "tests/unit/check.h"

#include "config/checks.h"
#include "config/formula.h"
#include "config/packet.h"

#include <string.h>

static const struct formula_name names[] = {
    {"loop", 2}, {"n", 159}, {"group_step", 100}, {"half", 0.5}, {"zero", 0}, {"n1", 7},
};

static void test_values(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"7", 7},
        {" 7 ", 7},
        {"0x10", 16},
        {"0", 0},
        {"loop", 2},
        {"n1 + n", 166},
        {"(loop - 1) * 400 + n - 1", 558},
        {"group_step * 1 + 6 - 1", 105},
        {"2 + 3 * 4", 14},
        {"(2 + 3) * 4", 20},
        {"10 - 4 - 3", 3},
        {"100 / 10 / 5", 2},
        {"-3 + 10", 7},
        {"--3", 3},
        {"- (2 - 5)", 3},
        {"2*-3", -6},
        {"((((1))))", 1},
        {"9999999999", 9999999999},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = -1;
        struct formula_place place;
        struct err err;
        int status = formula_eval(cases[i].text, names, sizeof names / sizeof names[0],
                                  &value, &place, &err);

        check_case(cases[i].text, status == 0 && value == cases[i].value);
    }
}

static void test_faults(void **state)
{
    static const struct {
        const char *text, *fragment;
        size_t at, length;
    } cases[] = {
        {"", "missing here", 0, 1},
        {"   ", "missing here", 3, 1},
        {"1 +", "missing here", 3, 1},
        {"1 2", "operator", 2, 1},
        {"(1", "not closed", 0, 1},
        {"1)", "operator", 1, 1},
        {"lop * 2", "no parameter \"lop\"", 0, 3},
        {"1 + LOOP", "no parameter \"LOOP\"", 4, 4},
        {"half * 2", "is 0.5, which is no integer", 0, 4},
        {"7 / 2", "leaves a remainder", 2, 1},
        {"7 / zero", "division by 0", 2, 1},
        {"9999999999 * 9999999999 * 9999999999", "too large", 11, 1},
        {"12345678901", "no address", 0, 11},
        {"0x", "no address", 0, 2},
        {"1.5", "operator", 1, 1},
        {"2 ** 3", "missing here", 3, 1},
        {"%", "missing here", 0, 1},
        {"((((((((((((((((((((((1))))))))))))))))))))))", "too many brackets", 20, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = -1;
        struct formula_place place = {0, 0};
        struct err err;
        int status = formula_eval(cases[i].text, names, sizeof names / sizeof names[0],
                                  &value, &place, &err);

        check_case(cases[i].text, status == -1 && value == -1 &&
                                      strstr(err.text, cases[i].fragment) != NULL &&
                                      place.at == cases[i].at &&
                                      place.length == cases[i].length);
    }
}

static void test_long(void **state)
{
    char text[FORMULA_MAX + 2];
    int64_t value;
    struct formula_place place;
    struct err err;

    (void)state;
    memset(text, ' ', sizeof text);
    text[0] = '1';
    text[FORMULA_MAX] = '\0';
    assert_int_equal(formula_eval(text, NULL, 0, &value, &place, &err), 0);
    text[FORMULA_MAX] = ' ';
    text[FORMULA_MAX + 1] = '\0';
    assert_int_equal(formula_eval(text, NULL, 0, &value, &place, &err), -1);
}

static void test_packets(void **state)
{
    static const struct {
        const char *text, *bytes;
        size_t length; /* 0: refused */
    } cases[] = {
        {"DTU-0017", "DTU-0017", 8},  {"hex:44 54", "DT", 2}, {"hex:4454", "DT", 2},
        {"hex: fF 00 ", "\xFF\0", 2}, {"hex:", "", 0},        {"hex:4", "", 0},
        {"hex:4 4", "", 0},           {"hex:zz", "", 0},      {"", "", 0},
        {"HEX:44", "HEX:44", 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[PACKET_MAX];
        size_t length = 0;
        bool ok = packet_bytes(cases[i].text, bytes, &length);

        check_case(cases[i].text, ok == (cases[i].length > 0) &&
                                      length == cases[i].length &&
                                      memcmp(bytes, cases[i].bytes, length) == 0);
    }
}

static void test_paths(void **state)
{
    static const char *const good[] = {
        "t",
        "flow.value",
        "sensors[0].value",
        "sensors[id=28-0316].value",
        "values[*].p_l1",
        "[0].t",
        "[*]",
        "a[1][2].b",
        "a[id=28.0316].b",
        "Inputs/Flow",
        "a[k=x y]",
    };
    static const char *const bad[] = {
        ".a",    "a.",    "a..b",  "$.a",        "a[",     "a[]",
        "a[x]",  "a[=1]", "a[k=]", "a]",         "a[1]b",  "a[-1]",
        "a[1.b", "a.[0]", "a[**]", "a[1234567]", "[0]..a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        check_case(good[i], check_json_path(good[i]) == NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_case(bad[i], check_json_path(bad[i]) != NULL);
}

static void test_patterns(void **state)
{
    static const char *const good[] = {
        "{equipment}",
        "{equipment}/state",
        "riverside/+/{equipment}/state",
        "a/{equipment}/#",
    };
    static const char *const bad[] = {
        "a/b",
        "a/x{equipment}",
        "a/{equipment}x/b",
        "{equipment}/{equipment}",
        "{site}/{equipment}",
        "{equipment}/{point}",
        "a/{equipment}/",
        "a/{equipment}/b+",
        "}/{equipment}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        check_case(good[i], check_topic_pattern(good[i]) == NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_case(bad[i], check_topic_pattern(bad[i]) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_long),   cmocka_unit_test(test_packets),
        cmocka_unit_test(test_paths),  cmocka_unit_test(test_patterns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
