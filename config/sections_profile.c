/* sections_profile.c - what a model of device can tell; see sections.h. The points:
 * sections_point.c, the variants: sections_variant.c. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/point_rows.h"
#include "config/sections.h"

#include <string.h>

enum {
    NEVER_MAX = 64, /* ranges of one profile */
    ADDRESS_MAX = 65535,
};

static schema_parse skip_points, skip_variants, read_poll, read_probe, read_params,
    read_invalid, read_never;

#define DRAFT struct profile_body

/* clang-format off */
static const struct schema_row profile_rows[] = {
    CONFIG_CHECKED(DRAFT, settings.id, "id", CONFIG_REQUIRED, check_id,
                   "What equipment refers to."),
    CONFIG_STRING(DRAFT, settings.class_name, "class", CONFIG_REQUIRED,
                  "One of the classes below; also the measurement of its series."),
    CONFIG_STRING(DRAFT, settings.maker, "maker", CONFIG_OPTIONAL,
                  "Who makes it."),
    CONFIG_STRING(DRAFT, settings.model, "model", CONFIG_OPTIONAL,
                  "Which models it describes."),
    CONFIG_STRING(DRAFT, settings.source, "source", CONFIG_OPTIONAL,
                  "Where the map comes from."),
    CONFIG_WORD(DRAFT, settings.confidence, "confidence", CONFIG_OPTIONAL, confidence_words,
                "How far the map can be trusted. A: two independent sources agree, or the "
                "maker's own document was seen. B: one source."),
    CONFIG_CHOICE(DRAFT, settings.order, "order", "ABCD", word_order_words,
                  "Modbus: order of the bytes of a value in its registers, A the most "
                  "significant."),
    CONFIG_CUSTOM("poll", CONFIG_OPTIONAL, read_poll, "duration or class",
                  "Modbus: period of points that have none: \"10s\", or one of the classes "
                  "\"fast\", \"normal\", \"slow\", \"daily\"; normal when not given."),
    CONFIG_DURATION(DRAFT, poll.ms, "expect_every", CONFIG_OPTIONAL, 100,
                    35 * CONFIG_DAY, "MQTT: how often points are reported that do not say; "
                    "on change only when not given."),
    CONFIG_CHECKED(DRAFT, time, "time", CONFIG_OPTIONAL, check_json_path,
                   "MQTT: where in the JSON payload the time stamp is, for points that do "
                   "not say."),
    CONFIG_CHECKED(DRAFT, sequence, "sequence", CONFIG_OPTIONAL, check_json_path,
                   "MQTT: where in the JSON payload the number of the message is, for "
                   "points that do not say."),
    CONFIG_SECTION("params", CONFIG_OPTIONAL, read_params, "group of numbers", NULL,
                   "Parameters of the equipment for formulas, `times` and `exponent`, with "
                   "their defaults. `ct = ();` has none: each equipment must say it."),
    CONFIG_INT(DRAFT, settings.max_gap, "max_gap", "-1", -1, 124,
               "Modbus: registers between two points that may be read over; -1: by the "
               "kind of link."),
    CONFIG_INT(DRAFT, settings.max_span, "max_span", "125", 1, 125,
               "Modbus: registers of one request."),
    CONFIG_BOOL(DRAFT, settings.single, "single", "false",
                "Modbus: every point in a request of its own."),
    CONFIG_CUSTOM("never_read", CONFIG_OPTIONAL, read_never,
                  "list of { holding = (first, last); }",
                  "Modbus: addresses that are never part of a request."),
    CONFIG_INT(DRAFT, settings.base, "base", "0", 0, 1,
               "Modbus: subtracted from every address; 1 when the manual counts from 1."),
    CONFIG_DURATION(DRAFT, settings.delay_ms, "delay", "0s", 0, 10 * CONFIG_S,
                    "Modbus: silence that the device needs before each request."),
    CONFIG_DURATION(DRAFT, settings.latency_ms, "latency", CONFIG_OPTIONAL, 0, 8 * CONFIG_S,
                    "Modbus: how long it usually takes to answer, for `facilityd --plan`."),
    CONFIG_DURATION(DRAFT, settings.timeout_ms, "timeout", CONFIG_OPTIONAL, 10, 8 * CONFIG_S,
                    "Modbus: how long an answer may take, instead of the link's."),
    CONFIG_CUSTOM("invalid", CONFIG_OPTIONAL, read_invalid,
                  "{ u16 = pattern or list; ... }",
                  "Modbus: raw patterns that mean \"no value\", for each type."),
    CONFIG_SECTION("points", CONFIG_OPTIONAL, skip_points, "list of groups",
                   &point_section, "What it measures. Must be given when no variant has "
                   "points of its own."),
    CONFIG_SECTION("variants", CONFIG_OPTIONAL, skip_variants, "list of groups",
                   &variant_section, "Modbus: states of the model that differ in some "
                   "points."),
    CONFIG_SECTION("probe", CONFIG_OPTIONAL, read_probe, "group or list of groups",
                   &probe_section,
                   "Modbus: how to tell that the profile fits the device."),
    CONFIG_REFUSED("vendor", "the key is \"maker\""),
    CONFIG_REFUSED("manufacturer", "the key is \"maker\""),
    CONFIG_REFUSED("interval", "the key is \"poll\""),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section profile_section = {
    .name = "profile",
    .path = "profiles",
    .id_key = "id",
    .rows = profile_rows,
    .doc =
        "A model of device, described once: in a file of its own (`profile : { ... };`) "
        "or in the main file (`profiles = ( { ... } );`). A profile with the id of a "
        "shipped one replaces it. It is a Modbus profile when a point names a table "
        "(coil, discrete, input, holding), else an MQTT profile.",
};

bool section_range(struct reader *reader, const struct scope *scope, const char *what,
                   const struct node *node, double *low, double *high)
{
    double ends[2] = {0, 0};

    if (node->kind != NODE_LIST || node->count != 2)
        return schema_fail(reader, CODE(TYPE), node->pos, "such as (0.0, 400.0)",
                           "\"%s\" must be two numbers", what);
    for (int i = 0; i < 2; i++)
        if (!schema_number(reader, scope, what, &node->children[i], &ends[i]))
            return false;
    if (!(ends[0] < ends[1]))
        return schema_fail(reader, CODE(RANGE), node->pos,
                           ends[0] > ends[1] ? "swap them" : NULL,
                           "the low end of \"%s\" must be below its high end", what);
    *low = ends[0];
    *high = ends[1];
    return true;
}

/* ---- keys ---- */

static bool read_poll(struct reader *reader, const struct scope *scope,
                      const struct schema_row *row, const struct node *node, void *out)
{
    return section_poll(reader, scope, row, node, &((struct profile_body *)out)->poll);
}

static bool read_probe(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    (void)row;
    return section_read_probe(reader, scope, node, &((struct profile_body *)out)->probe);
}

static bool read_params(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct profile_settings *profile = &((struct profile_body *)out)->settings;

    (void)row;
    return section_params(reader, scope, node, true, &profile->params,
                          &profile->param_count);
}

static bool read_invalid(struct reader *reader, const struct scope *scope,
                         const struct schema_row *row, const struct node *node, void *out)
{
    struct profile_body *profile = out;
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_GROUP))
        return false;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *child = &node->children[i];
        int type = schema_word(value_type_words, child->name);
        struct invalid_body *invalid;

        if (type < 0 || value_type_registers((enum value_type)type) == 0) {
            ok = schema_fail(reader, CODE(VALUE_TYPE), child->key,
                             section_type_hint(reader, child->name),
                             "\"%.64s\" is no type of registers", child->name);
            continue;
        }
        invalid = &profile->invalid[type];
        invalid->given = invalid_read(reader, scope, row->key, child, invalid->patterns,
                                      &invalid->count) &&
                         invalid_fit(reader, child, (enum value_type)type,
                                     invalid->patterns, invalid->count);
        ok = invalid->given && ok;
    }
    return ok;
}

