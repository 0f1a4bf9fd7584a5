/* Values whose scale stands in other registers, one part at a time and as a unit reads
 * them. */
#include "tests/unit/check.h"

#include "adapters/modbus_readings.h"

#include <stdio.h>

enum {
    POINTS = 12,
    FIRST = 100, /* index of the equipment's first point in the model */
};

/* --- a unit ------------------------------------------------------------------------- */

static struct point_settings points[POINTS];
static struct plan_item items[POINTS];
static struct derive derive;

static void make_points(void)
{
    for (uint32_t i = 0; i < POINTS; i++) {
        points[i] = (struct point_settings){.name = "p",
                                            .slot = i,
                                            .table = TABLE_HOLDING,
                                            .address = (uint16_t)i,
                                            .type = TYPE_U16,
                                            .bit_low = -1,
                                            .bit_high = -1,
                                            .scale = 1,
                                            .exponent = POINT_NOBODY,
                                            .exponent_sign = 1,
                                            .factor = POINT_NOBODY,
                                            .range_low = -INFINITY,
                                            .range_high = INFINITY,
                                            .poll_ms = 1000};
        items[i] = (struct plan_item){&points[i], FIRST + i};
    }
}

static double multiplier(size_t item)
{
    double product = 77;

    return derive_multiplier(&derive, item, &product) ? product : NAN;
}

static void times(size_t point, uint32_t slot)
{
    points[point].times[points[point].time_count++] = slot;
}

/* --- the parts ---------------------------------------------------------------------- */

static void test_nothing_depends(void **state)
{
    (void)state;
    make_points();
    derive_init(&derive, items, 3);
    assert_null(derive.state);
    assert_int_equal(derive.rank_max, 0);
    derive_put(&derive, 1, 5);
    check_near("itself", multiplier(1), 1, 0);
    derive_done(&derive);
}

static void test_times(void **state)
{
    (void)state;
    make_points();
    times(2, 0);
    times(2, 1);
    derive_init(&derive, items, 4);
    assert_int_equal(derive_rank(&derive, 0), 0);
    assert_int_equal(derive_rank(&derive, 2), 1);
    check_near("never read", multiplier(2), NAN, 0);
    derive_put(&derive, 0, 40);
    check_near("one of two", multiplier(2), NAN, 0);
    derive_put(&derive, 1, 2.5);
    check_near("both", multiplier(2), 100, 0);
    derive_put(&derive, 1, 3);
    check_near("changed", multiplier(2), 120, 0);
    derive_put_bad(&derive, 0);
    check_near("bad", multiplier(2), NAN, 0);
    derive_put(&derive, 0, 1);
    check_near("good again", multiplier(2), 3, 0);
    derive_all_bad(&derive);
    check_near("all lost", multiplier(2), NAN, 0);
    check_near("who depends on nobody", multiplier(3), 1, 0);
    derive_done(&derive);
}

