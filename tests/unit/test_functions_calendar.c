/* test_functions_calendar.c - the site's clock: midnight, the hours that summer time
 * takes and gives, steps of the wall clock, days off and on, seasons. */
#include "tests/unit/reference_case.h"

#include "config/settings.h"
#include "tests/unit/check.h"

#include <stdio.h>

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static int start_shanghai(void **state)
{
    (void)state;
    reference_case_open("Asia/Shanghai");
    return 0;
}

static int start_berlin(void **state)
{
    (void)state;
    reference_case_open("Europe/Berlin");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    reference_case_close();
    return 0;
}

static void test_within(void **state)
{
    static const struct reference_case cases[] = {
        {"from is inside", "wall=2026-11-24T04:00:00Z", "within('12:00', '13:00')", 0,
         "true"},
        {"1 ns before it is not", "wall=2026-11-24T04:00:00Z", "within('12:00', '13:00')",
         -1e-9, "false"},
        {"to is outside", "wall=2026-11-24T04:00:00Z", "within('11:00', '12:00')", 0,
         "false"},
        {"1 ns before it is not", "wall=2026-11-24T04:00:00Z", "within('11:00', '12:00')",
         -1e-9, "true"},
        {"over midnight: before", "wall=2026-11-24T15:59:59Z", "within('22:00', '05:00')",
         0, "true"},
        {"over midnight: midnight", "wall=2026-11-24T16:00:00Z",
         "within('22:00', '05:00')", 0, "true"},
        {"over midnight: the end", "wall=2026-11-24T21:00:00Z",
         "within('22:00', '05:00')", 0, "false"},
        {"nothing", "wall=2026-11-24T04:00:00Z", "within('12:00', '12:00')", 0, "false"},
        {"to the end of the day", "wall=2026-11-24T15:59:59.999Z",
         "within('12:00', '00:00')", 0, "true"},
        {"from the begin of the day", "wall=2026-11-24T16:00:00Z",
         "within('00:00', '00:01')", 0, "true"},
        {"the clock is put forward", "wall=2026-11-24T04:00:00Z shift=10:3600",
         "within('13:00', '13:01')", 10, "true"},
        {"and back", "wall=2026-11-24T04:00:00Z shift=10:-3600",
         "within('11:00', '11:01')", 10, "true"},
        {"no window moves with it",
         "wall=2026-11-24T04:00:00Z shift=30:-86400 n 0=2 40=8", "avg(n, 1m)", 60, "4"},
        {"nor an age", "wall=2026-11-24T04:00:00Z shift=30:86400 p 20=2 40=8",
         "age(p) / 1s", 50, "10"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

/* 29 March 2026: 01:59 is followed by 03:00; 25 October: 02:59 by 02:00. */
static void test_summer_time(void **state)
{
    static const struct reference_case cases[] = {
        {"the last minute of winter", "wall=2026-03-29T00:59:59Z",
         "within('01:00', '02:00')", 0, "true"},
        {"there is no second hour", "wall=2026-03-29T01:00:00Z",
         "within('02:00', '03:00')", 0, "false"},
        {"it is the third", "wall=2026-03-29T01:00:00Z", "within('03:00', '04:00')", 0,
         "true"},
        {"a night that is an hour shorter", "wall=2026-03-29T02:59:59Z",
         "within('22:00', '05:00')", 0, "true"},
        {"ends by the clock on the wall", "wall=2026-03-29T03:00:00Z",
         "within('22:00', '05:00')", 0, "false"},
        {"the second hour, once", "wall=2026-10-25T00:30:00Z", "within('02:00', '03:00')",
         0, "true"},
        {"and again", "wall=2026-10-25T01:30:00Z", "within('02:00', '03:00')", 0, "true"},
        {"and over", "wall=2026-10-25T02:00:00Z", "within('02:00', '03:00')", 0, "false"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

/* When a call by the clock asks to be evaluated again, it has become something else: the
 * scene below only moves by that. */
static void test_wakes(void **state)
{
    static const struct reference_case cases[] = {
        {"spring", "wall=2026-03-28T22:00:00Z n 0=1",
         "rises(within('01:30', '03:30'), 5h) * 10 + falls(within('01:30', '03:30'), 5h)",
         15000, "11"},
        {"autumn", "wall=2026-10-24T22:00:00Z n 0=1",
         "rises(within('01:30', '02:30'), 5h) * 10 + falls(within('01:30', '02:30'), 5h)",
         18000, "22"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_within, start_shanghai, stop),
        cmocka_unit_test_setup_teardown(test_summer_time, start_berlin, stop),
        cmocka_unit_test_setup_teardown(test_wakes, start_berlin, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
