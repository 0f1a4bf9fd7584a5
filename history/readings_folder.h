/* readings_folder.h - which files of readings there are, and how they grow.
 *
 *   2026-11-24.rdg      batches that begin on a day (UTC)
 *   2026-11-24.01.rdg   more of them, when the first file has become large
 *   tail-<id>           what is in no batch yet; ids only grow
 *
 * Threads: any; who appends is alone.
 */
#ifndef HISTORY_READINGS_FOLDER_H
#define HISTORY_READINGS_FOLDER_H

#include "base/err.h"
#include "history/readings_frame.h"

#include <stdio.h>

struct readings_file {
    bool tail;
    int64_t day;   /* since 1970-01-01; of a tail 0 */
    uint64_t part; /* of a day; of a tail its id */
    int64_t bytes;
};

/* Days in order, then tails in order; the caller's (mem_free). A folder that is not there
 * is empty; ERR_IO and NULL when it cannot be read. */
struct readings_file *readings_files(const char *folder, size_t *count, struct err *err);
/* The caller's (mem_free). */
char *readings_path(const char *folder, const struct readings_file *file);

/* ---- reading frames ---- */

struct frame_walk {
    int fd; /* the caller's */
    uint64_t offset;
    uint64_t size;    /* as it was at the begin */
    uint64_t skipped; /* bytes that were no frame */
};

/* The next frame and where its payload begins; false at the end, where a torn frame does
 * not count: walk->offset stands at its header then. */
bool frame_walk_next(struct frame_walk *walk, struct frame *frame, uint64_t *payload);
/* `length` bytes at `offset`, with READING_PADDING zeros behind; the caller's (mem_free).
 * NULL when they cannot be read. */
unsigned char *frame_bytes(int fd, uint64_t offset, size_t length);
/* The checked part of a frame's payload when it is undamaged, else NULL. */
unsigned char *frame_checked(int fd, const struct frame *frame, uint64_t payload);

/* ---- appending ---- */

struct appender {
    int fd;
    char *path;
    off_t start; /* where the file ended before */
    unsigned char *buffer;
    size_t used;
};

/* Cuts off a torn end first. */
int appender_open(struct appender *appender, const char *path, struct err *err);
/* A batch_sink; the context is the appender. */
int appender_put(void *context, const void *bytes, size_t length, struct err *err);
/* On disk when it returns 0; else the file is as it was. Closes it in any case. */
int appender_close(struct appender *appender, bool keep, struct err *err);

#endif
