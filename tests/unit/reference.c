/* reference.c - what the reference keeps, and what is in force; see reference.h. */
#include "tests/unit/reference.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum {
    ROOM = 64,  /* readings at first */
    BEFORE = 3, /* readings before a window that may decide what it begins with */
};

void ref_open(struct reference *ref, const struct config *config, const struct tz *tz,
              int64_t start_ns)
{
    *ref = (struct reference){
        .config = config, .model = config->model, .tz = tz, .start_ns = start_ns};
    ref->series = mem_array(ref->model->point_count, sizeof *ref->series);
    ref->kept = mem_array(ref->model->point_count, sizeof *ref->kept);
    for (size_t i = 0; i < ref->model->point_count; i++) {
        ref->series[i] = (struct ref_series){.point = &ref->model->points[i],
                                             .room = ROOM,
                                             .quality = QUALITY_BAD,
                                             .reason = REASON_STARTUP};
        ref->kept[i] = ref->series[i];
        ref->series[i].rows = mem_array(ROOM, sizeof *ref->series->rows);
        ref->kept[i].rows = mem_array(ROOM, sizeof *ref->kept->rows);
    }
}

void ref_close(struct reference *ref)
{
    for (size_t i = 0; i < ref->model->point_count; i++) {
        mem_free(ref->series[i].rows);
        mem_free(ref->kept[i].rows);
    }
    for (size_t i = 0; i < ref->truth_count; i++)
        mem_free(ref->truths[i].moments);
    mem_free(ref->series);
    mem_free(ref->kept);
    mem_free(ref->truths);
}

/* Puts a row in its place; one at the same time as another replaces it. */
static void insert(struct ref_series *series, struct ref_reading row)
{
    size_t place = series->count;

    while (place > 0 && series->rows[place - 1].time_ns > row.time_ns)
        place--;
    row.late = place < series->count;
    for (size_t i = place; i < series->count; i++)
        row.behind = row.behind || series->rows[i].read;
    if (place > 0 && series->rows[place - 1].time_ns == row.time_ns) {
        /* Whether the first of them came in order. */
        row.late = series->rows[place - 1].late;
        row.behind = series->rows[place - 1].behind;
        if (series->rows[place - 1].read && (place < series->count || row.gap))
            row.in_order = series->rows[place - 1].in_order;
        if (!row.read) {
            row.last = series->rows[place - 1].last;
            row.last_uncertain = series->rows[place - 1].last_uncertain;
        }
        row.read = row.read || series->rows[place - 1].read;
        series->rows[place - 1] = row;
        return;
    }
    if (series->count == series->room) {
        series->room *= 2;
        series->rows = mem_resize(series->rows, series->room, sizeof *series->rows);
    }
    memmove(&series->rows[place + 1], &series->rows[place],
            (series->count - place) * sizeof *series->rows);
    series->rows[place] = row;
    series->count++;
}

/* "Inside `lateness` (2 polls, at least 5 s) it is inserted; older data goes to history
 * only." */
static bool in_time(const struct point *point, int64_t event_ns, int64_t arrived_ns)
{
    int64_t lateness_ns = 2 * point->period_ms * CLOCK_MS;

    if (lateness_ns < 5 * CLOCK_S)
        lateness_ns = 5 * CLOCK_S;
    return arrived_ns - event_ns <= lateness_ns;
}

