/* ULIDs: form, order, and the count within a millisecond. */
#include "tests/unit/check.h"

#include "issues/ulid.h"

static void test_known(void **state)
{
    static const struct {
        int64_t ms;
        unsigned char random[ULID_RANDOM];
        const char *text;
    } cases[] = {
        /* the stamp of the specification's own example */
        {1469918176385, {0}, "01ARYZ6S410000000000000000"},
        {0, {0}, "00000000000000000000000000"},
        {-5, {0}, "00000000000000000000000000"},
        {INT64_C(281474976710655),
         {255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
         "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
        {1, {0, 0, 0, 0, 0, 0, 0, 0, 0, 33}, "00000000010000000000000011"},
        {32, {0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "0000000010G000000000000000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ulid_source source = {.last_ms = -1};
        char text[ULID_SIZE];

        ulid_make(&source, cases[i].ms, cases[i].random, text);
        check_text("known", text, cases[i].text);
    }
}

static void test_monotonic(void **state)
{
    static const unsigned char fresh[ULID_RANDOM] = {1, 2, 3, 4, 5, 6, 7, 8, 255, 254};
    static const unsigned char lower[ULID_RANDOM] = {0};
    struct ulid_source source = {0};
    char last[ULID_SIZE];
    char next[ULID_SIZE];

    (void)state;
    ulid_make(&source, 1000, fresh, last);
    for (int i = 0; i < 2000; i++) {
        ulid_make(&source, 1000, lower, next);
        assert_true(strcmp(last, next) < 0);
        memcpy(last, next, sizeof last);
    }
    ulid_make(&source, 1001, lower, next);
    assert_true(strcmp(last, next) < 0);
    assert_string_equal(next + 10, "0000000000000000");
}

static void test_overflow(void **state)
{
    static const unsigned char full[ULID_RANDOM] = {255, 255, 255, 255, 255,
                                                    255, 255, 255, 255, 255};
    static const unsigned char fresh[ULID_RANDOM] = {0};
    struct ulid_source source = {0};
    char last[ULID_SIZE];
    char next[ULID_SIZE];

    (void)state;
    ulid_make(&source, 1000, full, last);
    ulid_make(&source, 1000, fresh, next);
    assert_true(strcmp(last, next) < 0);
    assert_int_equal(source.last_ms, 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_monotonic),
        cmocka_unit_test(test_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
