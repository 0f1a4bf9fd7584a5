/* modbus_decode.c - see modbus_decode.h. */
#include "adapters/modbus_decode.h"

#include "base/utf8.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    TEXT_REGISTERS_MAX = 125, /* what one read can bring */
};

static double from_unsigned(uint64_t raw)
{
    return (double)raw;
}

static double from_s16(uint64_t raw)
{
    return (double)(int16_t)raw;
}

static double from_s32(uint64_t raw)
{
    return (double)(int32_t)raw;
}

static double from_s64(uint64_t raw)
{
    return (double)(int64_t)raw;
}

static double from_f32(uint64_t raw)
{
    uint32_t bits = (uint32_t)raw;
    float value;

    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double from_f64(uint64_t raw)
{
    double value;

    memcpy(&value, &raw, sizeof value);
    return value;
}

static double from_bool(uint64_t raw)
{
    return raw != 0 ? 1.0 : 0.0;
}

/* Every `bits` of raw are a digit of a number to the base `base`. A digit that there
 * cannot be: NaN. */
static double from_digits(uint64_t raw, unsigned bits, uint64_t base)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t value = 0; /* at most 10^16 - 1 */

    for (unsigned shift = 64; shift > 0;) {
        uint64_t digit;

        shift -= bits;
        digit = raw >> shift & mask;
        if (digit >= base)
            return NAN;
        value = value * base + digit;
    }
    return (double)value;
}

static double from_bcd(uint64_t raw)
{
    return from_digits(raw, 4, 10);
}

static double from_m10k(uint64_t raw)
{
    return from_digits(raw, 16, 10000);
}

static const struct {
    uint32_t registers; /* 0: not a type of a register, or of no fixed width */
    double (*value)(uint64_t raw);
} types[] = {
    [TYPE_BOOL] = {1, from_bool},       [TYPE_U16] = {1, from_unsigned},
    [TYPE_S16] = {1, from_s16},         [TYPE_U32] = {2, from_unsigned},
    [TYPE_S32] = {2, from_s32},         [TYPE_U48] = {3, from_unsigned},
    [TYPE_U64] = {4, from_unsigned},    [TYPE_S64] = {4, from_s64},
    [TYPE_F32] = {2, from_f32},         [TYPE_F64] = {4, from_f64},
    [TYPE_BCD16] = {1, from_bcd},       [TYPE_BCD32] = {2, from_bcd},
    [TYPE_BCD64] = {4, from_bcd},       [TYPE_M10K32] = {2, from_m10k},
    [TYPE_M10K64] = {4, from_m10k},     [TYPE_STRING] = {0, from_unsigned},
    [TYPE_NUMBER] = {0, from_unsigned},
};

static const struct {
    bool low_word_first;
    bool low_byte_first;
} orders[] = {
    [ORDER_ABCD] = {false, false},
    [ORDER_CDAB] = {true, false},
    [ORDER_BADC] = {false, true},
    [ORDER_DCBA] = {true, true},
};

static bool is_bit_table(enum modbus_table table)
{
    return table == TABLE_COIL || table == TABLE_DISCRETE;
}

/* --- where a value is -------------------------------------------------------------- */

struct range {
    uint32_t first;
    uint32_t end; /* behind the last */
};

static void include(struct range *range, uint32_t first, uint32_t count)
{
    if (first < range->first)
        range->first = first;
    if (first + count > range->end)
        range->end = first + count;
}

static uint32_t own_registers(const struct point_settings *point)
{
    if (point->type == TYPE_STRING)
        return point->registers > 0 && point->registers <= UINT16_MAX
                   ? (uint32_t)point->registers
                   : 0;
    return types[point->type].registers;
}

/* From the lowest to the furthest register; empty for what cannot be read. */
static struct range range_of(const struct point_settings *point)
{
    struct range range = {UINT32_MAX, 0};
    uint32_t registers = own_registers(point);

    if (is_bit_table(point->table))
        return (struct range){point->address, point->address + UINT32_C(1)};
    if (registers == 0 || (point->word_count > 0 && point->word_count != registers) ||
        (point->plus.given && types[point->plus.type].registers == 0))
        return (struct range){point->address, point->address};
    for (size_t i = 0; i < point->word_count; i++)
        include(&range, point->words[i], 1);
    if (point->word_count == 0)
        include(&range, point->address, registers);
    if (point->plus.given)
        include(&range, point->plus.address, types[point->plus.type].registers);
    return range;
}

