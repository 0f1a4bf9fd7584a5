/* point_checks.c - see point_checks.h. */
#include "config/point_checks.h"

#include "config/codes.h"
#include "config/names.h"
#include "config/sections.h"

enum {
    REGISTER_BITS = 16,
    ADDRESS_END = 65536,  /* behind the last register */
    STALE_PERIODS = 3,    /* a reading may be late twice */
    STALE_MIN_MS = 10000, /* fast polls: a short break of the link is no news */
};

static bool given(const struct node *node, const char *key)
{
    return node_member(node, key) != NULL;
}

static bool refuse(struct reader *reader, const struct node *node,
                   const char *const *keys, const char *why)
{
    bool ok = true;

    for (; *keys != NULL; keys++)
        if (!section_refuse(reader, node, *keys, why))
            ok = false;
    return ok;
}

static bool is_single_bit(const struct point_settings *point)
{
    return point->bit_low >= 0 && point->bit_low == point->bit_high;
}

/* ---- Modbus ---- */

static bool is_bit_table(const struct point_settings *point)
{
    return point->table == TABLE_COIL || point->table == TABLE_DISCRETE;
}

static bool check_table(struct reader *reader, const struct profile_settings *profile,
                        struct point_settings *point)
{
    if (point->table == TABLE_NONE)
        return schema_fail(reader, CODE(TABLE), point->pos, NULL,
                           "point \"%s\" needs one of coil, discrete, input, holding",
                           point->name);
    if (point->address < profile->base)
        return schema_fail(reader, CODE(ADDRESS), point->pos, NULL,
                           "address 0 does not exist when base is 1");
    point->address = (uint16_t)(point->address - profile->base);
    return true;
}

static bool check_type(struct reader *reader, const struct node *node,
                       struct point_settings *point)
{
    static const char *const bit_keys[] = {"order",   "bit",   "bits",    "scale",
                                           "offset",  "range", "invalid", "counter",
                                           "modulus", NULL};

    if (!given(node, "type"))
        point->type = is_bit_table(point) ? TYPE_BOOL : TYPE_U16;
    if (is_bit_table(point)) {
        if (point->type != TYPE_BOOL)
            return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"), NULL,
                               "a coil or discrete input is \"bool\"");
        return refuse(reader, node, bit_keys, "for a coil or discrete input");
    }
    if (point->type == TYPE_NUMBER)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"),
                           "choose u16, s16, u32, s32, u64, s64, f32, f64 or string",
                           "\"number\" is for MQTT; registers have a width");
    if (point->type == TYPE_BOOL && point->bit_low < 0)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"),
                           "name the bit: bit = 0",
                           "a register is no \"bool\"; a bit of it is");
    if (point->type == TYPE_BOOL)
        point->type = TYPE_U16; /* `type = "bool"; bit = 3;` says the same twice */
    return true;
}

static bool check_width(struct reader *reader, const struct node *node,
                        struct point_settings *point)
{
    int64_t registers = value_type_registers(point->type);

    if (point->type == TYPE_STRING) {
        if (!given(node, "registers"))
            return schema_fail(reader, CODE(STRING_LENGTH), schema_pos(node, "type"),
                               "two characters per register",
                               "a string needs its length: registers = ...");
        registers = point->registers;
    } else if (given(node, "registers") && point->registers != registers) {
        return schema_fail(reader, CODE(STRING_LENGTH), schema_pos(node, "registers"),
                           "delete it",
                           "the type has %lld registers; only a string says its own",
                           (long long)registers);
    }
    if (is_bit_table(point))
        registers = 1;
    point->registers = registers;
    if (point->address + registers > ADDRESS_END)
        return schema_fail(reader, CODE(ADDRESS), point->pos, NULL,
                           "%lld registers from %u run past 65535", (long long)registers,
                           point->address);
    return true;
}

/* A 16-bit value has no order beyond its two bytes, which Modbus fixes. The 64-bit
 * spellings are for 64-bit values, so that a wrong one is seen. */
static bool check_order(struct reader *reader, const struct node *node,
                        const struct point_settings *point)
{
    const struct node *order = node_member(node, "order");

    if (order == NULL)
        return true;
    if (point->type == TYPE_STRING)
        return section_refuse(reader, node, "order", "for a string");
    if (order->string[4] != '\0' && value_type_registers(point->type) != 4)
        return schema_fail(reader, CODE(ORDER), order->pos, NULL,
                           "an order of 8 bytes is for 64-bit values");
    return true;
}

static bool check_bits(struct reader *reader, const struct node *node,
                       struct point_settings *point)
{
    const char *key = given(node, "bit") ? "bit" : "bits";
    int width = value_type_registers(point->type) * REGISTER_BITS;

    if (given(node, "bit") && given(node, "bits"))
        return schema_fail(reader, CODE(BITS), schema_pos(node, "bits"), NULL,
                           "\"bit\" and \"bits\" exclude each other");
    if (point->bit_low < 0)
        return true;
    if (given(node, "bit"))
        point->bit_high = point->bit_low;
    if (!value_type_is_integer(point->type))
        return schema_fail(reader, CODE(BITS), schema_pos(node, key), NULL,
                           "only integers have bits");
    if (point->bit_high >= width)
        return schema_fail(reader, CODE(BITS), schema_pos(node, key), NULL,
                           "bit %lld is beyond the %d bits of the value",
                           (long long)point->bit_high, width);
    return true;
}

static const struct node *element(const struct node *node, size_t i)
{
    return node->kind == NODE_LIST ? &node->children[i] : node;
}

