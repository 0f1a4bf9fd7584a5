/* test_ctl_registers.c - what registers can mean, and how people write addresses. */
#include "ctl/registers.h"
#include "tests/unit/check.h"

static const struct {
    const char *name;
    const char *type;
    const char *order;
    uint16_t cells[4];
    size_t count;
    const char *want;
    bool likely;
} values[] = {
    {"u16", "u16", "ABCD", {0xFFFE}, 1, "65534", false},
    {"u16 swapped", "u16", "BADC", {0x1234}, 1, "13330", false},
    {"s16", "s16", "ABCD", {0xFFFE}, 1, "-2", false},
    {"u32", "u32", "ABCD", {0x0001, 0x86A0}, 2, "100000", true},
    {"u32 low first", "u32", "CDAB", {0x86A0, 0x0001}, 2, "100000", true},
    {"u32 bytes", "u32", "BADC", {0x0100, 0xA086}, 2, "100000", true},
    {"u32 both", "u32", "DCBA", {0xA086, 0x0100}, 2, "100000", true},
    {"u32 zero says nothing", "u32", "ABCD", {0, 0}, 2, "0", false},
    {"u32 too large", "u32", "ABCD", {0xFFFF, 0xFFFF}, 2, "4294967295", false},
    {"s32", "s32", "CDAB", {0xC568, 0xFFFF}, 2, "-15000", true},
    {"u48", "u48", "ABCD", {0, 1, 0x86A0}, 3, "100000", true},
    {"u64", "u64", "ABCD", {0, 0, 0x00BC, 0x614E}, 4, "12345678", true},
    {"s64", "s64", "DCBA", {0xFEFF, 0xFFFF, 0xFFFF, 0xFFFF}, 4, "-2", true},
    {"f32", "f32", "ABCD", {0x4248, 0x147B}, 2, "50.02", true},
    {"f32 low first", "f32", "CDAB", {0x147B, 0x4248}, 2, "50.02", true},
    {"f32 wrong order", "f32", "CDAB", {0x4248, 0x147B}, 2, "1.268533e-26", false},
    {"f32 nan", "f32", "ABCD", {0x7FC0, 0}, 2, "nan", false},
    {"f64", "f64", "ABCD", {0xBF64, 0x7AE1, 0x47AE, 0x147B}, 4, "-0.0025", true},
    {"bcd16", "bcd16", "ABCD", {0x1234}, 1, "1234", false},
    {"bcd32", "bcd32", "CDAB", {0x5678, 0x1234}, 2, "12345678", true},
    {"bcd32 no digit", "bcd32", "ABCD", {0x12A4, 0x1234}, 2, "-", false},
    {"m10k32", "m10k32", "ABCD", {12, 3456}, 2, "123456", true},
    {"m10k32 too large", "m10k32", "ABCD", {12, 10000}, 2, "-", false},
    {"m10k64", "m10k64", "CDAB", {4, 3, 2, 1}, 4, "1000200030004", false},
    {"string", "string", "ABCD", {0x5631, 0x2E32, 0}, 3, "\"V1.2\"", true},
    {"string swapped", "string", "BADC", {0x3156, 0x322E}, 2, "\"V1.2\"", true},
    {"string garbage", "string", "ABCD", {0x0156}, 1, "\".V\"", false},
};

static size_t order_of(const char *name)
{
    for (size_t i = 0; i < REGISTER_ORDERS; i++)
        if (strcmp(register_orders[i], name) == 0)
            return i;
    fail_msg("no order %s", name);
    return 0;
}

static void values_in_every_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        int type = register_type_find(values[i].type);
        struct text text;
        double odd;

        check_case(values[i].name, type >= 0);
        text_init(&text, 100);
        odd = register_show((enum register_type)type, order_of(values[i].order),
                            values[i].cells, values[i].count, &text);
        check_text(values[i].name, text.data, values[i].want);
        check_case(values[i].name, (odd < REGISTER_ODD) == values[i].likely);
        text_done(&text);
    }
    assert_int_equal(register_type_find("f16"), -1);
}

/* Of the four orders the right one of a measured float is the least odd. */
static void the_right_order_looks_likeliest(void **state)
{
    static const float measured[] = {230.2F,   229.75F, 50.02F,   0.98F,
                                     3630.75F, 12.5F,   -1500.0F, 123456.78F};

    (void)state;
    for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++) {
        uint32_t bits;
        uint16_t cells[2];
        double least = REGISTER_ODD;
        size_t likely = REGISTER_ORDERS;

        memcpy(&bits, &measured[i], sizeof bits);
        cells[0] = (uint16_t)(bits >> 16);
        cells[1] = (uint16_t)bits;
        for (size_t order = 0; order < REGISTER_ORDERS; order++) {
            struct text text;
            double odd;

            text_init(&text, 100);
            odd = register_show(REGISTER_F32, order, cells, 2, &text);
            text_done(&text);
            if (odd < least) {
                least = odd;
                likely = order;
            }
        }
        if (likely != 0)
            fail_msg("%g: %s", (double)measured[i], register_orders[likely]);
    }
}

static const struct {
    const char *text;
    enum register_table table;
    int want; /* -1: no address */
    bool reference;
} addresses[] = {
    {"0", REGISTERS_HOLDING, 0, false},
    {"70", REGISTERS_INPUT, 70, false},
    {"65535", REGISTERS_INPUT, 65535, false},
    {"65536", REGISTERS_INPUT, -1, false},
    {"0x46", REGISTERS_INPUT, 70, false},
    {"0xFFFF", REGISTERS_COIL, 65535, false},
    {"0x10000", REGISTERS_COIL, -1, false},
    {"40001", REGISTERS_HOLDING, 0, true},
    {"40071", REGISTERS_HOLDING, 70, true},
    {"400071", REGISTERS_HOLDING, 70, true},
    {"465536", REGISTERS_HOLDING, 65535, true},
    {"4x00071", REGISTERS_HOLDING, 70, true},
    {"4X71", REGISTERS_HOLDING, -1, false},
    {"40000", REGISTERS_HOLDING, 40000, false}, /* there is no register number 0 */
    {"40071", REGISTERS_INPUT, 40071, false},   /* the digit is another table's */
    {"30071", REGISTERS_INPUT, 70, true},
    {"10017", REGISTERS_DISCRETE, 16, true},
    {"00017", REGISTERS_COIL, 16, true},
    {"0x17", REGISTERS_COIL, 23, false},
    {"4071", REGISTERS_HOLDING, 4071, false},
    {"-1", REGISTERS_HOLDING, -1, false},
    {"", REGISTERS_HOLDING, -1, false},
    {"12a", REGISTERS_HOLDING, -1, false},
    {" 12", REGISTERS_HOLDING, -1, false},
};

static void addresses_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct register_address got = {0};
        bool ok = register_address_read(addresses[i].text, addresses[i].table, &got);

        check_case(addresses[i].text, ok == (addresses[i].want >= 0));
        if (!ok)
            continue;
        check_case(addresses[i].text, got.address == addresses[i].want);
        check_case(addresses[i].text, got.reference == addresses[i].reference);
    }
    assert_int_equal(register_table_find("hr"), REGISTERS_HOLDING);
    assert_int_equal(register_table_find("4"), REGISTERS_INPUT);
    assert_int_equal(register_table_find("hold"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_in_every_order),
        cmocka_unit_test(the_right_order_looks_likeliest),
        cmocka_unit_test(addresses_as_people_write_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
