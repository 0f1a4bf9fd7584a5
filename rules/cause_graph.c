/* cause_graph.c - which alarm could explain which: the rows of `suppress`, worked out for
 * every instance when the engine is built.
 *
 * A relation is followed over several steps: what feeds the feeder explains a lift, too.
 * With `all`, every member of the relation (a redundant supply) is a branch, and all
 * branches must be out. The stand-in of a link that says nothing about its supply has the
 * one that everything behind it has in common: converters stand where the devices are.
 *
 * A circle (two feeders that feed each other) is cut where it would close. */
#include "rules/engine_impl.h"

#include "base/mem.h"
#include "rules/lookup.h"

#include <stdio.h>
#include <string.h>

enum {
    STEPS_MAX = 8,     /* of a relation that is followed */
    REACHED_MAX = 256, /* equipment that one relation leads to */
    DEPTH_MAX = 16,    /* of causes of causes */
};

/* Equipment that a relation leads to; what feeds both of two feeders is there twice. */
struct reached {
    uint32_t equipment[REACHED_MAX];
    uint16_t branch[REACHED_MAX];
    size_t count;
};

struct drawing {
    struct engine *engine;
    const struct model *model;
    struct config_report *report;
    struct cause_parent *parents; /* grows */
    size_t count;
    size_t capacity;
};

static bool has_reached(const struct reached *reached, uint32_t equipment)
{
    for (size_t i = 0; i < reached->count; i++)
        if (reached->equipment[i] == equipment)
            return true;
    return false;
}

static void reach_one(struct reached *reached, uint32_t equipment, uint16_t branch)
{
    for (size_t i = 0; i < reached->count; i++)
        if (reached->equipment[i] == equipment && reached->branch[i] == branch)
            return;
    if (reached->count == REACHED_MAX)
        return;
    reached->equipment[reached->count] = equipment;
    reached->branch[reached->count++] = branch;
}

/* Follows the relation from what was reached, breadth first. */
static void follow(const struct model *model, struct reached *reached, const char *via)
{
    size_t from = 0;

    for (unsigned step = 1; step < STEPS_MAX && from < reached->count; step++) {
        size_t to = reached->count;

        for (; from < to; from++) {
            const struct relation *relation =
                model_relation(&model->equipment[reached->equipment[from]], via);

            for (size_t i = 0; relation != NULL && i < relation->count; i++)
                reach_one(reached, relation->equipment[i], reached->branch[from]);
        }
    }
}

static void reach_relation(const struct model *model, const struct equipment *equipment,
                           const char *via, struct reached *reached)
{
    const struct relation *relation = model_relation(equipment, via);

    for (size_t i = 0; relation != NULL && i < relation->count; i++)
        reach_one(reached, relation->equipment[i], (uint16_t)i);
    follow(model, reached, via);
}

/* What all equipment of a link that has the relation reaches. */
static void reach_common(const struct model *model, const struct equipment *stand_in,
                         const char *via, struct reached *reached)
{
    bool first = true;

    for (size_t i = 0; i < model->equipment_count; i++) {
        const struct equipment *equipment = &model->equipment[i];
        struct reached its = {.count = 0};
        size_t kept = 0;

        if (equipment->is_link || equipment->link != stand_in->link ||
            model_relation(equipment, via) == NULL)
            continue;
        reach_relation(model, equipment, via, &its);
        if (first) {
            *reached = its;
            memset(reached->branch, 0, sizeof reached->branch);
            first = false;
            continue;
        }
        for (size_t k = 0; k < reached->count; k++)
            if (has_reached(&its, reached->equipment[k]))
                reached->equipment[kept++] = reached->equipment[k];
        reached->count = kept;
    }
}

static void reach(const struct model *model, const struct equipment *equipment,
                  const char *via, struct reached *reached)
{
    reached->count = 0;
    if (strcmp(via, "self") == 0)
        reach_one(reached, equipment->index, 0);
    else if (strcmp(via, "link") == 0)
        reach_one(reached, model->links[equipment->link].stand_in, 0);
    else if (equipment->is_link && model_relation(equipment, via) == NULL)
        reach_common(model, equipment, via, reached);
    else
        reach_relation(model, equipment, via, reached);
}

/* "pump.*" and "*" are patterns. */
static bool fits_pattern(const char *pattern, const char *id)
{
    size_t length = strlen(pattern);

    if (length > 0 && pattern[length - 1] == '*')
        return strncmp(pattern, id, length - 1) == 0;
    return strcmp(pattern, id) == 0;
}

static bool is_target(const struct suppress_settings *row,
                      const struct rule_settings *rule)
{
    if (rule->highly_managed || strcmp(row->by, rule->id) == 0)
        return false;
    for (size_t i = 0; i < row->target_count; i++)
        if (fits_pattern(row->targets[i], rule->id))
            return true;
    return false;
}