/* Sentinels are written as numbers of the type (-32768) or as patterns (0x8000). */
static bool check_invalid(struct reader *reader, const struct node *node,
                          struct point_settings *point)
{
    const struct node *invalid = node_member(node, "invalid");
    int bits = value_type_registers(point->type) * REGISTER_BITS;

    if (invalid == NULL)
        return true;
    if (bits == 0)
        return section_refuse(reader, node, "invalid", "for a string");
    for (size_t i = 0; i < point->invalid_count; i++) {
        int64_t value = (int64_t)point->invalid[i];
        int64_t low = bits == 64 ? INT64_MIN : -(INT64_C(1) << (bits - 1));
        int64_t high = bits == 64 ? INT64_MAX : (INT64_C(1) << bits) - 1;

        if (value < low || value > high)
            return schema_fail(reader, CODE(SENTINEL), element(invalid, i)->pos, NULL,
                               "this pattern does not fit in %d bits", bits);
        if (bits < 64)
            point->invalid[i] = (uint64_t)value & ((UINT64_C(1) << bits) - 1);
    }
    return true;
}

static bool check_modbus(struct reader *reader, const struct node *node,
                         const struct profile_settings *profile,
                         struct point_settings *point)
{
    static const char *const mqtt_keys[] = {"topic", "path",         "time",     "on",
                                            "off",   "expect_every", "sequence", NULL};
    bool ok = refuse(reader, node, mqtt_keys, "for a Modbus point");

    if (!check_table(reader, profile, point) || !check_type(reader, node, point) ||
        !check_width(reader, node, point))
        return false;
    ok = check_order(reader, node, point) && ok;
    ok = check_bits(reader, node, point) && ok;
    return check_invalid(reader, node, point) && ok;
}

/* ---- MQTT ---- */

static bool check_mqtt(struct reader *reader, const struct node *node,
                       struct point_settings *point)
{
    static const char *const modbus_keys[] = {"order",   "registers", "bit", "bits",
                                              "invalid", "poll",      NULL};
    static const char *const number_keys[] = {"scale",   "offset", "range", "counter",
                                              "modulus", "enum",   NULL};
    bool words = given(node, "on") || given(node, "off");
    bool ok = refuse(reader, node, modbus_keys,
                     "for a point without coil, discrete, input or holding");

    if (!given(node, "type"))
        point->type = words ? TYPE_BOOL : TYPE_NUMBER;
    if (point->type != TYPE_BOOL && point->type != TYPE_NUMBER &&
        point->type != TYPE_STRING)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"), NULL,
                           "an MQTT point is \"number\", \"bool\" or \"string\"");
    if (words && point->type != TYPE_BOOL)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"), NULL,
                           "\"on\" and \"off\" are for type \"bool\"");
    if (point->type == TYPE_BOOL)
        ok = refuse(reader, node, number_keys, "for a \"bool\"") && ok;
    if (given(node, "time") && !given(node, "path"))
        ok = schema_fail(reader, CODE(REQUIRED), schema_pos(node, "time"), NULL,
                         "\"time\" is in a JSON payload, so \"path\" must be given");
    return ok;
}

/* ---- both ---- */

static bool check_value(struct reader *reader, const struct node *node,
                        const struct point_settings *point)
{
    static const char *const string_keys[] = {"scale",   "offset", "range", "counter",
                                              "modulus", "enum",   NULL};
    bool countable =
        !is_single_bit(point) && point->label_count == 0 && point->type != TYPE_BOOL;

    if (point->type == TYPE_STRING)
        return refuse(reader, node, string_keys, "for a string");
    if (point->scale == 0)
        return schema_fail(reader, CODE(SCALE), schema_pos(node, "scale"), NULL,
                           "a scale of 0 makes every value 0");
    if (point->label_count > 0 && (point->scale != 1 || point->offset != 0))
        return schema_fail(reader, CODE(LABELS), schema_pos(node, "enum"), NULL,
                           "an \"enum\" has codes: no scale and no offset");
    if (point->label_count > 0 && (point->type == TYPE_F32 || point->type == TYPE_F64))
        return schema_fail(reader, CODE(LABELS), schema_pos(node, "enum"), NULL,
                           "an \"enum\" needs an integer");
    if (point->counter && !countable)
        return schema_fail(reader, CODE(COUNTER), schema_pos(node, "counter"), NULL,
                           "only a number can be a counter");
    if (given(node, "modulus") && !point->counter)
        return schema_fail(reader, CODE(COUNTER), schema_pos(node, "modulus"),
                           "add counter = true", "\"modulus\" is for a counter");
    return true;
}

static bool check_stale(struct reader *reader, const struct node *node,
                        struct point_settings *point)
{
    int64_t usual = STALE_PERIODS * point->poll_ms;

    if (point->stale_after_ms < 0) {
        point->stale_after_ms = point->poll_ms == 0    ? 0
                                : usual > STALE_MIN_MS ? usual
                                                       : STALE_MIN_MS;
        return true;
    }
    if (point->stale_after_ms >= point->poll_ms)
        return true;
    return schema_fail(reader, CODE(STALE), schema_pos(node, "stale_after"), NULL,
                       "\"stale_after\" is shorter than the period of the point");
}

bool point_check(struct reader *reader, const struct node *node,
                 const struct profile_settings *profile, struct point_settings *point)
{
    bool ok = profile->mqtt ? check_mqtt(reader, node, point)
                            : check_modbus(reader, node, profile, point);

    return ok && check_value(reader, node, point) && check_stale(reader, node, point);
}
