/* Readings of counters, with the clock in our hands. */
#include "tests/unit/check.h"

#include "telemetry/counter_guard.h"

#include <stdio.h>

enum {
    STEPS_MAX = 12,
};

#define HOUR INT64_C(3600)

/* '+' accepted, '-' a jump. */
static const struct {
    const char *name;
    struct counter_rule rule;
    struct {
        int64_t at_s;
        double value;
        char want; /* 0: no more */
    } steps[STEPS_MAX];
} rows[] = {
    {"not judged",
     {.step = 1},
     {{0, 1000, '+'}, {1, 5, '+'}, {2, 1e12, '+'}, {3, 0, '+'}}},
    {"the first is accepted", {.max_rate = 1, .step = 1}, {{0, 1e15, '+'}}},
    {"at the rate",
     {.max_rate = 3600, .step = 0.001},
     {{0, 10, '+'}, {1, 11, '+'}, {11, 21, '+'}, {11, 21, '+'}, {12, 22.1, '-'}}},
    {"one count at any time",
     {.max_rate = 20, .step = 1},
     {{0, 7, '+'}, {1, 8, '+'}, {2, 9, '+'}, {3, 11, '-'}}},
    {"a count whose size is not known",
     {.max_rate = 20},
     {{0, 7, '+'}, {1, 8, '+'}, {2, 8.5, '-'}, {3, 8, '+'}, {4, 10, '-'}}},
    {"a gap of hours",
     {.max_rate = 120, .step = 0.1},
     {{0, 1000, '+'},
      {1, 1001, '-'},
      {8 * HOUR, 1960, '+'},
      {8 * HOUR + 1, 1961, '-'},
      {9 * HOUR, 2079.9, '+'}}},
    {"one outlier",
     {.max_rate = 60, .step = 0.1},
     {{0, 100, '+'}, {60, 3.4e38, '-'}, {120, 101, '+'}, {180, 102, '+'}}},
    {"outliers that do not agree",
     {.max_rate = 60, .step = 0.1},
     {{0, 100, '+'},
      {60, 500, '-'},
      {120, 900, '-'},
      {180, 300, '-'},
      {240, 700, '-'},
      {300, 104, '+'}}},
    {"three that agree",
     {.max_rate = 60, .step = 0.1},
     {{0, 100, '+'},
      {60, 500, '-'},
      {120, 500.5, '-'},
      {180, 501, '+'},
      {240, 502, '+'}}},
    {"two that agree, then the old one",
     {.max_rate = 60, .step = 0.1},
     {{0, 100, '+'},
      {60, 500, '-'},
      {120, 500, '-'},
      {180, 100, '+'},
      {240, 500, '-'},
      {300, 500, '-'},
      {360, 500, '+'}}},
    {"two agree, one does not, and again",
     {.max_rate = 60, .step = 0.1},
     {{0, 100, '+'},
      {60, 500, '-'},
      {120, 500, '-'},
      {180, 900, '-'},
      {240, 901, '-'},
      {300, 902, '+'}}},
    {"the first was the misreading",
     {.max_rate = 60, .step = 0.1},
     {{0, 1e9, '+'}, {60, 100, '-'}, {120, 101, '-'}, {180, 102, '+'}}},
    {"back without resets",
     {.max_rate = 60, .step = 1},
     {{0, 100, '+'},
      {60, 99, '-'},
      {120, 100, '+'},
      {180, 0, '-'},
      {240, 0, '-'},
      {300, 1, '+'}}},
    {"a reset",
     {.max_rate = 60, .step = 1, .resets = true},
     {{0, 100, '+'}, {60, 1, '+'}, {120, 0, '+'}, {180, 2, '+'}}},
    {"a reset that is too far from 0",
     {.max_rate = 60, .step = 1, .resets = true},
     {{0, 100, '+'}, {60, 50, '-'}, {120, 101, '+'}, {180, -1, '-'}}},
    {"a reset in a gap of hours",
     {.max_rate = 60, .step = 1, .resets = true},
     {{0, 1000, '+'}, {2 * HOUR, 119, '+'}}},
    {"modulus and rate",
     {.modulus = 65536, .max_rate = 3600, .step = 1},
     {{0, 65530, '+'}, {10, 3, '+'}, {20, 14, '+'}, {30, 65535, '-'}, {40, 34, '+'}}},
    {"a wrap that is too fast",
     {.modulus = 65536, .max_rate = 3600, .step = 1},
     {{0, 65530, '+'}, {10, 10, '-'}, {20, 11, '+'}}},
    {"a wrap in a long gap: any value",
     {.modulus = 1000, .max_rate = 100, .step = 1},
     {{0, 900, '+'}, {20 * HOUR, 850, '+'}}},
    {"modulus alone: less than half",
     {.modulus = 1000},
     {{0, 900, '+'}, {1, 399, '+'}, {2, 700, '+'}, {3, 200, '-'}, {4, 701, '+'}}},
    {"modulus alone: ahead is any step", {.modulus = 1000}, {{0, 0, '+'}, {1, 999, '+'}}},
    {"at the modulus itself",
     {.modulus = 1000, .max_rate = 3600, .step = 1},
     {{0, 1000, '+'}, {1, 0, '+'}}},
    {"above the modulus there is no wrap",
     {.modulus = 1000},
     {{0, 5000, '+'}, {1, 3, '-'}, {2, 4, '-'}, {3, 5, '+'}}},
    {"modulus and resets",
     {.modulus = 65536, .max_rate = 3600, .step = 1, .resets = true},
     {{0, 5000, '+'}, {10, 5, '+'}, {20, 65000, '-'}, {30, 20, '+'}}},
    {"equal times",
     {.max_rate = 3600, .step = 1},
     {{5, 10, '+'}, {5, 10, '+'}, {5, 11, '+'}, {5, 13, '-'}}},
    {"a time before the last",
     {.max_rate = 3600, .step = 1},
     {{500, 10, '+'}, {400, 11, '+'}, {401, 12, '+'}, {300, 20, '-'}}},
    {"4.2 - 4.1 is more than 0.1",
     {.max_rate = 1, .step = 0.1},
     {{0, 4.1, '+'}, {0, 4.2, '+'}, {0, 4.4, '-'}}},
    {"too fast for ever",
     {.max_rate = 60, .step = 0.1},
     {{0, 0, '+'}, {60, 10, '-'}, {120, 20, '-'}, {180, 30, '-'}, {240, 40, '-'}}},
};

