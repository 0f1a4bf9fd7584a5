/* buckets.c - see buckets.h. Bucket k covers [k * width, (k + 1) * width) and lies in
 * slot k % count, which remembers k: an old bucket is overwritten when its slot is
 * needed. */
#include "rules/buckets.h"

#include "base/mem.h"

#include <assert.h>

/* What stands before a window. */
struct anchor {
    bool any;
    struct reading last; /* a break has no value in force but still a last known one */
    int64_t known_ns;
    double known; /* NaN when there is none */
};

struct bucket {
    int64_t k;
    struct partial sum; /* readings == 0: empty */
};

struct buckets {
    struct hold_rule rule;
    unsigned needs;
    int64_t length_ns;
    int64_t ago_ns;
    int64_t width_ns;
    size_t count;
    int64_t newest_ns;   /* of a reading; INT64_MIN before the first */
    int64_t newest;      /* its bucket */
    struct anchor carry; /* of the buckets that were overwritten */

    /* The value in force at the left edge and everything behind it but the newest
     * bucket, for the buckets [from, to). */
    struct partial closed;
    struct hold_rule closed_rule; /* for its last value: at the edge less hold is left */
    double closed_left;
    int64_t closed_from;
    int64_t closed_to;
    bool closed_ready;
    const struct bucket *open; /* bucket `to`; NULL when it is outside or empty */

    struct moments *moments; /* by slot, with NEED_MOMENTS */
    struct moments closed_moments;
    struct sketch *sketches; /* by slot, with NEED_RANKS */
    struct sketch closed_sketch;

    struct bucket slots[];
};

struct buckets *buckets_new(int64_t length_ns, int64_t ago_ns, struct hold_rule rule,
                            unsigned needs)
{
    int64_t width = length_ns / BUCKETS_PER_WINDOW;
    int64_t least = (length_ns + ago_ns) / (BUCKETS_MAX - 3) + 1;
    size_t count;
    struct buckets *buckets;

    if (width < least)
        width = least;
    count = (size_t)((length_ns + ago_ns) / width) + 3;
    buckets = mem_alloc(sizeof *buckets + count * sizeof(struct bucket));
    buckets->rule = rule;
    buckets->needs = needs;
    buckets->length_ns = length_ns;
    buckets->ago_ns = ago_ns;
    buckets->width_ns = width;
    buckets->count = count;
    buckets->newest_ns = INT64_MIN;
    if ((needs & NEED_MOMENTS) != 0)
        buckets->moments = mem_array(count, sizeof *buckets->moments);
    if ((needs & NEED_RANKS) != 0)
        buckets->sketches = mem_array(count, sizeof *buckets->sketches);
    return buckets;
}

void buckets_free(struct buckets *buckets)
{
    if (buckets == NULL)
        return;
    for (size_t i = 0; buckets->sketches != NULL && i < buckets->count; i++)
        sketch_done(&buckets->sketches[i]);
    sketch_done(&buckets->closed_sketch);
    mem_free(buckets->sketches);
    mem_free(buckets->moments);
    mem_free(buckets);
}

size_t buckets_memory(const struct buckets *buckets)
{
    size_t bytes = sizeof *buckets + buckets->count * sizeof(struct bucket);

    if (buckets->moments != NULL)
        bytes += buckets->count * sizeof *buckets->moments;
    if (buckets->sketches == NULL)
        return bytes;
    for (size_t i = 0; i < buckets->count; i++)
        bytes +=
            sizeof(struct sketch) + buckets->sketches[i].room * sizeof(struct sketch_bin);
    return bytes + buckets->closed_sketch.room * sizeof(struct sketch_bin);
}

/* Rounds down, also below zero. Time goes on slowly: mostly it is `near` or the next. */
static int64_t number_of(const struct buckets *buckets, int64_t time_ns, int64_t near)
{
    int64_t since = time_ns - near * buckets->width_ns;
    int64_t k;

    if (since >= 0 && since < buckets->width_ns)
        return near;
    if (since >= buckets->width_ns && since < 2 * buckets->width_ns)
        return near + 1;
    k = time_ns / buckets->width_ns;
    return time_ns % buckets->width_ns < 0 ? k - 1 : k;
}

static size_t slot_of(const struct buckets *buckets, int64_t k)
{
    int64_t count = (int64_t)buckets->count;

    return (size_t)((k % count + count) % count);
}

