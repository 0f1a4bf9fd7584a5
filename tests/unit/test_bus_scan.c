/* test_bus_scan.c - scans of make-believe buses, and which profiles fit their units. */
#include "adapters/bus_scan.h"
#include "adapters/modbus_frame.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <stdio.h>

/* ---- profiles: a meter, its single-phase sister, the same in another order, a level
 * ---- */

#define F32(n, s, a, o)                                                                  \
    {                                                                                    \
        .name = n, .slot = s, .table = TABLE_INPUT, .address = a, .type = TYPE_F32,      \
        .order = o, .unit = "", .scale = 1, .bit_low = -1, .range_low = -INFINITY,       \
        .range_high = INFINITY, .exponent = POINT_NOBODY, .factor = POINT_NOBODY         \
    }

static struct point_settings three_phase[] = {
    F32("v_l1", 0, 0, ORDER_ABCD),     F32("v_l2", 1, 2, ORDER_ABCD),
    F32("v_l3", 2, 4, ORDER_ABCD),     F32("i_l1", 3, 6, ORDER_ABCD),
    F32("i_l2", 4, 8, ORDER_ABCD),     F32("i_l3", 5, 10, ORDER_ABCD),
    F32("p_total", 6, 52, ORDER_ABCD), F32("freq", 7, 70, ORDER_ABCD)};
static struct point_settings single_phase[] = {F32("v", 0, 0, ORDER_ABCD),
                                               F32("i", 1, 6, ORDER_ABCD),
                                               F32("freq", 2, 70, ORDER_ABCD)};
static struct point_settings swapped[] = {F32("v", 0, 0, ORDER_CDAB),
                                          F32("freq", 1, 70, ORDER_CDAB)};
static struct point_settings level[] = {{.name = "level",
                                         .table = TABLE_HOLDING,
                                         .address = 4,
                                         .type = TYPE_U16,
                                         .unit = "m",
                                         .scale = 0.001,
                                         .bit_low = -1,
                                         .range_low = -INFINITY,
                                         .range_high = INFINITY,
                                         .exponent = POINT_NOBODY,
                                         .factor = POINT_NOBODY}};
static struct point_settings tank[] = {{.name = "tank",
                                        .table = TABLE_HOLDING,
                                        .address = 9,
                                        .type = TYPE_U16,
                                        .unit = "m",
                                        .scale = 0.001,
                                        .bit_low = -1,
                                        .range_low = -INFINITY,
                                        .range_high = INFINITY,
                                        .exponent = POINT_NOBODY,
                                        .factor = POINT_NOBODY}};

static struct probe_settings freq_of_three[] = {
    {.point = "freq", .slot = 7, .range_low = 45, .range_high = 65}};
static struct probe_settings freq_of_single[] = {
    {.point = "freq", .slot = 2, .range_low = 45, .range_high = 65}};
static struct probe_settings freq_of_swapped[] = {
    {.point = "freq", .slot = 1, .range_low = 45, .range_high = 65}};
static struct probe_settings any_level[] = {
    {.point = "level", .slot = 0, .range_low = 0, .range_high = 20}};

static struct variant_settings variants[] = {
    {.id = "",
     .points = three_phase,
     .point_count = 8,
     .checks = freq_of_three,
     .check_count = 1},
    {.id = "",
     .points = single_phase,
     .point_count = 3,
     .checks = freq_of_single,
     .check_count = 1},
    {.id = "",
     .points = swapped,
     .point_count = 2,
     .checks = freq_of_swapped,
     .check_count = 1},
    {.id = "", .points = level, .point_count = 1, .checks = any_level, .check_count = 1},
    {.id = "", .points = level, .point_count = 1},
    {.id = "", .points = tank, .point_count = 1, .checks = any_level, .check_count = 1},
};
static const struct profile_settings profiles[] = {
    {.id = "level", .variants = &variants[3], .variant_count = 1},
    {.id = "single", .variants = &variants[1], .variant_count = 1},
    {.id = "swapped", .variants = &variants[2], .variant_count = 1},
    {.id = "three", .variants = &variants[0], .variant_count = 1},
    {.id = "without-probe", .variants = &variants[4], .variant_count = 1},
    {.id = "tank", .variants = &variants[5], .variant_count = 1},
    {.id = "broker", .mqtt = true, .variants = &variants[0], .variant_count = 1},
};
enum {
    PROFILES = sizeof profiles / sizeof profiles[0]
};

/* ---- the bus ---- */

