/* spool_load.c - the part of spool_state.h that finds out what a former process left. */
#include "history/spool_state.h"

#include "base/mem.h"

#include <string.h>

/* How much of its age bound a segment has left. The wall clock is asked only here; a
 * segment from the future counts as new. */
static struct mono_time expiry(const struct spool_segment *segment, int64_t max_age_ms)
{
    int64_t age_ms = wall_diff_ms(wall_now(), segment->last);

    if (age_ms < 0)
        age_ms = 0;
    if (age_ms > max_age_ms)
        age_ms = max_age_ms;
    return mono_add_ms(mono_now(), max_age_ms - age_ms);
}

/* Counts what of the segment is unsent into the range and the segment. */
static void count_in(struct spool_state *state, struct spool_range *range,
                     struct spool_segment *segment)
{
    struct spool_position start = {segment->number, 0};
    struct spool_position end = {segment->number, segment->bytes};
    uint64_t lines;

    if (spool_before(start, range->start))
        start = range->start;
    if (spool_before(range->end, end))
        end = range->end;
    if (!spool_before(start, end))
        return;
    if (start.offset == 0 && end.offset == segment->bytes)
        lines = segment->lines;
    else
        lines =
            spool_files_lines(state->folder, segment->number, start.offset, end.offset);
    if (range->lines == 0)
        range->oldest = segment->first;
    range->lines += lines;
    segment->unsent += lines;
}

/* Keeps a range when there are lines of it. */
static void add_range(struct spool_state *state, struct spool_range range)
{
    for (size_t i = 0; i < state->count; i++)
        count_in(state, &range, &state->segments[i]);
    if (range.lines > 0)
        state->cursor.ranges[state->cursor.count++] = range;
}

static void drop_sent_segments(struct spool_state *state)
{
    size_t kept = 0;

    for (size_t i = 0; i < state->count; i++) {
        struct spool_segment *segment = &state->segments[i];

        if (segment->unsent == 0) {
            spool_files_retire(state->folder, segment);
            state->set_aside += segment->damaged ? 1 : 0;
            continue;
        }
        segment->expires = expiry(segment, state->limits.max_age_ms);
        state->bytes += segment->bytes;
        state->segments[kept++] = *segment;
    }
    state->count = kept;
}

void spool_state_load(struct spool_state *state, const char *folder,
                      struct spool_limits limits, const struct spool_cursor *saved)
{
    struct spool_position fresh = {0, 0};
    struct spool_position end = {0, 0};

    *state = (struct spool_state){.folder = folder, .limits = limits};
    state->segments = spool_files_scan(folder, &state->count, &state->set_aside);
    state->capacity = state->count;
    state->next_number = 1;
    if (state->count > 0) {
        const struct spool_segment *last = &state->segments[state->count - 1];

        end = (struct spool_position){last->number, last->bytes};
        state->next_number = last->number + 1;
    }
    for (size_t i = 0; saved != NULL && i < saved->count; i++)
        add_range(state, saved->ranges[i]);
    if (saved != NULL) {
        fresh = saved->fresh;
        if (saved->fresh.segment >= state->next_number)
            state->next_number = saved->fresh.segment + 1;
    }
    /* Skipping leaves room for this one, but not at two starts in a row: then what was
     * sent between the two is sent again. */
    if (state->cursor.count == SPOOL_RANGES_MAX) {
        fresh = state->cursor.ranges[SPOOL_RANGES_MAX - 1].start;
        state->cursor.count--;
    }
    add_range(state, (struct spool_range){.start = fresh, .end = end});
    state->fresh.start = (struct spool_position){state->next_number, 0};
    state->fresh.end = state->fresh.start;
    drop_sent_segments(state);
}

void spool_state_done(struct spool_state *state)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->segments[i].memory_fd >= 0)
            spool_files_retire(state->folder, &state->segments[i]);
    mem_free(state->segments);
}
