/* Read plans: cases by hand. Random maps: test_modbus_maps.c. */
#include "tests/unit/check.h"

#include "adapters/modbus_decode.h"
#include "adapters/modbus_plan.h"

#include <stdio.h>

enum {
    POINTS_MAX = 8,
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

static void show(const struct plan *plan, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t b = 0; b < plan->block_count; b++)
        (void)snprintf(text + strlen(text), size - strlen(text), "%s%d:%u+%u/%u",
                       b > 0 ? " " : "", (int)plan->blocks[b].table,
                       plan->blocks[b].start, plan->blocks[b].count,
                       plan->blocks[b].members);
}

static void test_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct point_settings points[5];
        size_t count = 0;
        struct plan plan;
        char got[256];

        for (; count < 5 && plans[i].points[count].poll_ms != 0; count++)
            points[count] =
                point_at(plans[i].points[count].table, plans[i].points[count].address,
                         plans[i].points[count].type, plans[i].points[count].poll_ms);
        build(&plan, points, count,
              (struct plan_limits){.max_gap = plans[i].max_gap,
                                   .max_span = plans[i].max_span});
        show(&plan, got, sizeof got);
        check_text(plans[i].name, got, plans[i].want);
        modbus_plan_done(&plan);
    }
}

static void test_never_read(void **state)
{
    static const struct {
        const char *name;
        struct never_settings never[2];
        const char *want;
    } rows[] = {
        {"none", {{TABLE_NONE, 0, 0}}, "4:0+12/3"},
        {"in the hole", {{TABLE_HOLDING, 3, 3}}, "4:0+2/1 4:6+6/2"},
        {"fills the hole", {{TABLE_HOLDING, 2, 5}}, "4:0+2/1 4:6+6/2"},
        {"another table", {{TABLE_INPUT, 3, 3}}, "4:0+12/3"},
        {"beside all", {{TABLE_HOLDING, 12, 65535}}, "4:0+12/3"},
        {"two",
         {{TABLE_HOLDING, 2, 2}, {TABLE_HOLDING, 9, 9}},
         "4:0+2/1 4:6+2/1 4:10+2/1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct point_settings points[] = {
            point_at(TABLE_HOLDING, 0, TYPE_F32, 1000),
            point_at(TABLE_HOLDING, 6, TYPE_F32, 1000),
            point_at(TABLE_HOLDING, 10, TYPE_F32, 1000),
        };
        struct profile_settings profile = {.max_gap = 64,
                                           .max_span = 125,
                                           .never = rows[i].never,
                                           .never_count = i == 5 ? 2 : 1};
        struct plan plan;
        char got[256];

        build(&plan, points, 3, modbus_plan_limits(&profile, true));
        show(&plan, got, sizeof got);
        check_text(rows[i].name, got, rows[i].want);
        modbus_plan_done(&plan);
    }
}

static void test_single(void **state)
{
    struct point_settings points[] = {
        point_at(TABLE_HOLDING, 9, TYPE_U16, 1000), /* bits of one register */
        point_at(TABLE_HOLDING, 9, TYPE_U16, 1000),
        point_at(TABLE_HOLDING, 10, TYPE_U16, 1000),
        point_at(TABLE_HOLDING, 10, TYPE_F32, 1000), /* other cells */
        point_at(TABLE_HOLDING, 9, TYPE_U16, 2000),
        point_at(TABLE_COIL, 0, TYPE_BOOL, 1000),
        point_at(TABLE_COIL, 1, TYPE_BOOL, 1000),
    };
    struct profile_settings profile = {.max_gap = 64, .max_span = 125, .single = true};
    struct plan plan;
    char got[256];

    (void)state;
    build(&plan, points, 7, modbus_plan_limits(&profile, true));
    show(&plan, got, sizeof got);
    check_text("single", got, "1:0+1/1 1:1+1/1 4:9+1/2 4:10+2/1 4:10+1/1 4:9+1/1");
    modbus_plan_done(&plan);
}

static void test_values_that_are_spread(void **state)
{
    struct point_settings points[] = {
        point_at(TABLE_INPUT, 311, TYPE_U32, 1000),
        point_at(TABLE_INPUT, 320, TYPE_U16, 1000),
        point_at(TABLE_INPUT, 8, TYPE_S32, 1000),
    };
    struct never_settings never = {TABLE_INPUT, 325, 330};
    struct plan_limits limits = {.max_gap = 0, .max_span = 10};
    struct plan_item item = {&points[0], 0};
    struct plan plan;
    struct err err = {0};
    char got[256];

    (void)state;
    points[0].word_count = 2;
    points[0].words[0] = 340;
    points[0].words[1] = 311;
    points[2].plus =
        (struct plus_settings){.given = true, .address = 6, .type = TYPE_F32};
    build(&plan, points, 3, limits);
    show(&plan, got, sizeof got);
    check_text("one request each, whatever the limits", got, "3:6+4/1 3:311+30/2");
    assert_int_equal(plan.members[1].start, 311);
    assert_int_equal(plan.members[1].length, 30);
    modbus_plan_done(&plan);
    limits.never[0] = (struct plan_never){&never, 1};
    limits.never_count = 1;
    assert_int_equal(modbus_plan_build(&plan, &item, 1, &limits, &err), -1);
    check_text("around", err.text,
               "point 'p' cannot be read without address 325, which is never read");
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
    struct plan_limits limits = {.max_gap = 0, .max_span = 125};

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

static void test_profiles_that_share_a_unit(void **state)
{
    const struct never_settings ranges[PLAN_NEVER_LISTS + 1] = {{TABLE_COIL, 1, 2}};
    struct profile_settings a = {
        .max_gap = -1, .max_span = 100, .never = ranges, .never_count = 1};
    struct profile_settings b = {.max_gap = 4, .max_span = 125, .single = true};
    struct plan_limits limits = modbus_plan_no_limits();
    struct plan_limits one = modbus_plan_limits(&a, true);
    struct plan_limits two = modbus_plan_limits(&b, true);
    struct plan_item item = {0};
    struct plan plan;
    struct err err = {0};

    (void)state;
    modbus_plan_limits_meet(&limits, &one);
    assert_false(limits.single);
    modbus_plan_limits_meet(&limits, &two);
    modbus_plan_limits_meet(&limits, &one);
    assert_int_equal(limits.max_gap, 4);
    assert_int_equal(limits.max_span, 100);
    assert_true(limits.single);
    assert_int_equal(limits.never_count, 1);
    for (size_t i = 0; i < PLAN_NEVER_LISTS; i++) {
        assert_int_equal(modbus_plan_build(&plan, &item, 0, &limits, &err), 0);
        modbus_plan_done(&plan);
        one.never[0].ranges = &ranges[i + 1];
        modbus_plan_limits_meet(&limits, &one);
    }
    assert_int_equal(modbus_plan_build(&plan, &item, 0, &limits, &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_never_read),
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_values_that_are_spread),
        cmocka_unit_test(test_profiles_that_share_a_unit),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
