/* engine_build.c - from rules as written to instances that can run.
 *
 * For each rule the equipment of its class that has every point and relation it names is
 * grouped by what those points are (kind, labels): each group is checked and compiled
 * once (a unit), each equipment gets its own binding (an instance).
 *
 * What is said: a rule that does not parse is an error whoever wrote it. A rule of the
 * operator's that fits no equipment although there is equipment of its class is an error;
 * a shipped one is simply not for this site. A rule that makes sense for some equipment
 * and not for other (a point of another kind) is left out there with a warning. */
#include "rules/engine_impl.h"

#include "base/mem.h"
#include "rules/applies.h"

#include <string.h>

/* A shipped rule with other words than this equipment has (another table of codes, a bare
 * number) is about another form of the same thing, and has a sister for this one. */
static bool has_all(const struct builder *b, const struct equipment *equipment)
{
    for (size_t part = 0; part < PART_COUNT; part++) {
        const struct ast *ast = b->parts.asts[part];

        if (ast == NULL)
            continue;
        if (!applies_has(b->model, ast, equipment) ||
            (b->rule->shipped && !applies_words(b->model, ast, equipment)))
            return false;
    }
    return true;
}

static bool is_alike(const struct builder *b, const struct equipment *equipment,
                     const struct equipment *example)
{
    for (size_t part = 0; part < PART_COUNT; part++)
        if (b->parts.asts[part] != NULL &&
            !applies_alike(b->model, b->parts.asts[part], equipment, example))
            return false;
    return true;
}

/* The unit that fits the equipment; made when there is none yet. */
static struct unit *unit_for(struct builder *b, const struct equipment *equipment)
{
    struct unit **link = &b->state->units;

    while (*link != NULL) {
        if (is_alike(b, equipment, (*link)->example))
            return *link;
        link = &(*link)->next;
    }
    *link = unit_new(b, equipment);
    return *link;
}

struct track *engine_track_for(void *context, const struct point *point)
{
    struct engine *engine = context;
    uint32_t *place = &engine->places[point->index];

    if (*place == 0) {
        *place = (uint32_t)engine->track_count++;
        track_init(&engine->tracks[*place], point);
    }
    return &engine->tracks[*place];
}

/* The larger of two polls and `for`, unless the rule says otherwise. */
static void widen_grace(struct unit *unit, int64_t period_ms)
{
    int64_t grace =
        2 * period_ms > unit->rule->for_ms ? 2 * period_ms : unit->rule->for_ms;

    if (unit->rule->unknown_grace_ms == 0 && grace > unit->timing.unknown_grace_ms)
        unit->timing.unknown_grace_ms = grace;
}

static struct instance *new_instance(struct engine *engine)
{
    if (engine->instance_count == engine->instance_capacity) {
        engine->instance_capacity = 2 * engine->instance_capacity + 64;
        engine->instances = mem_resize(engine->instances, engine->instance_capacity,
                                       sizeof *engine->instances);
    }
    return &engine->instances[engine->instance_count++];
}

static void add_instance(struct builder *b, struct unit *unit,
                         const struct equipment *equipment)
{
    struct engine *engine = b->engine;
    struct bind_scope scope = {
        .model = b->model,
        .rule = b->rule,
        .tz = engine->tz,
        .track = engine_track_for,
        .context = engine,
    };
    struct instance *instance = new_instance(engine);
    char *key;

    *instance = (struct instance){
        .unit = unit,
        .equipment = equipment,
        .alarm = {.observed_ms = -1, .level_ms = -1},
        .stepped_ns = INT64_MIN,
        .blind_ns = INT64_MAX,
        .cause = INSTANCE_NONE,
        .raised_ns = INT64_MIN,
        .returned_ns = INT64_MIN,
    };
    bind_program(&instance->binding, unit->program, equipment, &scope);
    if (unit->program->point_count == 1 && unit->program->group_count == 0)
        instance->track = instance->binding.tracks[0];
    widen_grace(unit, scope.period_ms);
    key = mem_format("%s\n%s", b->rule->id, equipment->id);
    (void)map_put(engine->by_key, key, engine_index_of(engine, instance));
    mem_free(key);
    b->state->count++;
}

/* ---- one rule ---- */

/* How many of the names of all parts the equipment lacks. */
static size_t count_missing(const struct builder *b, const struct equipment *equipment)
{
    size_t missing = 0;

    for (size_t part = 0; part < PART_COUNT; part++)
        if (b->parts.asts[part] != NULL)
            missing += applies_missing(b->model, b->parts.asts[part], equipment);
    return missing;
}

/* The equipment of the class for which most of the rule can be found: the one to explain
 * what is missing. NULL when there is none of the class. */
