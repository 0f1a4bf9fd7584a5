/* readings_source.h - a batch of readings, opened for some points.
 *
 * Threads: one owner.
 */
#ifndef HISTORY_READINGS_SOURCE_H
#define HISTORY_READINGS_SOURCE_H

#include "history/reading_codec.h"
#include "history/readings_index.h"

/* One point's chunk, in order of time. */
struct source {
    uint32_t point;
    uint32_t left; /* readings that may still come */
    struct reading_decoder decoder;
    struct kept_reading *sorted; /* of a chunk that is not in order; owned, else NULL */
    size_t sorted_at;
    size_t sorted_count;
};

struct sources {
    const struct stored_batch *batch;
    unsigned char *bytes; /* that the decoders read; NULL: the batch's own */
    struct source *list;
    size_t count;
    uint64_t readings;
};

/* Opens the chunks of the points that wanted[point] says; damaged ones are left out and
 * added to *damaged. */
void sources_open(struct sources *sources, const struct readings_index *index,
                  const struct stored_batch *batch, const bool *wanted,
                  uint64_t *damaged);
void sources_close(struct sources *sources);

/* As reading_decoder_next. */
size_t source_next(struct source *source, int64_t until_ms, struct kept_reading *readings,
                   size_t max);

#endif
