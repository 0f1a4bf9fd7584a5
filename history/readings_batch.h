/* readings_batch.h - readings that are on their way into a batch.
 *
 * Encoded as they come: a point takes about what its readings will take on disk, and a
 * hundred bytes.
 *
 * Threads: one owner.
 */
#ifndef HISTORY_READINGS_BATCH_H
#define HISTORY_READINGS_BATCH_H

#include "base/err.h"
#include "history/reading_codec.h"
#include "history/readings_frame.h"

struct batch {
    struct reading_encoder *encoders; /* by number of the point */
    uint32_t points;
    struct batch_head head; /* without the tail; base_ms counts while readings > 0 */
    size_t bytes;           /* of all chunks */
};

void batch_init(struct batch *batch, uint32_t points);
void batch_done(struct batch *batch);

void batch_put(struct batch *batch, uint32_t number, const struct kept_reading *reading);

/* Where the frame goes, piece by piece; 0, or -1 with err set. */
typedef int batch_sink(void *context, const void *bytes, size_t length, struct err *err);

/* Writes what has gathered as a frame. It stays here until batch_clear. */
int batch_write(struct batch *batch, uint64_t names, uint64_t tail, batch_sink *sink,
                void *context, struct err *err);
/* Empty again; the buffers are kept for the next one. */
void batch_clear(struct batch *batch);

#endif
