/* store_files.c - the files a store has open, and the ones it throws away. */
#include "history/store_inner.h"

#include "base/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void set_error(struct store *store, const char *text)
{
    (void)pthread_mutex_lock(&store->mutex);
    (void)snprintf(store->status.error, sizeof store->status.error, "%.*s",
                   (int)sizeof store->status.error - 1, text);
    (void)pthread_mutex_unlock(&store->mutex);
}

void store_failed(struct store *store, struct rows *rows, const struct err *err)
{
    set_error(store, err->text);
    if (rows == NULL)
        return;
    rows_rollback(rows);
    if (err->kind != ERR_PROTOCOL)
        return;
    for (size_t i = 0; i < STORE_FILES; i++)
        if (store->files[i] == rows)
            store->files[i] = NULL;
    rows_set_aside(rows);
    /* The next file has series of its own, which the journals do not know. */
    for (size_t i = 0; i < 2; i++)
        journal_remove(&store->journals[i]);
}

void store_succeeded(struct store *store, uint64_t rows)
{
    (void)pthread_mutex_lock(&store->mutex);
    store->status.rows_written += rows;
    if (!store->journal_failed)
        store->status.error[0] = '\0';
    (void)pthread_mutex_unlock(&store->mutex);
}

void store_lost(struct store *store, uint64_t rows)
{
    (void)pthread_mutex_lock(&store->mutex);
    store->status.rows_lost += rows;
    (void)pthread_mutex_unlock(&store->mutex);
}

/* The slot for another file: a free one, else the one that was not used for longest. */
static size_t slot_for(struct store *store)
{
    size_t slot = STORE_FILES;

    for (size_t i = 0; i < STORE_FILES; i++) {
        if (store->files[i] == NULL)
            return i;
        if (store->files[i] != store->writing &&
            (slot == STORE_FILES || store->used[i] < store->used[slot]))
            slot = i;
    }
    rows_close(store->files[slot]);
    store->files[slot] = NULL;
    return slot;
}

struct rows *store_file(struct store *store, enum period_kind kind, int64_t period)
{
    struct err err;
    size_t slot;

    for (size_t i = 0; i < STORE_FILES; i++) {
        if (store->files[i] == NULL || rows_kind(store->files[i]) != kind ||
            rows_period(store->files[i]) != period)
            continue;
        store->used[i] = ++store->uses;
        return store->files[i];
    }
    if (mono_before(mono_now(), store->open_retry))
        return NULL;
    slot = slot_for(store);
    store->files[slot] = rows_open(store->folder, kind, period, store->model, &err);
    store->used[slot] = ++store->uses;
    if (store->files[slot] == NULL) {
        set_error(store, err.text);
        store->open_retry = mono_add_ms(mono_now(), STORE_RETRY_MS);
    }
    return store->files[slot];
}

/* When the last row of a file is older than it is to be kept. */
static bool is_expired(const struct store *store, enum period_kind kind, int64_t period,
                       struct wall_time now)
{
    int64_t end = period_start(kind, period + 1);

    if (kind == PERIOD_MONTH)
        return end < period_minute(now) - store->settings->keep_minutes_ms / 60000;
    return end < period_hour(now) - store->settings->keep_hours_ms / 3600000;
}

/* The oldest expired period of a kind, or -1. */
static int64_t oldest_expired(const struct store *store, enum period_kind kind,
                              struct wall_time now)
{
    DIR *dir = opendir(store->folder);
    struct dirent *entry;
    int64_t oldest = -1;

    /* The stream is ours alone, as readdir(3) asks. */
    while (dir != NULL &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        enum period_kind found;
        int64_t period;

        if (period_parse(entry->d_name, &found, &period) && found == kind &&
            (oldest < 0 || period < oldest) && is_expired(store, kind, period, now))
            oldest = period;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return oldest;
}

/* The file, what SQLite keeps beside it and what was set aside of it. */
static void remove_period(struct store *store, enum period_kind kind, int64_t period)
{
    DIR *dir = opendir(store->folder);
    struct dirent *entry;

    for (size_t i = 0; i < STORE_FILES; i++) {
        struct rows *rows = store->files[i];

        if (rows != NULL && rows_kind(rows) == kind && rows_period(rows) == period) {
            rows_close(rows);
            store->files[i] = NULL;
        }
    }
    while (dir != NULL &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        enum period_kind found;
        int64_t of;
        char *path;

        if (!period_parse(entry->d_name, &found, &of) || found != kind || of != period)
            continue;
        path = mem_format("%s/%s", store->folder, entry->d_name);
        (void)unlink(path);
        mem_free(path);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

void store_retire(struct store *store, struct wall_time now)
{
    static const enum period_kind kinds[] = {PERIOD_MONTH, PERIOD_YEAR};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int64_t period = oldest_expired(store, kinds[i], now);

        if (period >= 0)
            remove_period(store, kinds[i], period);
    }
}