static void add_parent(struct drawing *d, struct cause_parent parent)
{
    if (d->count == d->capacity) {
        d->capacity = 2 * d->capacity + 64;
        d->parents = mem_resize(d->parents, d->capacity, sizeof *d->parents);
    }
    d->parents[d->count++] = parent;
}

/* What one row contributes to one instance. */
static void add_row(struct drawing *d, const struct instance *instance, uint16_t index)
{
    const struct suppress_settings *row = &d->engine->config->suppress[index];
    struct reached reached;

    if (!is_target(row, instance->unit->rule))
        return;
    reach(d->model, instance->equipment, row->via, &reached);
    for (size_t i = 0; i < reached.count; i++) {
        const struct instance *parent =
            engine_find(d->engine, row->by, d->model->equipment[reached.equipment[i]].id);

        if (parent != NULL && parent != instance)
            add_parent(d, (struct cause_parent){
                              .instance = engine_index_of(d->engine, parent),
                              .row = index,
                              .branch = row->all ? reached.branch[i] : 0,
                          });
    }
}

static void add_parents(struct drawing *d)
{
    struct engine *engine = d->engine;
    struct cause_graph *graph = &engine->causes;

    graph->first = mem_array(engine->instance_count + 1, sizeof *graph->first);
    for (size_t i = 0; i < engine->instance_count; i++) {
        graph->first[i] = (uint32_t)d->count;
        for (size_t row = 0; row < engine->config->suppress_count; row++)
            add_row(d, &engine->instances[i], (uint16_t)row);
    }
    graph->first[engine->instance_count] = (uint32_t)d->count;
    graph->parents = d->parents;
}

enum visit {
    UNSEEN,
    UNDER_WAY,
    DONE,
};

/* Depth-first; an edge that would close a circle is turned into one to itself, which
 * nothing follows. */
static unsigned measure(struct drawing *d, uint8_t *visits, uint32_t index,
                        unsigned level)
{
    struct cause_graph *graph = &d->engine->causes;
    unsigned depth = 0;

    if (visits[index] == DONE)
        return graph->depth[index];
    visits[index] = UNDER_WAY;
    for (uint32_t i = graph->first[index]; i < graph->first[index + 1]; i++) {
        uint32_t parent = graph->parents[i].instance;
        unsigned its;

        if (parent == index)
            continue;
        if (visits[parent] == UNDER_WAY || level >= DEPTH_MAX) {
            config_report_add(
                d->report, REPORT_WARNING, "W306",
                d->engine->config->suppress[graph->parents[i].row].pos, NULL,
                "\"%s\" of \"%s\" and \"%s\" of \"%s\" would explain each other; the "
                "second does not explain the first",
                d->engine->instances[index].unit->rule->id,
                d->engine->instances[index].equipment->id,
                d->engine->instances[parent].unit->rule->id,
                d->engine->instances[parent].equipment->id);
            graph->parents[i].instance = index;
            continue;
        }
        its = measure(d, visits, parent, level + 1) + 1;
        depth = its > depth ? its : depth;
    }
    visits[index] = DONE;
    graph->depth[index] = (uint8_t)depth;
    return depth;
}

static void measure_all(struct drawing *d)
{
    struct engine *engine = d->engine;
    uint8_t *visits = mem_array(engine->instance_count + 1, sizeof *visits);

    engine->causes.depth =
        mem_array(engine->instance_count + 1, sizeof *engine->causes.depth);
    for (size_t i = 0; i < engine->instance_count; i++)
        (void)measure(d, visits, (uint32_t)i, 0);
    mem_free(visits);
}

/* The same edges from the other side; two passes, count and fill. */
static void add_children(struct engine *engine)
{
    struct cause_graph *graph = &engine->causes;
    size_t edges = graph->first[engine->instance_count];

    graph->child_first = mem_array(engine->instance_count + 2, sizeof(uint32_t));
    graph->children = mem_array(edges + 1, sizeof(uint32_t));
    for (size_t i = 0; i < edges; i++)
        graph->child_first[graph->parents[i].instance + 2]++;
    for (size_t i = 2; i < engine->instance_count + 2; i++)
        graph->child_first[i] += graph->child_first[i - 1];
    for (size_t i = 0; i < engine->instance_count; i++)
        for (uint32_t k = graph->first[i]; k < graph->first[i + 1]; k++)
            graph->children[graph->child_first[graph->parents[k].instance + 1]++] =
                (uint32_t)i;
}

void cause_graph_build(struct engine *engine, struct config_report *report)
{
    struct drawing drawing = {
        .engine = engine, .model = engine->config->model, .report = report};

    add_parents(&drawing);
    measure_all(&drawing);
    add_children(engine);
}

void cause_graph_free(struct cause_graph *graph)
{
    mem_free(graph->first);
    mem_free(graph->parents);
    mem_free(graph->child_first);
    mem_free(graph->children);
    mem_free(graph->depth);
}
