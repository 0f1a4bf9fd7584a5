/* Every type in every order, against a decoder that is slow and thinks differently: it
 * knows the orders as strings of letters and computes with digits and powers of two. */
#include "tests/unit/check.h"

#include "adapters/modbus_decode.h"

#include <stdio.h>

enum {
    ROUNDS = 20000,
    BYTES_MAX = 8,
};

/* Of the bytes as they arrive, by order and number of registers. */
static const char *const arrivals[][5] = {
    [ORDER_ABCD] = {"", "AB", "ABCD", "ABCDEF", "ABCDEFGH"},
    [ORDER_CDAB] = {"", "AB", "CDAB", "EFCDAB", "GHEFCDAB"},
    [ORDER_BADC] = {"", "BA", "BADC", "BADCFE", "BADCFEHG"},
    [ORDER_DCBA] = {"", "BA", "DCBA", "FEDCBA", "HGFEDCBA"},
};

enum meaning {
    UNSIGNED,
    SIGNED,
    FLOATING,
    DECIMAL,
    THOUSANDS,
    TRUTH,
};

static const struct kind {
    const char *name;
    enum value_type type;
    int registers;
    enum meaning meaning;
} kinds[] = {
    {"u16", TYPE_U16, 1, UNSIGNED},        {"s16", TYPE_S16, 1, SIGNED},
    {"u32", TYPE_U32, 2, UNSIGNED},        {"s32", TYPE_S32, 2, SIGNED},
    {"u48", TYPE_U48, 3, UNSIGNED},        {"u64", TYPE_U64, 4, UNSIGNED},
    {"s64", TYPE_S64, 4, SIGNED},          {"f32", TYPE_F32, 2, FLOATING},
    {"f64", TYPE_F64, 4, FLOATING},        {"bcd16", TYPE_BCD16, 1, DECIMAL},
    {"bcd32", TYPE_BCD32, 2, DECIMAL},     {"bcd64", TYPE_BCD64, 4, DECIMAL},
    {"m10k32", TYPE_M10K32, 2, THOUSANDS}, {"m10k64", TYPE_M10K64, 4, THOUSANDS},
    {"bool", TYPE_BOOL, 1, TRUTH},
};

enum {
    KINDS = sizeof kinds / sizeof kinds[0],
};

static uint64_t seed = 20261124;

static uint32_t below(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % limit;
}

/* --- the other decoder -------------------------------------------------------------- */

/* The bytes by weight, the most significant first. */
static void sort_bytes(const uint16_t *cells, int registers, enum word_order order,
                       int bytes[BYTES_MAX])
{
    const char *arrival = arrivals[order][registers];

    for (int i = 0; i < 2 * registers; i++)
        bytes[arrival[i] - 'A'] = i % 2 == 0 ? cells[i / 2] / 256 : cells[i / 2] % 256;
}

static int bit_of(const int *bytes, int count, int bit)
{
    int byte = bytes[count - 1 - bit / 8];

    for (int i = 0; i < bit % 8; i++)
        byte /= 2;
    return byte % 2;
}

/* Up to 80 bits of a long double: exact for 64. */
static long double field_of(const int *bytes, int count, int low, int high)
{
    long double sum = 0;

    for (int bit = high; bit >= low; bit--)
        sum = sum * 2 + bit_of(bytes, count, bit);
    return sum;
}

static double floating_of(const int *bytes, int count)
{
    int fraction = count == 4 ? 23 : 52;
    int top = 8 * count - 1;
    int bias = count == 4 ? 127 : 1023;
    int exponent = (int)field_of(bytes, count, fraction, top - 1);
    long double mantissa = field_of(bytes, count, 0, fraction - 1);

    if (exponent == 2 * bias + 1)
        return NAN; /* no value either way */
    if (exponent > 0)
        mantissa += ldexpl(1, fraction);
    else
        exponent = 1;
    mantissa = ldexpl(mantissa, exponent - bias - fraction);
    return (double)(bit_of(bytes, count, top) ? -mantissa : mantissa);
}

/* Written out and read again. */
static double digits_of(const int *bytes, int count, bool thousands)
{
    char text[32] = "";

    for (int i = 0; i < count; i += thousands ? 2 : 1) {
        size_t used = strlen(text);

        if (thousands) {
            if (bytes[i] * 256 + bytes[i + 1] > 9999)
                return NAN;
            (void)snprintf(text + used, sizeof text - used, "%04d",
                           bytes[i] * 256 + bytes[i + 1]);
        } else {
            (void)snprintf(text + used, sizeof text - used, "%02x", (unsigned)bytes[i]);
        }
    }
    return strspn(text, "0123456789") == strlen(text) ? strtod(text, NULL) : NAN;
}