static void run_row(size_t row)
{
    struct counter_guard guard = {0};

    for (size_t s = 0; s < STEPS_MAX && rows[row].steps[s].want != 0; s++) {
        struct mono_time time = {rows[row].steps[s].at_s * CLOCK_S};
        char name[96];
        bool got = counter_guard_accepts(&guard, &rows[row].rule,
                                         rows[row].steps[s].value, time);

        (void)snprintf(name, sizeof name, "%s, step %zu", rows[row].name, s);
        check_case(name, got == (rows[row].steps[s].want == '+'));
    }
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(i);
}

/* A true counter that is polled at random is never doubted. */
static void test_the_truth_is_no_jump(void **state)
{
    const struct counter_rule rule = {.modulus = 1000, .max_rate = 3600, .step = 1};
    struct counter_guard guard = {0};
    uint64_t seed = 7;
    double truth = 0;
    int64_t ms = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t wait_ms;

        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        wait_ms = (int64_t)(seed >> 33) % (i % 100 == 0 ? 400000 : 3000);
        ms += wait_ms;
        truth += (double)wait_ms / 1000 * ((double)(seed >> 40 & 1023) / 1023);
        assert_true(counter_guard_accepts(&guard, &rule, fmod(floor(truth), 1000),
                                          (struct mono_time){ms * CLOCK_MS}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_the_truth_is_no_jump),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
