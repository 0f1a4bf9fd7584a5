/* readings_batch.c - see readings_batch.h. */
#include "history/readings_batch.h"

#include "base/crc32c.h"
#include "base/mem.h"

#include <string.h>

void batch_init(struct batch *batch, uint32_t points)
{
    *batch = (struct batch){.points = points};
    batch->encoders = mem_array(points + (size_t)1, sizeof *batch->encoders);
}

void batch_done(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->points; i++)
        reading_encoder_free(&batch->encoders[i]);
    mem_free(batch->encoders);
    *batch = (struct batch){0};
}

void batch_put(struct batch *batch, uint32_t number, const struct kept_reading *reading)
{
    struct reading_encoder *encoder = &batch->encoders[number];
    struct batch_head *head = &batch->head;
    uint32_t length;

    if (head->readings++ == 0)
        *head = (struct batch_head){reading->ms, reading->ms, reading->ms, 1, 0};
    if (reading->ms < head->first_ms)
        head->first_ms = reading->ms;
    if (reading->ms > head->last_ms)
        head->last_ms = reading->ms;
    if (encoder->readings == 0)
        reading_encoder_begin(encoder, head->base_ms);
    length = encoder->length;
    reading_encoder_put(encoder, reading);
    batch->bytes += encoder->length - length;
}

/* Head and index; the caller's (mem_free). *chunks is the length of all chunks. */
static unsigned char *make_index(struct batch *batch, uint64_t tail, size_t *length,
                                 uint64_t *chunks)
{
    unsigned char *index =
        mem_array(BATCH_HEAD_SIZE + (size_t)batch->points * CHUNK_ENTRY_MAX, 1);
    size_t used = BATCH_HEAD_SIZE;
    int64_t last = -1;

    *chunks = 0;
    batch->head.tail = tail;
    batch_head_put(index, &batch->head);
    for (uint32_t i = 0; i < batch->points; i++) {
        struct reading_encoder *encoder = &batch->encoders[i];
        struct chunk_entry entry = {.number = i, .readings = encoder->readings};

        if (encoder->readings == 0)
            continue;
        reading_encoder_finish(encoder);
        entry.length = encoder->length;
        entry.crc = crc32c(0, encoder->bytes, encoder->length);
        entry.unsorted = encoder->unsorted;
        used += chunk_entry_put(index + used, last, &entry);
        *chunks += entry.length;
        last = i;
    }
    *length = used;
    return index;
}

int batch_write(struct batch *batch, uint64_t names, uint64_t tail, batch_sink *sink,
                void *context, struct err *err)
{
    unsigned char header[FRAME_HEADER_SIZE];
    struct frame frame = {.kind = FRAME_BATCH, .names = names};
    size_t length;
    uint64_t chunks;
    unsigned char *index = make_index(batch, tail, &length, &chunks);
    int result = -1;

    if (length > FRAME_CHECKED_MAX || length + chunks > FRAME_PAYLOAD_MAX) {
        (void)err_set(err, ERR_FULL, "%llu readings are too many for a batch",
                      (unsigned long long)batch->head.readings);
        goto out;
    }
    frame.checked = (uint32_t)length;
    frame.length = (uint32_t)(length + chunks);
    frame.crc = crc32c(0, index, length);
    frame_put(header, &frame);
    result = sink(context, header, sizeof header, err);
    if (result == 0)
        result = sink(context, index, length, err);
    for (uint32_t i = 0; result == 0 && i < batch->points; i++)
        if (batch->encoders[i].readings > 0)
            result =
                sink(context, batch->encoders[i].bytes, batch->encoders[i].length, err);
out:
    mem_free(index);
    return result;
}

void batch_clear(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->points; i++)
        if (batch->encoders[i].readings > 0)
            reading_encoder_begin(&batch->encoders[i], 0);
    batch->head = (struct batch_head){0};
    batch->bytes = 0;
}
