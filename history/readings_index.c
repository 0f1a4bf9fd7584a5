/* readings_index.c - see readings_index.h. */
#include "history/readings_index.h"

#include "base/mem.h"
#include "history/reading_codec.h"
#include "history/readings_days.h"
#include "history/readings_folder.h"
#include "history/readings_names.h"
#include "history/readings_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /* A batch lies in the file of the day of its first reading and is half an hour long;
     * readings of slow points may come later by two polls. */
    DAYS_BEFORE = 1,
    DAYS_AFTER = 2,
};

/* While it is being filled. */
struct filling {
    struct readings_index *index;
    const struct model *model;
    int64_t from_ms;
    int64_t to_ms;
    size_t batch_capacity;
    bool unnamed; /* some batch has no table yet */
};

static uint32_t find_names(const struct readings_index *index, uint64_t id)
{
    for (size_t i = 0; i < index->table_count; i++)
        if (index->tables[i].id == id)
            return (uint32_t)i;
    return MODEL_NONE;
}

static void add_names(struct filling *filling, uint64_t id, const char *names,
                      size_t length)
{
    struct readings_index *index = filling->index;
    struct stored_names *table;

    if (find_names(index, id) != MODEL_NONE)
        return;
    index->tables =
        mem_resize(index->tables, index->table_count + 1, sizeof *index->tables);
    table = &index->tables[index->table_count++];
    table->id = id;
    table->points = names_points(names, length, filling->model, &table->count);
}

static void add_batch(struct filling *filling, const struct stored_batch *batch)
{
    struct readings_index *index = filling->index;

    if (batch->head.last_ms < filling->from_ms || batch->head.first_ms >= filling->to_ms)
        return;
    if (index->batch_count == filling->batch_capacity) {
        filling->batch_capacity = filling->batch_capacity * 2 + 64;
        index->batches =
            mem_resize(index->batches, filling->batch_capacity, sizeof *index->batches);
    }
    index->batches[index->batch_count++] = *batch;
}

static void take_names(struct filling *filling, int fd, const struct frame *frame,
                       uint64_t payload)
{
    unsigned char *bytes;

    if (find_names(filling->index, frame->names) != MODEL_NONE)
        return;
    bytes = frame_checked(fd, frame, payload);
    if (bytes != NULL)
        add_names(filling, frame->names, (const char *)bytes, frame->checked);
    mem_free(bytes);
}

static void take_head(struct filling *filling, int fd, const struct frame *frame,
                      uint64_t payload)
{
    struct stored_batch batch = {.frame = *frame,
                                 .file = (uint32_t)(filling->index->path_count - 1),
                                 .payload = payload};
    unsigned char *bytes = frame->checked < BATCH_HEAD_SIZE
                               ? NULL
                               : frame_bytes(fd, payload, BATCH_HEAD_SIZE);

    if (bytes == NULL || !batch_head_get(bytes, &batch.head))
        filling->index->damaged++;
    else
        add_batch(filling, &batch);
    mem_free(bytes);
}

/* `path` becomes the index's. A file that is gone by now held nothing that is kept. */
static int walk_file(struct filling *filling, char *path, struct err *err)
{
    struct readings_index *index = filling->index;
    struct frame_walk walk = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    off_t size = walk.fd < 0 ? 0 : lseek(walk.fd, 0, SEEK_END);
    struct frame frame;
    uint64_t payload;

    index->paths = mem_resize(index->paths, index->path_count + 1, sizeof *index->paths);
    index->paths[index->path_count++] = path;
    if (walk.fd < 0 && errno == ENOENT)
        return 0;
    if (walk.fd < 0)
        return err_set(err, errno == EACCES ? ERR_DENIED : ERR_IO, "open '%s': %m", path);
    walk.size = size < 0 ? 0 : (uint64_t)size;
    while (frame_walk_next(&walk, &frame, &payload)) {
        if (frame.kind == FRAME_NAMES)
            take_names(filling, walk.fd, &frame, payload);
        else if (frame.kind == FRAME_BATCH)
            take_head(filling, walk.fd, &frame, payload);
    }
    index->damaged += walk.skipped > 0 ? 1 : 0;
    (void)close(walk.fd);
    return 0;
}

static int to_text(void *context, const void *bytes, size_t length, struct err *err)
{
    struct text *text = context;

    text_add_bytes(text, bytes, length);
    return text->overflow ? err_set(err, ERR_FULL, "the tail is too long") : 0;
}

