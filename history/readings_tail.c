/* readings_tail.c - see readings_tail.h. */
#include "history/readings_tail.h"

#include "base/crc32c.h"
#include "base/file.h"
#include "base/mem.h"
#include "history/readings_folder.h"
#include "history/readings_names.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

void tail_init(struct tail *tail)
{
    *tail = (struct tail){.fd = -1, .state = ROWS_BEGIN};
    tail->rows = mem_array(TAIL_ROWS_BYTES, 1);
}

void tail_forget(struct tail *tail)
{
    tail->used = 0;
    tail->state = ROWS_BEGIN;
}

static void close_file(struct tail *tail)
{
    if (tail->fd >= 0)
        (void)close(tail->fd);
    tail->fd = -1;
    tail->bytes = 0;
    mem_free(tail->path);
    tail->path = NULL;
}

void tail_done(struct tail *tail)
{
    close_file(tail);
    mem_free(tail->rows);
    tail->rows = NULL;
}

static int write_frame(struct tail *tail, enum frame_kind kind, uint64_t names,
                       struct iovec payload, struct err *err)
{
    unsigned char header[FRAME_HEADER_SIZE];
    struct iovec parts[2] = {{header, sizeof header}, payload};
    ssize_t n;

    frame_put(header, &(struct frame){.kind = kind,
                                      .length = (uint32_t)payload.iov_len,
                                      .checked = (uint32_t)payload.iov_len,
                                      .crc = crc32c(0, payload.iov_base, payload.iov_len),
                                      .names = names});
    do
        n = writev(tail->fd, parts, 2);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)(sizeof header + payload.iov_len)) {
        tail->bytes += n;
        return 0;
    }
    (void)(n < 0 ? err_set(err, ERR_IO, "write '%s': %m", tail->path)
                 : err_set(err, ERR_IO, "write '%s': no room", tail->path));
    if (ftruncate(tail->fd, tail->bytes) != 0)
        tail_remove(tail); /* half a frame must not stand before others */
    return -1;
}

int tail_begin(struct tail *tail, const char *folder, uint64_t id,
               const struct text *names, struct err *err)
{
    struct readings_file file = {.tail = true, .part = id};

    close_file(tail);
    tail->path = readings_path(folder, &file);
    tail->id = id;
    tail->fd =
        open(tail->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (tail->fd < 0)
        return err_set(err, ERR_IO, "create '%s': %m", tail->path);
    if (write_frame(tail, FRAME_NAMES, names_hash(names->data, names->length),
                    (struct iovec){names->data, names->length}, err) != 0) {
        tail_remove(tail);
        return -1;
    }
    return 0;
}

bool tail_add(struct tail *tail, uint32_t number, const struct kept_reading *reading)
{
    tail->used += rows_row_put(tail->rows + tail->used, &tail->state, number, reading);
    return tail->used + ROW_BYTES_MAX > TAIL_ROWS_BYTES;
}

int tail_flush(struct tail *tail, uint64_t names, struct err *err)
{
    struct iovec rows = {tail->rows, tail->used};

    tail_forget(tail);
    if (rows.iov_len == 0 || tail->fd < 0)
        return 0;
    return write_frame(tail, FRAME_ROWS, names, rows, err);
}

void tail_remove(struct tail *tail)
{
    if (tail->fd >= 0 && tail->path)
        (void)unlink(tail->path);
    close_file(tail);
    tail_forget(tail);
}

static void load_rows(const unsigned char *at, size_t length, struct batch *batch,
                      uint64_t *damaged)
{
    const unsigned char *end = at + length;
    struct rows_state state = ROWS_BEGIN;
    struct kept_reading reading;

    while (at < end && rows_row_get(&at, end, &state, &reading)) {
        if (state.number < batch->points)
            batch_put(batch, state.number, &reading);
        else
            (*damaged)++;
    }
}

int tail_load(const char *path, struct batch *batch, struct text *names,
              uint64_t *damaged, struct err *err)
{
    struct frame_walk walk = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    off_t size = walk.fd < 0 ? 0 : lseek(walk.fd, 0, SEEK_END);
    struct frame frame;
    uint64_t payload;

    if (walk.fd < 0)
        return errno == ENOENT ? 0 : err_set(err, ERR_IO, "open '%s': %m", path);
    text_init(names, NAMES_BYTES_MAX);
    batch_init(batch, 0);
    walk.size = size < TAIL_FILE_MAX ? (uint64_t)size : TAIL_FILE_MAX;
    while (frame_walk_next(&walk, &frame, &payload)) {
        unsigned char *bytes = frame_checked(walk.fd, &frame, payload);

        if (bytes == NULL) {
            (*damaged)++;
        } else if (frame.kind == FRAME_NAMES && names->length == 0) {
            text_add_bytes(names, (const char *)bytes, frame.checked);
            batch_done(batch);
            batch_init(batch, names_count(names->data, names->length));
        } else if (frame.kind == FRAME_ROWS) {
            load_rows(bytes, frame.checked, batch, damaged);
        }
        mem_free(bytes);
    }
    (void)close(walk.fd);
    if (batch->head.readings > 0)
        return 1;
    batch_done(batch);
    text_done(names);
    return 0;
}
