/* What links cost: exchanges by hand arithmetic, sums over units and periods. */
#include "tests/unit/check.h"

#include "adapters/link_cost.h"

enum {
    UNITS_MAX = 4,
    POINTS_MAX = 4,
};

/* --- one exchange -------------------------------------------------------------- */

/* The wanted times, in microseconds, come from the formulas of the norms:
 * a character is 10 or 11 bits, a silence 3.5 characters of 11 bits or 1.75 ms. */
static const struct {
    const char *name;
    enum endpoint_kind kind;
    int64_t baud;
    const char *parity;
    int64_t stop_bits;
    int64_t turnaround_ms;
    struct link_cost_device device;
    enum modbus_table table;
    uint32_t count;
    int64_t request;
    int64_t answer;
    double us;
} exchanges[] = {
    /* 4010 + 8*1041.667 + 4010 + 20000 + 25*1041.667 */
    {"9600 8N1, 10 registers",
     ENDPOINT_SERIAL,
     9600,
     "none",
     1,
     0,
     {0, 20},
     TABLE_HOLDING,
     10,
     8,
     25,
     62396},
    /* 4010*2 + 33*1145.833 + 30000 */
    {"9600 8E1",
     ENDPOINT_SERIAL,
     9600,
     "even",
     1,
     0,
     {0, 30},
     TABLE_INPUT,
     10,
     8,
     25,
     75833},
    {"9600 8N2 is as long",
     ENDPOINT_SERIAL,
     9600,
     "none",
     2,
     0,
     {0, 30},
     TABLE_INPUT,
     10,
     8,
     25,
     75833},
    /* 2005*2 + 263*520.833 + 5000 */
    {"19200 8N1, a whole block",
     ENDPOINT_SERIAL,
     19200,
     "none",
     1,
     0,
     {0, 5},
     TABLE_HOLDING,
     125,
     8,
     255,
     145989},
    /* 1750*2 + 15*260.417 + 0 */
    {"38400: silence of 1.75 ms",
     ENDPOINT_SERIAL,
     38400,
     "none",
     1,
     0,
     {0, 0},
     TABLE_COIL,
     9,
     8,
     7,
     7406},
    /* 20000 instead of the first silence */
    {"turnaround",
     ENDPOINT_SERIAL,
     9600,
     "none",
     1,
     20,
     {0, 20},
     TABLE_HOLDING,
     10,
     8,
     25,
     78385},
    /* 50000 instead */
    {"delay of the device",
     ENDPOINT_SERIAL,
     9600,
     "none",
     1,
     20,
     {50, 20},
     TABLE_HOLDING,
     10,
     8,
     25,
     108385},
    {"default latency",
     ENDPOINT_SERIAL,
     9600,
     "none",
     1,
     0,
     {0, -1},
     TABLE_HOLDING,
     10,
     8,
     25,
     62396},
    {"network device",
     ENDPOINT_TCP,
     0,
     "none",
     1,
     0,
     {0, -1},
     TABLE_HOLDING,
     10,
     12,
     29,
     6000},
    {"network device, bits",
     ENDPOINT_TCP,
     0,
     "none",
     1,
     0,
     {0, 2},
     TABLE_DISCRETE,
     17,
     12,
     12,
     3000},
    /* the bus of the first row, 4010 more and a round trip, without a gap of ours */
    {"bus behind a gateway",
     ENDPOINT_TCP,
     9600,
     "none",
     1,
     0,
     {0, 20},
     TABLE_HOLDING,
     10,
     12,
     29,
     63396},
    {"a device that dials in",
     ENDPOINT_LISTEN_TCP,
     0,
     "none",
     1,
     0,
     {0, -1},
     TABLE_HOLDING,
     10,
     12,
     29,
     66000},
    {"bus behind a serial server",
     ENDPOINT_RTU_TCP,
     9600,
     "none",
     1,
     0,
     {0, 20},
     TABLE_HOLDING,
     10,
     8,
     25,
     67406},
};

