/* instance.c - see instance.h: names become slots, variant after variant. Addresses:
 * instance_address.c. What depends on other values: instance_depends.c. */
#include "config/instance.h"

#include "base/mem.h"
#include "config/build.h"
#include "config/codes.h"
#include "config/instance_parts.h"
#include "config/labels.h"
#include "config/point_checks.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    STALE_PERIODS = 3,    /* a reading may be late twice */
    STALE_MIN_MS = 10000, /* fast polls: a short break of the link is no news */
    TEXT_MAX = 512,       /* as much as the report keeps */
};

bool maker_fail(const struct maker *maker, const char *code, struct config_pos pos,
                const char *key, const char *hint, const char *format, ...)
{
    const struct instance_order *order = maker->order;
    char text[TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (order->equipment == NULL)
        return schema_fail(maker->reader, code, pos, hint, "%s", text);
    return schema_fail(maker->reader, code, schema_pos(order->node, key), hint,
                       "equipment \"%s\": %s", order->equipment, text);
}

const double *maker_param(const struct maker *maker, const char *name)
{
    const struct profile_settings *profile = &maker->order->profile->settings;

    for (size_t i = 0; i < profile->param_count; i++)
        if (strcmp(profile->params[i].name, name) == 0)
            return &maker->order->params[i];
    return NULL;
}

/* ---- one point ---- */

static bool set_period(const struct maker *maker, const struct point_body *body,
                       struct point_settings *point)
{
    bool class = body->poll.class != POLL_NO_CLASS;
    int64_t usual;

    point->poll_ms =
        class ? poll_period(&maker->order->poll, body->poll.class) : body->poll.ms;
    usual = STALE_PERIODS * point->poll_ms;
    if (point->stale_after_ms < 0) {
        point->stale_after_ms = point->poll_ms == 0    ? 0
                                : usual > STALE_MIN_MS ? usual
                                                       : STALE_MIN_MS;
        return true;
    }
    if (point->stale_after_ms >= point->poll_ms)
        return true;
    return maker_fail(maker, CODE(STALE), body->stale_pos, "poll", NULL,
                      "\"stale_after\" of point \"%s\" is shorter than the period of the "
                      "point",
                      point->name);
}

static const struct table_choice *choice_of(const struct maker *maker, const char *point)
{
    for (size_t i = 0; i < maker->order->table_count; i++)
        if (strcmp(maker->order->tables[i].point, point) == 0)
            return &maker->order->tables[i];
    return NULL;
}

static const struct table_settings *find_table(const struct maker *maker,
                                               const struct reference *reference)
{
    const struct table_source *tables = maker->tables;
    uint32_t index = map_get(tables->ids, reference->name);

    if (index != MAP_NONE)
        return tables->tables[index];
    (void)maker_fail(maker, CODE(NAME_TABLE), reference->pos, "tables",
                     schema_hint(maker->reader, reference->name, tables->names,
                                 tables->count, "tables stand in files of table_dir"),
                     "there is no table \"%.64s\"", reference->name);
    return NULL;
}

static bool check_bits(const struct maker *maker, const struct table_choice *choice,
                       const struct reference *reference,
                       const struct point_settings *point)
{
    const struct enum_settings *beyond =
        labels_beyond(point->flags, point->flag_count, point_bits(point));

    if (beyond == NULL)
        return true;
    return maker_fail(maker, CODE(NAME_TABLE),
                      choice == NULL ? reference->pos : choice->pos, "tables", NULL,
                      "point \"%s\" has no bit %lld (\"%s\")", point->name,
                      (long long)beyond->code, beyond->name);
}

/* The equipment's table, else the profile's. */
static bool set_names(const struct maker *maker, const struct point_body *body,
                      struct point_settings *point)
{
    const struct table_choice *choice = choice_of(maker, point->name);
    bool flags = body->flags.name != NULL || point->flag_count > 0;
    const struct reference *reference = flags ? &body->flags : &body->labels;
    const struct table_settings *table = NULL;

    if (choice != NULL)
        table = choice->table;
    else if (reference->name == NULL)
        return true;
    else if ((table = find_table(maker, reference)) == NULL)
        return false;
    if (!flags) {
        point->labels = table->rows;
        point->label_count = table->count;
        return true;
    }
    point->flags = table->rows;
    point->flag_count = table->count;
    return check_bits(maker, choice, reference, point);
}

static bool make_point(const struct maker *maker, const struct point_body *body,
                       struct point_settings *point)
{
    bool ok;

    *point = body->settings;
    ok = set_period(maker, body, point);
    ok = set_names(maker, body, point) && ok;
    return instance_address(maker, body, point) && ok;
}

/* ---- one variant ---- */

/* All of an instance while it is made. */
struct build {
    struct maker maker;
    struct map *slots;
    struct instance made;
    size_t capacity; /* of made.points */
};

static const struct variant_body *variant_body(const struct instance_order *order,
                                               size_t i)
{
    if (order->variant != NULL)
        return order->variant;
    return order->profile->variant_count == 0 ? NULL : &order->profile->variants[i];
}

static const struct point_body *body_at(const struct profile_body *profile,
                                        const struct variant_body *variant, size_t i)
{
    return i < profile->shared.count ? &profile->shared.points[i]
                                     : &variant->own.points[i - profile->shared.count];
}

static bool same_labels(const struct enum_settings *a, size_t a_count,
                        const struct enum_settings *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i].code != b[i].code || strcmp(a[i].name, b[i].name) != 0)
            return false;
    return true;
}

