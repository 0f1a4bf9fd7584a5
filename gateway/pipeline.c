/* pipeline.c - see pipeline.h.
 *
 * DESIGN: one thread owns the rules, the turn and the way to the desk and the history.
 * It sleeps until a link hands over a batch or a rule's deadline comes. It takes
 * everything that has gathered meanwhile in one turn, because waking up costs more than
 * the work: one pass over the rules and at most one commit a turn.
 */
#include "gateway/pipeline.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/queue.h"
#include "gateway/decisions.h"
#include "gateway/percentile.h"
#include "gateway/series.h"
#include "issues/marks.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>

enum {
    TICK_MS = 1000,         /* longest sleep: heartbeat, retry, sign of life */
    COMMIT_RETRY_MS = 1000, /* after a failed commit */
    MARKS_MS = 1000,        /* how often shelves and permits are looked at */
};

/* Whether an equipment's profile describes the device that answers. */
struct pipeline {
    /* fixed after new */
    struct pipeline_stages stages;
    struct queue *queue;
    pthread_t thread;
    bool running;
    atomic_bool stop;

    /* owned by the pipeline thread */
    struct sample batch[PIPELINE_BATCH];
    bool accepted[PIPELINE_BATCH];
    signed char *online; /* by equipment: -1 not known, or an enum presence */
    struct decisions *decisions;
    struct series *series;
    struct mono_time retry_commit;
    struct mono_time next_alive;
    struct mono_time next_marks;
    struct log_trouble desk_trouble;
    struct log_trouble loss_trouble;
    uint64_t losses_told; /* of the queue and of decisions, together */

    pthread_mutex_t status_mutex;
    /* guarded by status_mutex */
    struct pipeline_status status;
    struct percentile latency_us;
};

/* Stores what is news in the live table and closes the gaps that old samples leave. */
static size_t keep_news(struct pipeline *p, size_t count, struct wall_time wall)
{
    size_t kept = 0;

    live_clock(p->stages.live, wall);
    live_put(p->stages.live, p->batch, count, p->accepted);
    for (size_t i = 0; i < count; i++)
        if (p->accepted[i])
            p->batch[kept++] = p->batch[i];
    return kept;
}

/* Values of virtual points, which the engine has computed. */
static void put_computed(void *context, const struct sample *samples, size_t count)
{
    struct pipeline *p = context;

    live_put(p->stages.live, samples, count, NULL);
    history_put(p->stages.history, samples, count);
}

static void add_change(void *context, const struct alarm_change *change)
{
    struct pipeline *p = context;

    decisions_add_change(p->decisions, change);
}

static void evaluate(struct pipeline *p, size_t count, struct mono_time mono,
                     struct wall_time wall)
{
    const struct engine_out out = {
        .emit = add_change, .samples = put_computed, .context = p};

    (void)pthread_mutex_lock(p->stages.engine_mutex);
    engine_put(p->stages.engine, p->batch, count);
    engine_step(p->stages.engine, mono, wall, &out);
    (void)pthread_mutex_unlock(p->stages.engine_mutex);
}

enum presence {
    PRESENCE_AWAY,
    PRESENCE_ONLINE,
    PRESENCE_MISFIT, /* something answers that its profile does not describe */
};

/* Equipment that began or ceased to answer is news for its state. */
static void note_online(struct pipeline *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &p->batch[i];
        const struct point *point = &p->stages.model->points[sample->point];
        enum presence presence = sample->value != 0 ? PRESENCE_ONLINE : PRESENCE_AWAY;
        signed char *known;

        if (!point->builtin ||
            (sample->quality == QUALITY_BAD && sample->reason != REASON_PROBE))
            continue;
        if (sample->quality == QUALITY_BAD)
            presence = PRESENCE_MISFIT;
        known = &p->online[point->equipment];
        if (*known == (signed char)presence)
            continue;
        *known = (signed char)presence;
        decisions_add_online(
            p->decisions, (struct online_change){.equipment = point->equipment,
                                                 .online = presence == PRESENCE_ONLINE,
                                                 .time = sample->time,
                                                 .misfit = presence == PRESENCE_MISFIT});
    }
}

static void count_commit(struct pipeline *p, uint64_t raised, uint64_t returned,
                         struct mono_time read)
{
    int64_t latency_us = (mono_now().ns - read.ns) / 1000;

