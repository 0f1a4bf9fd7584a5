/* When to ask: grid, slots, breaker, probe budget, back-off, lateness. */
#include "tests/unit/check.h"

#include "adapters/lateness.h"
#include "adapters/schedule.h"

static const struct mono_time start = {5000 * CLOCK_S + 123456789};

static void test_phases(void **state)
{
    static const struct {
        const char *name;
        struct schedule_place place;
        int64_t period_ms;
        int64_t want_ms;
    } rows[] = {
        {"a single link", {0, 1, 0}, 1000, 0},
        {"nine links share one instant", {8, 9, 0}, 1000, 0},
        {"500 links, 10 phases", {3, 500, 0}, 1000, 300},
        {"ten apart meet", {13, 500, 0}, 1000, 300},
        {"2500 links, 50 phases", {49, 2500, 0}, 1000, 980},
        {"never closer than 20 ms", {49, 5000, 0}, 1000, 980},
        {"half a second has half the phases", {26, 2500, 0}, 500, 20},
        {"a minute rides along", {3, 500, 0}, 60000, 300},
        {"another unit, another second", {3, 500, 2}, 60000, 2300},
        {"another link, another second", {13, 500, 0}, 60000, 1300},
        {"short periods have one phase", {7, 500, 0}, 20, 0},
        {"shorter still", {7, 500, 0}, 5, 0},
        {"no whole seconds", {3, 500, 0}, 1500, 450},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_near(rows[i].name,
                   (double)schedule_phase_ns(&rows[i].place, rows[i].period_ms) /
                       CLOCK_MS,
                   (double)rows[i].want_ms, 0);
}

/* In any second a fleet of N links wakes up at most 1 s / 20 ms times, about N / 50. */
static void test_wake_ups_are_shared(void **state)
{
    static const struct {
        uint32_t links;
        unsigned want;
    } rows[] = {{1, 1}, {50, 1}, {100, 2}, {500, 10}, {5000, 50}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool used[1000] = {false};
        unsigned instants = 0;

        for (uint32_t link = 0; link < rows[i].links; link++) {
            struct schedule_place place = {link, rows[i].links, 0};
            int64_t ms = schedule_phase_ns(&place, 1000) / CLOCK_MS;

            instants += !used[ms];
            used[ms] = true;
        }
        assert_int_equal(instants, rows[i].want);
    }
}

/* Slow blocks of a bus with 30 units do not come in the same second. */
static void test_slow_blocks_are_spread(void **state)
{
    unsigned in_second[60] = {0};

    (void)state;
    for (uint32_t unit = 0; unit < 30; unit++) {
        struct schedule_place place = {4, 20, unit};

        in_second[schedule_phase_ns(&place, 60000) / CLOCK_S]++;
    }
    for (size_t i = 0; i < 60; i++)
        assert_true(in_second[i] <= 1);
}

static void test_first_reading_comes_within_a_second(void **state)
{
    static const int64_t periods_ms[] = {200, 1000, 1500, 60000, 3600000};
    struct schedule_place place = {37, 400, 5};

    (void)state;
    for (size_t i = 0; i < sizeof periods_ms / sizeof periods_ms[0]; i++) {
        struct mono_time first = schedule_first(&place, periods_ms[i], start);

        assert_true(mono_before(start, first));
        assert_true(mono_diff_ms(first, start) <= 1000);
    }
}

static void test_slots_do_not_drift(void **state)
{
    struct schedule_place place = {3, 500, 0};
    struct schedule_slot slot;
    struct mono_time now;
    uint64_t missed = 0;

    (void)state;
    schedule_slot_start(&slot, &place, 1000, start);
    for (int i = 0; i < 1000; i++) {
        now = (struct mono_time){slot.due.ns + 37 * CLOCK_MS};
        assert_int_equal(schedule_slot_take(&slot, now, &missed), 37 * CLOCK_MS);
        assert_int_equal(slot.due.ns % CLOCK_S, 300 * CLOCK_MS);
        assert_int_equal(slot.due.ns - now.ns, 963 * CLOCK_MS);
    }
    assert_int_equal(missed, 0);
}

static void test_missed_slots_are_counted_and_dropped(void **state)
{
    struct schedule_place place = {0, 1, 0};
    struct schedule_slot slot;
    struct mono_time now;
    uint64_t missed = 0;

    (void)state;
    schedule_slot_start(&slot, &place, 1000, start);
    now = mono_add_ms(slot.due, 3400);
    assert_int_equal(schedule_slot_take(&slot, now, &missed), 3400 * CLOCK_MS);
    assert_int_equal(missed, 3);
    assert_int_equal(slot.due.ns - now.ns, 600 * CLOCK_MS);
    assert_int_equal(schedule_slot_take(&slot, now, &missed), 0); /* early is not late */
    assert_int_equal(missed, 3);
    now = mono_add_ms(slot.due, 999); /* so late that the next slot is there already */
    assert_int_equal(schedule_slot_take(&slot, now, &missed), 999 * CLOCK_MS);
    assert_int_equal(missed, 4);
    assert_int_equal(slot.due.ns - now.ns, 1001 * CLOCK_MS);
}

static void test_retry_does_not_pass_the_slot(void **state)
{
    struct schedule_place place = {0, 1, 0};
    struct schedule_slot slot;
    struct mono_time now;
    uint64_t missed = 0;

    (void)state;
    schedule_slot_start(&slot, &place, 60000, start);
    now = slot.due;
    (void)schedule_slot_take(&slot, now, &missed);
    schedule_slot_retry(&slot, now, 2000);
    assert_true(mono_diff_ms(slot.due, now) <= 2000);
    schedule_slot_start(&slot, &place, 1000, start);
    now = slot.due;
    (void)schedule_slot_take(&slot, now, &missed);
    schedule_slot_retry(&slot, now, 2000);
    assert_int_equal(mono_diff_ms(slot.due, now), 1000);
}

static void test_breaker(void **state)
{
    struct breaker breaker = {0};
    uint64_t seed = 1;

    (void)state;
    assert_false(breaker_answered(&breaker));
    assert_false(breaker_failed(&breaker, start, false, &seed));
    assert_false(breaker_failed(&breaker, start, false, &seed));
    assert_false(breaker_answered(&breaker)); /* in a row */
    assert_false(breaker_failed(&breaker, start, false, &seed));
    assert_false(breaker_failed(&breaker, start, false, &seed));
    assert_true(breaker_failed(&breaker, start, false, &seed));
    assert_true(breaker.open);
    assert_true(breaker_answered(&breaker));
    assert_false(breaker.open);
}

static void test_breaker_of_a_stranger_opens_at_once(void **state)
{
    struct breaker breaker = {0};
    uint64_t seed = 1;

    (void)state;
    assert_true(breaker_failed(&breaker, start, false, &seed));
    assert_false(breaker_failed(&breaker, start, false, &seed)); /* it was open already */
}

static void check_waits(bool critical, int64_t longest_ms)
{
    struct breaker breaker = {0};
    uint64_t seed = 42;
    int64_t want_ms = BREAKER_WAIT_MIN_MS;
    bool varied = false;

    for (int i = 0; i < 50; i++) {
        int64_t wait_ms;

        (void)breaker_failed(&breaker, start, critical, &seed);
        wait_ms = mono_diff_ms(breaker.probe_due, start);
        assert_true(wait_ms >= want_ms * 8 / 10 && wait_ms <= want_ms * 12 / 10);
        varied = varied || wait_ms != want_ms;
        want_ms = want_ms * 2 > longest_ms ? longest_ms : want_ms * 2;
    }
    assert_true(varied);
}

static void test_probes_double(void **state)
{
    (void)state;
    check_waits(false, 60000);
    check_waits(true, 10000);
}

static void test_probe_budget(void **state)
{
    struct probe_budget budget = {{0}};

    (void)state;
    probe_budget_spend(&budget, start, CLOCK_S);
    assert_int_equal(mono_diff_ms(budget.allowed, start), 24000); /* 1 of 25 */
}

static void test_backoff(void **state)
{
    struct connect_backoff backoff = {0};
    uint64_t seed = 7;
    int64_t want_ms = 1000;

    (void)state;
    for (int i = 0; i < 20; i++) {
        int64_t wait_ms;

        connect_backoff_failed(&backoff, start, &seed);
        wait_ms = mono_diff_ms(backoff.due, start);
        assert_true(wait_ms >= want_ms * 8 / 10 && wait_ms <= want_ms * 12 / 10);
        want_ms = want_ms * 2 > 30000 ? 30000 : want_ms * 2;
    }
    connect_backoff_reset(&backoff);
    assert_int_equal(backoff.due.ns, 0);
}

static void test_jitter_is_repeatable(void **state)
{
    uint64_t a = 99;
    uint64_t b = 99;

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(schedule_jitter(60000, &a), schedule_jitter(60000, &b));
    assert_int_equal(schedule_jitter(0, &a), 0);
}

static void test_lateness(void **state)
{
    struct lateness ring = {0};
    struct lateness copy = ring;

    (void)state;
    assert_int_equal(lateness_percentile_us(&copy, 99), 0);
    for (int i = 1; i <= 100; i++)
        lateness_add(&ring, INT64_C(1000) * i);
    copy = ring;
    assert_int_equal(lateness_percentile_us(&copy, 50), 50);
    assert_int_equal(lateness_percentile_us(&copy, 99), 99);
    assert_int_equal(lateness_percentile_us(&copy, 100), 100);
    for (int i = 0; i < LATENESS_POLLS; i++)
        lateness_add(&ring, 7000);
    copy = ring;
    assert_int_equal(lateness_percentile_us(&copy, 100), 7); /* the old ones are gone */
    lateness_add(&ring, INT64_MAX);
    copy = ring;
    assert_int_equal(lateness_percentile_us(&copy, 100), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phases),
        cmocka_unit_test(test_wake_ups_are_shared),
        cmocka_unit_test(test_slow_blocks_are_spread),
        cmocka_unit_test(test_first_reading_comes_within_a_second),
        cmocka_unit_test(test_slots_do_not_drift),
        cmocka_unit_test(test_missed_slots_are_counted_and_dropped),
        cmocka_unit_test(test_retry_does_not_pass_the_slot),
        cmocka_unit_test(test_breaker),
        cmocka_unit_test(test_breaker_of_a_stranger_opens_at_once),
        cmocka_unit_test(test_probes_double),
        cmocka_unit_test(test_probe_budget),
        cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_jitter_is_repeatable),
        cmocka_unit_test(test_lateness),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
