/* test_month.c - some days of a site whose gateway is killed and reloaded end with the
 * same issues as without (tests/acceptance/month_of_kills.c plays a whole month). */
#include "tests/sim/month.h"
#include "tests/unit/check.h"

#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KILLS   3 /* a start takes ten times as long */
#define RELOADS 1
#else
#define KILLS   20
#define RELOADS 4
#endif

static const struct month_options quiet = {
    .seed = 7, .days = 2, .faults = 8, .poll_ms = 30000, .look_ms = 15000};
static struct month whole;

static void run(const struct month_options *options, struct month *month)
{
    struct err err = {0};

    if (month_run(options, month, &err) != 0)
        fail_msg("%s", err.text);
}

static void compare(const struct month_options *options)
{
    static struct month other;
    struct month_difference found;
    struct text text;

    run(options, &other);
    text_init(&text, 1 << 16);
    found = month_compare(&whole, &other, options, &text);
    if (found.list + found.apart != 0)
        fail_msg("%s", text.data);
    assert_int_equal(other.kills, options->kills);
    assert_int_equal(other.reloads, options->reloads);
    text_done(&text);
    month_done(&other);
}

static void test_undisturbed(void **state)
{
    (void)state;
    run(&quiet, &whole);
    check_case("most faults are found", whole.count >= 6);
}

static void test_killed(void **state)
{
    struct month_options options = quiet;

    (void)state;
    options.kills = KILLS;
    compare(&options);
}

static void test_reloaded(void **state)
{
    struct month_options options = quiet;

    (void)state;
    options.reloads = RELOADS;
    compare(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_undisturbed),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_reloaded),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    month_done(&whole);
    return failed;
}
