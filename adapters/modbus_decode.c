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

static const struct {
    uint32_t registers; /* 0: not a type of a register, or of no fixed width */
    double (*value)(uint64_t raw);
} types[] = {
    [TYPE_BOOL] = {1, from_bool},       [TYPE_U16] = {1, from_unsigned},
    [TYPE_S16] = {1, from_s16},         [TYPE_U32] = {2, from_unsigned},
    [TYPE_S32] = {2, from_s32},         [TYPE_U64] = {4, from_unsigned},
    [TYPE_S64] = {4, from_s64},         [TYPE_F32] = {2, from_f32},
    [TYPE_F64] = {4, from_f64},         [TYPE_STRING] = {0, from_unsigned},
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

uint32_t modbus_cells(const struct point_settings *point)
{
    if (is_bit_table(point->table))
        return 1;
    if (point->type == TYPE_STRING)
        return point->registers > 0 && point->registers <= UINT16_MAX
                   ? (uint32_t)point->registers
                   : 0;
    return types[point->type].registers;
}

static uint16_t in_order(uint16_t cell, enum word_order order)
{
    if (!orders[order].low_byte_first)
        return cell;
    return (uint16_t)(cell << 8 | cell >> 8);
}

static uint64_t raw_value(const struct point_settings *point, const uint16_t *cells)
{
    uint32_t count = types[point->type].registers;
    uint64_t raw = 0;

    if (is_bit_table(point->table))
        return cells[0] != 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = orders[point->order].low_word_first ? count - 1 - i : i;

        raw = raw << 16 | in_order(cells[at], point->order);
    }
    return raw;
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

static double number(const struct point_settings *point, uint64_t raw)
{
    uint64_t field;

    if (point->bit_low < 0 || is_bit_table(point->table))
        return types[point->type].value(raw);
    field = raw >> (point->bit_low & 63) &
            mask_of_bits((uint32_t)(point->bit_high - point->bit_low + 1));
    return point->type == TYPE_BOOL ? from_bool(field) : from_unsigned(field);
}

static struct modbus_value bad(enum reason reason)
{
    return (struct modbus_value){.quality = QUALITY_BAD, .reason = reason};
}

struct modbus_value modbus_decode(const struct point_settings *point,
                                  const uint16_t *cells)
{
    uint64_t raw = raw_value(point, cells);
    double value;

    if (point->invalid_count > 0 && is_sentinel(point, raw))
        return bad(REASON_NOT_AVAILABLE);
    value = number(point, raw);
    if (!isfinite(value))
        return bad(REASON_NOT_AVAILABLE);
    value = value * point->scale + point->offset;
    if (!isfinite(value) || value < point->range_low || value > point->range_high)
        return bad(REASON_RANGE);
    return (struct modbus_value){.value = value, .quality = QUALITY_GOOD};
}

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
