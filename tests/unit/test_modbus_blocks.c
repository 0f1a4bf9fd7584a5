/* A unit whose addresses are partly refused: splitting, remembering, joining. */
#include "tests/unit/check.h"

#include "adapters/modbus_blocks.h"

#include <stdio.h>

enum {
    POINTS = 100,
};

static struct point_settings points[POINTS];
static const struct schedule_place place = {0, 1, 0};
static const struct mono_time start = {1000 * CLOCK_S};

/* Registers 0..count-1, `step` apart; every register one point. */
static void make(struct modbus_blocks *blocks, uint32_t count, uint32_t step)
{
    struct plan_item items[POINTS];
    struct plan_limits limits = {.max_gap = 64, .max_span = 125};
    struct plan plan;
    struct err err;

    for (uint32_t i = 0; i < count; i++) {
        points[i] = (struct point_settings){.name = "p",
                                            .table = TABLE_HOLDING,
                                            .address = (uint16_t)(i * step),
                                            .type = TYPE_U16,
                                            .bit_low = -1,
                                            .poll_ms = 1000};
        items[i] = (struct plan_item){&points[i], i};
    }
    assert_int_equal(modbus_plan_build(&plan, items, count, &limits, &err), 0);
    modbus_blocks_init(blocks, &plan, &place, start);
}

/* A device that allows at most `longest` registers at once and none of [bad, bad_end). */
struct device {
    uint32_t bad;
    uint32_t bad_end;
    uint32_t longest;
};

static bool refuses(const struct device *device, const struct modbus_block *block)
{
    uint32_t end = block->start + (uint32_t)block->count;

    return block->count > device->longest ||
           (block->start < device->bad_end && end > device->bad);
}

/* One pass over what is due, as the adapter does it. Returns the requests. */
static unsigned pass(struct modbus_blocks *blocks, const struct device *device,
                     struct mono_time now)
{
    unsigned requests = 0;

    for (size_t i = 0; i < blocks->count; i++) {
        uint64_t missed = 0;

        if (mono_before(now, blocks->list[i].slot.due))
            continue;
        requests++;
        (void)schedule_slot_take(&blocks->list[i].slot, now, &missed);
        if (!refuses(device, &blocks->list[i]))
            modbus_blocks_answered(blocks, i);
        else if (modbus_blocks_refused(blocks, i, now))
            i++;
    }
    if (blocks->changed)
        modbus_blocks_join(blocks);
    return requests;
}

static void settle(struct modbus_blocks *blocks, const struct device *device,
                   struct mono_time now)
{
    for (int i = 0; i < 20; i++)
        (void)pass(blocks, device, now);
}

static void shape(const struct modbus_blocks *blocks, char out[256])
{
    out[0] = '\0';
    for (size_t i = 0; i < blocks->count; i++)
        (void)snprintf(out + strlen(out), 256 - strlen(out), "%s%s%u+%u",
                       i > 0 ? " " : "", blocks->list[i].refused ? "!" : "",
                       blocks->list[i].start, blocks->list[i].count);
}

/* Every member once, in order, inside of its block. */
static void check_whole(const struct modbus_blocks *blocks)
{
    uint32_t next = 0;

    for (size_t i = 0; i < blocks->count; i++) {
        const struct modbus_block *block = &blocks->list[i];

        assert_int_equal(block->first, next);
        next += block->members;
        for (uint32_t m = block->first; m < next; m++) {
            assert_true(blocks->members[m].start >= block->start);
            assert_true(blocks->members[m].start + blocks->members[m].length <=
                        (uint32_t)block->start + block->count);
        }
    }
    assert_int_equal(next, blocks->member_count);
}