/* Bucket k, or NULL when it is empty or overwritten. */
static const struct bucket *bucket_at(const struct buckets *buckets, int64_t k)
{
    const struct bucket *bucket = &buckets->slots[slot_of(buckets, k)];

    return bucket->k == k && bucket->sum.readings > 0 ? bucket : NULL;
}

/* Takes over what a stretch ends with, if it is later. */
static void see(struct anchor *anchor, const struct partial *sum)
{
    if (!anchor->any || sum->last_ns > anchor->last.time_ns)
        anchor->last = (struct reading){sum->last_ns, sum->last, sum->uncertain > 0};
    if (!isnan(sum->last_known) &&
        (!anchor->any || isnan(anchor->known) || sum->last_ns > anchor->known_ns)) {
        anchor->known = sum->last_known;
        anchor->known_ns = sum->last_ns;
    } else if (!anchor->any) {
        anchor->known = NAN;
    }
    anchor->any = true;
}

/* What does not depend on order. */
static void put_value(struct buckets *buckets, size_t slot, struct reading reading)
{
    if (buckets->moments != NULL)
        moments_add(&buckets->moments[slot], reading);
    if (buckets->sketches != NULL && !isnan(reading.value))
        sketch_add(&buckets->sketches[slot], reading.value);
}

static void put_late(struct buckets *buckets, struct reading reading)
{
    int64_t k = number_of(buckets, reading.time_ns, buckets->newest);
    size_t slot = slot_of(buckets, k);
    struct bucket *bucket = &buckets->slots[slot];

    if (bucket->k != k || bucket->sum.count == 0 || isnan(reading.value))
        return;
    bucket->sum.uncertain += reading.uncertain;
    partial_value(&bucket->sum, reading.value, 0, false);
    put_value(buckets, slot, reading);
    buckets->closed_ready = false;
}

/* Empties the slot for bucket k. */
static void reuse(struct buckets *buckets, size_t slot, int64_t k)
{
    struct bucket *bucket = &buckets->slots[slot];

    if (bucket->sum.readings > 0)
        see(&buckets->carry, &bucket->sum);
    bucket->k = k;
    bucket->sum.readings = 0;
    if (buckets->moments != NULL)
        buckets->moments[slot].count = 0;
    if (buckets->sketches != NULL)
        sketch_clear(&buckets->sketches[slot]);
}

/* Empties what is from now on bucket k, and those before it that nothing was read in: all
 * slots then hold the last `count` buckets, and what was before them is in `carry`. */
static void begin_bucket(struct buckets *buckets, int64_t k)
{
    int64_t first = k - (int64_t)buckets->count + 1;

    if (buckets->newest_ns == INT64_MIN)
        first = k;
    else if (first <= buckets->newest)
        first = buckets->newest + 1;
    for (int64_t i = first; i <= k; i++)
        reuse(buckets, slot_of(buckets, i), i);
    buckets->newest = k;
}

void buckets_put(struct buckets *buckets, struct reading reading)
{
    int64_t k;
    size_t slot;

    /* What breaks off as it is read is in force no more. */
    if (isnan(reading.value) && reading.time_ns == buckets->newest_ns)
        reading.time_ns++;
    if (reading.time_ns <= buckets->newest_ns) {
        if (reading.time_ns < buckets->newest_ns)
            put_late(buckets, reading);
        return;
    }
    k = number_of(buckets, reading.time_ns, buckets->newest);
    slot = slot_of(buckets, k);
    if (k != buckets->newest || buckets->newest_ns == INT64_MIN)
        begin_bucket(buckets, k);
    buckets->newest_ns = reading.time_ns;
    /* The bucket behind the closed ones was empty, or the window ended before it. */
    if (k < buckets->closed_to || (k == buckets->closed_to && buckets->open == NULL))
        buckets->closed_ready = false;
    partial_add(&buckets->slots[slot].sum, reading, buckets->rule, buckets->needs);
    put_value(buckets, slot, reading);
}

/* What stands before bucket `k`. Mostly the bucket just before says it all. Where
 * readings are rare, a slot may still hold a bucket from more than a turn of the ring
 * ago. */
static struct anchor before(const struct buckets *buckets, int64_t k)
{
    struct anchor anchor = buckets->carry;
    const struct bucket *last = bucket_at(buckets, k - 1);