/* { holding = (100, 103); } or { holding = 100; } */
static bool read_never_range(struct reader *reader, const struct node *node,
                             struct never_settings *never)
{
    static const char *const tables[] = {"coil", "discrete", "input", "holding"};
    const struct node *range =
        node->kind == NODE_GROUP && node->count == 1 ? &node->children[0] : NULL;
    bool pair = range != NULL && range->kind == NODE_LIST && range->count == 2;
    const struct node *first = pair ? &range->children[0] : range;
    const struct node *last = pair ? &range->children[1] : range;

    if (range != NULL && point_table(range->name) == TABLE_NONE)
        return schema_fail(reader, CODE(UNKNOWN_KEY), range->key,
                           schema_hint(reader, range->name, tables, 4,
                                       "one of coil, discrete, input, holding"),
                           "unknown key \"%.64s\" in \"never_read\"", range->name);
    if (range == NULL || first->kind != NODE_INT || last->kind != NODE_INT)
        return schema_fail(reader, CODE(NEVER), node->pos,
                           "such as ( { holding = (100, 103); } )",
                           "an element of \"never_read\" is a table with its first and "
                           "last address");
    if (first->integer < 0 || last->integer > ADDRESS_MAX ||
        first->integer > last->integer)
        return schema_fail(reader, CODE(ADDRESS), range->pos,
                           first->integer > last->integer ? "swap them" : NULL,
                           "addresses are 0 to %d, the first not above the last",
                           ADDRESS_MAX);
    *never = (struct never_settings){point_table(range->name), (uint16_t)first->integer,
                                     (uint16_t)last->integer};
    return true;
}

static bool read_never(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    struct profile_settings *profile = &((struct profile_body *)out)->settings;
    struct never_settings *never;
    bool ok = true;

    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    if (node->count > NEVER_MAX)
        return schema_fail(reader, CODE(TOO_MANY), node->pos, NULL,
                           "more than %d ranges in \"%s\"", NEVER_MAX, row->key);
    never = arena_array(reader->arena, node->count, sizeof *never);
    for (size_t i = 0; i < node->count; i++)
        if (!read_never_range(reader, &node->children[i], &never[i]))
            ok = false;
    profile->never = never;
    profile->never_count = ok ? node->count : 0;
    return ok;
}

