/* spool_read.c - the reading thread's half of spool.h; the design stands in spool.c. */
#include "base/file.h"
#include "base/mem.h"
#include "history/spool_inner.h"

#include <assert.h>
#include <fcntl.h>
#include <unistd.h>

/* One segment's part of a range, open for reading. */
struct part {
    int fd;
    uint64_t end;
    bool whole; /* `end` is the segment's */
};

/* Opens the segment where the lane's first range begins. False when nothing is left. */
static bool open_part(struct spool *spool, enum spool_lane lane, struct part *part,
                      struct spool_mark *mark)
{
    const struct spool_range *range = spool_state_first(&spool->state, lane);
    const struct spool_segment *segment;

    if (range == NULL)
        return false;
    segment = spool_state_find(&spool->state, range->start.segment);
    *mark = (struct spool_mark){.start = range->start, .time = range->oldest};
    part->whole = range->end.segment > segment->number;
    part->end = part->whole ? segment->bytes : range->end.offset;
    if (segment == spool_state_newest(&spool->state)) {
        part->fd = dup(spool->fd);
    } else if (segment->memory_fd >= 0) {
        part->fd = dup(segment->memory_fd);
    } else {
        char *path = spool_files_path(spool->folder, segment->number);

        part->fd = open(path, O_RDONLY | O_CLOEXEC);
        mem_free(path);
    }
    return true;
}

/* What is seen of a segment at once. */
struct view {
    const unsigned char *bytes;
    size_t size;
    bool last; /* nothing follows it */
};

struct limits {
    size_t lines;
    size_t bytes;
};

/* Takes records out of the window until the limits are reached. False when they are. */
static bool take_records(const struct view *view, struct limits limits, size_t *offset,
                         struct text *out, struct spool_mark *mark)
{
    struct segment_damage damage = {0};
    struct segment_record record;
    bool more = true;

    while (more && segment_next(view->bytes, view->size, view->last, offset, &record,
                                &damage) == SEGMENT_RECORD) {
        if (record.length > out->max - out->length ||
            (mark->lines > 0 && mark->lines + record.lines > limits.lines)) {
            *offset = record.offset;
            more = false;
            break;
        }
        text_add_bytes(out, record.payload, record.length);
        mark->lines += record.lines;
        mark->time = record.time;
        more = mark->lines < limits.lines && out->length < limits.bytes;
    }
    mark->lost += damage.lines;
    mark->damaged = mark->damaged || damage.bytes > 0;
    return more;
}

/* Reads the part window by window and sets the end of the mark. */
static void read_part(unsigned char *window, const struct part *part,
                      struct limits limits, struct text *out, struct spool_mark *mark)
{
    uint64_t at = mark->start.offset;
    bool more = true;

    while (more && at < part->end) {
        uint64_t want =
            part->end - at < SPOOL_WINDOW_BYTES ? part->end - at : SPOOL_WINDOW_BYTES;
        ssize_t n = pread(part->fd, window, want, (off_t)at);
        struct view view = {
            .bytes = window,
            .size = n < 0 ? 0 : (size_t)n,
            .last = n < (ssize_t)want || at + want == part->end,
        };
        size_t offset = 0;

        if (n < (ssize_t)want) /* the file is shorter than it was, or cannot be read */
            mark->damaged = true;
        more = take_records(&view, limits, &offset, out, mark);
        at = more && view.last ? part->end : at + offset;
    }
    mark->end = (struct spool_position){mark->start.segment, at};
    if (part->whole && at >= part->end)
        mark->end = (struct spool_position){mark->start.segment + 1, 0};
}

size_t spool_read(struct spool *spool, enum spool_lane lane, size_t max_lines,
                  size_t max_bytes, struct text *out, struct spool_mark *mark)
{
    struct limits limits = {max_lines, max_bytes};

    assert(out->max >= out->length + SEGMENT_PAYLOAD_MAX);
    for (;;) {
        struct part part;
        bool found;

        (void)pthread_mutex_lock(&spool->mutex);
        found = open_part(spool, lane, &part, mark);
        (void)pthread_mutex_unlock(&spool->mutex);
        spool->reading = found;
        if (!found)
            return 0;
        read_part(spool->window, &part, limits, out, mark);
        if (part.fd >= 0)
            (void)close(part.fd);
        if (mark->lines > 0)
            return mark->lines;
        (void)spool_ack(spool, mark); /* nothing but damage */
    }
}

uint64_t spool_ack(struct spool *spool, const struct spool_mark *mark)
{
    uint64_t lines;

    (void)pthread_mutex_lock(&spool->mutex);
    lines = spool_state_ack(&spool->state, mark);
    (void)pthread_mutex_unlock(&spool->mutex);
    spool->reading = false;
    return lines;
}

void spool_skip(struct spool *spool)
{
    (void)pthread_mutex_lock(&spool->mutex);
    spool_state_skip(&spool->state, spool->reading);
    (void)pthread_mutex_unlock(&spool->mutex);
}

int spool_save(struct spool *spool, struct err *err)
{
    char *path = spool_files_cursor(spool->folder);
    struct spool_cursor cursor;
    struct text text;
    int result;

    (void)pthread_mutex_lock(&spool->mutex);
    cursor = spool->state.cursor;
    cursor.fresh = spool->state.fresh.start;
    (void)pthread_mutex_unlock(&spool->mutex);
    text_init(&text, SPOOL_CURSOR_BYTES_MAX);
    spool_cursor_print(&cursor, &text);
    result = file_replace(path, text.data, text.length, err);
    text_done(&text);
    mem_free(path);
    return result;
}

void spool_sync(struct spool *spool)
{
    const struct spool_segment *segment;
    int fd = -1;

    (void)pthread_mutex_lock(&spool->mutex);
    segment = spool_state_newest(&spool->state);
    if (segment != NULL && segment->memory_fd < 0)
        fd = dup(spool->fd);
    (void)pthread_mutex_unlock(&spool->mutex);
    if (fd < 0)
        return;
    (void)fdatasync(fd);
    (void)close(fd);
}
