/* Values of points from their cells. Vectors of real devices: domain reference 1.0. */
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

/* What a row changes of `plain`; a scale of 0 stands for 1. */
struct row {
    const char *name;
    enum value_type type;
    enum word_order order;
    double scale;
    double offset;
    uint16_t cells[4];
    double want;
};

static const struct row values[] = {
    {"Eastron f32", TYPE_F32, ORDER_ABCD, 0, 0, {0x4366, 0x3333}, 230.2},
    {"TUF-2000M f32", TYPE_F32, ORDER_CDAB, 0, 0, {0x806B, 0x4212}, 36.6254},
    {"Xintai f32", TYPE_F32, ORDER_DCBA, 0, 0, {0x1E85, 0x0B3F}, 0.545},
    {"f32 BADC", TYPE_F32, ORDER_BADC, 0, 0, {0x6643, 0x3333}, 230.2},
    {"EM24 volts", TYPE_S32, ORDER_CDAB, 0.1, 0, {0x0901, 0x0000}, 230.5},
    {"EM24 watts", TYPE_S32, ORDER_CDAB, 0.1, 0, {0xC568, 0xFFFF}, -1500.0},
    {"iEM3000", TYPE_S64, ORDER_ABCD, 0, 0, {0, 0, 0x00BC, 0x614E}, 12345678},
    {"s64 GHEFCDAB", TYPE_S64, ORDER_CDAB, 0, 0, {0x614E, 0x00BC, 0, 0}, 12345678},
    {"s64 BADCFEHG", TYPE_S64, ORDER_BADC, 0, 0, {0, 0, 0xBC00, 0x4E61}, 12345678},
    {"s64 HGFEDCBA", TYPE_S64, ORDER_DCBA, 0, 0, {0x4E61, 0xBC00, 0, 0}, 12345678},
    {"Grundfos hi/lo", TYPE_U32, ORDER_ABCD, 0, 0, {0x0000, 0x0AF0}, 2800},
    {"u16 highest", TYPE_U16, ORDER_ABCD, 0, 0, {0xFFFF}, 65535},
    {"u16 bytes swapped", TYPE_U16, ORDER_DCBA, 0, 0, {0x3412}, 0x1234},
    {"s16 lowest", TYPE_S16, ORDER_ABCD, 0, 0, {0x8000}, -32768},
    {"s16 scaled", TYPE_S16, ORDER_ABCD, 0.1, -40, {0xFFE7}, -42.5},
    {"u32 highest", TYPE_U32, ORDER_ABCD, 0, 0, {0xFFFF, 0xFFFF}, 4294967295.0},
    {"s32 lowest", TYPE_S32, ORDER_ABCD, 0, 0, {0x8000, 0x0000}, -2147483648.0},
    {"u64 2^53", TYPE_U64, ORDER_ABCD, 0, 0, {0x0020, 0, 0, 0}, 9007199254740992.0},
    {"u64 highest", TYPE_U64, ORDER_ABCD, 0, 0, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, 0x1p64},
    {"s64 -1", TYPE_S64, ORDER_ABCD, 0, 0, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, -1},
    {"f64", TYPE_F64, ORDER_ABCD, 0, 0, {0xBF64, 0x7AE1, 0x47AE, 0x147B}, -2.5e-3},
    {"f32 -0", TYPE_F32, ORDER_ABCD, 0, 0, {0x8000, 0}, 0},
    {"f32 denormal", TYPE_F32, ORDER_ABCD, 0, 0, {0, 1}, 0x1p-149},
    {"bool of a register", TYPE_BOOL, ORDER_ABCD, 0, 0, {0x0100}, 1},
    {"u48", TYPE_U48, ORDER_ABCD, 0, 0, {0x0001, 0x0002, 0x0003}, 4295098371.0},
    {"u48 EFCDAB", TYPE_U48, ORDER_CDAB, 0, 0, {0x0003, 0x0002, 0x0001}, 4295098371.0},
    {"u48 BADCFE", TYPE_U48, ORDER_BADC, 0, 0, {0x0100, 0x0200, 0x0300}, 4295098371.0},
    {"u48 FEDCBA", TYPE_U48, ORDER_DCBA, 0, 0, {0x0300, 0x0200, 0x0100}, 4295098371.0},
    {"u48 highest", TYPE_U48, ORDER_ABCD, 0, 0, {0xFFFF, 0xFFFF, 0xFFFF}, 0x1p48 - 1},
    {"bcd16", TYPE_BCD16, ORDER_ABCD, 0.01, 0, {0x1234}, 12.34},
    {"bcd16 bytes swapped", TYPE_BCD16, ORDER_BADC, 0, 0, {0x3412}, 1234},
    {"bcd32", TYPE_BCD32, ORDER_ABCD, 0, 0, {0x0012, 0x3456}, 123456},
    {"bcd32 low word first", TYPE_BCD32, ORDER_CDAB, 0, 0, {0x3456, 0x0012}, 123456},
    {"bcd64 clock",
     TYPE_BCD64,
     ORDER_ABCD,
     0,
     0,
     {0x0020, 0x2611, 0x2420, 0x0137},
     20261124200137.0},
    {"bcd64 highest",
     TYPE_BCD64,
     ORDER_ABCD,
     0,
     0,
     {0x9999, 0x9999, 0x9999, 0x9999},
     1e16 - 1},
    {"m10k32", TYPE_M10K32, ORDER_ABCD, 0, 0, {12, 3456}, 123456},
    {"m10k32 low word first", TYPE_M10K32, ORDER_CDAB, 0, 0, {9999, 1}, 19999},
    {"m10k64", TYPE_M10K64, ORDER_ABCD, 0, 0, {1, 2, 3, 4}, 1000200030004.0},
    {"m10k64 GHEFCDAB", TYPE_M10K64, ORDER_CDAB, 0, 0, {4, 3, 2, 1}, 1000200030004.0},
};

