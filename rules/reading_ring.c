/* reading_ring.c - see reading_ring.h. Reading number n lies in slot n % capacity. */
#include "rules/reading_ring.h"

#include "base/mem.h"

#include <assert.h>

enum {
    BLOCK = READING_RING_BLOCK,
    /* Fewer whole blocks than this are summed when they change: cheaper than a queue. */
    QUEUE_MIN = 3,
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
    struct slot slots[];
};

/* A queue of two stacks of whole blocks: [low, middle) in the fronts, each the sum from
 * it to the middle, and [middle, high) in back. */
struct ring_queue {
    bool ready;
    uint32_t changes; /* of the ring, when it was filled */
    uint64_t base;    /* block of fronts[0] */
    uint64_t low;
    uint64_t middle;
    uint64_t high;
    struct partial back;
    struct partial *fronts;
    size_t room;
    struct moments back_moments;
    struct moments *moments; /* of the fronts, with NEED_MOMENTS */
};

uint64_t reading_ring_version(const struct reading_ring *ring)
{
    return ring->end + ring->changes;
}

struct reading_ring *reading_ring_new(size_t readings, struct hold_rule rule)
{
    struct reading_ring *ring = mem_alloc(sizeof *ring + readings * sizeof(struct slot));

    assert(readings > 0);
    ring->rule = rule;
    ring->capacity = (uint32_t)readings;
    return ring;
}

void reading_ring_free(struct reading_ring *ring)
{
    mem_free(ring);
}

size_t reading_ring_memory(const struct reading_ring *ring)
{
    return sizeof *ring + ring->capacity * sizeof(struct slot);
}

/* The slot of a reading that is kept: counted back from the newest, no division. */
static size_t slot_of(const struct reading_ring *ring, uint64_t number)
{
    size_t back = (size_t)(ring->end - number);

    return ring->head >= back ? ring->head - back : ring->head + ring->capacity - back;
}

static struct reading get(const struct reading_ring *ring, uint64_t number)
{
    const struct slot *slot = &ring->slots[slot_of(ring, number)];

    return (struct reading){slot->stamp >> 1, slot->value, (slot->stamp & 1) != 0};
}

static int64_t time_of(const struct reading_ring *ring, uint64_t number)
{
    return ring->slots[slot_of(ring, number)].stamp >> 1;
}

static void set(struct reading_ring *ring, uint64_t number, struct reading reading)
{
    struct slot *slot = &ring->slots[slot_of(ring, number)];

    slot->stamp = 2 * reading.time_ns + reading.uncertain;
    slot->value = reading.value;
}