uint16_t modbus_first_cell(const struct point_settings *point)
{
    return (uint16_t)range_of(point).first;
}

uint32_t modbus_cells(const struct point_settings *point)
{
    struct range range = range_of(point);

    return range.end - range.first;
}

/* --- raw --------------------------------------------------------------------------- */

static uint16_t in_order(uint16_t cell, enum word_order order)
{
    if (!orders[order].low_byte_first)
        return cell;
    return (uint16_t)(cell << 8 | cell >> 8);
}

/* The two bytes of each register. */
static uint64_t swap_bytes(uint64_t raw)
{
    const uint64_t low = UINT64_C(0x00FF00FF00FF00FF);

    return (raw & low) << 8 | (raw >> 8 & low);
}

/* Of a value whose cells are neighbours. */
static inline uint64_t raw_value(enum value_type type, enum word_order order,
                                 const uint16_t *cells)
{
    uint32_t count = types[type].registers;
    bool low_first = orders[order].low_word_first;
    uint32_t at = low_first ? count - 1 : 0;
    uint32_t step = low_first ? UINT32_MAX : 1; /* back or on */
    uint64_t raw = 0;

    for (uint32_t i = 0; i < count; i++, at += step)
        raw = raw << 16 | cells[at];
    return orders[order].low_byte_first ? swap_bytes(raw) : raw;
}

