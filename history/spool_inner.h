/* spool_inner.h - the spool's own parts; for history/spool*.c only. */
#ifndef HISTORY_SPOOL_INNER_H
#define HISTORY_SPOOL_INNER_H

#include "history/segment.h"
#include "history/spool.h"
#include "history/spool_state.h"

#include <pthread.h>

enum {
    /* What is read at once: the largest record and some. */
    SPOOL_WINDOW_BYTES = SEGMENT_PAYLOAD_MAX + 4 * SEGMENT_HEADER_SIZE,
};

struct spool {
    /* fixed after open */
    char *folder;
    uint64_t segment_bytes;
    int64_t segment_age_ms;

    /* owned by the appending thread */
    int fd; /* of the newest segment; -1: none yet */
    struct mono_time retry;

    /* owned by the reading thread */
    unsigned char *window;
    bool reading; /* a mark is out */

    pthread_mutex_t mutex;

    /* guarded by mutex */
    struct spool_state state;
    char error[SPOOL_ERROR_MAX];
};

#endif
