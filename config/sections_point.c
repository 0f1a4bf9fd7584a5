/* sections_point.c - the points of a profile: rows and reading; see sections.h. What must
 * fit together: point_checks.c. */
#include "base/map.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/point_checks.h"
#include "config/sections.h"

#include <math.h>
#include <string.h>

enum {
    ADDRESS_MAX = 65535,
    LABELS_MAX = 1000, /* of one point; fault code tables have hundreds */
};

static schema_parse read_title, read_address, read_bits, read_on, read_off, read_labels,
    read_invalid, read_range;

/* clang-format off */
static const struct schema_row point_rows[] = {
    CONFIG_CHECKED(struct point_settings, name, "name", CONFIG_REQUIRED, check_point_name,
                   "What rules and series call it; never change it."),
    CONFIG_SECTION("title", CONFIG_OPTIONAL, read_title, "group", &title_section,
                   "What people read instead of the name."),
    CONFIG_STRING(struct point_settings, unit, "unit", CONFIG_OPTIONAL,
                  "Of the value: \"kWh\", \"m3/h\"."),
    CONFIG_CUSTOM("coil", CONFIG_OPTIONAL, read_address, "address",
                  "Modbus: its address, as it travels in the request, counted from 0 (see "
                  "`base`). A point has exactly one of coil, discrete, input, holding."),
    CONFIG_CUSTOM("discrete", CONFIG_OPTIONAL, read_address, "address",
                  "Modbus: a discrete input."),
    CONFIG_CUSTOM("input", CONFIG_OPTIONAL, read_address, "address",
                  "Modbus: an input register, or the first of several."),
    CONFIG_CUSTOM("holding", CONFIG_OPTIONAL, read_address, "address",
                  "Modbus: a holding register, or the first of several."),
    CONFIG_CHOICE(struct point_settings, type, "type", CONFIG_OPTIONAL, value_type_words,
                  "bool for coils and discrete inputs, else u16 when not given. MQTT: "
                  "number (default), bool or string."),
    CONFIG_CHOICE(struct point_settings, order, "order", CONFIG_OPTIONAL, word_order_words,
                  "Modbus: order of the bytes; the profile's when not given."),
    CONFIG_INT(struct point_settings, registers, "registers", CONFIG_OPTIONAL, 1, 125,
               "Modbus: length of a string, two characters each."),
    CONFIG_INT(struct point_settings, bit_low, "bit", CONFIG_OPTIONAL, 0, 63,
               "Modbus: one bit of an integer, 0 the lowest."),
    CONFIG_CUSTOM("bits", CONFIG_OPTIONAL, read_bits, "(low, high)",
                  "Modbus: several bits of an integer."),
    CONFIG_CHECKED(struct point_settings, topic, "topic", CONFIG_OPTIONAL, check_topic,
                   "MQTT: appended to the topic of the equipment with '/'."),
    CONFIG_CHECKED(struct point_settings, path, "path", CONFIG_OPTIONAL, check_json_path,
                   "MQTT: where in a JSON payload, such as \"flow.value\"; the payload "
                   "itself when not given."),
    CONFIG_CHECKED(struct point_settings, time, "time", CONFIG_OPTIONAL, check_json_path,
                   "MQTT: where in the JSON payload its time stamp is; time of arrival "
                   "when not given."),
    CONFIG_CHECKED(struct point_settings, sequence, "sequence", CONFIG_OPTIONAL,
                   check_json_path,
                   "MQTT: where in the JSON payload the number of the message is: one that "
                   "repeats topic, time or number, and payload is dropped."),
    CONFIG_CUSTOM("on", CONFIG_OPTIONAL, read_on, "text or list of texts",
                  "MQTT: words that mean true; the usual ones when not given."),
    CONFIG_CUSTOM("off", CONFIG_OPTIONAL, read_off, "text or list of texts",
                  "MQTT: words that mean false."),
    CONFIG_DOUBLE(struct point_settings, scale, "scale", "1", -1e15, 1e15,
                  "value = raw * scale + offset."),
    CONFIG_DOUBLE(struct point_settings, offset, "offset", "0", -1e15, 1e15,
                  "value = raw * scale + offset."),
    CONFIG_CUSTOM("enum", CONFIG_OPTIONAL, read_labels, "((code, \"name\"), ...)",
                  "What the codes mean; rules compare with the names."),
    CONFIG_CUSTOM("invalid", CONFIG_OPTIONAL, read_invalid, "integer or list of integers",
                  "Modbus: raw patterns that mean \"no value\", such as 0xFFFF."),
    CONFIG_CUSTOM("range", CONFIG_OPTIONAL, read_range, "(low, high)",
                  "Where the scaled value can lie; outside it is bad."),
    CONFIG_BOOL(struct point_settings, counter, "counter", "false", "It only grows."),
    CONFIG_DOUBLE(struct point_settings, modulus, "modulus", CONFIG_OPTIONAL, 1e-9, 1e300,
                  "The value at which a counter begins at 0 again, after scaling."),
    CONFIG_DURATION(struct point_settings, poll_ms, "poll", CONFIG_OPTIONAL, 100,
                    7 * CONFIG_DAY, "Modbus: its period; the profile's when not given."),
    CONFIG_DURATION(struct point_settings, poll_ms, "expect_every", CONFIG_OPTIONAL, 100,
                    35 * CONFIG_DAY,
                    "MQTT: how often it is reported; the profile's when not given."),
    CONFIG_DURATION(struct point_settings, stale_after_ms, "stale_after", CONFIG_OPTIONAL,
                    100, 366 * CONFIG_DAY,
                    "Older readings are not in force. Three periods and at least 10s when "
                    "not given; never for what is reported on change."),
    CONFIG_REFUSED("address", "name the table: holding = 0, input = 0, coil = 0, discrete = 0"),
    CONFIG_REFUSED("register", "name the table: holding = 0 or input = 0"),
    CONFIG_REFUSED("interval", "the key is \"poll\""),
    CONFIG_REFUSED("multiplier", "the key is \"scale\""),
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

static bool read_title(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;

    (void)row;
    return section_title(reader, scope, node, &point->title_en, &point->title_zh);
}

static enum modbus_table table_of(const char *key)
{
    static const char *const keys[] = {
        [TABLE_NONE] = "",
        [TABLE_COIL] = "coil",
        [TABLE_DISCRETE] = "discrete",
        [TABLE_INPUT] = "input",
        [TABLE_HOLDING] = "holding",
    };

    for (int table = TABLE_COIL; table <= TABLE_HOLDING; table++)
        if (strcmp(keys[table], key) == 0)
            return (enum modbus_table)table;
    return TABLE_NONE;
}

bool section_point_is_modbus(const struct node *point)
{
    if (point->kind != NODE_GROUP)
        return false;
    for (size_t i = 0; i < point->count; i++)
        if (table_of(point->children[i].name) != TABLE_NONE)
            return true;
    return false;
}

/* Manuals write 40001 for holding register 0, 30001 for input register 0. */
static void warn_modicon(struct reader *reader, const struct node *node,
                         enum modbus_table table)
{
    static const int first[] = {
        [TABLE_DISCRETE] = 10001, [TABLE_INPUT] = 30001, [TABLE_HOLDING] = 40001};
    int64_t from = table == TABLE_COIL ? 0 : first[table];

    if (from == 0 || node->integer < from || node->integer > from + 9998)
        return;
    config_report_add(reader->report, REPORT_WARNING, CODE(W_MODICON), node->pos,
                      arena_format(reader->arena, "then write %s = %lld", node->name,
                                   (long long)(node->integer - from)),
                      "%lld looks like a reference number of the manual",
                      (long long)node->integer);
}

static bool read_address(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;

    if (!schema_want(reader, scope, row->key, node, NODE_INT))
        return false;
    if (point->table != TABLE_NONE)
        return schema_fail(reader, CODE(TABLE), node->key, NULL,
                           "a point has one of coil, discrete, input, holding");
    point->table = table_of(row->key);
    if (node->integer < 0 || node->integer > ADDRESS_MAX)
        return schema_fail(reader, CODE(ADDRESS), node->pos,
                           node->integer > 400000 && node->integer <= 465536
                               ? "the address in the request counts from 0"
                               : NULL,
                           "a Modbus address is 0 to %d, not %lld", ADDRESS_MAX,
                           (long long)node->integer);
    point->address = (uint16_t)node->integer;
    warn_modicon(reader, node, point->table);
    return true;
}

static bool read_bits(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;

    (void)scope;
    if (node->kind != NODE_LIST || node->count != 2 ||
        node->children[0].kind != NODE_INT || node->children[1].kind != NODE_INT)
        return schema_fail(reader, CODE(TYPE), node->pos, "such as (8, 11)",
                           "\"%s\" must be two integers", row->key);
    point->bit_low = node->children[0].integer;
    point->bit_high = node->children[1].integer;
    if (point->bit_low < 0 || point->bit_high > 63 || point->bit_low > point->bit_high)
        return schema_fail(reader, CODE(BITS), node->pos,
                           point->bit_low > point->bit_high ? "swap them" : NULL,
                           "\"bits\" are the lowest and the highest, within 0 to 63");
    return true;
}

static bool read_on(struct reader *reader, const struct scope *scope,
                    const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;
    const char **words = NULL;
    bool ok = section_words(reader, scope, row->key, node, &words, &point->on_count);

    point->on = words;
    return ok;
}

static bool read_off(struct reader *reader, const struct scope *scope,
                     const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;
    const char **words = NULL;
    bool ok = section_words(reader, scope, row->key, node, &words, &point->off_count);

    point->off = words;
    return ok;
}

static bool read_label(struct reader *reader, const struct scope *scope,
                       const struct node *node, struct enum_settings *label)
{
    label->name = "";
    if (node->kind != NODE_LIST || node->count != 2 ||
        node->children[0].kind != NODE_INT || node->children[1].kind != NODE_STRING)
        return schema_fail(reader, CODE(LABELS), node->pos, NULL,
                           "an element of \"enum\" is (code, \"name\")");
    label->code = node->children[0].integer;
    if (!schema_text(reader, scope, "enum", &node->children[1], &label->name))
        return false;
    if (label->name[0] == '\0' || strchr(label->name, '\'') != NULL)
        return schema_fail(reader, CODE(LABELS), node->children[1].pos, NULL,
                           "a name in \"enum\" is not empty and has no '");
    return true;
}

/* Codes and names must be told apart. The table is small enough to look through. */
static bool check_label(struct reader *reader, const struct node *node,
                        const struct enum_settings *labels, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (labels[k].code == labels[i].code)
            return schema_fail(reader, CODE(LABELS), node->children[0].pos, NULL,
                               "code %lld is already \"%s\"", (long long)labels[i].code,
                               labels[k].name);
        if (strcmp(labels[k].name, labels[i].name) == 0)
            return schema_fail(reader, CODE(LABELS), node->children[1].pos, NULL,
                               "\"%s\" is already code %lld", labels[i].name,
                               (long long)labels[k].code);
    }
    return true;
}

