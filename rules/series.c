/* series.c - see series.h. Readings are addressed by their offset from the oldest. Blocks
 * are whole runs of slots; the ring is a whole number of blocks, so no block wraps. */
#include "rules/series.h"

#include "base/mem.h"

#include <math.h>

struct series {
    struct hold_rule rule;
    size_t capacity;
    size_t tail;  /* slot of the oldest reading */
    size_t count; /* readings kept */
    bool lost;    /* a reading was pushed out */
    struct partial *blocks;
    bool *ready; /* blocks[i] is what its slots hold now */
    struct reading slots[];
};

struct series *series_new(size_t readings, struct hold_rule rule)
{
    size_t blocks = readings / SERIES_BLOCK + 1;
    size_t capacity = blocks * SERIES_BLOCK;
    struct series *series = mem_alloc(sizeof *series + capacity * sizeof(struct reading));

    series->rule = rule;
    series->capacity = capacity;
    series->blocks = mem_array(blocks, sizeof *series->blocks);
    series->ready = mem_array(blocks, sizeof *series->ready);
    return series;
}

void series_free(struct series *series)
{
    if (series == NULL)
        return;
    mem_free(series->blocks);
    mem_free(series->ready);
    mem_free(series);
}

size_t series_memory(const struct series *series)
{
    return sizeof *series + series->capacity * sizeof(struct reading) +
           series->capacity / SERIES_BLOCK *
               (sizeof *series->blocks + sizeof *series->ready);
}

static size_t slot_of(const struct series *series, size_t offset)
{
    size_t slot = series->tail + offset;

    return slot >= series->capacity ? slot - series->capacity : slot;
}

static const struct reading *get(const struct series *series, size_t offset)
{
    return &series->slots[slot_of(series, offset)];
}

static void set(struct series *series, size_t offset, struct reading reading)
{
    size_t slot = slot_of(series, offset);

    series->slots[slot] = reading;
    series->ready[slot / SERIES_BLOCK] = false;
}

