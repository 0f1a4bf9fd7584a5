/* point_checks.c - see point_checks.h. */
#include "config/point_checks.h"

#include "config/codes.h"
#include "config/names.h"
#include "config/point_rows.h"
#include "config/sections.h"

#include <string.h>

enum {
    REGISTER_BITS = 16,
};

static bool given(const struct node *node, const char *key)
{
    return node_member(node, key) != NULL;
}

bool point_refuse(struct reader *reader, const struct node *node, const char *const *keys,
                  const char *why)
{
    bool ok = true;

    for (; *keys != NULL; keys++)
        if (!section_refuse(reader, node, *keys, why))
            ok = false;
    return ok;
}

/* ---- Modbus ---- */

static bool is_bit_table(const struct point_settings *point)
{
    return point->table == TABLE_COIL || point->table == TABLE_DISCRETE;
}

static bool check_type(struct reader *reader, const struct node *node,
                       struct point_settings *point)
{
    static const char *const bit_keys[] = {
        "order",   "bit",     "bits",     "scale",  "offset",   "range",    "invalid",
        "counter", "modulus", "plus",     "times",  "exponent", "quotient", "remainder",
        "factor",  "flags",   "max_rate", "resets", NULL};

    if (point->table == TABLE_NONE)
        return schema_fail(reader, CODE(TABLE), point->pos, NULL,
                           "point \"%s\" needs one of coil, discrete, input, holding",
                           point->name);
    if (!given(node, "type"))
        point->type = is_bit_table(point) ? TYPE_BOOL : TYPE_U16;
    if (is_bit_table(point)) {
        if (point->type != TYPE_BOOL)
            return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "type"), NULL,
                               "a coil or discrete input is \"bool\"");
        return point_refuse(reader, node, bit_keys, "for a coil or discrete input");
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

/* A list of addresses has one for each register. */
static bool check_words(struct reader *reader, const struct node *node,
                        const struct point_body *point)
{
    static const char *const names[] = {
        [TABLE_COIL] = "coil",
        [TABLE_DISCRETE] = "discrete",
        [TABLE_INPUT] = "input",
        [TABLE_HOLDING] = "holding",
    };
    const struct point_settings *settings = &point->settings;
    struct config_pos pos = schema_pos(node, names[settings->table]);

    if (point->word_count == 1)
        return true;
    if (is_bit_table(settings) || settings->type == TYPE_STRING)
        return schema_fail(reader, CODE(WORDS), pos, NULL,
                           "a list of addresses is for a number of several registers");
    if ((int64_t)point->word_count != settings->registers)
        return schema_fail(reader, CODE(WORDS), pos, NULL,
                           "%zu addresses for the %lld registers of the type",
                           point->word_count, (long long)settings->registers);
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
    point->registers = is_bit_table(point) ? 1 : registers;
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

static bool check_invalid(struct reader *reader, const struct node *node,
                          const struct profile_body *profile,
                          struct point_settings *point)
{
    const struct node *key = node_member(node, "invalid");
    const struct invalid_body *usual = &profile->invalid[point->type];

    if (key == NULL) {
        if (usual->given) {
            memcpy(point->invalid, usual->patterns, sizeof point->invalid);
            point->invalid_count = usual->count;
        }
        return true;
    }
    if (point->type == TYPE_STRING)
        return section_refuse(reader, node, "invalid", "for a string");
    return invalid_fit(reader, key, point->type, point->invalid, point->invalid_count);
}

/* The parts are added as numbers: names of codes and bits have nothing to do with them.
 */
static bool check_plus(struct reader *reader, const struct node *node,
                       struct point_settings *point)
{
    static const char *const keys[] = {"bit", "bits", NULL};
    const struct node *plus = node_member(node, "plus");

    if (plus == NULL || point->type == TYPE_STRING)
        return true;
    if (!given(plus, "order"))
        point->plus.order = point->order;
    return point_refuse(reader, node, keys, "for a value in two parts");
}

static bool check_modbus(struct reader *reader, const struct node *node,
                         const struct profile_body *profile, struct point_body *point)
{
    static const char *const mqtt_keys[] = {"topic", "path",         "time",     "on",
                                            "off",   "expect_every", "sequence", NULL};
    struct point_settings *settings = &point->settings;
    bool ok = point_refuse(reader, node, mqtt_keys, "for a Modbus point");

    if (!check_type(reader, node, settings) || !check_width(reader, node, settings))
        return false;
    ok = check_words(reader, node, point) && ok;
    ok = check_order(reader, node, settings) && ok;
    ok = check_bits(reader, node, settings) && ok;
    ok = check_plus(reader, node, settings) && ok;
    return check_invalid(reader, node, profile, settings) && ok;
}

/* ---- MQTT ---- */

static bool check_payload(struct reader *reader, const struct node *node,
                          const struct profile_body *profile,
                          struct point_settings *point)
{
    static const char *const keys[] = {"time", "sequence"};
    bool ok = true;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (given(node, keys[i]) && !given(node, "path"))
            ok = schema_fail(reader, CODE(REQUIRED), schema_pos(node, keys[i]), NULL,
                             "\"%s\" is in a JSON payload, so \"path\" must be given",
                             keys[i]);
    if (!given(node, "path"))
        return ok;
    if (!given(node, "time"))
        point->time = profile->time;
    if (!given(node, "sequence"))
        point->sequence = profile->sequence;
    return ok;
}

static bool check_mqtt(struct reader *reader, const struct node *node,
                       const struct profile_body *profile, struct point_settings *point)
{
    static const char *const modbus_keys[] = {
        "order", "registers", "bit",       "bits",   "invalid",  "poll",
        "plus",  "quotient",  "remainder", "factor", "exponent", NULL};
    static const char *const number_keys[] = {"scale",   "offset",   "range", "counter",
                                              "modulus", "enum",     "flags", "times",
                                              "resets",  "max_rate", NULL};
    bool words = given(node, "on") || given(node, "off");
    bool ok = point_refuse(reader, node, modbus_keys,
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
        ok = point_refuse(reader, node, number_keys, "for a \"bool\"") && ok;
    return check_payload(reader, node, profile, point) && ok;
}

bool point_check(struct reader *reader, const struct node *node,
                 const struct profile_body *profile, struct point_body *point)
{
    bool ok = profile->settings.mqtt ? check_mqtt(reader, node, profile, &point->settings)
                                     : check_modbus(reader, node, profile, point);

    return ok && point_check_value(reader, node, point);
}
