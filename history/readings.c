/* readings.c - see readings.h.
 *
 * DESIGN: the writing thread encodes each reading where its point's chunk grows and adds
 * it to the rows of the tail. Once a second the rows go to the tail's file. When half an
 * hour is over, the day ends, or either has grown large, the chunks go to the day's file
 * as one batch, that is synced, and then the tail is removed. The batch carries the
 * tail's id: a crash between the two is recognised by it at the next start, which makes a
 * batch of what a tail still holds.
 *
 * While the disk refuses, chunks go on growing in memory up to BATCH_MEMORY_MAX; only
 * then readings are lost, and counted.
 */
#include "history/readings.h"

#include "base/file.h"
#include "base/mem.h"
#include "history/readings_days.h"
#include "history/readings_folder.h"
#include "history/readings_names.h"
#include "history/readings_tail.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum {
    FLUSH_EVERY_MS = 1000, /* what kill -9 costs */
    /* Longer batches take fewer bytes a reading and make a start after a crash longer. */
    BATCH_EVERY_MS = 30 * 60 * 1000,
    BATCH_BYTES = 32 * 1024 * 1024,
    TAIL_BYTES = 32 * 1024 * 1024,
    BATCH_MEMORY_MAX = 128 * 1024 * 1024, /* while the disk refuses */
    RETRY_MS = 10 * 1000,
    /* The clock may be wrong: days go one at a time, and not at once. */
    AGED_FIRST_MS = 10 * 60 * 1000,
    AGED_EVERY_MS = 60 * 60 * 1000,
    LATE_MIN_MS = 5000, /* rules/track.h: later than this or two polls is not for rules */
};

struct readings {
    /* fixed after open */
    struct days days; /* owned by the writer */
    const char *folder;
    struct text names;
    uint64_t names_id;
    uint32_t *numbers; /* by point; MODEL_NONE: not kept */
    int64_t *late_ms;  /* by point */

    /* owned by the writer */
    struct batch batch;
    struct tail tail;
    int64_t day; /* of the batch */
    struct mono_time batch_due;
    struct mono_time flush_due;
    struct mono_time retry; /* after the disk has refused */
    struct mono_time aged_due;
    struct wall_time now; /* as last seen */
    int64_t offset_ns;    /* wall minus monotonic, as last seen */
    uint64_t last_tail;

    pthread_mutex_t mutex;
    /* guarded by mutex */
    struct readings_status status;
};

static void failed(struct readings *readings, const struct err *err)
{
    (void)pthread_mutex_lock(&readings->mutex);
    (void)snprintf(readings->status.error, sizeof readings->status.error, "%.*s",
                   (int)sizeof readings->status.error - 1, err->text);
    (void)pthread_mutex_unlock(&readings->mutex);
}

static void succeeded(struct readings *readings)
{
    (void)pthread_mutex_lock(&readings->mutex);
    readings->status.error[0] = '\0';
    readings->status.bytes = readings->days.bytes + readings->tail.bytes;
    (void)pthread_mutex_unlock(&readings->mutex);
}

/* After files have come or gone. */
static void look_back(struct readings *readings)
{
    struct wall_time oldest = readings_oldest(readings->folder);

    (void)pthread_mutex_lock(&readings->mutex);
    readings->status.bytes = readings->days.bytes + readings->tail.bytes;
    readings->status.oldest = oldest;
    (void)pthread_mutex_unlock(&readings->mutex);
}

static int begin_tail(struct readings *readings, struct err *err)
{
    int64_t ms = readings_ms(readings->now);
    uint64_t id = ms > 0 ? (uint64_t)ms : 0;

    if (id <= readings->last_tail)
        id = readings->last_tail + 1;
    readings->last_tail = id;
    return tail_begin(&readings->tail, readings->folder, id, &readings->names, err);
}

/* A disk that refuses makes a crash cost more than a second, no more. */
static void flush_tail(struct readings *readings, struct mono_time mono)
{
    struct tail *tail = &readings->tail;
    struct err err;

    if (tail->used == 0)
        return;
    if (tail->fd < 0 && mono_before(mono, readings->retry)) {
        tail_forget(tail);
        return;
    }
    if ((tail->fd < 0 && begin_tail(readings, &err) != 0) ||
        tail_flush(tail, readings->names_id, &err) != 0) {
        failed(readings, &err);
        tail_forget(tail);
        readings->retry = mono_add_ms(mono, RETRY_MS);
        return;
    }
    succeeded(readings);
}

