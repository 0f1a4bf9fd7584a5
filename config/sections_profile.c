/* sections_profile.c - what a model of device can tell; see sections.h. The points:
 * sections_point.c. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/sections.h"

#include <math.h>
#include <string.h>

static schema_parse skip_points, read_probe, read_probe_range;

/* clang-format off */
static const struct schema_row probe_rows[] = {
    CONFIG_STRING(struct probe_settings, point, "point", CONFIG_REQUIRED,
                  "A point whose value is well known."),
    CONFIG_CUSTOM("range", CONFIG_REQUIRED, read_probe_range, "(low, high)",
                  "Where its value must lie when address, type and order are right."),
    CONFIG_END,
};

static const struct schema_row profile_rows[] = {
    CONFIG_CHECKED(struct profile_settings, id, "id", CONFIG_REQUIRED, check_id,
                   "What equipment refers to."),
    CONFIG_STRING(struct profile_settings, class_name, "class", CONFIG_REQUIRED,
                  "One of the classes below; also the measurement of its series."),
    CONFIG_STRING(struct profile_settings, maker, "maker", CONFIG_OPTIONAL,
                  "Who makes it."),
    CONFIG_STRING(struct profile_settings, model, "model", CONFIG_OPTIONAL,
                  "Which models it describes."),
    CONFIG_STRING(struct profile_settings, source, "source", CONFIG_OPTIONAL,
                  "Where the map comes from."),
    CONFIG_CHOICE(struct profile_settings, order, "order", "ABCD", word_order_words,
                  "Modbus: order of the bytes of a value in its registers, A the most "
                  "significant."),
    CONFIG_DURATION(struct profile_settings, poll_ms, "poll", CONFIG_OPTIONAL, 100,
                    7 * CONFIG_DAY, "Modbus: period of points that have none; 10s when "
                    "not given."),
    CONFIG_DURATION(struct profile_settings, poll_ms, "expect_every", CONFIG_OPTIONAL, 100,
                    35 * CONFIG_DAY, "MQTT: how often points are reported that do not say; "
                    "on change only when not given."),
    CONFIG_INT(struct profile_settings, max_gap, "max_gap", "-1", -1, 124,
               "Modbus: registers between two points that may be read over; -1: by the "
               "kind of link."),
    CONFIG_INT(struct profile_settings, max_span, "max_span", "125", 1, 125,
               "Modbus: registers of one request."),
    CONFIG_INT(struct profile_settings, base, "base", "0", 0, 1,
               "Modbus: subtracted from every address; 1 when the manual counts from 1."),
    CONFIG_SECTION("points", CONFIG_REQUIRED, skip_points, "list of groups",
                   &point_section, "What it measures."),
    CONFIG_SECTION("probe", CONFIG_OPTIONAL, read_probe, "group", &probe_section,
                   "How to tell that the profile fits the device: the journal says when its first "
                   "readings do not."),
    CONFIG_REFUSED("vendor", "the key is \"maker\""),
    CONFIG_REFUSED("manufacturer", "the key is \"maker\""),
    CONFIG_REFUSED("interval", "the key is \"poll\""),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section probe_section = {
    .name = "probe",
    .path = "probe",
    .rows = probe_rows,
    .doc = "Part of a profile.",
};

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

static bool read_probe_range(struct reader *reader, const struct scope *scope,
                             const struct schema_row *row, const struct node *node,
                             void *out)
{
    struct probe_settings *probe = out;

    return section_range(reader, scope, row->key, node, &probe->range_low,
                         &probe->range_high);
}

static bool read_probe(struct reader *reader, const struct scope *scope,
                       const struct schema_row *row, const struct node *node, void *out)
{
    struct profile_settings *profile = out;
    struct variant_settings *variant =
        arena_array(reader->arena, 1, sizeof *profile->variants);
    struct probe_settings *check = arena_array(reader->arena, 1, sizeof *check);

    (void)row;
    check->pos = node->kind == NODE_GROUP ? schema_pos(node, "point") : node->pos;
    *variant = (struct variant_settings){.id = "", .checks = check, .check_count = 1};
    profile->variants = variant;
    profile->variant_count = 1;
    return schema_read(reader, &probe_section, scope, node, check);
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

static bool is_mqtt(const struct node *points)
{
    for (size_t i = 0; i < points->count; i++)
        if (section_point_is_modbus(&points->children[i]))
            return false;
    return true;
}

static bool check_kind(struct reader *reader, const struct node *node,
                       const struct profile_settings *profile)
{
    static const char *const modbus_keys[] = {"order", "poll", "max_gap", "max_span",
                                              "base"};
    bool ok = true;

    if (!profile->mqtt)
        return section_refuse(reader, node, "expect_every", "in a Modbus profile");
    for (size_t i = 0; i < sizeof modbus_keys / sizeof modbus_keys[0]; i++)
        if (!section_refuse(reader, node, modbus_keys[i],
                            "in a profile whose points name no Modbus table"))
            ok = false;
    return ok;
}

static bool check_probe(struct reader *reader, struct profile_settings *profile)
{
    const char *names[64]; /* as many as are worth comparing for a hint */
    size_t count = 0;
    struct variant_settings *variant = profile->variants;
    struct probe_settings *check = variant->checks;

    if (variant->check_count == 0 || check->point == NULL || check->point[0] == '\0')
        return true;
    for (size_t i = 0; i < profile->point_count; i++) {
        const struct point_settings *point = &profile->points[i];

        if (count < sizeof names / sizeof names[0])
            names[count++] = point->name;
        if (strcmp(point->name, check->point) != 0)
            continue;
        if (point->type == TYPE_STRING)
            return schema_fail(reader, CODE(PROBE), check->pos, NULL,
                               "the probe needs a number; \"%s\" is a text", point->name);
        check->slot = point->slot;
        return true;
    }
    return schema_fail(reader, CODE(PROBE), check->pos,
                       schema_hint(reader, check->point, names, count, NULL),
                       "the probe's point \"%s\" does not exist", check->point);
}

/* A profile without variants has one, of all its points. */
static void make_variant(struct reader *reader, struct profile_settings *profile)
{
    if (profile->variant_count == 0) {
        profile->variants = arena_array(reader->arena, 1, sizeof *profile->variants);
        profile->variants->id = "";
        profile->variant_count = 1;
    }
    profile->variants->points = profile->points;
    profile->variants->point_count = profile->point_count;
}

bool section_read_profile(struct reader *reader, const struct node *node,
                          struct profile_settings *profile)
{
    bool ok;
    struct scope scope = schema_scope(&profile_section, NULL, node);
    const struct node *points;

    profile->poll_ms = -1; /* not given */
    ok = schema_read(reader, &profile_section, NULL, node, profile);
    profile->pos = schema_id_pos(&profile_section, node);
    profile->latency_ms = -1;
    profile->confidence = "";
    points = node->kind == NODE_GROUP ? node_member(node, "points") : NULL;
    if (points == NULL || points->kind != NODE_LIST)
        return false; /* reported */
    profile->mqtt = is_mqtt(points);
    if (!check_kind(reader, node, profile))
        ok = false;
    if (profile->poll_ms < 0)
        profile->poll_ms = profile->mqtt ? 0 : 10000;
    if (!section_read_points(reader, &scope, points, profile))
        return false;
    make_variant(reader, profile);
    return check_probe(reader, profile) && ok;
}
