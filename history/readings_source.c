/* readings_source.c - see readings_source.h. */
#include "history/readings_source.h"

#include "base/crc32c.h"
#include "base/mem.h"
#include "history/readings_folder.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 4096, /* readings decoded at once */
};

/* A chunk that is wanted, while the index is read. */
struct wanted_chunk {
    struct chunk_entry entry;
    uint32_t point;
    uint64_t offset; /* from the first chunk */
};

struct wanted_chunks {
    struct wanted_chunk *list;
    size_t count;
    size_t capacity;
};

static void add_chunk(struct wanted_chunks *chunks, const struct wanted_chunk *chunk)
{
    if (chunks->count == chunks->capacity) {
        chunks->capacity = chunks->capacity * 2 + 64;
        chunks->list = mem_resize(chunks->list, chunks->capacity, sizeof *chunks->list);
    }
    chunks->list[chunks->count++] = *chunk;
}

/* False when the index makes no sense. */
static bool read_index(const unsigned char *checked, const struct stored_batch *batch,
                       const struct stored_names *names, const bool *wanted,
                       struct wanted_chunks *chunks)
{
    const unsigned char *at = checked + BATCH_HEAD_SIZE;
    const unsigned char *end = checked + batch->frame.checked;
    uint64_t room = batch->frame.length - batch->frame.checked;
    struct wanted_chunk chunk = {.offset = 0};
    int64_t last = -1;

    while (at < end) {
        if (!chunk_entry_get(&at, end, last, &chunk.entry) ||
            chunk.entry.length > room - chunk.offset)
            return false;
        last = chunk.entry.number;
        chunk.point = chunk.entry.number < names->count
                          ? names->points[chunk.entry.number]
                          : MODEL_NONE;
        if (chunk.point != MODEL_NONE && wanted[chunk.point])
            add_chunk(chunks, &chunk);
        chunk.offset += chunk.entry.length;
    }
    return true;
}

static void merge(const struct kept_reading *from, struct kept_reading *to, size_t start,
                  size_t middle, size_t end)
{
    size_t a = start;
    size_t b = middle;

    for (size_t i = start; i < end; i++) {
        bool left = b == end || (a < middle && from[a].ms <= from[b].ms);

        to[i] = left ? from[a++] : from[b++];
    }
}

/* By time; equal times stay as they came. */
static struct kept_reading *sort(struct kept_reading *readings, size_t count)
{
    struct kept_reading *other = mem_array(count + 1, sizeof *other);

    for (size_t width = 1; width < count; width *= 2) {
        struct kept_reading *old = readings;

        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = start + width < count ? start + width : count;
            size_t end = start + 2 * width < count ? start + 2 * width : count;

            merge(readings, other, start, middle, end);
        }
        readings = other;
        other = old;
    }
    mem_free(other);
    return readings;
}

static void sort_source(struct source *source)
{
    size_t capacity = 0;
    size_t count = 0;
    size_t got;

    do {
        if (capacity - count < PIECE) {
            capacity = capacity * 2 + PIECE;
            source->sorted = mem_resize(source->sorted, capacity, sizeof *source->sorted);
        }
        got = reading_decoder_next(&source->decoder, INT64_MAX, source->sorted + count,
                                   source->left < PIECE ? source->left : PIECE);
        count += got;
        source->left -= (uint32_t)got;
    } while (got > 0 && source->left > 0);
    source->sorted = sort(source->sorted, count);
    source->sorted_count = count;
}

static void open_chunks(struct sources *sources, const unsigned char *chunks,
                        const struct wanted_chunks *wanted, uint64_t *damaged)
{
    uint64_t first = wanted->count > 0 ? wanted->list[0].offset : 0;

    sources->list = mem_array(wanted->count + 1, sizeof *sources->list);
    for (size_t i = 0; i < wanted->count; i++) {
        const struct wanted_chunk *chunk = &wanted->list[i];
        const unsigned char *bytes = chunks + (chunk->offset - first);
        struct source *source = &sources->list[sources->count];

        if (crc32c(0, bytes, chunk->entry.length) != chunk->entry.crc) {
            (*damaged)++;
            continue;
        }
        *source = (struct source){.point = chunk->point, .left = chunk->entry.readings};
        reading_decoder_begin(&source->decoder, bytes, chunk->entry.length,
                              sources->batch->head.base_ms);
        if (chunk->entry.unsorted)
            sort_source(source);
        sources->readings += chunk->entry.readings;
        sources->count++;
    }
}

/* The chunks from the first wanted one to the last; NULL when they cannot be read. */
static const unsigned char *read_chunks(struct sources *sources, int fd,
                                        const struct wanted_chunks *wanted)
{
    const struct stored_batch *batch = sources->batch;
    const struct wanted_chunk *first = &wanted->list[0];
    const struct wanted_chunk *last = &wanted->list[wanted->count - 1];

    if (batch->in_memory != NULL)
        return batch->in_memory + batch->frame.checked + first->offset;
    sources->bytes =
        frame_bytes(fd, batch->payload + batch->frame.checked + first->offset,
                    (size_t)(last->offset + last->entry.length - first->offset));
    return sources->bytes;
}

void sources_open(struct sources *sources, const struct readings_index *index,
                  const struct stored_batch *batch, const bool *wanted, uint64_t *damaged)
{
    int fd = batch->in_memory != NULL
                 ? -1
                 : open(index->paths[batch->file], O_RDONLY | O_CLOEXEC);
    unsigned char *own = batch->in_memory != NULL || fd < 0
                             ? NULL
                             : frame_checked(fd, &batch->frame, batch->payload);
    const unsigned char *checked = batch->in_memory != NULL ? batch->in_memory : own;
    struct wanted_chunks chunks = {0};
    const unsigned char *bytes = NULL;

    *sources = (struct sources){.batch = batch};
    if (checked == NULL ||
        !read_index(checked, batch, &index->tables[batch->names], wanted, &chunks))
        (*damaged)++;
    else if (chunks.count > 0 && (bytes = read_chunks(sources, fd, &chunks)) == NULL)
        *damaged += chunks.count;
    if (bytes != NULL)
        open_chunks(sources, bytes, &chunks, damaged);
    mem_free(chunks.list);
    mem_free(own);
    if (fd >= 0)
        (void)close(fd);
}

void sources_close(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        mem_free(sources->list[i].sorted);
    mem_free(sources->list);
    mem_free(sources->bytes);
    *sources = (struct sources){0};
}

size_t source_next(struct source *source, int64_t until_ms, struct kept_reading *readings,
                   size_t max)
{
    size_t n = 0;

    if (source->sorted == NULL) {
        if (max > source->left)
            max = source->left;
        n = reading_decoder_next(&source->decoder, until_ms, readings, max);
        source->left -= (uint32_t)n;
        return n;
    }
    while (n < max && source->sorted_at < source->sorted_count &&
           source->sorted[source->sorted_at].ms < until_ms)
        readings[n++] = source->sorted[source->sorted_at++];
    return n;
}
