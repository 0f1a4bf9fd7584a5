/* reading_ring_sum.c - what a run of readings amounts to: blocks in a queue, single ones
 * at its ends; see reading_ring.h. */
#include "rules/reading_ring_impl.h"

#include "base/mem.h"

#include <assert.h>

enum {
    /* With fewer whole blocks than this all is summed again: cheaper than a queue. */
    QUEUE_MIN = 3,
};

/* A queue of two stacks: of the whole blocks [low, middle) the fronts are each the sum
 * from it to the middle, and back is that of the readings from there up to `upto`. */
struct ring_queue {
    bool ready;
    uint32_t changes; /* of the ring, when it was filled */
    uint64_t base;    /* block of fronts[0] */
    uint64_t low;
    uint64_t middle;
    uint64_t upto;
    struct partial back;
    struct partial *fronts;
    size_t room;
    struct moments back_moments;
    struct moments *moments; /* of the fronts, with NEED_MOMENTS */
};

/* Adds readings that lie side by side. Most of the time of a window is spent here: what
 * changes is kept in registers. */
static void add_slots(struct partial *sum, const struct slot *slot, size_t count,
                      int64_t hold_ns)
{
    const struct slot *end = slot + count;
    struct partial now = *sum;

    for (; slot < end; slot++) {
        int64_t time_ns = slot->stamp >> 1;
        int64_t span = time_ns - now.last_ns;
        double value = slot->value;

        span = span < hold_ns ? span : hold_ns;
        if (!isnan(now.last)) {
            now.area_ns += now.last * (double)span;
            now.covered_ns += span;
        }
        now.last_ns = time_ns;
        now.last = value;
        if (isnan(value))
            continue;
        now.count++;
        now.uncertain += (uint32_t)(slot->stamp & 1);
        now.sum += value;
        now.min = value < now.min ? value : now.min;
        now.max = value > now.max ? value : now.max;
    }
    sum->last_ns = now.last_ns;
    sum->last = now.last;
    sum->area_ns = now.area_ns;
    sum->covered_ns = now.covered_ns;
    sum->readings += (uint32_t)count;
    sum->count = now.count;
    sum->uncertain = now.uncertain;
    sum->sum = now.sum;
    sum->min = now.min;
    sum->max = now.max;
}

/* The same for what happened between them. */
static void add_steps(struct partial *sum, const struct slot *slot, size_t count,
                      double modulus)
{
    for (const struct slot *end = slot + count; slot < end; slot++) {
        if (isnan(slot->value))
            continue;
        if (isnan(sum->first_known))
            sum->first_known = slot->value;
        else
            partial_step(sum, sum->last_known, slot->value, modulus);
        sum->last_known = slot->value;
    }
}

/* Adds the readings [from, to) one by one. */
static void add_readings(const struct reading_ring *ring, struct partial *sum,
                         uint64_t from, uint64_t to, unsigned needs)
{
    if (from < to && sum->readings == 0)
        partial_start(sum, get(ring, from++));
    while (from < to) {
        size_t slot = slot_of(ring, from);
        size_t count = (size_t)(to - from);

        if (count > ring->capacity - slot) /* up to the last slot, then from the first */
            count = ring->capacity - slot;
        add_slots(sum, &ring->slots[slot], count, ring->rule.hold_ns);
        if ((needs & NEED_STEPS) != 0)
            add_steps(sum, &ring->slots[slot], count, ring->rule.modulus);
        from += count;
    }
}

static void add_moments(const struct reading_ring *ring, struct moments *sum,
                        uint64_t from, uint64_t to)
{
    for (; from < to; from++)
        moments_add(sum, get(ring, from));
}

static void queue_free(struct ring_queue *queue)
{
    if (queue == NULL)
        return;
    mem_free(queue->fronts);
    mem_free(queue->moments);
    mem_free(queue);
}

void ring_cache_done(struct ring_cache *cache)
{
    queue_free(cache->queue);
    ranks_free(cache->ranks);
    cache->queue = NULL;
    cache->ranks = NULL;
    cache->ready = false;
}

size_t ring_cache_memory(const struct ring_cache *cache)
{
    size_t bytes = cache->ranks == NULL ? 0 : ranks_memory(cache->ranks);
    const struct ring_queue *queue = cache->queue;

    if (queue == NULL)
        return bytes;
    bytes += sizeof *queue + queue->room * sizeof *queue->fronts;
    return bytes + (queue->moments == NULL ? 0 : queue->room * sizeof *queue->moments);
}

/* Room for the fronts of so many blocks: what the window usually has, and a quarter. */
static void queue_grow(struct ring_queue *queue, size_t blocks, unsigned needs)
{
    if (blocks <= queue->room)
        return;
    queue->room = blocks + blocks / 4 + 1;
    mem_free(queue->fronts);
    queue->fronts = mem_array(queue->room, sizeof *queue->fronts);
    if ((needs & NEED_MOMENTS) == 0)
        return;
    mem_free(queue->moments);
    queue->moments = mem_array(queue->room, sizeof *queue->moments);
}

/* Adds the readings up to `end` to the back. */
static void queue_add(const struct reading_ring *ring, struct ring_queue *queue,
                      uint64_t end, unsigned needs)
{
    add_readings(ring, &queue->back, queue->upto, end, needs);
    if (queue->moments != NULL)
        add_moments(ring, &queue->back_moments, queue->upto, end);
    queue->upto = end;
}