/* What has gathered goes to the day's file; false when the disk refuses. */
static bool finish_batch(struct readings *readings, struct mono_time mono)
{
    struct err err;

    readings->batch_due = mono_add_ms(mono, BATCH_EVERY_MS);
    if (readings->batch.head.readings == 0)
        return true;
    if (days_append(&readings->days, &readings->batch, readings->tail.id,
                    &readings->names, &err) != 0) {
        failed(readings, &err);
        readings->retry = mono_add_ms(mono, RETRY_MS);
        return false;
    }
    batch_clear(&readings->batch);
    tail_remove(&readings->tail);
    days_keep_bounds(&readings->days, readings->now, false);
    look_back(readings);
    succeeded(readings);
    return true;
}

/* The disk has refused for too long. */
static void drop_batch(struct readings *readings)
{
    (void)pthread_mutex_lock(&readings->mutex);
    readings->status.lost += readings->batch.head.readings;
    (void)pthread_mutex_unlock(&readings->mutex);
    batch_clear(&readings->batch);
    tail_remove(&readings->tail);
}

/* ---- what a crash has left ---- */

/* It holds what nothing else does: it stays for the next start. The first is told, also
 * when the disk accepts writes again. */
static void leave(struct readings *readings, const struct err *err)
{
    struct readings_status *status = &readings->status;

    failed(readings, err);
    (void)pthread_mutex_lock(&readings->mutex);
    if (status->left[0] == '\0')
        (void)snprintf(status->left, sizeof status->left, "%s", status->error);
    (void)pthread_mutex_unlock(&readings->mutex);
}

/* False when it has to stay. */
static bool take_over(struct readings *readings, const char *path, uint64_t id)
{
    struct batch batch;
    struct text names;
    uint64_t damaged = 0;
    bool done = true;
    struct err err;
    int loaded = tail_load(path, &batch, &names, &damaged, &err);

    if (loaded < 0)
        leave(readings, &err);
    if (loaded <= 0)
        return loaded == 0;
    if (!days_have(&readings->days, readings_day(batch.head.base_ms), id) &&
        days_append(&readings->days, &batch, id, &names, &err) != 0) {
        leave(readings, &err);
        done = false;
    }
    batch_done(&batch);
    text_done(&names);
    return done;
}

static void take_over_tails(struct readings *readings)
{
    size_t count;
    struct readings_file *files = readings_files(readings->folder, &count, NULL);

    for (size_t i = 0; i < count; i++) {
        char *path;

        if (!files[i].tail)
            continue;
        path = readings_path(readings->folder, &files[i]);
        if (take_over(readings, path, files[i].part))
            (void)unlink(path);
        readings->last_tail = files[i].part;
        mem_free(path);
    }
    mem_free(files);
}

/* ---- the module ---- */

static void number_points(struct readings *readings, const struct model *model,
                          const bool *wanted)
{
    size_t count = model->point_count;

    readings->numbers = mem_array(count + 1, sizeof *readings->numbers);
    readings->late_ms = mem_array(count + 1, sizeof *readings->late_ms);
    text_init(&readings->names, NAMES_BYTES_MAX);
    batch_init(&readings->batch,
               names_make(model, wanted, &readings->names, readings->numbers));
    readings->names_id = names_hash(readings->names.data, readings->names.length);
    for (size_t i = 0; i < count; i++)
        readings->late_ms[i] = model->points[i].period_ms * 2 > LATE_MIN_MS
                                   ? model->points[i].period_ms * 2
                                   : LATE_MIN_MS;
}

struct readings *readings_open(const char *folder,
                               const struct history_settings *settings,
                               const struct model *model, const bool *wanted,
                               struct wall_time now)
{
    struct readings *readings = mem_alloc(sizeof *readings);
    struct mono_time mono = mono_now();
    struct err err;