/* The first offset whose reading is after `time`. */
static size_t after(const struct series *series, int64_t time_ns)
{
    size_t low = 0;
    size_t high = series->count;

    /* Most questions are about now. */
    if (high > 0 && get(series, high - 1)->time_ns <= time_ns)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (get(series, middle)->time_ns > time_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void series_put(struct series *series, struct reading reading)
{
    size_t place = after(series, reading.time_ns);

    if (place > 0 && get(series, place - 1)->time_ns == reading.time_ns) {
        set(series, place - 1, reading);
        return;
    }
    if (series->count == series->capacity) {
        if (place == 0)
            return;
        series->tail = slot_of(series, 1);
        series->count--;
        series->lost = true;
        place--;
    }
    for (size_t i = series->count; i > place; i--)
        set(series, i, *get(series, i - 1));
    set(series, place, reading);
    series->count++;
}

static const struct partial *block(struct series *series, size_t index)
{
    if (!series->ready[index]) {
        struct partial sum = {0};

        for (size_t i = 0; i < SERIES_BLOCK; i++) {
            struct partial one = partial_of(series->slots[index * SERIES_BLOCK + i]);

            sum = partial_merge(&sum, &one, series->rule);
        }
        series->blocks[index] = sum;
        series->ready[index] = true;
    }
    return &series->blocks[index];
}

/* Merges the readings at [from, to), whole blocks at once. */
static struct partial merge_range(struct series *series, size_t from, size_t to)
{
    struct partial sum = {0};

    while (from < to) {
        size_t slot = slot_of(series, from);

        if (slot % SERIES_BLOCK == 0 && to - from >= SERIES_BLOCK) {
            sum = partial_merge(&sum, block(series, slot / SERIES_BLOCK), series->rule);
            from += SERIES_BLOCK;
        } else {
            partial_add(&sum, series->slots[slot], series->rule);
            from++;
        }
    }
    return sum;
}

static bool in_force(const struct reading *reading, int64_t time_ns, int64_t hold_ns)
{
    return !isnan(reading->value) && time_ns - reading->time_ns <= hold_ns;
}

/* The stretch begins with what was before `from`: the value in force there, for the rest
 * of its hold, or, when there was none, the last known one, so that an edge behind a gap
 * is still seen. */
static struct partial left_edge(const struct series *series, size_t first,
                                int64_t from_ns, struct hold_rule *rule)
{
    const struct reading *anchor;
    struct partial edge = {0};

    if (first == 0)
        return edge;
    anchor = get(series, first - 1);
    if (in_force(anchor, from_ns, rule->hold_ns)) {
        edge = partial_of((struct reading){from_ns, anchor->value, anchor->uncertain});
        edge.count = 0;
        edge.sum = 0;
        if (rule->hold_ns != INT64_MAX)
            rule->hold_ns -= from_ns - anchor->time_ns;
        return edge;
    }
    if (isnan(anchor->value) && first > 1)
        anchor = get(series, first - 2);
    edge = partial_of((struct reading){from_ns, NAN, false});
    edge.first_known = edge.last_known = anchor->value;
    return edge;
}

struct window_stats series_window(struct series *series, int64_t from_ns, int64_t to_ns)
{
    struct window_stats stats = {.right = NAN};
    struct hold_rule edge_rule = series->rule;
    size_t first = after(series, from_ns);
    size_t end = after(series, to_ns);
    struct partial edge;
    struct partial inside;

    if (series->lost && first == 0 && end > 0) {
        stats.truncated = true;
        from_ns = get(series, 0)->time_ns;
        first = 1;
    }
    stats.length_ns = to_ns - from_ns;
    edge = left_edge(series, first, from_ns, &edge_rule);
    stats.left = edge.readings == 0 ? NAN : edge.last;
    inside = merge_range(series, first, end);
    partial_extend(&inside, to_ns, series->rule);
    if (inside.readings == 0)
        partial_extend(&edge, to_ns, edge_rule);
    stats.sum = partial_merge(&edge, &inside, edge_rule);
    if (end > 0 && in_force(get(series, end - 1), to_ns, series->rule.hold_ns))
        stats.right = get(series, end - 1)->value;
    return stats;
}

bool series_back(const struct series *series, uint32_t n, int64_t to_ns,
                 struct reading *reading)
{
    for (size_t i = after(series, to_ns); i > 0; i--) {
        const struct reading *candidate = get(series, i - 1);

        if (isnan(candidate->value))
            continue;
        if (n == 0) {
            *reading = *candidate;
            return true;
        }
        n--;
    }
    return false;
}

struct window_stats series_tail(const struct series *series, uint32_t count,
                                int64_t to_ns)
{
    struct window_stats stats = {.left = NAN, .right = NAN};
    size_t end = after(series, to_ns);
    size_t first = end;
    uint32_t seen = 0;

    while (first > 0 && seen < count) {
        first--;
        if (!isnan(get(series, first)->value))
            seen++;
    }
    for (size_t i = first; i < end; i++)
        if (!isnan(get(series, i)->value))
            partial_add(&stats.sum, *get(series, i), series->rule);
    if (stats.sum.readings == 0)
        return stats;
    stats.left = stats.sum.first_known;
    stats.length_ns = stats.sum.last_ns - stats.sum.first_ns;
    if (in_force(get(series, end - 1), to_ns, series->rule.hold_ns))
        stats.right = get(series, end - 1)->value;
    return stats;
}

int64_t series_zero_until(const struct series *series, int64_t to_ns)
{
    size_t end = after(series, to_ns);

    for (size_t i = end; i > 0; i--) {
        const struct reading *reading = get(series, i - 1);
        int64_t until = i < end ? get(series, i)->time_ns : to_ns;

        if (reading->value != 0) /* NaN as well */
            continue;
        if (until - reading->time_ns > series->rule.hold_ns)
            until = reading->time_ns + series->rule.hold_ns;
        return until;
    }
    return INT64_MIN;
}