static void test_exponent(void **state)
{
    static const struct {
        const char *name;
        int sign;
        int offset;
        double value;
        double want;
    } rows[] = {
        {"decimals", -1, 0, 2, 0.01},
        {"no decimals", -1, 0, 0, 1},
        {"with a correction", 1, -3, 4, 10},
        {"negative value", 1, 0, -3, 0.001},
        {"highest", 1, 0, 30, 1e30},
        {"beyond", 1, 0, 31, NAN},
        {"lowest", -1, 0, 30, 1e-30},
        {"beyond below", -1, 0, 65535, NAN},
        {"corrected into range", 1, -5, 35, 1e30},
        {"no whole number", 1, 0, 1.5, NAN},
        {"a hair beside one", 1, 0, 3 * 0.1 * 10, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_points();
        points[1].exponent = 0;
        points[1].exponent_sign = rows[i].sign;
        points[1].exponent_offset = rows[i].offset;
        derive_init(&derive, items, 2);
        derive_put(&derive, 0, rows[i].value);
        check_near(rows[i].name, multiplier(1), rows[i].want, fabs(rows[i].want) * 1e-15);
        derive_done(&derive);
    }
}

static void test_factor(void **state)
{
    static const struct factor_settings factors[] = {
        {9, 101.972}, {10, 0.101972}, {16, 1}};

    (void)state;
    make_points();
    points[1].factor = 0;
    points[1].factors = factors;
    points[1].factor_count = 3;
    derive_init(&derive, items, 2);
    derive_put(&derive, 0, 10);
    check_near("kPa", multiplier(1), 0.101972, 0);
    derive_put(&derive, 0, 9);
    check_near("MPa", multiplier(1), 101.972, 0);
    derive_put(&derive, 0, 12);
    check_near("unknown code", multiplier(1), NAN, 0);
    derive_put(&derive, 0, 9.5);
    check_near("no code", multiplier(1), NAN, 0);
    derive_put(&derive, 0, 16);
    check_near("mH2O", multiplier(1), 1, 0);
    derive_done(&derive);
}

/* --- who depends on whom ------------------------------------------------------------ */

static void test_chains(void **state)
{
    (void)state;
    make_points();
    times(0, 1); /* 0 <- 1 <- 3 <- 4, and 0 <- 4 */
    times(1, 3);
    times(3, 4);
    times(0, 4);
    derive_init(&derive, items, 5);
    assert_int_equal(derive_rank(&derive, 4), 0);
    assert_int_equal(derive_rank(&derive, 3), 1);
    assert_int_equal(derive_rank(&derive, 1), 2);
    assert_int_equal(derive_rank(&derive, 0), 3);
    assert_int_equal(derive.rank_max, 3);
    derive_done(&derive);
}

static void test_circles_have_no_value(void **state)
{
    (void)state;
    make_points();
    times(0, 1);
    times(1, 0);
    times(2, 2);
    times(3, 0);
    derive_init(&derive, items, 4);
    assert_true(derive.rank_max <= DERIVE_RANK_MAX);
    for (size_t i = 0; i < 4; i++)
        check_near("in a circle", multiplier(i), NAN, 0);
    derive_done(&derive);
}

static void test_what_is_not_read(void **state)
{
    (void)state;
    make_points();
    times(1, 9); /* of another variant */
    derive_init(&derive, items, 2);
    check_near("not read", multiplier(1), NAN, 0);
    derive_done(&derive);
}

/* Two equipment of one profile share a unit: each has its own scale. */
static void test_equipment_is_kept_apart(void **state)
{
    (void)state;
    make_points();
    times(1, 0);
    items[2] = (struct plan_item){&points[0], 500};
    items[3] = (struct plan_item){&points[1], 501};
    derive_init(&derive, items, 4);
    derive_put(&derive, 0, 10);
    check_near("the first", multiplier(1), 10, 0);
    check_near("the second", multiplier(3), NAN, 0);
    derive_put(&derive, 2, 20);
    check_near("the second now", multiplier(3), 20, 0);
    check_near("the first still", multiplier(1), 10, 0);
    derive_done(&derive);
}

/* --- as a unit reads them ----------------------------------------------------------- */

static struct sample seen[FIRST + POINTS];
static uint32_t order_seen[64];
static size_t seen_count;
static struct modbus_readings readings;
static struct modbus_out out;

static void put(void *context, const struct sample *samples, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++) {
        assert_true(seen_count < 64);
        seen[samples[i].point] = samples[i];
        order_seen[seen_count++] = samples[i].point;
    }
}

static void put_text(void *context, const struct sample *sample, const char *text)
{
    (void)text;
    put(context, sample, 1);
}

static void begin(size_t count)
{
    static const struct sample_sink sink = {NULL, put, put_text};

    memset(seen, 0, sizeof seen);
    seen_count = 0;
    modbus_out_init(&out, count);
    out.sink = &sink;
    modbus_readings_init(&readings, items, count);
}

static void end(void)
{
    modbus_readings_done(&readings);
    modbus_out_done(&out);
}

static struct stamp at_s(int64_t seconds)
{
    return (struct stamp){{1 + seconds * CLOCK_S}, {1 + seconds * CLOCK_S}};
}

/* Items `first` to `last` as one block from its first register on. */
static void answer(uint32_t first, uint32_t last, const uint16_t *cells, int64_t seconds)
{
    struct plan_member members[POINTS];

    for (uint32_t i = first; i <= last; i++)
        members[i - first] = (struct plan_member){i, points[i].address, 1};
    modbus_readings_good(
        &readings,
        &(struct read_block){members, last - first + 1, points[first].address, cells},
        at_s(seconds), &out);
    modbus_out_flush(&out);
}

static void fail_block(uint32_t first, uint32_t last)
{
    struct plan_member members[POINTS];
    struct badness badness = {REASON_TIMEOUT, 0};

    for (uint32_t i = first; i <= last; i++)
        members[i - first] = (struct plan_member){i, points[i].address, 1};
    modbus_readings_bad(
        &readings,
        &(struct read_block){members, last - first + 1, points[first].address, NULL},
        badness, at_s(9), &out);
    modbus_out_flush(&out);
}

static void check_value(const char *name, uint32_t point, double want)
{
    check_case(name, seen[FIRST + point].quality == QUALITY_GOOD);
    check_near(name, seen[FIRST + point].value, want, fabs(want) * 1e-12);
}

static void check_bad(const char *name, uint32_t point, enum reason reason)
{
    check_case(name, seen[FIRST + point].quality == QUALITY_BAD);
    check_case(name, seen[FIRST + point].reason == reason);
}

/* QDY30A: unit code, decimals, then the level; here the level comes first, so that the
 * order in the answer is the wrong one. */
static void make_level(void)
{
    static const struct factor_settings factors[] = {{9, 101.972}, {16, 1}};

    make_points();
    points[0].type = TYPE_S16;
    points[0].offset = 0.5;
    points[0].range_high = 60;
    points[0].exponent = 2;
    points[0].exponent_sign = -1;
    points[0].factor = 1;
    points[0].factors = factors;
    points[0].factor_count = 2;
}

