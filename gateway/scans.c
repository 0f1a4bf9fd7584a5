/* scans.c - see scans.h.
 *
 * DESIGN: a job per link that was ever scanned, made with its first scan. Its report is
 * guarded by the mutex of all scans, which is never held across a question. The scan's
 * thread is the only one that writes the report while it runs; whoever starts the next
 * one joins it first. `stop` ends the pauses; a question in hand is waited for, or ended
 * by the mailbox when the site stops.
 */
#include "gateway/scans.h"

#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

enum {
    SCANS_STACK_BYTES = 256 * 1024,
    PATIENCE_MS = 20 * 1000, /* until the link comes to a question */
    DOWN_TRIES = 5,          /* a link that is down is waited for, */
    DOWN_PAUSE_MS = 1000,    /* so long each time */
    FULL_PAUSE_MS = 200,     /* others ask; they come first */
    FULL_TRIES = 100,
};

struct job {
    struct scans *scans;
    uint32_t link;
    pthread_t thread;
    bool thread_there; /* to be joined; guarded by the mutex */
    bool stop;         /* guarded by the mutex */
    struct scan_report report;
};

struct scans {
    /* fixed after new */
    const struct config *config;
    struct poll *poll;

    pthread_mutex_t mutex;
    pthread_cond_t stopped; /* some job's stop was set */
    /* guarded by mutex */
    struct job **jobs; /* by link; NULL: never scanned */
    size_t running;
};

struct scans *scans_new(const struct config *config, struct poll *poll)
{
    struct scans *scans = mem_alloc(sizeof *scans);
    pthread_condattr_t attr;

    scans->config = config;
    scans->poll = poll;
    scans->jobs = mem_array(config->link_count, sizeof(struct job *));
    (void)pthread_mutex_init(&scans->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&scans->stopped, &attr);
    (void)pthread_condattr_destroy(&attr);
    return scans;
}

/* --- the thread of one scan -----------------------------------------------------------
 */

/* False when it is to stop. */
static bool rest(struct job *job, int64_t ns)
{
    struct scans *scans = job->scans;
    int64_t end_ns = mono_now().ns + ns;
    struct timespec at = {.tv_sec = end_ns / CLOCK_S, .tv_nsec = end_ns % CLOCK_S};
    bool stop;

    (void)pthread_mutex_lock(&scans->mutex);
    while (!job->stop && pthread_cond_timedwait(&scans->stopped, &scans->mutex, &at) == 0)
        ;
    stop = job->stop;
    (void)pthread_mutex_unlock(&scans->mutex);
    return !stop;
}

static bool has_living_units(const struct job *job)
{
    struct link_status status = {0};

    poll_status(job->scans->poll, job->link, &status);
    return status.units > status.units_offline;
}

static int stopped(struct err *err)
{
    return err_set(err, ERR_STATE, "stopped");
}

/* Asks, and again while others ask or the link is down. */
static int ask_patiently(struct job *job, const struct link_question *question,
                         struct link_answer *answer, struct err *err)
{
    int full = 0;
    int down = 0;

    for (;;) {
        int rc = poll_ask(job->scans->poll, job->link, question,
                          mono_add_ms(mono_now(), PATIENCE_MS), answer, err);

        if (rc != 0 && (err->kind != ERR_FULL || ++full > FULL_TRIES))
            return -1;
        if (rc == 0 && answer->kind != LINK_ANSWER_DOWN)
            return 0;
        if (rc == 0 && ++down == DOWN_TRIES)
            return err_set(err, ERR_IO, "the link is down: %s", answer->text);
        if (!rest(job, (rc == 0 ? DOWN_PAUSE_MS : FULL_PAUSE_MS) * CLOCK_MS))
            return stopped(err);
    }
}

static int ask(void *context, const struct link_question *question,
               struct link_answer *answer, struct err *err)
{
    struct job *job = context;
    struct mono_time start = mono_now();

    if (ask_patiently(job, question, answer, err) != 0)
        return -1;
    return rest(job, has_living_units(job) ? mono_now().ns - start.ns : 0) ? 0
                                                                           : stopped(err);
}

static void progress(void *context, uint8_t unit, unsigned done, unsigned total)
{
    struct job *job = context;

    (void)pthread_mutex_lock(&job->scans->mutex);
    job->report.unit = unit;
    job->report.done = done;
    job->report.total = total;
    (void)pthread_mutex_unlock(&job->scans->mutex);
}

static void found(void *context, const struct scan_unit *unit, bool any)
{
    struct job *job = context;
    struct scan_report *report = &job->report;

    (void)pthread_mutex_lock(&job->scans->mutex);
    assert(report->found_count < BUS_SCAN_UNITS); /* a unit is found once */
    report->found[report->found_count++] = *unit;
    report->any = any;
    (void)pthread_mutex_unlock(&job->scans->mutex);
}

