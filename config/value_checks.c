/* value_checks.c - what a value means, checked key against key; see point_checks.h. */
#include "config/codes.h"
#include "config/labels.h"
#include "config/names.h"
#include "config/point_checks.h"
#include "config/sections.h"

enum {
    REGISTER_BITS = 16,
    EXACT_BITS = 53, /* that a double holds: a sample is one */
};

static bool given(const struct node *node, const char *key)
{
    return node_member(node, key) != NULL;
}

int point_bits(const struct point_settings *point)
{
    if (point->bit_low >= 0)
        return (int)(point->bit_high - point->bit_low + 1);
    if (point->type == TYPE_NUMBER)
        return EXACT_BITS;
    return value_type_registers(point->type) * REGISTER_BITS;
}

static bool has_labels(const struct point_body *point)
{
    return point->settings.label_count > 0 || point->labels.name != NULL;
}

static bool has_flags(const struct point_body *point)
{
    return point->settings.flag_count > 0 || point->flags.name != NULL;
}

static bool is_scaled(const struct point_body *point)
{
    return point->settings.scale != 1 || point->settings.offset != 0 ||
           point->time_count > 0 || point->exponent.name != NULL ||
           point->factor.name != NULL || point->settings.plus.given;
}

/* ---- names of codes and bits ---- */

static bool check_labels(struct reader *reader, const struct node *node,
                         const struct point_body *point)
{
    bool flags = has_flags(point);
    const char *key = flags ? "flags" : "enum";
    const struct enum_settings *beyond;

    if (!flags && !has_labels(point))
        return true;
    if (flags && has_labels(point))
        return schema_fail(reader, CODE(LABELS), schema_pos(node, "flags"), NULL,
                           "\"enum\" and \"flags\" exclude each other");
    if (is_scaled(point))
        return schema_fail(reader, CODE(LABELS), schema_pos(node, key), NULL,
                           "\"%s\" names %s: no scale and no offset", key,
                           flags ? "bits" : "codes");
    if (point->settings.type == TYPE_F32 || point->settings.type == TYPE_F64)
        return schema_fail(reader, CODE(LABELS), schema_pos(node, key), NULL,
                           "\"%s\" needs an integer", key);
    beyond = labels_beyond(point->settings.flags, point->settings.flag_count,
                           point_bits(&point->settings) < EXACT_BITS
                               ? point_bits(&point->settings)
                               : EXACT_BITS);
    if (beyond != NULL)
        return schema_fail(reader, CODE(LABELS), schema_pos(node, "flags"), NULL,
                           "the value has no bit %lld (\"%s\")", (long long)beyond->code,
                           beyond->name);
    return true;
}

/* ---- counters ---- */

static bool check_counter(struct reader *reader, const struct node *node,
                          const struct point_body *point)
{
    static const char *const keys[] = {"modulus", "max_rate", "resets"};
    const struct point_settings *settings = &point->settings;
    bool single = settings->bit_low >= 0 && settings->bit_low == settings->bit_high;
    bool countable =
        !single && !has_labels(point) && !has_flags(point) && settings->type != TYPE_BOOL;

    if (settings->counter && !countable)
        return schema_fail(reader, CODE(COUNTER), schema_pos(node, "counter"), NULL,
                           "only a number can be a counter");
    for (size_t i = 0; !settings->counter && i < sizeof keys / sizeof keys[0]; i++)
        if (given(node, keys[i]))
            return schema_fail(reader, CODE(COUNTER), schema_pos(node, keys[i]),
                               "add counter = true", "\"%s\" is for a counter", keys[i]);
    return true;
}

/* ---- parts of the raw value ---- */

static bool check_parts(struct reader *reader, const struct node *node,
                        struct point_body *point)
{
    const char *key = given(node, "quotient") ? "quotient" : "remainder";

    if (point->quotient == 0 && point->remainder == 0)
        return true;
    if (point->quotient != 0 && point->remainder != 0)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, "remainder"),
                           "two points can read the same register",
                           "\"quotient\" and \"remainder\" exclude each other");
    if (point->settings.plus.given || point->settings.type == TYPE_F32 ||
        point->settings.type == TYPE_F64)
        return schema_fail(reader, CODE(VALUE_TYPE), schema_pos(node, key), NULL,
                           "\"%s\" needs one integer", key);
    point->settings.quotient = (uint64_t)point->quotient;
    point->settings.remainder = (uint64_t)point->remainder;
    return true;
}

/* ---- what is stored ---- */

static bool check_store(struct reader *reader, const struct node *node,
                        const struct point_body *point)
{
    static const char *const series_keys[] = {"deadband", "heartbeat", NULL};

    if (point->settings.store)
        return true;
    return point_refuse(reader, node, series_keys, "without a series");
}

bool point_check_value(struct reader *reader, const struct node *node,
                       struct point_body *point)
{
    static const char *const string_keys[] = {
        "scale",    "offset", "range",    "counter",  "modulus",   "enum",
        "flags",    "times",  "exponent", "factor",   "quotient",  "remainder",
        "max_rate", "resets", "plus",     "deadband", "heartbeat", NULL};
    bool ok;

    if (point->settings.type == TYPE_STRING)
        return point_refuse(reader, node, string_keys, "for a string");
    if (point->settings.scale == 0)
        return schema_fail(reader, CODE(SCALE), schema_pos(node, "scale"), NULL,
                           "a scale of 0 makes every value 0");
    ok = check_labels(reader, node, point);
    ok = check_counter(reader, node, point) && ok;
    ok = check_parts(reader, node, point) && ok;
    return check_store(reader, node, point) && ok;
}
