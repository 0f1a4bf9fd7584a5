/* replay.c - see replay.h.
 *
 * DESIGN: a job's thread owns its backtests, its cursor and its counters; main waits,
 * draws the bar from the progress that jobs publish in an atomic, and asks them to stop
 * with another when it is interrupted. Nothing else is shared but the configuration,
 * which nobody writes. */
#include "ctl/replay.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/units.h"
#include "history/past_hours.h"
#include "history/readings.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    CHUNK = 4096, /* readings at once */
    DEFAULT_DAYS = 30,
    BAR_WIDTH = 40,
    BAR_EVERY_MS = 100,
    PERMILLE = 1000,
    EXIT_INTERRUPTED = 130, /* what shells give for Ctrl-C */
};

#define DAY_MS INT64_C(86400000)

/* ---- the span ---- */

static bool parse_local(const char *text, const struct tz *tz, struct wall_time *time)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int used = 0;
    /* Bounded widths, and the end is checked. NOLINTNEXTLINE(cert-err34-c) */
    int fields = sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used);

    if (fields != 3 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    text += used;
    if (*text == 'T' || *text == ' ') {
        used = 0;
        /* NOLINTNEXTLINE(cert-err34-c) */
        if (sscanf(text + 1, "%2d:%2d%n", &hour, &minute, &used) != 2 || used != 5 ||
            hour < 0 || hour > 23 || minute < 0 || minute > 59)
            return false;
        text += 1 + used;
    }
    if (*text != '\0')
        return false;
    *time = tz_instant(tz, year, month, day, hour, minute);
    return true;
}

static bool parse_time(const struct context *context, enum ctl_option option,
                       const struct tz *tz, struct wall_time now, struct wall_time *time)
{
    const char *text = context->options[option];
    int64_t ago_ms;

    if (text == NULL)
        return true;
    if (wall_parse(text, time) || parse_local(text, tz, time))
        return true;
    if (units_duration(text, &ago_ms)) {
        *time = wall_add_ms(now, -ago_ms);
        return true;
    }
    (void)fprintf(stderr,
                  "facilityctl: --%s '%s' is no time; write \"2026-11-01\", "
                  "\"2026-11-01T08:30\" or how long ago: \"7d\"\n",
                  option_rows[option].name, text);
    return false;
}

bool replay_span(const struct context *context, const struct tz *tz,
                 struct wall_time *from, struct wall_time *to)
{
    struct wall_time now = wall_now();

    *to = now;
    if (!parse_time(context, OPTION_TO, tz, now, to))
        return false;
    *from = wall_add_ms(*to, -DEFAULT_DAYS * DAY_MS);
    if (!parse_time(context, OPTION_FROM, tz, now, from))
        return false;
    if (to->ns > now.ns)
        *to = now;
    if (from->ns < to->ns)
        return true;
    (void)fputs("facilityctl: --from must be before --to\n", stderr);
    return false;
}

char *replay_time(const struct tz *tz, struct wall_time time, char out[REPLAY_TIME_SIZE])
{
    struct local_time local = tz_local(tz, time);

    (void)snprintf(out, REPLAY_TIME_SIZE, "%04d-%02d-%02d %02d:%02d:%02d",
                   (int)(local.year % 10000), local.month, local.day, local.hour,
                   local.minute, local.second);
    return out;
}

/* ---- the folder ---- */

char *replay_folder(const struct config *config, struct wall_time *oldest, int *code)
{
    char *folder = file_join(config->state_dir, "readings");

    *code = EX_OK;
    if (access(folder, R_OK | X_OK) != 0 && errno != ENOENT) {
        (void)fprintf(stderr,
                      "facilityctl: '%s': %m; run this as the user of facilityd:\n"
                      "  sudo -u facilityd facilityctl rules ...\n",
                      folder);
        *code = EX_NOPERM;
        goto fail;
    }
    *oldest = readings_oldest(folder);
    if (oldest->ns == 0) {
        (void)fprintf(stderr,
                      "facilityctl: there are no readings in '%s': facilityd keeps them "
                      "while it runs,\nof the points that rules look at. Is state_dir "
                      "the one of the running facilityd (-c FILE)?\n",
                      folder);
        *code = EX_NOINPUT;
        goto fail;
    }
    return folder;
fail:
    mem_free(folder);
    return NULL;
}

/* ---- jobs ---- */

/* A job and what only its thread touches. */
struct worker {
    const struct config *config;
    const char *folder;
    struct wall_time to;
    struct replay_job *job;
    pthread_t thread;
    bool started;
    struct err err;
    int result;

    atomic_int permille;
    atomic_bool *stop;
};

static struct wall_time begin_of(const struct replay_job *job)
{
    struct wall_time begin = backtest_begin(job->backtests[0]);

    for (size_t i = 1; i < job->count; i++)
        if (backtest_begin(job->backtests[i]).ns < begin.ns)
            begin = backtest_begin(job->backtests[i]);
    return begin;
}

static size_t wanted_points(const struct worker *worker, uint32_t *points)
{
    size_t count = 0;

    for (uint32_t i = 0; i < worker->config->model->point_count; i++) {
        bool wanted = false;

        for (size_t k = 0; k < worker->job->count; k++)
            wanted = wanted || backtest_wants(worker->job->backtests[k], i);
        if (wanted)
            points[count++] = i;
    }
    return count;
}

