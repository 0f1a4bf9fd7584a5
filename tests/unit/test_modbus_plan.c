/* Read plans: hand-made cases, and random maps read back from their blocks. */
#include "tests/unit/check.h"

#include "adapters/modbus_decode.h"
#include "adapters/modbus_plan.h"

#include <stdio.h>

enum {
    POINTS_MAX = 64,
    MAPS = 400,
};

static struct point_settings point_at(enum modbus_table table, uint32_t address,
                                      enum value_type type, int64_t poll_ms)
{
    return (struct point_settings){
        .name = "p",
        .table = table,
        .address = (uint16_t)address,
        .type = type,
        .bit_low = -1,
        .bit_high = -1,
        .registers = 40,
        .scale = 1.0,
        .range_low = -INFINITY,
        .range_high = INFINITY,
        .poll_ms = poll_ms,
    };
}

static void build(struct plan *plan, const struct point_settings *points, size_t count,
                  struct plan_limits limits)
{
    struct plan_item items[POINTS_MAX];
    struct err err = {0};

    for (size_t i = 0; i < count; i++)
        items[i] = (struct plan_item){&points[i], (uint32_t)i};
    if (modbus_plan_build(plan, items, count, &limits, &err) != 0)
        fail_msg("plan: %s", err.text);
}

#define H(address, type)                                                                 \
    {                                                                                    \
        TABLE_HOLDING, address, type, 1000                                               \
    }

static const struct {
    const char *name;
    int64_t max_gap;
    int64_t max_span;
    struct {
        enum modbus_table table;
        uint32_t address;
        enum value_type type;
        int64_t poll_ms;
    } points[5];
    const char *want; /* "table:start+count/members ..." */
} plans[] = {
    {"adjacent", 0, 125, {H(0, TYPE_U16), H(1, TYPE_F32), H(3, TYPE_U16)}, "4:0+4/3"},
    {"unsorted", 0, 125, {H(3, TYPE_U16), H(1, TYPE_F32), H(0, TYPE_U16)}, "4:0+4/3"},
    {"gap bridged", 4, 125, {H(0, TYPE_U16), H(5, TYPE_U16)}, "4:0+6/2"},
    {"gap too wide", 3, 125, {H(0, TYPE_U16), H(5, TYPE_U16)}, "4:0+1/1 4:5+1/1"},
    {"span full", 64, 10, {H(0, TYPE_U16), H(8, TYPE_F32)}, "4:0+10/2"},
    {"span too long", 64, 9, {H(0, TYPE_U16), H(8, TYPE_F32)}, "4:0+1/1 4:8+2/1"},
    {"long then short at one address",
     0,
     125,
     {H(7, TYPE_U16), H(7, TYPE_F64)},
     "4:7+4/2"},
    {"short inside of long, next after it",
     0,
     125,
     {H(0, TYPE_F64), H(1, TYPE_U16), H(4, TYPE_U16)},
     "4:0+5/3"},
    {"bits of one register",
     0,
     125,
     {H(9, TYPE_U16), H(9, TYPE_U16), H(9, TYPE_U16)},
     "4:9+1/3"},
    {"single reads", 0, 1, {H(0, TYPE_U16), H(1, TYPE_U16)}, "4:0+1/1 4:1+1/1"},
    {"longer than the span stays whole", 0, 1, {H(0, TYPE_F64)}, "4:0+4/1"},
    {"tables",
     64,
     125,
     {{TABLE_INPUT, 0, TYPE_U16, 1000}, H(1, TYPE_U16), {TABLE_COIL, 2, TYPE_BOOL, 1000}},
     "1:2+1/1 3:0+1/1 4:1+1/1"},
    {"periods",
     64,
     125,
     {H(0, TYPE_U16), {TABLE_HOLDING, 1, TYPE_U16, 60000}, H(2, TYPE_U16)},
     "4:0+3/2 4:1+1/1"},
    {"coils bridge 16 a register",
     1,
     125,
     {{TABLE_COIL, 0, TYPE_BOOL, 1000},
      {TABLE_COIL, 17, TYPE_BOOL, 1000},
      {TABLE_COIL, 35, TYPE_BOOL, 1000}},
     "1:0+18/2 1:35+1/1"},
    {"coils span 2000",
     125,
     125,
     {{TABLE_COIL, 0, TYPE_BOOL, 1000},
      {TABLE_COIL, 999, TYPE_BOOL, 1000},
      {TABLE_COIL, 1999, TYPE_BOOL, 1000},
      {TABLE_COIL, 2000, TYPE_BOOL, 1000}},
     "1:0+2000/3 1:2000+1/1"},
    {"last address", 64, 125, {H(65534, TYPE_F32), H(65535, TYPE_U16)}, "4:65534+2/2"},
};

static void test_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct point_settings points[5];
        size_t count = 0;
        struct plan plan;
        char got[256] = "";

        for (; count < 5 && plans[i].points[count].poll_ms != 0; count++)
            points[count] =
                point_at(plans[i].points[count].table, plans[i].points[count].address,
                         plans[i].points[count].type, plans[i].points[count].poll_ms);
        build(&plan, points, count,
              (struct plan_limits){plans[i].max_gap, plans[i].max_span});
        for (size_t b = 0; b < plan.block_count; b++)
            (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s%d:%u+%u/%u",
                           b > 0 ? " " : "", (int)plan.blocks[b].table,
                           plan.blocks[b].start, plan.blocks[b].count,
                           plan.blocks[b].members);
        check_text(plans[i].name, got, plans[i].want);
        modbus_plan_done(&plan);
    }
}

