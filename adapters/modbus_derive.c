/* modbus_derive.c - see modbus_derive.h. */
#include "adapters/modbus_derive.h"

#include "base/mem.h"

#include <math.h>

enum {
    PARTS_MAX = POINT_TIMES_MAX + 2, /* times, the exponent, the factor */
    NOBODY = -1,                     /* a slot that no item has */
};

/* How the value of a source enters the product; NAN: not at all. */
typedef double part_of(const struct point_settings *point, double value);

struct part {
    part_of *of;
    int64_t source; /* item, or NOBODY */
};

struct derive_item {
    double value; /* NAN: none */
    uint32_t rank;
    uint32_t part_count;
    struct part *parts;
};

static double part_times(const struct point_settings *point, double value)
{
    (void)point;
    return value;
}

static double part_exponent(const struct point_settings *point, double value)
{
    double exponent = point->exponent_sign * value + point->exponent_offset;

    /* Also false for NAN. A scaled value may be a hair beside its whole number. */
    if (!(fabs(exponent) <= DERIVE_EXPONENT_MAX) ||
        fabs(exponent - nearbyint(exponent)) > 1e-6)
        return NAN;
    return pow(10.0, nearbyint(exponent));
}

static double part_factor(const struct point_settings *point, double value)
{
    for (size_t i = 0; i < point->factor_count; i++)
        if (value == (double)point->factors[i].code)
            return point->factors[i].factor;
    return NAN;
}

/* --- who depends on whom ----------------------------------------------------------- */

static bool has_exponent(const struct point_settings *point)
{
    return point->exponent != POINT_NOBODY && point->exponent_sign != 0;
}

static bool has_factor(const struct point_settings *point)
{
    return point->factor != POINT_NOBODY && point->factor_count > 0;
}

static bool depends(const struct point_settings *point)
{
    return point->time_count > 0 || has_exponent(point) || has_factor(point);
}

/* Where the points of the item's equipment begin in the model: equal for all of them. */
static uint32_t equipment_of(const struct plan_item *item)
{
    return item->point - item->settings->slot;
}

static int64_t find_item(const struct derive *derive, const struct plan_item *of,
                         uint32_t slot)
{
    for (size_t i = 0; i < derive->count; i++) {
        const struct plan_item *item = &derive->items[i];

        if (item->settings->slot == slot && equipment_of(item) == equipment_of(of))
            return (int64_t)i;
    }
    return NOBODY;
}

static void add_part(struct derive *derive, size_t item, uint32_t slot, part_of *of)
{
    struct derive_item *state = &derive->state[item];

    if (state->parts == NULL)
        state->parts = mem_array(PARTS_MAX, sizeof *state->parts);
    state->parts[state->part_count++] =
        (struct part){of, find_item(derive, &derive->items[item], slot)};
}

static void add_parts(struct derive *derive, size_t item)
{
    const struct point_settings *point = derive->items[item].settings;

    for (size_t i = 0; i < point->time_count && i < POINT_TIMES_MAX; i++)
        add_part(derive, item, point->times[i], part_times);
    if (has_exponent(point))
        add_part(derive, item, point->exponent, part_exponent);
    if (has_factor(point))
        add_part(derive, item, point->factor, part_factor);
}

/* One above the highest of its sources. Returns whether it moved. */
static bool lift(struct derive *derive, size_t item)
{
    struct derive_item *state = &derive->state[item];
    uint32_t rank = state->part_count > 0 ? 1 : 0;

    for (uint32_t i = 0; i < state->part_count; i++) {
        int64_t source = state->parts[i].source;

        if (source != NOBODY && derive->state[source].rank >= rank)
            rank = derive->state[source].rank + 1;
    }
    if (rank > DERIVE_RANK_MAX)
        rank = DERIVE_RANK_MAX;
    if (rank == state->rank)
        return false;
    state->rank = rank;
    if (rank > derive->rank_max)
        derive->rank_max = rank;
    return true;
}

void derive_init(struct derive *derive, const struct plan_item *items, size_t count)
{
    bool any = false;
    bool moved = true;

    *derive = (struct derive){.items = items, .count = count};
    for (size_t i = 0; i < count; i++)
        any = any || depends(items[i].settings);
    if (!any)
        return;
    derive->state = mem_array(count, sizeof *derive->state);
    for (size_t i = 0; i < count; i++)
        add_parts(derive, i);
    derive_all_bad(derive);
    for (int round = 0; moved && round < DERIVE_RANK_MAX; round++) {
        moved = false;
        for (size_t i = 0; i < count; i++)
            moved = lift(derive, i) || moved;
    }
}

void derive_done(struct derive *derive)
{
    for (size_t i = 0; derive->state != NULL && i < derive->count; i++)
        mem_free(derive->state[i].parts);
    mem_free(derive->state);
    *derive = (struct derive){0};
}

/* --- values ------------------------------------------------------------------------ */

uint32_t derive_rank(const struct derive *derive, size_t item)
{
    return derive->state == NULL ? 0 : derive->state[item].rank;
}

void derive_put(struct derive *derive, size_t item, double value)
{
    if (derive->state != NULL)
        derive->state[item].value = value;
}

void derive_put_bad(struct derive *derive, size_t item)
{
    derive_put(derive, item, NAN);
}

void derive_all_bad(struct derive *derive)
{
    for (size_t i = 0; derive->state != NULL && i < derive->count; i++)
        derive->state[i].value = NAN;
}

bool derive_multiplier(const struct derive *derive, size_t item, double *multiplier)
{
    const struct derive_item *state;
    double product = 1.0;

    *multiplier = 1.0;
    if (derive->state == NULL)
        return true;
    state = &derive->state[item];
    for (uint32_t i = 0; i < state->part_count; i++) {
        const struct part *part = &state->parts[i];

        if (part->source == NOBODY)
            return false;
        product *=
            part->of(derive->items[item].settings, derive->state[part->source].value);
    }
    if (isnan(product))
        return false;
    *multiplier = product;
    return true;
}
