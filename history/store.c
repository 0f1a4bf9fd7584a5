/* store.c - see store.h.
 *
 * DESIGN: the writing thread folds samples into two sets of tallies, the present minute
 * and the next, because at the turn of a minute samples of both come mixed. When the
 * present minute is over and SETTLE_MS have passed, its rows are written in slices
 * (STORE_MINUTE_ROWS), then the next one becomes the present; when that begins another
 * hour, the hour's rows are written in the same way (STORE_HOUR_ROWS). Samples of other
 * minutes are late and are merged into their rows about once a second.
 *
 * A minute that becomes the present is first completed with the rows that are already in
 * the file, and its rows replace these: a restart in the middle of a minute, or a clock
 * that goes back, needs no other care.
 *
 * A query sees minutes before the present one in the files and the others in memory,
 * which is why it takes the number of the present minute and its tallies in one lock.
 */
#include "history/store_inner.h"

#include "base/file.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SETTLE_MS = 2000,        /* how late samples of a minute are still expected */
    SLICE_ROWS = 4000,       /* of one step, about 10 ms */
    CHUNK_SAMPLES = 1024,    /* folded under one lock, about 20 us */
    JOURNAL_EVERY_MS = 1000, /* what kill -9 costs */
    LATE_EVERY_MS = 1000,
    AHEAD_MINUTES = 60, /* a device whose clock is further ahead is not believed */
    RETENTION_FIRST_MS = 10 * 60 * 1000, /* the clock may be wrong just after the start */
    RETENTION_EVERY_MS = 24 * 60 * 60 * 1000,
    MINUTES_AN_HOUR = 60,
};

static int64_t hour_of(int64_t minute)
{
    return minute / MINUTES_AN_HOUR;
}

static void clear_minute(struct store *store, struct minute *minute, int64_t number)
{
    minute->minute = number;
    if (minute->used)
        memset(minute->tallies, 0, store->model->point_count * sizeof *minute->tallies);
    minute->used = false;
}

struct store *store_open(const char *folder, const struct history_settings *settings,
                         const struct model *model, struct wall_time now)
{
    struct store *store = mem_alloc(sizeof *store);
    size_t points = model->point_count;
    struct err err;

    store->folder = mem_strdup(folder);
    store->settings = settings;
    store->model = model;
    store->kept = mem_array(points, sizeof *store->kept);
    for (size_t i = 0; i < points; i++)
        store->kept[i] = model->points[i].kind != POINT_TEXT;
    store->hour_tallies = mem_array(points, sizeof *store->hour_tallies);
    store->late = mem_array(STORE_LATE_MAX, sizeof *store->late);
    for (size_t i = 0; i < 2; i++) {
        store->minutes[i].minute = period_minute(now) + (int64_t)i;
        store->minutes[i].tallies = mem_array(points, sizeof(struct tally));
        journal_init(&store->journals[i]);
    }
    store->next_retention = mono_add_ms(mono_now(), RETENTION_FIRST_MS);
    (void)pthread_mutex_init(&store->mutex, NULL);
    if (file_make_folder(folder, 0700, &err) != 0)
        store_failed(store, NULL, &err);
    store_replay(store);
    store->hour = hour_of(store->minutes[0].minute);
    store_make_up_hours(store, store->hour);
    store_load_hour(store, store->hour);
    store_load_minute(store);
    return store;
}

/* Room for a chunk in the buffers that folding fills. */
static void make_room(struct store *store)
{
    for (size_t i = 0; i < 2; i++) {
        struct err err;

        if (store->journals[i].count + CHUNK_SAMPLES <= JOURNAL_FRAME_RECORDS)
            continue;
        if (journal_flush(&store->journals[i], &err) != 0)
            store->journals[i].count = 0;
    }
    if (store->late_count + CHUNK_SAMPLES > STORE_LATE_MAX)
        store_write_late(store);
}

/* What folding needs to know of one of the two minutes. */
struct target {
    struct minute *minute;
    struct journal *journal; /* NULL: not journalled */
    const uint32_t *series;
};