static void test_refusals(void **state)
{
    struct point_settings points[] = {
        point_at(TABLE_NONE, 0, TYPE_NUMBER, 1000),
        point_at(TABLE_HOLDING, 65535, TYPE_F32, 1000),
        point_at(TABLE_HOLDING, 0, TYPE_U16, 0),
        point_at(TABLE_HOLDING, 0, TYPE_STRING, 1000),
        point_at(TABLE_HOLDING, 0, TYPE_NUMBER, 1000),
    };
    struct plan_limits limits = {0, 125};

    (void)state;
    points[3].registers = 126;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        struct plan_item item = {&points[i], 0};
        struct plan plan = {.block_count = 77};
        struct err err = {0};

        assert_int_equal(modbus_plan_build(&plan, &item, 1, &limits, &err), -1);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_int_equal(plan.block_count, 77); /* not touched */
    }
}

static void test_limits(void **state)
{
    struct profile_settings profile = {.max_gap = -1, .max_span = 125};

    (void)state;
    assert_int_equal(modbus_plan_limits(&profile, true).max_gap, 16);
    assert_int_equal(modbus_plan_limits(&profile, false).max_gap, 64);
    profile.max_gap = 0;
    profile.max_span = 500;
    assert_int_equal(modbus_plan_limits(&profile, false).max_gap, 0);
    assert_int_equal(modbus_plan_limits(&profile, false).max_span, 125);
}

/* --- random maps ----------------------------------------------------------------- */

static uint32_t seed = 12345;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static uint16_t world(enum modbus_table table, uint32_t address)
{
    uint32_t mix = (address + 1) * 2654435761u ^ (uint32_t)table * 40503u;

    if (table == TABLE_COIL || table == TABLE_DISCRETE)
        return mix >> 13 & 1;
    return (uint16_t)(mix >> 7);
}

static struct point_settings random_point(void)
{
    static const enum value_type types[] = {TYPE_U16,  TYPE_S16,   TYPE_U32, TYPE_S32,
                                            TYPE_U64,  TYPE_S64,   TYPE_F32, TYPE_F64,
                                            TYPE_BOOL, TYPE_STRING};
    enum modbus_table table = (enum modbus_table)(1 + below(4));
    bool bits = table == TABLE_COIL || table == TABLE_DISCRETE;
    uint32_t window = bits ? 3000 : 300;
    uint32_t base = below(2) ? 0 : 65536 - window;
    struct point_settings point =
        point_at(table, base + below(window - 50), bits ? TYPE_BOOL : types[below(10)],
                 below(3) ? 1000 : 60000);

    point.order = (enum word_order)below(4);
    point.registers = 1 + below(40);
    if (!bits && point.type == TYPE_U32 && below(2)) {
        point.bit_low = below(16);
        point.bit_high = point.bit_low + below(16);
    }
    return point;
}

static bool same(const struct point_settings *point, const uint16_t *a, const uint16_t *b)
{
    char text_a[LIVE_TEXT_MAX];
    char text_b[LIVE_TEXT_MAX];
    struct modbus_value x;
    struct modbus_value y;

    if (point->type == TYPE_STRING) {
        x = modbus_decode_text(point, a, text_a);
        y = modbus_decode_text(point, b, text_b);
        return x.quality == y.quality && strcmp(text_a, text_b) == 0;
    }
    x = modbus_decode(point, a);
    y = modbus_decode(point, b);
    return x.quality == y.quality && x.value == y.value;
}

/* One member of one block, read with its block and alone. */
static void check_member(const struct point_settings *points,
                         const struct plan_block *block, const struct plan_member *member,
                         const uint16_t *cells)
{
    const struct point_settings *point = &points[member->item];
    uint16_t alone[125];

    assert_int_equal(point->table, block->table);
    assert_int_equal(point->poll_ms, block->period_ms);
    assert_int_equal(member->start, point->address);
    assert_true(member->start >= block->start);
    assert_true(member->start + member->length <= block->start + block->count);
    for (uint32_t i = 0; i < member->length; i++)
        alone[i] = world(point->table, point->address + i);
    assert_true(same(point, cells + (member->start - block->start), alone));
}

static void test_random_maps(void **state)
{
    (void)state;
    for (int map = 0; map < MAPS; map++) {
        struct point_settings points[POINTS_MAX];
        size_t count = 1 + below(POINTS_MAX);
        struct plan_limits limits = {below(65), 1 + below(125)};
        unsigned seen[POINTS_MAX] = {0};
        struct plan plan;

        for (size_t i = 0; i < count; i++)
            points[i] = random_point();
        build(&plan, points, count, limits);
        for (size_t b = 0; b < plan.block_count; b++) {
            const struct plan_block *block = &plan.blocks[b];
            uint16_t cells[2000];

            assert_true(block->start + block->count <= 65536);
            assert_true(block->count <=
                        (block->table == TABLE_COIL || block->table == TABLE_DISCRETE
                             ? MODBUS_BITS_MAX
                             : MODBUS_REGISTERS_MAX));
            for (uint32_t i = 0; i < block->count; i++)
                cells[i] = world(block->table, block->start + i);
            for (uint32_t i = 0; i < block->members; i++) {
                const struct plan_member *member = &plan.members[block->first + i];

                check_member(points, block, member, cells);
                seen[member->item]++;
            }
        }
        for (size_t i = 0; i < count; i++)
            assert_int_equal(seen[i], 1);
        modbus_plan_done(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_random_maps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
