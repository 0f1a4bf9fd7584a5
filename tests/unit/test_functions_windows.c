/* test_functions_windows.c - functions of windows at their edges: what lies exactly on an
 * edge, the first reading, gaps, the end of a hold, late and equal readings, "#n", "ago".
 */
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

/* p is polled every 5 s and held for 15 s; n holds until it says otherwise. */
static void test_edges(void **state)
{
    static const struct reference_case cases[] = {
        {"a reading at t is inside", "n 0=1 60=9", "count(n, 1m)", 60, "1"},
        {"one at t - W is not", "n 0=1 60=9", "count(n, 60s)", 60, "1"},
        {"but it is in force there", "n 0=1 60=9", "max(n, 60s) - min(n, 60s)", 60, "8"},
        {"one ns after t - W it is inside", "n 0.000000001=1 60=9", "count(n, 60s)", 60,
         "2"},
        {"one after t is not", "n 0=1 30@30=2 60.5=9", "max(n, 60s)", 60, "2"},
        {"a value held through the whole window", "n 0=4", "avg(n, 1m)", 3600, "4"},
        {"no reading, yet the extremes are known", "n 0=4", "max(n, 1m)", 3600, "4"},
        {"and the number of readings", "n 0=4", "count(n, 1m)", 3600, "0"},
        {"and what it changed by", "n 0=4", "delta(n, 1m)", 3600, "0"},
        {"weighted by time", "n 0=0 45=8", "avg(n, 1m)", 60, "2"},
        {"a reading at t weighs nothing", "n 0=2 60=1000", "avg(n, 1m)", 60, "2"},
        {"but is an extreme", "n 0=2 60=1000", "max(n, 1m)", 60, "1000"},
        {"and what it changed by", "n 0=2 60=1000", "delta(n, 1m)", 60, "998"},
        {"what was in force at the left edge is an extreme", "n 0=9 61=1 100=2",
         "max(n, 1m)", 120, "9"},
        {"what was replaced at the left edge is none", "n 0=9 60=1 100=2", "max(n, 1m)",
         120, "2"},
        {"two at the same time: the later one", "n 0=1 10=5 10@11=7", "max(n, 1m)", 60,
         "7"},
        {"and it counts once", "n 0=1 10=5 10@11=7", "count(n, 59s)", 60, "1"},
        {"a late reading in its place", "n 0=0 40=0 38@42=12", "avg(n, 1m)", 60, "0.4"},
        {"one that is too late is none", "n 0=0 40=0 30@42=12", "avg(n, 1m)", 60, "0"},
        {"too late by 1 ns", "n 0=0 40=0 36.999999999@42=12", "count(n, 59s)", 60, "1"},
        {"not too late", "n 0=0 40=0 37@42=12", "count(n, 59s)", 60, "2"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_gaps(void **state)
{
    static const struct reference_case cases[] = {
        /* 15 s of 60 */
        {"the hold ends", "p 0=3", "avg(p, 1m)", 60, "?stale+coverage"},
        {"covered just enough", "p 24=3 39=3 54=3", "avg(p, 1m)", 60, "3"},
        {"1 ns too little", "p 24.000000001=3 39=3 54=3", "avg(p, 1m)", 60, "?coverage"},
        {"well covered, but nothing is in force now", "p 0=3 15=3 30=3 40=3",
         "avg(p, 1m)", 56, "?stale"},
        {"nor is a count known that only shrinks", "n 0=1 10=2 20=3 50=!timeout",
         "count(n, 1m)", 60, "?comm"},
        {"long ago that does not matter", "n 0=1 10=2 20=3 150=!timeout",
         "count(n, 1m ago 1m)", 170, "0"},
        {"a gap counts for nothing", "p 0=2 15=2 40=6 55=6", "avg(p, 1m)", 60, "3.6"},
        {"in force at the end of the hold", "p 0=3", "p", 15, "3"},
        {"not 1 ns later", "p 0=3", "p", 15.000000001, "?stale"},
        {"in force at the left edge at the end of its hold", "p 0=3 5=1 10=1 15=1 24=9",
         "max(p, 9s)", 24, "9"},
        {"the left edge is in a gap", "p 0=3 40=5 55=6", "delta(p, 50s)", 60,
         "?coverage"},
        {"a gap inside does not matter", "p 0=3 10=3 25=5 35=6 50=6", "delta(p, 50s)", 50,
         "3"},
        {"but the coverage does", "p 0=3 55=6", "delta(p, 55s)", 55, "?coverage"},
        {"bad ones do not end what is in force", "p 0=3 5=!timeout 10=!timeout", "p", 14,
         "3"},
        {"until the hold is over", "p 0=3 5=!timeout 10=!timeout", "p", 16, "?comm"},
        {"bad ones enter no window", "p 0=3 5=!range 10=3", "count(p, 11s)", 10, "2"},
        {"on change one bad ends it", "n 0=3 50=!offline", "n", 51, "?comm"},
        {"and what follows begins anew", "n 0=3 30=!offline 40=9", "avg(n, 1m)", 60,
         "5.4"},
        {"a late break in its place", "n 0=3 30=9 29@31=!decode", "count(n, 59s)", 60,
         "1"},
        {"covers the stretch behind it", "n 0=3 30=9 27@31=!decode",
         "(avg(n, 1m) - 6) * 57 / 3", 60, "3"},
        {"a bad one that is too late says nothing", "n 0=3 60=4 10@61=!decode", "n", 62,
         "4"},
        {"nor does it change the quality", "n 0=3 60=4 10@61=!decode", "good(n)", 62,
         "true"},
        {"NaN is bad", "p 0=3 5=nan", "bad(p)", 6, "true"},
        {"Inf is bad", "p 0=3 5=inf", "max(p, 6s)", 6, "3"},
        {"an implausible value leaves no trace",
         "p 0=1 5=1 10=3.4e38 15=1 20=1 25=1 30=1 35=1 40=1", "avg(p, 20s)", 40, "1"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_first(void **state)
{
    static const struct reference_case cases[] = {
        {"never heard of", "start=0", "p", 10, "?startup"},
        {"for longer than its hold", "start=0", "p", 16, "?missing"},
        {"on change: it may just not have changed", "start=0", "n", 1e6, "?startup"},
        {"a window that began before", "start=0 p 0=1 5=1", "avg(p, 1m)", 5, "?startup"},
        {"begun just with it, too little", "start=0 p 30=1 45=1 55=1", "avg(p, 1m)", 60,
         "?coverage"},
        {"enough though it began before", "start=0 p 4=1 19=1 34=1 45=1", "avg(p, 1m)",
         50, "1"},
        {"held() of what was never heard of", "start=0", "held(run, 1m)", 10, "?startup"},
        {"the first reading is no rise", "start=0 run 1=true 6=true 11=true",
         "rises(run, 10s)", 11, "0"},
        {"one reading", "start=0 p 1=1", "prev(p)", 1, "?startup"},
        {"two readings", "start=0 p 1=1 6=4", "prev(p)", 6, "1"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_counted(void **state)
{
    static const char seventeen[] = "n 0=0 1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 9=9 10=10 "
                                    "11=11 12=12 13=13 14=14 15=15 16=16";
    static const struct reference_case cases[] = {
        {"the 16th before the last", seventeen, "prev(n, 16)", 20, "0"},
        {"the first", seventeen, "prev(n, 1)", 20, "15"},
        {"the last itself", seventeen, "prev(n, 0)", 20, "16"},
        {"there is none before", "start=0 n 0=1 5=2", "prev(n, 2)", 20, "?startup"},
        {"not in force any more", "p 0=1 5=2", "prev(p)", 30, "?stale"},
        {"bad ones are skipped", "p 0=1 5=!range 10=3", "prev(p)", 11, "1"},
        {"mean of the last three", "n 0=100 1=1 50=2 51=6", "avg(n, #3)", 60, "3"},
        {"the gaps between them do not matter", "n 0=1 1000=2 5000=3", "avg(n, #3)", 6000,
         "2"},
        {"breaks are skipped", "n 0=1 1=2 2=!decode 3=3", "avg(n, #3)", 6, "2"},
        {"0.6 of them are enough", "n 0=1 1=2 2=3", "avg(n, #5)", 6, "2"},
        {"less are not", "n 0=1 1=2", "avg(n, #5)", 6, "?coverage"},
        {"stale", "p 0=1 5=2 10=3", "avg(p, #3)", 40, "?stale"},
        {"stale and too few", "p 0=1", "avg(p, #3)", 40, "?stale+coverage"},
        {"count", "n 0=1 1=2 2=3 3=4", "count(n, #3)", 6, "3"},
        {"extremes", "n 0=99 1=2 2=7 3=4", "max(n, #3) - min(n, #3)", 6, "5"},
        {"last minus first", "n 0=99 1=2 2=7 3=4", "delta(n, #3)", 6, "2"},
        {"edges between them only", "door 0=false 1=true 2=true 3=false 4=true",
         "rises(door, #4) * 10 + falls(door, #4)", 6, "11"},
        {"held for three readings", "door 0=false 1=true 2=true 3=true", "held(door, #3)",
         6, "true"},
        {"not for four", "door 0=false 1=true 2=true 3=true", "held(door, #4)", 6,
         "false"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_ago(void **state)
{
    static const struct reference_case cases[] = {
        {"(t - D - W, t - D]: the right edge is inside", "n 0=1 60=9 100=50",
         "max(n, 1m ago 1m)", 120, "9"},
        {"the left one is not", "n 0=1 60=9 100=50", "count(n, 1m ago 1m)", 120, "1"},
        {"but in force there", "n 0=1 60=9 100=50", "min(n, 1m ago 1m)", 120, "1"},
        {"nothing newer", "n 0=1 61=9", "avg(n, 1m ago 1m)", 120, "1"},
        {"delta of long ago", "n 0=1 30=3 90=50", "delta(n, 1m ago 1m)", 120, "2"},
        {"though nothing is in force now", "p 0=1 12=1 24=1 36=1 48=1 60=1",
         "avg(p, 1m ago 10m)", 660, "1"},
        {"a gap long ago", "p 0=1 70=1 80=1 90=1 100=1 110=1 120=1", "avg(p, 1m ago 1m)",
         120, "?coverage"},
        {"before the start", "start=50 n 50=1", "avg(n, 1m ago 1m)", 120, "?startup"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_statistics(void **state)
{
    static const struct reference_case cases[] = {
        {"mean of readings is not weighted", "n 0=0 50=4 55=8", "mean(n, 59s)", 60, "6"},
        {"mean of none", "n 0=4", "mean(n, 1m)", 600, "?coverage"},
        {"sum", "n 0=100 50=4 55=8", "sum(n, 59s)", 60, "12"},
        {"sum of none", "n 0=4", "sum(n, 1m)", 600, "0"},
        {"sample deviation", "n 0=9 10=2 20=4 30=4 40=4 50=5 55=5 56=7 57=9",
         "stddev(n, 59s) * stddev(n, 59s) * 7", 60, "32"},
        {"of a great offset", "n 0=1e9 10=1000000001 20=1000000002 30=1000000003",
         "stddev(n, 59s)", 60, "1"},
        {"of one reading", "n 0=9 10=2", "stddev(n, 59s)", 60, "?coverage"},
        {"of equal ones", "n 0=9 10=2 20=2", "stddev(n, 59s)", 60, "0"},
        {"unit hours", "n 0=36", "integral(n, 10m)", 3600, "6"},
        {"a gap adds nothing", "p 0=3600 15=3600 30=3600 60=3600", "integral(p, 1m)", 60,
         "45"},
        {"coverage", "p 0=1 15=1 45=1", "coverage(p, 1m)", 60, "0.75"},
        {"coverage of nothing", "p", "coverage(p, 1m)", 60, "0"},
        {"coverage is never unknown", "start=59", "coverage(p, 1m)", 60, "0"},
        {"percentile: the middle of four", "n 0=7 10=4 20=1 30=3 40=2",
         "pctl(n, 59s, 0.5)", 60, "2.5"},
        {"between two", "n 0=7 10=4 20=1 30=3 40=2", "pctl(n, 59s, 0.9)", 60, "3.7"},
        {"least", "n 0=0 10=4 20=1 30=3 40=2", "pctl(n, 59s, 0)", 60, "1"},
        {"greatest", "n 0=7 10=4 20=1 30=3 40=2", "pctl(n, 59s, 1)", 60, "4"},
        {"of one", "n 0=7 10=4", "pctl(n, 59s, 0.3)", 60, "4"},
        {"of none", "n 0=7", "pctl(n, 59s, 0.3)", 600, "?coverage"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_lines(void **state)
{
    static const struct reference_case cases[] = {
        {"per hour", "n 0=0 600=1 1200=2 1800=3", "slope(n, 30m)", 1800, "6"},
        {"readings inside only", "n 0=99 600=1 1200=2 1800=3", "slope(n, 29m)", 1800,
         "6"},
        {"least squares", "n 0=0 60=1 120=0 180=1", "slope(n, 200s) / 60", 180, "0.2"},
        {"one reading", "n 0=0 60=1", "slope(n, 60s)", 60, "?coverage"},
        {"flat", "n 0=5 60=5 120=5", "slope(n, 130s)", 120, "0"},
        {"far from zero", "n 0=1e9 600=1000000001 1200=1000000002 1800=1000000003",
         "round(slope(n, 31m), 3)", 1800, "6"},
        {"forecast from the line, not the last reading", "n 0=0 60=1 120=0 180=1",
         "forecast(n, 200s, 1m)", 180, "1"},
        {"rising to the limit", "n 0=0 60=1 120=2", "time_to(n, 3m, 5) / 1m", 120, "3"},
        {"falling to the limit", "n 0=9 60=8 120=7", "time_to(n, 3m, 5) / 1m", 120, "2"},
        {"going away from it: never", "n 0=0 60=1 120=2", "time_to(n, 3m, -5) / 1d", 120,
         "365"},
        {"flat: never", "n 0=5 60=5 120=5", "time_to(n, 3m, 7) / 1d", 120, "365"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

static void test_ewma(void **state)
{
    static const struct reference_case cases[] = {
        {"the first reading", "n 0=5", "ewma(n, 10s)", 6, "5"},
        {"not observed for long enough", "n 0=5", "ewma(n, 10s)", 5.9, "?coverage"},
        {"two at the same time: the later one", "n 0=0 10=9 10@11=1", "ewma(n, 10s)", 12,
         "0.632120558829"},
        {"one time constant", "n 0=0 10=1", "ewma(n, 10s)", 10, "0.632120558829"},
        {"in two steps as in one", "n 0=0 5=1 10=1", "ewma(n, 10s)", 10,
         "0.632120558829"},
        {"nothing new, nothing moves", "n 0=0 10=1", "ewma(n, 10s)", 100,
         "0.632120558829"},
        {"a late one is left out", "n 0=0 10=1 9@11=50", "ewma(n, 10s)", 12,
         "0.632120558829"},
        {"stale", "p 0=5", "ewma(p, 10s)", 30, "?stale"},
    };

    (void)state;
    reference_case_check(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges), cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_first), cmocka_unit_test(test_counted),
        cmocka_unit_test(test_ago),   cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_lines), cmocka_unit_test(test_ewma),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
