/* spool_state.c - see spool_state.h. */
#include "history/spool_state.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static struct spool_position end_of(const struct spool_segment *segment)
{
    return (struct spool_position){segment->number, segment->bytes};
}

static bool is_empty(const struct spool_range *range)
{
    return !spool_before(range->start, range->end);
}

static bool touches(const struct spool_range *range, const struct spool_segment *segment)
{
    return !is_empty(range) && spool_before(range->start, end_of(segment)) &&
           spool_before((struct spool_position){segment->number, 0}, range->end);
}

static uint64_t take_lines(struct spool_range *range, uint64_t lines)
{
    if (lines > range->lines)
        lines = range->lines;
    range->lines -= lines;
    return lines;
}

struct spool_segment *spool_state_newest(struct spool_state *state)
{
    return state->writing ? &state->segments[state->count - 1] : NULL;
}

struct spool_segment *spool_state_find(struct spool_state *state, uint64_t number)
{
    size_t low = 0;
    size_t high = state->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (state->segments[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low == state->count ? NULL : &state->segments[low];
}

static void remove_range(struct spool_state *state, size_t index)
{
    struct spool_range *range = &state->cursor.ranges[index];

    memmove(range, range + 1, (state->cursor.count - index - 1) * sizeof *range);
    state->cursor.count--;
}

static void remove_segment(struct spool_state *state, struct spool_segment *segment)
{
    size_t index = (size_t)(segment - state->segments);

    spool_files_retire(state->folder, segment);
    state->bytes -= segment->bytes;
    state->set_aside += segment->damaged ? 1 : 0;
    memmove(segment, segment + 1, (state->count - index - 1) * sizeof *segment);
    state->count--;
}

static bool is_needed(const struct spool_state *state,
                      const struct spool_segment *segment)
{
    if (state->writing && segment == &state->segments[state->count - 1])
        return true;
    for (size_t i = 0; i < state->cursor.count; i++)
        if (touches(&state->cursor.ranges[i], segment))
            return true;
    return touches(&state->fresh, segment);
}

/* Removes a segment that nobody needs. Lines that are left in it were lost to damage. */
static void release(struct spool_state *state, struct spool_segment *segment)
{
    if (is_needed(state, segment))
        return;
    state->damaged += segment->unsent;
    segment->damaged = segment->damaged || segment->unsent > 0;
    remove_segment(state, segment);
}

/* Takes the segment out of a range; returns how many lines were the range's. Where two
 * ranges share a segment only their sum is known, and only the sum is shown. */
static uint64_t cut_out(struct spool_range *range, const struct spool_segment *segment,
                        uint64_t unsent)
{
    bool ends_inside = !spool_before(end_of(segment), range->end);

    if (!touches(range, segment))
        return 0;
    if (range->start.segment < segment->number)
        return take_lines(range, unsent);
    range->start =
        ends_inside ? range->end : (struct spool_position){segment->number + 1, 0};
    return take_lines(range, unsent);
}

/* Throws a segment away with what is unsent in it. */
static void evict(struct spool_state *state, size_t index)
{
    struct spool_segment *segment = &state->segments[index];
    uint64_t unsent = segment->unsent;

    state->dropped += unsent;
    for (size_t i = 0; i < state->cursor.count; i++)
        unsent -= cut_out(&state->cursor.ranges[i], segment, unsent);
    (void)cut_out(&state->fresh, segment, unsent);
    for (size_t i = state->cursor.count; i-- > 0;)
        if (is_empty(&state->cursor.ranges[i]))
            remove_range(state, i);
    remove_segment(state, segment);
}

void spool_state_keep_bounds(struct spool_state *state, uint64_t more,
                             struct mono_time now)
{
    size_t least = state->writing ? 1 : 0;

    while (state->count > least &&
           (state->bytes + more > (uint64_t)state->limits.max_bytes ||
            state->count > SPOOL_SEGMENTS_MAX ||
            !mono_before(now, state->segments[0].expires)))
        evict(state, 0);
}

void spool_state_keep_memory(struct spool_state *state, uint64_t more)
{
    uint64_t bytes = more;

    for (size_t i = state->count; i-- > 0;) {
        if (state->segments[i].memory_fd < 0)
            continue;
        bytes += state->segments[i].bytes;
        if (bytes > SPOOL_MEMORY_BYTES &&
            &state->segments[i] != spool_state_newest(state))
            evict(state, i);
    }
}

void spool_state_begin(struct spool_state *state, struct spool_segment segment)
{
    struct spool_segment *old = spool_state_newest(state);

    if (old != NULL)
        old->expires = mono_add_ms(segment.born, state->limits.max_age_ms);
    if (state->count == state->capacity) {
        state->capacity = state->capacity * 2 + 16;
        state->segments =
            mem_resize(state->segments, state->capacity, sizeof *state->segments);
    }
    assert(state->segments != NULL);
    segment.expires = MONO_NEVER;
    state->segments[state->count++] = segment;
    state->writing = true;
    state->next_number = segment.number + 1;
    if (old != NULL)
        release(state, &state->segments[state->count - 2]);
}

void spool_state_written(struct spool_state *state, uint64_t bytes, uint64_t lines,
                         struct wall_time now, struct mono_time mono)
{
    struct spool_segment *segment = spool_state_newest(state);

    assert(segment != NULL);
    if (state->fresh.lines == 0) {
        state->fresh.start = end_of(segment);
        state->fresh.oldest = now;
        state->fresh_since = mono;
    }
    if (segment->lines == 0)
        segment->first = now;
    segment->last = now;
    segment->bytes += bytes;
    segment->lines += lines;
    segment->unsent += lines;
    state->bytes += bytes;
    state->fresh.end = end_of(segment);
    state->fresh.lines += lines;
}

/* The range that begins where the mark does, or NULL when the bounds took it. */
static struct spool_range *range_at(struct spool_state *state,
                                    struct spool_position start)
{
    if (spool_same(state->fresh.start, start))
        return &state->fresh;
    for (size_t i = 0; i < state->cursor.count; i++)
        if (spool_same(state->cursor.ranges[i].start, start))
            return &state->cursor.ranges[i];
    return NULL;
}

/* Moves the start of a range over segments that are gone or read to their end. */
static void settle(struct spool_state *state, struct spool_range *range)
{
    struct spool_segment *segment = spool_state_find(state, range->start.segment);

    if (segment != NULL && segment != spool_state_newest(state) &&
        !spool_before(range->start, end_of(segment)))
        segment = spool_state_find(state, segment->number + 1);
    if (segment == NULL)
        range->start = range->end;
    else if (segment->number != range->start.segment)
        range->start = (struct spool_position){segment->number, 0};
}

struct spool_range *spool_state_first(struct spool_state *state, enum spool_lane lane)
{
    if (lane == SPOOL_FRESH) {
        settle(state, &state->fresh);
        if (!is_empty(&state->fresh))
            return &state->fresh;
        state->fresh.lines = 0;
        return NULL;
    }
    while (state->cursor.count > 0) {
        settle(state, &state->cursor.ranges[0]);
        if (!is_empty(&state->cursor.ranges[0]))
            return &state->cursor.ranges[0];
        remove_range(state, 0);
    }
    return NULL;
}

uint64_t spool_state_ack(struct spool_state *state, const struct spool_mark *mark)
{
    struct spool_range *range = range_at(state, mark->start);
    struct spool_segment *segment = spool_state_find(state, mark->start.segment);
    uint64_t lines = mark->lines + mark->lost;

    if (range == NULL || segment == NULL || segment->number != mark->start.segment)
        return 0;
    range->start = mark->end;
    range->oldest = mark->time;
    segment->damaged = segment->damaged || mark->damaged;
    state->damaged += mark->lost;
    segment->unsent -= lines < segment->unsent ? lines : segment->unsent;
    (void)take_lines(range, lines);
    if (!is_needed(state, segment)) /* lines that the damage hid are gone, too */
        (void)take_lines(range, segment->unsent);
    if (range == &state->fresh) {
        state->fresh_since = mono_now();
        if (is_empty(range))
            range->lines = 0;
    } else if (is_empty(range)) {
        remove_range(state, (size_t)(range - state->cursor.ranges));
    }
    release(state, segment);
    return mark->lines;
}

void spool_state_skip(struct spool_state *state, bool reading)
{
    struct spool_cursor *cursor = &state->cursor;
    struct spool_range *last =
        cursor->count > 0 ? &cursor->ranges[cursor->count - 1] : NULL;

    if (is_empty(&state->fresh))
        return;
    /* A mark that is out needs the start of its range. */
    if (!reading && last != NULL && spool_same(last->end, state->fresh.start)) {
        last->end = state->fresh.end;
        last->lines += state->fresh.lines;
    } else if (cursor->count < SPOOL_RANGES_MAX - 1) { /* one is for the next start */
        cursor->ranges[cursor->count++] = state->fresh;
    } else {
        return;
    }
    state->fresh.start = state->fresh.end;
    state->fresh.lines = 0;
}

static uint64_t bytes_of(const struct spool_state *state, const struct spool_range *range)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < state->count; i++) {
        const struct spool_segment *segment = &state->segments[i];
        uint64_t from = 0;
        uint64_t to = segment->bytes;

        if (!touches(range, segment))
            continue;
        if (range->start.segment == segment->number)
            from = range->start.offset;
        if (range->end.segment == segment->number)
            to = range->end.offset;
        bytes += to - from;
    }
    return bytes;
}

void spool_state_sum(const struct spool_state *state, struct spool_status *status)
{
    *status = (struct spool_status){
        .fresh_lines = state->fresh.lines,
        .fresh_since = state->fresh_since,
        .lines = state->fresh.lines,
        .bytes = bytes_of(state, &state->fresh),
        .dropped = state->dropped,
        .damaged = state->damaged,
        .set_aside = state->set_aside,
    };
    if (state->fresh.lines > 0)
        status->oldest = state->fresh.oldest;
    for (size_t i = state->cursor.count; i-- > 0;) {
        status->lines += state->cursor.ranges[i].lines;
        status->bytes += bytes_of(state, &state->cursor.ranges[i]);
        status->oldest = state->cursor.ranges[i].oldest;
    }
}
