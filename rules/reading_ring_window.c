/* reading_ring_window.c - what a window of a ring holds; see reading_ring.h. */
#include "rules/reading_ring_impl.h"

/* The stretch begins with what was before `from`: the value in force there, for the rest
 * of its hold, or, when there was none, the last known one, so that an edge behind a gap
 * is still seen. */
static void left_edge(struct partial *edge, const struct reading_ring *ring,
                      uint64_t first, int64_t from_ns, struct hold_rule *rule)
{
    struct reading anchor;

    edge->readings = 0;
    if (first == ring->begin)
        return;
    anchor = get(ring, first - 1);
    if (in_force(anchor, from_ns, rule->hold_ns)) {
        partial_start(edge, (struct reading){from_ns, anchor.value, anchor.uncertain});
        edge->count = 0;
        edge->sum = 0;
        if (rule->hold_ns != INT64_MAX)
            rule->hold_ns -= from_ns - anchor.time_ns;
        return;
    }
    for (uint64_t n = first - 1; n > ring->begin && isnan(anchor.value); n--)
        anchor = get(ring, n - 1);
    partial_start(edge, (struct reading){from_ns, NAN, false});
    edge->first_known = edge->last_known = anchor.value;
}

/* The first reading inside a window that begins at `from`, which is not after the newest
 * reading: mostly the one that was first at the last question, or the next. */
static uint64_t first_inside(const struct reading_ring *ring, int64_t from_ns,
                             struct ring_cache *cache)
{
    const struct slot *slots = ring->slots;
    bool onward = cache->found == ring->changes && from_ns >= cache->from_ns &&
                  cache->first >= ring->begin;
    uint64_t first = cache->first;
    size_t slot;

    cache->from_ns = from_ns;
    cache->found = ring->changes;
    if (!onward)
        return ring_after(ring, from_ns, first);
    slot = slot_of(ring, first);
    for (int i = 0; i < BLOCK; i++) { /* it ends: the newest is after `from` */
        if (slots[slot].stamp >> 1 > from_ns)
            return first;
        first++;
        slot = slot + 1 == ring->capacity ? 0 : slot + 1;
    }
    return ring_search(ring, from_ns, first, ring->end);
}

/* Finds the readings in (from, to]. */
static void find_readings(const struct reading_ring *ring, int64_t from_ns, int64_t to_ns,
                          struct ring_cache *cache)
{
    int64_t newest_ns = INT64_MIN;

    if (ring->begin < ring->end)
        newest_ns = time_of(ring, ring->end - 1);
    if (newest_ns <= from_ns) {
        cache->first = ring->end;
        cache->from_ns = from_ns;
        cache->found = ring->changes;
    } else {
        cache->first = first_inside(ring, from_ns, cache);
    }
    cache->end = newest_ns <= to_ns ? ring->end : ring_after(ring, to_ns, cache->end);
}

void reading_ring_window(struct reading_ring *ring, int64_t from_ns, int64_t to_ns,
                         struct ring_cache *cache, struct window_stats *stats)
{
    struct hold_rule rule = ring->rule;
    struct partial *sum = &stats->sum;

    find_readings(ring, from_ns, to_ns, cache);
    stats->length_ns = to_ns - from_ns;
    stats->truncated =
        ring->lost && cache->first == ring->begin && cache->end > cache->first;
    if (stats->truncated) {
        from_ns = time_of(ring, ring->begin);
        cache->first++;
        cache->from_ns = INT64_MAX; /* it is not where the window should begin */
    }
    left_edge(sum, ring, cache->first, from_ns, &rule);
    stats->left = sum->readings == 0 ? NAN : sum->last;
    if (cache->first < cache->end) {
        /* The value at the edge has less of its hold left than those that follow. */
        partial_extend(sum, time_of(ring, cache->first), rule);
        sum->last_ns = time_of(ring, cache->first);
        rule = ring->rule;
        ring_sum_up(ring, cache, sum);
    }
    partial_extend(sum, to_ns, rule);
    stats->right = NAN;
    if (cache->end > ring->begin) {
        struct reading last = get(ring, cache->end - 1);

        if (in_force(last, to_ns, ring->rule.hold_ns))
            stats->right = last.value;
    }
}

void reading_ring_tail(struct reading_ring *ring, uint32_t count, int64_t to_ns,
                       struct ring_cache *cache, struct window_stats *stats)
{
    uint64_t end = ring_after(ring, to_ns, cache->end);
    uint64_t first = end;
    uint32_t seen = 0;

    *stats = (struct window_stats){.left = NAN, .right = NAN};
    while (first > ring->begin && seen < count) {
        first--;
        seen += isnan(get(ring, first).value) ? 0 : 1;
    }
    cache->first = first;
    cache->end = end;
    for (uint64_t n = first; n < end; n++) {
        struct reading reading = get(ring, n);

        if (!isnan(reading.value))
            partial_add(&stats->sum, reading, ring->rule, cache->needs);
    }
    if (stats->sum.readings == 0)
        return;
    stats->left = stats->sum.first_known;
    stats->length_ns = stats->sum.last_ns - stats->sum.first_ns;
    if (in_force(get(ring, end - 1), to_ns, ring->rule.hold_ns))
        stats->right = get(ring, end - 1).value;
}
