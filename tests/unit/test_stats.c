/* Intervals of counts and the comparison of two rates, against published tables. */
#include "tests/unit/check.h"

#include "reports/stats.h"

#include <stdio.h>

static void test_poisson(void **state)
{
    static const struct {
        int64_t count;
        double low_90;
        double high_90;
        double low_95;
        double high_95;
    } cases[] = {
        {0, 0, 2.995732, 0, 3.688879},
        {1, 0.051293, 4.743865, 0.025318, 5.571643},
        {2, 0.355362, 6.295794, 0.242209, 7.224688},
        {3, 0.817691, 7.753657, 0.618672, 8.767273},
        {4, 1.366318, 9.153519, 1.089865, 10.241589},
        {5, 1.970150, 10.513035, 1.623486, 11.668332},
        {6, 2.613015, 11.842396, 2.201894, 13.059474},
        {7, 3.285316, 13.148114, 2.814363, 14.422675},
        {10, 5.425406, 16.962219, 4.795389, 18.390356},
        {20, 13.254652, 29.062019, 12.216520, 30.888378},
        {50, 38.964733, 63.287074, 37.110964, 65.918767},
        {100, 84.139277, 118.079273, 81.363991, 121.626794},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stats_interval at_90 = stats_poisson(cases[i].count, 0.90);
        struct stats_interval at_95 = stats_poisson(cases[i].count, 0.95);
        char name[24];

        (void)snprintf(name, sizeof name, "count %d", (int)cases[i].count);
        check_near(name, at_90.low, cases[i].low_90, 6e-7);
        check_near(name, at_90.high, cases[i].high_90, 6e-7);
        check_near(name, at_95.low, cases[i].low_95, 6e-7);
        check_near(name, at_95.high, cases[i].high_95, 6e-7);
    }
}

/* Where the approximation takes over the two agree. */
static void test_many(void **state)
{
    struct stats_interval exact = stats_poisson(STATS_EXACT_MAX, 0.90);
    struct stats_interval next = stats_poisson(STATS_EXACT_MAX + 1, 0.90);
    struct stats_interval many = stats_poisson(1000000, 0.90);

    (void)state;
    check_near("low", next.low - exact.low, 1, 0.06);
    check_near("high", next.high - exact.high, 1, 0.06);
    check_near("tail at low", stats_poisson_tail(STATS_EXACT_MAX + 1, next.low), 0.05,
               1e-4);
    check_near("tail at high", stats_poisson_tail(STATS_EXACT_MAX + 2, next.high), 0.95,
               1e-4);
    check_near("million, low", many.low, 1000000 - 1644.85, 2);
    check_near("million, high", many.high, 1000000 + 1644.85, 4);
}

/* 12 pumps, 30 days, 5184 operating hours, 3 failures; 12 unit-months. */
static void test_pumps(void **state)
{
    struct stats_interval at_90 = stats_poisson(3, 0.90);
    struct stats_interval at_95 = stats_poisson(3, 0.95);
    struct stats_interval none_90 = stats_poisson(0, 0.90);
    struct stats_interval none_95 = stats_poisson(0, 0.95);
    const double hours = 5184;

    (void)state;
    check_near("rate", 3 / hours, 5.787037e-4, 1e-10);
    check_near("rate low 90", at_90.low / hours, 1.577337e-4, 1e-10);
    check_near("rate high 90", at_90.high / hours, 1.495690e-3, 1e-9);
    check_near("rate low 95", at_95.low / hours, 1.193426e-4, 1e-10);
    check_near("rate high 95", at_95.high / hours, 1.691218e-3, 1e-9);
    check_near("mtbf", hours / 3, 1728, 0);
    check_near("mtbf low 90", hours / at_90.high, 668.588, 1e-3);
    check_near("mtbf high 90", hours / at_90.low, 6339.800, 1e-3);
    check_near("mtbf low 95", hours / at_95.high, 591.290, 1e-3);
    check_near("mtbf high 95", hours / at_95.low, 8379.236, 1e-3);
    check_near("unit-month low 90", at_90.low / 12, 0.068141, 1e-6);
    check_near("unit-month high 90", at_90.high / 12, 0.646138, 1e-6);
    check_near("unit-month low 95", at_95.low / 12, 0.051556, 1e-6);
    check_near("unit-month high 95", at_95.high / 12, 0.730606, 1e-6);
    check_near("unit-year low", at_90.low, 0.817691, 1e-6);
    check_near("unit-year high", at_90.high, 7.753657, 1e-6);
    check_near("none, high 90", none_90.high / 8, 0.374467, 1e-6);
    check_near("none, high 95", none_95.high / 8, 0.461110, 1e-6);
}

/* 7 failures in 40 unit-months against 38 in 480. */
static void test_compare(void **state)
{
    struct stats_ratio result = stats_compare(7, 40, 38, 480, 0.95);

    (void)state;
    check_near("ratio", result.ratio, 2.210526, 1e-6);
    check_near("one-sided", result.p_higher, 0.054782, 1e-6);
    check_near("two-sided", result.p_two_sided, 0.109563, 1e-6);
    check_near("low", result.interval.low, 0.832979, 1e-6);
    check_near("high", result.interval.high, 5.010457, 1e-6);
    check_near("Poisson", stats_poisson_tail(7, 38.0 / 480 * 40), 0.042622, 1e-6);
    /* an alarm at 0.01 needs nine */
    assert_true(stats_poisson_tail(8, 38.0 / 480 * 40) > 0.01);
    assert_true(stats_poisson_tail(9, 38.0 / 480 * 40) < 0.01);
}

static void test_compare_edges(void **state)
{
    struct stats_ratio none = stats_compare(0, 10, 0, 90, 0.90);
    struct stats_ratio only = stats_compare(3, 10, 0, 90, 0.90);

    (void)state;
    assert_true(isnan(none.ratio));
    check_near("none", none.p_higher, 1, 1e-12);
    assert_true(none.interval.low == 0 && isinf(none.interval.high));
    assert_true(isinf(only.ratio) && isinf(only.interval.high));
    check_near("only one", only.p_higher, 0.001, 1e-12);
    check_near("lower limit", only.interval.low, cbrt(0.05) / (1 - cbrt(0.05)) * 9, 1e-9);
}

static void test_tail(void **state)
{
    (void)state;
    check_near("nothing", stats_poisson_tail(0, 5), 1, 0);
    check_near("no mean", stats_poisson_tail(1, 0), 0, 0);
    check_near("one", stats_poisson_tail(1, 0.1), -expm1(-0.1), 1e-15);
    check_near("far out", stats_poisson_tail(50, 1), 1.2337508979e-65, 1e-74);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poisson),       cmocka_unit_test(test_many),
        cmocka_unit_test(test_pumps),         cmocka_unit_test(test_compare),
        cmocka_unit_test(test_compare_edges), cmocka_unit_test(test_tail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