/* Puts the whole blocks from `low` on into the fronts. */
static void queue_turn(const struct reading_ring *ring, struct ring_queue *queue,
                       uint64_t low, uint64_t end, unsigned needs)
{
    uint64_t high = end / BLOCK;
    struct partial sum = {0};
    struct moments moments = {0};

    queue_grow(queue, (size_t)(high - low), needs);
    for (uint64_t b = high; b > low; b--) {
        uint64_t from = (b - 1) * BLOCK;
        struct partial *front = &queue->fronts[b - 1 - low];

        front->readings = 0;
        add_readings(ring, front, from, from + BLOCK, needs);
        partial_append(front, &sum, ring->rule, needs);
        partial_copy(&sum, front, needs);
        if (queue->moments != NULL) {
            struct moments more = {0};

            add_moments(ring, &more, from, from + BLOCK);
            moments_append(&more, &moments);
            queue->moments[b - 1 - low] = moments = more;
        }
    }
    queue->base = low;
    queue->middle = high;
    queue->upto = high * BLOCK;
    queue->back.readings = 0;
    queue->back_moments.count = 0;
    queue->changes = ring->changes;
    queue->ready = true;
}

/* The queue with everything from block `low` to the end of the window; there is a whole
 * block. */
static struct ring_queue *queue_of(const struct reading_ring *ring,
                                   struct ring_cache *cache, uint64_t low)
{
    struct ring_queue *queue = cache->queue;

    if (queue == NULL)
        queue = cache->queue = mem_alloc(sizeof *queue);
    if (!queue->ready || queue->changes != ring->changes || low < queue->low ||
        low >= queue->middle || cache->end < queue->upto)
        queue_turn(ring, queue, low, cache->end, cache->needs);
    queue->low = low;
    queue_add(ring, queue, cache->end, cache->needs);
    return queue;
}

/* The sum from block `low` to the end of the window. While it begins with the same block,
 * only what is new is added. */
static const struct partial *rest(const struct reading_ring *ring,
                                  struct ring_cache *cache, uint64_t low)
{
    if (cache->ready && cache->low == low && cache->changes == ring->changes &&
        cache->upto <= cache->end) {
        add_readings(ring, &cache->rest, cache->upto, cache->end, cache->needs);
        cache->upto = cache->end;
        return &cache->rest;
    }
    if (cache->end / BLOCK < low + QUEUE_MIN) {
        cache->rest.readings = 0;
        add_readings(ring, &cache->rest, low * BLOCK, cache->end, cache->needs);
    } else {
        struct ring_queue *queue = queue_of(ring, cache, low);

        partial_copy(&cache->rest, &queue->fronts[low - queue->base], cache->needs);
        partial_append(&cache->rest, &queue->back, ring->rule, cache->needs);
    }
    cache->low = low;
    cache->upto = cache->end;
    cache->changes = ring->changes;
    cache->ready = true;
    return &cache->rest;
}

/* The first block that begins inside the window. */
static uint64_t first_block(const struct ring_cache *cache)
{
    return (cache->first + BLOCK - 1) / BLOCK;
}

void ring_sum_up(struct reading_ring *ring, struct ring_cache *cache, struct partial *sum)
{
    uint64_t low = first_block(cache);

    if (low * BLOCK >= cache->end) {
        add_readings(ring, sum, cache->first, cache->end, cache->needs);
        return;
    }
    add_readings(ring, sum, cache->first, low * BLOCK, cache->needs);
    partial_append(sum, rest(ring, cache, low), ring->rule, cache->needs);
}

struct moments reading_ring_moments(struct reading_ring *ring, struct ring_cache *cache)
{
    struct moments sum = {0};
    const struct ring_queue *queue;
    uint64_t low = first_block(cache);

    assert((cache->needs & NEED_MOMENTS) != 0);
    if (low >= cache->end / BLOCK) {
        add_moments(ring, &sum, cache->first, cache->end);
        return sum;
    }
    queue = queue_of(ring, cache, low);
    add_moments(ring, &sum, cache->first, low * BLOCK);
    moments_append(&sum, &queue->moments[low - queue->base]);
    moments_append(&sum, &queue->back_moments);
    return sum;
}

/* ---- percentiles ---- */

/* Values of [from, to) in or out. */
static void rank(const struct reading_ring *ring, struct ranks *ranks, uint64_t from,
                 uint64_t to, void (*move)(struct ranks *ranks, double value))
{
    for (; from < to; from++) {
        double value = get(ring, from).value;

        if (!isnan(value))
            move(ranks, value);
    }
}

/* Room for all that the ring can hold now: it may have grown since. */
static void make_ranks(const struct reading_ring *ring, struct ring_cache *cache)
{
    if (cache->ranks != NULL && ranks_room(cache->ranks) >= ring->capacity)
        return;
    ranks_free(cache->ranks);
    cache->ranks = ranks_new(ring->capacity);
    cache->ranked_first = cache->ranked_end = cache->first;
}

double reading_ring_percentile(struct reading_ring *ring, struct ring_cache *cache,
                               double q)
{
    assert((cache->needs & NEED_RANKS) != 0);
    make_ranks(ring, cache);
    if (cache->ranked_changes != ring->changes || cache->ranked_first < ring->begin ||
        cache->first < cache->ranked_first || cache->first > cache->ranked_end ||
        cache->end < cache->ranked_end) {
        ranks_clear(cache->ranks);
        cache->ranked_first = cache->ranked_end = cache->first;
        cache->ranked_changes = ring->changes;
    }
    rank(ring, cache->ranks, cache->ranked_first, cache->first, ranks_remove);
    rank(ring, cache->ranks, cache->ranked_end, cache->end, ranks_insert);
    cache->ranked_first = cache->first;
    cache->ranked_end = cache->end;
    return ranks_at(cache->ranks, q);
}
