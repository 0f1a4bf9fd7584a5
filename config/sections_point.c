/* sections_point.c - the points of a profile: their rows, and reading them; see
 * sections.h. One key: sections_where.c, sections_meaning.c. What must fit together:
 * point_checks.c. */
#include "base/map.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/config.h"
#include "config/each.h"
#include "config/names.h"
#include "config/point_checks.h"
#include "config/point_rows.h"
#include "config/sections.h"

#include <math.h>
#include <string.h>

static schema_parse skip_each;

#define DRAFT struct point_body

/* clang-format off */
static const struct schema_row point_rows[] = {
    CONFIG_CHECKED(DRAFT, settings.name, "name", CONFIG_REQUIRED, check_point_name,
                   "What rules and series call it; never change it."),
    CONFIG_SECTION("title", CONFIG_OPTIONAL, point_read_title, "group", &title_section,
                   "What people read instead of the name."),
    CONFIG_STRING(DRAFT, settings.unit, "unit", CONFIG_OPTIONAL,
                  "Of the value: \"kWh\", \"m3/h\"."),
    CONFIG_CUSTOM("coil", CONFIG_OPTIONAL, point_read_address, "address",
                  "Modbus: its address, as it travels in the request, counted from 0 (see "
                  "`base`); a formula over the parameters of the profile, such as "
                  "\"(loop - 1) * 400 + 12\"; or a list, one for each register of the "
                  "value, the first word first. A point has exactly one of coil, "
                  "discrete, input, holding."),
    CONFIG_CUSTOM("discrete", CONFIG_OPTIONAL, point_read_address, "address",
                  "Modbus: a discrete input."),
    CONFIG_CUSTOM("input", CONFIG_OPTIONAL, point_read_address, "address",
                  "Modbus: an input register, or the first of several."),
    CONFIG_CUSTOM("holding", CONFIG_OPTIONAL, point_read_address, "address",
                  "Modbus: a holding register, or the first of several."),
    CONFIG_CUSTOM("each", CONFIG_OPTIONAL, skip_each, "(\"n\", first, last)",
                  "A row of like points: `{n}` in any text is the number, and `n` in a "
                  "formula."),
    CONFIG_CHOICE(DRAFT, settings.type, "type", CONFIG_OPTIONAL, value_type_words,
                  "bool for coils and discrete inputs, else u16 when not given. bcd: four "
                  "decimal digits a register; m10k: registers of 0 to 9999. MQTT: number "
                  "(default), bool or string."),
    CONFIG_CHOICE(DRAFT, settings.order, "order", CONFIG_OPTIONAL, word_order_words,
                  "Modbus: order of the bytes; the profile's when not given."),
    CONFIG_INT(DRAFT, settings.registers, "registers", CONFIG_OPTIONAL, 1, 125,
               "Modbus: length of a string, two characters each."),
    CONFIG_INT(DRAFT, settings.bit_low, "bit", CONFIG_OPTIONAL, 0, 63,
               "Modbus: one bit of an integer, 0 the lowest."),
    CONFIG_CUSTOM("bits", CONFIG_OPTIONAL, point_read_bits, "(low, high)",
                  "Modbus: several bits of an integer."),
    CONFIG_SECTION("plus", CONFIG_OPTIONAL, point_read_plus, "group", &plus_section,
                   "Modbus: a second part that is added before scaling."),
    CONFIG_INT(DRAFT, quotient, "quotient", CONFIG_OPTIONAL, 2, 4294967296,
               "Modbus: how often this goes into the raw value: a code in hundreds."),
    CONFIG_INT(DRAFT, remainder, "remainder", CONFIG_OPTIONAL, 2, 4294967296,
               "Modbus: what is left of the raw value then: a code below hundred."),
    CONFIG_CHECKED(DRAFT, settings.topic, "topic", CONFIG_OPTIONAL, check_topic,
                   "MQTT: appended to the topic of the equipment with '/'."),
    CONFIG_STRING(DRAFT, settings.path, "path", CONFIG_OPTIONAL,
                   "MQTT: where in a JSON payload, such as \"flow.value\", "
                   "\"sensors[0].value\", \"sensors[id=28-0316].value\" or "
                   "\"values[*].p_l1\" (the last element that has one); the payload "
                   "itself when not given. With Sparkplug B the name of the metric, the "
                   "point's own when not given."),
    CONFIG_CHECKED(DRAFT, settings.time, "time", CONFIG_OPTIONAL, check_json_path,
                   "MQTT: where in the JSON payload its time stamp is; the profile's when not "
                   "given, else the time of arrival."),
    CONFIG_CHECKED(DRAFT, settings.sequence, "sequence", CONFIG_OPTIONAL,
                   check_json_path,
                   "MQTT: where in the JSON payload the number of the message is: one that "
                   "repeats topic, time or number, and payload is dropped. The profile's when not "
                   "given."),
    CONFIG_CUSTOM("on", CONFIG_OPTIONAL, point_read_on, "text or list of texts",
                  "MQTT: words that mean true; the usual ones when not given."),
    CONFIG_CUSTOM("off", CONFIG_OPTIONAL, point_read_off, "text or list of texts",
                  "MQTT: words that mean false."),
    CONFIG_DOUBLE(DRAFT, settings.scale, "scale", "1", -1e15, 1e15,
                  "value = (raw + plus) * scale * times * 10^exponent * factor + offset."),
    CONFIG_CUSTOM("offset", CONFIG_OPTIONAL, point_read_offset, "number or name",
                  "Added to the scaled value: a number, or a parameter of the profile (what the "
                  "dial of a meter showed when its pulses began to be counted)."),
    CONFIG_CUSTOM("times", CONFIG_OPTIONAL, point_read_times, "text or list of texts",
                  "Multipliers: parameters of the profile, and (Modbus) points of it."),
    CONFIG_CUSTOM("exponent", CONFIG_OPTIONAL, point_read_exponent, "text",
                  "Modbus: a point or parameter that holds an exponent of ten, with a sign "
                  "and a correction: \"-decimals\", \"total_mult - 3\"."),
    CONFIG_SECTION("factor", CONFIG_OPTIONAL, point_read_factor, "group", &factor_section,
                   "Modbus: a factor that another register chooses."),
    CONFIG_CUSTOM("enum", CONFIG_OPTIONAL, point_read_enum,
                  "((code, \"name\"), ...), or the id of a table",
                  "What the codes mean; rules compare with the names."),
    CONFIG_CUSTOM("flags", CONFIG_OPTIONAL, point_read_flags,
                  "((bit, \"name\"), ...), or the id of a table",
                  "What the bits mean; shown as a list of those that are set."),
    CONFIG_CUSTOM("invalid", CONFIG_OPTIONAL, point_read_invalid,
                  "integer or list of integers",
                  "Modbus: raw patterns that mean \"no value\", such as 0xFFFF; the "
                  "profile's for the type when not given, none when ()."),
    CONFIG_CUSTOM("range", CONFIG_OPTIONAL, point_read_range, "(low, high)",
                  "Where the scaled value can lie; outside it is bad."),
    CONFIG_BOOL(DRAFT, settings.counter, "counter", "false", "It only grows."),
    CONFIG_DOUBLE(DRAFT, settings.modulus, "modulus", CONFIG_OPTIONAL, 1e-9, 1e300,
                  "The value at which a counter begins at 0 again, after scaling; times the "
                  "parameters among `times`."),
    CONFIG_DOUBLE(DRAFT, settings.max_rate, "max_rate", CONFIG_OPTIONAL, 1e-9, 1e300,
                  "What a counter can grow in an hour; more is a misreading until three "
                  "readings agree."),
    CONFIG_BOOL(DRAFT, settings.resets, "resets", "false",
                "The counter may begin at 0 at any time."),
    CONFIG_CUSTOM("poll", CONFIG_OPTIONAL, point_read_poll, "duration or class",
                  "Modbus: its period, \"10s\", or one of the classes \"fast\", "
                  "\"normal\", \"slow\", \"daily\"; the profile's when not given."),
    CONFIG_DURATION(DRAFT, poll.ms, "expect_every", CONFIG_OPTIONAL, 100,
                    35 * CONFIG_DAY,
                    "MQTT: how often it is reported; the profile's when not given."),
    CONFIG_DURATION(DRAFT, settings.stale_after_ms, "stale_after", CONFIG_OPTIONAL,
                    100, 366 * CONFIG_DAY,
                    "Older readings are not in force. Three periods and at least 10s when "
                    "not given; never for what is reported on change."),
    CONFIG_BOOL(DRAFT, settings.store, "store", "true",
                "false writes no series: for helper registers."),
    CONFIG_CUSTOM("deadband", CONFIG_OPTIONAL, point_read_deadband,
                  "number, or \"1%\"",
                  "A reading goes into the series when it differs from the last written "
                  "one by so much. Rules and pages see every reading."),
    CONFIG_DURATION(DRAFT, settings.heartbeat_ms, "heartbeat", CONFIG_OPTIONAL,
                    CONFIG_S, 7 * CONFIG_DAY,
                    "A reading is written at least so often; without `deadband` whenever it "
                    "changes, and so often."),
    CONFIG_REFUSED("address", "name the table: holding = 0, input = 0, coil = 0, discrete = 0"),
    CONFIG_REFUSED("register", "name the table: holding = 0 or input = 0"),
    CONFIG_REFUSED("interval", "the key is \"poll\""),
    CONFIG_REFUSED("multiplier", "the key is \"scale\""),
    CONFIG_REFUSED("multiplier_of", "the key is \"times\""),
    CONFIG_REFUSED("decimals", "the key is \"exponent\": exponent = \"-decimals\""),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section point_section = {
    .name = "point",
    .path = "points",
    .id_key = "name",
    .rows = point_rows,
    .doc = "One measured quantity of a profile.",
};

static bool skip_each(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    (void)reader;
    (void)scope;
    (void)row;
    (void)node;
    (void)out;
    return true; /* read before the point is: read_row */
}

static struct point_body unset_point(const struct profile_body *profile)
{
    return (struct point_body){
        .settings = {.name = "",
                     .unit = "",
                     .topic = "",
                     .path = "",
                     .time = "",
                     .sequence = "",
                     .order = profile->settings.order,
                     .bit_low = -1,
                     .bit_high = -1,
                     .exponent = POINT_NOBODY,
                     .exponent_sign = 1,
                     .factor = POINT_NOBODY,
                     .range_low = -INFINITY,
                     .range_high = INFINITY,
                     .stale_after_ms = -1}, /* not given */
        .poll = profile->poll,
    };
}

static bool read_point(struct reader *reader, const struct scope *scope,
                       const struct node *node, const struct profile_body *profile,
                       struct point_body *point)
{
    bool ok = schema_read(reader, &point_section, scope, node, point);

    point->settings.pos = schema_id_pos(&point_section, node);
    if (node->kind == NODE_GROUP) {
        point->stale_pos = schema_pos(node, "stale_after");
        point->path_pos = schema_pos(node, "path");
    }
    /* What is missing or out of place may be one of the keys that were not understood:
     * no second message for the same mistake. */
    return ok && point_check(reader, node, profile, point);
}

/* ---- rows of like points ---- */

static bool check_row(struct reader *reader, const struct node *node,
                      const struct each *each)
{
    const struct node *name = node_member(node, "name");

    if (name != NULL && name->kind == NODE_STRING && !each_in_text(each, name->string))
        return schema_fail(reader, CODE(EACH), name->pos,
                           arena_format(reader->arena, "such as \"%.32s_{%s}\"",
                                        name->string, each->name),
                           "the name of a row of points needs {%s}", each->name);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *member = &node->children[i];

        if (point_table(member->name) != TABLE_NONE && member->kind == NODE_INT)
            return schema_fail(reader, CODE(EACH), member->pos,
                               arena_format(reader->arena, "such as %s = \"%lld + %s\"",
                                            member->name, (long long)member->integer,
                                            each->name),
                               "all points of the row would have one address");
    }
    return true;
}

