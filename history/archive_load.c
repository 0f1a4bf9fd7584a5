/* archive_load.c - what a store takes from its files: at the start and at each minute. */
#include "history/archive_inner.h"

#include "base/file.h"
#include "base/mem.h"

#include <unistd.h>

/* Merges rows of [from, to), which lie in one period, into tallies. False when the file
 * could not be read. */
static bool load(struct archive *archive, enum period_kind kind, int64_t from, int64_t to,
                 struct tally *tallies)
{
    struct rows *rows;
    struct err err;

    if (from >= to)
        return true;
    rows = archive_file(archive, kind, period_of(kind, from));
    if (rows == NULL)
        return false;
    if (rows_load(rows, from, to, tallies, &err) == 0)
        return true;
    archive_failed(archive, rows, &err);
    return false;
}

void archive_load_minute(struct archive *archive)
{
    struct minute *minute = &archive->minutes[0];
    size_t points = archive->model->point_count;
    struct tally *old = mem_array(points, sizeof *old);

    (void)load(archive, PERIOD_MONTH, minute->minute, minute->minute + 1, old);
    (void)pthread_mutex_lock(&archive->mutex);
    for (size_t i = 0; i < points; i++) {
        if (old[i].n == 0)
            continue;
        tally_merge(&old[i], &minute->tallies[i]);
        minute->tallies[i] = old[i];
        minute->used = true;
    }
    (void)pthread_mutex_unlock(&archive->mutex);
    mem_free(old);
}

void archive_load_hour(struct archive *archive, int64_t hour)
{
    int64_t end = (hour + 1) * 60;

    if (end > archive->minutes[0].minute)
        end = archive->minutes[0].minute;
    (void)load(archive, PERIOD_MONTH, hour * 60, end, archive->hour_tallies);
}

/* What a journal holds, by series of its month. */
struct replay {
    struct tally *tallies;
    size_t end;
    int64_t minute;
    bool used;
};

static void replay_records(struct replay *replay, const struct journal_record *records,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t series = records[i].series;

        if (series == ROWS_NO_SERIES || series > CONFIG_POINTS_MAX * (size_t)8)
            continue;
        if (series >= replay->end) {
            size_t end = series + series / 2 + 64;
            struct tally *grown = mem_array(end, sizeof *grown);

            for (size_t j = 0; j < replay->end; j++)
                grown[j] = replay->tallies[j];
            mem_free(replay->tallies);
            replay->tallies = grown;
            replay->end = end;
        }
        tally_add(&replay->tallies[series], records[i].value);
        replay->used = true;
    }
}

static void read_journal(const char *path, struct replay *replay)
{
    size_t size = 0;
    char *bytes = file_read(path, JOURNAL_FILE_MAX, &size, NULL);
    struct journal_record *records = mem_array(JOURNAL_FRAME_RECORDS, sizeof *records);
    size_t offset = 0;
    size_t count;
    int64_t minute;

    while (bytes != NULL && journal_next((const unsigned char *)bytes, size, &offset,
                                         &minute, records, &count)) {
        if (!replay->used)
            replay->minute = minute;
        if (minute == replay->minute)
            replay_records(replay, records, count);
    }
    mem_free(records);
    mem_free(bytes);
}

/* Merges a journal into its month, once: the id is committed with the rows. */
static int merge(struct archive *archive, struct rows *rows, const struct replay *replay,
                 uint64_t id)
{
    uint64_t written = 0;
    struct err err;
    int result = rows_begin(rows, &err);

    for (size_t i = 0; result == 0 && i < replay->end; i++) {
        if (replay->tallies[i].n == 0)
            continue;
        result = rows_merge(rows, replay->minute, (uint32_t)i, &replay->tallies[i], &err);
        written++;
    }
    if (result == 0)
        result = rows_set_meta(rows, "journal", (int64_t)id, &err);
    if (result == 0)
        result = rows_commit(rows, &err);
    if (result == 0)
        archive_succeeded(archive, written);
    else
        archive_failed(archive, rows, &err);
    return result;
}

/* True when the journal is of no more use. */
static bool replay_one(struct archive *archive, uint64_t id)
{
    struct replay replay = {0};
    char *path = journal_path(archive->folder, id);
    bool done = true;

    read_journal(path, &replay);
    if (replay.used) {
        struct rows *rows =
            archive_file(archive, PERIOD_MONTH, period_of(PERIOD_MONTH, replay.minute));

        done = rows != NULL && (rows_meta(rows, "journal", 0) >= (int64_t)id ||
                                merge(archive, rows, &replay, id) == 0);
    }
    mem_free(replay.tallies);
    mem_free(path);
    return done;
}

void archive_replay(struct archive *archive)
{
    struct rows *rows;
    size_t count;
    uint64_t *ids = journal_list(archive->folder, &count);

    for (size_t i = 0; i < count; i++) {
        if (replay_one(archive, ids[i])) {
            char *path = journal_path(archive->folder, ids[i]);

            (void)unlink(path);
            mem_free(path);
        }
        archive->last_journal = ids[i];
    }
    mem_free(ids);
    rows = archive_file(archive, PERIOD_MONTH,
                        period_of(PERIOD_MONTH, archive->minutes[0].minute));
    if (rows != NULL && rows_meta(rows, "journal", 0) > (int64_t)archive->last_journal)
        archive->last_journal = (uint64_t)rows_meta(rows, "journal", 0);
}

/* Writes one hour from its minutes. */
static int make_up(struct archive *archive, struct rows *rows, int64_t hour)
{
    size_t points = archive->model->point_count;
    struct tally *tallies = mem_array(points, sizeof *tallies);
    struct err err;
    int result;

    (void)load(archive, PERIOD_MONTH, hour * 60, (hour + 1) * 60, tallies);
    result = rows_begin(rows, &err);
    for (size_t i = 0; result == 0 && i < points; i++)
        if (tallies[i].n > 0 && rows_series(rows)[i] != ROWS_NO_SERIES)
            result = rows_put(rows, hour, rows_series(rows)[i], &tallies[i], &err);
    if (result == 0)
        result = rows_set_meta(rows, "until", hour + 1, &err);
    if (result == 0)
        result = rows_commit(rows, &err);
    if (result != 0)
        archive_failed(archive, rows, &err);
    mem_free(tallies);
    return result;
}

void archive_make_up_hours(struct archive *archive, int64_t hour)
{
    int64_t first = hour - ARCHIVE_HOURS_AT_START;
    struct rows *rows = archive_file(archive, PERIOD_YEAR, period_of(PERIOD_YEAR, hour));
    int64_t until = rows == NULL ? hour : rows_meta(rows, "until", first);

    for (int64_t h = until > first ? until : first; h < hour; h++) {
        rows = archive_file(archive, PERIOD_YEAR, period_of(PERIOD_YEAR, h));
        if (rows == NULL || make_up(archive, rows, h) != 0)
            return;
    }
}
