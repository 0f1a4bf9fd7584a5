/* agenda.c - see agenda.h. */
#include "rules/agenda.h"

#include "base/mem.h"

#include <assert.h>

#define NOWHERE UINT32_MAX

struct entry {
    int64_t time_ns;
    uint32_t item;
};

struct agenda {
    size_t items;
    size_t count;
    struct entry *heap;
    uint32_t *place; /* of each item in the heap, or NOWHERE */
};

struct agenda *agenda_new(size_t items)
{
    struct agenda *agenda = mem_alloc(sizeof *agenda);

    assert(items < NOWHERE);
    agenda->items = items;
    agenda->heap = mem_array(items + 1, sizeof *agenda->heap);
    agenda->place = mem_array(items + 1, sizeof *agenda->place);
    for (size_t i = 0; i < items; i++)
        agenda->place[i] = NOWHERE;
    return agenda;
}

void agenda_free(struct agenda *agenda)
{
    if (agenda == NULL)
        return;
    mem_free(agenda->heap);
    mem_free(agenda->place);
    mem_free(agenda);
}

static bool comes_before(struct entry a, struct entry b)
{
    return a.time_ns < b.time_ns || (a.time_ns == b.time_ns && a.item < b.item);
}

static void put(struct agenda *agenda, size_t place, struct entry entry)
{
    agenda->heap[place] = entry;
    agenda->place[entry.item] = (uint32_t)place;
}

static void sift_up(struct agenda *agenda, size_t place, struct entry entry)
{
    while (place > 0) {
        size_t parent = (place - 1) / 2;

        if (!comes_before(entry, agenda->heap[parent]))
            break;
        put(agenda, place, agenda->heap[parent]);
        place = parent;
    }
    put(agenda, place, entry);
}

static void sift_down(struct agenda *agenda, size_t place, struct entry entry)
{
    for (;;) {
        size_t child = 2 * place + 1;

        if (child >= agenda->count)
            break;
        if (child + 1 < agenda->count &&
            comes_before(agenda->heap[child + 1], agenda->heap[child]))
            child++;
        if (!comes_before(agenda->heap[child], entry))
            break;
        put(agenda, place, agenda->heap[child]);
        place = child;
    }
    put(agenda, place, entry);
}

void agenda_set(struct agenda *agenda, uint32_t item, int64_t time_ns)
{
    struct entry entry = {time_ns, item};
    uint32_t place;

    assert(item < agenda->items);
    if (time_ns == INT64_MAX)
        return;
    place = agenda->place[item];
    if (place == NOWHERE)
        sift_up(agenda, agenda->count++, entry);
    else if (time_ns < agenda->heap[place].time_ns)
        sift_up(agenda, place, entry);
}

int64_t agenda_next(const struct agenda *agenda)
{
    return agenda->count == 0 ? INT64_MAX : agenda->heap[0].time_ns;
}

bool agenda_take(struct agenda *agenda, int64_t now_ns, uint32_t *item)
{
    struct entry last;

    if (agenda->count == 0 || agenda->heap[0].time_ns > now_ns)
        return false;
    *item = agenda->heap[0].item;
    agenda->place[*item] = NOWHERE;
    last = agenda->heap[--agenda->count];
    if (agenda->count > 0)
        sift_down(agenda, 0, last);
    return true;
}
