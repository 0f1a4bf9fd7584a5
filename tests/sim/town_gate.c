/* town_gate.c - see town_gate.h. */
#include "tests/sim/town_gate.h"

#include "base/mem.h"
#include "gateway/decisions.h"
#include "issues/marks.h"
#include "telemetry/live.h"
#include "tests/sim/town_broker.h"
#include "tests/sim/town_bus.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    PENDING_MAX = 100000, /* changes that wait for a disk that refuses */
    MARKS_MS = 1000,
    PUBLISH_OFTENER = 3,            /* devices publish more often than they promise */
    MESSAGES_MAX = 4 * 1024 * 1024, /* of a configuration's report */
};

/* What is asked and answered on one link; one of the two. */
struct gate_link {
    struct town_bus *bus;
    struct town_broker *broker;
};

struct gate {
    /* fixed after new */
    const struct town_options *options;
    struct town *town;
    struct config *config;
    struct live *live;
    struct engine *engine;
    struct desk *desk;
    struct decisions *decisions;
    struct sample_sink sink;
    struct gate_link *links;
    /* of a turn */
    struct sample *batch;
    bool *accepted;
    size_t count;
    size_t capacity;
    signed char *online;        /* by equipment: -1 not known yet */
    struct mono_time next_turn; /* not before */
    struct mono_time alive;
    struct mono_time marks;
    struct mono_time due;
    uint64_t turns;
    uint64_t samples;
};

/* ---- samples in ---- */

static void put(void *context, const struct sample *samples, size_t count)
{
    struct gate *gate = context;

    if (gate->count + count > gate->capacity) {
        gate->capacity = 2 * (gate->count + count);
        gate->batch = mem_resize(gate->batch, gate->capacity, sizeof *gate->batch);
        gate->accepted = mem_resize(gate->accepted, gate->capacity, sizeof(bool));
    }
    memcpy(gate->batch + gate->count, samples, count * sizeof *samples);
    gate->count += count;
}

static void put_text(void *context, const struct sample *sample, const char *text)
{
    (void)text;
    put(context, sample, 1);
}

static void step_links(struct gate *gate, struct mono_time mono, struct wall_time wall)
{
    for (size_t i = 0; i < gate->config->link_count; i++) {
        struct gate_link *link = &gate->links[i];

        if (link->bus != NULL && !mono_before(mono, town_bus_due(link->bus)))
            town_bus_step(link->bus, mono);
        if (link->broker != NULL && !mono_before(mono, town_broker_due(link->broker)))
            town_broker_step(link->broker, mono, wall);
    }
}

/* ---- a turn, in the order of gateway/pipeline.c ---- */

static void keep_news(struct gate *gate, struct wall_time wall)
{
    size_t kept = 0;

    live_clock(gate->live, wall);
    live_put(gate->live, gate->batch, gate->count, gate->accepted);
    for (size_t i = 0; i < gate->count; i++)
        if (gate->accepted[i])
            gate->batch[kept++] = gate->batch[i];
    gate->count = kept;
    gate->samples += kept;
}

static void on_change(void *context, const struct alarm_change *change)
{
    struct gate *gate = context;

    if (gate->options->change != NULL)
        gate->options->change(gate->options->context, gate->town, change);
    if (gate->desk != NULL)
        decisions_add_change(gate->decisions, change);
}

static void on_virtual(void *context, const struct sample *samples, size_t count)
{
    struct gate *gate = context;

    live_put(gate->live, samples, count, NULL);
    if (gate->options->samples != NULL)
        gate->options->samples(gate->options->context, gate->town, samples, count);
}

static void note_online(struct gate *gate)
{
    for (size_t i = 0; i < gate->count && gate->desk != NULL; i++) {
        const struct sample *sample = &gate->batch[i];
        const struct point *point = &gate->config->model->points[sample->point];
        bool bad = sample->quality == QUALITY_BAD;
        bool misfit = bad && sample->reason == REASON_PROBE;
        signed char now = (signed char)(misfit ? 2 : sample->value != 0 ? 1 : 0);

        if (!point->builtin || (bad && !misfit) || gate->online[point->equipment] == now)
            continue;
        gate->online[point->equipment] = now;
        decisions_add_online(gate->decisions,
                             (struct online_change){.equipment = point->equipment,
                                                    .online = now == 1,
                                                    .time = sample->time,
                                                    .misfit = misfit});
    }
}