static const struct equipment *best_example(const struct builder *b)
{
    const struct equipment *best = NULL;
    size_t fewest = SIZE_MAX;

    for (size_t i = 0; i < b->model->equipment_count; i++) {
        const struct equipment *equipment = &b->model->equipment[i];
        size_t missing;

        if (!engine_class_fits(b->rule, equipment))
            continue;
        missing = count_missing(b, equipment);
        if (missing < fewest) {
            fewest = missing;
            best = equipment;
        }
    }
    return best;
}

/* No equipment has what the rule names. */
static void applies_to_none(struct builder *b)
{
    bool silent = b->rule->shipped || b->config->lacking;
    const struct equipment *example = silent ? NULL : best_example(b);

    if (unit_check_aloud(b, example, true, false, NULL) || silent)
        return;
    if (example != NULL)
        config_report_add(b->report, REPORT_ERROR, "E312", b->rule->pos, NULL,
                          "rule \"%s\" applies to no equipment: no %s has all the points "
                          "and relations that it names",
                          b->rule->id, b->rule->class_name);
    else
        config_report_add(b->report, REPORT_WARNING, "W307", b->rule->pos, NULL,
                          "rule \"%s\" watches nothing: there is no equipment of class "
                          "\"%s\"",
                          b->rule->id, b->rule->class_name);
}

/* Some equipment has the names, but for it the rule makes no sense. */
static void say_misfits(struct builder *b, bool any_good)
{
    for (const struct unit *unit = b->state->units; unit != NULL; unit = unit->next) {
        char first[DIAGNOSIS_TEXT_MAX] = "";

        if (unit->good)
            continue;
        if (!any_good && !b->rule->shipped) {
            if (!unit_check_aloud(b, unit->example, true, false, NULL))
                config_report_add(b->report, REPORT_ERROR, "E303", b->rule->pos,
                                  "split it into several", "rule \"%s\" is too large",
                                  b->rule->id);
            return;
        }
        (void)unit_check_aloud(b, unit->example, false, false, first);
        config_report_add(b->report, REPORT_WARNING, "W303", b->rule->pos, NULL,
                          "rule \"%s\" is not applied to %s \"%s\" and its like: %s",
                          b->rule->id, unit->example->class_name, unit->example->id,
                          first);
    }
}

/* Warnings about a rule that works; shipped ones are not the operator's to mend. */
static void say_warnings(struct builder *b)
{
    const struct unit *unit = b->state->units;

    if (b->rule->shipped)
        return;
    while (unit != NULL && !unit->good)
        unit = unit->next;
    if (unit != NULL)
        (void)unit_check_aloud(b, unit->example, false, true, NULL);
    if (b->rule->on_unknown == UNKNOWN_CLEAR)
        config_report_add(b->report, REPORT_WARNING, "W305", b->rule->pos,
                          "the default \"hold\" keeps it until it is proven clear",
                          "rule \"%s\" clears its alarm when data is missing",
                          b->rule->id);
}

static void bind_equipment(struct builder *b)
{
    for (size_t i = 0; i < b->model->equipment_count; i++) {
        const struct equipment *equipment = &b->model->equipment[i];
        struct unit *unit;

        if (!engine_class_fits(b->rule, equipment) || !has_all(b, equipment))
            continue;
        unit = unit_for(b, equipment);
        /* A group whose members differ does not even fit its own unit. */
        if (unit->good && is_alike(b, equipment, unit->example))
            add_instance(b, unit, equipment);
    }
}

static void build_rule(struct builder *b)
{
    bool any_good = false;

    if (unit_parse(b)) {
        bind_equipment(b);
        for (const struct unit *unit = b->state->units; unit != NULL; unit = unit->next)
            any_good = any_good || unit->good;
        if (b->state->units == NULL)
            applies_to_none(b);
        else
            say_misfits(b, any_good);
        say_warnings(b);
    }
    parts_free(&b->parts);
}

/* Their number is known now: one array of the right size, where it is found fast. */
static void settle_instances(struct engine *engine)
{
    struct instance *settled =
        mem_spread(engine->instance_count + 1, sizeof *engine->instances);

    if (engine->instance_count > 0)
        memcpy(settled, engine->instances, engine->instance_count * sizeof *settled);
    mem_free(engine->instances);
    engine->instances = settled;
}

void engine_build(struct engine *engine, struct config_report *report)
{
    struct builder builder = {
        .engine = engine,
        .config = engine->config,
        .report = report,
        .model = engine->config->model,
    };

    for (size_t i = 0; i < engine->config->rule_count; i++) {
        builder.rule = &engine->config->rules[i];
        builder.state = &engine->rules[i];
        builder.state->rule = builder.rule;
        builder.state->first = engine->instance_count;
        build_rule(&builder);
    }
    settle_instances(engine);
    virtual_build(engine, report);
    cause_graph_build(engine, report);
    engine_index(engine, report);
}