static void put_hour(void *context, uint32_t point, struct wall_time start, double mean)
{
    backtest_hour(context, point, start, mean);
}

/* Without them a baseline has no past and is unknown for its weeks; that is no reason to
 * give up. */
static void put_hours(const struct worker *worker, struct backtest *backtest)
{
    const struct model *model = worker->config->model;
    char *folder = file_join(worker->config->state_dir, "history");
    bool *wanted = mem_array(model->point_count + 1, sizeof *wanted);
    struct past_query query = {.folder = folder,
                               .model = model,
                               .wanted = wanted,
                               .to = backtest_begin(backtest)};
    int64_t longest_ms = 0;

    for (uint32_t i = 0; i < model->point_count; i++) {
        int64_t hours_ms = backtest_hours_ms(backtest, i);

        wanted[i] = hours_ms > 0;
        longest_ms = hours_ms > longest_ms ? hours_ms : longest_ms;
    }
    query.from = wall_add_ms(query.to, -longest_ms);
    if (longest_ms > 0)
        (void)past_hours(&query, put_hour, backtest, NULL);
    mem_free(wanted);
    mem_free(folder);
}

static int replay(struct worker *worker)
{
    const struct model *model = worker->config->model;
    struct replay_job *job = worker->job;
    uint32_t *points = mem_array(model->point_count + 1, sizeof *points);
    struct sample *samples = mem_array(CHUNK, sizeof *samples);
    struct readings_cursor *cursor =
        readings_cursor_open(worker->folder, model, points, wanted_points(worker, points),
                             begin_of(job), worker->to, &worker->err);
    size_t n;

    for (size_t i = 0; cursor != NULL && i < job->count; i++)
        put_hours(worker, job->backtests[i]);
    while (cursor != NULL && !atomic_load(worker->stop) &&
           (n = readings_next(cursor, samples, CHUNK)) > 0) {
        for (size_t i = 0; i < job->count; i++)
            backtest_put(job->backtests[i], samples, n);
        job->readings += n;
        atomic_store(&worker->permille, (int)(readings_progress(cursor) * PERMILLE));
    }
    mem_free(points);
    mem_free(samples);
    if (cursor == NULL)
        return -1;
    job->damaged = readings_damaged(cursor);
    readings_cursor_close(cursor);
    for (size_t i = 0; i < job->count && !atomic_load(worker->stop); i++)
        backtest_finish(job->backtests[i]);
    return 0;
}

static void *run_worker(void *context)
{
    struct worker *worker = context;

    worker->result = replay(worker);
    atomic_store(&worker->permille, PERMILLE);
    return NULL;
}

/* ---- the bar ---- */

static void draw(int permille, struct mono_time begin)
{
    int64_t spent_ms = mono_diff_ms(mono_now(), begin);
    int filled = permille * BAR_WIDTH / PERMILLE;
    char bar[BAR_WIDTH + 1];

    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r[%s] %3d %%", bar, permille / 10);
    if (permille > 20 && permille < PERMILLE)
        (void)fprintf(stderr, "  %lld s left ",
                      (long long)(spent_ms * (PERMILLE - permille) / permille / 1000));
    else
        (void)fputs("            ", stderr);
}

static void erase_bar(void)
{
    (void)fprintf(stderr, "\r%*s\r", BAR_WIDTH + 30, "");
}

static int least_permille(const struct worker *workers, size_t count)
{
    int least = PERMILLE;

    for (size_t i = 0; i < count; i++) {
        int permille = atomic_load(&workers[i].permille);

        least = permille < least ? permille : least;
    }
    return least;
}

static void wait_for(struct worker *workers, size_t count, atomic_bool *stop, bool bar)
{
    struct mono_time begin = mono_now();

    while (least_permille(workers, count) < PERMILLE) {
        command_pause(BAR_EVERY_MS);
        if (command_interrupted())
            atomic_store(stop, true);
        if (bar)
            draw(least_permille(workers, count), begin);
    }
    if (bar)
        erase_bar();
}

int replay_run(const struct config *config, const char *folder, struct replay_job *jobs,
               size_t count, struct wall_time to, bool bar)
{
    struct worker workers[REPLAY_JOBS_MAX] = {0};
    atomic_bool stop = false;
    int code = EX_OK;

    command_catch_interrupt();
    for (size_t i = 0; i < count; i++) {
        workers[i].config = config;
        workers[i].folder = folder;
        workers[i].to = to;
        workers[i].job = &jobs[i];
        workers[i].stop = &stop;
        workers[i].started =
            pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) == 0;
        if (!workers[i].started) /* then here, without a bar */
            (void)run_worker(&workers[i]);
    }
    wait_for(workers, count, &stop, bar && isatty(STDERR_FILENO) != 0);
    for (size_t i = 0; i < count; i++) {
        if (workers[i].started)
            (void)pthread_join(workers[i].thread, NULL);
        if (workers[i].result != 0 && code == EX_OK)
            code = command_failed(&workers[i].err);
    }
    if (code == EX_OK && atomic_load(&stop)) {
        (void)fputs("facilityctl: interrupted\n", stderr);
        code = EXIT_INTERRUPTED;
    }
    return code;
}