    if (last != NULL && !isnan(last->sum.last_known)) {
        see(&anchor, &last->sum);
        return anchor;
    }
    for (size_t i = 0; i < buckets->count; i++)
        if (buckets->slots[i].k < k && buckets->slots[i].sum.readings > 0)
            see(&anchor, &buckets->slots[i].sum);
    return anchor;
}

/* The value that is in force at `from`, for the rest of its hold. */
static void left_edge(struct partial *edge, const struct anchor *anchor, int64_t from_ns,
                      struct hold_rule *rule)
{
    int64_t age = from_ns - anchor->last.time_ns;

    edge->readings = 0;
    if (!anchor->any)
        return;
    if (isnan(anchor->last.value) || age > rule->hold_ns) {
        partial_start(edge, (struct reading){from_ns, NAN, false});
        edge->first_known = edge->last_known = anchor->known;
        return;
    }
    partial_start(edge,
                  (struct reading){from_ns, anchor->last.value, anchor->last.uncertain});
    edge->count = 0;
    edge->sum = 0;
    if (rule->hold_ns != INT64_MAX)
        rule->hold_ns -= age;
}

/* Merges the left edge and the buckets [from, to). */
static void close_buckets(struct buckets *buckets, int64_t from, int64_t to)
{
    struct anchor anchor = before(buckets, from);

    buckets->closed_rule = buckets->rule;
    left_edge(&buckets->closed, &anchor, from * buckets->width_ns, &buckets->closed_rule);
    buckets->closed_left = buckets->closed.readings == 0 ? NAN : buckets->closed.last;
    buckets->closed_moments.count = 0;
    sketch_clear(&buckets->closed_sketch);
    for (int64_t k = from; k < to; k++) {
        const struct bucket *bucket = bucket_at(buckets, k);
        size_t slot = slot_of(buckets, k);

        if (bucket == NULL)
            continue;
        partial_append(&buckets->closed, &bucket->sum, buckets->closed_rule,
                       buckets->needs);
        buckets->closed_rule = buckets->rule;
        if (buckets->moments != NULL)
            moments_append(&buckets->closed_moments, &buckets->moments[slot]);
        if (buckets->sketches != NULL)
            sketch_append(&buckets->closed_sketch, &buckets->sketches[slot]);
    }
    buckets->open = buckets->ago_ns == 0 ? bucket_at(buckets, to) : NULL;
    buckets->closed_from = from;
    buckets->closed_to = to;
    buckets->closed_ready = true;
}

void buckets_window(struct buckets *buckets, int64_t now_ns, struct window_stats *stats)
{
    int64_t to_ns = now_ns - buckets->ago_ns;
    int64_t from = number_of(buckets, to_ns - buckets->length_ns, buckets->closed_from);
    int64_t to = number_of(buckets, to_ns, buckets->closed_to);
    struct hold_rule rule;

    if (!buckets->closed_ready || buckets->closed_from != from ||
        buckets->closed_to != to)
        close_buckets(buckets, from, to);
    if (buckets->ago_ns > 0)
        to_ns = to * buckets->width_ns;
    rule = buckets->closed_rule;
    stats->truncated = false;
    stats->length_ns = to_ns - from * buckets->width_ns;
    stats->left = buckets->closed_left;
    partial_copy(&stats->sum, &buckets->closed, buckets->needs);
    if (buckets->open != NULL) {
        partial_append(&stats->sum, &buckets->open->sum, rule, buckets->needs);
        rule = buckets->rule;
    }
    stats->right = stats->sum.readings == 0 || to_ns - stats->sum.last_ns > rule.hold_ns
                       ? NAN
                       : stats->sum.last; /* NaN when it is a break */
    partial_extend(&stats->sum, to_ns, rule);
}

/* The slot of the bucket behind the closed ones. */
static size_t open_slot(const struct buckets *buckets)
{
    return (size_t)(buckets->open - buckets->slots);
}

struct moments buckets_moments(const struct buckets *buckets)
{
    struct moments sum = buckets->closed_moments;

    assert(buckets->moments != NULL);
    if (buckets->open != NULL)
        moments_append(&sum, &buckets->moments[open_slot(buckets)]);
    return sum;
}

double buckets_percentile(const struct buckets *buckets, double q)
{
    static const struct sketch none;

    assert(buckets->sketches != NULL);
    return sketch_at(
        &buckets->closed_sketch,
        buckets->open == NULL ? &none : &buckets->sketches[open_slot(buckets)], q);
}
