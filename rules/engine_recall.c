/* engine_recall.c - the past put back after a restart: windows and logs of truths become
 * what they would be had the engine been there. No alarm moves.
 *
 * Times of the past lie before the start on the monotonic axis. Truth logs are fed by
 * evaluating the programs that have them, at each of their samples and deadlines, as
 * engine_step would have. */
#include "rules/engine_impl.h"

enum {
    /* Evaluations between two samples: a gap of hours with a window of minutes. */
    RECALL_STEPS_MAX = 10000,
};

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t engine_reach_ms(const struct engine *engine, uint32_t point)
{
    const struct track *track = engine_track(engine, point);
    int64_t reach_ms;

    if (track == NULL)
        return 0;
    /* The value in force: what has not reported since is still true. */
    reach_ms = longer(track_reach_ms(track), INT64_C(60) * 1000);
    for (uint32_t i = 0; i < track->dependents; i++) {
        uint32_t item = engine->dependents[track->first_dependent + i];

        if (item < engine->instance_count)
            reach_ms = longer(reach_ms, engine->instances[item].unit->reach_ms);
    }
    return reach_ms < TRACK_REACH_MAX_MS ? reach_ms : TRACK_REACH_MAX_MS;
}

int64_t engine_hours_ms(const struct engine *engine, uint32_t point)
{
    const struct track *track = engine_track(engine, point);

    return track == NULL ? 0 : track_hours_ms(track);
}

void engine_recall_hour(struct engine *engine, uint32_t point, struct wall_time start,
                        double mean)
{
    struct track *track = engine_track(engine, point);

    if (track != NULL && track_hours_ms(track) > 0)
        track_hour(track, start, mean);
}

/* Feeds the logs of one instance at the time that is now. */
static void remember(struct engine *engine, struct instance *instance)
{
    struct alarm_truths truths;
    struct eval eval;
    uint32_t marks;

    engine_truths(engine, instance, &eval, &truths, &marks);
    instance->due_ns = eval.due_ns > engine->now_ns ? eval.due_ns : engine->now_ns + 1;
    agenda_set(engine->agenda, engine_index_of(engine, instance), instance->due_ns);
}

/* What falls due up to `until`. */
static void remember_due(struct engine *engine, int64_t until_ns)
{
    uint32_t item;

    for (unsigned i = 0; i < RECALL_STEPS_MAX; i++) {
        int64_t due_ns = agenda_next(engine->agenda);

        if (due_ns > until_ns || !agenda_take(engine->agenda, due_ns, &item))
            return;
        if (item >= engine->instance_count)
            continue;
        if (engine->instances[item].due_ns > due_ns) {
            agenda_set(engine->agenda, item, engine->instances[item].due_ns);
            continue;
        }
        if (due_ns > engine->now_ns)
            engine->now_ns = due_ns;
        engine->wall = (struct wall_time){engine->now_ns + engine->offset_ns};
        remember(engine, &engine->instances[item]);
    }
}

static void recall_one(struct engine *engine, const struct sample *sample)
{
    struct track *track = engine_track(engine, sample->point);
    int64_t event_ns = sample->time.ns - engine->offset_ns;

    if (track == NULL)
        return;
    if (event_ns < engine->start_ns)
        engine->start_ns = event_ns;
    if (event_ns > engine->heard_ns)
        engine->heard_ns = event_ns;
    remember_due(engine, event_ns);
    engine->now_ns = event_ns;
    engine->wall = sample->time;
    (void)track_put(track, sample, event_ns, event_ns);
    for (uint32_t i = 0; i < track->dependents; i++) {
        uint32_t item = engine->dependents[track->first_dependent + i];

        if (item < engine->instance_count && engine->instances[item].unit->logs)
            remember(engine, &engine->instances[item]);
    }
}

void engine_recall(struct engine *engine, const struct sample *samples, size_t count,
                   struct mono_time mono, struct wall_time wall)
{
    engine->offset_ns = wall.ns - mono.ns;
    engine->offset_known = true;
    for (size_t i = 0; i < count; i++)
        if (samples[i].point < engine->config->model->point_count &&
            samples[i].time.ns < wall.ns)
            recall_one(engine, &samples[i]);
}

void engine_recalled(struct engine *engine)
{
    /* Everything is in the dirty queue since the engine was built, so the first step
     * evaluates it at the present time and sets its deadlines anew. */
    engine->offset_known = false;
    if (engine->heard_ns != INT64_MIN && engine->heard_ns < engine->run_ns)
        engine->stop_ns = engine->run_ns - engine->heard_ns;
}
