/* recall.c - see recall.h.
 *
 * A point that is looked at for ten minutes is not read for the week that another one
 * needs. So the past is read in stages, each half as long ago as the one before, each of
 * the points that look so far back. What a stage reads beyond a point's own reach is left
 * out. */
#include "gateway/recall.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "history/readings.h"

enum {
    CHUNK = 1024, /* readings at once */
    HOURS_BUDGET_MS = 1000,
    STAGE_MIN_MS = 10 * 60 * 1000, /* the last stage; always read */
    STAGES_MAX = 16,               /* 10 min * 2^15 is more than the longest reach */
    /* Decoding, ordering and taking in a reading, about; of a point that reports on
     * change a reading each ON_CHANGE_MS is expected. */
    READING_NS = 100,
    ON_CHANGE_MS = 10 * 1000,
};

#define HOUR_MS INT64_C(3600000)

struct recall {
    struct engine *engine;
    const struct model *model;
    const char *folder;
    int64_t *reach_ms; /* by point */
    int64_t longest_ms;
    struct mono_time begin;
    struct mono_time mono; /* now, as the engine is told */
    struct wall_time wall;
    uint64_t readings;
    uint64_t damaged;
    bool late; /* it took longer than was expected */
};

bool *recall_wanted(const struct engine *engine, const struct model *model)
{
    bool *wanted = mem_array(model->point_count + 1, sizeof *wanted);

    for (uint32_t i = 0; i < model->point_count; i++)
        wanted[i] = engine_reach_ms(engine, i) > 0;
    return wanted;
}

static int64_t spent_ms(const struct recall *recall)
{
    return mono_diff_ms(mono_now(), recall->begin);
}

/* ---- hours ---- */

static void recall_hours_of(struct recall *recall, struct history *history,
                            uint32_t point, int64_t hours_ms, struct history_step *steps)
{
    struct wall_time to = {recall->wall.ns - recall->wall.ns % (HOUR_MS * CLOCK_MS)};
    int64_t max_ms = HOUR_MS * HISTORY_STEPS_MAX;
    struct wall_time from = wall_add_ms(to, -(hours_ms < max_ms ? hours_ms : max_ms));
    int count;

    from.ns -= from.ns % (HOUR_MS * CLOCK_MS);
    if (wall_diff_ms(to, from) > max_ms)
        from = wall_add_ms(from, HOUR_MS);
    count =
        history_query(history, point, from, to, HOUR_MS, steps, HISTORY_STEPS_MAX, NULL);
    for (int i = 0; i < count; i++)
        if (steps[i].count > 0)
            engine_recall_hour(recall->engine, point, steps[i].start, steps[i].mean);
}

static void recall_hours(struct recall *recall, struct history *history)
{
    struct history_step *steps = mem_array(HISTORY_STEPS_MAX, sizeof *steps);
    size_t left_out = 0;
    size_t points = 0;

    for (uint32_t i = 0; i < recall->model->point_count; i++) {
        int64_t hours_ms = engine_hours_ms(recall->engine, i);

        if (hours_ms <= 0)
            continue;
        points++;
        if (spent_ms(recall) >= HOURS_BUDGET_MS)
            left_out++;
        else
            recall_hours_of(recall, history, i, hours_ms, steps);
    }
    if (left_out > 0)
        log_warn("stage=recall baselines of %zu of %zu points begin anew: reading "
                 "their hours takes too long",
                 left_out, points);
    mem_free(steps);
}

/* ---- readings ---- */

/* About how long it takes when nobody looks back further than `limit_ms`. */
static double cost_ms(const struct recall *recall, int64_t limit_ms)
{
    double readings = 0;

    for (size_t i = 0; i < recall->model->point_count; i++) {
        int64_t reach_ms = recall->reach_ms[i];
        int64_t period_ms = recall->model->points[i].period_ms;

        if (reach_ms > 0)
            readings += (double)(reach_ms < limit_ms ? reach_ms : limit_ms) /
                        (double)(period_ms > 0 ? period_ms : ON_CHANGE_MS);
    }
    return readings * READING_NS / 1e6;
}

