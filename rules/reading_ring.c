/* reading_ring.c - see reading_ring.h. Readings in, and single ones found; sums are in
 * reading_ring_sum.c, windows in reading_ring_window.c. */
#include "rules/reading_ring_impl.h"

#include "base/mem.h"

#include <assert.h>

uint64_t reading_ring_version(const struct reading_ring *ring)
{
    return ring->end + ring->changes;
}

static_assert(sizeof(struct reading_ring) == 64, "one line of the cache");

struct reading_ring *reading_ring_new(size_t readings, int64_t reach_ns,
                                      struct hold_rule rule)
{
    struct reading_ring *ring = mem_alloc(sizeof *ring);

    assert(readings > 0);
    ring->slots = mem_array(readings, sizeof *ring->slots);
    ring->reach_ns = reach_ns;
    ring->rule = rule;
    ring->capacity = (uint32_t)readings;
    return ring;
}

void reading_ring_free(struct reading_ring *ring)
{
    if (ring == NULL)
        return;
    mem_free(ring->slots);
    mem_free(ring);
}

size_t reading_ring_memory(const struct reading_ring *ring)
{
    return sizeof *ring + ring->capacity * sizeof(struct slot);
}

static void set(struct reading_ring *ring, uint64_t number, struct reading reading)
{
    struct slot *slot = &ring->slots[slot_of(ring, number)];

    slot->stamp = 2 * reading.time_ns + reading.uncertain;
    slot->value = reading.value;
}

uint64_t ring_search(const struct reading_ring *ring, int64_t time_ns, uint64_t low,
                     uint64_t high)
{
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (time_of(ring, middle) > time_ns)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

uint64_t ring_after(const struct reading_ring *ring, int64_t time_ns, uint64_t hint)
{
    const struct slot *slots = ring->slots;
    size_t slot;

    if (ring->begin == ring->end || time_of(ring, ring->end - 1) <= time_ns)
        return ring->end;
    if (hint < ring->begin || hint >= ring->end ||
        (hint > ring->begin && time_of(ring, hint - 1) > time_ns))
        return ring_search(ring, time_ns, ring->begin, ring->end);
    slot = slot_of(ring, hint);
    for (int i = 0; i < 4; i++, hint++) { /* it ends: the newest is after `time` */
        if (slots[slot].stamp >> 1 > time_ns)
            return hint;
        slot = slot + 1 == ring->capacity ? 0 : slot + 1;
    }
    return ring_search(ring, time_ns, hint, ring->end);
}

void reading_ring_fetch(const struct reading_ring *ring)
{
    __builtin_prefetch(ring, 1);
}

void reading_ring_fetch_slots(const struct reading_ring *ring, uint64_t first)
{
    __builtin_prefetch(&ring->slots[ring->head], 1);
    if (first > ring->begin && first < ring->end)
        __builtin_prefetch(&ring->slots[slot_of(ring, first - 1)]);
}

/* ---- readings in ---- */

/* Twice the room; the numbers of the readings stay, and so does what caches know. */
static void grow(struct reading_ring *ring)
{
    uint32_t count = (uint32_t)(ring->end - ring->begin);
    struct slot *slots = mem_array(2 * (size_t)ring->capacity, sizeof *slots);

    for (uint32_t i = 0; i < count; i++)
        slots[i] = ring->slots[slot_of(ring, ring->begin + i)];
    mem_free(ring->slots);
    ring->slots = slots;
    ring->capacity *= 2;
    ring->head = count;
}

/* Whether a window may still ask for the oldest reading, as what was in force before the
 * second. */
static bool is_needed(const struct reading_ring *ring)
{
    return ring->capacity > 1 &&
           time_of(ring, ring->begin + 1) > time_of(ring, ring->end - 1) - ring->reach_ns;
}

/* Room for one more at the end. */
static void advance(struct reading_ring *ring)
{
    if (ring->end - ring->begin == ring->capacity) {
        if (ring->capacity <= READING_RING_MOST / 2 && is_needed(ring)) {
            grow(ring);
        } else {
            ring->begin++;
            ring->lost = true;
        }
    }
    ring->end++;
    ring->head = ring->head + 1 == ring->capacity ? 0 : ring->head + 1;
}

/* A reading that is not after the newest one. */
static void put_between(struct reading_ring *ring, struct reading reading)
{
    bool few = ring->end - ring->begin < BLOCK;
    uint64_t number =
        ring_after(ring, reading.time_ns, few ? ring->begin : ring->end - BLOCK);

    if (number > ring->begin && time_of(ring, number - 1) == reading.time_ns) {
        set(ring, number - 1, reading);
        ring->changes++;
        return;
    }
    if (number == ring->begin && ring->end - ring->begin == ring->capacity)
        return; /* older than all, in a ring that is as long as it was made for */
    advance(ring);
    for (uint64_t n = ring->end - 1; n > number; n--)
        set(ring, n, get(ring, n - 1));
    set(ring, number, reading);
    ring->changes++;
}

void reading_ring_put(struct reading_ring *ring, struct reading reading)
{
    if (ring->end > ring->begin && time_of(ring, ring->end - 1) >= reading.time_ns) {
        put_between(ring, reading);
        return;
    }
    advance(ring);
    set(ring, ring->end - 1, reading);
}

/* ---- single readings ---- */

bool reading_ring_back(const struct reading_ring *ring, uint32_t n, int64_t to_ns,
                       struct reading *reading)
{
    for (uint64_t i = ring_after(ring, to_ns, ring->end); i > ring->begin; i--) {
        struct reading candidate = get(ring, i - 1);

        if (isnan(candidate.value))
            continue;
        if (n == 0) {
            *reading = candidate;
            return true;
        }
        n--;
    }
    return false;
}

int64_t reading_ring_zero_until(const struct reading_ring *ring, int64_t to_ns)
{
    uint64_t end = ring_after(ring, to_ns, ring->end);

    for (uint64_t n = end; n > ring->begin; n--) {
        struct reading reading = get(ring, n - 1);
        int64_t until = n < end ? time_of(ring, n) : to_ns;

        if (reading.value != 0) /* NaN as well */
            continue;
        if (until - reading.time_ns > ring->rule.hold_ns)
            until = reading.time_ns + ring->rule.hold_ns;
        return until;
    }
    return INT64_MIN;
}
