/* journal.h - the samples of a minute that is not in the database yet.
 *
 * One file per minute, "journal-<id>"; ids only grow. A frame is a header of 24 bytes and
 * up to JOURNAL_FRAME_RECORDS records of 16; it is written with one write about once a
 * second, so that kill -9 costs a second. When the minute's rows are committed, the id is
 * committed with them and the file is removed; what a crash leaves between the two is
 * recognised by its id.
 *
 * A frame: magic "FJN1", CRC-32C of what follows it, records, 0, minute (64 bits); a
 * record: series of the month file, ms into the minute, value. In the byte order of the
 * machine, which is the only one to read it.
 *
 * Threads: one owner.
 */
#ifndef HISTORY_JOURNAL_H
#define HISTORY_JOURNAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JOURNAL_FRAME_RECORDS = 8192, /* 128 KiB; a fuller second takes more writes */
    JOURNAL_HEADER_SIZE = 24,
    JOURNAL_FILE_MAX = 512 * 1024 * 1024, /* a minute of half a million values a second */
};

struct journal_record {
    uint32_t series;
    uint32_t ms;
    double value;
};

struct journal {
    int fd; /* -1: not begun */
    uint64_t id;
    int64_t minute;
    char *path;
    size_t count; /* records that wait */
    struct journal_record *records;
};

void journal_init(struct journal *journal);
void journal_done(struct journal *journal); /* keeps the file */

/* Creates the file of a minute. */
int journal_begin(struct journal *journal, const char *folder, uint64_t id,
                  int64_t minute, struct err *err);
/* True: there are JOURNAL_FRAME_RECORDS of them, time for a flush. */
bool journal_add(struct journal *journal, uint32_t series, uint32_t ms, double value);
int journal_flush(struct journal *journal, struct err *err);
/* Closes and removes the file; what waits is forgotten. */
void journal_remove(struct journal *journal);

/* Closes the file and leaves it to the next start. */
void journal_leave(struct journal *journal);

/* The next good frame at or behind *offset of a file's bytes (pure); what is damaged is
 * skipped. `records` has room for JOURNAL_FRAME_RECORDS. False at the end. */
bool journal_next(const unsigned char *bytes, size_t size, size_t *offset,
                  int64_t *minute, struct journal_record *records, size_t *count);

/* Ids of the journals in a folder, sorted; the caller's (mem_free). */
uint64_t *journal_list(const char *folder, size_t *count);
char *journal_path(const char *folder, uint64_t id); /* the caller's (mem_free) */

#endif