/* The newest row that is not after `at`, or NULL. */
static const struct ref_reading *newest(const struct ref_series *series, int64_t at_ns)
{
    size_t low = 0;
    size_t high = series->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (series->rows[middle].time_ns <= at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? NULL : &series->rows[low - 1];
}

/* A long window keeps the first of two readings at one time, a break comes just behind;
 * one that is late counts beside what was there. */
static void keep(struct reference *ref, struct ref_reading row, uint32_t point)
{
    struct ref_series *kept = &ref->kept[point];
    const struct ref_reading *last = newest(kept, row.time_ns);

    if (last != NULL && last->time_ns == row.time_ns) {
        if (last == &kept->rows[kept->count - 1] && !row.gap)
            return;
        row.time_ns++;
    }
    insert(kept, row);
}

void ref_put(struct reference *ref, const struct sample *sample, int64_t event_ns,
             int64_t arrived_ns)
{
    struct ref_series *series = &ref->series[sample->point];
    struct ref_reading row = {.time_ns = event_ns,
                              .wall_ns = sample->time.ns,
                              .value = sample->value,
                              .in_order = sample->value,
                              .last = sample->value,
                              .uncertain = sample->quality == QUALITY_UNCERTAIN,
                              .last_uncertain = sample->quality == QUALITY_UNCERTAIN};
    uint8_t quality = sample->quality;
    uint8_t reason = sample->reason;

    if (quality != QUALITY_BAD && !isfinite(sample->value)) {
        quality = QUALITY_BAD;
        reason = REASON_RANGE;
    }
    /* Something was heard, even if it is of no use any more. */
    series->heard = true;
    series->heard_ns = arrived_ns;
    if (!in_time(series->point, event_ns, arrived_ns))
        return;
    /* What is older than the newest reading says nothing about now. */
    if (series->count == 0 || event_ns >= series->rows[series->count - 1].time_ns) {
        series->quality = quality;
        series->reason = reason;
        series->raw = sample->value;
        ref->kept[sample->point].heard = true;
        ref->kept[sample->point].quality = quality;
        ref->kept[sample->point].reason = reason;
    }
    row.read = quality != QUALITY_BAD;
    if (quality == QUALITY_BAD) {
        if (series->point->stale_after_ms > 0)
            return;
        /* Reports on change: nothing else ends what is in force. */
        row.gap = true;
        row.value = 0;
    }
    insert(series, row);
    keep(ref, row, sample->point);
}

const struct ref_reading *ref_in_force(const struct ref_series *series, int64_t at_ns)
{
    const struct ref_reading *row = newest(series, at_ns);
    int64_t hold_ns = series->point->stale_after_ms * CLOCK_MS;

    if (row == NULL || row->gap)
        return NULL;
    if (hold_ns > 0 && at_ns - row->time_ns > hold_ns)
        return NULL;
    return row;
}

int64_t ref_until(const struct ref_series *series, const struct ref_reading *row)
{
    int64_t hold_ns = series->point->stale_after_ms * CLOCK_MS;
    int64_t until = INT64_MAX;

    if (row + 1 < series->rows + series->count)
        until = row[1].time_ns;
    if (hold_ns > 0 && until > row->time_ns + hold_ns)
        until = row->time_ns + hold_ns;
    return until;
}

static uint32_t why_bad(uint8_t reason)
{
    switch (reason) {
    case REASON_STARTUP:
        return WHY_STARTUP;
    case REASON_STALE:
        return WHY_STALE;
    case REASON_CONNECT:
    case REASON_TIMEOUT:
    case REASON_PROTOCOL:
    case REASON_OFFLINE:
        return WHY_COMM;
    case REASON_RANGE:
        return WHY_RANGE;
    default:
        return WHY_BAD;
    }
}

uint32_t ref_why(const struct reference *ref, const struct ref_series *series,
                 int64_t now_ns)
{
    int64_t patience_ns = series->point->stale_after_ms * CLOCK_MS;

    if (series->heard && series->quality == QUALITY_BAD)
        return why_bad(series->reason);
    if (series->count > 0)
        return WHY_STALE;
    if (patience_ns == 0 || now_ns - ref->start_ns <= patience_ns)
        return WHY_STARTUP;
    return WHY_MISSING;
}

enum {
    EXACT_READINGS = 1024, /* longer windows are kept in parts */
    PARTS = 120,
    PARTS_MAX = 1024, /* of a short window long ago */
};

static int64_t edge_before(int64_t time_ns, int64_t part_ns)
{
    int64_t behind = time_ns % part_ns;

    return time_ns - (behind < 0 ? behind + part_ns : behind);
}

/* The edges of a window that is kept in parts are those of its parts, each of which
 * begins with its left edge. */
static void round_edges(struct ref_window *window, int64_t length_ns, int64_t ago_ns)
{
    int64_t part_ns = length_ns / PARTS;
    int64_t least_ns = (length_ns + ago_ns) / (PARTS_MAX - 3) + 1;

    if (part_ns < least_ns)
        part_ns = least_ns;
    window->rounded = true;
    window->from_ns = edge_before(window->from_ns, part_ns) - 1;
    if (ago_ns > 0)
        window->to_ns = edge_before(window->to_ns, part_ns) - 1;
}

static void last_samples(struct ref_window *window, const struct ref_series *series,
                         int64_t to_ns)
{
    const struct ref_reading *row = newest(series, to_ns);

    window->to_ns = to_ns;
    if (row == NULL)
        return;
    window->right = ref_in_force(series, to_ns);
    for (; row >= series->rows && window->count < window->samples; row--) {
        window->in = row;
        window->in_count++;
        window->count += !row->gap;
    }
    window->from_ns = window->in->time_ns;
}

void ref_window(struct ref_window *window, const struct reference *ref,
                const struct ref_series *series, const struct ast_node *spec,
                int64_t now_ns)
{
    int64_t length_ns = (int64_t)llround(spec->number * 1e9);
    int64_t ago_ns = (int64_t)llround(spec->ago_s * 1e9);
    int64_t period_ms = series->point->period_ms > 0 ? series->point->period_ms : 4000;
    const struct ref_reading *row;

    *window = (struct ref_window){
        .series = series, .samples = spec->samples, .in = series->rows};
    if (spec->samples > 0) {
        last_samples(window, series, now_ns - ago_ns);
        return;
    }
    window->past = ago_ns > 0;
    window->to_ns = now_ns - ago_ns;
    window->from_ns = window->to_ns - length_ns;
    window->before = window->from_ns < ref->start_ns;
    if ((length_ns + ago_ns) / (period_ms * CLOCK_MS) + 1 > EXACT_READINGS)
        round_edges(window, length_ns, ago_ns);
    if (window->rounded)
        window->series = series = &ref->kept[series - ref->series];
    window->left = ref_in_force(series, window->from_ns);
    window->right = ref_in_force(series, window->to_ns);
    row = newest(series, window->from_ns);
    row = row == NULL ? series->rows : row + 1;
    window->in = row;
    for (; row < series->rows + series->count && row->time_ns <= window->to_ns; row++) {
        window->in_count++;
        window->count += !row->gap;
        window->late += row->late;
    }
    for (row = window->in; row > series->rows && window->in - row < BEFORE; row--)
        window->late += row[-1].late;
}
