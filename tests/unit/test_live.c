/* test_live.c - which sample a point shows. */
#include "telemetry/live.h"
#include "tests/unit/check.h"

static bool put(struct live *live, int64_t time_s, double value, enum quality quality)
{
    struct sample sample = {.quality = (uint8_t)quality,
                            .value = value,
                            .time = {time_s * CLOCK_S},
                            .mono = {1}};
    bool accepted;

    live_put(live, &sample, 1, &accepted);
    return accepted;
}

static double shown(struct live *live)
{
    struct live_cell cell;

    live_get(live, 0, 1, &cell);
    return cell.good_value;
}

static void test_order(void **state)
{
    struct live *live = live_new(1);

    (void)state;
    live_clock(live, (struct wall_time){200 * CLOCK_S});
    assert_true(put(live, 100, 1, QUALITY_GOOD));
    assert_false(put(live, 90, 2, QUALITY_GOOD)); /* late: the newer one stays */
    assert_true(put(live, 100, 3, QUALITY_GOOD));
    assert_true(put(live, 95, 0, QUALITY_BAD)); /* news about now, whatever its stamp */
    assert_false(put(live, 99, 4, QUALITY_UNCERTAIN));
    assert_true(shown(live) == 3);
    live_free(live);
}

/* The clock was a year ahead and is put right: the table must not wait for a year. */
static void test_clock_put_back(void **state)
{
    struct live *live = live_new(1);

    (void)state;
    live_clock(live, (struct wall_time){1000 * CLOCK_S});
    assert_true(put(live, 1000, 1, QUALITY_GOOD));
    live_clock(live, (struct wall_time){500 * CLOCK_S});
    assert_true(put(live, 500, 2, QUALITY_GOOD));
    assert_true(shown(live) == 2);
    assert_false(put(live, 400, 3, QUALITY_GOOD)); /* order holds again */
    assert_true(shown(live) == 2);
    live_free(live);
}

/* Without a clock (a table that is only filled and read) stamps alone decide. */
static void test_no_clock(void **state)
{
    struct live *live = live_new(1);

    (void)state;
    assert_true(put(live, 1000, 1, QUALITY_GOOD));
    assert_false(put(live, 500, 2, QUALITY_GOOD));
    live_free(live);
}

static int64_t same_since_s(struct live *live)
{
    struct live_cell cell;

    live_get(live, 0, 1, &cell);
    return cell.same_since.ns / CLOCK_S;
}

static void test_since_when_it_reads_the_same(void **state)
{
    struct live *live = live_new(1);

    (void)state;
    assert_int_equal(same_since_s(live), 0);
    (void)put(live, 100, 7, QUALITY_GOOD);
    (void)put(live, 110, 7, QUALITY_GOOD);
    (void)put(live, 120, 0, QUALITY_BAD); /* no value is no other value */
    (void)put(live, 130, 7, QUALITY_UNCERTAIN);
    assert_int_equal(same_since_s(live), 100);
    (void)put(live, 140, 8, QUALITY_GOOD);
    assert_int_equal(same_since_s(live), 140);
    live_free(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_clock_put_back),
        cmocka_unit_test(test_no_clock),
        cmocka_unit_test(test_since_when_it_reads_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