enum device_kind {
    NOBODY,
    THREE_PHASE,  /* input registers only */
    SINGLE_PHASE, /* of them: 0, 6, 70 */
    ZEROS,        /* every register there is, full of zeros */
    STRANGER,     /* refuses everything */
    GARBLED,
    INPUT_ONLY, /* silent to what it does not have */
    BEHIND,     /* its gateway says that it does not answer */
    FALLS_SILENT,
};

struct bus {
    enum device_kind kinds[256];
    bool any; /* unit ids do not matter: unit 1's device */
    size_t asked;
    size_t stop_after; /* 0: never */
    size_t of_unit[256];
    size_t found;
    struct scan_unit units[BUS_SCAN_UNITS];
    bool told_any;
    unsigned total;
};

static void put_float(uint16_t *cells, float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    cells[0] = (uint16_t)(bits >> 16);
    cells[1] = (uint16_t)bits;
}

static void except(struct link_answer *answer, uint8_t code)
{
    answer->kind = LINK_ANSWER_EXCEPTION;
    answer->exception = code;
}

static void answer_meter(const struct link_question *question, bool three,
                         struct link_answer *answer)
{
    uint16_t start = question->start;
    bool there = start == 0 || start == 6 || start == 70 ||
                 (three && (start <= 10 || start == 52) && start % 2 == 0);

    if (question->table != TABLE_INPUT) {
        except(answer, MODBUS_ILLEGAL_FUNCTION);
    } else if (!there) {
        except(answer, MODBUS_ILLEGAL_ADDRESS);
    } else {
        put_float(answer->cells, start == 70 ? 50.02F : 230.5F);
        answer->kind = LINK_ANSWER_CELLS;
    }
}

static void answer_as(enum device_kind kind, const struct link_question *question,
                      size_t times, struct link_answer *answer)
{
    answer->kind = LINK_ANSWER_TIMEOUT;
    if (kind == THREE_PHASE || kind == SINGLE_PHASE)
        answer_meter(question, kind == THREE_PHASE, answer);
    else if (kind == ZEROS)
        answer->kind = LINK_ANSWER_CELLS;
    else if (kind == STRANGER)
        except(answer, MODBUS_ILLEGAL_ADDRESS);
    else if (kind == GARBLED)
        answer->kind = LINK_ANSWER_PROTOCOL;
    else if (kind == INPUT_ONLY && question->table == TABLE_INPUT)
        answer_meter(question, true, answer);
    else if (kind == BEHIND)
        except(answer, MODBUS_GATEWAY_TARGET);
    else if (kind == FALLS_SILENT && times == 1)
        answer->kind = LINK_ANSWER_CELLS;
}

static int ask(void *context, const struct link_question *question,
               struct link_answer *answer, struct err *err)
{
    struct bus *bus = context;
    uint8_t unit = bus->any ? 1 : question->unit;

    if (bus->stop_after > 0 && bus->asked == bus->stop_after)
        return err_set(err, ERR_STATE, "stopped");
    bus->asked++;
    bus->of_unit[question->unit]++;
    memset(answer, 0, sizeof *answer);
    answer_as(bus->kinds[unit], question, bus->of_unit[unit], answer);
    return 0;
}

static void progress(void *context, uint8_t unit, unsigned done, unsigned total)
{
    struct bus *bus = context;

    (void)unit;
    assert_true(done < total);
    bus->total = total;
}

static void found(void *context, const struct scan_unit *unit, bool any)
{
    struct bus *bus = context;

    bus->units[bus->found++] = *unit;
    bus->told_any = any;
}

static int scan(struct bus *bus, uint8_t from, uint8_t to, bool tcp, struct err *err)
{
    const struct bus_scan_options options = {.from = from, .to = to, .tcp = tcp};
    const struct bus_scan_host host = {bus, ask, progress, found};

    return bus_scan(&options, profiles, PROFILES, &host, err);
}

static void check_best(const struct scan_unit *unit, const char *want)
{
    check_case(want, unit->match_count > 0);
    check_text(want, unit->matches[0].profile->id, want);
}

