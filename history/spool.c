/* spool.c - see spool.h.
 *
 * DESIGN: the appending thread alone creates and writes segments, the reading thread
 * alone moves the start of a range; the bounds, kept by the appending thread, may remove
 * what the reading thread has a mark on, which its acknowledgement then finds out. The
 * mutex guards the bookkeeping (history/spool_state.h) and is not held over a read or a
 * write of the disk, except for removing a file.
 */
#include "history/spool.h"

#include "base/file.h"
#include "base/mem.h"
#include "history/spool_inner.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    /* When everything is sent, a segment of this size is given up, so that a healthy
     * spool stays in the page cache and hardly reaches the disk. */
    IDLE_BYTES = 512 * 1024,
    MEMORY_SEGMENT_BYTES = SPOOL_MEMORY_BYTES / 4,
    /* The parts of a bound that one segment may have, so that dropping the oldest whole
     * one comes near the bound. */
    SEGMENTS_OF_BOUND = 16,
};

static bool load_cursor(const char *folder, struct spool_cursor *cursor)
{
    char *path = spool_files_cursor(folder);
    size_t length;
    char *text = file_read(path, SPOOL_CURSOR_BYTES_MAX, &length, NULL);
    bool good = text != NULL && spool_cursor_parse(text, cursor);

    mem_free(text);
    mem_free(path);
    return good;
}

struct spool *spool_open(const char *folder, struct spool_limits limits)
{
    struct spool *spool = mem_alloc(sizeof *spool);
    uint64_t share = (uint64_t)limits.max_bytes / SEGMENTS_OF_BOUND;
    struct spool_cursor cursor;
    struct err err;

    spool->folder = mem_strdup(folder);
    spool->segment_bytes = share < SPOOL_SEGMENT_BYTES_MIN ? SPOOL_SEGMENT_BYTES_MIN
                           : share > SPOOL_SEGMENT_BYTES   ? SPOOL_SEGMENT_BYTES
                                                           : share;
    spool->segment_age_ms = limits.max_age_ms / SEGMENTS_OF_BOUND;
    spool->fd = -1;
    spool->window = mem_alloc(SPOOL_WINDOW_BYTES);
    (void)pthread_mutex_init(&spool->mutex, NULL);
    if (file_make_folder(folder, 0700, &err) != 0)
        (void)snprintf(spool->error, sizeof spool->error, "%.*s", SPOOL_ERROR_MAX - 1,
                       err.text);
    spool_state_load(&spool->state, spool->folder, limits,
                     load_cursor(folder, &cursor) ? &cursor : NULL);
    spool_state_keep_bounds(&spool->state, 0, mono_now());
    return spool;
}

void spool_close(struct spool *spool)
{
    const struct spool_segment *segment;

    if (spool == NULL)
        return;
    segment = spool_state_newest(&spool->state);
    if (segment != NULL && segment->memory_fd < 0) {
        spool_files_end(spool->fd, segment);
        (void)close(spool->fd);
    }
    (void)spool_save(spool, NULL);
    if (segment != NULL && segment->unsent == 0 && segment->memory_fd < 0)
        spool_files_retire(spool->folder, segment);
    spool_state_done(&spool->state);
    (void)pthread_mutex_destroy(&spool->mutex);
    mem_free(spool->window);
    mem_free(spool->folder);
    mem_free(spool);
}

struct append {
    unsigned char header[SEGMENT_HEADER_SIZE];
    const char *payload;
    size_t length;
    uint32_t lines;
    struct wall_time now;
    struct mono_time mono;
    /* the newest segment, as it was under the lock */
    bool on_disk;
    bool room; /* it takes this record */
    uint64_t bytes;
};

/* Looks at the newest segment; only this thread changes which one that is. */
static void look(struct spool *spool, struct append *append)
{
    struct spool_state *state = &spool->state;
    const struct spool_segment *segment = spool_state_newest(state);
    bool all_sent = state->fresh.lines == 0 && state->cursor.count == 0;

    append->on_disk = segment == NULL || segment->memory_fd < 0;
    append->room = false;
    if (segment == NULL)
        return;
    append->bytes = segment->bytes;
    append->room = segment->bytes + SEGMENT_HEADER_SIZE + append->length <=
                       (append->on_disk ? spool->segment_bytes : MEMORY_SEGMENT_BYTES) &&
                   !(all_sent && segment->bytes >= IDLE_BYTES) &&
                   mono_diff_ms(append->mono, segment->born) <= spool->segment_age_ms;
}

static int write_to(int fd, uint64_t bytes, const struct append *append, struct err *err)
{
    return spool_files_write(fd, bytes, append->header, append->payload, append->length,
                             err);
}

/* Makes `fd`, which holds nothing but this record, the newest segment. */
static void adopt(struct spool *spool, struct spool_segment segment, int fd)
{
    int old_fd = -1;

    (void)pthread_mutex_lock(&spool->mutex);
    if (spool->state.writing) {
        const struct spool_segment *old = spool_state_newest(&spool->state);

        if (old->memory_fd < 0) {
            old_fd = spool->fd;
            spool_files_end(old_fd, old);
        }
    }
    if (segment.memory_fd >= 0)
        spool_state_keep_memory(&spool->state, MEMORY_SEGMENT_BYTES);
    spool_state_begin(&spool->state, segment);
    spool->fd = fd;
    (void)pthread_mutex_unlock(&spool->mutex);
    if (old_fd >= 0)
        (void)close(old_fd);
}

