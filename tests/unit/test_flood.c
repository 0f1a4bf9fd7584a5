/* When announcements become a digest. */
#include "tests/unit/check.h"

#include "issues/flood.h"

static struct wall_time at(int64_t second)
{
    return (struct wall_time){(INT64_C(1764000000) + second) * CLOCK_S};
}

/* `count` offers, one a second from `second` on; how many went out at once. */
static int offer(struct flood *flood, int count, int64_t second, bool urgent)
{
    int out = 0;

    for (int i = 0; i < count; i++)
        out += flood_offer(flood, at(second + i), urgent) ? 1 : 0;
    return out;
}

static void test_begins_at_eleven(void **state)
{
    struct flood flood = {0};

    (void)state;
    assert_int_equal(offer(&flood, FLOOD_BEGIN, 0, false), FLOOD_BEGIN);
    assert_false(flood.active);
    assert_int_equal(offer(&flood, 1, 20, false), 0);
    assert_true(flood.active);
    assert_true(flood.since.ns == at(20).ns);
    assert_int_equal(flood.waiting, 1);
    assert_int_equal(offer(&flood, 3, 30, true), 3); /* urgent ones go out always */
    assert_int_equal(flood.waiting, 1);
}

static void test_slow_is_no_flood(void **state)
{
    struct flood flood = {0};

    (void)state;
    for (int i = 0; i < 200; i++)
        assert_true(flood_offer(&flood, at(60 * i), false));
    assert_false(flood_step(&flood, at(60 * 200)));
}

static void test_digest_each_ten_minutes(void **state)
{
    struct flood flood = {0};

    (void)state;
    (void)offer(&flood, 20, 0, false); /* begins at 10 s */
    assert_int_equal(flood.waiting, 10);
    (void)offer(&flood, 10, 580, false);
    assert_false(flood_step(&flood, at(605)));
    assert_true(flood_step(&flood, at(610)));
    flood_told(&flood, at(610));
    assert_int_equal(flood.waiting, 0);
    (void)offer(&flood, 10, 1000, false);
    assert_false(flood_step(&flood, at(1200)));
    assert_true(flood_step(&flood, at(1210)));
}

static void test_ends_when_quiet(void **state)
{
    struct flood flood = {0};

    (void)state;
    (void)offer(&flood, 20, 0, false);
    assert_false(flood_step(&flood, at(300)));
    /* Of the eleven latest fewer than five are younger than ten minutes. */
    assert_false(flood_step(&flood, at(609)));
    assert_true(flood_step(&flood, at(616)));
    assert_false(flood.active);
    assert_int_equal(flood.since.ns, 0);
    flood_told(&flood, at(616));
    assert_true(flood_offer(&flood, at(700), false));
}

/* A clock that was set back neither begins a flood nor holds a digest back. */
static void test_clock_set_back(void **state)
{
    struct flood flood = {0};

    (void)state;
    (void)offer(&flood, 10, 7200, false);
    assert_true(flood_offer(&flood, at(0), false));
    assert_false(flood.active);
    (void)offer(&flood, 20, 7300, false);
    assert_true(flood.active);
    assert_true(flood_step(&flood, at(0)));
    assert_false(flood.active);
}

static void test_stored(void **state)
{
    struct flood flood = {0};
    struct flood again = {0};
    struct text text;

    (void)state;
    (void)offer(&flood, 25, 0, false);
    text_init(&text, FLOOD_TEXT_MAX);
    flood_print(&flood, &text);
    assert_false(text.overflow);
    assert_true(flood_parse(&again, text.data));
    assert_true(again.active);
    assert_int_equal(again.waiting, flood.waiting);
    assert_true(again.digest.ns == flood.digest.ns);
    assert_true(flood_step(&again, at(621)) == flood_step(&flood, at(621)));
    assert_true(again.active == flood.active);
    text_done(&text);
}

static void test_nonsense(void **state)
{
    static const char *const cases[] = {
        "",           "1",        "x 0 0 0",
        "2 0 0 0",    "0 0 0",    "0 0 0 0 x",
        "0 0 0 0 1x", "0 -1 0 0", "0 0 0 0 1 2 3 4 5 6 7 8 9 10 11 12"};
    struct flood flood = {.waiting = 7};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_case(cases[i], !flood_parse(&flood, cases[i]));
        check_case(cases[i], flood.waiting == 7);
    }
    assert_true(flood_parse(&flood, "0 0 0 0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begins_at_eleven),
        cmocka_unit_test(test_slow_is_no_flood),
        cmocka_unit_test(test_digest_each_ten_minutes),
        cmocka_unit_test(test_ends_when_quiet),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_stored),
        cmocka_unit_test(test_nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