static bool read_labels(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;
    struct enum_settings *labels;
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    if (node->count == 0 || node->count > LABELS_MAX)
        return schema_fail(reader, CODE(LABELS), node->pos,
                           "such as ((0, \"normal\"), (2, \"inspection\"))",
                           "\"enum\" has 1 to %d elements", LABELS_MAX);
    labels = arena_array(reader->arena, node->count, sizeof *labels);
    for (size_t i = 0; i < node->count; i++)
        if (!read_label(reader, scope, &node->children[i], &labels[i]) ||
            !check_label(reader, &node->children[i], labels, i))
            ok = false;
    point->labels = labels;
    point->label_count = node->count;
    return ok;
}

static bool read_invalid(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;
    bool list = node->kind == NODE_LIST;
    size_t count = list ? node->count : 1;

    if (count == 0 || count > POINT_INVALID_MAX)
        return schema_fail(reader, CODE(SENTINEL), node->pos, NULL,
                           "\"invalid\" has 1 to %d elements", POINT_INVALID_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct node *element = list ? &node->children[i] : node;

        if (!schema_want(reader, scope, row->key, element, NODE_INT))
            return false;
        point->invalid[i] = (uint64_t)element->integer;
    }
    point->invalid_count = count;
    return true;
}

static bool read_range(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    struct point_settings *point = out;

    return section_range(reader, scope, row->key, node, &point->range_low,
                         &point->range_high);
}