static void journal_failed(struct store *store, const struct err *err)
{
    (void)pthread_mutex_lock(&store->mutex);
    store->journal_failed = true;
    (void)snprintf(store->status.error, sizeof store->status.error, "%.*s",
                   (int)sizeof store->status.error - 1, err->text);
    (void)pthread_mutex_unlock(&store->mutex);
    store->journal_retry = mono_add_ms(mono_now(), STORE_RETRY_MS);
}

static struct target target_of(struct store *store, size_t index)
{
    struct minute *minute = &store->minutes[index];
    struct journal *journal = &store->journals[index];
    struct rows *rows =
        store_file(store, PERIOD_MONTH, period_of(PERIOD_MONTH, minute->minute));
    struct target target = {.minute = minute};
    struct err err;

    if (rows == NULL)
        return target;
    if (journal->fd < 0) {
        if (mono_before(mono_now(), store->journal_retry))
            return target;
        if (journal_begin(journal, store->folder, ++store->last_journal, minute->minute,
                          &err) != 0) {
            journal_failed(store, &err);
            return target;
        }
    }
    target.journal = journal;
    target.series = rows_series(rows);
    return target;
}

static void fold_into(const struct target *target, const struct sample *sample)
{
    struct tally *tally = &target->minute->tallies[sample->point];

    tally_add(tally, sample->value);
    target->minute->used = true;
    if (target->journal != NULL)
        (void)journal_add(
            target->journal, target->series[sample->point],
            (uint32_t)(sample->time.ns / CLOCK_MS - target->minute->minute * 60000),
            sample->value);
}

static bool holds_minute(const struct sample *samples, size_t count, int64_t minute)
{
    for (size_t i = 0; i < count; i++)
        if (period_minute(samples[i].time) == minute)
            return true;
    return false;
}

static void fold(struct store *store, const struct target targets[2],
                 const struct sample *samples, size_t count, int64_t now)
{
    int64_t oldest = now - store->settings->keep_minutes_ms / 60000;

    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];
        int64_t minute = period_minute(sample->time);

        if (sample->quality == QUALITY_BAD || !store->kept[sample->point] ||
            !isfinite(sample->value))
            continue;
        if (targets[0].minute != NULL && minute == targets[0].minute->minute)
            fold_into(&targets[0], sample);
        else if (targets[1].minute != NULL && minute == targets[1].minute->minute)
            fold_into(&targets[1], sample);
        else if (minute >= oldest && minute <= now + AHEAD_MINUTES)
            store_add_late(store, minute, sample->point, sample->value);
    }
}

void store_put(struct store *store, const struct sample *samples, size_t count,
               struct wall_time now)
{
    while (count > 0) {
        size_t chunk = count < CHUNK_SAMPLES ? count : CHUNK_SAMPLES;
        struct target targets[2] = {{0}};

        make_room(store);
        if (store->phase != STORE_MINUTE_ROWS) /* else its rows are on their way */
            targets[0] = target_of(store, 0);
        if (holds_minute(samples, chunk, store->minutes[1].minute))
            targets[1] = target_of(store, 1);
        (void)pthread_mutex_lock(&store->mutex);
        fold(store, targets, samples, chunk, period_minute(now));
        (void)pthread_mutex_unlock(&store->mutex);
        samples += chunk;
        count -= chunk;
    }
}

static void flush_journals(struct store *store)
{
    bool good = true;

    for (size_t i = 0; i < 2; i++) {
        struct err err;

        if (journal_flush(&store->journals[i], &err) == 0)
            continue;
        good = false;
        journal_failed(store, &err);
    }
    if (good && store->journal_failed && store->journals[0].fd >= 0) {
        (void)pthread_mutex_lock(&store->mutex);
        store->journal_failed = false;
        store->status.error[0] = '\0';
        (void)pthread_mutex_unlock(&store->mutex);
    }
}

static void begin_phase(struct store *store, enum store_phase phase)
{
    store->phase = phase;
    store->next_point = 0;
    store->pending_rows = 0;
    store->writing = NULL;
}

