/* store_late.c - samples of minutes that are written already, or not yet due. */
#include "history/store_inner.h"

#include <assert.h>
#include <stdlib.h>

void store_add_late(struct store *store, int64_t minute, uint32_t point, double value)
{
    struct late_sample *last =
        store->late_count > 0 ? &store->late[store->late_count - 1] : NULL;

    if (last != NULL && last->minute == minute && last->point == point) {
        tally_add(&last->tally, value);
        return;
    }
    assert(store->late_count < STORE_LATE_MAX); /* the caller made room */
    last = &store->late[store->late_count];
    *last = (struct late_sample){
        .minute = minute, .point = point, .order = (uint32_t)store->late_count};
    tally_add(&last->tally, value);
    store->late_count++;
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
static void combine(struct store *store)
{
    size_t kept = 0;

    qsort(store->late, store->late_count, sizeof *store->late, by_row);
    for (size_t i = 0; i < store->late_count; i++) {
        struct late_sample *last = kept > 0 ? &store->late[kept - 1] : NULL;

        if (last != NULL && last->minute == store->late[i].minute &&
            last->point == store->late[i].point)
            tally_merge(&last->tally, &store->late[i].tally);
        else
            store->late[kept++] = store->late[i];
    }
    store->late_count = kept;
}

/* The row of one late sample in a kind of file; `scale` minutes make one of its units. */
struct target {
    enum period_kind kind;
    int64_t scale;
};

/* Merges the samples first..end-1, which are of one period, in one transaction. */
static int write_period(struct store *store, const struct target *target, size_t first,
                        size_t end)
{
    int64_t period = period_of(target->kind, store->late[first].minute / target->scale);
    struct rows *rows = store_file(store, target->kind, period);
    struct err err;
    int result;

    if (rows == NULL)
        return -1;
    result = rows_begin(rows, &err);
    for (size_t i = first; result == 0 && i < end; i++) {
        const struct late_sample *late = &store->late[i];
        uint32_t series = rows_series(rows)[late->point];

        if (series != ROWS_NO_SERIES)
            result = rows_merge(rows, late->minute / target->scale, series, &late->tally,
                                &err);
    }
    if (result == 0)
        result = rows_commit(rows, &err);
    if (result == 0)
        store_succeeded(store, end - first);
    else
        store_failed(store, rows, &err);
    return result;
}

/* Writes [first, end) period by period. */
static void write_all(struct store *store, const struct target *target, size_t first,
                      size_t end)
{
    while (first < end) {
        int64_t period =
            period_of(target->kind, store->late[first].minute / target->scale);
        size_t next = first + 1;

        while (next < end && period_of(target->kind, store->late[next].minute /
                                                         target->scale) == period)
            next++;
        if (write_period(store, target, first, next) != 0)
            store_lost(store, next - first);
        first = next;
    }
}

/* Samples up to the present minute belong to hours that are written, or to the tallies
 * of the present one; later ones are found when their minute comes. */
static size_t add_to_hour(struct store *store)
{
    size_t written = 0;

    for (size_t i = 0; i < store->late_count; i++) {
        const struct late_sample *late = &store->late[i];

        if (late->minute / 60 < store->hour)
            written = i + 1;
        else if (late->minute / 60 == store->hour &&
                 late->minute < store->minutes[0].minute)
            tally_merge(&store->hour_tallies[late->point], &late->tally);
    }
    return written;
}

void store_write_late(struct store *store)
{
    static const struct target minutes = {PERIOD_MONTH, 1};
    static const struct target hours = {PERIOD_YEAR, 60};

    if (store->late_count == 0)
        return;
    combine(store);
    write_all(store, &minutes, 0, store->late_count);
    write_all(store, &hours, 0, add_to_hour(store));
    store->late_count = 0;
}
