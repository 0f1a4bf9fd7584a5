/* archive.c - see archive.h.
 *
 * DESIGN: the writing thread folds samples into two sets of tallies, the present minute
 * and the next, because at the turn of a minute samples of both come mixed. When the
 * present minute is over and SETTLE_MS have passed, its rows are written in slices
 * (ARCHIVE_MINUTE_ROWS), then the next one becomes the present; when that begins another
 * hour, the hour's rows are written in the same way (ARCHIVE_HOUR_ROWS). Samples of other
 * minutes are late and are merged into their rows about once a second.
 *
 * A minute that becomes the present is first completed with the rows that are already in
 * the file, and its rows replace these: a restart in the middle of a minute, or a clock
 * that goes back, needs no other care.
 *
 * A query sees minutes before the present one in the files and the others in memory,
 * which is why it takes the number of the present minute and its tallies in one lock.
 */
#include "history/archive_inner.h"

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

static void clear_minute(struct archive *archive, struct minute *minute, int64_t number)
{
    minute->minute = number;
    if (minute->used)
        memset(minute->tallies, 0, archive->model->point_count * sizeof *minute->tallies);
    minute->used = false;
}

struct archive *archive_open(const char *folder, const struct history_settings *settings,
                             const struct model *model, struct wall_time now)
{
    struct archive *archive = mem_alloc(sizeof *archive);
    size_t points = model->point_count;
    struct err err;

    archive->folder = mem_strdup(folder);
    archive->settings = settings;
    archive->model = model;
    archive->kept = mem_array(points, sizeof *archive->kept);
    for (size_t i = 0; i < points; i++)
        archive->kept[i] = model_has_series(&model->points[i]);
    archive->hour_tallies = mem_array(points, sizeof *archive->hour_tallies);
    archive->late = mem_array(ARCHIVE_LATE_MAX, sizeof *archive->late);
    for (size_t i = 0; i < 2; i++) {
        archive->minutes[i].minute = period_minute(now) + (int64_t)i;
        archive->minutes[i].tallies = mem_array(points, sizeof(struct tally));
        journal_init(&archive->journals[i]);
    }
    archive->next_retention = mono_add_ms(mono_now(), RETENTION_FIRST_MS);
    (void)pthread_mutex_init(&archive->mutex, NULL);
    if (file_make_folder(folder, 0700, &err) != 0)
        archive_failed(archive, NULL, &err);
    archive_replay(archive);
    archive->hour = hour_of(archive->minutes[0].minute);
    archive_make_up_hours(archive, archive->hour);
    archive_load_hour(archive, archive->hour);
    archive_load_minute(archive);
    return archive;
}

static void work(struct archive *archive, int64_t now, struct mono_time mono,
                 bool closing);

/* Room for a chunk in the buffers that folding fills. */
static void make_room(struct archive *archive, struct wall_time now)
{
    for (size_t i = 0; i < 2; i++) {
        struct err err;

        if (archive->journals[i].count + CHUNK_SAMPLES <= JOURNAL_FRAME_RECORDS)
            continue;
        if (journal_flush(&archive->journals[i], &err) != 0)
            archive->journals[i].count = 0;
    }
    if (archive->late_count + CHUNK_SAMPLES <= ARCHIVE_LATE_MAX)
        return;
    /* Rows that are only half in their file have its transaction. */
    while (archive->writing != NULL)
        work(archive, period_minute(now), mono_now(), false);
    archive_write_late(archive);
}

/* What folding needs to know of one of the two minutes. */
struct target {
    struct minute *minute;
    struct journal *journal; /* NULL: not journalled */
    const uint32_t *series;
};

static void journal_failed(struct archive *archive, const struct err *err)
{
    (void)pthread_mutex_lock(&archive->mutex);
    archive->journal_failed = true;
    (void)snprintf(archive->status.error, sizeof archive->status.error, "%.*s",
                   (int)sizeof archive->status.error - 1, err->text);
    (void)pthread_mutex_unlock(&archive->mutex);
    archive->journal_retry = mono_add_ms(mono_now(), ARCHIVE_RETRY_MS);
}

