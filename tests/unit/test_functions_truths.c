/* test_functions_truths.c - held, rises, falls, changes and the time something was true,
 * of points and of conditions. */
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

static void test_held(void **state)
{
    static const struct reference_case cases[] = {
        {"all through", "door 0=true", "held(door, 1m)", 600, "true"},
        {"just long enough", "door 0=false 10=true", "held(door, 1m)", 70, "true"},
        {"1 ns too short", "door 0=false 10=true", "held(door, 1m)", 69.999999999,
         "false"},
        {"false now", "door 0=true 60=false", "held(door, 1m)", 60, "false"},
        {"false in between", "door 0=true 30=false 31=true", "held(door, 1m)", 60,
         "false"},
        {"unknown now", "door 0=true 59=!offline", "held(door, 1m)", 60, "?comm"},
        {"false, whatever it is now", "door 0=true 30=false 59=!offline",
         "held(door, 1m)", 60, "false"},
        {"unknown in between is tolerated", "door 0=true 20=!offline 40=true",
         "held(door, 1m)", 60, "true"},
        {"up to 1 - min_cover", "door 0=true 20=!offline 44=true", "held(door, 1m)", 60,
         "true"},
        {"and no more", "door 0=true 20=!offline 44.000000001=true", "held(door, 1m)", 60,
         "?coverage"},
        {"with another min_cover", "min_cover=0.9 door 0=true 20=!offline 27=true",
         "held(door, 1m)", 60, "?coverage"},
        {"begun a moment ago", "start=0 door 0=true", "held(door, 1m)", 10, "?startup"},
        {"0.6 of it observed", "start=0 door 0=true", "held(door, 1m)", 36, "true"},
        {"the hold of a false one ends before the window",
         "run 0=false 70=true 80=true "
         "90=true 100=true",
         "held(run, 40s)", 100, "true"},
        {"or inside", "run 50=false 70=true 80=true 90=true 100=true", "held(run, 40s)",
         100, "false"},
        /* of a condition: as it was evaluated */
        {"a condition", "n 0=1 10=9", "held(n > 5, 1m)", 70, "true"},
        {"too short", "n 0=1 10=9", "held(n > 5, 1m)", 69, "false"},
        {"interrupted", "n 0=9 30=1 31=9", "held(n > 5, 1m)", 60, "false"},
        {"unknown for a while", "n 0=9 30=!offline 40=9", "held(n > 5, 1m)", 60, "true"},
        {"unknown now", "n 0=9 30=!offline", "held(n > 5, 1m)", 60, "?comm+coverage"},
        {"decided by what is known", "n 0=9 door 0=true 30=!offline",
         "held(n > 5 or door, 1m)", 60, "true"},
        {"first seen just now", "start=0 n 50=9", "held(n > 5, 1m)", 59, "?startup"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_edges(void **state)
{
    static const char often[] = "door 0=false 10=true 20=false 30=true 40=true 50=false";
    static const struct reference_case cases[] = {
        {"rises", often, "rises(door, 50s)", 50, "2"},
        {"falls", often, "falls(door, 50s)", 50, "2"},
        {"an edge at t - W is outside", often, "rises(door, 40s)", 50, "1"},
        {"1 ns before it was inside", often, "rises(door, 40s)", 49.999999999, "2"},
        {"unknown in between is skipped",
         "door 0=false 10=!offline 20=true 30=!offline "
         "40=false",
         "rises(door, 59s) * 10 + falls(door, 59s)", 60, "11"},
        {"no edge when it is again what it was", "door 0=true 10=!offline 30=true",
         "rises(door, 59s) + falls(door, 59s)", 60, "0"},
        {"over the left edge there is none", "door 0=false 59=!offline 70=true 130=true",
         "rises(door, 1m)", 130, "0"},
        {"known for less than 0.6 of it", "door 0=false 59=!offline 94=true",
         "rises(door, 1m)", 119, "?coverage"},
        {"with enough of it known", "door 0=false 59=!offline 70=true 90=true",
         "rises(door, 1m)", 110, "1"},
        {"what it did since it broke off is not known",
         "door 0=false 10=true 20=false 30=true 50=!offline", "rises(door, 1m)", 60,
         "?comm"},
        {"nor of a condition", "n 0=1 10=9 20=1 30=9 50=!offline", "rises(n > 5, 1m)", 60,
         "?comm"},
        {"a late reading in its place", "door 0=false 30=false 29@31=true",
         "rises(door, 59s) * 10 + falls(door, 59s)", 60, "11"},
        {"any number that is not 0 is true", "n 0=0 10=3 20=5 30=0", "rises(n > 0, 59s)",
         50, "1"},
        {"of a condition", "n 0=1 10=9 20=1 30=9",
         "rises(n > 5, 1m) * 10 + falls(n > 5, 1m)", 59, "21"},
        {"that was unknown in between", "n 0=1 10=!offline 20=9 30=!offline 40=1",
         "rises(n > 5, 1m) * 10 + falls(n > 5, 1m)", 59, "11"},
        {"its edge at t - W", "n 0=1 10=9 20=1 30=9", "rises(n > 5, 40s)", 50, "1"},
        {"by the clock", "n -3=1",
         "rises(within('12:00', '12:01'), 2m) * 10 + falls(within('12:00', '12:01'), 2m)",
         100, "11"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_edges),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
