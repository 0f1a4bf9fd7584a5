/* Random maps of points: every point is in one block, no block goes where it may not, and
 * what is decoded from blocks is what single reads give. */
#include "tests/unit/check.h"

#include "adapters/modbus_decode.h"
#include "adapters/modbus_plan.h"

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

/* Registers of a value that are no neighbours, or a second part, or both. */
static void spread(struct point_settings *point)
{
    size_t width = modbus_cells(point);

    if (below(2)) {
        point->word_count = width;
        for (size_t i = 0; i < width; i++)
            point->words[i] = (uint16_t)(point->address + 2 * (width - 1 - i));
    }
    if (below(2))
        point->plus = (struct plus_settings){.given = true,
                                             .address = (uint16_t)(point->address + 6),
                                             .type = TYPE_F32,
                                             .order = (enum word_order)below(4)};
}

static struct point_settings random_point(void)
{
    static const enum value_type types[] = {
        TYPE_U16, TYPE_S16,  TYPE_U32,    TYPE_S32, TYPE_U64,   TYPE_S64,   TYPE_F32,
        TYPE_F64, TYPE_BOOL, TYPE_STRING, TYPE_U48, TYPE_BCD32, TYPE_M10K64};
    enum modbus_table table = (enum modbus_table)(1 + below(4));
    bool bits = table == TABLE_COIL || table == TABLE_DISCRETE;
    uint32_t window = bits ? 3000 : 300;
    uint32_t base = below(2) ? 0 : 65536 - window;
    struct point_settings point =
        point_at(table, base + below(window - 50), bits ? TYPE_BOOL : types[below(13)],
                 below(3) ? 1000 : 60000);

    point.order = (enum word_order)below(4);
    point.registers = 1 + below(40);
    if (!bits && point.type == TYPE_U32 && below(2)) {
        point.bit_low = below(16);
        point.bit_high = point.bit_low + below(16);
    }
    if (!bits && point.type != TYPE_STRING && below(3) == 0)
        spread(&point);
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
    assert_int_equal(member->start, modbus_first_cell(point));
    assert_int_equal(member->length, modbus_cells(point));
    assert_true(member->start >= block->start);
    assert_true(member->start + member->length <= block->start + block->count);
    for (uint32_t i = 0; i < member->length; i++)
        alone[i] = world(point->table, member->start + i);
    assert_true(same(point, cells + (member->start - block->start), alone));
}

struct map {
    struct point_settings points[POINTS_MAX];
    size_t count;
    struct never_settings never[3];
    struct plan_limits limits;
};

static bool touches(const struct map *map, enum modbus_table table, uint32_t start,
                    uint32_t count)
{
    for (size_t i = 0; i < map->limits.never[0].count; i++)
        if (map->never[i].table == table && map->never[i].first < start + count &&
            map->never[i].last >= start)
            return true;
    return false;
}

static void random_map(struct map *map)
{
    size_t wanted = 1 + below(POINTS_MAX);

    *map = (struct map){.limits = {.max_gap = below(65),
                                   .max_span = 1 + below(125),
                                   .single = below(5) == 0,
                                   .never_count = 1}};
    map->limits.never[0] = (struct plan_never){map->never, below(4)};
    for (size_t i = 0; i < map->limits.never[0].count; i++) {
        uint16_t first = (uint16_t)(below(300) + (below(2) ? 0 : 65536 - 320));

        map->never[i] = (struct never_settings){(enum modbus_table)(1 + below(4)), first,
                                                (uint16_t)(first + below(8))};
    }
    for (size_t i = 0; i < wanted; i++) {
        struct point_settings point = random_point();

        if (!touches(map, point.table, modbus_first_cell(&point), modbus_cells(&point)))
            map->points[map->count++] = point;
    }
}

static void check_block(const struct map *map, const struct plan *plan,
                        const struct plan_block *block, unsigned *seen)
{
    bool bits = block->table == TABLE_COIL || block->table == TABLE_DISCRETE;
    uint32_t span = (uint32_t)map->limits.max_span * (bits ? 16 : 1);
    uint32_t longest = 0;
    uint16_t cells[2000];

    assert_true(block->start + block->count <= 65536);
    assert_true(block->count <= (bits ? MODBUS_BITS_MAX : MODBUS_REGISTERS_MAX));
    assert_false(touches(map, block->table, block->start, block->count));
    for (uint32_t i = 0; i < block->count; i++)
        cells[i] = world(block->table, block->start + i);
    for (uint32_t i = 0; i < block->members; i++) {
        const struct plan_member *member = &plan->members[block->first + i];

        check_member(map->points, block, member, cells);
        if (map->limits.single)
            assert_int_equal(member->length, block->count);
        if (member->length > longest)
            longest = member->length;
        seen[member->item]++;
    }
    /* Over the limit only as far as one value needs it. */
    assert_true(block->count <= span || block->count == longest);
}

static void test_random_maps(void **state)
{
    (void)state;
    for (int round = 0; round < MAPS; round++) {
        struct map map;
        unsigned seen[POINTS_MAX] = {0};
        struct plan plan;

        random_map(&map);
        build(&plan, map.points, map.count, map.limits);
        for (size_t b = 0; b < plan.block_count; b++)
            check_block(&map, &plan, &plan.blocks[b], seen);
        for (size_t i = 0; i < map.count; i++)
            assert_int_equal(seen[i], 1);
        modbus_plan_done(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_maps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