static double number_of(const struct kind *kind, const int *bytes)
{
    int count = 2 * kind->registers;
    int top = 8 * count - 1;

    switch (kind->meaning) {
    case UNSIGNED:
        return (double)field_of(bytes, count, 0, top);
    case SIGNED:
        return (double)(field_of(bytes, count, 0, top - 1) -
                        (bit_of(bytes, count, top) ? ldexpl(1, top) : 0));
    case FLOATING:
        return floating_of(bytes, count);
    case DECIMAL:
        return digits_of(bytes, count, false);
    case THOUSANDS:
        return digits_of(bytes, count, true);
    case TRUTH:
    default:
        return field_of(bytes, count, 0, top) != 0 ? 1 : 0;
    }
}

/* --- random points ------------------------------------------------------------------ */

struct trial {
    const struct kind *kind;
    const struct kind *plus;
    struct point_settings point;
    uint16_t memory[64]; /* the device, from address 0 on */
};

static uint16_t random_cell(enum meaning meaning)
{
    static const uint16_t edges[] = {0,      1,      0x7FFF, 0x8000, 0xFFFF,
                                     0x7FC0, 0x7F80, 0x7FF0, 0x9999, 9999};

    if (below(4) == 0)
        return edges[below(sizeof edges / sizeof edges[0])];
    if (meaning == DECIMAL && below(8) > 0)
        return (uint16_t)(below(10) << 12 | below(10) << 8 | below(10) << 4 | below(10));
    if (meaning == THOUSANDS && below(8) > 0)
        return (uint16_t)below(10000);
    return (uint16_t)below(65536);
}

/* Registers of the value here and there, none twice. */
static void scatter(struct point_settings *point, int registers)
{
    uint16_t at = point->address;

    point->word_count = (size_t)registers;
    for (int i = 0; i < registers; i++) {
        point->words[i] = at;
        at = (uint16_t)(at + 1 + below(3));
    }
    if (below(2) && registers > 1) {
        uint16_t last = point->words[registers - 1];

        point->words[registers - 1] = point->words[0];
        point->words[0] = last;
    }
}

static struct trial random_trial(void)
{
    struct trial trial = {.kind = &kinds[below(KINDS)]};
    struct point_settings *point = &trial.point;

    *point = (struct point_settings){.name = "p",
                                     .table = TABLE_HOLDING,
                                     .address = (uint16_t)(16 + below(16)),
                                     .type = trial.kind->type,
                                     .order = (enum word_order)below(4),
                                     .bit_low = -1,
                                     .bit_high = -1,
                                     .scale = below(2) ? 1 : 0.1,
                                     .offset = below(2) ? 0 : -40,
                                     .range_low = -INFINITY,
                                     .range_high = INFINITY};
    for (size_t i = 0; i < sizeof trial.memory / sizeof trial.memory[0]; i++)
        trial.memory[i] = random_cell(trial.kind->meaning);
    if (below(3) == 0)
        scatter(point, trial.kind->registers);
    if (below(4) == 0) {
        trial.plus = &kinds[below(KINDS)];
        point->plus = (struct plus_settings){.given = true,
                                             .address = (uint16_t)below(48),
                                             .type = trial.plus->type,
                                             .order = (enum word_order)below(4)};
    }
    if (below(4) == 0 && trial.kind->meaning != TRUTH) {
        point->bit_low = below(16 * (uint32_t)trial.kind->registers);
        point->bit_high = point->bit_low + below(16 * (uint32_t)trial.kind->registers -
                                                 (uint32_t)point->bit_low);
    }
    return trial;
}

static double expected(const struct trial *trial)
{
    const struct point_settings *point = &trial->point;
    int count = 2 * trial->kind->registers;
    uint16_t own[POINT_WORDS_MAX] = {0};
    int bytes[BYTES_MAX] = {0};
    double number;

    for (int i = 0; i < trial->kind->registers; i++)
        own[i] =
            trial->memory[point->word_count > 0 ? point->words[i] : point->address + i];
    sort_bytes(own, trial->kind->registers, point->order, bytes);
    number = point->bit_low < 0 ? number_of(trial->kind, bytes)
                                : (double)field_of(bytes, count, (int)point->bit_low,
                                                   (int)point->bit_high);
    if (trial->plus != NULL) {
        sort_bytes(trial->memory + point->plus.address, trial->plus->registers,
                   point->plus.order, bytes);
        number += number_of(trial->plus, bytes);
    }
    return number * point->scale + point->offset;
}

static void test_both_decoders_agree(void **state)
{
    unsigned good = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct trial trial = random_trial();
        struct modbus_value got =
            modbus_decode(&trial.point, trial.memory + modbus_first_cell(&trial.point));
        double want = expected(&trial);
        char name[64];

        (void)snprintf(name, sizeof name, "round %d: %s order %d", round,
                       trial.kind->name, (int)trial.point.order);
        check_case(name, (got.quality == QUALITY_BAD) == !isfinite(want));
        check_case(name, modbus_cells(&trial.point) >= (uint32_t)trial.kind->registers);
        if (!isfinite(want))
            continue;
        check_near(name, got.value, want, 0);
        good++;
    }
    assert_true(good > ROUNDS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_decoders_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