static int write_to_new(struct spool *spool, bool memory, const struct append *append,
                        struct err *err)
{
    struct spool_segment segment = {
        .number = spool->state.next_number, /* changed by this thread only */
        .born = append->mono,
        .memory_fd = -1,
    };
    int fd = memory ? spool_files_memory(err)
                    : spool_files_create(spool->folder, segment.number, err);

    if (fd < 0)
        return -1;
    if (memory)
        segment.memory_fd = fd;
    if (write_to(fd, 0, append, err) != 0) {
        if (!memory)
            (void)close(fd);
        spool_files_retire(spool->folder, &segment);
        return -1;
    }
    adopt(spool, segment, fd);
    return 0;
}

/* The text of `err`, or "" for NULL. */
static void set_error(struct spool *spool, const struct err *err)
{
    (void)pthread_mutex_lock(&spool->mutex);
    (void)snprintf(spool->error, sizeof spool->error, "%.*s", SPOOL_ERROR_MAX - 1,
                   err == NULL ? "" : err->text);
    (void)pthread_mutex_unlock(&spool->mutex);
}

static int write_to_disk(struct spool *spool, const struct append *append,
                         struct err *err)
{
    int result;

    if (append->on_disk && append->room)
        result = write_to(spool->fd, append->bytes, append, err);
    else
        result = write_to_new(spool, false, append, err);
    if (result != 0)
        spool->retry = mono_add_ms(append->mono, SPOOL_RETRY_MS);
    set_error(spool, result == 0 ? NULL : err);
    return result;
}

/* To the disk when it works or is due to be tried again, else to memory. */
static int write_somewhere(struct spool *spool, const struct append *append,
                           struct err *err)
{
    if (!mono_before(append->mono, spool->retry) &&
        write_to_disk(spool, append, err) == 0)
        return 0;
    if (!append->on_disk && append->room &&
        write_to(spool->fd, append->bytes, append, err) == 0)
        return 0;
    return write_to_new(spool, true, append, err);
}

static int append_record(struct spool *spool, struct append *append, struct err *err)
{
    uint64_t size = SEGMENT_HEADER_SIZE + append->length;
    int result;

    segment_record_header(append->header, append->payload, append->length, append->lines,
                          append->now);
    (void)pthread_mutex_lock(&spool->mutex);
    spool_state_keep_bounds(&spool->state, size, append->mono);
    look(spool, append);
    (void)pthread_mutex_unlock(&spool->mutex);
    result = write_somewhere(spool, append, err);
    (void)pthread_mutex_lock(&spool->mutex);
    if (result == 0)
        spool_state_written(&spool->state, size, append->lines, append->now,
                            append->mono);
    else
        spool->state.dropped += append->lines;
    (void)pthread_mutex_unlock(&spool->mutex);
    return result;
}

static uint32_t count_lines(const char *text, size_t length)
{
    uint32_t lines = 0;

    for (const char *end = text + length; text < end; lines++)
        text = (const char *)memchr(text, '\n', (size_t)(end - text)) + 1;
    return lines;
}

/* No database would take a line of this length. */
static void drop_line(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->mutex);
    spool->state.dropped++;
    (void)pthread_mutex_unlock(&spool->mutex);
}

int spool_append(struct spool *spool, const char *lines, size_t length, size_t count,
                 struct wall_time now, struct err *err)
{
    struct append append = {.now = now, .mono = mono_now()};
    struct err first = {.kind = ERR_NONE};

    assert(length == 0 || lines[length - 1] == '\n');
    while (length > 0) {
        const char *cut = lines + length - 1;
        struct err own;

        if (length > SEGMENT_PAYLOAD_MAX)
            cut = memrchr(lines, '\n', SEGMENT_PAYLOAD_MAX);
        if (cut == NULL) {
            cut = memchr(lines, '\n', length);
            assert(cut != NULL);
            drop_line(spool);
            count--;
        } else {
            append.payload = lines;
            append.length = (size_t)(cut - lines) + 1;
            append.lines = append.length == length ? (uint32_t)count
                                                   : count_lines(lines, append.length);
            count -= append.lines;
            if (append_record(spool, &append, &own) != 0 && first.kind == ERR_NONE)
                first = own;
        }
        length -= (size_t)(cut - lines) + 1;
        lines = cut + 1;
    }
    return first.kind == ERR_NONE ? 0 : err_set(err, first.kind, "%s", first.text);
}

void spool_status(struct spool *spool, struct spool_status *status)
{
    (void)pthread_mutex_lock(&spool->mutex);
    spool_state_sum(&spool->state, status);
    memcpy(status->error, spool->error, sizeof status->error);
    (void)pthread_mutex_unlock(&spool->mutex);
}

uint64_t spool_fresh_lines(struct spool *spool)
{
    uint64_t lines;

    (void)pthread_mutex_lock(&spool->mutex);
    lines = spool->state.fresh.lines;
    (void)pthread_mutex_unlock(&spool->mutex);
    return lines;
}

uint64_t spool_backlog_lines(struct spool *spool)
{
    uint64_t lines = 0;

    (void)pthread_mutex_lock(&spool->mutex);
    for (size_t i = 0; i < spool->state.cursor.count; i++)
        lines += spool->state.cursor.ranges[i].lines;
    (void)pthread_mutex_unlock(&spool->mutex);
    return lines;
}
