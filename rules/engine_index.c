/* engine_index.c - from a point to the instances that must be evaluated when it moves. */
#include "rules/engine_impl.h"

#include "base/mem.h"

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
        struct track *track = engine->tracks[i];

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

void engine_index(struct engine *engine)
{
    index_dependents(engine);
    engine->agenda = agenda_new(engine->instance_count);
    engine->dirty = mem_array(engine->instance_count + 1, sizeof *engine->dirty);
    for (size_t i = 0; i < engine->instance_count; i++)
        engine_mark(engine, (uint32_t)i);
}