static void test_shapes(void **state)
{
    static const struct {
        const char *name;
        uint32_t count;
        uint32_t step;
        struct device device;
        const char *want;
    } rows[] = {
        {"nothing refused", 100, 1, {900, 900, 125}, "0+100"},
        {"one bad register", 100, 1, {37, 38, 125}, "0+37 !37+1 38+62"},
        {"the first", 100, 1, {0, 1, 125}, "!0+1 1+99"},
        {"the last", 100, 1, {99, 100, 125}, "0+99 !99+1"},
        {"only one and bad", 1, 1, {0, 1, 125}, "!0+1"},
        {"a hole that must not be read", 4, 10, {15, 16, 125}, "0+1 10+1 20+11"},
        {"at most 30 at once", 100, 1, {900, 900, 30}, "0+25 25+25 50+25 75+25"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct modbus_blocks blocks;
        struct mono_time now = mono_add_ms(start, 1000);
        char got[256];

        make(&blocks, rows[i].count, rows[i].step);
        for (int64_t second = 0; second < 5; second++)
            settle(&blocks, &rows[i].device, mono_add_ms(now, second * 1000));
        shape(&blocks, got);
        check_text(rows[i].name, got, rows[i].want);
        check_whole(&blocks);
        modbus_blocks_done(&blocks);
    }
}

static void test_bits_of_one_register_stay_together(void **state)
{
    struct modbus_blocks blocks;
    struct device device = {0, 1, 125};

    (void)state;
    make(&blocks, 3, 0);
    settle(&blocks, &device, mono_add_ms(start, 1000));
    assert_int_equal(blocks.count, 1);
    assert_true(blocks.list[0].refused);
    modbus_blocks_done(&blocks);
}

/* The waits between tries of a refused register: a minute, doubling, at most a day. */
static void test_refused_is_asked_rarely(void **state)
{
    struct modbus_blocks blocks;
    struct device device = {0, 1, 125};
    struct mono_time now = mono_add_ms(start, 1000);
    int64_t want_ms = REFUSED_WAIT_MIN_MS;

    (void)state;
    make(&blocks, 1, 1);
    for (int i = 0; i < 14; i++) {
        assert_int_equal(pass(&blocks, &device, now), 1);
        assert_int_equal(mono_diff_ms(blocks.list[0].slot.due, now), want_ms);
        want_ms = want_ms * 2 > REFUSED_WAIT_MAX_MS ? REFUSED_WAIT_MAX_MS : want_ms * 2;
        now = blocks.list[0].slot.due;
    }
    assert_int_equal(want_ms, REFUSED_WAIT_MAX_MS);
    modbus_blocks_done(&blocks);
}

static void test_extra_polls_are_logarithmic(void **state)
{
    struct modbus_blocks blocks;
    struct device device = {37, 38, 125};
    struct mono_time now = mono_add_ms(start, 1000);
    unsigned passes = 0;

    (void)state;
    make(&blocks, 100, 1);
    while (pass(&blocks, &device, now) > 0)
        passes++;
    assert_true(passes <= 1 + 7); /* log2(100) rounded up */
    now = mono_add_ms(now, 1000);
    assert_int_equal(pass(&blocks, &device, now), 2); /* from then on */
    modbus_blocks_done(&blocks);
}

/* Refuses everything while it starts up, twice; ends as it began both times. */
static void test_a_device_that_starts_up(void **state)
{
    struct modbus_blocks blocks;
    struct device starting = {0, 100, 125};
    struct device ready = {900, 900, 125};
    struct mono_time now = mono_add_ms(start, 1000);
    char got[256];

    (void)state;
    make(&blocks, 100, 1);
    for (int i = 0; i < 2; i++) {
        settle(&blocks, &starting, now);
        assert_int_equal(blocks.count, 100);
        now = mono_add_ms(now, REFUSED_WAIT_MIN_MS);
        settle(&blocks, &ready, now);
        shape(&blocks, got);
        check_text("joined again", got, "0+100");
        now = mono_add_ms(now, 1000);
        assert_int_equal(pass(&blocks, &ready, now), 1);
        now = mono_add_ms(now, 1000);
    }
    check_whole(&blocks);
    modbus_blocks_done(&blocks);
}

static void test_smallest(void **state)
{
    struct modbus_blocks blocks;
    struct device device = {37, 38, 125};

    (void)state;
    make(&blocks, 100, 1);
    assert_int_equal(modbus_blocks_smallest(&blocks), 0);
    settle(&blocks, &device, mono_add_ms(start, 1000));
    assert_int_equal(blocks.list[modbus_blocks_smallest(&blocks)].count, 37);
    modbus_blocks_done(&blocks);
}

static void test_all_due(void **state)
{
    struct modbus_blocks blocks;
    struct device device = {37, 38, 125};
    struct mono_time now = mono_add_ms(start, 1000);

    (void)state;
    make(&blocks, 100, 1);
    settle(&blocks, &device, now);
    assert_true(mono_before(now, modbus_blocks_due(&blocks)));
    modbus_blocks_all_due(&blocks, now);
    assert_int_equal(modbus_blocks_due(&blocks).ns, now.ns);
    assert_int_equal(pass(&blocks, &device, now), 3);
    modbus_blocks_done(&blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_bits_of_one_register_stay_together),
        cmocka_unit_test(test_refused_is_asked_rarely),
        cmocka_unit_test(test_extra_polls_are_logarithmic),
        cmocka_unit_test(test_a_device_that_starts_up),
        cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_all_due),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
