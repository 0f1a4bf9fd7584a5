/* engine.c - see engine.h. Birth, samples in, questions; evaluation is in engine_eval.c,
 * compilation in engine_build.c, the words for people in engine_explain.c.
 *
 * Time: everything runs on the monotonic axis. The wall time of a sample is only used for
 * how late it came (wall at arrival minus its stamp), so a step of the wall clock moves
 * neither windows nor delays. Just after a step, before engine_step has seen it, one
 * batch may count as arrived late or in time when it was not; nothing opens from that. */
#include "rules/engine_impl.h"

#include "base/mem.h"

#include <string.h>

enum {
    /* How many samples ahead memory is asked for. */
    FETCH_PLACE = 24,
    FETCH_TRACK = 16,
    FETCH_RECENT = 8,
    FETCH_RING = 4, /* of the windows */
};

struct engine *engine_new(const struct config *config, struct mono_time start,
                          struct config_report *report)
{
    struct engine *engine = mem_alloc(sizeof *engine);
    size_t errors = config_report_errors(report);
    struct err err;

    engine->config = config;
    engine->start_ns = engine->run_ns = engine->now_ns = start.ns;
    engine->heard_ns = INT64_MIN;
    engine->places = mem_spread(config->model->point_count + 1, sizeof *engine->places);
    engine->tracks = mem_reserve(config->model->point_count + 1, sizeof *engine->tracks);
    engine->track_count = 1;
    engine->rules = mem_array(config->rule_count + 1, sizeof *engine->rules);
    engine->by_key = map_new();
    engine->stack = mem_array(EVAL_STACK, sizeof *engine->stack);
    engine->trace = mem_array(AST_NODES_MAX, sizeof *engine->trace);
    engine->notes = mem_array(AST_NODES_MAX, sizeof *engine->notes);
    text_init(&engine->evidence, ENGINE_EVIDENCE_MAX);
    engine->tz = tz_load(config->site.timezone, &err);
    if (engine->tz == NULL)
        config_report_add(report, REPORT_ERROR, "E314", config->site.pos, NULL, "%s",
                          err.text);
    engine_build(engine, report);
    if (config_report_errors(report) > errors) {
        engine_free(engine);
        return NULL;
    }
    return engine;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    for (size_t i = 0; i < engine->instance_count; i++)
        bind_done(&engine->instances[i].binding, engine->instances[i].unit->program);
    for (size_t i = 0; i < engine->config->rule_count; i++)
        unit_free(engine->rules[i].units);
    virtual_free(engine);
    cause_graph_free(&engine->causes);
    for (size_t i = 1; i < engine->track_count; i++)
        track_done(&engine->tracks[i]);
    text_done(&engine->evidence);
    agenda_free(engine->agenda);
    map_free(engine->by_key);
    tz_free(engine->tz);
    mem_unreserve(engine->tracks, engine->config->model->point_count + 1,
                  sizeof *engine->tracks);
    mem_free(engine->places);
    mem_free(engine->rules);
    mem_free(engine->instances);
    mem_free(engine->dependents);
    mem_free(engine->watcher_first);
    mem_free(engine->watchers);
    mem_free(engine->blind_first);
    mem_free(engine->blind_askers);
    mem_free(engine->unknown);
    mem_free(engine->blind_count);
    mem_free(engine->doubt_count);
    mem_free(engine->resting);
    mem_free(engine->dirty);
    mem_free(engine->changed);
    mem_free(engine->fresh);
    mem_free(engine->waiting);
    mem_free(engine->stack);
    mem_free(engine->trace);
    mem_free(engine->notes);
    mem_free(engine);
}

size_t engine_instances(const struct engine *engine)
{
    return engine->instance_count;
}

size_t engine_memory(const struct engine *engine)
{
    size_t bytes = 0;

    for (size_t i = 1; i < engine->track_count; i++)
        bytes += track_memory(&engine->tracks[i]);
    for (size_t i = 0; i < engine->instance_count; i++)
        bytes += bind_memory(&engine->instances[i].binding,
                             engine->instances[i].unit->program);
    return bytes;
}

bool engine_class_fits(const struct rule_settings *rule,
                       const struct equipment *equipment)
{
    if (rule->only != NULL && !rule->only[equipment->index])
        return false;
    if (strcmp(rule->class_name, "*") == 0)
        return !equipment->is_link;
    return strcmp(rule->class_name, equipment->class_name) == 0;
}

struct instance *engine_find(const struct engine *engine, const char *rule,
                             const char *equipment)
{
    char *key = mem_format("%s\n%s", rule, equipment);
    uint32_t index = map_get(engine->by_key, key);

    mem_free(key);
    return index == MAP_NONE ? NULL : &engine->instances[index];
}

/* How long before its arrival the reading was true. */
static int64_t lag_ns(const struct engine *engine, const struct sample *sample,
                      int64_t arrived_ns)
{
    int64_t lag;

    if (!engine->offset_known || sample->time.ns == 0)
        return 0;
    lag = arrived_ns + engine->offset_ns - sample->time.ns;
    return lag > 0 ? lag : 0; /* a stamp in the future is a clock that is ahead */
}

