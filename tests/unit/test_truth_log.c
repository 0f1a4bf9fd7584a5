/* test_truth_log.c - held and edges over the course of an expression. */
#include "rules/truth_log.h"

#include "tests/unit/check.h"

#include <stdio.h>

#define S INT64_C(1000000000)

/* "second:truth" in order; then one window that ends at `now`. */
static const struct {
    const char *name;
    const char *course;
    int now_s;
    int length_s;
    int known_s;
    unsigned rises;
    unsigned falls;
    bool any_false;
    int false_end_s; /* -1: none */
} cases[] = {
    {"empty", "", 100, 60, 0, 0, 0, false, -1},
    {"true all the time", "0:T", 100, 60, 60, 0, 0, false, -1},
    {"true since the left edge", "0:F 40:T", 100, 60, 60, 0, 0, false, -1},
    {"a second less", "0:F 41:T", 100, 60, 60, 1, 0, true, 41},
    {"false now", "0:T 90:F", 100, 60, 60, 0, 1, true, 100},
    {"not known before", "70:T", 100, 60, 30, 0, 0, false, -1},
    {"unknown inside", "0:T 50:U 70:T", 100, 60, 40, 0, 0, false, -1},
    {"an edge over unknown", "0:F 50:U 70:T", 100, 60, 40, 1, 0, true, 50},
    {"an edge over the left edge", "0:F 10:U 70:T", 100, 60, 30, 1, 0, false, -1},
    {"toggles", "0:F 45:T 50:F 55:T 60:F", 100, 60, 60, 2, 2, true, 100},
    {"at one time, the last counts", "0:T 50:F 50:T", 100, 60, 60, 0, 0, false, -1},
};

static struct truth_log *log_of(const char *course, size_t capacity)
{
    struct truth_log *log = truth_log_new(capacity);
    int second;
    char truth;
    int used = 0;

    while (sscanf(course, " %d:%c%n", &second, &truth, &used) == 2) {
        truth_log_put(log, second * S,
                      truth == 'T'   ? TRUTH_TRUE
                      : truth == 'F' ? TRUTH_FALSE
                                     : TRUTH_UNKNOWN);
        course += used;
    }
    return log;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct truth_log *log = log_of(cases[i].course, 32);
        struct truth_span span =
            truth_log_span(log, cases[i].now_s * S, cases[i].length_s * S);

        check_near(cases[i].name, (double)span.known_ns / 1e9, cases[i].known_s, 0);
        check_near(cases[i].name, span.rises, cases[i].rises, 0);
        check_near(cases[i].name, span.falls, cases[i].falls, 0);
        check_case(cases[i].name, span.any_false == cases[i].any_false);
        if (span.any_false)
            check_case(cases[i].name, span.false_end_ns == cases[i].false_end_s * S);
        check_case(cases[i].name, !span.lost);
        truth_log_free(log);
    }
}

/* A ring that is too small forgets the oldest and says so; never wrongly held. */
static void test_overflow(void **state)
{
    struct truth_log *log = truth_log_new(4);
    struct truth_span span;

    (void)state;
    for (int i = 0; i < 20; i++)
        truth_log_put(log, i * S, i % 2 == 0 ? TRUTH_TRUE : TRUTH_UNKNOWN);
    span = truth_log_span(log, 20 * S, 20 * S);
    assert_true(span.lost);
    assert_true(span.known_ns == 2 * S);
    assert_false(span.any_false);
    truth_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