static void test_exchange(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof exchanges / sizeof exchanges[0]; i++) {
        const struct link_settings link = {.baud = exchanges[i].baud,
                                           .parity = exchanges[i].parity,
                                           .stop_bits = exchanges[i].stop_bits,
                                           .turnaround_ms = exchanges[i].turnaround_ms};
        const char *name = exchanges[i].name;
        struct modbus_line line;
        int64_t ns;

        modbus_line_of(&link, exchanges[i].kind, &line);
        check_case(name, link_cost_request_bytes(&line) == exchanges[i].request);
        check_case(name,
                   link_cost_answer_bytes(&line, exchanges[i].table,
                                          exchanges[i].count) == exchanges[i].answer);
        ns = link_cost_exchange_ns(&line, &exchanges[i].device, exchanges[i].table,
                                   exchanges[i].count);
        check_near(name, (double)ns / 1000, exchanges[i].us, 3);
    }
}

/* --- a link -------------------------------------------------------------------- */

struct site {
    struct config config;
    struct link_settings links[2];
    struct profile_settings profile;
    struct variant_settings variants[2];
    struct point_settings points[2][POINTS_MAX];
    struct equipment_settings equipment[UNITS_MAX];
    struct model model;
    struct equipment model_equipment[UNITS_MAX];
};

static struct point_settings point_at(uint16_t address, int64_t poll_ms)
{
    return (struct point_settings){.name = "p",
                                   .table = TABLE_HOLDING,
                                   .address = address,
                                   .type = TYPE_U16,
                                   .bit_low = -1,
                                   .bit_high = -1,
                                   .poll_ms = poll_ms};
}

/* `units` of ten registers each second and one each minute, at 9600 8N1: 62.396 ms and
 * 43.646 ms. */
static void make(struct site *site, size_t units)
{
    *site = (struct site){0};
    for (size_t i = 0; i < 2; i++)
        site->links[i] = (struct link_settings){.id = i == 0 ? "bus" : "other",
                                                .modbus = "rtu:///dev/ttyS0",
                                                .baud = 9600,
                                                .parity = "none",
                                                .stop_bits = 1,
                                                .timeout_ms = 1000};
    site->points[0][0] = point_at(0, 1000);
    site->points[0][1] = point_at(9, 1000);
    site->points[0][2] = point_at(100, 60000);
    site->points[1][0] = point_at(0, 1000);
    site->profile =
        (struct profile_settings){.id = "box", .max_gap = -1, .max_span = 125};
    site->variants[0] =
        (struct variant_settings){.id = "", .points = site->points[0], .point_count = 3};
    site->variants[1] =
        (struct variant_settings){.id = "b", .points = site->points[1], .point_count = 1};
    for (size_t i = 0; i < units; i++)
        site->equipment[i] = (struct equipment_settings){.id = "box",
                                                         .unit = (int64_t)i + 1,
                                                         .latency_ms = 20,
                                                         .profile = &site->profile,
                                                         .points = site->points[0],
                                                         .point_count = POINTS_MAX,
                                                         .variants = site->variants,
                                                         .variant_count = 1};
    site->config = (struct config){.links = site->links,
                                   .link_count = 2,
                                   .equipment = site->equipment,
                                   .equipment_count = units,
                                   .model = &site->model};
    for (uint32_t i = 0; i < units; i++)
        site->model_equipment[i] = (struct equipment){.index = i, .point_count = 4};
    site->model =
        (struct model){.equipment = site->model_equipment, .equipment_count = units};
}

static struct link_cost *cost_of(const struct site *site, uint32_t link)
{
    struct err err = {0};
    struct link_cost *cost = link_cost_new(&site->config, link, &err);

    if (cost == NULL)
        fail_msg("%s", err.text);
    return cost;
}