    (void)pthread_mutex_lock(&p->status_mutex);
    p->status.raised += raised;
    p->status.returned += returned;
    if (raised > 0 && read.ns != 0)
        percentile_add(&p->latency_us, latency_us);
    (void)pthread_mutex_unlock(&p->status_mutex);
}

/* An alarm whose issue cannot be written is on no page and announced to nobody: the
 * journal, often on another disk, is what is left. */
static void tell_unwritten(struct decisions *decisions)
{
    const struct alarm_change *change;

    while ((change = decisions_untold(decisions)) != NULL)
        log_warn("alarm rule=%s equipment=%s severity=%s%s is active; its issue waits "
                 "until it can be written",
                 change->rule->id, change->equipment->id, severity_name(change->severity),
                 change->rule->highly_managed ? " highly_managed=yes" : "");
}

/* One transaction for everything this turn decided. `read` is when the oldest value of
 * the turn was read, 0 when a deadline and not a value led here. */
static void commit(struct pipeline *p, struct mono_time mono, struct wall_time wall,
                   struct mono_time read)
{
    struct err err = {0};
    uint64_t raised = decisions_raised(p->decisions);
    uint64_t returned = decisions_returned(p->decisions);

    if (decisions_pending(p->decisions) == 0 || mono_before(mono, p->retry_commit))
        return;
    if (decisions_commit(p->decisions, p->stages.desk, wall, &err) != 0) {
        log_trouble(&p->desk_trouble, "stage=issues pending=%zu %s",
                    decisions_pending(p->decisions), err.text);
        tell_unwritten(p->decisions);
        p->retry_commit = mono_add_ms(mono, COMMIT_RETRY_MS);
        return;
    }
    log_trouble_over(&p->desk_trouble, "stage=issues written again");
    count_commit(p, raised, returned, read);
}

/* What no stage could keep is said as long as it grows. */
static void tell_losses(struct pipeline *p)
{
    uint64_t lost = queue_stats(p->queue).dropped + decisions_lost(p->decisions);

    if (lost > p->losses_told)
        log_trouble(&p->loss_trouble, "stage=pipeline overrun samples=%llu changes=%llu",
                    (unsigned long long)queue_stats(p->queue).dropped,
                    (unsigned long long)decisions_lost(p->decisions));
    else
        log_trouble_over(&p->loss_trouble, "stage=pipeline keeps up again");
    p->losses_told = lost;
}

/* Shelves and permits end by themselves. */
static void follow_marks(struct pipeline *p, struct mono_time mono, struct wall_time wall)
{
    struct err err = {0};

    if (mono_before(mono, p->next_marks))
        return;
    p->next_marks = mono_add_ms(mono, MARKS_MS);
    if (desk_step(p->stages.desk, wall, &err) != 0)
        log_trouble(&p->desk_trouble, "stage=issues %s", err.text);
}

static void housekeeping(struct pipeline *p, struct mono_time mono, struct wall_time wall)
{
    struct err err = {0};

    if (mono_before(mono, p->next_alive))
        return;
    p->next_alive = mono_add_ms(mono, DESK_ALIVE_MS);
    if (desk_alive(p->stages.desk, wall, &err) != 0)
        log_trouble(&p->desk_trouble, "stage=issues %s", err.text);
    else if (decisions_pending(p->decisions) == 0)
        log_trouble_over(&p->desk_trouble, "stage=issues written again");
    tell_losses(p);
}

static void count_turn(struct pipeline *p, size_t taken, size_t kept)
{
    uint64_t bad = 0;

    for (size_t i = 0; i < kept; i++)
        bad += p->batch[i].quality == QUALITY_BAD ? 1 : 0;
    (void)pthread_mutex_lock(&p->status_mutex);
    p->status.turns++;
    p->status.heartbeat++;
    p->status.samples += kept;
    p->status.samples_bad += bad;
    p->status.samples_old += taken - kept;
    p->status.pending_changes = decisions_pending(p->decisions);
    p->status.lost_changes = decisions_lost(p->decisions);
    (void)pthread_mutex_unlock(&p->status_mutex);
}

