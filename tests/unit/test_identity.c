/* Probes of profiles: every finding, by devices of which every register is known. */
#include "tests/unit/check.h"

#include "adapters/identity.h"
#include "adapters/modbus_decode.h"

#include <math.h>
#include <string.h>

enum {
    HZ50_HIGH = 0x4248, /* 50.0f, big end first */
};

/* A device: what stands at which address; everything else is refused. */
struct cell {
    uint16_t address;
    uint16_t value;
};

struct device {
    struct cell cells[8];
    size_t count;
    unsigned reads;
};

static struct point_settings freq_at(uint16_t address, enum word_order order)
{
    return (struct point_settings){
        .name = "freq",
        .unit = "Hz",
        .table = TABLE_INPUT,
        .address = address,
        .type = TYPE_F32,
        .order = order,
        .bit_low = -1,
        .bit_high = -1,
        .scale = 1,
        .exponent = POINT_NOBODY,
        .factor = POINT_NOBODY,
        .range_low = -INFINITY,
        .range_high = INFINITY,
    };
}

static struct point_settings points[PROFILE_VARIANTS_MAX];
static struct probe_settings checks[PROFILE_VARIANTS_MAX];
static struct variant_settings variants[PROFILE_VARIANTS_MAX];
static struct profile_settings profile;
static struct equipment_settings equipment;

static void setup_variant(size_t index, const char *id, struct point_settings point)
{
    points[index] = point;
    checks[index] = (struct probe_settings){
        .point = "freq", .range_low = 45, .range_high = 65, .slot = 0};
    variants[index] = (struct variant_settings){.id = id,
                                                .points = &points[index],
                                                .point_count = 1,
                                                .checks = &checks[index],
                                                .check_count = 1};
}

static void allow(size_t first, size_t count, size_t all)
{
    profile = (struct profile_settings){.variants = variants, .variant_count = all};
    equipment = (struct equipment_settings){.profile = &profile,
                                            .points = points,
                                            .point_count = 1,
                                            .variants = &variants[first],
                                            .variant_count = count};
}

static bool look_up(const struct device *device, uint16_t address, uint16_t *value)
{
    for (size_t i = 0; i < device->count; i++)
        if (device->cells[i].address == address) {
            *value = device->cells[i].value;
            return true;
        }
    return false;
}

static struct finding probe(struct device *device)
{
    struct identity identity;

    assert_true(identity_wanted(&equipment));
    identity_start(&identity, &equipment);
    while (!identity_done(&identity)) {
        struct identity_read read = identity_next(&identity);
        uint16_t cells[IDENTITY_CELLS_MAX];
        bool there = true;

        assert_true(++device->reads <= IDENTITY_READS_MAX);
        for (uint16_t i = 0; i < read.count; i++)
            there = there && look_up(device, (uint16_t)(read.start + i), &cells[i]);
        identity_answer(&identity, there ? cells : NULL);
    }
    return identity.finding;
}