static struct target target_of(struct archive *archive, size_t index)
{
    struct minute *minute = &archive->minutes[index];
    struct journal *journal = &archive->journals[index];
    struct rows *rows =
        archive_file(archive, PERIOD_MONTH, period_of(PERIOD_MONTH, minute->minute));
    struct target target = {.minute = minute};
    struct err err;

    if (rows == NULL)
        return target;
    if (journal->fd < 0) {
        if (mono_before(mono_now(), archive->journal_retry))
            return target;
        if (journal_begin(journal, archive->folder, ++archive->last_journal,
                          minute->minute, &err) != 0) {
            journal_failed(archive, &err);
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

static void fold(struct archive *archive, const struct target targets[2],
                 const struct sample *samples, size_t count, int64_t now)
{
    int64_t oldest = now - archive->settings->keep_minutes_ms / 60000;

    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];
        int64_t minute = period_minute(sample->time);

        if (sample->quality == QUALITY_BAD || !archive->kept[sample->point] ||
            !isfinite(sample->value))
            continue;
        if (targets[0].minute != NULL && minute == targets[0].minute->minute)
            fold_into(&targets[0], sample);
        else if (targets[1].minute != NULL && minute == targets[1].minute->minute)
            fold_into(&targets[1], sample);
        else if (minute >= oldest && minute <= now + AHEAD_MINUTES)
            archive_add_late(archive, minute, sample->point, sample->value);
    }
}

void archive_put(struct archive *archive, const struct sample *samples, size_t count,
                 struct wall_time now)
{
    while (count > 0) {
        size_t chunk = count < CHUNK_SAMPLES ? count : CHUNK_SAMPLES;
        struct target targets[2] = {{0}};

        make_room(archive, now);
        if (archive->phase != ARCHIVE_MINUTE_ROWS) /* else its rows are on their way */
            targets[0] = target_of(archive, 0);
        if (holds_minute(samples, chunk, archive->minutes[1].minute))
            targets[1] = target_of(archive, 1);
        (void)pthread_mutex_lock(&archive->mutex);
        fold(archive, targets, samples, chunk, period_minute(now));
        (void)pthread_mutex_unlock(&archive->mutex);
        samples += chunk;
        count -= chunk;
    }
}

static void flush_journals(struct archive *archive)
{
    bool good = true;

    for (size_t i = 0; i < 2; i++) {
        struct err err;

        if (journal_flush(&archive->journals[i], &err) == 0)
            continue;
        good = false;
        journal_failed(archive, &err);
    }
    if (good && archive->journal_failed && archive->journals[0].fd >= 0) {
        (void)pthread_mutex_lock(&archive->mutex);
        archive->journal_failed = false;
        archive->status.error[0] = '\0';
        (void)pthread_mutex_unlock(&archive->mutex);
    }
}

static void begin_phase(struct archive *archive, enum archive_phase phase)
{
    archive->phase = phase;
    archive->next_point = 0;
    archive->pending_rows = 0;
    archive->writing = NULL;
}

/* The minute that follows becomes the present one. */
static void advance(struct archive *archive, int64_t now)
{
    struct minute old = archive->minutes[0];
    struct journal journal = archive->journals[0];
    int64_t next = archive->minutes[1].minute;

    if (!archive->minutes[1].used && now != next)
        next = now; /* the clock jumped, or nothing was measured for a while */
    (void)pthread_mutex_lock(&archive->mutex);
    clear_minute(archive, &old, next + 1);
    if (archive->minutes[1].minute != next)
        clear_minute(archive, &archive->minutes[1], next);
    archive->minutes[0] = archive->minutes[1];
    archive->minutes[1] = old;
    (void)pthread_mutex_unlock(&archive->mutex);
    archive->journals[0] = archive->journals[1];
    archive->journals[1] = journal;
    archive_load_minute(archive);
    if (hour_of(next) != archive->hour)
        begin_phase(archive, ARCHIVE_HOUR_ROWS);
    else
        begin_phase(archive, ARCHIVE_IDLE);
}

/* The minute's numbers go into the hour's, whether its rows could be written or not. */
static void finish_minute(struct archive *archive, int64_t now, bool keep_journal)
{
    const struct minute *minute = &archive->minutes[0];

    for (size_t i = 0; minute->used && i < archive->model->point_count; i++)
        tally_merge(&archive->hour_tallies[i], &minute->tallies[i]);
    if (keep_journal)
        journal_leave(&archive->journals[0]);
    else
        journal_remove(&archive->journals[0]);
    advance(archive, now);
}

static void finish_hour(struct archive *archive)
{
    int64_t hour = hour_of(archive->minutes[0].minute);

    memset(archive->hour_tallies, 0,
           archive->model->point_count * sizeof *archive->hour_tallies);
    (void)pthread_mutex_lock(&archive->mutex);
    archive->hour = hour;
    (void)pthread_mutex_unlock(&archive->mutex);
    archive_load_hour(archive, hour);
    begin_phase(archive, ARCHIVE_IDLE);
}

/* The rows of this phase, the number of their row and where they belong. */
struct job {
    enum period_kind kind;
    int64_t t;
    const struct tally *tallies;
};

static struct job job_of(const struct archive *archive)
{
    if (archive->phase == ARCHIVE_MINUTE_ROWS)
        return (struct job){PERIOD_MONTH, archive->minutes[0].minute,
                            archive->minutes[0].tallies};
    return (struct job){PERIOD_YEAR, archive->hour, archive->hour_tallies};
}

/* Writes rows from next_point on. 1: all are written; 0: go on later; -1: err. */
static int write_rows(struct archive *archive, const struct job *job, struct err *err)
{
    const uint32_t *series = rows_series(archive->writing);
    size_t points = archive->model->point_count;
    int rows = 0;

    for (; archive->next_point < points && rows < SLICE_ROWS; archive->next_point++) {
        const struct tally *tally = &job->tallies[archive->next_point];

        if (tally->n == 0 || series[archive->next_point] == ROWS_NO_SERIES)
            continue;
        if (rows_put(archive->writing, job->t, series[archive->next_point], tally, err) !=
            0)
            return -1;
        rows++;
    }
    archive->pending_rows += (uint64_t)rows;
    return archive->next_point == points ? 1 : 0;
}

static int commit(struct archive *archive, const struct job *job, struct err *err)
{
    const char *key = job->kind == PERIOD_MONTH ? "journal" : "until";
    int64_t value =
        job->kind == PERIOD_MONTH ? (int64_t)archive->journals[0].id : job->t + 1;

    if (job->kind == PERIOD_MONTH && archive->journals[0].fd < 0)
        return rows_commit(archive->writing, err);
    if (rows_set_meta(archive->writing, key, value, err) != 0)
        return -1;
    return rows_commit(archive->writing, err);
}

/* One slice. True when everything of the phase is committed. */
static bool write_slice(struct archive *archive, struct mono_time mono)
{
    struct job job = job_of(archive);
    struct err err;
    int done;

    if (archive->writing == NULL) {
        struct rows *rows = archive_file(archive, job.kind, period_of(job.kind, job.t));

        if (rows == NULL || rows_begin(rows, &err) != 0) {
            if (rows != NULL)
                archive_failed(archive, rows, &err);
            archive->write_retry = mono_add_ms(mono, ARCHIVE_RETRY_MS);
            return false;
        }
        archive->writing = rows;
    }
    done = write_rows(archive, &job, &err);
    if (done == 1 && commit(archive, &job, &err) != 0)
        done = -1;
    if (done < 0) {
        archive_failed(archive, archive->writing, &err);
        begin_phase(archive, archive->phase);
        archive->write_retry = mono_add_ms(mono, ARCHIVE_RETRY_MS);
        return false;
    }
    if (done == 1)
        archive_succeeded(archive, archive->pending_rows);
    return done == 1;
}

static void give_up(struct archive *archive)
{
    struct job job = job_of(archive);
    uint64_t rows = 0;

    for (size_t i = 0; i < archive->model->point_count; i++)
        rows += job.tallies[i].n > 0;
    archive_lost(archive, rows);
}

/* Goes on with the phase. When `closing` it is now or never, and a minute that cannot be
 * written is left to the next start, in its journal. */
static void work(struct archive *archive, int64_t now, struct mono_time mono,
                 bool closing)
{
    bool hopeless = closing || now > archive->minutes[0].minute + 1;
    bool done = archive->phase == ARCHIVE_MINUTE_ROWS && !archive->minutes[0].used;

    if (!done && (closing || !mono_before(mono, archive->write_retry)))
        done = write_slice(archive, mono);
    if (!done && (archive->writing != NULL || !hopeless))
        return;
    if (!done && !(closing && archive->journals[0].fd >= 0))
        give_up(archive);
    if (archive->phase == ARCHIVE_MINUTE_ROWS)
        finish_minute(archive, now, !done && closing);
    else
        finish_hour(archive);
}

/* Runs the phase to its end. */
static void work_out(struct archive *archive, int64_t now)
{
    while (archive->phase != ARCHIVE_IDLE)
        work(archive, now, mono_now(), true);
}

void archive_step(struct archive *archive, struct wall_time now, struct mono_time mono)
{
    int64_t minute = period_minute(now);
    int64_t settled = period_minute(wall_add_ms(now, -SETTLE_MS));
    int64_t present = archive->minutes[0].minute;

    if (!mono_before(mono, archive->next_journal)) {
        flush_journals(archive);
        archive->next_journal = mono_add_ms(mono, JOURNAL_EVERY_MS);
    }
    if (archive->phase == ARCHIVE_IDLE && (settled > present || minute < present - 1))
        begin_phase(archive, ARCHIVE_MINUTE_ROWS);
    if (archive->phase != ARCHIVE_IDLE)
        work(archive, minute, mono, false);
    if (archive->phase == ARCHIVE_IDLE && archive->late_count > 0 &&
        !mono_before(mono, archive->next_late)) {
        archive_write_late(archive);
        archive->next_late = mono_add_ms(mono, LATE_EVERY_MS);
    }
    if (!mono_before(mono, archive->next_retention)) {
        archive_retire(archive, now);
        archive->next_retention = mono_add_ms(mono, RETENTION_EVERY_MS);
    }
}

void archive_close(struct archive *archive, struct wall_time now)
{
    if (archive == NULL)
        return;
    flush_journals(archive);
    work_out(archive, period_minute(now));
    archive_write_late(archive);
    for (int i = 0; i < 2; i++) { /* the present minute and the next */
        begin_phase(archive, ARCHIVE_MINUTE_ROWS);
        work_out(archive, archive->minutes[1].minute);
    }
    for (size_t i = 0; i < 2; i++) {
        journal_remove(&archive->journals[i]);
        journal_done(&archive->journals[i]);
        mem_free(archive->minutes[i].tallies);
    }
    for (size_t i = 0; i < ARCHIVE_FILES; i++)
        rows_close(archive->files[i]);
    (void)pthread_mutex_destroy(&archive->mutex);
    mem_free(archive->late);
    mem_free(archive->hour_tallies);
    mem_free(archive->kept);
    mem_free(archive->folder);
    mem_free(archive);
}

void archive_status(struct archive *archive, struct archive_status *status)
{
    (void)pthread_mutex_lock(&archive->mutex);
    *status = archive->status;
    (void)pthread_mutex_unlock(&archive->mutex);
}
