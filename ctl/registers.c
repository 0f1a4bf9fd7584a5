/* registers.c - see registers.h. */
#include "ctl/registers.h"

#include "base/number.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const register_orders[REGISTER_ORDERS] = {"ABCD", "CDAB", "BADC", "DCBA"};

enum family {
    UNSIGNED,
    SIGNED,
    FLOATING,
    DECIMAL, /* four digits a register */
    MODULO,  /* registers of 0 to 9999 */
    CHARACTERS,
};

static const struct {
    const char *name;
    size_t registers;
    enum family family;
} types[REGISTER_TYPES] = {
    [REGISTER_U16] = {"u16", 1, UNSIGNED},
    [REGISTER_S16] = {"s16", 1, SIGNED},
    [REGISTER_U32] = {"u32", 2, UNSIGNED},
    [REGISTER_S32] = {"s32", 2, SIGNED},
    [REGISTER_U48] = {"u48", 3, UNSIGNED},
    [REGISTER_U64] = {"u64", 4, UNSIGNED},
    [REGISTER_S64] = {"s64", 4, SIGNED},
    [REGISTER_F32] = {"f32", 2, FLOATING},
    [REGISTER_F64] = {"f64", 4, FLOATING},
    [REGISTER_BCD16] = {"bcd16", 1, DECIMAL},
    [REGISTER_BCD32] = {"bcd32", 2, DECIMAL},
    [REGISTER_BCD64] = {"bcd64", 4, DECIMAL},
    [REGISTER_M10K32] = {"m10k32", 2, MODULO},
    [REGISTER_M10K64] = {"m10k64", 4, MODULO},
    [REGISTER_STRING] = {"string", 0, CHARACTERS},
};

int register_type_find(const char *name)
{
    for (int i = 0; i < REGISTER_TYPES; i++)
        if (strcmp(types[i].name, name) == 0)
            return i;
    return -1;
}

const char *register_type_name(enum register_type type)
{
    return types[type].name;
}

size_t register_type_size(enum register_type type)
{
    return types[type].registers;
}

/* --- values ------------------------------------------------------------------------- */

/* Register `i` from the most significant end, its bytes in order. */
static uint16_t cell_at(const uint16_t *cells, size_t count, size_t order, size_t i)
{
    bool low_first = order == 1 || order == 3;
    bool swapped = order >= 2;
    uint16_t cell = cells[low_first ? count - 1 - i : i];

    return swapped ? (uint16_t)(cell << 8 | cell >> 8) : cell;
}

static uint64_t raw_of(const uint16_t *cells, size_t count, size_t order)
{
    uint64_t raw = 0;

    for (size_t i = 0; i < count; i++)
        raw = raw << 16 | cell_at(cells, count, order, i);
    return raw;
}

static double count_oddness(double value, size_t registers)
{
    double limit = registers > 2 ? 1e12 : 1e8;
    double size = fabs(value);

    return registers > 1 && value != 0 && size < limit ? log10(size) : REGISTER_ODD;
}

static void add_unsigned(struct text *out, uint64_t value)
{
    text_addf(out, "%llu", (unsigned long long)value);
}

static double show_integer(enum register_type type, uint64_t raw, struct text *out)
{
    size_t registers = types[type].registers;
    int64_t value;

    if (types[type].family == UNSIGNED) {
        add_unsigned(out, raw);
        return count_oddness((double)raw, registers);
    }
    assert(registers >= 1 && registers <= 4);
    value = (int64_t)(raw << (64 - 16 * registers)) >> (64 - 16 * registers);
    text_addf(out, "%lld", (long long)value);
    return count_oddness((double)value, registers);
}

/* Measurements have few digits more often than chance has. */
static double float_oddness(double value, const char *digits)
{
    size_t count = 0;

    if (!(fabs(value) >= 1e-4 && fabs(value) < 1e8))
        return REGISTER_ODD;
    for (; *digits != '\0'; digits++)
        count += *digits >= '0' && *digits <= '9';
    return fabs(log10(fabs(value)) - 1) + 0.25 * (double)count + (value < 0 ? 0.5 : 0);
}

static double show_float(enum register_type type, uint64_t raw, struct text *out)
{
    uint32_t narrow = (uint32_t)raw;
    char digits[NUMBER_SIZE];
    float single;
    double value;

    if (type == REGISTER_F32) {
        memcpy(&single, &narrow, sizeof single);
        value = (double)single;
    } else {
        memcpy(&value, &raw, sizeof value);
    }
    if (!isfinite(value)) {
        text_add(out, isnan(value) ? "nan" : "inf");
        return REGISTER_ODD;
    }
    (void)number_format_digits(digits, value, 7);
    text_add(out, digits);
    return float_oddness(value, digits);
}

