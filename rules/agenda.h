/* agenda.h - which item is due next (pure).
 *
 * Near times stand in a binary heap, exactly; farther ones in a wheel of slots of a
 * quarter of a second, where putting an item costs the same whatever their number. An
 * item from the wheel is handed out when its slot begins, up to a slot before its time:
 * whoever takes it looks whether it is really due and sets it again, then it stands in
 * the heap. Most are not due any more by then: readings that come in time push the
 * staleness of a point ahead with every poll, which costs nothing here.
 *
 * A time only moves an item forward: setting a later one leaves it where it is. Of items
 * in the heap that are due at the same time the lower number comes first.
 *
 * Threads: one owner.
 */
#ifndef RULES_AGENDA_H
#define RULES_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agenda;

enum {
    /* The wheel reaches two minutes ahead; what is farther is looked at again by then. */
    AGENDA_SLOT_MS = 250,
    AGENDA_SLOTS = 512,
};

struct agenda *agenda_new(size_t items, int64_t now_ns); /* for items 0 .. items - 1 */
void agenda_free(struct agenda *agenda);                 /* NULL is fine */

/* `item` is wanted at `time_ns` or earlier. INT64_MAX: not at all, no change. */
void agenda_set(struct agenda *agenda, uint32_t item, int64_t time_ns);

/* When agenda_take has something to give; INT64_MAX when it is empty. */
int64_t agenda_next(struct agenda *agenda);

/* Removes the first item when its time, or its slot, has come. */
bool agenda_take(struct agenda *agenda, int64_t now_ns, uint32_t *item);

/* The item that is likely to be taken `ahead` calls from now, to be fetched into the
 * cache; false when it is not known. */
bool agenda_peek(const struct agenda *agenda, size_t ahead, uint32_t *item);

#endif
