/* history.c - see history.h.
 *
 * DESIGN: the pipeline copies samples into a bounded queue and goes on. The writer thread
 * wakes at most ten times a second, because waking is what costs: it takes everything
 * that has come, folds it into the store's tallies, encodes it once and appends the text
 * to each sink's spool, where the sink's own thread finds it. Lines that others encode
 * come through a small text of their own under a mutex.
 */
#include "history/history.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/queue.h"
#include "history/archive.h"
#include "history/deadband.h"
#include "history/line.h"
#include "history/sender.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    TURN_MS = 250,  /* between two turns while there is something to do */
    IDLE_MS = 1000, /* and while there is nothing */
    TAKE_SAMPLES = 4096,
    /* Seconds of samples at one a second and point; 32 bytes each. */
    QUEUE_MIN = 16 * 1024,
    QUEUE_MAX = 256 * 1024,
    QUEUE_OF_POINTS = 3,
    /* Encoded at once and then looked at, so that the text stays near HAND_OVER_BYTES,
     * which is a little less than a record of the spool takes. */
    ENCODE_SAMPLES = 512,
    HAND_OVER_BYTES = 200 * 1024,
    TEXT_MAX = 16 * 1024 * 1024, /* ENCODE_SAMPLES with the longest names there can be */
    LINES_MAX = 1024 * 1024,     /* bytes of history_line in one turn */
};

/* Lines of history_line that wait for the writer. */
struct lines {
    struct text text;
    size_t count;
};

struct history {
    /* fixed after open */
    const struct config *config;
    struct queue *queue;
    struct archive *archive;
    struct readings *readings; /* NULL: none are kept */
    struct sender **senders;
    size_t sender_count;
    char **prefixes;           /* by equipment; NULL without sinks */
    char **keys;               /* by point; NULL without sinks */
    struct deadband *deadband; /* owned by the writer; NULL without sinks */
    pthread_t thread;
    bool started;

    /* owned by the writer */
    struct sample *samples;
    struct text text; /* encoded and not handed over */
    size_t text_lines;
    struct lines taken;

    _Atomic uint64_t heartbeat;
    atomic_bool stopping;

    pthread_mutex_t mutex;

    /* guarded by mutex */
    struct lines lines;
    uint64_t lines_dropped;
};

static void hand_over(struct history *history, const struct text *text, size_t lines)
{
    struct wall_time now = wall_now();

    for (size_t i = 0; lines > 0 && i < history->sender_count; i++)
        sender_append(history->senders[i], text->data, text->length, lines, now);
}

static void hand_over_text(struct history *history)
{
    hand_over(history, &history->text, history->text_lines);
    text_clear(&history->text);
    history->text_lines = 0;
}

/* About ENCODE_SAMPLES, and not in the middle of what becomes one line. */
static size_t piece_of(const struct history *history, size_t from, size_t count)
{
    const struct point *points = history->config->model->points;
    size_t end = count - from < ENCODE_SAMPLES ? count : from + ENCODE_SAMPLES;

    while (end < count) {
        const struct sample *last = &history->samples[end - 1];
        const struct sample *next = &history->samples[end];

        if (next->time.ns != last->time.ns ||
            points[next->point].equipment != points[last->point].equipment)
            break;
        end++;
    }
    return end - from;
}

static void encode(struct history *history, size_t count)
{
    size_t piece;

    for (size_t i = 0; i < count; i += piece) {
        piece = piece_of(history, i, count);
        history->text_lines +=
            line_samples(&history->text, history->config->model, history->prefixes,
                         history->keys, history->samples + i, piece);
        if (history->text.length >= HAND_OVER_BYTES)
            hand_over_text(history);
    }
}

/* Takes everything that has come; waits for it until `until`. */
static size_t take_samples(struct history *history, struct mono_time until)
{
    size_t total = 0;
    size_t count;

    do {
        count = queue_take(history->queue, history->samples, TAKE_SAMPLES, until);
        until = (struct mono_time){0};
        archive_put(history->archive, history->samples, count, wall_now());
        if (history->readings != NULL)
            readings_put(history->readings, history->samples, count);
        if (history->sender_count > 0)
            encode(history, deadband_thin(history->deadband, history->samples, count));
        total += count;
    } while (count == TAKE_SAMPLES);
    hand_over_text(history);
    return total;
}

