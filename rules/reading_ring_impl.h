/* reading_ring_impl.h - the inside of a ring, shared by rules/reading_ring*.c; not for
 * others. Reading number n lies in slot n % capacity. */
#ifndef RULES_READING_RING_IMPL_H
#define RULES_READING_RING_IMPL_H

#include "rules/reading_ring.h"

enum {
    BLOCK = READING_RING_BLOCK,
};

/* A reading in 16 bytes. */
struct slot {
    int64_t stamp; /* twice its time in ns, plus 1 when uncertain: 146 years either way */
    double value;
};

/* The head is one line of the cache. */
struct reading_ring {
    uint64_t begin; /* number of the oldest reading */
    uint64_t end;   /* and of the next one */
    struct hold_rule rule;
    uint32_t capacity;
    uint32_t head;    /* slot of the next reading */
    uint32_t changes; /* of readings that were not the newest; what caches compare */
    bool lost;        /* a reading was pushed out */
    int64_t reach_ns; /* it grows when one so young would be */
    struct slot *slots;
};

/* The slot of a reading that is kept: counted back from the newest, no division. */
static inline size_t slot_of(const struct reading_ring *ring, uint64_t number)
{
    size_t back = (size_t)(ring->end - number);

    return ring->head >= back ? ring->head - back : ring->head + ring->capacity - back;
}

static inline struct reading get(const struct reading_ring *ring, uint64_t number)
{
    const struct slot *slot = &ring->slots[slot_of(ring, number)];

    return (struct reading){slot->stamp >> 1, slot->value, (slot->stamp & 1) != 0};
}

static inline int64_t time_of(const struct reading_ring *ring, uint64_t number)
{
    return ring->slots[slot_of(ring, number)].stamp >> 1;
}

static inline bool in_force(struct reading reading, int64_t time_ns, int64_t hold_ns)
{
    return !isnan(reading.value) && time_ns - reading.time_ns <= hold_ns;
}

/* The first reading after `time` in [low, high), which has one. */
uint64_t ring_search(const struct reading_ring *ring, int64_t time_ns, uint64_t low,
                     uint64_t high);
/* The first reading after `time`. Questions move on slowly: `hint` is where the last one
 * was answered. */
uint64_t ring_after(const struct reading_ring *ring, int64_t time_ns, uint64_t hint);

/* reading_ring_sum.c: what the readings [first, end) of a cache amount to, behind `sum`.
 */
void ring_sum_up(struct reading_ring *ring, struct ring_cache *cache,
                 struct partial *sum);

#endif
