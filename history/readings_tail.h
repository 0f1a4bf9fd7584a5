/* readings_tail.h - the readings that are in no batch yet.
 *
 * A file of frames: first the names, then the rows of about a second each. It is removed
 * when its batch is on disk; what a crash leaves is made a batch of by the next start.
 *
 * Threads: one owner.
 */
#ifndef HISTORY_READINGS_TAIL_H
#define HISTORY_READINGS_TAIL_H

#include "base/text.h"
#include "history/readings_batch.h"
#include "history/readings_rows.h"

enum {
    TAIL_FILE_MAX = 256 * 1024 * 1024, /* of what a start or a cursor reads */
    TAIL_ROWS_BYTES = 4 * 1024 * 1024, /* that wait; more go out before the second */
};

struct tail {
    int fd; /* -1: there is no file */
    uint64_t id;
    char *path;
    int64_t bytes; /* in the file */
    unsigned char *rows;
    size_t used;
    struct rows_state state;
};

void tail_init(struct tail *tail);
void tail_done(struct tail *tail); /* keeps the file */

/* Creates the file; the rows that wait stay. */
int tail_begin(struct tail *tail, const char *folder, uint64_t id,
               const struct text *names, struct err *err);
/* True: time for a flush. */
bool tail_add(struct tail *tail, uint32_t number, const struct kept_reading *reading);
/* Writes what waits with one write. On failure the file is as it was, or gone (fd = -1),
 * and the rows are forgotten. */
int tail_flush(struct tail *tail, uint64_t names, struct err *err);
void tail_forget(struct tail *tail); /* what waits */
/* Removes the file. What waits is in the batch, too, and is forgotten. */
void tail_remove(struct tail *tail);

/* 1: what a tail holds as a batch, `names` are its own; the caller's: batch_done,
 * text_done. 0: it holds nothing. -1 (ERR_IO): it cannot be opened, nobody knows. */
int tail_load(const char *path, struct batch *batch, struct text *names,
              uint64_t *damaged, struct err *err);

#endif