static size_t take_lines(struct history *history)
{
    struct lines empty = history->taken;
    size_t count;

    (void)pthread_mutex_lock(&history->mutex);
    history->taken = history->lines;
    history->lines = empty;
    (void)pthread_mutex_unlock(&history->mutex);
    count = history->taken.count;
    hand_over(history, &history->taken.text, count);
    text_clear(&history->taken.text);
    history->taken.count = 0;
    return count;
}

static void *run(void *context)
{
    struct history *history = context;
    bool stopping = false;

    while (!stopping) {
        struct mono_time start = mono_now();
        size_t count;

        stopping = atomic_load(&history->stopping);
        count = take_samples(history, mono_add_ms(start, stopping ? 0 : IDLE_MS));
        start = mono_now();
        count += take_lines(history);
        archive_step(history->archive, wall_now(), start);
        if (history->readings != NULL)
            readings_step(history->readings, wall_now(), start);
        atomic_fetch_add(&history->heartbeat, 1);
        if (count > 0 && !stopping)
            mono_sleep_until(mono_add_ms(start, TURN_MS));
    }
    return NULL;
}

static void prepare_encoding(struct history *history)
{
    const struct model *model = history->config->model;

    history->prefixes = mem_array(model->equipment_count, sizeof *history->prefixes);
    history->keys = mem_array(model->point_count, sizeof *history->keys);
    history->deadband = deadband_new(model);
    for (size_t i = 0; i < model->equipment_count; i++)
        history->prefixes[i] = line_prefix(model, &model->equipment[i]);
    for (size_t i = 0; i < model->point_count; i++)
        history->keys[i] = line_key(&model->points[i]);
}

static int open_senders(struct history *history, struct err *err)
{
    const struct config *config = history->config;

    history->senders = mem_array(config->sink_count, sizeof(struct sender *));
    for (size_t i = 0; i < config->sink_count; i++) {
        char *folder = mem_format("%s/spool/%s", config->state_dir, config->sinks[i].id);

        history->senders[i] = sender_open(&config->sinks[i], folder, err);
        mem_free(folder);
        if (history->senders[i] == NULL)
            return -1;
        history->sender_count++;
    }
    return 0;
}

static size_t queue_size(size_t points)
{
    size_t size = points * QUEUE_OF_POINTS;

    if (size < QUEUE_MIN)
        return QUEUE_MIN;
    return size < QUEUE_MAX ? size : QUEUE_MAX;
}

static int start(struct history *history, struct err *err)
{
    int rc = pthread_create(&history->thread, NULL, run, history);

    if (rc != 0)
        return err_set(err, ERR_IO, "history: no thread (error %d)", rc);
    (void)pthread_setname_np(history->thread, "history");
    history->started = true;
    return 0;
}

static void open_files(struct history *history, const bool *wanted)
{
    const struct config *config = history->config;
    char *folder = file_join(config->state_dir, "history");
    char *readings = file_join(config->state_dir, "readings");

    history->archive = archive_open(folder, &config->history, config->model, wall_now());
    if (wanted != NULL)
        history->readings =
            readings_open(readings, &config->history, config->model, wanted, wall_now());
    mem_free(folder);
    mem_free(readings);
}

struct history *history_open(const struct config *config, const bool *wanted,
                             struct err *err)
{
    struct history *history = mem_alloc(sizeof *history);

    history->config = config;
    history->queue =
        queue_new(sizeof(struct sample), queue_size(config->model->point_count));
    history->samples = mem_array(TAKE_SAMPLES, sizeof *history->samples);
    text_init(&history->text, TEXT_MAX);
    text_init(&history->lines.text, LINES_MAX);
    text_init(&history->taken.text, LINES_MAX);
    (void)pthread_mutex_init(&history->mutex, NULL);
    open_files(history, wanted);
    if (config->sink_count > 0)
        prepare_encoding(history);
    if (open_senders(history, err) != 0 || start(history, err) != 0) {
        history_close(history, 0);
        return NULL;
    }
    return history;
}