static uint64_t mask_of_bits(uint32_t bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

static bool is_sentinel(const struct point_settings *point, uint64_t raw)
{
    uint64_t mask = mask_of_bits(16 * types[point->type].registers);

    for (size_t i = 0; i < point->invalid_count; i++)
        if (raw == (point->invalid[i] & mask))
            return true;
    return false;
}

/* --- numbers ----------------------------------------------------------------------- */

static inline double number_of(const struct point_settings *point, uint64_t raw)
{
    uint64_t field;

    if (point->invalid_count > 0 && is_sentinel(point, raw))
        return NAN;
    if (point->bit_low < 0)
        return types[point->type].value(raw);
    field = raw >> (point->bit_low & 63) &
            mask_of_bits((uint32_t)(point->bit_high - point->bit_low + 1));
    return point->type == TYPE_BOOL ? from_bool(field) : from_unsigned(field);
}

/* The point's own cells out of those of its whole range. */
static const uint16_t *own_cells(const struct point_settings *point, uint32_t first,
                                 const uint16_t *cells,
                                 uint16_t gathered[POINT_WORDS_MAX])
{
    if (point->word_count == 0)
        return cells + (point->address - first);
    assert(point->word_count <= POINT_WORDS_MAX);
    for (size_t i = 0; i < point->word_count; i++)
        gathered[i] = cells[point->words[i] - first];
    return gathered;
}

/* fmod is exact, so that whole parts of more than 2^31 are, too. */
static double part_of(const struct point_settings *point, double value)
{
    if (point->quotient > 0)
        value = (value - fmod(value, (double)point->quotient)) / (double)point->quotient;
    if (point->remainder > 0)
        value = fmod(value, (double)point->remainder);
    return value;
}

/* What few points have: registers that are no neighbours, a second part, whole parts and
 * remainders, named bits. */
static bool is_special(const struct point_settings *point)
{
    /* One branch: nearly every point has none of them. */
    return (point->word_count | point->flag_count | point->quotient | point->remainder |
            point->plus.given) != 0;
}

/* Kept out of modbus_number, whose registers and stack it would take. */
static __attribute__((noinline)) double special_number(const struct point_settings *point,
                                                       const uint16_t *cells)
{
    const struct plus_settings *plus = &point->plus;
    uint16_t gathered[POINT_WORDS_MAX] = {0};
    uint32_t first = range_of(point).first;
    uint64_t raw =
        raw_value(point->type, point->order, own_cells(point, first, cells, gathered));
    double value = number_of(point, raw);

    /* The highest bit of an s16 is a flag like the others, no sign. */
    if (point->flag_count > 0 && point->bit_low < 0 && isfinite(value))
        value = from_unsigned(raw);
    value = part_of(point, value);
    if (plus->given)
        value += types[plus->type].value(
            raw_value(plus->type, plus->order, cells + (plus->address - first)));
    return value;
}

static inline double number_from(const struct point_settings *point,
                                 const uint16_t *cells)
{
    if (is_bit_table(point->table))
        return from_bool(cells[0]);
    if (is_special(point))
        return special_number(point, cells);
    return number_of(point, raw_value(point->type, point->order, cells));
}

double modbus_number(const struct point_settings *point, const uint16_t *cells)
{
    return number_from(point, cells);
}

double modbus_number_step(const struct point_settings *point, double number)
{
    if (point->type == TYPE_F64)
        return nextafter(fabs(number), INFINITY) - fabs(number);
    if (point->type == TYPE_F32)
        return (double)(nextafterf(fabsf((float)number), INFINITY) -
                        fabsf((float)number));
    return 1.0;
}

static struct modbus_value bad(enum reason reason)
{
    return (struct modbus_value){.quality = QUALITY_BAD, .reason = reason};
}

struct modbus_value modbus_scaled(const struct point_settings *point, double number,
                                  double multiplier)
{
    double value = number * point->scale * multiplier + point->offset;

    if (isfinite(value) && value >= point->range_low && value <= point->range_high)
        return (struct modbus_value){.value = value, .quality = QUALITY_GOOD};
    return bad(isfinite(number) ? REASON_RANGE : REASON_NOT_AVAILABLE);
}

struct modbus_value modbus_decode(const struct point_settings *point,
                                  const uint16_t *cells)
{
    return modbus_scaled(point, number_from(point, cells), 1.0);
}

/* --- text -------------------------------------------------------------------------- */

/* The bytes up to the first NUL. `bytes` holds 4 more than a text can have, so that
 * utf8_length never looks beyond. */
static size_t text_bytes(const struct point_settings *point, const uint16_t *cells,
                         char bytes[2 * TEXT_REGISTERS_MAX + 4])
{
    uint32_t registers = modbus_cells(point);
    size_t length = 0;

    assert(registers <= TEXT_REGISTERS_MAX);
    for (uint32_t i = 0; i < registers; i++) {
        uint16_t cell = in_order(cells[i], point->order);

        bytes[length++] = (char)(cell >> 8);
        bytes[length++] = (char)(cell & 0xFF);
    }
    memset(bytes + length, 0, 4);
    return strlen(bytes);
}

/* One character of `from` to `out`; returns the bytes taken. */
static size_t copy_character(const char *from, char out[4], size_t *written, bool *clean)
{
    static const unsigned char replacement[3] = {0xEF, 0xBF, 0xBD}; /* U+FFFD */
    size_t length = utf8_length(from);

    if (length == 0) {
        memcpy(out, replacement, sizeof replacement);
        *written = sizeof replacement;
        *clean = false;
        return 1;
    }
    memcpy(out, from, length);
    if ((unsigned char)out[0] < 0x20 || out[0] == 0x7F)
        out[0] = ' ';
    *written = length;
    return length;
}

struct modbus_value modbus_decode_text(const struct point_settings *point,
                                       const uint16_t *cells, char text[LIVE_TEXT_MAX])
{
    char bytes[2 * TEXT_REGISTERS_MAX + 4];
    size_t length = text_bytes(point, cells, bytes);
    size_t used = 0;
    bool clean = true;

    for (size_t at = 0; at < length;) {
        char out[4];
        size_t size = 0;

        at += copy_character(bytes + at, out, &size, &clean);
        if (used == 0 && out[0] == ' ')
            continue;
        if (used + size >= LIVE_TEXT_MAX)
            break;
        memcpy(text + used, out, size);
        used += size;
    }
    while (used > 0 && text[used - 1] == ' ')
        used--;
    text[used] = '\0';
    return (struct modbus_value){.quality = clean ? QUALITY_GOOD : QUALITY_UNCERTAIN,
                                 .reason = clean ? REASON_NONE : REASON_DECODE};
}