/* Digits of `base` each: nibbles of 10, or registers of 10000. */
static double show_decimal(uint64_t raw, size_t registers, unsigned width, uint64_t base,
                           struct text *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    uint64_t value = 0;

    for (unsigned at = (unsigned)registers * 16; at > 0; at -= width) {
        uint64_t digit = raw >> (at - width) & mask;

        if (digit >= base) {
            text_add_char(out, '-');
            return REGISTER_ODD;
        }
        value = value * base + digit;
    }
    add_unsigned(out, value);
    return count_oddness((double)value, registers);
}

static double show_text(const uint16_t *cells, size_t count, size_t order,
                        struct text *out)
{
    size_t printable = 0;
    size_t length = 0;

    text_add_char(out, '"');
    for (size_t i = 0; i < 2 * count; i++) {
        uint16_t cell = cell_at(cells, count, order, i / 2);
        unsigned char c = (unsigned char)(i % 2 == 0 ? cell >> 8 : cell & 0xFF);

        if (c == '\0')
            continue;
        length++;
        printable += c >= 0x20 && c < 0x7F;
        text_add_char(out, (char)(c >= 0x20 && c < 0x7F ? c : '.'));
    }
    text_add_char(out, '"');
    return length > 0 && printable == length ? 0 : REGISTER_ODD;
}

double register_show(enum register_type type, size_t order, const uint16_t *cells,
                     size_t count, struct text *out)
{
    size_t registers = types[type].registers;
    uint64_t raw;

    if (types[type].family == CHARACTERS)
        return show_text(cells, count, order, out);
    raw = raw_of(cells, registers, order);
    switch (types[type].family) {
    case FLOATING:
        return show_float(type, raw, out);
    case DECIMAL:
        return show_decimal(raw, registers, 4, 10, out);
    case MODULO:
        return show_decimal(raw, registers, 16, 10000, out);
    case UNSIGNED:
    case SIGNED:
    case CHARACTERS:
    default:
        return show_integer(type, raw, out);
    }
}

/* --- addresses ---------------------------------------------------------------------- */

static const struct {
    const char *names[4];
    char digit; /* of the old numbering: Modbus Application Protocol V1.1b3, 4.4 */
} tables[] = {
    [REGISTERS_COIL] = {{"coil", "co", "coils", "1"}, '0'},
    [REGISTERS_DISCRETE] = {{"discrete", "di", "discretes", "2"}, '1'},
    [REGISTERS_HOLDING] = {{"holding", "hr", "holdings", "3"}, '4'},
    [REGISTERS_INPUT] = {{"input", "ir", "inputs", "4"}, '3'},
};

int register_table_find(const char *name)
{
    for (int t = REGISTERS_COIL; t <= REGISTERS_INPUT; t++)
        for (size_t i = 0; i < 4; i++)
            if (strcmp(tables[t].names[i], name) == 0)
                return t;
    return 0;
}

const char *register_table_name(enum register_table table)
{
    return tables[table].names[0];
}

static bool all_digits(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Behind the digit of the table: "0071" and "00071" of 40071 and 400071. */
static bool read_reference(const char *text, enum register_table table, uint16_t *address)
{
    size_t length = strlen(text);
    const char *number = text + 1;
    unsigned long value;

    if (length < 5 || text[0] != tables[table].digit)
        return false;
    if (text[1] == 'x' || text[1] == 'X')
        number++;
    else if (length > 6)
        return false;
    if (!all_digits(number) || strlen(number) > 5)
        return false;
    value = strtoul(number, NULL, 10);
    if (value < 1 || value > UINT16_MAX + 1UL)
        return false;
    *address = (uint16_t)(value - 1);
    return true;
}

bool register_address_read(const char *text, enum register_table table,
                           struct register_address *address)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
                       isxdigit((unsigned char)text[2]) != 0;
    unsigned long value;
    char *end;

    address->reference = false;
    /* 0x00017 would be both; a coil that is meant so is written 00017. */
    if (!hexadecimal && read_reference(text, table, &address->address)) {
        address->reference = true;
        return true;
    }
    if (!hexadecimal && !all_digits(text))
        return false;
    errno = 0;
    value = strtoul(text, &end, hexadecimal ? 16 : 10);
    if (errno != 0 || *end != '\0' || value > UINT16_MAX)
        return false;
    address->address = (uint16_t)value;
    return true;
}
