/* sections_variant.c - variants of a model and the probe that tells them apart; see
 * sections.h. */
#include "base/map.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/point_rows.h"
#include "config/sections.h"

#include <string.h>

enum {
    HINTS_MAX = 64, /* names worth comparing for a hint */
};

/* ---- probe ---- */

static schema_parse read_probe_range, read_probe_equals, read_variant_probe,
    skip_variant_points;

/* clang-format off */
static const struct schema_row probe_rows[] = {
    CONFIG_STRING(struct probe_settings, point, "point", CONFIG_REQUIRED,
                  "A point whose value is well known."),
    CONFIG_CUSTOM("range", CONFIG_OPTIONAL, read_probe_range, "(low, high)",
                  "Where its value must lie when address, type and order are right."),
    CONFIG_CUSTOM("equals", CONFIG_OPTIONAL, read_probe_equals, "number",
                  "What it must be; instead of `range`."),
    CONFIG_END,
};

static const struct schema_row variant_rows[] = {
    CONFIG_CHECKED(struct variant_body, id, "id", CONFIG_REQUIRED, check_id,
                   "What an equipment writes behind `variant`."),
    CONFIG_SECTION("points", CONFIG_OPTIONAL, skip_variant_points, "list of groups",
                   &point_section,
                   "Its own points, beside those that all variants share. Of one name in "
                   "several variants unit, kind and labels are the same."),
    CONFIG_SECTION("probe", CONFIG_OPTIONAL, read_variant_probe, "group or list of groups",
                   &probe_section, "How to tell that the device is this one; the profile's "
                   "when not given."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section probe_section = {
    .name = "probe",
    .path = "probe",
    .rows = probe_rows,
    .doc = "One check of a profile or of a variant. The first of several that can be "
           "judged decides.",
};

const struct schema_section variant_section = {
    .name = "variant",
    .path = "variants",
    .id_key = "id",
    .rows = variant_rows,
    .doc = "One state of a model that is sold under one name.",
};

static bool read_probe_range(struct reader *reader, const struct scope *scope,
                             const struct schema_row *row, const struct node *node,
                             void *out)
{
    struct probe_settings *probe = out;

    return section_range(reader, scope, row->key, node, &probe->range_low,
                         &probe->range_high);
}

static bool read_probe_equals(struct reader *reader, const struct scope *scope,
                              const struct schema_row *row, const struct node *node,
                              void *out)
{
    struct probe_settings *probe = out;

    if (!schema_number(reader, scope, row->key, node, &probe->range_low))
        return false;
    probe->range_high = probe->range_low;
    return true;
}

static bool read_check(struct reader *reader, const struct scope *scope,
                       const struct node *node, struct probe_settings *check)
{
    bool range = node->kind == NODE_GROUP && node_member(node, "range") != NULL;
    bool equals = node->kind == NODE_GROUP && node_member(node, "equals") != NULL;

    check->point = "";
    if (!schema_read(reader, &probe_section, scope, node, check))
        return false;
    check->pos = schema_pos(node, "point");
    if (range != equals)
        return true;
    return schema_fail(reader, CODE(REQUIRED),
                       range ? schema_pos(node, "equals") : node->pos,
                       "such as range = (45.0, 65.0)",
                       "a probe needs exactly one of \"range\" and \"equals\"");
}

bool section_read_probe(struct reader *reader, const struct scope *scope,
                        const struct node *node, struct probe_body *probe)
{
    bool list = node->kind == NODE_LIST;
    size_t count = list ? node->count : 1;
    bool ok = true;

    if (count == 0 || count > PROBE_CHECKS_MAX)
        return schema_fail(reader, CODE(PROBE), node->pos, NULL,
                           "\"probe\" has 1 to %d checks", PROBE_CHECKS_MAX);
    probe->checks = arena_array(reader->arena, count, sizeof *probe->checks);
    probe->count = count;
    for (size_t i = 0; i < count; i++)
        if (!read_check(reader, scope, list ? &node->children[i] : node,
                        &probe->checks[i]))
            ok = false;
    return ok;
}

/* ---- variants ---- */

static bool read_variant_probe(struct reader *reader, const struct scope *scope,
                               const struct schema_row *row, const struct node *node,
                               void *out)
{
    (void)row;
    return section_read_probe(reader, scope, node, &((struct variant_body *)out)->probe);
}

/* They need what the profile says: section_read_variants comes last. */
static bool skip_variant_points(struct reader *reader, const struct scope *scope,
                                const struct schema_row *row, const struct node *node,
                                void *out)
{
    (void)out;
    return schema_want(reader, scope, row->key, node, NODE_LIST);
}

static bool read_variant(struct reader *reader, const struct scope *scope,
                         const struct node *node, struct profile_body *profile,
                         struct variant_body *variant)
{
    struct scope own = schema_scope(&variant_section, scope, node);
    bool ok = schema_read(reader, &variant_section, scope, node, variant);
    const struct node *points =
        node->kind == NODE_GROUP ? node_member(node, "points") : NULL;

    variant->node = node;
    variant->pos = schema_id_pos(&variant_section, node);
    if (points != NULL && points->kind == NODE_LIST)
        ok = section_read_points(reader, &own, points, profile, &variant->own) && ok;
    return ok;
}

bool section_read_variants(struct reader *reader, const struct scope *scope,
                           const struct node *list, struct profile_body *profile)
{
    bool ok = true;

    if (list->count == 0 || list->count > PROFILE_VARIANTS_MAX)
        return schema_fail(reader, CODE(VARIANT), list->pos, NULL,
                           "\"variants\" has 1 to %d elements", PROFILE_VARIANTS_MAX);
    profile->variants =
        arena_array(reader->arena, list->count, sizeof *profile->variants);
    profile->variant_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct variant_body *variant = &profile->variants[i];

        if (!read_variant(reader, scope, &list->children[i], profile, variant))
            ok = false;
        for (size_t k = 0; k < i; k++)
            if (variant->id[0] != '\0' &&
                strcmp(profile->variants[k].id, variant->id) == 0)
                ok = schema_fail(reader, CODE(DUPLICATE_ID), variant->pos, NULL,
                                 "the profile already has a variant \"%s\"", variant->id);
    }
    return ok;
}

/* ---- names ---- */

static const struct point_settings *points_at(const struct points_body *shared,
                                              const struct points_body *own, size_t i)
{
    return i < shared->count ? &shared->points[i].settings
                             : &own->points[i - shared->count].settings;
}

/* The shared points are looked at once, with the first variant. */
static bool check_names(struct reader *reader, const struct points_body *shared,
                        const struct points_body *own, bool first)
{
    struct map *names = map_new();
    bool ok = true;

    for (size_t i = 0; i < shared->count + own->count; i++) {
        const struct point_settings *point = points_at(shared, own, i);

        if (point->name == NULL || point->name[0] == '\0' ||
            map_put(names, point->name, (uint32_t)i) || (i < shared->count && !first))
            continue;
        ok = schema_fail(reader, CODE(DUPLICATE_ID), point->pos, NULL,
                         "the profile already has a point \"%s\" in line %u", point->name,
                         points_at(shared, own, map_get(names, point->name))->pos.line);
    }
    map_free(names);
    return ok;
}

static bool check_probe(struct reader *reader, const struct points_body *shared,
                        const struct points_body *own, const struct variant_body *variant,
                        const struct probe_settings *check)
{
    const char *names[HINTS_MAX];
    size_t hints = 0;

    for (size_t i = 0; i < shared->count + own->count; i++) {
        const struct point_settings *point = points_at(shared, own, i);

        if (point->name == NULL)
            continue;
        if (hints < HINTS_MAX)
            names[hints++] = point->name;
        if (strcmp(point->name, check->point) != 0)
            continue;
        if (point->type != TYPE_STRING)
            return true;
        return schema_fail(reader, CODE(PROBE), check->pos, NULL,
                           "the probe needs a number; \"%s\" is a text", point->name);
    }
    if (variant == NULL)
        return schema_fail(reader, CODE(PROBE), check->pos,
                           schema_hint(reader, check->point, names, hints, NULL),
                           "the probe's point \"%s\" does not exist", check->point);
    return schema_fail(reader, CODE(PROBE), check->pos,
                       schema_hint(reader, check->point, names, hints, NULL),
                       "the probe's point \"%s\" does not exist in variant \"%s\"",
                       check->point, variant->id);
}

bool section_check_variants(struct reader *reader, const struct profile_body *profile)
{
    static const struct points_body none = {0};
    size_t count = profile->variant_count > 0 ? profile->variant_count : 1;
    bool ok = true;

    for (size_t v = 0; v < count; v++) {
        const struct variant_body *variant =
            profile->variant_count > 0 ? &profile->variants[v] : NULL;
        const struct points_body *own = variant == NULL ? &none : &variant->own;
        const struct probe_body *probe = variant == NULL || variant->probe.count == 0
                                             ? &profile->probe
                                             : &variant->probe;

        ok = check_names(reader, &profile->shared, own, v == 0) && ok;
        if (variant != NULL && profile->shared.count + own->count == 0)
            ok = schema_fail(reader, CODE(EMPTY), variant->pos, NULL,
                             "a profile needs at least one point");
        for (size_t i = 0; i < probe->count; i++)
            if (probe->checks[i].point[0] != '\0' &&
                !check_probe(reader, &profile->shared, own, variant, &probe->checks[i]))
                ok = false;
    }
    return ok;
}
