/* resolve_profiles.c - tables and profiles, and the instances of their points that
 * equipment asks for; see resolve.h and instance.h.
 *
 * Every profile has an instance of its own, which also finds what is wrong with it.
 * Equipment that changes nothing shares it; other equipment shares the instance of the
 * same changes, found by a text that lists them.
 */
#include "base/mem.h"
#include "config/codes.h"
#include "config/instance.h"
#include "config/resolve.h"

#include <string.h>

enum {
    KEY_MAX = 64 * 1024, /* bytes of a list of changes; 64 parameters and 256 tables */
    /* Equal mistakes of many equipment are each worth a message, but not a thousand
     * copies of the points. */
    RETRIES_MAX = 100,
    HINTS_MAX = 64,
};

struct instances {
    struct reader *reader;
    struct table_source source;
    struct map *table_ids;
    struct map *keys;   /* list of changes to index; the failed ones too */
    struct vector made; /* struct instance; no points: failed */
};

/* ---- tables ---- */

struct instances *instances_new(struct resolver *resolver)
{
    struct drafts *drafts = resolver->drafts;
    struct instances *instances = mem_alloc(sizeof *instances);
    size_t count = drafts->tables.count;
    const struct table_settings **tables =
        arena_array(drafts->reader.arena, count, sizeof(const struct table_settings *));

    instances->reader = &drafts->reader;
    instances->keys = map_new();
    instances->source.ids = resolver->tables;
    instances->source.tables = tables;
    instances->source.names =
        arena_array(drafts->reader.arena, count, sizeof *instances->source.names);
    instances->source.count = count;
    for (size_t i = 0; i < count; i++) {
        tables[i] = &draft_table(drafts, i)->settings;
        instances->source.names[i] = tables[i]->id;
    }
    return instances;
}

void instances_free(struct instances *instances)
{
    if (instances == NULL)
        return;
    map_free(instances->keys);
    mem_free(instances);
}

size_t instances_count(const struct instances *instances)
{
    return instances->made.count;
}

static const struct instance *instance_at(const struct instances *instances,
                                          uint32_t index)
{
    return &((const struct instance *)instances->made.items)[index];
}

static uint32_t add(struct instances *instances, const struct instance *instance)
{
    struct instance *slot = vector_add(instances->reader->arena, &instances->made,
                                       sizeof *slot, UINT32_MAX - 1);

    *slot = *instance;
    return (uint32_t)instances->made.count - 1;
}

/* ---- the profiles' own ---- */

static void default_params(const struct profile_settings *profile, double *values)
{
    for (size_t i = 0; i < profile->param_count; i++)
        values[i] = profile->params[i].required ? 1 : profile->params[i].value;
}

/* A name in `times` or a formula means one thing. */
static bool check_params(struct reader *reader, const struct profile_body *profile,
                         const struct instance *instance)
{
    bool ok = true;

    for (size_t i = 0; i < profile->settings.param_count; i++)
        for (size_t k = 0; k < instance->point_count; k++)
            if (strcmp(profile->settings.params[i].name, instance->points[k].name) == 0)
                ok = schema_fail(reader, CODE(PARAMETER), profile->settings.params[i].pos,
                                 NULL, "\"%s\" is a point of the profile already",
                                 instance->points[k].name);
    return ok;
}

void instances_profile(struct instances *instances, struct drafts *drafts,
                       struct profile_draft *draft)
{
    struct profile_settings *profile = &draft->body.settings;
    double *params = mem_array(profile->param_count, sizeof *params);
    struct instance_order order = {
        .profile = &draft->body, .params = params, .poll = drafts->poll};
    struct instance made;

    draft->instance = UINT32_MAX;
    profile->poll_ms = draft->body.poll.class == POLL_NO_CLASS
                           ? draft->body.poll.ms
                           : poll_period(&drafts->poll, draft->body.poll.class);
    default_params(profile, params);
    if (!draft->broken &&
        instance_make(instances->reader, &instances->source, &order, &made) &&
        check_params(instances->reader, &draft->body, &made)) {
        draft->instance = add(instances, &made);
        profile->points = made.points;
        profile->point_count = made.point_count;
        profile->variants = made.variants;
        profile->variant_count = made.variant_count;
    }
    mem_free(params);
}