/* A tail as a batch in memory; nothing when it cannot be read. */
static void take_tail(struct filling *filling, const char *path, uint64_t id)
{
    struct readings_index *index = filling->index;
    struct stored_batch stored = {.file = MODEL_NONE};
    struct batch batch;
    struct text names;
    struct text frame;
    struct err err;
    int loaded;

    loaded = tail_load(path, &batch, &names, &index->damaged, &err);
    index->damaged += loaded < 0 ? 1 : 0;
    if (loaded <= 0)
        return;
    text_init(&frame, FRAME_PAYLOAD_MAX);
    stored.head = batch.head;
    stored.head.tail = id;
    if (batch_write(&batch, names_hash(names.data, names.length), id, to_text, &frame,
                    NULL) == 0 &&
        frame_get((const unsigned char *)frame.data, &stored.frame)) {
        add_names(filling, stored.frame.names, names.data, names.length);
        stored.in_memory = mem_array(stored.frame.length + READING_PADDING, 1);
        memcpy(stored.in_memory, frame.data + FRAME_HEADER_SIZE, stored.frame.length);
        add_batch(filling, &stored);
        if (index->batch_count == 0 ||
            index->batches[index->batch_count - 1].in_memory != stored.in_memory)
            mem_free(stored.in_memory);
    }
    batch_done(&batch);
    text_done(&names);
    text_done(&frame);
}

static bool is_among(const struct filling *filling, const struct readings_file *file)
{
    return !file->tail && file->day >= readings_day(filling->from_ms) - DAYS_BEFORE &&
           file->day <= readings_day(filling->to_ms) + DAYS_AFTER;
}

/* A tail whose batch was written while we looked is dropped. */
static void drop_doubles(struct readings_index *index)
{
    size_t kept = 0;

    for (size_t i = 0; i < index->batch_count; i++) {
        struct stored_batch *batch = &index->batches[i];
        bool twice = false;

        for (size_t k = 0; batch->in_memory != NULL && k < index->batch_count; k++)
            twice = twice || (index->batches[k].in_memory == NULL &&
                              index->batches[k].head.tail == batch->head.tail);
        if (twice)
            mem_free(batch->in_memory);
        else
            index->batches[kept++] = *batch;
    }
    index->batch_count = kept;
}

/* A table that is damaged in one file is looked for in all the others. */
static void name_batches(struct filling *filling)
{
    struct readings_index *index = filling->index;
    size_t kept = 0;

    for (size_t i = 0; i < index->batch_count; i++) {
        struct stored_batch *batch = &index->batches[i];

        batch->names = find_names(index, batch->frame.names);
        if (batch->names != MODEL_NONE) {
            index->batches[kept++] = *batch;
            continue;
        }
        index->damaged++;
        mem_free(batch->in_memory);
    }
    index->batch_count = kept;
}

static int by_first(const void *a, const void *b)
{
    const struct stored_batch *left = a;
    const struct stored_batch *right = b;

    if (left->head.first_ms != right->head.first_ms)
        return left->head.first_ms < right->head.first_ms ? -1 : 1;
    return left->payload < right->payload ? -1 : left->payload > right->payload;
}

int readings_index_open(struct readings_index *index, const char *folder,
                        const struct model *model, int64_t from_ms, int64_t to_ms,
                        struct err *err)
{
    struct filling filling = {index, model, from_ms, to_ms, 0, false};
    size_t count;
    struct readings_file *files = readings_files(folder, &count, err);
    int result = 0;

    *index = (struct readings_index){0};
    if (files == NULL)
        return -1;
    /* Tails first: what becomes a batch meanwhile is then in a file. */
    for (size_t i = 0; i < count; i++) {
        char *path = files[i].tail ? readings_path(folder, &files[i]) : NULL;

        if (path != NULL)
            take_tail(&filling, path, files[i].part);
        mem_free(path);
    }
    for (size_t i = 0; result == 0 && i < count; i++)
        if (is_among(&filling, &files[i]))
            result = walk_file(&filling, readings_path(folder, &files[i]), err);
    mem_free(files);
    if (result != 0) {
        readings_index_close(index);
        return -1;
    }
    drop_doubles(index);
    name_batches(&filling);
    if (index->batch_count > 0)
        qsort(index->batches, index->batch_count, sizeof *index->batches, by_first);
    return 0;
}

void readings_index_close(struct readings_index *index)
{
    for (size_t i = 0; i < index->path_count; i++)
        mem_free(index->paths[i]);
    for (size_t i = 0; i < index->table_count; i++)
        mem_free(index->tables[i].points);
    for (size_t i = 0; i < index->batch_count; i++)
        mem_free(index->batches[i].in_memory);
    mem_free((void *)index->paths);
    mem_free(index->tables);
    mem_free(index->batches);
    *index = (struct readings_index){0};
}