/* The minute that follows becomes the present one. */
static void advance(struct store *store, int64_t now)
{
    struct minute old = store->minutes[0];
    struct journal journal = store->journals[0];
    int64_t next = store->minutes[1].minute;

    if (!store->minutes[1].used && now != next)
        next = now; /* the clock jumped, or nothing was measured for a while */
    (void)pthread_mutex_lock(&store->mutex);
    clear_minute(store, &old, next + 1);
    if (store->minutes[1].minute != next)
        clear_minute(store, &store->minutes[1], next);
    store->minutes[0] = store->minutes[1];
    store->minutes[1] = old;
    (void)pthread_mutex_unlock(&store->mutex);
    store->journals[0] = store->journals[1];
    store->journals[1] = journal;
    store_load_minute(store);
    if (hour_of(next) != store->hour)
        begin_phase(store, STORE_HOUR_ROWS);
    else
        begin_phase(store, STORE_IDLE);
}

/* The minute's numbers go into the hour's, whether its rows could be written or not. */
static void finish_minute(struct store *store, int64_t now, bool keep_journal)
{
    const struct minute *minute = &store->minutes[0];

    for (size_t i = 0; minute->used && i < store->model->point_count; i++)
        tally_merge(&store->hour_tallies[i], &minute->tallies[i]);
    if (keep_journal)
        journal_leave(&store->journals[0]);
    else
        journal_remove(&store->journals[0]);
    advance(store, now);
}

static void finish_hour(struct store *store)
{
    int64_t hour = hour_of(store->minutes[0].minute);

    memset(store->hour_tallies, 0,
           store->model->point_count * sizeof *store->hour_tallies);
    (void)pthread_mutex_lock(&store->mutex);
    store->hour = hour;
    (void)pthread_mutex_unlock(&store->mutex);
    store_load_hour(store, hour);
    begin_phase(store, STORE_IDLE);
}

/* The rows of this phase, the number of their row and where they belong. */
struct job {
    enum period_kind kind;
    int64_t t;
    const struct tally *tallies;
};

static struct job job_of(const struct store *store)
{
    if (store->phase == STORE_MINUTE_ROWS)
        return (struct job){PERIOD_MONTH, store->minutes[0].minute,
                            store->minutes[0].tallies};
    return (struct job){PERIOD_YEAR, store->hour, store->hour_tallies};
}

/* Writes rows from next_point on. 1: all are written; 0: go on later; -1: err. */
static int write_rows(struct store *store, const struct job *job, struct err *err)
{
    const uint32_t *series = rows_series(store->writing);
    size_t points = store->model->point_count;
    int rows = 0;

    for (; store->next_point < points && rows < SLICE_ROWS; store->next_point++) {
        const struct tally *tally = &job->tallies[store->next_point];

        if (tally->n == 0 || series[store->next_point] == ROWS_NO_SERIES)
            continue;
        if (rows_put(store->writing, job->t, series[store->next_point], tally, err) != 0)
            return -1;
        rows++;
    }
    store->pending_rows += (uint64_t)rows;
    return store->next_point == points ? 1 : 0;
}

static int commit(struct store *store, const struct job *job, struct err *err)
{
    const char *key = job->kind == PERIOD_MONTH ? "journal" : "until";
    int64_t value =
        job->kind == PERIOD_MONTH ? (int64_t)store->journals[0].id : job->t + 1;

    if (job->kind == PERIOD_MONTH && store->journals[0].fd < 0)
        return rows_commit(store->writing, err);
    if (rows_set_meta(store->writing, key, value, err) != 0)
        return -1;
    return rows_commit(store->writing, err);
}