/* What a rule or a page knows of a point is the same in all variants. */
static bool check_same(const struct maker *maker, const struct point_settings *first,
                       const struct point_settings *point)
{
    const char *what = NULL;

    if (strcmp(first->unit, point->unit) != 0)
        what = "unit";
    else if (point_kind_of(first) != point_kind_of(point))
        what = "kind of value";
    else if (!same_labels(first->labels, first->label_count, point->labels,
                          point->label_count) ||
             !same_labels(first->flags, first->flag_count, point->flags,
                          point->flag_count))
        what = "names of codes";
    else if (first->counter != point->counter)
        what = "being a counter";
    if (what == NULL)
        return true;
    return maker_fail(maker, CODE(VARIANT), point->pos, "variant", NULL,
                      "point \"%s\" differs from that of another variant in line %u: %s",
                      point->name, first->pos.line, what);
}

/* The slot of a point; of a new name the next one. */
static bool take_slot(struct build *b, struct point_settings *point)
{
    uint32_t slot = map_get(b->slots, point->name);

    point->slot = slot;
    if (slot != MAP_NONE)
        return check_same(&b->maker, &b->made.points[slot], point);
    point->slot = (uint32_t)b->made.point_count++;
    assert(point->slot < b->capacity);
    (void)map_put(b->slots, point->name, point->slot);
    b->made.points[point->slot] = *point;
    return true;
}

static void set_probe(struct build *b, const struct variant_body *body,
                      struct variant_settings *variant)
{
    const struct probe_body *probe = body != NULL && body->probe.count > 0
                                         ? &body->probe
                                         : &b->maker.order->profile->probe;

    variant->check_count = probe->count;
    variant->checks =
        arena_array(b->maker.reader->arena, probe->count, sizeof *variant->checks);
    for (size_t i = 0; i < probe->count; i++) {
        variant->checks[i] = probe->checks[i];
        variant->checks[i].slot = map_get(b->slots, probe->checks[i].point);
        assert(variant->checks[i].slot != MAP_NONE); /* section_check_variants */
    }
}