/* ---- all points of a profile ---- */

static struct point_settings unset_point(const struct profile_settings *profile)
{
    return (struct point_settings){
        .name = "",
        .unit = "",
        .topic = "",
        .path = "",
        .time = "",
        .sequence = "",
        .order = profile->order,
        .bit_low = -1,
        .bit_high = -1,
        .store = true,
        .exponent = POINT_NOBODY,
        .exponent_sign = 1,
        .factor = POINT_NOBODY,
        .range_low = -INFINITY,
        .range_high = INFINITY,
        .poll_ms = profile->poll_ms,
        .stale_after_ms = -1, /* not given */
    };
}

static bool read_point(struct reader *reader, const struct scope *scope,
                       const struct node *node, const struct profile_settings *profile,
                       struct point_settings *point)
{
    bool ok;

    *point = unset_point(profile);
    ok = schema_read(reader, &point_section, scope, node, point);
    point->pos = schema_id_pos(&point_section, node);
    /* What is missing or out of place may be one of the keys that were not understood:
     * no second message for the same mistake. */
    return ok && point_check(reader, node, profile, point);
}

bool section_read_points(struct reader *reader, const struct scope *scope,
                         const struct node *list, struct profile_settings *profile)
{
    struct map *names = map_new();
    bool ok = true;

    profile->points = arena_array(reader->arena, list->count, sizeof *profile->points);
    profile->point_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct point_settings *point = &profile->points[i];
        uint32_t first;

        if (!read_point(reader, scope, &list->children[i], profile, point))
            ok = false;
        point->slot = (uint32_t)i;
        if (point->name[0] == '\0' || map_put(names, point->name, (uint32_t)i))
            continue;
        first = map_get(names, point->name);
        ok = schema_fail(reader, CODE(DUPLICATE_ID), point->pos, NULL,
                         "the profile already has a point \"%s\" in line %u", point->name,
                         profile->points[first].pos.line);
    }
    map_free(names);
    return ok;
}
