/* live.c - see live.h. */
#include "telemetry/live.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct live {
    size_t points; /* fixed after new */
    pthread_mutex_t mutex;

    /* guarded by mutex */
    struct live_cell *cells;
    char **texts; /* NULL until a text arrives */
    uint64_t sequence;
    struct wall_time now; /* as last told */
};

struct live *live_new(size_t points)
{
    struct live *live = mem_alloc(sizeof *live);

    live->points = points;
    live->now = (struct wall_time){INT64_MAX}; /* until told, every stamp is believed */
    live->cells = mem_array(points, sizeof *live->cells);
    live->texts = mem_array(points, sizeof *live->texts);
    for (size_t i = 0; i < points; i++)
        live->cells[i].last = (struct sample){
            .point = (uint32_t)i, .quality = QUALITY_BAD, .reason = REASON_STARTUP};
    (void)pthread_mutex_init(&live->mutex, NULL);
    return live;
}

void live_free(struct live *live)
{
    if (live == NULL)
        return;
    for (size_t i = 0; i < live->points; i++)
        mem_free(live->texts[i]);
    (void)pthread_mutex_destroy(&live->mutex);
    mem_free(live->texts);
    mem_free(live->cells);
    mem_free(live);
}

/* The caller holds the mutex. */
static bool put_one(struct live *live, const struct sample *sample)
{
    struct live_cell *cell = &live->cells[sample->point];

    if (sample->quality != QUALITY_BAD && sample->time.ns < cell->good_time.ns &&
        cell->good_time.ns <= live->now.ns)
        return false;
    cell->last = *sample;
    cell->sequence = ++live->sequence;
    if (sample->quality != QUALITY_BAD) {
        if (cell->good_time.ns == 0 || cell->good_value != sample->value)
            cell->same_since = sample->time;
        cell->good_time = sample->time;
        cell->good_value = sample->value;
    }
    return true;
}

void live_clock(struct live *live, struct wall_time now)
{
    (void)pthread_mutex_lock(&live->mutex);
    live->now = now;
    (void)pthread_mutex_unlock(&live->mutex);
}

void live_put(struct live *live, const struct sample *samples, size_t count,
              bool *accepted)
{
    (void)pthread_mutex_lock(&live->mutex);
    for (size_t i = 0; i < count; i++) {
        bool stored;

        assert(samples[i].point < live->points);
        stored = put_one(live, &samples[i]);
        if (accepted != NULL)
            accepted[i] = stored;
    }
    (void)pthread_mutex_unlock(&live->mutex);
}

void live_put_text(struct live *live, uint32_t point, const char *text)
{
    assert(point < live->points);
    (void)pthread_mutex_lock(&live->mutex);
    if (live->texts[point] == NULL)
        live->texts[point] = mem_alloc(LIVE_TEXT_MAX);
    (void)snprintf(live->texts[point], LIVE_TEXT_MAX, "%s", text);
    (void)pthread_mutex_unlock(&live->mutex);
}

void live_get(struct live *live, uint32_t first, size_t count, struct live_cell *cells)
{
    assert(first <= live->points && count <= live->points - first);
    (void)pthread_mutex_lock(&live->mutex);
    memcpy(cells, live->cells + first, count * sizeof *cells);
    (void)pthread_mutex_unlock(&live->mutex);
}

void live_get_text(struct live *live, uint32_t point, char text[LIVE_TEXT_MAX])
{
    assert(point < live->points);
    (void)pthread_mutex_lock(&live->mutex);
    (void)snprintf(text, LIVE_TEXT_MAX, "%s",
                   live->texts[point] == NULL ? "" : live->texts[point]);
    (void)pthread_mutex_unlock(&live->mutex);
}

uint64_t live_sequence(struct live *live)
{
    uint64_t sequence;

    (void)pthread_mutex_lock(&live->mutex);
    sequence = live->sequence;
    (void)pthread_mutex_unlock(&live->mutex);
    return sequence;
}

size_t live_changes(struct live *live, uint64_t *sequence, uint32_t *points, size_t max)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&live->mutex);
    if (live->sequence != *sequence)
        for (size_t i = 0; i < live->points && count < max; i++)
            if (live->cells[i].sequence > *sequence)
                points[count++] = (uint32_t)i;
    *sequence = live->sequence;
    (void)pthread_mutex_unlock(&live->mutex);
    return count;
}

enum quality live_quality(const struct live_cell *cell, const struct point *point,
                          struct mono_time now, enum reason *reason)
{
    bool stale = point->stale_after_ms > 0 && cell->last.quality != QUALITY_BAD &&
                 mono_diff_ms(now, cell->last.mono) > point->stale_after_ms;

    *reason = stale ? REASON_STALE : (enum reason)cell->last.reason;
    return stale ? QUALITY_BAD : (enum quality)cell->last.quality;
}