/* How far back there is time to look. */
static int64_t affordable_ms(const struct recall *recall)
{
    int64_t low = STAGE_MIN_MS;
    int64_t high = recall->longest_ms;

    if (high <= low || cost_ms(recall, high) <= RECALL_BUDGET_MS)
        return high;
    while (high - low > STAGE_MIN_MS) {
        int64_t middle = low + (high - low) / 2;

        if (cost_ms(recall, middle) <= RECALL_BUDGET_MS)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void take_in(struct recall *recall, struct sample *samples, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t age_ms = wall_diff_ms(recall->wall, samples[i].time);

        if (age_ms <= recall->reach_ms[samples[i].point])
            samples[kept++] = samples[i];
    }
    recall->readings += kept;
    engine_recall(recall->engine, samples, kept, recall->mono, recall->wall);
}

/* Readings of [now - from, now - to). `until_ms` is when it has to be over. */
static int recall_stage(struct recall *recall, int64_t from_ms, int64_t to_ms,
                        int64_t until_ms, struct err *err)
{
    uint32_t *points = mem_array(recall->model->point_count + 1, sizeof *points);
    struct sample *samples = mem_array(CHUNK, sizeof *samples);
    struct readings_cursor *cursor;
    size_t count = 0;
    size_t n;

    for (uint32_t i = 0; i < recall->model->point_count; i++)
        if (recall->reach_ms[i] > to_ms)
            points[count++] = i;
    cursor = readings_cursor_open(recall->folder, recall->model, points, count,
                                  wall_add_ms(recall->wall, -from_ms),
                                  wall_add_ms(recall->wall, -to_ms), err);
    while (cursor != NULL && (n = readings_next(cursor, samples, CHUNK)) > 0) {
        take_in(recall, samples, n);
        if (spent_ms(recall) > until_ms) {
            recall->late = true;
            break;
        }
    }
    if (cursor != NULL)
        recall->damaged += readings_damaged(cursor);
    n = cursor != NULL;
    readings_cursor_close(cursor);
    mem_free(points);
    mem_free(samples);
    return n > 0 ? 0 : -1;
}

static int recall_readings(struct recall *recall, int64_t reach_ms, struct err *err)
{
    int64_t edges[STAGES_MAX + 1]; /* from now on backwards */
    size_t count = 0;

    edges[0] = 0;
    for (int64_t edge = STAGE_MIN_MS; count < STAGES_MAX - 1 && edge < reach_ms;
         edge *= 2)
        edges[++count] = edge;
    edges[++count] = reach_ms;
    for (size_t i = count; i > 0; i--) {
        /* The newest stage has twice the time: it matters most. */
        int64_t until_ms = i > 1 ? RECALL_BUDGET_MS : (int64_t)2 * RECALL_BUDGET_MS;

        if (spent_ms(recall) < until_ms &&
            recall_stage(recall, edges[i], edges[i - 1], until_ms, err) != 0)
            return -1;
    }
    return 0;
}

/* What was kept goes back so far; 0: nothing was. */
static int64_t kept_ms(const struct recall *recall)
{
    struct wall_time oldest = readings_oldest(recall->folder);

    return oldest.ns == 0 ? 0 : wall_diff_ms(recall->wall, oldest);
}

static void tell(const struct recall *recall, int64_t reach_ms)
{
    int64_t past_ms = kept_ms(recall);

    if (past_ms == 0 && recall->damaged == 0) /* a first start: there is no past */
        return;
    if (reach_ms < recall->longest_ms && reach_ms < past_ms)
        log_warn("stage=recall rules look back %lld min, only %lld min were read: "
                 "more would delay the start; longer windows fill anew",
                 (long long)(recall->longest_ms / 60000), (long long)(reach_ms / 60000));
    if (recall->late)
        log_warn("stage=recall not all readings of the past were read within %d ms",
                 RECALL_BUDGET_MS);
    if (recall->damaged > 0)
        log_warn("stage=recall damaged pieces of readings/ were skipped, in all=%llu",
                 (unsigned long long)recall->damaged);
    if (past_ms > reach_ms)
        past_ms = reach_ms;
    log_info("stage=recall readings=%llu minutes=%lld took_ms=%lld",
             (unsigned long long)recall->readings, (long long)(past_ms / 60000),
             (long long)spent_ms(recall));
}

void recall(struct engine *engine, const struct config *config, struct history *history)
{
    size_t points = config->model->point_count;
    char *folder = file_join(config->state_dir, "readings");
    struct recall recall = {
        .engine = engine,
        .model = config->model,
        .folder = folder,
        .reach_ms = mem_array(points + 1, sizeof *recall.reach_ms),
        .begin = mono_now(),
        .mono = mono_now(),
        .wall = wall_now(),
    };
    int64_t reach_ms;
    struct err err;

    for (uint32_t i = 0; i < points; i++) {
        recall.reach_ms[i] = engine_reach_ms(engine, i);
        if (recall.reach_ms[i] > recall.longest_ms)
            recall.longest_ms = recall.reach_ms[i];
    }
    recall_hours(&recall, history);
    reach_ms = affordable_ms(&recall);
    if (reach_ms > 0 && recall_readings(&recall, reach_ms, &err) != 0)
        log_error("stage=recall windows begin empty: %s", err.text);
    if (reach_ms > 0)
        tell(&recall, reach_ms);
    engine_recalled(engine);
    mem_free(recall.reach_ms);
    mem_free(folder);
}
