/* store_inner.h - the store's own parts; for history/store*.c only. */
#ifndef HISTORY_STORE_INNER_H
#define HISTORY_STORE_INNER_H

#include "history/journal.h"
#include "history/rows.h"
#include "history/store.h"

#include <pthread.h>

enum {
    STORE_FILES = 4, /* open at once: two months, two years at a turn of the year */
    STORE_LATE_MAX = 16384,    /* late samples between two writes, 1 MB */
    STORE_RETRY_MS = 5000,     /* after a refusal of the disk */
    STORE_HOURS_AT_START = 48, /* hours that a start may have to make up for */
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

enum store_phase {
    STORE_IDLE,
    STORE_MINUTE_ROWS,
    STORE_HOUR_ROWS,
};

struct store {
    /* fixed after open */
    char *folder;
    const struct history_settings *settings;
    const struct model *model;
    bool *kept; /* by point: it has rows */

    /* owned by the writing thread */
    struct rows *files[STORE_FILES];
    uint64_t used[STORE_FILES]; /* when, in calls of store_file */
    uint64_t uses;
    struct mono_time open_retry;
    struct journal journals[2]; /* of minutes[0] and minutes[1] */
    uint64_t last_journal;
    struct mono_time journal_retry;
    struct mono_time next_journal;
    enum store_phase phase;
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
    struct store_status status;
    bool journal_failed;
};

/* The file of a period, opened when it is not. NULL with the error in the status. */
struct rows *store_file(struct store *store, enum period_kind kind, int64_t period);
/* After a failed write: undoes the transaction, sets a damaged file aside. */
void store_failed(struct store *store, struct rows *rows, const struct err *err);
void store_succeeded(struct store *store, uint64_t rows);
void store_lost(struct store *store, uint64_t rows);

/* Makes minutes[0] and the hour's tallies complete from the files (store_load.c). */
void store_load_minute(struct store *store);
void store_load_hour(struct store *store, int64_t hour);
void store_replay(struct store *store);
void store_make_up_hours(struct store *store, int64_t hour);

/* Late samples (store_late.c). */
void store_add_late(struct store *store, int64_t minute, uint32_t point, double value);
void store_write_late(struct store *store);

/* Removes at most one month and one year that are past their time (store_files.c). */
void store_retire(struct store *store, struct wall_time now);

#endif
