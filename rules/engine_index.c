/* engine_index.c - what depends on what: from a point to the instances and virtual points
 * that must be evaluated when it moves, from an alarm to those that ask active() of it,
 * from an equipment to those that ask blind(). */
#include "rules/engine_impl.h"

#include "base/mem.h"
#include "rules/cycles.h"

#include <string.h>

/* Calls `each` for every track of a binding, groups included. */
static void visit_tracks(const struct binding *binding, const struct program *program,
                         void (*each)(void *context, struct track *track), void *context)
{
    for (size_t i = 0; i < program->point_count; i++)
        each(context, binding->tracks[i]);
    for (size_t g = 0; g < program->group_count; g++)
        for (uint32_t m = 0; m < binding->groups[g].count; m++)
            visit_tracks(&binding->groups[g].members[m], program->groups[g].body, each,
                         context);
}

static void count_dependent(void *context, struct track *track)
{
    struct engine *engine = context;

    track->dependents++;
    engine->dependent_count++;
}

struct filling {
    struct engine *engine;
    uint32_t instance;
};

static void fill_dependent(void *context, struct track *track)
{
    struct filling *filling = context;
    uint32_t *run = &filling->engine->dependents[track->first_dependent];

    /* A group may reach a point twice; once is enough. */
    if (track->dependents > 0 && run[track->dependents - 1] == filling->instance)
        return;
    run[track->dependents++] = filling->instance;
}

/* Each track gets a run of the array; two passes, count and fill. */
static void index_dependents(struct engine *engine)
{
    uint32_t first = 0;

    for (size_t i = 0; i < engine->instance_count; i++)
        visit_tracks(&engine->instances[i].binding, engine->instances[i].unit->program,
                     count_dependent, engine);
    engine->dependents = mem_array(engine->dependent_count + 1, sizeof(uint32_t));
    for (size_t i = 0; i < engine->config->model->point_count; i++) {
        struct track *track = engine_track(engine, (uint32_t)i);

        if (track == NULL)
            continue;
        track->first_dependent = first;
        first += track->dependents;
        track->dependents = 0;
        track_seal(track);
    }
    for (size_t i = 0; i < engine->instance_count; i++) {
        struct filling filling = {engine, (uint32_t)i};

        visit_tracks(&engine->instances[i].binding, engine->instances[i].unit->program,
                     fill_dependent, &filling);
    }
}

/* Whether each rule that its readings wake says which of them do not matter. */
static bool is_gated(const struct engine *engine, const struct track *track)
{
    for (uint32_t i = 0; i < track->dependents; i++) {
        uint32_t item = engine->dependents[track->first_dependent + i];
        const struct unit *unit = engine->instances[item].unit;

        if (unit->rule->every_ms == 0 && !unit->plain &&
            (unit->windows == NULL || !unit->settles))
            return false;
    }
    return track->sampled;
}

static void find_gated(struct engine *engine)
{
    for (size_t i = 1; i < engine->track_count; i++)
        engine->tracks[i].gated = is_gated(engine, &engine->tracks[i]);
}

/* ---- who asks of whom ---- */

/* Pairs (asked, asker) while they are gathered. */
struct asking {
    struct engine *engine;
    uint32_t asker;
    uint32_t *pairs;
    size_t count;
    size_t capacity;
};

static void add_pair(struct asking *asking, uint32_t asked)
{
    if (asking->count == asking->capacity) {
        asking->capacity = 2 * asking->capacity + 64;
        asking->pairs =
            mem_resize(asking->pairs, asking->capacity, 2 * sizeof *asking->pairs);
    }
    asking->pairs[2 * asking->count] = asked;
    asking->pairs[2 * asking->count++ + 1] = asking->asker;
}

static struct alarm_ref find_alarm(void *context, const char *rule,
                                   const struct equipment *equipment)
{
    struct asking *asking = context;
    const struct instance *instance = engine_find(asking->engine, rule, equipment->id);

    if (instance == NULL)
        return (struct alarm_ref){0};
    add_pair(asking, engine_index_of(asking->engine, instance));
    return (struct alarm_ref){&instance->alarm, &instance->active_ns};
}

