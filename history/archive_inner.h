/* archive_inner.h - the store's own parts; for history/store*.c only. */
#ifndef HISTORY_ARCHIVE_INNER_H
#define HISTORY_ARCHIVE_INNER_H

#include "history/archive.h"
#include "history/journal.h"
#include "history/rows.h"

#include <pthread.h>

enum {
    ARCHIVE_FILES = 4, /* open at once: two months, two years at a turn of the year */
    ARCHIVE_LATE_MAX = 16384,    /* late samples between two writes, 1 MB */
    ARCHIVE_RETRY_MS = 5000,     /* after a refusal of the disk */
    ARCHIVE_HOURS_AT_START = 48, /* hours that a start may have to make up for */
};

/* One minute's tallies by point. */
struct minute {
    int64_t minute;
    bool used; /* there is a sample */
    struct tally *tallies;
};

struct late_sample {
    int64_t minute;
    uint32_t point;
    uint32_t order;
    struct tally tally;
};

enum archive_phase {
    ARCHIVE_IDLE,
    ARCHIVE_MINUTE_ROWS,
    ARCHIVE_HOUR_ROWS,
};

struct archive {
    /* fixed after open */
    char *folder;
    const struct history_settings *settings;
    const struct model *model;
    bool *kept; /* by point: it has rows */

    /* owned by the writing thread */
    struct rows *files[ARCHIVE_FILES];
    uint64_t used[ARCHIVE_FILES]; /* when, in calls of archive_file */
    uint64_t uses;
    struct mono_time open_retry;
    struct journal journals[2]; /* of minutes[0] and minutes[1] */
    uint64_t last_journal;
    struct mono_time journal_retry;
    struct mono_time next_journal;
    enum archive_phase phase;
    size_t next_point;    /* of the phase */
    struct rows *writing; /* the file of the phase's transaction; NULL: none is open */
    uint64_t pending_rows;
    struct mono_time write_retry;
    struct tally *hour_tallies;
    struct late_sample *late;
    size_t late_count;
    struct mono_time next_late;
    struct mono_time next_retention;

    pthread_mutex_t mutex;

    /* guarded by mutex; changed by the writing thread only, which reads without it */
    struct minute minutes[2]; /* the present one and the next */
    int64_t hour;             /* of hour_tallies */
    struct archive_status status;
    bool journal_failed;
};

/* The file of a period, opened when it is not. NULL with the error in the status. */
struct rows *archive_file(struct archive *archive, enum period_kind kind, int64_t period);
/* After a failed write: undoes the transaction, sets a damaged file aside. */
void archive_failed(struct archive *archive, struct rows *rows, const struct err *err);
void archive_succeeded(struct archive *archive, uint64_t rows);
void archive_lost(struct archive *archive, uint64_t rows);

/* Makes minutes[0] and the hour's tallies complete from the files (archive_load.c). */
void archive_load_minute(struct archive *archive);
void archive_load_hour(struct archive *archive, int64_t hour);
void archive_replay(struct archive *archive);
void archive_make_up_hours(struct archive *archive, int64_t hour);

/* Late samples (archive_late.c). */
void archive_add_late(struct archive *archive, int64_t minute, uint32_t point,
                      double value);
void archive_write_late(struct archive *archive);

/* Removes at most one month and one year that are past their time (archive_files.c). */
void archive_retire(struct archive *archive, struct wall_time now);

#endif
