/* percentile.c - see percentile.h. */
#include "rules/percentile.h"

#include "base/mem.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* From a towards b; exactly a when both are the same. */
static double between(double a, double b, double share)
{
    double span = b - a;

    return isfinite(span) ? a + span * share : a * (1 - share) + b * share;
}

/* ---- exact ---- */

double percentile_at(const double *values, size_t count, double q)
{
    double place;
    size_t below;
    double a;
    double b;

    if (count == 0)
        return NAN;
    place = q * (double)(count - 1);
    below = (size_t)place;
    a = values[below];
    b = values[below + 1 < count ? below + 1 : below];
    return between(a, b, place - (double)below);
}

struct ranks {
    size_t room;
    size_t count;
    double values[]; /* in order */
};

struct ranks *ranks_new(size_t values)
{
    struct ranks *ranks = mem_alloc(sizeof *ranks + values * sizeof(double));

    ranks->room = values;
    return ranks;
}

void ranks_free(struct ranks *ranks)
{
    mem_free(ranks);
}

void ranks_clear(struct ranks *ranks)
{
    ranks->count = 0;
}

/* The first place whose value is not below. */
static size_t place_of(const struct ranks *ranks, double value)
{
    size_t low = 0;
    size_t high = ranks->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ranks->values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void ranks_insert(struct ranks *ranks, double value)
{
    size_t place = place_of(ranks, value);

    assert(ranks->count < ranks->room);
    memmove(&ranks->values[place + 1], &ranks->values[place],
            (ranks->count - place) * sizeof(double));
    ranks->values[place] = value;
    ranks->count++;
}

void ranks_remove(struct ranks *ranks, double value)
{
    size_t place = place_of(ranks, value);

    assert(place < ranks->count && ranks->values[place] == value);
    ranks->count--;
    memmove(&ranks->values[place], &ranks->values[place + 1],
            (ranks->count - place) * sizeof(double));
}

size_t ranks_count(const struct ranks *ranks)
{
    return ranks->count;
}

size_t ranks_room(const struct ranks *ranks)
{
    return ranks->room;
}

double ranks_at(const struct ranks *ranks, double q)
{
    return percentile_at(ranks->values, ranks->count, q);
}

size_t ranks_memory(const struct ranks *ranks)
{
    return sizeof *ranks + ranks->room * sizeof(double);
}

/* ---- sketch ---- */

/* Bin k > 0 holds (TINY g^(k-1), TINY g^k], g = (1 + e) / (1 - e); what stands for it is
 * TINY g^k 2 / (g + 1), at most e off either edge. Bin -k is the same below zero. */
#define LN_GROWTH 0.02000066670666955 /* ln g for e = 0.01 */
#define LN_TINY   (-20.72326583694641)
#define MIDDLE    0.99 /* 2 / (g + 1) */

static int32_t key_of(double value)
{
    double size = fabs(value);
    double key;

    if (!(size > SKETCH_TINY))
        return 0;
    key = ceil((log(size) - LN_TINY) / LN_GROWTH);
    if (key < 1)
        key = 1;
    return value < 0 ? -(int32_t)key : (int32_t)key;
}

static double value_of_key(int32_t key)
{
    double size;

    if (key == 0)
        return 0;
    size = fmin(exp(abs(key) * LN_GROWTH + LN_TINY), DBL_MAX) * MIDDLE;
    return key < 0 ? -size : size;
}

void sketch_done(struct sketch *sketch)
{
    mem_free(sketch->bins);
    *sketch = (struct sketch){0};
}

void sketch_clear(struct sketch *sketch)
{
    sketch->used = 0;
    sketch->count = 0;
}

static uint32_t bin_of(const struct sketch *sketch, int32_t key)
{
    uint32_t low = 0;
    uint32_t high = sketch->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (sketch->bins[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Joins the two bins nearest to zero: it changes what is small least. */
static void join_smallest(struct sketch *sketch)
{
    uint32_t zero = bin_of(sketch, 0);
    uint32_t at; /* joined with the one behind it */

    if (zero == 0)
        at = 0;
    else if (zero == sketch->used)
        at = zero - 2;
    else
        at = zero - 1;
    /* What is left has the key that is nearer to the rest: the larger value. */
    if (zero <= at ||
        (zero == at + 1 && abs(sketch->bins[at].key) < abs(sketch->bins[at + 1].key)))
        sketch->bins[at].key = sketch->bins[at + 1].key;
    sketch->bins[at].count += sketch->bins[at + 1].count;
    sketch->used--;
    memmove(&sketch->bins[at + 1], &sketch->bins[at + 2],
            (sketch->used - at - 1) * sizeof *sketch->bins);
}

static void insert_bin(struct sketch *sketch, uint32_t place, struct sketch_bin bin)
{
    if (sketch->used == sketch->room) {
        sketch->room = sketch->room == 0 ? 8 : 2 * sketch->room;
        sketch->bins = mem_resize(sketch->bins, sketch->room, sizeof *sketch->bins);
    }
    memmove(&sketch->bins[place + 1], &sketch->bins[place],
            (sketch->used - place) * sizeof *sketch->bins);
    sketch->bins[place] = bin;
    sketch->used++;
}

static void add_bin(struct sketch *sketch, struct sketch_bin bin)
{
    uint32_t place = bin_of(sketch, bin.key);

    if (place < sketch->used && sketch->bins[place].key == bin.key) {
        sketch->bins[place].count += bin.count;
        return;
    }
    if (sketch->used == SKETCH_BINS_MAX) {
        join_smallest(sketch);
        place = bin_of(sketch, bin.key);
    }
    insert_bin(sketch, place, bin);
}

void sketch_add(struct sketch *sketch, double value)
{
    add_bin(sketch, (struct sketch_bin){key_of(value), 1});
    sketch->count++;
}

void sketch_append(struct sketch *sum, const struct sketch *later)
{
    for (uint32_t i = 0; i < later->used; i++)
        add_bin(sum, later->bins[i]);
    sum->count += later->count;
}

/* Walks two sketches together in order. */
struct merge {
    const struct sketch *a;
    const struct sketch *b;
    uint32_t i;
    uint32_t k;
};

static struct sketch_bin next_bin(struct merge *merge)
{
    bool from_a = merge->i < merge->a->used &&
                  (merge->k == merge->b->used ||
                   merge->a->bins[merge->i].key <= merge->b->bins[merge->k].key);

    return from_a ? merge->a->bins[merge->i++] : merge->b->bins[merge->k++];
}

double sketch_at(const struct sketch *a, const struct sketch *b, double q)
{
    struct merge merge = {.a = a, .b = b};
    uint64_t count = a->count + b->count;
    double place;
    uint64_t below;
    uint64_t seen = 0;
    struct sketch_bin bin = {0};
    double low;

    if (count == 0)
        return NAN;
    place = q * (double)(count - 1);
    below = (uint64_t)place;
    while (seen <= below) {
        bin = next_bin(&merge);
        seen += bin.count;
    }
    low = value_of_key(bin.key);
    if (seen > below + 1 || seen == count)
        return low;
    bin = next_bin(&merge);
    return between(low, value_of_key(bin.key), place - (double)below);
}
