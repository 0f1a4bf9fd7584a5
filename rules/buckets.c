/* buckets.c - see buckets.h. Bucket k covers [k * width, (k + 1) * width) and lies in
 * slot k % count, which remembers k: an old bucket is overwritten when its slot is
 * needed. */
#include "rules/buckets.h"

#include "base/mem.h"

#include <math.h>

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
    int64_t length_ns;
    int64_t ago_ns;
    int64_t width_ns;
    size_t count;
    int64_t newest_ns;   /* of a reading; INT64_MIN before the first */
    struct anchor carry; /* of the buckets that were overwritten */

    /* Everything of the window but the newest bucket, for [from, to). */
    struct partial closed;
    struct partial edge;        /* the value in force at `from` */
    struct hold_rule edge_rule; /* for the rest of its hold */
    int64_t closed_from;
    int64_t closed_to;
    bool closed_ready;

    struct bucket slots[];
};

struct buckets *buckets_new(int64_t length_ns, int64_t ago_ns, struct hold_rule rule)
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
    buckets->length_ns = length_ns;
    buckets->ago_ns = ago_ns;
    buckets->width_ns = width;
    buckets->count = count;
    buckets->newest_ns = INT64_MIN;
    return buckets;
}

void buckets_free(struct buckets *buckets)
{
    mem_free(buckets);
}

size_t buckets_memory(const struct buckets *buckets)
{
    return sizeof *buckets + buckets->count * sizeof(struct bucket);
}

/* Rounds down, also below zero. */
static int64_t number_of(const struct buckets *buckets, int64_t time_ns)
{
    int64_t k = time_ns / buckets->width_ns;

    return time_ns % buckets->width_ns < 0 ? k - 1 : k;
}

static struct bucket *slot_of(struct buckets *buckets, int64_t k)
{
    int64_t count = (int64_t)buckets->count;

    return &buckets->slots[(k % count + count) % count];
}

/* Takes over what a stretch ends with, if it is later. */
static void see(struct anchor *anchor, const struct partial *sum)
{
    if (sum->readings == 0)
        return;
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

/* A late reading: what does not depend on order. */
static void put_late(struct buckets *buckets, struct reading reading)
{
    int64_t k = number_of(buckets, reading.time_ns);
    struct bucket *bucket = slot_of(buckets, k);

    if (bucket->k != k || bucket->sum.count == 0 || isnan(reading.value))
        return;
    bucket->sum.count++;
    bucket->sum.sum += reading.value;
    if (reading.value < bucket->sum.min)
        bucket->sum.min = reading.value;
    if (reading.value > bucket->sum.max)
        bucket->sum.max = reading.value;
    buckets->closed_ready = false;
}

void buckets_put(struct buckets *buckets, struct reading reading)
{
    int64_t k = number_of(buckets, reading.time_ns);
    struct bucket *bucket = slot_of(buckets, k);

    if (reading.time_ns <= buckets->newest_ns) {
        if (reading.time_ns < buckets->newest_ns)
            put_late(buckets, reading);
        return;
    }
    buckets->newest_ns = reading.time_ns;
    if (bucket->k != k || bucket->sum.readings == 0) {
        see(&buckets->carry, &bucket->sum);
        *bucket = (struct bucket){.k = k};
    }
    if (k < buckets->closed_to)
        buckets->closed_ready = false;
    partial_add(&bucket->sum, reading, buckets->rule);
}

/* What stands before bucket `k`. */
static struct anchor before(const struct buckets *buckets, int64_t k)
{
    struct anchor anchor = buckets->carry;

    for (size_t i = 0; i < buckets->count; i++)
        if (buckets->slots[i].k < k)
            see(&anchor, &buckets->slots[i].sum);
    return anchor;
}

/* The value that is in force at `from`, for the rest of its hold. */
static struct partial left_edge(const struct anchor *anchor, int64_t from_ns,
                                struct hold_rule *rule)
{
    struct partial edge = {0};
    int64_t age = from_ns - anchor->last.time_ns;

    if (!anchor->any)
        return edge;
    if (isnan(anchor->last.value) || age > rule->hold_ns) {
        edge = partial_of((struct reading){from_ns, NAN, false});
        edge.first_known = edge.last_known = anchor->known;
        return edge;
    }
    edge =
        partial_of((struct reading){from_ns, anchor->last.value, anchor->last.uncertain});
    edge.count = 0;
    edge.sum = 0;
    if (rule->hold_ns != INT64_MAX)
        rule->hold_ns -= age;
    return edge;
}

static double right_edge(const struct partial *sum, int64_t to_ns, struct hold_rule rule)
{
    if (sum->readings == 0 || isnan(sum->last) || to_ns - sum->last_ns > rule.hold_ns)
        return NAN;
    return sum->last;
}

/* Merges the buckets [from, to) and finds what stands before them. */
static void close_buckets(struct buckets *buckets, int64_t from, int64_t to)
{
    struct partial sum = {0};
    struct anchor anchor;

    for (int64_t k = from; k < to; k++) {
        const struct bucket *bucket = slot_of(buckets, k);

        if (bucket->k == k)
            partial_append(&sum, &bucket->sum, buckets->rule);
    }
    buckets->closed = sum;
    buckets->edge_rule = buckets->rule;
    anchor = before(buckets, from);
    buckets->edge = left_edge(&anchor, from * buckets->width_ns, &buckets->edge_rule);
    buckets->closed_from = from;
    buckets->closed_to = to;
    buckets->closed_ready = true;
}

struct window_stats buckets_window(struct buckets *buckets, int64_t now_ns)
{
    struct window_stats stats = {.left = NAN, .right = NAN};
    int64_t to_ns = now_ns - buckets->ago_ns;
    int64_t from = number_of(buckets, to_ns - buckets->length_ns);
    int64_t to = number_of(buckets, to_ns);
    const struct bucket *open = slot_of(buckets, to);
    struct partial inside;

    if (!buckets->closed_ready || buckets->closed_from != from ||
        buckets->closed_to != to)
        close_buckets(buckets, from, to);
    if (buckets->ago_ns > 0)
        to_ns = to * buckets->width_ns;
    stats.length_ns = to_ns - from * buckets->width_ns;
    stats.sum = buckets->edge;
    stats.left = stats.sum.readings == 0 ? NAN : stats.sum.last;
    inside = buckets->closed;
    if (buckets->ago_ns == 0 && open->k == to)
        partial_append(&inside, &open->sum, buckets->rule);
    stats.right = right_edge(&inside, to_ns, buckets->rule);
    partial_extend(&inside, to_ns, buckets->rule);
    if (inside.readings == 0) {
        stats.right = right_edge(&stats.sum, to_ns, buckets->edge_rule);
        partial_extend(&stats.sum, to_ns, buckets->edge_rule);
    }
    partial_append(&stats.sum, &inside, buckets->edge_rule);
    return stats;
}