/* The way of a sample through the program. */
static void step(struct pipeline *p, size_t taken)
{
    struct mono_time mono = mono_now();
    struct wall_time wall = wall_now();
    struct mono_time read = taken > 0 ? p->batch[0].mono : (struct mono_time){0};
    size_t count = keep_news(p, taken, wall); /* live table: what pages show */

    evaluate(p, count, mono, wall);                  /* rules: who must be told */
    note_online(p, count);                           /* who answers */
    commit(p, mono, wall, read);                     /* issues: one transaction */
    follow_marks(p, mono, wall);                     /* what people said ends */
    history_put(p->stages.history, p->batch, count); /* series */
    series_follow(p->series, wall);                  /* issues and states as series */
    housekeeping(p, mono, wall);
    count_turn(p, taken, count);
}

/* Until when the thread may sleep. Pages touch the engine too, so only under its mutex.
 */
static struct mono_time next_due(struct pipeline *p)
{
    struct mono_time due;

    (void)pthread_mutex_lock(p->stages.engine_mutex);
    due = engine_due(p->stages.engine);
    (void)pthread_mutex_unlock(p->stages.engine_mutex);
    return mono_min(due, mono_add_ms(mono_now(), TICK_MS));
}

static void *run(void *context)
{
    struct pipeline *p = context;

    (void)prctl(PR_SET_NAME, "pipeline");
    while (!atomic_load(&p->stop)) {
        struct mono_time until = next_due(p);

        step(p, queue_take(p->queue, p->batch, PIPELINE_BATCH, until));
    }
    p->retry_commit = (struct mono_time){0}; /* there is no later */
    for (;;) {
        size_t taken =
            queue_take(p->queue, p->batch, PIPELINE_BATCH, (struct mono_time){1});

        step(p, taken);
        if (taken == 0)
            return NULL;
    }
}

struct pipeline *pipeline_new(const struct pipeline_stages *stages)
{
    struct pipeline *p = mem_alloc(sizeof *p);

    p->stages = *stages;
    p->queue = queue_new(sizeof(struct sample), PIPELINE_QUEUE);
    p->decisions = decisions_new(PIPELINE_PENDING_MAX);
    p->series = series_new(stages->model, stages->desk, stages->history);
    p->online = mem_alloc(stages->model->equipment_count);
    memset(p->online, -1, stages->model->equipment_count);
    atomic_init(&p->stop, false);
    (void)pthread_mutex_init(&p->status_mutex, NULL);
    return p;
}

void pipeline_start(struct pipeline *p)
{
    if (desk_damage(p->stages.desk) != NULL)
        log_error("stage=issues %s", desk_damage(p->stages.desk));
    p->running = pthread_create(&p->thread, NULL, run, p) == 0;
    if (!p->running)
        log_error("stage=pipeline cannot start its thread: %m");
}

void pipeline_stop(struct pipeline *p)
{
    struct err err = {0};

    if (!p->running)
        return;
    atomic_store(&p->stop, true);
    queue_wake(p->queue);
    (void)pthread_join(p->thread, NULL);
    p->running = false;
    /* Until here everything was observed: the gap of this stop begins now. */
    if (desk_alive(p->stages.desk, wall_now(), &err) != 0)
        log_warn("stage=issues %s", err.text);
}

void pipeline_free(struct pipeline *p)
{
    if (p == NULL)
        return;
    (void)pthread_mutex_destroy(&p->status_mutex);
    series_free(p->series);
    decisions_free(p->decisions);
    queue_free(p->queue);
    mem_free(p->online);
    mem_free(p);
}

static void put(void *context, const struct sample *samples, size_t count)
{
    struct pipeline *p = context;

    (void)queue_put(p->queue, samples, count);
}

static void put_text(void *context, const struct sample *sample, const char *text)
{
    struct pipeline *p = context;

    live_put_text(p->stages.live, sample->point, text);
    (void)queue_put(p->queue, sample, 1);
}

struct sample_sink pipeline_sink(struct pipeline *p)
{
    return (struct sample_sink){.context = p, .put = put, .put_text = put_text};
}

void pipeline_status(struct pipeline *p, struct pipeline_status *status)
{
    struct queue_stats queue = queue_stats(p->queue);

    (void)pthread_mutex_lock(&p->status_mutex);
    *status = p->status;
    status->latencies = p->latency_us.count;
    status->latency_p50_us = percentile_get(&p->latency_us, 0.5);
    status->latency_p99_us = percentile_get(&p->latency_us, 0.99);
    status->latency_max_us = percentile_get(&p->latency_us, 1);
    (void)pthread_mutex_unlock(&p->status_mutex);
    status->samples_dropped = queue.dropped;
    status->queue_length = queue.length;
    status->queue_high_water = queue.high_water;
}