/* A good reading in time behind another one, between values that no rule tells apart. */
static bool changes_nothing(const struct track *track, const struct sample *sample,
                            int64_t event_ns, int64_t arrived_ns)
{
    return gate_passes(&track->gate, sample->value) && sample->quality == QUALITY_GOOD &&
           track->quality == QUALITY_GOOD && event_ns >= track->time_ns &&
           track_in_force(track, arrived_ns);
}

/* While alarms that were put back wait for readings, any reading is news. */
static bool is_young(const struct engine *engine)
{
    return engine->now_ns - engine->run_ns < HEARD_WITHIN_MS * CLOCK_MS;
}

static void mark_dependents(struct engine *engine, const struct track *track)
{
    for (uint32_t i = 0; i < track->dependents; i++) {
        uint32_t index = engine->dependents[track->first_dependent + i];

        if (engine->instances[index].unit->rule->every_ms == 0)
            engine_mark(engine, index);
    }
}

/* Whether somebody must be evaluated for it. */
static inline bool take(struct engine *engine, struct track *track,
                        const struct sample *sample, int64_t arrived_ns)
{
    int64_t event_ns = arrived_ns - lag_ns(engine, sample, arrived_ns);
    bool quiet = changes_nothing(track, sample, event_ns, arrived_ns);

    quiet = track_put(track, sample, event_ns, arrived_ns) == TRACK_SAME || quiet;
    if (quiet && !(engine->restored && is_young(engine)))
        return false;
    if (!track->sampled || track->gated)
        gate_open(&track->gate); /* who is evaluated now narrows it again */
    mark_dependents(engine, track);
    return true;
}

/* When it came; the time goes on with it. */
static inline int64_t arrival(struct engine *engine, const struct sample *sample)
{
    int64_t arrived_ns = sample->mono.ns == 0 ? engine->now_ns : sample->mono.ns;

    if (arrived_ns > engine->now_ns)
        engine->now_ns = arrived_ns;
    return arrived_ns;
}

void engine_take(struct engine *engine, const struct sample *sample)
{
    struct track *track = engine_track(engine, sample->point);
    int64_t arrived_ns = arrival(engine, sample);

    if (track != NULL)
        (void)take(engine, track, sample, arrived_ns);
}

/* A second reading before the first has been evaluated must not hide it. */
static inline void take_in_turn(struct engine *engine, const struct sample *sample)
{
    uint32_t place = engine->places[sample->point];
    struct track *track = &engine->tracks[place];
    bool hides = place != 0 && track->fresh &&
                 (track->value != sample->value || track->quality != sample->quality);
    int64_t arrived_ns;

    if (hides)
        engine_catch_up(engine, track);
    arrived_ns = arrival(engine, sample);
    if (place == 0 || !take(engine, track, sample, arrived_ns) || track->fresh)
        return;
    track->fresh = true;
    engine->fresh[engine->fresh_count++] = place;
}

/* Everything that the samples ahead will touch is fetched while this one is at work: in a
 * plant with a million points nothing of it is in the cache. Each step needs what the one
 * before it has fetched. Inlined always: gcc 12 takes a function that only prefetches for
 * one without effect and drops the call. */
static inline __attribute__((always_inline)) void
fetch_ahead(const uint32_t *places, const struct track *tracks, size_t points,
            const struct sample *samples, size_t left)
{
    if (left > FETCH_PLACE && samples[FETCH_PLACE].point < points)
        __builtin_prefetch(&places[samples[FETCH_PLACE].point]);
    if (left > FETCH_TRACK && samples[FETCH_TRACK].point < points)
        __builtin_prefetch(&tracks[places[samples[FETCH_TRACK].point]], 1);
    if (left > FETCH_RECENT && samples[FETCH_RECENT].point < points)
        track_fetch(&tracks[places[samples[FETCH_RECENT].point]]);
    if (left > FETCH_RING && samples[FETCH_RING].point < points)
        track_fetch_ring(&tracks[places[samples[FETCH_RING].point]]);
}

void engine_put(struct engine *engine, const struct sample *samples, size_t count)
{
    const uint32_t *places = engine->places;
    const struct track *tracks = engine->tracks; /* the one at 0 can be fetched, too */
    size_t points = engine->config->model->point_count;

    for (size_t i = 0; i < count; i++) {
        fetch_ahead(places, tracks, points, &samples[i], count - i);
        if (samples[i].point < points)
            take_in_turn(engine, &samples[i]);
    }
}

struct mono_time engine_due(const struct engine *engine)
{
    int64_t next_ns = agenda_next(engine->agenda);

    if (engine->dirty_count > 0)
        return (struct mono_time){engine->now_ns};
    if (engine->waiting_count > 0 && engine->waiting_due_ns < next_ns)
        next_ns = engine->waiting_due_ns;
    return (struct mono_time){next_ns};
}

/* What of an alarm may be trusted when its rule has changed since it was stored. */
static struct alarm without_timers(struct alarm alarm, const struct rule_settings *rule)
{
    size_t levels = rule->level_count > 0 ? rule->level_count : 1;