static void end(struct job *job, int rc, const struct err *err)
{
    struct scan_report *report = &job->report;

    (void)pthread_mutex_lock(&job->scans->mutex);
    report->ended = wall_now();
    if (rc == 0) {
        report->state = SCAN_DONE;
        report->done = report->total;
    } else {
        report->state = err->kind == ERR_STATE ? SCAN_STOPPED : SCAN_FAILED;
        (void)snprintf(report->error, sizeof report->error, "%s", err->text);
    }
    job->scans->running--;
    log_info("link=%s scan of units %u to %u: %s, %zu found",
             job->scans->config->links[job->link].id, report->options.from,
             report->options.to, rc == 0 ? "complete" : report->error,
             report->found_count);
    (void)pthread_mutex_unlock(&job->scans->mutex);
}

static void *run(void *context)
{
    struct job *job = context;
    const struct config *config = job->scans->config;
    const struct bus_scan_host host = {job, ask, progress, found};
    struct err err = {0};
    int rc;

    (void)prctl(PR_SET_NAME, "scan");
    rc = bus_scan(&job->report.options, config->profiles, config->profile_count, &host,
                  &err);
    end(job, rc, &err);
    return NULL;
}

/* --- from outside ----------------------------------------------------------------------
 */

/* The caller holds the mutex. The last thread is past its end(), so it takes no time. */
static void join_last(struct job *job)
{
    if (job->thread_there)
        (void)pthread_join(job->thread, NULL);
    job->thread_there = false;
}

static int spawn(struct job *job, struct err *err)
{
    pthread_attr_t attr;
    int rc;

    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setstacksize(&attr, SCANS_STACK_BYTES);
    rc = pthread_create(&job->thread, &attr, run, job);
    (void)pthread_attr_destroy(&attr);
    if (rc != 0)
        return err_set(err, ERR_IO, "cannot start a thread: %s", strerrordesc_np(rc));
    job->thread_there = true;
    job->scans->running++;
    return 0;
}

static void prepare(struct job *job, const struct bus_scan_options *options)
{
    memset(&job->report, 0, sizeof job->report);
    job->stop = false;
    job->report.state = SCAN_RUNNING;
    job->report.options = *options;
    job->report.started = wall_now();
    job->report.unit = options->from;
    job->report.total = (unsigned)(options->to - options->from) + 1;
}

/* The caller holds the mutex. */
static int start(struct scans *scans, uint32_t link,
                 const struct bus_scan_options *options, struct err *err)
{
    struct job *job = scans->jobs[link];

    if (job != NULL && job->report.state == SCAN_RUNNING)
        return err_set(err, ERR_STATE, "a scan of link '%s' is under way",
                       scans->config->links[link].id);
    if (scans->running == SCANS_AT_ONCE)
        return err_set(err, ERR_FULL, "%d scans are under way already", SCANS_AT_ONCE);
    if (job == NULL) {
        job = mem_alloc(sizeof *job);
        job->scans = scans;
        job->link = link;
        scans->jobs[link] = job;
    }
    join_last(job);
    prepare(job, options);
    if (spawn(job, err) == 0)
        return 0;
    job->report.state = SCAN_FAILED;
    (void)snprintf(job->report.error, sizeof job->report.error, "%s", err->text);
    return -1;
}

int scans_start(struct scans *scans, uint32_t link,
                const struct bus_scan_options *options, struct err *err)
{
    int rc;

    if (scans->config->links[link].kind != LINK_MODBUS)
        return err_set(err, ERR_STATE, "link '%s' has no units: it is a broker",
                       scans->config->links[link].id);
    (void)pthread_mutex_lock(&scans->mutex);
    rc = start(scans, link, options, err);
    (void)pthread_mutex_unlock(&scans->mutex);
    return rc;
}

void scans_stop(struct scans *scans, uint32_t link)
{
    (void)pthread_mutex_lock(&scans->mutex);
    if (scans->jobs[link] != NULL)
        scans->jobs[link]->stop = true;
    (void)pthread_cond_broadcast(&scans->stopped);
    (void)pthread_mutex_unlock(&scans->mutex);
}

bool scans_report(struct scans *scans, uint32_t link, struct scan_report *report)
{
    const struct job *job;

    (void)pthread_mutex_lock(&scans->mutex);
    job = scans->jobs[link];
    if (job != NULL)
        *report = job->report;
    (void)pthread_mutex_unlock(&scans->mutex);
    return job != NULL;
}

void scans_free(struct scans *scans)
{
    if (scans == NULL)
        return;
    for (uint32_t i = 0; i < scans->config->link_count; i++)
        scans_stop(scans, i);
    for (size_t i = 0; i < scans->config->link_count; i++) {
        struct job *job = scans->jobs[i];

        if (job != NULL && job->thread_there)
            (void)pthread_join(job->thread, NULL);
        mem_free(job);
    }
    mem_free(scans->jobs);
    (void)pthread_cond_destroy(&scans->stopped);
    (void)pthread_mutex_destroy(&scans->mutex);
    mem_free(scans);
}