static void test_sums(void **state)
{
    struct link_cost *cost;
    struct site site;

    (void)state;
    make(&site, 3);
    cost = cost_of(&site, 0);
    assert_int_equal(cost->unit_count, 3);
    assert_int_equal(cost->class_count, 2);
    assert_int_equal(cost->classes[0].period_ms, 1000);
    assert_int_equal(cost->classes[0].requests, 3);
    assert_int_equal(cost->classes[1].period_ms, 60000);
    assert_int_equal(cost->requests, 6);
    assert_int_equal(cost->cells, 33);
    assert_int_equal(cost->bytes, 3 * (8 + 25 + 8 + 7));
    check_near("cycle", (double)link_cost_cycle_ns(cost) / 1e6, 187.188, 0.01);
    check_near("share", cost->share, 0.187188 + 3 * 43.646 / 60000, 0.0001);
    check_near("requests", cost->requests_per_s, 3.05, 1e-9);
    check_near("bytes", cost->bytes_per_s, 3 * 33 + 3 * 15 / 60.0, 1e-9);
    link_cost_free(cost);
    cost = cost_of(&site, 1);
    assert_int_equal(cost->unit_count, 0);
    assert_int_equal(link_cost_cycle_ns(cost), 0);
    link_cost_free(cost);
}

static void test_order(void **state)
{
    struct link_cost *cost;
    struct site site;

    (void)state;
    make(&site, 3);
    site.equipment[2].latency_ms = 90; /* the slowest consumes most */
    site.equipment[0].unit = 9;        /* of equals, the lower id goes first */
    cost = cost_of(&site, 0);
    assert_int_equal(cost->units[0].id, 3);
    assert_int_equal(cost->units[1].id, 2);
    assert_int_equal(cost->units[2].id, 9);
    link_cost_free(cost);
}

static void test_shared_unit(void **state)
{
    struct link_cost *cost;
    struct site site;

    (void)state;
    make(&site, 2);
    site.equipment[1].unit = 1;
    site.equipment[1].delay_ms = 50;
    site.equipment[1].latency_ms = -1;
    cost = cost_of(&site, 0);
    assert_int_equal(cost->unit_count, 1);
    assert_int_equal(cost->units[0].equipment_count, 2);
    assert_int_equal(cost->requests, 2); /* the same registers, read once */
    check_near("the longest of what both want", (double)link_cost_cycle_ns(cost) / 1e6,
               62.396 - 4.010 + 50, 0.01);
    link_cost_free(cost);
}

static void test_variants(void **state)
{
    struct link_cost *cost;
    struct site site;

    (void)state;
    make(&site, 1);
    site.equipment[0].variant_count = 2;
    cost = cost_of(&site, 0);
    assert_int_equal(cost->requests, 2);
    link_cost_free(cost);
    for (int i = 0; i < POINTS_MAX; i++) /* four requests now */
        site.points[1][i] = point_at((uint16_t)(i * 200), 1000);
    site.variants[1].point_count = POINTS_MAX;
    cost = cost_of(&site, 0);
    assert_int_equal(cost->requests, 4);
    link_cost_free(cost);
}

static void test_death(void **state)
{
    struct link_cost *cost;
    struct site site;

    (void)state;
    make(&site, 2);
    site.equipment[1].critical = true;
    site.equipment[1].timeout_ms = 300;
    cost = cost_of(&site, 0);
    /* Gap, timeout, the 15 characters of the smallest read, and the silence after it. */
    check_near("attempt", (double)cost->units[0].dead_ns / 1e6, 4.010 + 2000 + 15.625,
               0.01);
    check_near("share", link_cost_dead_share(&cost->units[0]), 2.0196 / 60, 0.0001);
    assert_int_equal(cost->units[1].dead_wait_ms, 10000);
    check_near("at most the budget", link_cost_dead_share(&cost->units[1]), 0.05, 0.011);
    link_cost_free(cost);
}

static void test_refuses(void **state)
{
    struct err err = {0};
    struct site site;

    (void)state;
    make(&site, 1);
    site.points[0][0].table = TABLE_NONE;
    assert_null(link_cost_new(&site.config, 0, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange), cmocka_unit_test(test_sums),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_shared_unit),
        cmocka_unit_test(test_variants), cmocka_unit_test(test_death),
        cmocka_unit_test(test_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
