/* sender.c - see sender.h.
 *
 * DESIGN: one thread reads a batch from the spool, posts it piece by piece and
 * acknowledges it. It sleeps until the next flush, the end of a back-off or until
 * sender_append has a full batch for it. After a failure the batch stays in hand and is
 * what the next attempts post; when one of them succeeds, everything that came meanwhile
 * becomes backlog, so that the newest lines are at most flush_ms late again. The mutex
 * guards the counters and the wish to stop; it is not held while posting.
 */
#include "history/sender.h"

#include "base/mem.h"
#include "base/text.h"
#include "history/endpoint.h"
#include "history/parcel.h"
#include "history/post.h"
#include "history/rejected.h"
#include "history/retry_after.h"
#include "history/segment.h"
#include "history/spool.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    BATCH_BYTES = 2 * 1024 * 1024, /* of one request; InfluxDB takes 25 MB by default */
    FRESH_BATCHES_MAX = 8,         /* more fresh lines than this are backlog */
    SAVE_MS = 5000,                /* between two cursors: what a kill -9 sends twice */
    SYNC_MS = 1000,                /* of the spool while the database is not well */
    /* So many single lines refused in a row are no poison: the database refuses all. */
    REJECTED_RUN_MAX = 32,
    WORDS_MAX = 200, /* of the server, in messages */
};

struct sender {
    /* fixed after open */
    const struct sink_settings *settings;
    char *folder;
    struct spool *spool;
    pthread_t thread;

    /* owned by the thread */
    struct text text;
    struct parcel batch;
    struct spool_mark mark;
    bool in_hand;
    size_t limit; /* lines of a piece; smaller after 413 */
    unsigned failures;
    unsigned rejected_run;
    struct mono_time next_flush;
    struct mono_time retry;
    struct mono_time next_save;
    struct http_answer answer;

    pthread_mutex_t mutex;
    pthread_cond_t changed;

    /* guarded by mutex */
    struct http *http; /* the thread's; the pointer is guarded for http_hurry */
    bool kicked;       /* a full batch is waiting */
    bool stopping;
    struct mono_time deadline;
    uint64_t hand_done;        /* lines of the batch in hand */
    struct sink_status status; /* without the spool's part */
};

static void fail(struct sender *sender, const char *text)
{
    (void)pthread_mutex_lock(&sender->mutex);
    sender->status.healthy = false;
    sender->status.failures++;
    (void)snprintf(sender->status.error, sizeof sender->status.error, "%.*s",
                   SINK_ERROR_TEXT_MAX - 1, text);
    (void)pthread_mutex_unlock(&sender->mutex);
}

static void succeed(struct sender *sender)
{
    (void)pthread_mutex_lock(&sender->mutex);
    sender->status.healthy = true;
    sender->status.error[0] = '\0';
    sender->status.last_success = wall_now();
    (void)pthread_mutex_unlock(&sender->mutex);
}

/* Takes the next batch: fresh lines when they are due, else the backlog. */
static bool take_batch(struct sender *sender)
{
    size_t batch_lines = (size_t)sender->settings->batch_lines;
    uint64_t fresh = spool_fresh_lines(sender->spool);
    struct mono_time now = mono_now();
    size_t lines = 0;

    if (fresh > FRESH_BATCHES_MAX * batch_lines)
        spool_skip(sender->spool);
    text_clear(&sender->text);
    if (fresh >= batch_lines || !mono_before(now, sender->next_flush)) {
        lines = spool_read(sender->spool, SPOOL_FRESH, batch_lines, BATCH_BYTES,
                           &sender->text, &sender->mark);
        sender->next_flush = mono_add_ms(now, sender->settings->flush_ms);
    }
    if (lines == 0)
        lines = spool_read(sender->spool, SPOOL_BACKLOG, batch_lines, BATCH_BYTES,
                           &sender->text, &sender->mark);
    if (lines == 0)
        return false;
    parcel_begin(&sender->batch, sender->text.data, sender->text.length, lines);
    sender->in_hand = true;
    return true;
}

/* Lines of the batch in hand are dealt with, though still in the spool. */
static void count_lines(struct sender *sender, uint64_t *counter, uint64_t lines)
{
    (void)pthread_mutex_lock(&sender->mutex);
    *counter += lines;
    sender->hand_done += lines;
    (void)pthread_mutex_unlock(&sender->mutex);
}

static void finish_batch(struct sender *sender)
{
    uint64_t acknowledged = spool_ack(sender->spool, &sender->mark);

    sender->in_hand = false;
    (void)pthread_mutex_lock(&sender->mutex);
    sender->hand_done = 0;
    /* What the spool's bounds took from under the batch is counted as dropped there. */
    if (acknowledged < sender->mark.lines)
        sender->status.lines_sent -= sender->batch.accepted;
    (void)pthread_mutex_unlock(&sender->mutex);
    if (!mono_before(mono_now(), sender->next_save)) {
        (void)spool_save(sender->spool, NULL);
        sender->next_save = mono_add_ms(mono_now(), SAVE_MS);
    }
}

