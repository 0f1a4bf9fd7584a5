/* agenda.h - which item is due next (pure): a binary heap with one place per item.
 *
 * A time only moves an item forward: setting a later one leaves it where it is, and
 * whoever takes it looks whether it is really due and sets it again. Readings that come
 * in time push the staleness of a point ahead with every poll; so they cost nothing here.
 *
 * Of items due at the same time the lower number comes first.
 *
 * Threads: one owner.
 */
#ifndef RULES_AGENDA_H
#define RULES_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agenda;

struct agenda *agenda_new(size_t items); /* for items 0 .. items - 1 */
void agenda_free(struct agenda *agenda); /* NULL is fine */

/* `item` is wanted at `time_ns` or earlier. INT64_MAX: not at all, no change. */
void agenda_set(struct agenda *agenda, uint32_t item, int64_t time_ns);

int64_t agenda_next(const struct agenda *agenda); /* INT64_MAX when empty */

/* Removes the first item when its time has come. */
bool agenda_take(struct agenda *agenda, int64_t now_ns, uint32_t *item);

#endif