/* The first reading after `time` in [low, high), which has one. */
static uint64_t search(const struct reading_ring *ring, int64_t time_ns, uint64_t low,
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

/* The first reading after `time`. Questions move on slowly: `hint` is where the last one
 * was answered. */
static inline uint64_t after(const struct reading_ring *ring, int64_t time_ns,
                             uint64_t hint)
{
    const struct slot *slots = ring->slots;
    size_t slot;

    if (ring->begin == ring->end || time_of(ring, ring->end - 1) <= time_ns)
        return ring->end;
    if (hint < ring->begin || hint >= ring->end ||
        (hint > ring->begin && time_of(ring, hint - 1) > time_ns))
        return search(ring, time_ns, ring->begin, ring->end);
    slot = slot_of(ring, hint);
    for (int i = 0; i < 4; i++, hint++) { /* it ends: the newest is after `time` */
        if (slots[slot].stamp >> 1 > time_ns)
            return hint;
        slot = slot + 1 == ring->capacity ? 0 : slot + 1;
    }
    return search(ring, time_ns, hint, ring->end);
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

/* Room for one more at the end. */
static void advance(struct reading_ring *ring)
{
    if (ring->end - ring->begin == ring->capacity) {
        ring->begin++;
        ring->lost = true;
    }
    ring->end++;
    ring->head = ring->head + 1 == ring->capacity ? 0 : ring->head + 1;
}

/* A reading that is not after the newest one. */
static void put_between(struct reading_ring *ring, struct reading reading)
{
    bool few = ring->end - ring->begin < BLOCK;
    uint64_t number = after(ring, reading.time_ns, few ? ring->begin : ring->end - BLOCK);

    if (number > ring->begin && time_of(ring, number - 1) == reading.time_ns) {
        set(ring, number - 1, reading);
        ring->changes++;
        return;
    }
    if (number == ring->begin && ring->end - ring->begin == ring->capacity)
        return;
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

/* ---- sums ---- */

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

/* Puts the whole blocks [low, high) into the fronts. */
static void queue_turn(const struct reading_ring *ring, struct ring_queue *queue,
                       uint64_t low, uint64_t high, unsigned needs)
{
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
    queue->base = queue->low = low;
    queue->middle = queue->high = high;
    queue->back.readings = 0;
    queue->back_moments.count = 0;
    queue->changes = ring->changes;
    queue->ready = true;
}

/* The queue with the whole blocks [low, high), low < high. */
static struct ring_queue *queue_of(const struct reading_ring *ring,
                                   struct ring_cache *cache, uint64_t low, uint64_t high)
{
    struct ring_queue *queue = cache->queue;

    if (queue == NULL)
        queue = cache->queue = mem_alloc(sizeof *queue);
    if (!queue->ready || queue->changes != ring->changes || low < queue->low ||
        low >= queue->middle || high < queue->high) {
        queue_turn(ring, queue, low, high, cache->needs);
        return queue;
    }
    queue->low = low;
    add_readings(ring, &queue->back, queue->high * BLOCK, high * BLOCK, cache->needs);
    if (queue->moments != NULL)
        add_moments(ring, &queue->back_moments, queue->high * BLOCK, high * BLOCK);
    queue->high = high;
    return queue;
}

/* The whole blocks inside [first, end) of a cache. */
static void whole_blocks(const struct ring_cache *cache, uint64_t *low, uint64_t *high)
{
    *low = (cache->first + BLOCK - 1) / BLOCK;
    *high = cache->end / BLOCK;
}

/* The sum of the whole blocks [low, high), low < high. */
static const struct partial *whole(const struct reading_ring *ring,
                                   struct ring_cache *cache, uint64_t low, uint64_t high)
{
    if (cache->ready && cache->low == low && cache->high == high &&
        cache->changes == ring->changes)
        return &cache->whole;
    if (high - low < QUEUE_MIN) {
        cache->whole.readings = 0;
        add_readings(ring, &cache->whole, low * BLOCK, high * BLOCK, cache->needs);
    } else {
        struct ring_queue *queue = queue_of(ring, cache, low, high);

        partial_copy(&cache->whole, &queue->fronts[low - queue->base], cache->needs);
        partial_append(&cache->whole, &queue->back, ring->rule, cache->needs);
    }
    cache->low = low;
    cache->high = high;
    cache->changes = ring->changes;
    cache->ready = true;
    return &cache->whole;
}

/* What the readings [first, end) of a cache amount to, behind `sum`. */
static void sum_up(struct reading_ring *ring, struct ring_cache *cache,
                   struct partial *sum)
{
    uint64_t low;
    uint64_t high;

    whole_blocks(cache, &low, &high);
    if (low >= high) {
        add_readings(ring, sum, cache->first, cache->end, cache->needs);
        return;
    }
    add_readings(ring, sum, cache->first, low * BLOCK, cache->needs);
    partial_append(sum, whole(ring, cache, low, high), ring->rule, cache->needs);
    add_readings(ring, sum, high * BLOCK, cache->end, cache->needs);
}

struct moments reading_ring_moments(struct reading_ring *ring, struct ring_cache *cache)
{
    struct moments sum = {0};
    const struct ring_queue *queue;
    uint64_t low;
    uint64_t high;

    assert((cache->needs & NEED_MOMENTS) != 0);
    whole_blocks(cache, &low, &high);
    if (low >= high) {
        add_moments(ring, &sum, cache->first, cache->end);
        return sum;
    }
    queue = queue_of(ring, cache, low, high);
    add_moments(ring, &sum, cache->first, low * BLOCK);
    moments_append(&sum, &queue->moments[low - queue->base]);
    moments_append(&sum, &queue->back_moments);
    add_moments(ring, &sum, high * BLOCK, cache->end);
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

double reading_ring_percentile(struct reading_ring *ring, struct ring_cache *cache,
                               double q)
{
    assert((cache->needs & NEED_RANKS) != 0);
    if (cache->ranks == NULL)
        cache->ranks = ranks_new(ring->capacity);
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

/* ---- questions ---- */

static bool in_force(struct reading reading, int64_t time_ns, int64_t hold_ns)
{
    return !isnan(reading.value) && time_ns - reading.time_ns <= hold_ns;
}

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
        return after(ring, from_ns, first);
    slot = slot_of(ring, first);
    for (int i = 0; i < BLOCK; i++) { /* it ends: the newest is after `from` */
        if (slots[slot].stamp >> 1 > from_ns)
            return first;
        first++;
        slot = slot + 1 == ring->capacity ? 0 : slot + 1;
    }
    return search(ring, from_ns, first, ring->end);
}

/* Finds the readings in (from, to]. */
static void find_readings(const struct reading_ring *ring, int64_t from_ns, int64_t to_ns,
                          struct ring_cache *cache)
{
    int64_t newest_ns = INT64_MIN;

    if (ring->begin < ring->end)
        newest_ns = time_of(ring, ring->end - 1);
    cache->first = newest_ns <= from_ns ? ring->end : first_inside(ring, from_ns, cache);
    cache->end = newest_ns <= to_ns ? ring->end : after(ring, to_ns, cache->end);
}

void reading_ring_window(struct reading_ring *ring, int64_t from_ns, int64_t to_ns,
                         struct ring_cache *cache, struct window_stats *stats)
{
    struct hold_rule rule = ring->rule;
    struct partial *sum = &stats->sum;

    find_readings(ring, from_ns, to_ns, cache);
    stats->truncated =
        ring->lost && cache->first == ring->begin && cache->end > cache->first;
    if (stats->truncated) {
        from_ns = time_of(ring, ring->begin);
        cache->first++;
        cache->from_ns = INT64_MAX; /* it is not where the window should begin */
    }
    stats->length_ns = to_ns - from_ns;
    left_edge(sum, ring, cache->first, from_ns, &rule);
    stats->left = sum->readings == 0 ? NAN : sum->last;
    if (cache->first < cache->end) {
        /* The value at the edge has less of its hold left than those that follow. */
        partial_extend(sum, time_of(ring, cache->first), rule);
        sum->last_ns = time_of(ring, cache->first);
        rule = ring->rule;
        sum_up(ring, cache, sum);
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
    uint64_t end = after(ring, to_ns, cache->end);
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

bool reading_ring_back(const struct reading_ring *ring, uint32_t n, int64_t to_ns,
                       struct reading *reading)
{
    for (uint64_t i = after(ring, to_ns, ring->end); i > ring->begin; i--) {
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
    uint64_t end = after(ring, to_ns, ring->end);

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
