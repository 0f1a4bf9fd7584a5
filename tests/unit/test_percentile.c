/* test_percentile.c - percentiles: exact ones by their definition, sketched ones within
 * their error of the exact ones, whatever the values are and however they are merged. */
#include "rules/percentile.h"

#include "tests/unit/check.h"

#include <stdio.h>

static uint64_t seed = 88172645463325252U;

static double part(void) /* 0 <= part < 1 */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static void test_definition(void **state)
{
    static const double values[] = {1, 2, 3, 4, 10};
    static const struct {
        size_t count;
        double q;
        double want;
    } cases[] = {
        {1, 0, 1},   {1, 1, 1},      {2, 0.5, 1.5}, {4, 0.5, 2.5},     {5, 0, 1},
        {5, 0.5, 3}, {5, 0.25, 2},   {5, 1, 10},    {5, 0.875, 7},     {5, 0.1, 1.4},
        {3, 0.5, 2}, {3, 0.75, 2.5}, {0, 0.5, NAN}, {5, 0.999, 9.976},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ranks *ranks = ranks_new(8);
        char name[40];

        (void)snprintf(name, sizeof name, "%zu values at %g", cases[i].count, cases[i].q);
        check_near(name, percentile_at(values, cases[i].count, cases[i].q), cases[i].want,
                   1e-12);
        for (size_t k = cases[i].count; k > 0; k--)
            ranks_insert(ranks, values[k - 1]);
        check_near(name, ranks_at(ranks, cases[i].q), cases[i].want, 1e-12);
        ranks_free(ranks);
    }
}

/* A window that slides over values with many equal ones. */
static void test_ranks(void **state)
{
    enum {
        WINDOW = 100
    };
    static double past[5000];
    struct ranks *ranks = ranks_new(WINDOW);

    (void)state;
    for (size_t i = 0; i < 5000; i++) {
        past[i] = floor(part() * 30) - 15;
        if (i >= WINDOW)
            ranks_remove(ranks, past[i - WINDOW]);
        ranks_insert(ranks, past[i]);
        if (i % 97 == 0) {
            size_t count = i < WINDOW ? i + 1 : WINDOW;
            size_t below = 0;
            double median = ranks_at(ranks, 0.5);

            assert_int_equal(ranks_count(ranks), count);
            for (size_t k = i + 1 - count; k <= i; k++)
                below += past[k] < median;
            assert_true(below <= count / 2);
        }
    }
    ranks_clear(ranks);
    assert_int_equal(ranks_count(ranks), 0);
    assert_true(isnan(ranks_at(ranks, 0.5)));
    ranks_free(ranks);
    ranks_free(NULL);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

enum kind {
    FLAT,    /* 10 to 20 */
    DECADES, /* 1e-2 to 1e2, as many in each decade */
    SIGNED,  /* -10 to 10 */
    FEW,     /* 0, 1 and 5 */
    HUGE_ONE /* mostly small, now and then a misread 3.4e38 */
};

static double draw(enum kind kind)
{
    switch (kind) {
    case FLAT:
        return 10 + 10 * part();
    case DECADES:
        return pow(10, 4 * part() - 2);
    case SIGNED:
        return 20 * part() - 10;
    case FEW:
        return part() < 0.3 ? 0 : part() < 0.5 ? 1 : 5;
    case HUGE_ONE:
        break;
    }
    return part() < 0.001 ? 3.4e38 : part();
}

/* Several sketches, the last one beside: as a window keeps them. */
static void test_sketch(void **state)
{
    enum {
        VALUES = 20000,
        PARTS = 8
    };
    static const double qs[] = {0, 0.05, 0.25, 0.5, 0.8, 0.95, 0.99, 1};
    static double values[VALUES];

    (void)state;
    for (enum kind kind = FLAT; kind <= HUGE_ONE; kind++) {
        struct sketch parts[PARTS] = {0};
        struct sketch sum = {0};

        for (size_t i = 0; i < VALUES; i++) {
            values[i] = draw(kind);
            sketch_add(&parts[i % PARTS], values[i]);
        }
        for (size_t i = 0; i + 1 < PARTS; i++)
            sketch_append(&sum, &parts[i]);
        qsort(values, VALUES, sizeof values[0], by_value);
        for (size_t i = 0; i < sizeof qs / sizeof qs[0]; i++) {
            double want = percentile_at(values, VALUES, qs[i]);
            double error = SKETCH_ERROR * fabs(want) * (1 + 1e-9) + 1e-3;
            char name[40];

            (void)snprintf(name, sizeof name, "kind %d at %g", (int)kind, qs[i]);
            check_near(name, sketch_at(&sum, &parts[PARTS - 1], qs[i]), want, error);
        }
        assert_true(sum.used <= SKETCH_BINS_MAX);
        for (size_t i = 0; i < PARTS; i++)
            sketch_done(&parts[i]);
        sketch_done(&sum);
    }
}

/* More decades than there are bins: what is large stays right. */
static void test_sketch_full(void **state)
{
    struct sketch sketch = {0};
    struct sketch none = {0};

    (void)state;
    assert_true(isnan(sketch_at(&sketch, &none, 0.5)));
    for (int i = 0; i < 30000; i++)
        sketch_add(&sketch, pow(10, i / 1000.0 - 12));
    assert_int_equal(sketch.used, SKETCH_BINS_MAX);
    assert_true(sketch.count == 30000);
    check_near("most", sketch_at(&sketch, &none, 1), pow(10, 17.999), 0.01 * 1e18);
    check_near("0.9", sketch_at(&sketch, &none, 0.9), 1e15, 0.011 * 1e15);
    sketch_clear(&sketch);
    sketch_add(&sketch, -1.7976931348623157e308);
    sketch_add(&sketch, 5e-324);
    check_near("least", sketch_at(&sketch, &none, 0) / 1e308, -1.797, 0.018);
    assert_true(sketch_at(&sketch, &none, 1) == 0);
    sketch_done(&sketch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_sketch),
        cmocka_unit_test(test_sketch_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
