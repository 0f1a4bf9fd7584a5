/* test_functions_counters.c - used and rate: anchors, wraps, resets, misread values. */
#include "tests/unit/reference_case.h"

#include "tests/unit/check.h"

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static int start(void **state)
{
    (void)state;
    reference_case_open("Asia/Shanghai");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    reference_case_close();
    return 0;
}

/* d reports on change, c every 5 s; both begin at 0 again after 1000. */
static void test_used(void **state)
{
    static const struct reference_case cases[] = {
        {"between what is in force at both ends", "d 0=100 50=130 70=150 120=170",
         "used(d, 1m)", 120, "40"},
        {"a reading at t - W is the left anchor", "d 0=100 60=130 100=150", "used(d, 1m)",
         120, "20"},
        {"a reading at t is the right one", "d 0=100 60=130 120=150", "used(d, 1m)", 120,
         "20"},
        {"never extrapolated: one step in the window", "d 0=100 119=101", "used(d, 1m)",
         120, "1"},
        {"nothing", "d 0=100", "used(d, 1m)", 120, "0"},
        {"a wrap", "d 0=950 70=990 80=10", "used(d, 1m)", 120, "60"},
        {"a wrap just there", "d 0=999 61=0", "used(d, 1m)", 120, "1"},
        {"two wraps", "d 0=950 70=10 80=500 90=990 100=20", "used(d, 1m)", 120, "1070"},
        {"no wrap from the middle: a reset", "d 0=500 70=520 80=3 90=10", "used(d, 1m)",
         120, "27~"},
        {"no wrap into the middle", "d 0=950 70=990 80=300 90=310", "used(d, 1m)", 120,
         "50~"},
        {"a misread zero", "d 0=500 70=0 80=503", "used(d, 1m)", 120, "3~"},
        {"a misread one too high", "d 0=500 70=900 80=503", "used(d, 1m)", 120, "3~"},
        {"a misread one that has left the window", "d 0=500 10=0 20=503 70=504",
         "used(d, 1m)", 120, "1"},
        {"a gap inside is a step",
         "c 0=100 5=105 10=110 15=115 20=120 25=125 50=160 "
         "55=165 60=170",
         "used(c, 1m)", 60, "70"},
        {"no anchor on the left", "c 30=100 40=110 50=120 60=130", "used(c, 1m)", 60,
         "?coverage"},
        {"no anchor on the right", "c 0=100 10=110 20=120 30=130 40=130", "used(c, 1m)",
         60, "?stale"},
        {"of the last three readings", "d 0=1 1=5 2=8 3=10", "used(d, #3)", 5, "5"},
        {"a wrap among them", "d 0=1 1=990 2=998 3=10", "used(d, #3)", 5, "20"},
        {"long ago", "d 0=100 30=120 90=170", "used(d, 1m ago 1m)", 120, "20"},
        {"a late reading in its place", "d 0=100 70=150 68@71=140", "used(d, 1m)", 120,
         "50"},
        {"readings that are bad for other reasons do not matter",
         "c 0=100 5=!jump 10=110 15=120 20=130", "used(c, 20s)", 20, "30"},
        {"a used from uncertain readings", "d 0=100 70=~150", "used(d, 1m)", 120, "50~"},
        {"not if it is before the left anchor", "d 0=~100 10=120 70=150", "used(d, 1m)",
         120, "30"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_rate(void **state)
{
    static const struct reference_case cases[] = {
        {"per second of the window", "d 0=100 70=130", "rate(d, 1m)", 120, "0.5"},
        {"a slow counter", "d -60=100 3000=101", "rate(d, 15m) * 900", 3600, "1"},
        {"of the last readings: the time between them", "d 0=1 10=5 20=25", "rate(d, #2)",
         50, "2"},
        {"of one reading there is none", "d 0=1 10=5", "rate(d, #1)", 50, "?coverage"},
        {"over a gap", "c 0=0 5=5 10=10 15=15 20=20 25=25 30=30 35=35 55=55 60=60",
         "rate(c, 1m)", 60, "1"},
        {"a wrap", "d 0=990 60=10", "rate(d, 100s)", 100, "0.2"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_used),
        cmocka_unit_test(test_rate),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
