/* archive_files.c - the files a store has open, and the ones it throws away. */
#include "history/archive_inner.h"

#include "base/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void set_error(struct archive *archive, const char *text)
{
    (void)pthread_mutex_lock(&archive->mutex);
    (void)snprintf(archive->status.error, sizeof archive->status.error, "%.*s",
                   (int)sizeof archive->status.error - 1, text);
    (void)pthread_mutex_unlock(&archive->mutex);
}

/* A damaged file is out of the way; somebody must hear of it. */
static void count_damage(struct archive *archive)
{
    (void)pthread_mutex_lock(&archive->mutex);
    archive->status.files_damaged++;
    (void)pthread_mutex_unlock(&archive->mutex);
}

void archive_failed(struct archive *archive, struct rows *rows, const struct err *err)
{
    set_error(archive, err->text);
    if (rows == NULL)
        return;
    rows_rollback(rows);
    if (err->kind != ERR_PROTOCOL)
        return;
    for (size_t i = 0; i < ARCHIVE_FILES; i++)
        if (archive->files[i] == rows)
            archive->files[i] = NULL;
    rows_set_aside(rows);
    count_damage(archive);
    /* The next file has series of its own, which the journals do not know. */
    for (size_t i = 0; i < 2; i++)
        journal_remove(&archive->journals[i]);
}

void archive_succeeded(struct archive *archive, uint64_t rows)
{
    (void)pthread_mutex_lock(&archive->mutex);
    archive->status.rows_written += rows;
    if (!archive->journal_failed)
        archive->status.error[0] = '\0';
    (void)pthread_mutex_unlock(&archive->mutex);
}

void archive_lost(struct archive *archive, uint64_t rows)
{
    (void)pthread_mutex_lock(&archive->mutex);
    archive->status.rows_lost += rows;
    (void)pthread_mutex_unlock(&archive->mutex);
}

/* The slot for another file: a free one, else the one that was not used for longest. */
static size_t slot_for(struct archive *archive)
{
    size_t slot = ARCHIVE_FILES;

    for (size_t i = 0; i < ARCHIVE_FILES; i++) {
        if (archive->files[i] == NULL)
            return i;
        if (archive->files[i] != archive->writing &&
            (slot == ARCHIVE_FILES || archive->used[i] < archive->used[slot]))
            slot = i;
    }
    rows_close(archive->files[slot]);
    archive->files[slot] = NULL;
    return slot;
}

struct rows *archive_file(struct archive *archive, enum period_kind kind, int64_t period)
{
    struct err err;
    size_t slot;

    for (size_t i = 0; i < ARCHIVE_FILES; i++) {
        if (archive->files[i] == NULL || rows_kind(archive->files[i]) != kind ||
            rows_period(archive->files[i]) != period)
            continue;
        archive->used[i] = ++archive->uses;
        return archive->files[i];
    }
    if (mono_before(mono_now(), archive->open_retry))
        return NULL;
    slot = slot_for(archive);
    archive->files[slot] = rows_open(archive->folder, kind, period, archive->model, &err);
    archive->used[slot] = ++archive->uses;
    if (archive->files[slot] == NULL) {
        set_error(archive, err.text);
        archive->open_retry = mono_add_ms(mono_now(), ARCHIVE_RETRY_MS);
    } else if (rows_replaced(archive->files[slot])) {
        count_damage(archive);
    }
    return archive->files[slot];
}

/* When the last row of a file is older than it is to be kept. */
static bool is_expired(const struct archive *archive, enum period_kind kind,
                       int64_t period, struct wall_time now)
{
    int64_t end = period_start(kind, period + 1);

    if (kind == PERIOD_MONTH)
        return end < period_minute(now) - archive->settings->keep_minutes_ms / 60000;
    return end < period_hour(now) - archive->settings->keep_hours_ms / 3600000;
}

/* The oldest expired period of a kind, or -1. */
static int64_t oldest_expired(const struct archive *archive, enum period_kind kind,
                              struct wall_time now)
{
    DIR *dir = opendir(archive->folder);
    struct dirent *entry;
    int64_t oldest = -1;

    /* The stream is ours alone, as readdir(3) asks. */
    while (dir != NULL &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        enum period_kind found;
        int64_t period;

        if (period_parse(entry->d_name, &found, &period) && found == kind &&
            (oldest < 0 || period < oldest) && is_expired(archive, kind, period, now))
            oldest = period;
    }
    if (dir != NULL)
        (void)closedir(dir);
    return oldest;
}

/* The file, what SQLite keeps beside it and what was set aside of it. */
static void remove_period(struct archive *archive, enum period_kind kind, int64_t period)
{
    DIR *dir = opendir(archive->folder);
    struct dirent *entry;

    for (size_t i = 0; i < ARCHIVE_FILES; i++) {
        struct rows *rows = archive->files[i];

        if (rows != NULL && rows_kind(rows) == kind && rows_period(rows) == period) {
            rows_close(rows);
            archive->files[i] = NULL;
        }
    }
    while (dir != NULL &&
           (entry = readdir(dir)) != NULL) { // NOLINT(concurrency-mt-unsafe)
        enum period_kind found;
        int64_t of;
        char *path;

        if (!period_parse(entry->d_name, &found, &of) || found != kind || of != period)
            continue;
        path = mem_format("%s/%s", archive->folder, entry->d_name);
        (void)unlink(path);
        mem_free(path);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

void archive_retire(struct archive *archive, struct wall_time now)
{
    static const enum period_kind kinds[] = {PERIOD_MONTH, PERIOD_YEAR};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int64_t period = oldest_expired(archive, kinds[i], now);

        if (period >= 0)
            remove_period(archive, kinds[i], period);
    }
}
