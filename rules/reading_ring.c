/* reading_ring.c - see reading_ring.h. Readings are addressed by their offset from the
 * oldest. Blocks are whole runs of slots; the ring is a whole number of blocks, so no
 * block wraps. */
#include "rules/reading_ring.h"

#include "base/mem.h"

#include <math.h>

struct reading_ring {
    struct hold_rule rule;
    size_t capacity;
    size_t tail;      /* slot of the oldest reading */
    size_t count;     /* readings kept */
    bool lost;        /* a reading was pushed out */
    uint64_t changes; /* of closed blocks; what caches compare */
    struct partial *blocks;
    bool *ready; /* blocks[i] is what its slots hold now */
    struct reading slots[];
};

struct reading_ring *reading_ring_new(size_t readings, struct hold_rule rule)
{
    size_t blocks = readings / READING_RING_BLOCK + 1;
    size_t capacity = blocks * READING_RING_BLOCK;
    struct reading_ring *ring =
        mem_alloc(sizeof *ring + capacity * sizeof(struct reading));

    ring->rule = rule;
    ring->capacity = capacity;
    ring->blocks = mem_array(blocks, sizeof *ring->blocks);
    ring->ready = mem_array(blocks, sizeof *ring->ready);
    return ring;
}

void reading_ring_free(struct reading_ring *ring)
{
    if (ring == NULL)
        return;
    mem_free(ring->blocks);
    mem_free(ring->ready);
    mem_free(ring);
}

size_t reading_ring_memory(const struct reading_ring *ring)
{
    return sizeof *ring + ring->capacity * sizeof(struct reading) +
           ring->capacity / READING_RING_BLOCK *
               (sizeof *ring->blocks + sizeof *ring->ready);
}

static size_t slot_of(const struct reading_ring *ring, size_t offset)
{
    size_t slot = ring->tail + offset;

    return slot >= ring->capacity ? slot - ring->capacity : slot;
}

static const struct reading *get(const struct reading_ring *ring, size_t offset)
{
    return &ring->slots[slot_of(ring, offset)];
}

static void set(struct reading_ring *ring, size_t offset, struct reading reading)
{
    size_t slot = slot_of(ring, offset);

    ring->slots[slot] = reading;
    if (ring->ready[slot / READING_RING_BLOCK]) {
        ring->ready[slot / READING_RING_BLOCK] = false;
        ring->changes++;
    }
}

