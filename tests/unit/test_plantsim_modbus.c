/* test_plantsim_modbus.c - frames, answers and register maps of the simulator. */
#include "tests/unit/check.h"

#include "base/mem.h"
#include "plantsim/building.h"
#include "plantsim/modbus.h"
#include "plantsim/plant.h"

#include <stdio.h>

static void test_crc(void **state)
{
    static const struct {
        uint8_t bytes[6];
        uint16_t crc; /* low byte first on the wire */
    } cases[] = {
        {{0x01, 0x04, 0x00, 0x00, 0x00, 0x02}, 0xCB71},
        {{0x01, 0x03, 0x5B, 0x00, 0x00, 0x06}, 0xECD6},
        {{0x02, 0x04, 0x00, 0x00, 0x00, 0x09}, 0x3F30},
        {{0x01, 0x04, 0x00, 0xC8, 0x00, 0x19}, 0x3EB0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(modbus_wire_crc(cases[i].bytes, 6), cases[i].crc);
}

static void test_tcp_frames(void **state)
{
    static const struct {
        const char *name;
        uint8_t bytes[16];
        int length;
        int want;
    } cases[] = {
        {"whole", {0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 2}, 12, 12},
        {"two", {0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 2, 0, 2, 0, 0}, 16, 12},
        {"part of the header", {0, 1, 0, 0, 0, 6}, 6, 0},
        {"part of the body", {0, 1, 0, 0, 0, 6, 1, 4, 0}, 9, 0},
        {"another protocol", {0, 1, 0, 1, 0, 6, 1}, 7, -1},
        {"too long", {0, 1, 0, 0, 1, 6, 1}, 7, -1},
        {"no function", {0, 1, 0, 0, 0, 1, 1}, 7, -1},
        {"HTTP", {'G', 'E', 'T', ' ', '/', ' ', 'H'}, 7, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].name,
                   modbus_tcp_frame(cases[i].bytes, (size_t)cases[i].length) ==
                       cases[i].want);
}

static void test_rtu_frames(void **state)
{
    static const struct {
        const char *name;
        uint8_t bytes[16];
        int length;
        int want;
    } cases[] = {
        {"read", {0x01, 0x04, 0, 0, 0, 2, 0x71, 0xCB}, 8, 8},
        {"read and more", {0x01, 0x04, 0, 0, 0, 2, 0x71, 0xCB, 1, 4}, 10, 8},
        {"part", {0x01, 0x04, 0, 0, 0, 2, 0x71}, 7, 0},
        {"wrong CRC", {0x01, 0x04, 0, 0, 0, 2, 0x71, 0xCC}, 8, -1},
        {"write with data, part", {0x01, 0x10, 0, 0, 0, 1, 2, 0, 1, 0xA6}, 10, 0},
        {"one byte", {0x01}, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(cases[i].name,
                   modbus_rtu_frame(cases[i].bytes, (size_t)cases[i].length) ==
                       cases[i].want);
}

static void test_wrapping(void **state)
{
    static const uint8_t pdu[] = {4, 2, 0x12, 0x34};
    uint8_t out[MODBUS_FRAME_MAX];
    static const uint8_t tcp[] = {0xAB, 0xCD, 0, 0, 0, 5, 9, 4, 2, 0x12, 0x34};

    (void)state;
    assert_int_equal(modbus_tcp_wrap(out, 0xABCD, 9, pdu, sizeof pdu), sizeof tcp);
    assert_memory_equal(out, tcp, sizeof tcp);
    assert_int_equal(modbus_rtu_wrap(out, 9, pdu, sizeof pdu), 7);
    assert_int_equal(modbus_wire_crc(out, 7), 0); /* the CRC of frame and CRC is 0 */
}

static struct plant *new_plant(void)
{
    struct wall_time start;

    assert_true(wall_parse("2026-11-24T08:00:00+08:00", &start));
    return plant_new(1, start, 8 * 3600);
}

static size_t ask(struct plant *plant, const char *id, const uint8_t *pdu, size_t length,
                  struct answer *answer)
{
    const struct thing *thing = &building[building_find(id)];

    plant_answer(plant, thing->link, thing->unit, pdu, length, answer);
    return answer->length;
}

static void test_exceptions(void **state)
{
    static const struct {
        const char *name;
        const char *id;
        size_t length;
        uint8_t pdu[6];
        uint8_t want[2];
    } cases[] = {
        {"write coil", "pump-4", 5, {5, 0, 0, 0xFF, 0}, {0x85, 1}},
        {"write register", "feeder-0", 5, {6, 0, 0, 0, 0}, {0x86, 1}},
        {"unknown function", "feeder-0", 1, {0x2B}, {0xAB, 1}},
        {"unmapped input", "feeder-0", 5, {4, 0x01, 0x80, 0, 1}, {0x84, 2}},
        {"over the end", "feeder-0", 5, {4, 0x01, 0x7F, 0, 2}, {0x84, 2}},
        {"another table", "feeder-0", 5, {3, 0, 0, 0, 2}, {0x83, 2}},
        {"before the block", "meter-w1", 5, {3, 0, 0, 0, 1}, {0x83, 2}},
        {"address 65535 and on", "feeder-0", 5, {4, 0xFF, 0xFF, 0, 2}, {0x84, 2}},
        {"count 0", "feeder-0", 5, {4, 0, 0, 0, 0}, {0x84, 3}},
        {"count 126", "feeder-0", 5, {4, 0, 0, 0, 126}, {0x84, 3}},
        {"2001 bits", "pump-4", 5, {1, 0, 0, 0x07, 0xD1}, {0x81, 3}},
        {"short request", "feeder-0", 3, {4, 0, 0}, {0x84, 3}},
    };
    struct plant *plant = new_plant();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct answer answer;

        check_case(cases[i].name,
                   ask(plant, cases[i].id, cases[i].pdu, cases[i].length, &answer) == 2);
        check_case(cases[i].name, answer.kind == ANSWER_PDU);
        check_case(cases[i].name, memcmp(answer.pdu, cases[i].want, 2) == 0);
    }
    plant_free(plant);
}

static void check_range(struct plant *plant, const char *id,
                        const struct regmap_range *range)
{
    static const uint8_t functions[] = {[REGMAP_COIL] = 1,
                                        [REGMAP_DISCRETE] = 2,
                                        [REGMAP_INPUT] = 4,
                                        [REGMAP_HOLDING] = 3};
    uint16_t count = range->count < 125 ? range->count : 125;
    uint8_t pdu[5] = {functions[range->table], (uint8_t)(range->first >> 8),
                      (uint8_t)range->first, 0, (uint8_t)count};
    struct answer answer;

    ask(plant, id, pdu, sizeof pdu, &answer);
    check_case(id, answer.pdu[0] == functions[range->table]);
    check_case(id, answer.length == 2 + (size_t)answer.pdu[1]);
}

/* The longest read that a range allows, of every device: rows fit their ranges. */
static void test_every_device_answers(void **state)
{
    struct plant *plant = new_plant();

    (void)state;
    for (size_t i = 0; i < building_count; i++) {
        const struct regmap *map = building[i].map;

        for (size_t r = 0; map != NULL && r < map->range_count; r++)
            check_range(plant, building[i].id, &map->ranges[r]);
    }
    plant_free(plant);
}

static double read_f32(const uint8_t *at, bool reversed)
{
    uint8_t bytes[4];
    float value;

    for (int i = 0; i < 4; i++)
        bytes[i] = at[reversed ? i : 3 - i]; /* this machine is little-endian */
    memcpy(&value, bytes, sizeof value);
    return (double)value;
}

static void test_values_arrive(void **state)
{
    struct plant *plant = new_plant();
    struct answer answer;
    static const uint8_t volts[] = {4, 0, 0, 0, 6};
    static const uint8_t volume[] = {3, 0, 1, 0, 2};
    static const uint8_t inputs[] = {2, 0, 0, 0, 8};
    static const uint8_t status[] = {3, 0, 200, 0, 1}; /* function 3 on input registers */

    (void)state;
    plant_step(plant, 50);
    ask(plant, "feeder-2", volts, sizeof volts, &answer);
    check_near("ABCD", read_f32(answer.pdu + 2, false),
               plant_device(plant, "feeder-2")->reading.feeder.volt[0], 0.001);
    ask(plant, "meter-w1", volume, sizeof volume, &answer);
    check_near("DCBA", read_f32(answer.pdu + 2, true),
               plant->world.water.meters[WATER_T1_U1].volume_m3, 0.001);
    ask(plant, "lift-1", inputs, sizeof inputs, &answer);
    assert_int_equal(answer.pdu[1], 1);
    assert_int_equal(answer.pdu[2] & 0x0F, 0x03); /* power, in service */
    ask(plant, "pump-1", status, sizeof status, &answer);
    assert_int_equal(answer.pdu[0], 3);
    assert_int_equal((answer.pdu[2] >> 1) & 1, plant->world.water.pumps[0].run);
    plant_free(plant);
}

static void test_missing_units(void **state)
{
    struct plant *plant = new_plant();
    static const uint8_t pdu[] = {4, 0, 0, 0, 1};
    struct answer answer;

    (void)state;
    plant_answer(plant, LINK_FEEDERS, 99, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.kind, ANSWER_PDU);
    assert_int_equal(answer.pdu[1], MODBUS_NO_RESPONSE);
    plant_answer(plant, LINK_RISER, 99, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.kind, ANSWER_NONE);
    plant_answer(plant, LINK_DTU, 99, pdu, sizeof pdu, &answer);
    assert_int_equal(answer.kind, ANSWER_NONE);
    plant_free(plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc),           cmocka_unit_test(test_tcp_frames),
        cmocka_unit_test(test_rtu_frames),    cmocka_unit_test(test_wrapping),
        cmocka_unit_test(test_exceptions),    cmocka_unit_test(test_every_device_answers),
        cmocka_unit_test(test_values_arrive), cmocka_unit_test(test_missing_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