static struct point_settings point_of(const struct row *row)
{
    struct point_settings point = plain;

    point.type = row->type;
    point.order = row->order;
    point.scale = row->scale == 0 ? 1.0 : row->scale;
    point.offset = row->offset;
    return point;
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const struct row *row = &values[i];
        struct point_settings point = point_of(row);
        struct modbus_value got = modbus_decode(&point, row->cells);

        check_case(row->name, got.quality == QUALITY_GOOD && got.reason == REASON_NONE);
        check_near(row->name, got.value, row->want, fabs(row->want) * 1e-6);
    }
}

static void test_minus_zero_is_zero(void **state)
{
    struct point_settings point = plain;
    uint16_t cells[2] = {0x8000, 0};

    (void)state;
    point.type = TYPE_F32;
    assert_false(signbit(modbus_decode(&point, cells).value));
}

static void test_bits(void **state)
{
    static const struct {
        const char *name;
        enum value_type type;
        enum word_order order;
        int64_t low;
        int64_t high;
        uint16_t cells[4];
        double want;
    } rows[] = {
        {"one bit set", TYPE_U16, ORDER_ABCD, 4, 4, {0x0B10}, 1},
        {"one bit clear", TYPE_U16, ORDER_ABCD, 5, 5, {0x0B10}, 0},
        {"a field", TYPE_U16, ORDER_ABCD, 8, 11, {0x0B10}, 11},
        {"unsigned in a signed word", TYPE_S16, ORDER_ABCD, 14, 15, {0xC000}, 3},
        {"highest bit of 32", TYPE_U32, ORDER_ABCD, 31, 31, {0x8000, 0}, 1},
        {"low word first", TYPE_U32, ORDER_CDAB, 16, 16, {0, 1}, 1},
        {"all 64", TYPE_U64, ORDER_ABCD, 0, 63, {0, 0, 0, 7}, 7},
        {"two bits as bool", TYPE_BOOL, ORDER_ABCD, 8, 9, {0x0200}, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings point = plain;

        point.type = rows[i].type;
        point.order = rows[i].order;
        point.bit_low = rows[i].low;
        point.bit_high = rows[i].high;
        check_near(rows[i].name, modbus_decode(&point, rows[i].cells).value, rows[i].want,
                   0);
    }
}

static void test_coils(void **state)
{
    struct point_settings point = plain;
    uint16_t on = 1;
    uint16_t off = 0;

    (void)state;
    point.table = TABLE_COIL;
    point.type = TYPE_BOOL;
    assert_true(modbus_decode(&point, &on).value == 1.0);
    assert_true(modbus_decode(&point, &off).value == 0.0);
    assert_int_equal(modbus_cells(&point), 1);
}

static void test_no_value(void **state)
{
    static const struct {
        const char *name;
        enum value_type type;
        enum reason want;
        uint64_t invalid;
        double scale;
        uint16_t cells[4];
    } rows[] = {
        {"f32 NaN", TYPE_F32, REASON_NOT_AVAILABLE, 1, 1, {0x7FC0, 0}},
        {"f32 +Inf", TYPE_F32, REASON_NOT_AVAILABLE, 1, 1, {0x7F80, 0}},
        {"f32 -Inf", TYPE_F32, REASON_NOT_AVAILABLE, 1, 1, {0xFF80, 0}},
        {"f64 NaN", TYPE_F64, REASON_NOT_AVAILABLE, 1, 1, {0x7FF8, 0, 0, 0}},
        {"u16 sentinel", TYPE_U16, REASON_NOT_AVAILABLE, 0xFFFF, 1, {0xFFFF}},
        {"s16 sentinel", TYPE_S16, REASON_NOT_AVAILABLE, 0x8000, 1, {0x8000}},
        {"sentinel of the wide -1",
         TYPE_S16,
         REASON_NOT_AVAILABLE,
         UINT64_MAX,
         1,
         {0xFFFF}},
        {"u32 sentinel", TYPE_U32, REASON_NOT_AVAILABLE, 0xFFFFFFFF, 1, {0xFFFF, 0xFFFF}},
        {"bcd16 digit of 10", TYPE_BCD16, REASON_NOT_AVAILABLE, 1, 1, {0x123A}},
        {"bcd16 highest digit", TYPE_BCD16, REASON_NOT_AVAILABLE, 1, 1, {0xA000}},
        {"bcd32 blank", TYPE_BCD32, REASON_NOT_AVAILABLE, 1, 1, {0xFFFF, 0xFFFF}},
        {"bcd64 one digit", TYPE_BCD64, REASON_NOT_AVAILABLE, 1, 1, {0, 0, 0x00B0, 0}},
        {"m10k32 10000", TYPE_M10K32, REASON_NOT_AVAILABLE, 1, 1, {0, 10000}},
        {"m10k64 high word", TYPE_M10K64, REASON_NOT_AVAILABLE, 1, 1, {0xFFFF, 0, 0, 0}},
        {"u48 sentinel",
         TYPE_U48,
         REASON_NOT_AVAILABLE,
         UINT64_MAX,
         1,
         {0xFFFF, 0xFFFF, 0xFFFF}},
        {"half of it is none", TYPE_U32, REASON_NONE, 0xFFFFFFFF, 1, {0xFFFF, 0xFFFE}},
        {"f64 overflows",
         TYPE_F64,
         REASON_RANGE,
         1,
         1e10,
         {0x7FEF, 0xFFFF, 0xFFFF, 0xFFFF}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings point = plain;
        struct modbus_value got;

        point.type = rows[i].type;
        point.invalid[0] = 12345;
        point.invalid[1] = rows[i].invalid;
        point.invalid_count = 2;
        point.scale = rows[i].scale;
        got = modbus_decode(&point, rows[i].cells);
        check_case(rows[i].name, got.reason == rows[i].want);
        check_case(rows[i].name,
                   got.quality ==
                       (rows[i].want == REASON_NONE ? QUALITY_GOOD : QUALITY_BAD));
    }
}

static void test_range_is_after_scaling(void **state)
{
    static const struct {
        const char *name;
        uint16_t raw;
        enum reason want;
    } rows[] = {
        {"below", 99, REASON_RANGE},
        {"lowest", 100, REASON_NONE},
        {"highest", 500, REASON_NONE},
        {"above", 501, REASON_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings point = plain;

        point.scale = 0.5;
        point.range_low = 50;
        point.range_high = 250;
        check_case(rows[i].name,
                   modbus_decode(&point, &rows[i].raw).reason == rows[i].want);
    }
}

static void test_text(void **state)
{
    static const struct {
        const char *name;
        enum word_order order;
        enum quality quality;
        uint16_t cells[4];
        const char *want;
    } rows[] = {
        {"trimmed", ORDER_ABCD, QUALITY_GOOD, {0x2056, 0x312E, 0x3220, 0x2000}, "V1.2"},
        {"up to NUL", ORDER_ABCD, QUALITY_GOOD, {0x4142, 0x0043, 0x4444, 0x4444}, "AB"},
        {"swapped", ORDER_BADC, QUALITY_GOOD, {0x4241, 0x0043, 0, 0}, "ABC"},
        {"Chinese", ORDER_ABCD, QUALITY_GOOD, {0xE6B0, 0xB4E6, 0xB3B5, 0}, "水泵"},
        {"control", ORDER_ABCD, QUALITY_GOOD, {0x4109, 0x420A, 0, 0}, "A B"},
        {"GBK",
         ORDER_ABCD,
         QUALITY_UNCERTAIN,
         {0x41B1, 0xC342, 0, 0},
         "A\xEF\xBF\xBD\xEF\xBF\xBD"
         "B"},
        {"cut character",
         ORDER_ABCD,
         QUALITY_UNCERTAIN,
         {0x4141, 0x4141, 0x4141, 0x41E6},
         "AAAAAAA\xEF\xBF\xBD"},
        {"empty", ORDER_ABCD, QUALITY_GOOD, {0}, ""},
        {"blank", ORDER_ABCD, QUALITY_GOOD, {0x2020, 0x2020, 0x2020, 0x2020}, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings point = plain;
        char text[LIVE_TEXT_MAX];
        struct modbus_value got;

        point.type = TYPE_STRING;
        point.order = rows[i].order;
        point.registers = 4;
        got = modbus_decode_text(&point, rows[i].cells, text);
        check_text(rows[i].name, text, rows[i].want);
        check_case(rows[i].name, got.quality == rows[i].quality);
    }
}

static void test_text_is_cut_at_a_character(void **state)
{
    struct point_settings point = plain;
    uint16_t cells[125];
    char text[LIVE_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < 125; i++)
        cells[i] = i % 3 == 0 ? 0xE6B0 : i % 3 == 1 ? 0xB4E6 : 0xB0B4;
    point.type = TYPE_STRING;
    point.registers = 125;
    (void)modbus_decode_text(&point, cells, text);
    assert_int_equal(strlen(text), 93); /* 31 characters of 3 bytes, of at most 95 */
}

static void test_cells(void **state)
{
    static const uint32_t want[] = {
        [TYPE_BOOL] = 1,   [TYPE_U16] = 1,    [TYPE_S16] = 1,    [TYPE_U32] = 2,
        [TYPE_S32] = 2,    [TYPE_U64] = 4,    [TYPE_S64] = 4,    [TYPE_F32] = 2,
        [TYPE_F64] = 4,    [TYPE_STRING] = 7, [TYPE_NUMBER] = 0, [TYPE_U48] = 3,
        [TYPE_BCD16] = 1,  [TYPE_BCD32] = 2,  [TYPE_BCD64] = 4,  [TYPE_M10K32] = 2,
        [TYPE_M10K64] = 4,
    };

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct point_settings point = plain;

        point.type = (enum value_type)i;
        point.registers = 7;
        assert_int_equal(modbus_cells(&point), want[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_minus_zero_is_zero),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_coils),
        cmocka_unit_test(test_no_value),
        cmocka_unit_test(test_range_is_after_scaling),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_is_cut_at_a_character),
        cmocka_unit_test(test_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