static void back_off(struct sender *sender, int64_t at_least_ms)
{
    struct mono_time now = mono_now();
    uint32_t random = (uint32_t)((uint64_t)now.ns * UINT64_C(2654435761) >> 16);
    int64_t wait_ms = backoff_ms(++sender->failures, random);

    if (sender->failures == 1)
        spool_skip(sender->spool);
    if (wait_ms < at_least_ms)
        wait_ms = at_least_ms;
    sender->retry = mono_add_ms(now, wait_ms);
}

static void close_connection(struct sender *sender)
{
    struct http *http;

    (void)pthread_mutex_lock(&sender->mutex);
    http = sender->http;
    sender->http = NULL;
    (void)pthread_mutex_unlock(&sender->mutex);
    http_close(http);
}

/* Somebody must mend something: slowly, and with secrets read anew. */
static void trouble(struct sender *sender, const char *text)
{
    fail(sender, text);
    close_connection(sender);
    back_off(sender, BACKOFF_CONFIG_MS);
}

static bool open_connection(struct sender *sender)
{
    struct err err;
    struct http *http;

    if (sender->http != NULL) /* only this thread changes it */
        return true;
    http = endpoint_open(sender->settings, &err);
    if (http == NULL) {
        trouble(sender, err.text);
        return false;
    }
    (void)pthread_mutex_lock(&sender->mutex);
    sender->http = http;
    if (sender->stopping)
        http_hurry(http, sender->deadline);
    (void)pthread_mutex_unlock(&sender->mutex);
    return true;
}

/* "HTTP 503: " and the server's words on one line. */
static void describe(const struct http_answer *answer, char out[WORDS_MAX])
{
    size_t used;

    (void)snprintf(out, WORDS_MAX, "HTTP %d", answer->status);
    used = strlen(out);
    if (answer->length > 0)
        (void)snprintf(out + used, WORDS_MAX - used, ": %.*s",
                       (int)(WORDS_MAX - used - 3), answer->body);
    for (char *c = out; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    used = strlen(out);
    while (used > 0 && out[used - 1] == ' ')
        out[--used] = '\0';
}

static void on_accepted(struct sender *sender, size_t lines)
{
    size_t most = (size_t)sender->settings->batch_lines;

    count_lines(sender, &sender->status.lines_sent, lines);
    parcel_accept(&sender->batch);
    succeed(sender);
    sender->rejected_run = 0;
    sender->limit += sender->limit / 16 + 1; /* the limit may have been a single line's */
    if (sender->limit > most)
        sender->limit = most;
    if (sender->failures > 0) {
        sender->failures = 0;
        spool_skip(sender->spool);
    }
}

static void on_rejected(struct sender *sender, const char *words)
{
    struct parcel_piece line;
    struct err err;

    if (!parcel_reject(&sender->batch, &line))
        return;
    count_lines(sender, &sender->status.lines_rejected, 1);
    if (rejected_add(sender->folder, line.text, line.length, words, wall_now(), &err) !=
        0)
        fail(sender, err.text);
    if (++sender->rejected_run >= REJECTED_RUN_MAX)
        trouble(sender, words);
}

static void react(struct sender *sender, size_t lines)
{
    const struct http_answer *answer = &sender->answer;
    int64_t wait_ms;
    char words[WORDS_MAX];

    describe(answer, words);
    switch (reaction_to(answer->status)) {
    case REACTION_OK:
        on_accepted(sender, lines);
        break;
    case REACTION_TOO_LARGE:
        sender->limit = lines > 1 ? lines / 2 : 1;
        on_rejected(sender, words);
        break;
    case REACTION_REJECT:
        on_rejected(sender, words);
        break;
    case REACTION_CONFIG:
        trouble(sender, words);
        break;
    case REACTION_WAIT:
        wait_ms = retry_after_ms(answer->retry_after, wall_now());
        fail(sender, words);
        back_off(sender, wait_ms);
        break;
    }
}

/* Posts one piece, of the batch in hand or of the next one. */
static void turn(struct sender *sender)
{
    const struct parcel_piece *piece;
    size_t lines;
    struct err err;

    if (!sender->in_hand && !take_batch(sender))
        return;
    if (!open_connection(sender))
        return;
    piece = parcel_next(&sender->batch, sender->limit);
    lines = piece->lines;
    (void)pthread_mutex_lock(&sender->mutex);
    sender->status.requests++;
    (void)pthread_mutex_unlock(&sender->mutex);
    if (http_post(sender->http, piece->text, piece->length, &sender->answer, &err) == 0) {
        react(sender, lines);
    } else if (err.kind == ERR_CONFIG) {
        trouble(sender, err.text);
    } else {
        fail(sender, err.text);
        back_off(sender, 0);
    }
    if (parcel_done(&sender->batch))
        finish_batch(sender);
}

/* When there is next something to do. */
static struct mono_time next_due(struct sender *sender)
{
    if (sender->failures > 0)
        return sender->retry;
    if (sender->in_hand || spool_backlog_lines(sender->spool) > 0 ||
        spool_fresh_lines(sender->spool) >= (uint64_t)sender->settings->batch_lines)
        return (struct mono_time){0};
    return sender->next_flush;
}

static void wait_until(struct sender *sender, struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};
    int rc = 0;

    (void)pthread_mutex_lock(&sender->mutex);
    /* In a back-off a full batch is no news. */
    while (rc == 0 && !sender->stopping && (!sender->kicked || sender->failures > 0))
        rc = pthread_cond_timedwait(&sender->changed, &sender->mutex, &at);
    sender->kicked = false;
    (void)pthread_mutex_unlock(&sender->mutex);
}