    if (alarm.level >= levels) /* the rule had more */
        alarm.level = (uint8_t)(levels - 1);
    alarm.level_next = alarm.level;
    alarm.level_runs = false;
    alarm.level_ms = -1;
    if (alarm.state == ALARM_PENDING)
        alarm.state = ALARM_NORMAL;
    if (alarm.state == ALARM_CLEARING)
        alarm.state = ALARM_ACTIVE;
    alarm.observed_ms = -1;
    alarm.unknown_ms = 0;
    return alarm;
}

bool engine_restore(struct engine *engine, const char *rule, const char *equipment,
                    const struct alarm_memory *memory)
{
    const struct alarm *alarm = &memory->alarm;
    struct instance *instance = engine_find(engine, rule, equipment);

    if (instance == NULL)
        return false;
    instance->alarm = *alarm;
    if (engine_rule_hash(instance->unit->rule) != memory->text_hash)
        instance->alarm = without_timers(*alarm, instance->unit->rule);
    instance->chatter = memory->chatter;
    instance->stored = alarm->state != ALARM_NORMAL;
    instance->stored_ms = alarm->observed_ms;
    instance->stepped_ns = INT64_MIN;
    instance->active_ns = INT64_MIN;
    instance->restored = instance->alarm.state != ALARM_NORMAL;
    engine->restored = engine->restored || instance->restored;
    /* Whoever asks active() of it has not been evaluated yet. */
    instance->told_active = alarm_is_active(&instance->alarm);
    cause_restore(engine, instance, memory);
    engine_mark(engine, engine_index_of(engine, instance));
    return true;
}

bool engine_reset(struct engine *engine, const char *rule, const char *equipment)
{
    struct instance *instance = engine_find(engine, rule, equipment);

    if (instance == NULL || instance->alarm.state != ALARM_LATCHED)
        return false;
    instance->alarm.state = ALARM_NORMAL;
    instance->alarm.observed_ms = -1;
    instance->alarm.raised = (struct wall_time){0};
    instance->standing = STANDING_NONE;
    instance->cause = INSTANCE_NONE;
    if (engine->offset_known)
        instance->alarm.since = (struct wall_time){engine->now_ns + engine->offset_ns};
    instance->stored = true; /* as latched: the next step tells the store */
    instance->stored_ms = 0;
    engine_mark(engine, (uint32_t)(instance - engine->instances));
    return true;
}

static const char *const standing_names[] = {
    [STANDING_NONE] = "none",       [STANDING_WAITING] = "waiting",
    [STANDING_ROOT] = "root",       [STANDING_SYMPTOM] = "symptom",
    [STANDING_REPROVE] = "reprove",
};

const char *standing_name(enum standing standing)
{
    return standing_names[standing];
}

bool engine_alarm(const struct engine *engine, const char *rule, const char *equipment,
                  struct alarm *alarm)
{
    const struct instance *instance = engine_find(engine, rule, equipment);

    if (instance == NULL)
        return false;
    *alarm = instance->alarm;
    return true;
}

void engine_visit_rules(const struct engine *engine, engine_rule_visit *each,
                        void *context)
{
    for (size_t i = 0; i < engine->config->rule_count; i++) {
        const struct rule_state *state = &engine->rules[i];
        size_t active = 0;

        for (size_t k = 0; k < state->count; k++)
            active += alarm_is_active(&engine->instances[state->first + k].alarm);
        each(context, state->rule, state->count, active);
    }
}

/* FNV-1a, 64 bits. */
static void hash_bytes(uint64_t *hash, const void *bytes, size_t count)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < count; i++)
        *hash = (*hash ^ p[i]) * UINT64_C(0x100000001b3);
}

static void hash_number(uint64_t *hash, int64_t number)
{
    hash_bytes(hash, &number, sizeof number);
}

static void hash_text(uint64_t *hash, const char *text)
{
    hash_bytes(hash, text, strlen(text) + 1);
}

uint64_t engine_rule_hash(const struct rule_settings *rule)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    hash_text(&hash, rule->class_name);
    hash_text(&hash, rule->when.text);
    hash_text(&hash, rule->clear.text);
    for (size_t i = 0; i < rule->level_count; i++) {
        hash_number(&hash, (int64_t)rule->levels[i].severity);
        hash_text(&hash, rule->levels[i].when.text);
    }
    if (rule->deadband > 0)
        hash_bytes(&hash, &rule->deadband, sizeof rule->deadband);
    hash_number(&hash, rule->for_ms);
    hash_number(&hash, rule->clear_for_ms);
    hash_number(&hash, rule->unknown_grace_ms);
    hash_number(&hash, rule->every_ms);
    hash_number(&hash, (int64_t)rule->on_unknown);
    hash_number(&hash, rule->latch);
    hash_bytes(&hash, &rule->min_cover, sizeof rule->min_cover);
    for (size_t i = 0; i < rule->param_count; i++) {
        hash_text(&hash, rule->params[i].name);
        hash_bytes(&hash, &rule->params[i].value, sizeof rule->params[i].value);
    }
    return hash;
}