/* ---- an equipment's ---- */

struct wish {
    struct instances *instances;
    struct reader *reader;
    const struct equipment_entry *entry;
    const struct profile_draft *profile;
    struct instance_order order;
    struct text key; /* what is changed; empty: nothing */
};

static bool wish_params(struct wish *wish, double *values)
{
    const struct profile_settings *profile = &wish->profile->body.settings;
    const struct equipment_settings *e = &wish->entry->draft.settings;
    bool ok = true;

    default_params(profile, values);
    for (size_t i = 0; i < profile->param_count; i++) {
        const struct param_settings *param = &profile->params[i];
        const struct param_settings *own = NULL;

        for (size_t k = 0; k < e->param_count; k++)
            if (strcmp(e->params[k].name, param->name) == 0)
                own = &e->params[k];
        if (own == NULL && param->required)
            ok = schema_fail(wish->reader, CODE(PARAMETER),
                             schema_pos(wish->entry->node, "profile"),
                             arena_format(wish->reader->arena,
                                          "add params : { %s = ...; };", param->name),
                             "profile \"%s\" needs the parameter \"%s\" of equipment "
                             "\"%s\"",
                             profile->id, param->name, e->id);
        if (own == NULL || (!param->required && own->value == param->value))
            continue;
        values[i] = own->value;
        text_addf(&wish->key, " %zu=%a", i, own->value);
    }
    return ok;
}

static void wish_poll(struct wish *wish, const struct drafts *drafts)
{
    const struct poll_periods *own = &wish->entry->draft.poll;
    struct poll_periods *poll = &wish->order.poll;

    *poll = drafts->poll;
    poll->fast_ms = own->fast_ms > 0 ? own->fast_ms : poll->fast_ms;
    poll->normal_ms = own->normal_ms > 0 ? own->normal_ms : poll->normal_ms;
    poll->slow_ms = own->slow_ms > 0 ? own->slow_ms : poll->slow_ms;
    poll->daily_ms = own->daily_ms > 0 ? own->daily_ms : poll->daily_ms;
    if (memcmp(poll, &drafts->poll, sizeof *poll) != 0)
        text_addf(&wish->key, " poll %lld %lld %lld %lld", (long long)poll->fast_ms,
                  (long long)poll->normal_ms, (long long)poll->slow_ms,
                  (long long)poll->daily_ms);
}

static bool wish_variant(struct wish *wish)
{
    const struct profile_body *profile = &wish->profile->body;
    const char *id = wish->entry->draft.settings.variant;
    const char *names[HINTS_MAX];
    size_t count = 0;

    if (id[0] == '\0')
        return true;
    for (size_t i = 0; i < profile->variant_count; i++) {
        if (count < HINTS_MAX)
            names[count++] = profile->variants[i].id;
        if (strcmp(profile->variants[i].id, id) == 0)
            wish->order.variant = &profile->variants[i];
    }
    text_addf(&wish->key, " variant %s", id);
    if (wish->order.variant != NULL)
        return true;
    return schema_fail(
        wish->reader, CODE(VARIANT), schema_pos(wish->entry->node, "variant"),
        schema_hint(wish->reader, id, names, count, count == 0 ? "delete it" : NULL),
        count == 0 ? "profile \"%s\" has no variants, so no \"%.64s\""
                   : "profile \"%s\" has no variant \"%.64s\"",
        profile->settings.id, id);
}

/* ---- tables of an equipment ---- */

static bool has_names(const struct point_settings *point)
{
    return point->label_count > 0 || point->flag_count > 0;
}