/* The points need what the other keys say: section_read_points comes last. */
static bool skip_points(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    (void)out;
    if (!schema_want(reader, scope, row->key, node, NODE_LIST))
        return false;
    if (node->count == 0)
        return schema_fail(reader, CODE(EMPTY), node->pos, NULL,
                           "a profile needs at least one point");
    return true;
}

static bool skip_variants(struct reader *reader, const struct scope *scope,
                          const struct schema_row *row, const struct node *node,
                          void *out)
{
    (void)out;
    return schema_want(reader, scope, row->key, node, NODE_LIST);
}

/* ---- the profile ---- */

static const struct node *list_of(const struct node *group, const char *key)
{
    const struct node *node = group->kind == NODE_GROUP ? node_member(group, key) : NULL;

    return node != NULL && node->kind == NODE_LIST ? node : NULL;
}

static bool some_modbus(const struct node *points)
{
    for (size_t i = 0; points != NULL && i < points->count; i++)
        if (point_is_modbus(&points->children[i]))
            return true;
    return false;
}

static bool is_modbus(const struct node *points, const struct node *variants)
{
    for (size_t i = 0; variants != NULL && i < variants->count; i++)
        if (some_modbus(list_of(&variants->children[i], "points")))
            return true;
    return some_modbus(points);
}

static bool check_kind(struct reader *reader, const struct node *node,
                       const struct profile_settings *profile)
{
    static const char *const modbus_keys[] = {
        "order", "poll",    "max_gap", "max_span", "base",     "single", "never_read",
        "delay", "latency", "timeout", "invalid",  "variants", "probe"};
    static const char *const mqtt_keys[] = {"expect_every", "time", "sequence"};
    bool ok = true;

    for (size_t i = 0; !profile->mqtt && i < sizeof mqtt_keys / sizeof mqtt_keys[0]; i++)
        if (!section_refuse(reader, node, mqtt_keys[i], "in a Modbus profile"))
            ok = false;
    for (size_t i = 0; profile->mqtt && i < sizeof modbus_keys / sizeof modbus_keys[0];
         i++)
        if (!section_refuse(reader, node, modbus_keys[i],
                            "in a profile whose points name no Modbus table"))
            ok = false;
    return ok;
}

/* The base counts for what is never read as for what is. */
static bool rebase_never(struct reader *reader, const struct node *node,
                         struct profile_settings *profile)
{
    struct never_settings *moved =
        arena_array(reader->arena, profile->never_count, sizeof *moved);

    for (size_t i = 0; i < profile->never_count; i++) {
        moved[i] = profile->never[i];
        if (moved[i].first < profile->base)
            return schema_fail(reader, CODE(ADDRESS), schema_pos(node, "never_read"),
                               NULL, "address 0 does not exist when base is 1");
        moved[i].first = (uint16_t)(moved[i].first - profile->base);
        moved[i].last = (uint16_t)(moved[i].last - profile->base);
    }
    profile->never = moved;
    return true;
}

static bool read_all_points(struct reader *reader, const struct scope *scope,
                            const struct node *points, const struct node *variants,
                            struct profile_body *profile)
{
    bool ok = true;

    if (points != NULL)
        ok = section_read_points(reader, scope, points, profile, &profile->shared);
    if (variants != NULL)
        ok = section_read_variants(reader, scope, variants, profile) && ok;
    return ok;
}

bool section_read_profile(struct reader *reader, const struct node *node,
                          struct profile_body *profile)
{
    struct profile_settings *settings = &profile->settings;
    bool ok;
    struct scope scope = schema_scope(&profile_section, NULL, node);
    const struct node *points = list_of(node, "points");
    const struct node *variants = list_of(node, "variants");

    profile->poll = (struct poll_body){POLL_NO_CLASS, -1};
    settings->latency_ms = -1;
    ok = schema_read(reader, &profile_section, NULL, node, profile);
    settings->pos = schema_id_pos(&profile_section, node);
    if (points == NULL && variants == NULL)
        return ok ? schema_fail(reader, CODE(REQUIRED), settings->pos, NULL,
                                "\"points\" is missing in profile \"%.64s\"",
                                settings->id)
                  : false;
    settings->mqtt = !is_modbus(points, variants);
    ok = check_kind(reader, node, settings) && ok;
    if (profile->poll.class == POLL_NO_CLASS && profile->poll.ms < 0)
        profile->poll = settings->mqtt ? (struct poll_body){POLL_NO_CLASS, 0}
                                       : (struct poll_body){POLL_NORMAL, 0};
    ok = rebase_never(reader, node, settings) && ok;
    if (!read_all_points(reader, &scope, points, variants, profile))
        return false;
    return section_check_variants(reader, profile) && ok;
}