/* The row of a node; one point when it is none. */
static bool row_of(struct reader *reader, const struct scope *scope,
                   const struct node *node, struct profile_body *profile,
                   struct each *each)
{
    const struct node *key = node->kind == NODE_GROUP ? node_member(node, "each") : NULL;
    size_t count;

    *each = (struct each){.name = NULL};
    if (key == NULL)
        return true;
    if (!each_read(reader, scope, key, each) || !check_row(reader, node, each))
        return false;
    count = (size_t)(each->last - each->first) + 1;
    profile->rows_used += count;
    if (profile->rows_used > EACH_ROWS_MAX)
        return schema_fail(reader, CODE(TOO_MANY), key->pos, NULL,
                           "the rows of a profile become more than %d points",
                           EACH_ROWS_MAX);
    return true;
}

static void *new_point(struct reader *reader, struct vector *points,
                       const struct profile_body *profile)
{
    struct point_body *point =
        vector_add(reader->arena, points, sizeof *point, CONFIG_POINTS_MAX);

    *point = unset_point(profile);
    return point;
}

/* A mistake in a row is said once, not for each of its points. */
static bool read_row(struct reader *reader, const struct scope *scope,
                     const struct node *node, struct profile_body *profile,
                     struct vector *points)
{
    struct each each;

    if (!row_of(reader, scope, node, profile, &each))
        return false;
    if (each.name == NULL)
        return read_point(reader, scope, node, profile,
                          new_point(reader, points, profile));
    for (int64_t i = each.first; i <= each.last; i++) {
        const struct node *copy = each_point(reader->arena, node, &each, i);
        struct point_body *point = new_point(reader, points, profile);

        point->number = (struct reference){each.name, node->pos};
        point->number_value = i;
        if (!read_point(reader, scope, copy, profile, point))
            return false;
    }
    return true;
}

bool section_read_points(struct reader *reader, const struct scope *scope,
                         const struct node *list, struct profile_body *profile,
                         struct points_body *points)
{
    struct vector read = {0};
    bool ok = true;

    for (size_t i = 0; i < list->count; i++)
        if (!read_row(reader, scope, &list->children[i], profile, &read))
            ok = false;
    points->count = read.count;
    points->points = arena_array(reader->arena, read.count, sizeof *points->points);
    if (read.count > 0)
        memcpy(points->points, read.items, read.count * sizeof *points->points);
    arena_release(reader->arena, read.items);
    return ok;
}