static bool check_choice(struct wish *wish, const struct node *node)
{
    const struct instance *own = instance_at(wish->instances, wish->profile->instance);
    const char *names[HINTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < own->point_count; i++) {
        const struct point_settings *point = &own->points[i];

        if (count < HINTS_MAX && has_names(point))
            names[count++] = point->name;
        if (strcmp(point->name, node->name) == 0)
            return has_names(point) ||
                   schema_fail(wish->reader, CODE(NAME_TABLE), node->key, NULL,
                               "point \"%s\" has neither \"enum\" nor \"flags\"",
                               point->name);
    }
    return schema_fail(wish->reader, CODE(UNKNOWN_NAME), node->key,
                       schema_hint(wish->reader, node->name, names, count, NULL),
                       "profile \"%s\" has no point \"%.64s\"",
                       wish->profile->body.settings.id, node->name);
}

static bool wish_tables(struct wish *wish)
{
    const struct node *node = wish->entry->draft.tables;
    const struct table_source *source = &wish->instances->source;
    struct table_choice *choices;
    bool ok = true;

    if (node == NULL)
        return true;
    choices = arena_array(wish->reader->arena, node->count, sizeof *choices);
    for (size_t i = 0; i < node->count; i++) {
        const struct node *child = &node->children[i];
        uint32_t index = map_get(source->ids, child->string);

        if (!check_choice(wish, child)) {
            ok = false;
        } else if (index == MAP_NONE) {
            ok = schema_fail(wish->reader, CODE(NAME_TABLE), child->pos,
                             schema_hint(wish->reader, child->string, source->names,
                                         source->count,
                                         "tables stand in files of table_dir"),
                             "there is no table \"%.64s\"", child->string);
        } else {
            choices[i] =
                (struct table_choice){child->name, source->tables[index], child->pos};
            text_addf(&wish->key, " table %s %s", child->name, child->string);
        }
    }
    wish->order.tables = choices;
    wish->order.table_count = ok ? node->count : 0;
    return ok;
}

/* ---- sharing ---- */

static uint32_t make(struct wish *wish)
{
    struct instances *instances = wish->instances;
    struct instance made = {0};
    uint32_t index = map_get(instances->keys, wish->key.data);

    if (index != MAP_NONE)
        return index;
    if (!instance_make(wish->reader, &instances->source, &wish->order, &made) &&
        config_report_errors(wish->reader->report) < RETRIES_MAX)
        return UINT32_MAX;
    index = add(instances, &made);
    (void)map_put(instances->keys, wish->key.data, index);
    return index;
}

static bool gather(struct wish *wish, const struct drafts *drafts, double *params)
{
    bool ok = wish_params(wish, params);

    wish_poll(wish, drafts);
    ok = wish_variant(wish) && ok;
    return wish_tables(wish) && ok && !wish->key.overflow;
}

void instances_equipment(struct instances *instances, const struct drafts *drafts,
                         struct equipment_entry *entry,
                         const struct profile_draft *profile)
{
    struct equipment_settings *e = &entry->draft.settings;
    double *params = mem_array(profile->body.settings.param_count, sizeof *params);
    struct wish wish = {.instances = instances,
                        .reader = instances->reader,
                        .entry = entry,
                        .profile = profile};
    const struct instance *instance = NULL;
    size_t unchanged;

    if (profile->instance == UINT32_MAX)
        goto out; /* why is reported */
    wish.order = (struct instance_order){.profile = &profile->body,
                                         .params = params,
                                         .equipment = e->id,
                                         .node = entry->node};
    text_init(&wish.key, KEY_MAX);
    text_addf(&wish.key, "%u", profile->instance);
    unchanged = wish.key.length;
    if (gather(&wish, drafts, params)) {
        e->instance = wish.key.length == unchanged ? profile->instance : make(&wish);
        if (e->instance != UINT32_MAX)
            instance = instance_at(instances, e->instance);
    }
    text_done(&wish.key);
    if (instance != NULL) {
        e->points = instance->points;
        e->point_count = instance->point_count;
        e->variants = instance->variants;
        e->variant_count = instance->variant_count;
    }
out:
    mem_free(params);
}