    days_init(&readings->days, folder, settings);
    readings->folder = readings->days.folder;
    readings->now = now;
    readings->offset_ns = now.ns - mono.ns;
    readings->batch_due = mono_add_ms(mono, BATCH_EVERY_MS);
    readings->aged_due = mono_add_ms(mono, AGED_FIRST_MS);
    (void)pthread_mutex_init(&readings->mutex, NULL);
    tail_init(&readings->tail);
    number_points(readings, model, wanted);
    if (file_make_folder(folder, 0700, &err) != 0)
        failed(readings, &err);
    else
        take_over_tails(readings);
    days_keep_bounds(&readings->days, now, false);
    look_back(readings);
    return readings;
}

void readings_close(struct readings *readings, struct wall_time now)
{
    struct mono_time mono = mono_now();

    if (readings == NULL)
        return;
    readings->flush_due = readings->retry = (struct mono_time){0};
    readings_step(readings, now, mono);
    (void)finish_batch(readings, mono); /* else the tail waits for the next start */
    tail_done(&readings->tail);
    batch_done(&readings->batch);
    text_done(&readings->names);
    (void)pthread_mutex_destroy(&readings->mutex);
    mem_free(readings->numbers);
    mem_free(readings->late_ms);
    days_done(&readings->days);
    mem_free(readings);
}

/* When rules took it to be true: a stamp of the future counts as its arrival. False when
 * it came too late for them. */
static bool event_time(const struct readings *readings, const struct sample *sample,
                       int64_t *ns)
{
    int64_t arrived = sample->mono.ns + readings->offset_ns;

    *ns = sample->time.ns;
    if (sample->mono.ns == 0)
        return true;
    if (*ns > arrived)
        *ns = arrived;
    return arrived - *ns <= readings->late_ms[sample->point] * CLOCK_MS;
}

void readings_put(struct readings *readings, const struct sample *samples, size_t count)
{
    uint64_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *sample = &samples[i];
        uint32_t number = readings->numbers[sample->point];
        struct kept_reading reading;
        int64_t ns;

        if (number == MODEL_NONE || !event_time(readings, sample, &ns))
            continue;
        reading = (struct kept_reading){
            .ms = readings_ms((struct wall_time){ns}),
            .value = sample->value,
            .detail = sample->detail,
            .quality = sample->quality,
            .reason = sample->reason,
        };
        if (readings->batch.head.readings == 0)
            readings->day = readings_day(reading.ms);
        batch_put(&readings->batch, number, &reading);
        if (tail_add(&readings->tail, number, &reading))
            flush_tail(readings, mono_now());
        kept++;
    }
    (void)pthread_mutex_lock(&readings->mutex);
    readings->status.kept += kept;
    (void)pthread_mutex_unlock(&readings->mutex);
}

static bool is_due(const struct readings *readings, struct mono_time mono)
{
    return !mono_before(mono, readings->batch_due) ||
           readings->batch.bytes >= BATCH_BYTES || readings->tail.bytes >= TAIL_BYTES ||
           (readings->batch.head.readings > 0 &&
            readings_day(readings_ms(readings->now)) != readings->day);
}

void readings_step(struct readings *readings, struct wall_time now, struct mono_time mono)
{
    readings->now = now;
    readings->offset_ns = now.ns - mono.ns;
    if (mono_before(mono, readings->flush_due))
        return;
    readings->flush_due = mono_add_ms(mono, FLUSH_EVERY_MS);
    flush_tail(readings, mono);
    if (!mono_before(mono, readings->aged_due)) {
        readings->aged_due = mono_add_ms(mono, AGED_EVERY_MS);
        days_keep_bounds(&readings->days, now, true);
        look_back(readings);
    }
    if (is_due(readings, mono) && !mono_before(mono, readings->retry))
        (void)finish_batch(readings, mono);
    if (readings->batch.bytes > BATCH_MEMORY_MAX)
        drop_batch(readings);
}

void readings_status(const struct readings *readings, struct readings_status *status)
{
    struct readings *ours = (struct readings *)(uintptr_t)readings; /* its mutex */

    (void)pthread_mutex_lock(&ours->mutex);
    *status = readings->status;
    (void)pthread_mutex_unlock(&ours->mutex);
}
