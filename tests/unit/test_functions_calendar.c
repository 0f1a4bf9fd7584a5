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

/* 5 October 2026 is a Monday off, 10 October a Saturday that is worked. */
static void test_days(void **state)
{
    static const int32_t holidays[] = {20731, 20732};
    static const int32_t workdays[] = {20736};
    static const struct season_settings seasons[] = {
        {.name = "heating",
         .from_month = 11,
         .from_day = 15,
         .to_month = 3,
         .to_day = 15},
        {.name = "flood", .from_month = 6, .from_day = 1, .to_month = 9, .to_day = 30},
    };
    static const struct calendar_settings calendar = {.country = "",
                                                      .first_year = 2000,
                                                      .last_year = 2100,
                                                      .holidays = holidays,
                                                      .holiday_count = 2,
                                                      .workdays = workdays,
                                                      .workday_count = 1,
                                                      .seasons = seasons,
                                                      .season_count = 2};
    static const struct reference_case cases[] = {
        {"a Tuesday", "", "dow()", 0, "2"},
        {"is worked", "", "workday() and not holiday()", 0, "true"},
        {"Sunday is 7", "wall=2026-11-29T15:59:59Z", "dow()", 0, "7"},
        {"and is off", "wall=2026-11-29T15:59:59Z", "workday() or holiday()", 0, "false"},
        {"Monday begins at midnight", "wall=2026-11-29T16:00:00Z", "dow()", 0, "1"},
        {"a holiday", "wall=2026-10-05T02:00:00Z", "holiday() and not workday()", 0,
         "true"},
        {"the last ns of it", "wall=2026-10-06T16:00:00Z", "holiday()", -1e-9, "true"},
        {"and over", "wall=2026-10-06T16:00:00Z", "holiday()", 0, "false"},
        {"a Saturday that is worked", "wall=2026-10-10T02:00:00Z",
         "workday() and not holiday() and dow() == 6", 0, "true"},
        {"the Sunday behind it is off", "wall=2026-10-11T02:00:00Z", "workday()", 0,
         "false"},
        {"the first day of a season", "wall=2026-11-14T16:00:00Z", "season('heating')", 0,
         "true"},
        {"the day before", "wall=2026-11-14T15:59:59Z", "season('heating')", 0, "false"},
        {"over New Year", "wall=2026-12-31T16:00:00Z", "season('heating')", 0, "true"},
        {"its last day", "wall=2027-03-15T15:59:59Z", "season('heating')", 0, "true"},
        {"is over", "wall=2027-03-15T16:00:00Z", "season('heating')", 0, "false"},
        {"within a year", "wall=2026-07-01T04:00:00Z", "season('flood')", 0, "true"},
        {"and not", "wall=2026-10-01T04:00:00Z", "season('flood')", 0, "false"},
        {"limits of chance", "n 0=0", "poisson_limit(3, 0.01)", 0, "9"},
        {"of next to nothing", "n 0=0", "poisson_limit(0.01, 0.001)", 0, "2"},
        {"of nothing", "n 0=0", "poisson_limit(n, 0.01)", 0, "1"},
    };

    (void)state;
    reference_case_calendar(&calendar);
    reference_case_check(cases, COUNT(cases));
}

/* Second 0 is midnight. */
#define MIDNIGHT "wall=2026-11-24T16:00:00Z "