static void test_scale_in_the_same_answer(void **state)
{
    const uint16_t first[] = {1234, 16, 2};
    const uint16_t second[] = {1234, 16, 3};
    const uint16_t third[] = {(uint16_t)-100, 9, 3};
    const uint16_t fourth[] = {1234, 9, 1};

    (void)state;
    make_level();
    begin(3);
    answer(0, 2, first, 0);
    check_value("level", 0, 12.84);
    assert_int_equal(order_seen[0], FIRST + 1);
    assert_int_equal(order_seen[2], FIRST);
    answer(0, 2, second, 1);
    check_value("the scale of this answer counts", 0, 1.734);
    answer(0, 2, third, 2);
    check_value("another unit", 0, -0.1 * 101.972 + 0.5);
    answer(0, 2, fourth, 3);
    check_bad("range is checked at the end", 0, REASON_RANGE);
    end();
}

static void test_scale_in_another_answer(void **state)
{
    const uint16_t level[] = {500};
    const uint16_t scale[] = {16, 1};
    const uint16_t other[] = {16, 2};
    const uint16_t nonsense[] = {99, 2};

    (void)state;
    make_level();
    begin(3);
    answer(0, 0, level, 0);
    check_bad("not read yet", 0, REASON_DEPENDS);
    answer(1, 2, scale, 1);
    check_bad("until its next reading", 0, REASON_DEPENDS);
    answer(0, 0, level, 2);
    check_value("read", 0, 50.5);
    answer(1, 2, other, 3);
    answer(0, 0, level, 4);
    check_value("changed", 0, 5.5);
    fail_block(1, 2);
    check_bad("the source", 1, REASON_TIMEOUT);
    check_value("a reading stays", 0, 5.5);
    answer(0, 0, level, 5);
    check_bad("while the source is bad", 0, REASON_DEPENDS);
    answer(1, 2, nonsense, 6);
    answer(0, 0, level, 7);
    check_value("the code itself is shown", 1, 99);
    check_bad("unknown code", 0, REASON_DEPENDS);
    answer(1, 2, other, 8);
    answer(0, 0, level, 9);
    check_value("good again", 0, 5.5);
    modbus_readings_lost(&readings);
    answer(0, 0, level, 10);
    check_bad("the unit was away", 0, REASON_DEPENDS);
    end();
}

static void test_chain_in_one_answer(void **state)
{
    const uint16_t cells[] = {5, 10, 3};

    (void)state;
    make_points();
    times(0, 1);
    times(1, 2);
    points[1].scale = 0.1;
    begin(3);
    answer(0, 2, cells, 0);
    check_value("middle", 1, 3);
    check_value("end", 0, 15);
    end();
}

/* --- counters ----------------------------------------------------------------------- */

static void test_guarded_counter(void **state)
{
    static const struct {
        uint16_t raw;
        enum reason want;
    } steps[] = {
        {1000, REASON_NONE}, {1001, REASON_NONE}, /* one count is always possible */
        {1003, REASON_JUMP}, {1001, REASON_NONE}, {0, REASON_JUMP},
        {0, REASON_JUMP},    {1, REASON_NONE},    {1, REASON_NONE},
    };

    (void)state;
    make_points();
    points[0].counter = true;
    points[0].max_rate = 36; /* 0.01 a second, one count is 0.1 */
    points[0].scale = 0.1;
    begin(1);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "step %zu", i);
        answer(0, 0, &steps[i].raw, (int64_t)i);
        check_case(name, seen[FIRST].reason == steps[i].want);
    }
    end();
}

static void test_counter_that_is_not_judged(void **state)
{
    const uint16_t first = 1000;
    const uint16_t second = 3;

    (void)state;
    make_points();
    points[0].counter = true;
    points[1].max_rate = 1; /* no counter */
    begin(2);
    assert_null(readings.guarded);
    answer(0, 0, &first, 0);
    answer(0, 0, &second, 1);
    check_value("as it comes", 0, 3);
    end();
}

static void test_text_and_bad_values_pass(void **state)
{
    const uint16_t cells[] = {0x4142, 0xFFFF};

    (void)state;
    make_points();
    points[0].type = TYPE_STRING;
    points[0].registers = 1;
    points[1].counter = true;
    points[1].modulus = 65536;
    points[1].invalid[0] = 0xFFFF;
    points[1].invalid_count = 1;
    begin(2);
    answer(0, 1, cells, 0);
    assert_int_equal(seen[FIRST].quality, QUALITY_GOOD);
    check_bad("sentinel", 1, REASON_NOT_AVAILABLE);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_depends),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_exponent),
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_circles_have_no_value),
        cmocka_unit_test(test_what_is_not_read),
        cmocka_unit_test(test_equipment_is_kept_apart),
        cmocka_unit_test(test_scale_in_the_same_answer),
        cmocka_unit_test(test_scale_in_another_answer),
        cmocka_unit_test(test_chain_in_one_answer),
        cmocka_unit_test(test_guarded_counter),
        cmocka_unit_test(test_counter_that_is_not_judged),
        cmocka_unit_test(test_text_and_bad_values_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