static void finds_who_answers_and_what_fits(void **state)
{
    struct bus *bus = mem_alloc(sizeof *bus);
    struct err err = {0};

    (void)state;
    bus->kinds[3] = THREE_PHASE;
    bus->kinds[5] = SINGLE_PHASE;
    bus->kinds[7] = STRANGER;
    bus->kinds[9] = GARBLED;
    bus->kinds[11] = BEHIND;
    bus->kinds[13] = FALLS_SILENT;
    assert_int_equal(scan(bus, 1, 20, false, &err), 0);
    assert_int_equal(bus->found, 5);
    assert_int_equal(bus->total, 20);
    assert_int_equal(bus->units[0].unit, 3);
    assert_int_equal(bus->units[0].answer,
                     SCAN_EXCEPTION); /* it has no holding registers */
    check_best(&bus->units[0], "three");
    assert_int_equal(bus->units[0].matches[0].sound, bus->units[0].matches[0].sampled);
    assert_true(bus->units[0].matches[0].value > 50.01);
    check_best(&bus->units[1], "single");
    assert_int_equal(bus->units[2].answer, SCAN_EXCEPTION);
    assert_int_equal(bus->units[2].match_count, 0);
    assert_false(bus->units[2].lost);
    assert_int_equal(bus->units[3].answer, SCAN_GARBLED);
    assert_int_equal(bus->units[4].unit, 13);
    assert_true(bus->units[4].lost);
    /* The dead ones cost one question each. */
    assert_int_equal(bus->of_unit[2], 1);
    assert_int_equal(bus->of_unit[11], 1);
    mem_free(bus);
}

/* A table that is refused is not asked again, nor is any register twice. */
static void asks_no_more_than_it_must(void **state)
{
    struct bus *bus = mem_alloc(sizeof *bus);
    struct err err = {0};

    (void)state;
    bus->kinds[3] = THREE_PHASE;
    assert_int_equal(scan(bus, 3, 3, false, &err), 0);
    /* Who is there, holding 4 (the table is refused), input 70, and five samples. */
    assert_int_equal(bus->asked, 8);
    mem_free(bus);
}

static void zeros_are_weak_evidence(void **state)
{
    struct bus *bus = mem_alloc(sizeof *bus);
    struct err err = {0};

    (void)state;
    bus->kinds[3] = ZEROS;
    assert_int_equal(scan(bus, 3, 3, false, &err), 0);
    assert_int_equal(bus->units[0].match_count, 2);
    check_best(&bus->units[0], "level");
    assert_true(bus->units[0].matches[0].evidence <= 1);
    mem_free(bus);
}

static void asks_for_input_registers_when_nobody_answered(void **state)
{
    struct bus *bus = mem_alloc(sizeof *bus);
    struct err err = {0};

    (void)state;
    bus->kinds[4] = INPUT_ONLY;
    assert_int_equal(scan(bus, 1, 10, false, &err), 0);
    assert_int_equal(bus->found, 1);
    assert_int_equal(bus->units[0].unit, 4);
    check_best(&bus->units[0], "three"); /* though it is silent to the level's register */
    mem_free(bus);
}

static void a_device_that_answers_to_every_id_is_one(void **state)
{
    struct bus *bus = mem_alloc(sizeof *bus);
    struct err err = {0};

    (void)state;
    bus->any = true;
    bus->kinds[1] = THREE_PHASE;
    assert_int_equal(scan(bus, 1, 247, true, &err), 0);
    assert_int_equal(bus->found, 1);
    assert_true(bus->told_any);
    check_best(&bus->units[0], "three");
    assert_in_range(bus->asked, 5, 20);
    mem_free(bus);
}

static void a_gateway_is_scanned_unit_by_unit(void **state)
{
    struct bus *bus = mem_alloc(sizeof *bus);
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < 256; i++)
        bus->kinds[i] = BEHIND;
    bus->kinds[247] = THREE_PHASE;
    bus->kinds[2] = THREE_PHASE;
    assert_int_equal(scan(bus, 1, 247, true, &err), 0);
    assert_int_equal(bus->found, 2);
    assert_false(bus->told_any);
    mem_free(bus);
}

static void a_stop_ends_it_wherever_it_is(void **state)
{
    (void)state;
    for (size_t after = 1; after < 30; after++) {
        struct bus *bus = mem_alloc(sizeof *bus);
        struct err err = {0};

        bus->kinds[3] = THREE_PHASE;
        bus->kinds[7] = SINGLE_PHASE;
        bus->stop_after = after;
        assert_int_equal(scan(bus, 1, 247, after % 2 == 0, &err), -1);
        assert_int_equal(err.kind, ERR_STATE);
        assert_int_equal(bus->asked, after);
        for (size_t i = 0; i < bus->found; i++)
            assert_true(bus->units[i].match_count > 0);
        mem_free(bus);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_who_answers_and_what_fits),
        cmocka_unit_test(asks_no_more_than_it_must),
        cmocka_unit_test(zeros_are_weak_evidence),
        cmocka_unit_test(asks_for_input_registers_when_nobody_answered),
        cmocka_unit_test(a_device_that_answers_to_every_id_is_one),
        cmocka_unit_test(a_gateway_is_scanned_unit_by_unit),
        cmocka_unit_test(a_stop_ends_it_wherever_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
