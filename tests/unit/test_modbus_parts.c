/* Values of more than their own cells: registers here and there, a second part, parts of
 * a code, named bits, a multiplier. */
#include "tests/unit/check.h"

#include "adapters/modbus_decode.h"

static const struct point_settings plain = {
    .name = "p",
    .table = TABLE_HOLDING,
    .type = TYPE_U16,
    .bit_low = -1,
    .bit_high = -1,
    .scale = 1.0,
    .range_low = -INFINITY,
    .range_high = INFINITY,
};

static void test_words(void **state)
{
    /* Grundfos power: 311 high, 340 low, as one request brings them. */
    struct point_settings point = plain;
    uint16_t cells[30] = {0};

    (void)state;
    point.type = TYPE_U32;
    point.word_count = 2;
    point.words[0] = 311;
    point.words[1] = 340;
    cells[0] = 0x0001;
    cells[29] = 0x0AF0;
    assert_int_equal(modbus_first_cell(&point), 311);
    assert_int_equal(modbus_cells(&point), 30);
    check_near("hi first", modbus_decode(&point, cells).value, 0x10AF0, 0);
    point.order = ORDER_CDAB;
    check_near("lo first", modbus_decode(&point, cells).value, 0x0AF00001, 0);
    point.words[0] = 340;
    point.words[1] = 311;
    point.order = ORDER_ABCD;
    assert_int_equal(modbus_first_cell(&point), 311);
    check_near("the first named is the first word", modbus_decode(&point, cells).value,
               0x0AF00001, 0);
    point.invalid[0] = 0x0AF00001;
    point.invalid_count = 1;
    assert_int_equal(modbus_decode(&point, cells).reason, REASON_NOT_AVAILABLE);
    point.word_count = 3;
    assert_int_equal(modbus_cells(&point), 0);
}

static struct point_settings volume_point(void)
{
    struct point_settings point = plain;

    point.address = 8;
    point.type = TYPE_S32;
    point.order = ORDER_CDAB;
    point.plus = (struct plus_settings){
        .given = true, .address = 10, .type = TYPE_F32, .order = ORDER_CDAB};
    return point;
}

static void test_plus(void **state)
{
    /* TUF-2000M: whole part and fraction. */
    struct point_settings point = volume_point();
    uint16_t cells[4] = {0x3039, 0, 0, 0x3E80}; /* 12345 and 0.25 */
    uint16_t other[4] = {0, 0x3E80, 0x3039, 0};

    (void)state;
    point.scale = 0.1;
    point.offset = 1;
    assert_int_equal(modbus_first_cell(&point), 8);
    assert_int_equal(modbus_cells(&point), 4);
    check_near("added before scaling", modbus_decode(&point, cells).value, 1235.525,
               1e-9);
    point.plus.address = 6;
    point.plus.order = ORDER_CDAB;
    assert_int_equal(modbus_first_cell(&point), 6);
    assert_int_equal(modbus_cells(&point), 4);
    check_near("the second part stands first", modbus_decode(&point, other).value,
               1235.525, 1e-9);
    point = volume_point();
    point.plus.address = 20;
    assert_int_equal(modbus_cells(&point), 14);
    point.plus.type = TYPE_STRING;
    assert_int_equal(modbus_cells(&point), 0);
}

static void test_either_part_can_be_missing(void **state)
{
    static const struct {
        const char *name;
        uint16_t cells[4];
    } rows[] = {
        {"NaN in the fraction", {1, 0, 0, 0x7FC0}},
        {"infinity in the fraction", {1, 0, 0, 0x7F80}},
        {"sentinel in the whole part", {0xFFFF, 0x7FFF, 0, 0x3E80}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings point = volume_point();

        point.invalid[0] = 0x7FFFFFFF;
        point.invalid_count = 1;
        check_case(rows[i].name,
                   modbus_decode(&point, rows[i].cells).reason == REASON_NOT_AVAILABLE);
    }
}

static void test_parts_of_a_code(void **state)
{
    static const struct {
        const char *name;
        enum value_type type;
        uint64_t quotient;
        uint64_t remainder;
        int64_t low;
        uint16_t cells[4];
        double want;
    } rows[] = {
        {"hundreds", TYPE_U16, 100, 0, -1, {4807}, 48},
        {"sub-code", TYPE_U16, 0, 100, -1, {4807}, 7},
        {"below a hundred", TYPE_U16, 100, 0, -1, {99}, 0},
        {"digit in the middle", TYPE_U16, 100, 10, -1, {12345}, 3},
        {"towards zero", TYPE_S16, 100, 0, -1, {(uint16_t)-312}, -3},
        {"what is left of it", TYPE_S16, 0, 100, -1, {(uint16_t)-312}, -12},
        {"of a field", TYPE_U16, 10, 0, 8, {0x2D55}, 4},
        {"of BCD", TYPE_BCD16, 0, 100, -1, {0x1959}, 59},
        {"of more than 2^31", TYPE_U64, 1000000, 0, -1, {0x0020, 0, 0, 0}, 9007199254.0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings point = plain;

        point.type = rows[i].type;
        point.quotient = rows[i].quotient;
        point.remainder = rows[i].remainder;
        point.bit_low = rows[i].low;
        point.bit_high = rows[i].low < 0 ? -1 : 15;
        check_near(rows[i].name, modbus_decode(&point, rows[i].cells).value, rows[i].want,
                   0);
    }
}

static void test_flags_have_no_sign(void **state)
{
    static const struct enum_settings flags[] = {{0, "sensor"}, {15, "dry_run"}};
    struct point_settings point = plain;
    uint16_t cell = 0x8001;

    (void)state;
    point.type = TYPE_S16;
    point.flags = flags;
    point.flag_count = 2;
    check_near("flags", modbus_decode(&point, &cell).value, 0x8001, 0);
    point.bit_low = 8;
    point.bit_high = 15;
    check_near("of the high byte", modbus_decode(&point, &cell).value, 0x80, 0);
}

static void test_multiplier(void **state)
{
    struct point_settings point = plain;
    uint16_t cell = 50;
    struct modbus_value got;

    (void)state;
    point.scale = 0.1;
    point.offset = 3;
    point.range_high = 1003;
    got = modbus_scaled(&point, modbus_number(&point, &cell), 200);
    assert_int_equal(got.quality, QUALITY_GOOD);
    check_near("before the offset", got.value, 1003, 1e-9);
    assert_int_equal(modbus_scaled(&point, 50.5, 200).reason, REASON_RANGE);
    assert_int_equal(modbus_scaled(&point, NAN, 200).reason, REASON_NOT_AVAILABLE);
    assert_int_equal(modbus_scaled(&point, 50, 1e308).reason, REASON_RANGE);
}

static void test_number_step(void **state)
{
    struct point_settings point = plain;

    (void)state;
    check_near("integer", modbus_number_step(&point, 1e9), 1, 0);
    point.type = TYPE_F32;
    check_near("f32 near 2^18", modbus_number_step(&point, 262144), 0x1p-5, 0);
    check_near("f32 negative", modbus_number_step(&point, -262144), 0x1p-5, 0);
    point.type = TYPE_F64;
    check_near("f64 near 1", modbus_number_step(&point, 1), 0x1p-52, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_plus),
        cmocka_unit_test(test_either_part_can_be_missing),
        cmocka_unit_test(test_parts_of_a_code),
        cmocka_unit_test(test_flags_have_no_sign),
        cmocka_unit_test(test_multiplier),
        cmocka_unit_test(test_number_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
