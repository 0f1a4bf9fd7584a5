/* readings_index.h - which batches of readings a reader has to look into.
 *
 * Reads only the heads of batches. A tail is made a batch of, in memory, unless a file
 * has it already.
 *
 * Threads: one owner; the writer may run meanwhile, also in another process.
 */
#ifndef HISTORY_READINGS_INDEX_H
#define HISTORY_READINGS_INDEX_H

#include "base/err.h"
#include "history/readings_frame.h"
#include "telemetry/model.h"

struct stored_batch {
    struct batch_head head;
    struct frame frame;
    uint32_t file;            /* index of `paths`; of a tail none */
    uint64_t payload;         /* where it begins in the file */
    unsigned char *in_memory; /* the payload of a tail's batch; NULL: in the file */
    uint32_t names;           /* index of `tables` */
};

/* The points behind the numbers of one table of names. */
struct stored_names {
    uint64_t id;
    uint32_t *points; /* by number; MODEL_NONE: not in the model */
    uint32_t count;
};

struct readings_index {
    char **paths;
    size_t path_count;
    struct stored_names *tables;
    size_t table_count;
    struct stored_batch *batches; /* by time of the first reading */
    size_t batch_count;
    uint64_t damaged; /* batches whose head or names are damaged, pieces of tails */
};

/* Batches with readings in [from_ms, to_ms). ERR_IO, ERR_DENIED. */
int readings_index_open(struct readings_index *index, const char *folder,
                        const struct model *model, int64_t from_ms, int64_t to_ms,
                        struct err *err);
void readings_index_close(struct readings_index *index);

#endif
