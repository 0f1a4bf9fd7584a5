/* modbus_derive.h - values whose scale stands in other registers.
 *
 *   value = number * scale * times * 10^exponent * factor + offset
 *
 * `times`, the exponent and the code that chooses the factor are values of other points
 * of the same equipment. Here the latest of each is kept, and the product of what a
 * point depends on is told: its multiplier.
 *
 * A point has a multiplier once all that it depends on was read well, and as long as it
 * is: a source that turns bad takes the multiplier away until it is read again. A code
 * that the table does not have, an exponent that is no whole number or beyond
 * DERIVE_EXPONENT_MAX, do the same: the register is there, but says nothing that could be
 * used. What is told is REASON_DEPENDS in each case; the source shows why.
 *
 * Sources can depend on others. A point's rank is the length of the longest such chain
 * behind it. Of points that come with one answer those of low rank are taken first, so
 * that a value is scaled by what stood beside it in that very answer. When the sources
 * come with another request, the latest count: a value read between a change of the scale
 * and the next reading of it is wrong by the change. Who cares polls both together.
 *
 * Points that depend on themselves, or on a point that is not read, never have a value;
 * the configuration refuses the first.
 *
 * Everything is named by its place among the items of a unit; slots are those of the
 * item's equipment, which is told from others of the unit by where its points begin in
 * the model. Nothing is remembered over a restart.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MODBUS_DERIVE_H
#define ADAPTERS_MODBUS_DERIVE_H

#include "adapters/modbus_plan.h"

enum {
    DERIVE_EXPONENT_MAX = 30, /* of ten: quetta is 10^30, quecto 10^-30 */
    DERIVE_RANK_MAX = 8,      /* a longer chain is a circle, or as good as one */
};

struct derive_item;

struct derive {
    const struct plan_item *items; /* borrowed */
    size_t count;
    struct derive_item *state; /* by item; NULL when no item depends on another */
    uint32_t rank_max;
};

/* `items` is borrowed and must not change. */
void derive_init(struct derive *derive, const struct plan_item *items, size_t count);
void derive_done(struct derive *derive); /* an empty one is fine */

/* 0 for a point that stands for itself. */
uint32_t derive_rank(const struct derive *derive, size_t item);

/* The item has been read: its value, as it is delivered, or that it has none. */
void derive_put(struct derive *derive, size_t item, double value);
void derive_put_bad(struct derive *derive, size_t item);
/* All of them have none. */
void derive_all_bad(struct derive *derive);

/* What the number of an item is multiplied by; false when it can have no value. 1 for a
 * point that stands for itself. */
bool derive_multiplier(const struct derive *derive, size_t item, double *multiplier);

#endif