static void test_nights(void **state)
{
#define THREE                                                                            \
    MIDNIGHT "n 0=5 10800=2 14400=4 86400=6 97200=3 100800=6 172800=7 183600=1 187200=7"
    static const struct reference_case cases[] = {
        {"the middle of three", THREE, "nights(n, 1h, '02:00', '05:00', 3, 0.5)", 190800,
         "2"},
        {"the last one is not over", THREE, "nights(n, 1h, '02:00', '05:00', 3, 0.5)",
         190799, "2.5"},
        {"the last alone", THREE, "nights(n, 1h, '02:00', '05:00', 1, 0)", 190800, "1"},
        {"at noon still", THREE, "nights(n, 1h, '02:00', '05:00', 1, 0)", 216000, "1"},
        {"too few of five", THREE, "nights(n, 1h, '02:00', '05:00', 6, 0.2)", 190800,
         "?coverage"},
        {"in steps of a twelfth", MIDNIGHT "n 0=5 10950=2 14550=4",
         "nights(n, 1h, '02:00', '05:00', 1, 0)", 20000, "2.08333333333"},
        {"wholly inside", MIDNIGHT "n 0=1 7200=5 18000=1",
         "nights(n, 1h, '02:00', '05:00', 1, 0)", 20000, "5"},
        {"the last one is not known", THREE " 190000=!offline 275000=5",
         "nights(n, 1h, '02:00', '05:00', 4, 0.5)", 280000, "?coverage"},
        {"known for less than 0.6 of the night", MIDNIGHT "n 0=5 13600=!offline 18000=3",
         "nights(n, 1h, '02:00', '05:00', 1, 0)", 20000, "?coverage"},
        {"known for more", MIDNIGHT "n 0=5 13700=!offline 18000=3",
         "nights(n, 1h, '02:00', '05:00', 1, 0)", 20000, "5"},
        {"not known for 0.6 of an hour",
         MIDNIGHT "n 0=5 9600=2 11700=!offline 13800=3 17000=4",
         "nights(n, 1h, '02:00', '05:00', 1, 0)", 20000, "2.375"},
        {"not known at all", MIDNIGHT "n 0=5 7100=!offline 17900=2",
         "nights(n, 1h, '02:00', '05:00', 1, 0)", 20000, "?coverage"},
        {"over midnight", MIDNIGHT "n -7200=5 -1800=2 1800=4",
         "nights(n, 1h, '23:00', '01:00', 1, 0)", 3600, "2"},
        {"not yet over", MIDNIGHT "n -7200=5 -1800=2 1800=4",
         "nights(n, 1h, '23:00', '01:00', 1, 0)", 3599, "?coverage"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

/* Second 0 is a Tuesday noon. */
static void test_weeks(void **state)
{
#define WEEKS "n -86400=0 0=10 604800=20 1209600=40 1814400=60 "
    static const struct reference_case cases[] = {
        {"the middle of three weeks", WEEKS, "baseline(n, 1h, 3)", 1821600, "20"},
        {"how far off", WEEKS, "zscore(n, 1h, 3) * 1.4826", 1821600, "4"},
        {"two of them are too few to say", WEEKS, "zscore(n, 1h, 2)", 1821600,
         "?coverage"},
        {"of one", WEEKS, "baseline(n, 1h, 1)", 1821600, "40"},
        {"not known for long enough", WEEKS, "baseline(n, 1h, 6)", 1821600, "?coverage"},
        {"hours count in part", WEEKS, "baseline(n, 1h, 1)", 1821600 - 5400, "30"},
        {"all alike", "n -86400=5 1821000=5", "zscore(n, 1h, 3)", 1821600, "?div0"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

/* 8 and 15 December are Tuesdays off, 12 December is a Saturday that is worked. */
static void test_kinds_of_days(void **state)
{
    static const int32_t holidays[] = {20795, 20802};
    static const int32_t workdays[] = {20799};
    static const struct calendar_settings calendar = {.country = "",
                                                      .holidays = holidays,
                                                      .holiday_count = 2,
                                                      .workdays = workdays,
                                                      .workday_count = 1,
                                                      .first_year = 2000,
                                                      .last_year = 2100};
    static const struct reference_case cases[] = {
        {"two weeks off are passed over", WEEKS "2419200=99", "baseline(n, 1h, 2)",
         2426400, "15"},
        {"a day off is as a Sunday", WEEKS, "baseline(n, 1h, 1)", 1821600, "40"},
        {"as three Sundays", WEEKS, "baseline(n, 1h, 3)", 1821600, "20"},
        {"a worked Saturday is as a Friday", WEEKS "1500000=40", "baseline(n, 1h, 1)",
         1562400, "40"},
    };

    (void)state;
    reference_case_calendar(&calendar);
    reference_case_check(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_within, start_shanghai, stop),
        cmocka_unit_test_setup_teardown(test_days, start_shanghai, stop),
        cmocka_unit_test_setup_teardown(test_nights, start_shanghai, stop),
        cmocka_unit_test_setup_teardown(test_weeks, start_shanghai, stop),
        cmocka_unit_test_setup_teardown(test_kinds_of_days, start_shanghai, stop),
        cmocka_unit_test_setup_teardown(test_summer_time, start_berlin, stop),
        cmocka_unit_test_setup_teardown(test_wakes, start_berlin, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
