/* archive_late.c - samples of minutes that are written already, or not yet due. */
#include "history/archive_inner.h"

#include <assert.h>
#include <stdlib.h>

void archive_add_late(struct archive *archive, int64_t minute, uint32_t point,
                      double value)
{
    struct late_sample *next = archive->late + archive->late_count;
    struct late_sample *last = next - 1;

    if (archive->late_count > 0 && last->minute == minute && last->point == point) {
        tally_add(&last->tally, value);
        return;
    }
    assert(archive->late_count < ARCHIVE_LATE_MAX); /* the caller made room */
    *next = (struct late_sample){
        .minute = minute, .point = point, .order = (uint32_t)archive->late_count};
    tally_add(&next->tally, value);
    archive->late_count++;
}

/* By minute and point, and in the order in which they came. */
static int by_row(const void *a, const void *b)
{
    const struct late_sample *left = a;
    const struct late_sample *right = b;

    if (left->minute != right->minute)
        return left->minute < right->minute ? -1 : 1;
    if (left->point != right->point)
        return left->point < right->point ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

/* Puts samples of the same row together. */
static void combine(struct archive *archive)
{
    size_t kept = 0;

    qsort(archive->late, archive->late_count, sizeof *archive->late, by_row);
    for (size_t i = 0; i < archive->late_count; i++) {
        struct late_sample *last = archive->late + kept - 1;

        if (kept > 0 && last->minute == archive->late[i].minute &&
            last->point == archive->late[i].point)
            tally_merge(&last->tally, &archive->late[i].tally);
        else
            archive->late[kept++] = archive->late[i];
    }
    archive->late_count = kept;
}

/* The row of one late sample in a kind of file; `scale` minutes make one of its units. */
struct target {
    enum period_kind kind;
    int64_t scale;
};

/* Merges the samples first..end-1, which are of one period, in one transaction. */
static int write_period(struct archive *archive, const struct target *target,
                        size_t first, size_t end)
{
    int64_t period = period_of(target->kind, archive->late[first].minute / target->scale);
    struct rows *rows = archive_file(archive, target->kind, period);
    struct err err;
    int result;

    if (rows == NULL)
        return -1;
    result = rows_begin(rows, &err);
    for (size_t i = first; result == 0 && i < end; i++) {
        const struct late_sample *late = &archive->late[i];
        uint32_t series = rows_series(rows)[late->point];

        if (series != ROWS_NO_SERIES)
            result = rows_merge(rows, late->minute / target->scale, series, &late->tally,
                                &err);
    }
    if (result == 0)
        result = rows_commit(rows, &err);
    if (result == 0)
        archive_succeeded(archive, end - first);
    else
        archive_failed(archive, rows, &err);
    return result;
}

/* Writes [first, end) period by period. */
static void write_all(struct archive *archive, const struct target *target, size_t first,
                      size_t end)
{
    while (first < end) {
        int64_t period =
            period_of(target->kind, archive->late[first].minute / target->scale);
        size_t next = first + 1;

        while (next < end && period_of(target->kind, archive->late[next].minute /
                                                         target->scale) == period)
            next++;
        if (write_period(archive, target, first, next) != 0)
            archive_lost(archive, next - first);
        first = next;
    }
}

/* Samples up to the present minute belong to hours that are written, or to the tallies
 * of the present one; later ones are found when their minute comes. */
static size_t add_to_hour(struct archive *archive)
{
    size_t written = 0;

    for (size_t i = 0; i < archive->late_count; i++) {
        const struct late_sample *late = &archive->late[i];

        if (late->minute / 60 < archive->hour)
            written = i + 1;
        else if (late->minute / 60 == archive->hour &&
                 late->minute < archive->minutes[0].minute)
            tally_merge(&archive->hour_tallies[late->point], &late->tally);
    }
    return written;
}

void archive_write_late(struct archive *archive)
{
    static const struct target minutes = {PERIOD_MONTH, 1};
    static const struct target hours = {PERIOD_YEAR, 60};

    if (archive->late_count == 0)
        return;
    combine(archive);
    write_all(archive, &minutes, 0, archive->late_count);
    write_all(archive, &hours, 0, add_to_hour(archive));
    archive->late_count = 0;
}