/* The first offset whose reading is after `time`. */
static size_t after(const struct reading_ring *ring, int64_t time_ns)
{
    size_t low = 0;
    size_t high = ring->count;

    /* Most questions are about now. */
    if (high > 0 && get(ring, high - 1)->time_ns <= time_ns)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (get(ring, middle)->time_ns > time_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void reading_ring_put(struct reading_ring *ring, struct reading reading)
{
    size_t place = after(ring, reading.time_ns);

    if (place > 0 && get(ring, place - 1)->time_ns == reading.time_ns) {
        set(ring, place - 1, reading);
        return;
    }
    if (ring->count == ring->capacity) {
        if (place == 0)
            return;
        ring->tail = slot_of(ring, 1);
        ring->count--;
        ring->lost = true;
        place--;
    }
    for (size_t i = ring->count; i > place; i--)
        set(ring, i, *get(ring, i - 1));
    set(ring, place, reading);
    ring->count++;
}

static const struct partial *block(struct reading_ring *ring, size_t index)
{
    if (!ring->ready[index]) {
        struct partial sum = {0};

        for (size_t i = 0; i < READING_RING_BLOCK; i++)
            partial_add(&sum, ring->slots[index * READING_RING_BLOCK + i], ring->rule);
        ring->blocks[index] = sum;
        ring->ready[index] = true;
    }
    return &ring->blocks[index];
}

/* Adds the readings at [from, to) one by one. */
static void add_readings(const struct reading_ring *ring, struct partial *sum,
                         size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        partial_add(sum, *get(ring, i), ring->rule);
}

/* The whole blocks of [from, to); they change only now and then, so their sum is kept. */
static const struct partial *middle(struct reading_ring *ring, size_t from, size_t to,
                                    struct ring_cache *cache)
{
    size_t first = slot_of(ring, from) / READING_RING_BLOCK;
    size_t count = (to - from) / READING_RING_BLOCK;
    size_t blocks = ring->capacity / READING_RING_BLOCK;

    if (cache->ready && cache->changes == ring->changes && cache->first == first &&
        cache->count == count)
        return &cache->sum;
    cache->sum = (struct partial){0};
    for (size_t i = 0; i < count; i++)
        partial_append(&cache->sum, block(ring, (first + i) % blocks), ring->rule);
    cache->ready = true;
    cache->changes = ring->changes;
    cache->first = first;
    cache->count = count;
    return &cache->sum;
}

/* What the readings at [from, to) amount to. */
static struct partial sum_up(struct reading_ring *ring, size_t from, size_t to,
                             struct ring_cache *cache)
{
    size_t into = slot_of(ring, from) % READING_RING_BLOCK;
    size_t first = into == 0 ? from : from + READING_RING_BLOCK - into;
    size_t whole =
        first < to ? (to - first) / READING_RING_BLOCK * READING_RING_BLOCK : 0;
    struct partial sum = {0};

    if (whole == 0) {
        add_readings(ring, &sum, from, to);
        return sum;
    }
    add_readings(ring, &sum, from, first);
    partial_append(&sum, middle(ring, first, first + whole, cache), ring->rule);
    add_readings(ring, &sum, first + whole, to);
    return sum;
}

static bool in_force(const struct reading *reading, int64_t time_ns, int64_t hold_ns)
{
    return !isnan(reading->value) && time_ns - reading->time_ns <= hold_ns;
}

/* The stretch begins with what was before `from`: the value in force there, for the rest
 * of its hold, or, when there was none, the last known one, so that an edge behind a gap
 * is still seen. */
static struct partial left_edge(const struct reading_ring *ring, size_t first,
                                int64_t from_ns, struct hold_rule *rule)
{
    const struct reading *anchor;
    struct partial edge = {0};

    if (first == 0)
        return edge;
    anchor = get(ring, first - 1);
    if (in_force(anchor, from_ns, rule->hold_ns)) {
        edge = partial_of((struct reading){from_ns, anchor->value, anchor->uncertain});
        edge.count = 0;
        edge.sum = 0;
        if (rule->hold_ns != INT64_MAX)
            rule->hold_ns -= from_ns - anchor->time_ns;
        return edge;
    }
    for (size_t i = first - 1; i > 0 && isnan(anchor->value); i--)
        anchor = get(ring, i - 1);
    edge = partial_of((struct reading){from_ns, NAN, false});
    edge.first_known = edge.last_known = anchor->value;
    return edge;
}

struct window_stats reading_ring_window(struct reading_ring *ring, int64_t from_ns,
                                        int64_t to_ns, struct ring_cache *cache)
{
    struct window_stats stats = {.right = NAN};
    struct hold_rule edge_rule = ring->rule;
    size_t first = after(ring, from_ns);
    size_t end = after(ring, to_ns);
    struct partial inside;

    if (ring->lost && first == 0 && end > 0) {
        stats.truncated = true;
        from_ns = get(ring, 0)->time_ns;
        first = 1;
    }
    stats.length_ns = to_ns - from_ns;
    stats.sum = left_edge(ring, first, from_ns, &edge_rule);
    stats.left = stats.sum.readings == 0 ? NAN : stats.sum.last;
    inside = sum_up(ring, first, end, cache);
    partial_extend(&inside, to_ns, ring->rule);
    if (inside.readings == 0)
        partial_extend(&stats.sum, to_ns, edge_rule);
    partial_append(&stats.sum, &inside, edge_rule);
    if (end > 0 && in_force(get(ring, end - 1), to_ns, ring->rule.hold_ns))
        stats.right = get(ring, end - 1)->value;
    return stats;
}

bool reading_ring_back(const struct reading_ring *ring, uint32_t n, int64_t to_ns,
                       struct reading *reading)
{
    for (size_t i = after(ring, to_ns); i > 0; i--) {
        const struct reading *candidate = get(ring, i - 1);

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

struct window_stats reading_ring_tail(const struct reading_ring *ring, uint32_t count,
                                      int64_t to_ns)
{
    struct window_stats stats = {.left = NAN, .right = NAN};
    size_t end = after(ring, to_ns);
    size_t first = end;
    uint32_t seen = 0;

    while (first > 0 && seen < count) {
        first--;
        if (!isnan(get(ring, first)->value))
            seen++;
    }
    for (size_t i = first; i < end; i++)
        if (!isnan(get(ring, i)->value))
            partial_add(&stats.sum, *get(ring, i), ring->rule);
    if (stats.sum.readings == 0)
        return stats;
    stats.left = stats.sum.first_known;
    stats.length_ns = stats.sum.last_ns - stats.sum.first_ns;
    if (in_force(get(ring, end - 1), to_ns, ring->rule.hold_ns))
        stats.right = get(ring, end - 1)->value;
    return stats;
}

int64_t reading_ring_zero_until(const struct reading_ring *ring, int64_t to_ns)
{
    size_t end = after(ring, to_ns);

    for (size_t i = end; i > 0; i--) {
        const struct reading *reading = get(ring, i - 1);
        int64_t until = i < end ? get(ring, i)->time_ns : to_ns;

        if (reading->value != 0) /* NaN as well */
            continue;
        if (until - reading->time_ns > ring->rule.hold_ns)
            until = reading->time_ns + ring->rule.hold_ns;
        return until;
    }
    return INT64_MIN;
}