/* One slice. True when everything of the phase is committed. */
static bool write_slice(struct store *store, struct mono_time mono)
{
    struct job job = job_of(store);
    struct err err;
    int done;

    if (store->writing == NULL) {
        struct rows *rows = store_file(store, job.kind, period_of(job.kind, job.t));

        if (rows == NULL || rows_begin(rows, &err) != 0) {
            if (rows != NULL)
                store_failed(store, rows, &err);
            store->write_retry = mono_add_ms(mono, STORE_RETRY_MS);
            return false;
        }
        store->writing = rows;
    }
    done = write_rows(store, &job, &err);
    if (done == 1 && commit(store, &job, &err) != 0)
        done = -1;
    if (done < 0) {
        store_failed(store, store->writing, &err);
        begin_phase(store, store->phase);
        store->write_retry = mono_add_ms(mono, STORE_RETRY_MS);
        return false;
    }
    if (done == 1)
        store_succeeded(store, store->pending_rows);
    return done == 1;
}

static void give_up(struct store *store)
{
    struct job job = job_of(store);
    uint64_t rows = 0;

    for (size_t i = 0; i < store->model->point_count; i++)
        rows += job.tallies[i].n > 0;
    store_lost(store, rows);
}

/* Goes on with the phase. When `closing` it is now or never, and a minute that cannot be
 * written is left to the next start, in its journal. */
static void work(struct store *store, int64_t now, struct mono_time mono, bool closing)
{
    bool hopeless = closing || now > store->minutes[0].minute + 1;
    bool done = store->phase == STORE_MINUTE_ROWS && !store->minutes[0].used;

    if (!done && (closing || !mono_before(mono, store->write_retry)))
        done = write_slice(store, mono);
    if (!done && (store->writing != NULL || !hopeless))
        return;
    if (!done && !(closing && store->journals[0].fd >= 0))
        give_up(store);
    if (store->phase == STORE_MINUTE_ROWS)
        finish_minute(store, now, !done && closing);
    else
        finish_hour(store);
}

/* Runs the phase to its end. */
static void work_out(struct store *store, int64_t now)
{
    while (store->phase != STORE_IDLE)
        work(store, now, mono_now(), true);
}

void store_step(struct store *store, struct wall_time now, struct mono_time mono)
{
    int64_t minute = period_minute(now);
    int64_t settled = period_minute(wall_add_ms(now, -SETTLE_MS));
    int64_t present = store->minutes[0].minute;

    if (!mono_before(mono, store->next_journal)) {
        flush_journals(store);
        store->next_journal = mono_add_ms(mono, JOURNAL_EVERY_MS);
    }
    if (store->phase == STORE_IDLE && (settled > present || minute < present - 1))
        begin_phase(store, STORE_MINUTE_ROWS);
    if (store->phase != STORE_IDLE)
        work(store, minute, mono, false);
    if (store->phase == STORE_IDLE && store->late_count > 0 &&
        !mono_before(mono, store->next_late)) {
        store_write_late(store);
        store->next_late = mono_add_ms(mono, LATE_EVERY_MS);
    }
    if (!mono_before(mono, store->next_retention)) {
        store_retire(store, now);
        store->next_retention = mono_add_ms(mono, RETENTION_EVERY_MS);
    }
}

void store_close(struct store *store, struct wall_time now)
{
    if (store == NULL)
        return;
    flush_journals(store);
    work_out(store, period_minute(now));
    store_write_late(store);
    for (int i = 0; i < 2; i++) { /* the present minute and the next */
        begin_phase(store, STORE_MINUTE_ROWS);
        work_out(store, store->minutes[1].minute);
    }
    for (size_t i = 0; i < 2; i++) {
        journal_remove(&store->journals[i]);
        journal_done(&store->journals[i]);
        mem_free(store->minutes[i].tallies);
    }
    for (size_t i = 0; i < STORE_FILES; i++)
        rows_close(store->files[i]);
    (void)pthread_mutex_destroy(&store->mutex);
    mem_free(store->late);
    mem_free(store->hour_tallies);
    mem_free(store->kept);
    mem_free(store->folder);
    mem_free(store);
}

void store_status(struct store *store, struct store_status *status)
{
    (void)pthread_mutex_lock(&store->mutex);
    *status = store->status;
    (void)pthread_mutex_unlock(&store->mutex);
}