/* True while a stopping sender still has fresh lines that it may get rid of. */
static bool may_finish(struct sender *sender)
{
    return sender->failures == 0 && mono_before(mono_now(), sender->deadline) &&
           (sender->in_hand || spool_fresh_lines(sender->spool) > 0);
}

static bool is_stopping(struct sender *sender)
{
    bool stopping;

    (void)pthread_mutex_lock(&sender->mutex);
    stopping = sender->stopping;
    (void)pthread_mutex_unlock(&sender->mutex);
    return stopping;
}

static void *run(void *context)
{
    struct sender *sender = context;

    while (!is_stopping(sender)) {
        struct mono_time due = next_due(sender);
        struct mono_time sync = mono_add_ms(mono_now(), SYNC_MS);

        if (!mono_before(mono_now(), due)) {
            turn(sender);
            continue;
        }
        if (sender->failures > 0) {
            wait_until(sender, mono_min(due, sync));
            spool_sync(sender->spool);
        } else {
            wait_until(sender, due);
        }
    }
    while (may_finish(sender)) {
        sender->next_flush = (struct mono_time){0};
        turn(sender);
    }
    return NULL;
}

static void init_locks(struct sender *sender)
{
    pthread_condattr_t attr;

    (void)pthread_mutex_init(&sender->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&sender->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
}

static void release(struct sender *sender)
{
    http_close(sender->http);
    spool_close(sender->spool);
    text_done(&sender->text);
    (void)pthread_cond_destroy(&sender->changed);
    (void)pthread_mutex_destroy(&sender->mutex);
    mem_free(sender->folder);
    mem_free(sender);
}

struct sender *sender_open(const struct sink_settings *settings, const char *folder,
                           struct err *err)
{
    struct sender *sender = mem_alloc(sizeof *sender);
    int rc;

    sender->settings = settings;
    sender->folder = mem_strdup(folder);
    sender->spool = spool_open(folder, (struct spool_limits){settings->spool_max_bytes,
                                                             settings->spool_max_age_ms});
    text_init(&sender->text, BATCH_BYTES + SEGMENT_PAYLOAD_MAX);
    sender->status.healthy = true; /* until something else is known */
    sender->limit = (size_t)settings->batch_lines;
    sender->next_flush = mono_add_ms(mono_now(), settings->flush_ms);
    init_locks(sender);
    rc = pthread_create(&sender->thread, NULL, run, sender);
    if (rc != 0) {
        (void)err_set(err, ERR_IO, "sink '%s': no thread (error %d)", settings->id, rc);
        release(sender);
        return NULL;
    }
    (void)pthread_setname_np(sender->thread, "sink");
    return sender;
}

void sender_append(struct sender *sender, const char *lines, size_t length, size_t count,
                   struct wall_time now)
{
    bool full;

    (void)spool_append(sender->spool, lines, length, count, now, NULL);
    full = spool_fresh_lines(sender->spool) >= (uint64_t)sender->settings->batch_lines;
    (void)pthread_mutex_lock(&sender->mutex);
    sender->status.lines_accepted += count;
    if (full && !sender->kicked) {
        sender->kicked = true;
        (void)pthread_cond_signal(&sender->changed);
    }
    (void)pthread_mutex_unlock(&sender->mutex);
}

void sender_status(struct sender *sender, struct sink_status *status)
{
    struct spool_status spool;
    uint64_t hand_done;

    spool_status(sender->spool, &spool);
    (void)pthread_mutex_lock(&sender->mutex);
    *status = sender->status;
    hand_done = sender->hand_done;
    (void)pthread_mutex_unlock(&sender->mutex);
    status->id = sender->settings->id;
    status->lines_dropped = spool.dropped + spool.damaged;
    status->segments_damaged = spool.set_aside;
    status->backlog_bytes = (int64_t)spool.bytes;
    status->backlog_lines =
        (int64_t)(hand_done < spool.lines ? spool.lines - hand_done : 0);
    status->oldest = spool.oldest;
    if (status->error[0] == '\0' && spool.error[0] != '\0') {
        memcpy(status->error, spool.error, sizeof status->error);
        status->healthy = false;
    }
}

void sender_stop(struct sender *sender, struct mono_time deadline)
{
    (void)pthread_mutex_lock(&sender->mutex);
    sender->stopping = true;
    sender->deadline = deadline;
    if (sender->http != NULL)
        http_hurry(sender->http, deadline);
    (void)pthread_cond_signal(&sender->changed);
    (void)pthread_mutex_unlock(&sender->mutex);
}

void sender_close(struct sender *sender)
{
    if (sender == NULL)
        return;
    (void)pthread_join(sender->thread, NULL);
    release(sender);
}
