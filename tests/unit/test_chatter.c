/* test_chatter.c - how often is too often, by a clock that may be set back. */
#include "rules/chatter.h"

#include "tests/unit/check.h"

static struct wall_time at_s(int64_t s)
{
    return (struct wall_time){(INT64_C(1764000000) + s) * CLOCK_S};
}

static void three_a_minute(void **unused)
{
    struct chatter chatter = {0};

    (void)unused;
    assert_false(chatter_raise(&chatter, at_s(0)));
    assert_false(chatter_raise(&chatter, at_s(30)));
    assert_false(chatter_raise(&chatter, at_s(60))); /* the first is a minute old */
    assert_true(chatter_raise(&chatter, at_s(70)));
    assert_false(chatter_raise(&chatter, at_s(80))); /* it does already */
    assert_int_equal(chatter_count(&chatter), 5);
}

static void ten_an_hour(void **unused)
{
    struct chatter chatter = {0};

    (void)unused;
    for (int64_t i = 0; i < 9; i++)
        assert_false(chatter_raise(&chatter, at_s(i * 390)));
    assert_true(chatter_raise(&chatter, at_s(9 * 390)));
}

/* Raises that were stamped before the clock was set back lie in the future. */
static void set_back(void **unused)
{
    struct chatter chatter = {0};

    (void)unused;
    assert_false(chatter_raise(&chatter, at_s(7200)));
    assert_false(chatter_raise(&chatter, at_s(10800)));
    assert_false(chatter_raise(&chatter, at_s(0)));
    assert_false(chatter_raise(&chatter, at_s(10)));
    assert_true(chatter_raise(&chatter, at_s(20)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_a_minute),
        cmocka_unit_test(ten_an_hour),
        cmocka_unit_test(set_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
