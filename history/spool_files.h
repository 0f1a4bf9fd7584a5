/* spool_files.h - a spool's folder: names, scanning, setting aside.
 *
 * Threads: no state but the disk.
 */
#ifndef HISTORY_SPOOL_FILES_H
#define HISTORY_SPOOL_FILES_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of one segment. */
struct spool_segment {
    uint64_t number;
    uint64_t bytes; /* written, without the end record of a closed one */
    uint64_t lines;
    uint64_t unsent;
    struct wall_time first; /* of its records */
    struct wall_time last;
    struct mono_time born;
    struct mono_time expires; /* MONO_NEVER while it is being written */
    bool damaged;
    int memory_fd; /* a segment in memory; -1 on disk */
};

/* The caller's (mem_free). */
char *spool_files_path(const char *folder, uint64_t number);
char *spool_files_cursor(const char *folder);

/* All segments of the folder, oldest first; empty ones are removed, those without a good
 * record set aside and counted. The caller's (mem_free). */
struct spool_segment *spool_files_scan(const char *folder, size_t *count,
                                       uint64_t *set_aside);

/* Lines between two offsets of a segment. */
uint64_t spool_files_lines(const char *folder, uint64_t number, uint64_t from,
                           uint64_t to);

/* Creates a segment, or opens one in memory. -1 with err when that fails. */
int spool_files_create(const char *folder, uint64_t number, struct err *err);
int spool_files_memory(struct err *err);

/* One write of header and payload at the end, `bytes` long so far. After a failure the
 * file is as long as before. */
int spool_files_write(int fd, uint64_t bytes, const unsigned char *header,
                      const char *payload, size_t length, struct err *err);
/* Writes the end record that spares the next start a scan; best effort. */
void spool_files_end(int fd, const struct spool_segment *segment);

/* Removes a segment, or keeps it as ".bad" when it is damaged. */
void spool_files_retire(const char *folder, const struct spool_segment *segment);

#endif