static void test_one_variant(void **state)
{
    static const struct {
        const char *name;
        struct device device;
        enum finding_kind finding;
        bool delivers;
        const char *says;
    } cases[] = {
        {"right", {{{70, HZ50_HIGH}, {71, 0}}, 2, 0}, FINDING_RIGHT, true, ""},
        {"low word first",
         {{{70, 0}, {71, HZ50_HIGH}}, 2, 0},
         FINDING_WRONG_ORDER,
         false,
         "order = \"CDAB\""},
        {"all reversed",
         {{{70, 0}, {71, 0x4842}}, 2, 0},
         FINDING_WRONG_ORDER,
         false,
         "order = \"DCBA\""},
        {"one lower",
         {{{69, HZ50_HIGH}, {70, 0}, {71, 0}}, 3, 0},
         FINDING_WRONG_BASE,
         false,
         "base = 1"},
        /* Cannot be told from swapped words: the high word stands in the same place. */
        {"one higher",
         {{{70, 0x1234}, {71, HZ50_HIGH}, {72, 0}}, 3, 0},
         FINDING_WRONG_ORDER,
         false,
         "or all addresses are one too low"},
        {"higher, and its own address refused",
         {{{71, HZ50_HIGH}, {72, 0}}, 2, 0},
         FINDING_WRONG_BASE,
         false,
         "one address higher"},
        {"something else",
         {{{69, 1}, {70, 2}, {71, 3}, {72, 4}}, 4, 0},
         FINDING_IMPLAUSIBLE,
         false,
         "check unit and profile"},
        {"nothing there",
         {{{0, 0}}, 0, 0},
         FINDING_REFUSED,
         false,
         "refuses the address"},
        {"no value now", {{{70, 0x7FC0}, {71, 0}}, 2, 0}, FINDING_UNJUDGED, true, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct device device = cases[i].device;
        struct finding finding;

        setup_variant(0, "", freq_at(70, ORDER_ABCD));
        allow(0, 1, 1);
        finding = probe(&device);
        if (finding.kind != cases[i].finding ||
            strstr(finding.text, cases[i].says) == NULL)
            fail_msg("%s: %s: %s", cases[i].name, finding_name(finding.kind),
                     finding.text);
        assert_int_equal(finding_delivers(finding.kind), cases[i].delivers);
    }
}

static void test_variants(void **state)
{
    struct device first = {{{0x37, HZ50_HIGH}, {0x38, 0}, {0x33, 7}, {0x34, 7}}, 4, 0};
    struct device second = {{{0x33, HZ50_HIGH}, {0x34, 0}}, 2, 0};
    struct device both = {
        {{0x33, HZ50_HIGH}, {0x34, 0}, {0x37, HZ50_HIGH}, {0x38, 0}}, 4, 0};
    struct finding finding;

    (void)state;
    setup_variant(0, "rs485", freq_at(0x37, ORDER_ABCD));
    setup_variant(1, "e1", freq_at(0x33, ORDER_ABCD));
    allow(0, 2, 2);
    finding = probe(&first);
    assert_int_equal(finding.kind, FINDING_RIGHT);
    assert_int_equal(finding.variant, 0);
    finding = probe(&second);
    assert_int_equal(finding.kind, FINDING_RIGHT);
    assert_int_equal(finding.variant, 1);
    finding = probe(&both);
    assert_int_equal(finding.kind, FINDING_AMBIGUOUS);
    allow(0, 1, 2); /* the configuration says rs485 */
    finding = probe(&second);
    assert_int_equal(finding.kind, FINDING_OTHER_VARIANT);
    assert_non_null(strstr(finding.text, "\"e1\""));
    finding = probe(&both);
    assert_int_equal(finding.kind, FINDING_RIGHT);
}

/* What both variants read alike is delivered, what differs is not. */
static void test_ambiguous(void **state)
{
    struct identity identity;
    uint16_t hz50[2] = {HZ50_HIGH, 0};

    (void)state;
    setup_variant(0, "a", freq_at(10, ORDER_ABCD));
    setup_variant(1, "b", freq_at(10, ORDER_ABCD));
    allow(0, 2, 2);
    identity_start(&identity, &equipment);
    while (!identity_done(&identity))
        identity_answer(&identity, hz50);
    assert_int_equal(identity.finding.kind, FINDING_AMBIGUOUS);
    assert_true(identity_agrees(&identity, 0));
    points[1].scale = 0.1;
    assert_false(identity_agrees(&identity, 0));
}

static const struct factor_settings kilo[] = {{1, 1000}};
static const struct factor_settings mega[] = {{1, 1000000}};

/* Whatever makes another value of the same registers. */
static void test_what_differs(void **state)
{
    static const struct {
        const char *what;
        struct point_settings other; /* what is not 0 counts */
    } cases[] = {
        {"the last bit", {.bit_high = 7}},
        {"a second part", {.plus = {.given = true, .address = 20, .type = TYPE_U16}}},
        {"a multiplier", {.times = {1}, .time_count = 1}},
        {"an exponent", {.exponent_sign = 1}},
        {"another factor", {.factors = mega, .factor_count = 1}},
        {"a sentinel", {.invalid = {0x42480000}, .invalid_count = 1}},
        {"a register elsewhere", {.words = {10, 12}, .word_count = 2}},
        {"the rate of a counter", {.max_rate = 5}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct point_settings *other = &cases[i].other;
        struct identity identity;
        uint16_t hz50[2] = {HZ50_HIGH, 0};

        setup_variant(0, "a", freq_at(10, ORDER_ABCD));
        points[0].factor = 1;
        points[0].factors = kilo;
        points[0].factor_count = 1;
        points[0].word_count = 2;
        points[0].words[0] = 10;
        points[0].words[1] = 11;
        setup_variant(1, "b", points[0]);
        allow(0, 2, 2);
        identity_start(&identity, &equipment);
        while (!identity_done(&identity))
            identity_answer(&identity, hz50);
        assert_int_equal(identity.finding.kind, FINDING_AMBIGUOUS);
        assert_true(identity_agrees(&identity, 0));
        if (other->bit_high != 0)
            points[1].bit_high = other->bit_high;
        if (other->plus.given)
            points[1].plus = other->plus;
        points[1].time_count = other->time_count;
        points[1].times[0] = other->times[0];
        if (other->exponent_sign != 0)
            points[1].exponent = 1;
        if (other->factors != NULL)
            points[1].factors = other->factors;
        points[1].invalid_count = other->invalid_count;
        if (other->word_count > 0)
            points[1].words[1] = other->words[1];
        points[1].max_rate = other->max_rate;
        if (identity_agrees(&identity, 0))
            fail_msg("%s makes no difference", cases[i].what);
    }
}

/* The neighbours are not looked at where reading has effects. */
static void test_never_read(void **state)
{
    static const struct {
        struct never_settings never;
        unsigned reads;
    } cases[] = {
        {{TABLE_INPUT, 60, 68}, 3},
        {{TABLE_HOLDING, 0, 200}, 3},
        {{TABLE_INPUT, 69, 69}, 2},
        {{TABLE_INPUT, 72, 99}, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct device device = {{{69, 1}, {70, 2}, {71, 3}, {72, 4}}, 4, 0};

        setup_variant(0, "", freq_at(70, ORDER_ABCD));
        allow(0, 1, 1);
        profile.never = &cases[i].never;
        profile.never_count = 1;
        assert_int_equal(probe(&device).kind, FINDING_IMPLAUSIBLE);
        assert_int_equal(device.reads, cases[i].reads);
    }
}

/* As many variants as a profile may have: the last one is found as well. */
static void test_many_variants(void **state)
{
    struct device device = {
        {{90 + PROFILE_VARIANTS_MAX, HZ50_HIGH}, {91 + PROFILE_VARIANTS_MAX, 0}}, 2, 0};
    struct finding finding;

    (void)state;
    for (unsigned i = 0; i < PROFILE_VARIANTS_MAX; i++)
        setup_variant(i, "v", freq_at((uint16_t)(91 + i), ORDER_ABCD));
    allow(0, PROFILE_VARIANTS_MAX, PROFILE_VARIANTS_MAX);
    finding = probe(&device);
    assert_int_equal(finding.kind, FINDING_RIGHT);
    assert_int_equal(finding.variant, PROFILE_VARIANTS_MAX - 1);
}

/* "No value" passes the question on to the next check. */
static void test_several_checks(void **state)
{
    struct device device = {{{70, 0x7FC0}, {71, 0}, {80, HZ50_HIGH}, {81, 0}}, 4, 0};
    struct point_settings two[2] = {freq_at(70, ORDER_ABCD), freq_at(80, ORDER_ABCD)};
    struct probe_settings list[2] = {
        {.point = "freq", .slot = 0, .range_low = 45, .range_high = 65},
        {.point = "other", .slot = 1, .range_low = 50, .range_high = 50}};

    (void)state;
    two[1].slot = 1;
    setup_variant(0, "", two[0]);
    variants[0].points = two;
    variants[0].point_count = 2;
    variants[0].checks = list;
    variants[0].check_count = 2;
    allow(0, 1, 1);
    assert_int_equal(probe(&device).kind, FINDING_RIGHT);
    assert_int_equal(device.reads, 2);
}

/* Addresses at both ends of the table have one neighbour only. */
static void test_edges(void **state)
{
    struct device low = {{{0, 1}, {1, 2}, {2, 3}}, 3, 0};
    struct device high = {{{65533, 1}, {65534, 2}, {65535, 3}}, 3, 0};

    (void)state;
    setup_variant(0, "", freq_at(0, ORDER_ABCD));
    allow(0, 1, 1);
    assert_int_equal(probe(&low).kind, FINDING_IMPLAUSIBLE);
    setup_variant(0, "", freq_at(65534, ORDER_ABCD));
    assert_int_equal(probe(&high).kind, FINDING_IMPLAUSIBLE);
}

/* A range around 0 takes what words in the wrong order make of 1.0. */
static void test_nothing_is_so_small(void **state)
{
    struct device swapped = {{{100, 0}, {101, 0x3F80}}, 2, 0};
    struct device nothing = {{{100, 0}, {101, 0}}, 2, 0};
    struct finding finding;

    (void)state;
    setup_variant(0, "", freq_at(100, ORDER_ABCD));
    checks[0].range_low = -1;
    checks[0].range_high = 1;
    allow(0, 1, 1);
    finding = probe(&swapped);
    assert_int_equal(finding.kind, FINDING_WRONG_ORDER);
    assert_non_null(strstr(finding.text, "but 1 as CDAB"));
    assert_int_equal(probe(&nothing).kind, FINDING_RIGHT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_variant),         cmocka_unit_test(test_variants),
        cmocka_unit_test(test_ambiguous),           cmocka_unit_test(test_what_differs),
        cmocka_unit_test(test_never_read),          cmocka_unit_test(test_many_variants),
        cmocka_unit_test(test_several_checks),      cmocka_unit_test(test_edges),
        cmocka_unit_test(test_nothing_is_so_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