static void keep_desk(struct gate *gate, struct mono_time mono, struct wall_time wall)
{
    struct err err = {0};

    if (gate->desk == NULL)
        return;
    if (decisions_pending(gate->decisions) > 0 &&
        decisions_commit(gate->decisions, gate->desk, wall, &err) != 0)
        (void)fprintf(stderr, "desk: %s\n", err.text); /* and tried again */
    if (!mono_before(mono, gate->marks)) {
        gate->marks = mono_add_ms(mono, MARKS_MS);
        if (desk_step(gate->desk, wall, &err) != 0)
            (void)fprintf(stderr, "desk: %s\n", err.text);
    }
    if (mono_before(mono, gate->alive))
        return;
    gate->alive = mono_add_ms(mono, DESK_ALIVE_MS);
    if (desk_alive(gate->desk, wall, &err) != 0)
        (void)fprintf(stderr, "desk: %s\n", err.text);
}

static void find_due(struct gate *gate)
{
    gate->due = engine_due(gate->engine);
    if (gate->count > 0 || mono_before(gate->due, gate->next_turn))
        gate->due = gate->next_turn;
    for (size_t i = 0; i < gate->config->link_count; i++) {
        const struct gate_link *link = &gate->links[i];

        if (link->bus != NULL)
            gate->due = mono_min(gate->due, town_bus_due(link->bus));
        if (link->broker != NULL)
            gate->due = mono_min(gate->due, town_broker_due(link->broker));
    }
}

void gate_step(struct gate *gate, struct mono_time mono, struct wall_time wall)
{
    const struct engine_out out = {
        .emit = on_change, .samples = on_virtual, .context = gate};

    step_links(gate, mono, wall);
    if (!mono_before(mono, gate->next_turn) &&
        (gate->count > 0 || !mono_before(mono, engine_due(gate->engine)))) {
        gate->next_turn = mono_add_ms(mono, gate->options->step_ms);
        keep_news(gate, wall);
        if (gate->options->samples != NULL && gate->count > 0)
            gate->options->samples(gate->options->context, gate->town, gate->batch,
                                   gate->count);
        engine_put(gate->engine, gate->batch, gate->count);
        engine_step(gate->engine, mono, wall, &out);
        note_online(gate);
        gate->count = 0;
        gate->turns++;
    }
    keep_desk(gate, mono, wall);
    find_due(gate);
}

struct mono_time gate_due(const struct gate *gate)
{
    return gate->due;
}

/* ---- birth and death ---- */

static char *report_text(const struct config_report *report)
{
    struct text text;

    text_init(&text, MESSAGES_MAX);
    config_report_print(report, false, &text);
    return text_take(&text);
}

/* The whole report is longer than an err: it goes where a test's words go. */
static int refuse(const struct config_report *report, const char *path, struct err *err)
{
    char *text = report_text(report);

    (void)fprintf(stderr, "%.4000s", text);
    mem_free(text);
    return err_set(err, ERR_CONFIG, "%s: %zu errors", path, config_report_errors(report));
}

/* Nothing is read more often than each `floor_ms`; how long a reading is in force
 * follows, as it does when a configuration says so. */
static void slow_down(const struct point_settings *points, size_t count, int64_t floor_ms)
{
    for (size_t i = 0; i < count; i++) {
        /* The snapshot is the town's own, and nobody reads it yet. */
        struct point_settings *point = (struct point_settings *)(uintptr_t)&points[i];

        if (point->poll_ms == 0 || point->poll_ms >= floor_ms)
            continue;
        point->poll_ms = floor_ms;
        if (point->stale_after_ms != 0 && point->stale_after_ms < 3 * floor_ms)
            point->stale_after_ms = 3 * floor_ms;
    }
}

static int64_t floor_of(const struct town_options *options, const char *class_name)
{
    for (size_t i = 0; i < TOWN_POLLS_MAX && options->polls[i].class_name != NULL; i++)
        if (strcmp(options->polls[i].class_name, class_name) == 0)
            return options->polls[i].min_ms;
    return options->poll_min_ms;
}

static void slow_down_all(struct config *config, const struct town_options *options)
{
    for (size_t i = 0; i < config->equipment_count; i++) {
        struct equipment_settings *equipment = &config->equipment[i];
        const struct equipment *in_model = &config->model->equipment[i];
        int64_t floor_ms = floor_of(options, in_model->class_name);

        slow_down(equipment->points, equipment->point_count, floor_ms);
        for (size_t v = 0; v < equipment->variant_count; v++)
            slow_down(equipment->variants[v].points, equipment->variants[v].point_count,
                      floor_ms);
        for (size_t p = 0; p < equipment->point_count; p++) {
            struct point *point = &config->model->points[in_model->first_point + p];

            point->period_ms = equipment->points[p].poll_ms;
            point->stale_after_ms = equipment->points[p].stale_after_ms;
        }
    }
}