/* Names become slots when all points of the variant have theirs. */
static bool link_variant(struct build *b, const struct variant_body *body,
                         const struct variant_settings *variant)
{
    size_t count = b->made.point_count;
    struct linking linking = {
        .slots = b->slots,
        .by_slot = mem_array(count, sizeof(struct point_settings *)),
        .body_by_slot = mem_array(count, sizeof(const struct point_body *)),
        .slot_count = count,
        .variant = variant->id,
    };
    bool ok;

    for (size_t i = 0; i < variant->point_count; i++) {
        uint32_t slot = variant->points[i].slot;

        linking.by_slot[slot] = &variant->points[i];
        linking.body_by_slot[slot] = body_at(b->maker.order->profile, body, i);
    }
    ok = instance_depends(&b->maker, &linking);
    mem_free(linking.by_slot);
    mem_free(linking.body_by_slot);
    return ok;
}

static bool same_row(const struct reference *a, const struct reference *b)
{
    return a->name != NULL && b->name != NULL &&
           memcmp(&a->pos, &b->pos, sizeof a->pos) == 0;
}

static bool make_variant(struct build *b, const struct variant_body *body,
                         struct variant_settings *variant)
{
    const struct profile_body *profile = b->maker.order->profile;
    const struct reference *failed = NULL; /* the row whose points are wrong */
    bool ok = true;

    variant->pos = body == NULL ? profile->settings.pos : body->pos;
    variant->id = body == NULL ? "" : body->id;
    variant->point_count = profile->shared.count + (body == NULL ? 0 : body->own.count);
    variant->points = arena_array(b->maker.reader->arena, variant->point_count,
                                  sizeof *variant->points);
    for (size_t i = 0; i < variant->point_count; i++) {
        struct point_settings *point = &variant->points[i];
        const struct point_body *from = body_at(profile, body, i);

        if (failed != NULL && same_row(failed, &from->number))
            continue; /* said once is enough */
        if (!make_point(&b->maker, from, point) || !take_slot(b, point)) {
            ok = false;
            failed = &from->number;
        }
    }
    if (!ok)
        return false;
    set_probe(b, body, variant);
    return link_variant(b, body, variant);
}

/* ---- all variants ---- */

static size_t count_points(const struct instance_order *order, size_t variants)
{
    size_t count = order->profile->shared.count;

    for (size_t i = 0; i < variants; i++) {
        const struct variant_body *body = variant_body(order, i);

        count += body == NULL ? 0 : body->own.count;
    }
    return count;
}

/* Of a point that variants have in different places, the first variant's. */
static void fill_points(struct build *b)
{
    for (size_t v = b->made.variant_count; v-- > 0;) {
        const struct variant_settings *variant = &b->made.variants[v];

        for (size_t i = 0; i < variant->point_count; i++)
            b->made.points[variant->points[i].slot] = variant->points[i];
    }
}

static bool is_lenient(const struct instance_order *order)
{
    if (order->equipment != NULL)
        return false;
    for (size_t i = 0; i < order->profile->settings.param_count; i++)
        if (order->profile->settings.params[i].required)
            return true;
    return false;
}

bool instance_make(struct reader *reader, const struct table_source *tables,
                   const struct instance_order *order, struct instance *instance)
{
    struct build b = {.maker = {reader, tables, order, is_lenient(order)}};
    bool one = order->variant != NULL || order->profile->variant_count == 0;
    size_t variants = one ? 1 : order->profile->variant_count;
    bool ok = true;

    b.slots = map_new();
    b.capacity = count_points(order, variants);
    b.made.points = arena_array(reader->arena, b.capacity, sizeof *b.made.points);
    b.made.variant_count = variants;
    b.made.variants = arena_array(reader->arena, variants, sizeof *b.made.variants);
    for (size_t i = 0; i < variants; i++)
        if (!make_variant(&b, variant_body(order, i), &b.made.variants[i]))
            ok = false;
    map_free(b.slots);
    if (!ok)
        return false;
    fill_points(&b);
    if (one)
        b.made.variants->points = b.made.points; /* the same, in the same order */
    *instance = b.made;
    return true;
}