/* Runs by what is asked: `first` has `items` + 1 places. */
static void make_runs(const struct asking *asking, size_t items, uint32_t **first,
                      uint32_t **runs)
{
    uint32_t *starts = mem_array(items + 2, sizeof *starts);
    uint32_t *all = mem_array(asking->count + 1, sizeof *all);

    for (size_t i = 0; i < asking->count; i++)
        starts[asking->pairs[2 * i] + 2]++;
    for (size_t i = 2; i < items + 2; i++)
        starts[i] += starts[i - 1];
    for (size_t i = 0; i < asking->count; i++)
        all[starts[asking->pairs[2 * i] + 1]++] = asking->pairs[2 * i + 1];
    *first = starts;
    *runs = all;
}

static void say_circle(struct engine *engine, struct cycles *graph,
                       struct config_report *report)
{
    uint32_t path[CYCLES_PATH_MAX];
    size_t length = cycles_find(graph, path, CYCLES_PATH_MAX);
    const struct instance *first;
    struct text names;

    if (length == 0)
        return;
    text_init(&names, 1024);
    for (size_t i = 0; i < length && i < CYCLES_PATH_MAX; i++) {
        const struct instance *instance = &engine->instances[path[i]];

        text_addf(&names, "%s of \"%s\" -> ", instance->unit->rule->id,
                  instance->equipment->id);
    }
    first = &engine->instances[path[0]];
    config_report_add(report, REPORT_ERROR, "E316", first->unit->rule->pos,
                      "an alarm cannot depend on itself",
                      "rules ask active() of each other in a circle: %s%s", names.data,
                      length > CYCLES_PATH_MAX ? "..." : first->unit->rule->id);
    text_done(&names);
}

static void index_watchers(struct engine *engine, struct config_report *report)
{
    struct asking asking = {.engine = engine};
    struct cycles *graph = cycles_new((uint32_t)engine->instance_count);

    for (size_t i = 0; i < engine->instance_count; i++) {
        struct instance *instance = &engine->instances[i];

        asking.asker = (uint32_t)i;
        bind_alarms(&instance->binding, instance->unit->program, instance->equipment,
                    engine->config->model, find_alarm, &asking);
    }
    for (size_t i = 0; i < asking.count; i++)
        cycles_edge(graph, asking.pairs[2 * i + 1], asking.pairs[2 * i]);
    say_circle(engine, graph, report);
    cycles_free(graph);
    make_runs(&asking, engine->instance_count, &engine->watcher_first, &engine->watchers);
    mem_free(asking.pairs);
}

static void index_blind(struct engine *engine)
{
    struct asking asking = {.engine = engine};
    size_t count = engine->config->model->equipment_count;

    for (size_t i = 0; i < engine->instance_count; i++) {
        if (!engine->instances[i].unit->program->blind)
            continue;
        asking.asker = (uint32_t)i;
        add_pair(&asking, engine->instances[i].equipment->index);
    }
    make_runs(&asking, count, &engine->blind_first, &engine->blind_askers);
    engine->blind_count = mem_array(count + 1, sizeof *engine->blind_count);
    engine->doubt_count = mem_array(count + 1, sizeof *engine->doubt_count);
    mem_free(asking.pairs);
}

void engine_index(struct engine *engine, struct config_report *report)
{
    size_t items = engine_items(engine);

    index_dependents(engine);
    find_gated(engine);
    index_watchers(engine, report);
    index_blind(engine);
    engine->agenda = agenda_new(items, engine->start_ns);
    engine->resting = mem_spread(engine->instance_count + 1, sizeof *engine->resting);
    engine->dirty = mem_array(items + 1, sizeof *engine->dirty);
    engine->fresh =
        mem_array(engine->config->model->point_count + 1, sizeof *engine->fresh);
    engine->changed = mem_array(engine->instance_count + 1, sizeof *engine->changed);
    engine->waiting = mem_array(2 * engine->instance_count + 1, sizeof *engine->waiting);
    for (size_t i = 0; i < items; i++)
        engine_mark(engine, (uint32_t)i);
}