static void close_senders(struct history *history, int64_t grace_ms)
{
    struct mono_time deadline = mono_add_ms(mono_now(), grace_ms);

    for (size_t i = 0; i < history->sender_count; i++)
        sender_stop(history->senders[i], deadline);
    for (size_t i = 0; i < history->sender_count; i++)
        sender_close(history->senders[i]);
    mem_free(history->senders);
}

static void free_encoding(struct history *history)
{
    const struct model *model = history->config->model;

    if (history->prefixes == NULL)
        return;
    for (size_t i = 0; i < model->equipment_count; i++)
        mem_free(history->prefixes[i]);
    for (size_t i = 0; i < model->point_count; i++)
        mem_free(history->keys[i]);
    mem_free(history->prefixes);
    mem_free(history->keys);
    deadband_free(history->deadband);
}

void history_close(struct history *history, int64_t grace_ms)
{
    if (history == NULL)
        return;
    if (history->started) {
        atomic_store(&history->stopping, true);
        queue_wake(history->queue);
        (void)pthread_join(history->thread, NULL);
    }
    close_senders(history, grace_ms);
    archive_close(history->archive, wall_now());
    readings_close(history->readings, wall_now());
    free_encoding(history);
    queue_free(history->queue);
    text_done(&history->text);
    text_done(&history->lines.text);
    text_done(&history->taken.text);
    (void)pthread_mutex_destroy(&history->mutex);
    mem_free(history->samples);
    mem_free(history);
}

void history_put(struct history *history, const struct sample *samples, size_t count)
{
    (void)queue_put(history->queue, samples, count);
}

void history_line(struct history *history, const char *line)
{
    size_t length = strlen(line);
    bool good = length > 0 && strchr(line, '\n') == NULL;
    bool first = false;
    char *to = NULL;

    if (history->sender_count == 0)
        return;
    (void)pthread_mutex_lock(&history->mutex);
    if (good)
        to = text_reserve(&history->lines.text, length + 1);
    if (to != NULL) {
        text_add_bytes(&history->lines.text, line, length);
        text_add_char(&history->lines.text, '\n');
        first = history->lines.count++ == 0;
    } else {
        history->lines_dropped++;
    }
    (void)pthread_mutex_unlock(&history->mutex);
    if (first)
        queue_wake(history->queue);
}

// Eight words that belong together. NOLINTNEXTLINE(readability-function-size)
int history_query(struct history *history, uint32_t point, struct wall_time from,
                  struct wall_time to, int64_t step_ms, struct history_step *steps,
                  size_t max, struct err *err)
{
    struct archive_span span = {from, to, step_ms};

    return archive_query(history->archive, point, &span, steps, max, err);
}

size_t history_sinks(const struct history *history)
{
    return history->sender_count;
}

void history_sink_status(struct history *history, size_t sink, struct sink_status *status)
{
    sender_status(history->senders[sink], status);
}

void history_status(struct history *history, struct history_status *status)
{
    struct queue_stats queue = queue_stats(history->queue);
    struct archive_status archive;

    archive_status(history->archive, &archive);
    *status = (struct history_status){
        .samples = queue.accepted,
        .samples_dropped = queue.dropped,
        .rows_written = archive.rows_written,
        .rows_lost = archive.rows_lost,
        .files_damaged = archive.files_damaged,
        .healthy = archive.error[0] == '\0',
    };
    memcpy(status->error, archive.error, sizeof status->error);
    if (history->readings != NULL)
        readings_status(history->readings, &status->readings);
    (void)pthread_mutex_lock(&history->mutex);
    status->lines_dropped = history->lines_dropped;
    (void)pthread_mutex_unlock(&history->mutex);
}

uint64_t history_heartbeat(struct history *history)
{
    return atomic_load(&history->heartbeat);
}