static int load(struct gate *gate, const struct gate_use *use, struct err *err)
{
    const char *shipped = use->options->shipped;
    struct config_report *report = config_report_new();
    int result = 0;

    gate->config =
        config_load(use->config, shipped != NULL ? shipped : TOWN_SHARE, report);
    if (gate->config != NULL) {
        if (use->options->timezone != NULL)
            gate->config->site.timezone = use->options->timezone;
        slow_down_all(gate->config, use->options);
        gate->engine = engine_new(gate->config, use->mono, report);
    }
    if (gate->engine == NULL || config_report_errors(report) > 0)
        result = refuse(report, use->config, err);
    config_report_free(report);
    return result;
}

static int open_links(struct gate *gate, const struct gate_use *use, struct err *err)
{
    gate->links = mem_array(gate->config->link_count + 1, sizeof *gate->links);
    for (size_t i = 0; i < gate->config->link_count; i++) {
        const struct town_bus_use bus = {
            .config = gate->config,
            .link = (uint32_t)i,
            .plant = use->plant,
            .sink = &gate->sink,
            .seed = use->seed + i,
            .missing = use->missing,
        };
        struct gate_link *link = &gate->links[i];

        if (gate->config->links[i].kind == LINK_MODBUS)
            link->bus = town_bus_new(&bus, err);
        else
            link->broker =
                town_broker_new(&bus, use->options->poll_min_ms / PUBLISH_OFTENER, err);
        if (link->bus == NULL && link->broker == NULL)
            return -1;
    }
    return 0;
}

static int open_desk(struct gate *gate, const struct gate_use *use, struct err *err)
{
    gate->decisions = decisions_new(PENDING_MAX);
    if (use->database == NULL)
        return 0;
    gate->desk = desk_open(use->database, gate->config->model, use->wall, err);
    if (gate->desk == NULL)
        return -1;
    return desk_restore(gate->desk, gate->engine, use->wall, err);
}

struct gate *gate_new(const struct gate_use *use, struct err *err)
{
    struct gate *gate = mem_alloc(sizeof *gate);

    gate->options = use->options;
    gate->town = use->town;
    gate->sink = (struct sample_sink){.context = gate, .put = put, .put_text = put_text};
    if (load(gate, use, err) != 0 || open_desk(gate, use, err) != 0 ||
        open_links(gate, use, err) != 0) {
        gate_free(gate);
        return NULL;
    }
    gate->live = live_new(gate->config->model->point_count);
    gate->online = mem_alloc(gate->config->model->equipment_count);
    memset(gate->online, -1, gate->config->model->equipment_count);
    find_due(gate);
    return gate;
}

void gate_free(struct gate *gate)
{
    if (gate == NULL)
        return;
    for (size_t i = 0; gate->links != NULL && i < gate->config->link_count; i++) {
        town_bus_free(gate->links[i].bus);
        town_broker_free(gate->links[i].broker);
    }
    mem_free(gate->links);
    desk_close(gate->desk);
    decisions_free(gate->decisions);
    live_free(gate->live);
    engine_free(gate->engine);
    config_free(gate->config);
    mem_free(gate->online);
    mem_free(gate->batch);
    mem_free(gate->accepted);
    mem_free(gate);
}

/* ---- looking ---- */

void gate_missing(struct gate *gate, double part)
{
    for (size_t i = 0; i < gate->config->link_count; i++) {
        if (gate->links[i].bus != NULL)
            town_bus_missing(gate->links[i].bus, part);
        if (gate->links[i].broker != NULL)
            town_broker_missing(gate->links[i].broker, part);
    }
}

const struct config *gate_config(const struct gate *gate)
{
    return gate->config;
}

struct engine *gate_engine(struct gate *gate)
{
    return gate->engine;
}

struct desk *gate_desk(struct gate *gate)
{
    return gate->desk;
}

bool gate_reading(struct gate *gate, const char *equipment, const char *point,
                  struct sample *sample)
{
    const struct equipment *found = model_equipment(gate->config->model, equipment);
    const struct point *of = NULL;
    struct live_cell cell;

    if (found != NULL)
        of = model_point(gate->config->model, found, point);
    if (of == NULL)
        return false;
    live_get(gate->live, of->index, 1, &cell);
    *sample = cell.last;
    return cell.sequence != 0;
}

uint64_t gate_turns(const struct gate *gate)
{
    return gate->turns;
}

uint64_t gate_samples(const struct gate *gate)
{
    return gate->samples;
}
