/* agenda.c - see agenda.h.
 *
 * A slot is an array of items that only grows until the slot has come. An item that moves
 * forward leaves its entry behind; `place` says which entry counts. So there are at most
 * as many entries as items were set within the two minutes of a revolution. */
#include "rules/agenda.h"

#include "base/clock.h"
#include "base/mem.h"

#include <assert.h>

enum {
    FETCH_PLACE = 24, /* how many items ahead memory is asked for */
};

#define SLOT_NS (AGENDA_SLOT_MS * CLOCK_MS)

/* Where an item is: nowhere, in the heap, or in the wheel in the slot with this number
 * (times of a slot divided by its length, cut to 30 bits, which is eight years). */
#define NOWHERE   UINT32_MAX
#define IN_WHEEL  UINT32_C(0x80000000)
#define TURN_MASK UINT32_C(0x3FFFFFFF)

struct entry {
    int64_t time_ns;
    uint32_t item;
};

struct slot {
    uint32_t *items;
    size_t count;
    size_t capacity;
};

struct agenda {
    size_t items;
    uint32_t *place; /* in the heap, or IN_WHEEL and the turn, or NOWHERE */

    struct entry *heap;
    size_t heap_count;

    struct slot slots[AGENDA_SLOTS];
    uint64_t filled[AGENDA_SLOTS / 64]; /* bits: slots that hold entries */
    int64_t turn;                       /* slots before it are empty */

    struct slot taking; /* the slot that is being handed out, from `taken` on */
    int64_t taking_turn;
    size_t taken;
};

/* Rounds down, also below zero: recall runs before the start of the machine. */
static int64_t turn_of(int64_t time_ns)
{
    int64_t turn = time_ns / SLOT_NS;

    return time_ns % SLOT_NS < 0 ? turn - 1 : turn;
}

struct agenda *agenda_new(size_t items, int64_t now_ns)
{
    struct agenda *agenda = mem_alloc(sizeof *agenda);

    assert(items < IN_WHEEL);
    agenda->items = items;
    agenda->heap = mem_array(items + 1, sizeof *agenda->heap);
    agenda->place = mem_spread(items + 1, sizeof *agenda->place);
    for (size_t i = 0; i < items; i++)
        agenda->place[i] = NOWHERE;
    agenda->turn = turn_of(now_ns);
    return agenda;
}

void agenda_free(struct agenda *agenda)
{
    if (agenda == NULL)
        return;
    for (size_t i = 0; i < AGENDA_SLOTS; i++)
        mem_free(agenda->slots[i].items);
    mem_free(agenda->taking.items);
    mem_free(agenda->heap);
    mem_free(agenda->place);
    mem_free(agenda);
}

/* ---- the heap ---- */

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

        if (child >= agenda->heap_count)
            break;
        if (child + 1 < agenda->heap_count &&
            comes_before(agenda->heap[child + 1], agenda->heap[child]))
            child++;
        if (!comes_before(agenda->heap[child], entry))
            break;
        put(agenda, place, agenda->heap[child]);
        place = child;
    }
    put(agenda, place, entry);
}

static uint32_t take_first(struct agenda *agenda)
{
    uint32_t item = agenda->heap[0].item;
    struct entry last = agenda->heap[--agenda->heap_count];

    agenda->place[item] = NOWHERE;
    if (agenda->heap_count > 0)
        sift_down(agenda, 0, last);
    return item;
}

/* ---- the wheel ---- */

static uint32_t mark_of(int64_t turn)
{
    return IN_WHEEL | ((uint32_t)turn & TURN_MASK);
}

static size_t slot_of(int64_t turn)
{
    return (size_t)((uint64_t)turn % AGENDA_SLOTS);
}

static void push(struct slot *slot, uint32_t item)
{
    if (slot->count == slot->capacity) {
        slot->capacity = 2 * slot->capacity + 16;
        slot->items = mem_resize(slot->items, slot->capacity, sizeof *slot->items);
    }
    slot->items[slot->count++] = item;
}

static void put_in_wheel(struct agenda *agenda, uint32_t item, int64_t turn)
{
    size_t index = slot_of(turn);

    push(&agenda->slots[index], item);
    agenda->filled[index / 64] |= UINT64_C(1) << (index % 64);
    agenda->place[item] = mark_of(turn);
}

/* The first turn from agenda->turn on whose slot holds entries; INT64_MAX: none. */
static int64_t next_turn(const struct agenda *agenda)
{
    size_t start = slot_of(agenda->turn);

    for (size_t ahead = 0; ahead < AGENDA_SLOTS;) {
        size_t index = (start + ahead) % AGENDA_SLOTS;
        uint64_t bits = agenda->filled[index / 64] >> (index % 64);

        if (bits != 0)
            return agenda->turn + (int64_t)ahead + __builtin_ctzll(bits);
        ahead += 64 - index % 64;
    }
    return INT64_MAX;
}

/* Makes the slot of `turn` the one that is handed out; its array is exchanged for the
 * empty one of the last. */
static void open_slot(struct agenda *agenda, int64_t turn)
{
    size_t index = slot_of(turn);
    struct slot empty = agenda->taking;

    empty.count = 0;
    agenda->taking = agenda->slots[index];
    agenda->slots[index] = empty;
    agenda->filled[index / 64] &= ~(UINT64_C(1) << (index % 64));
    agenda->taking_turn = turn;
    agenda->taken = 0;
    agenda->turn = turn + 1;
}

static bool take_from_slot(struct agenda *agenda, uint32_t *item)
{
    while (agenda->taken < agenda->taking.count) {
        if (agenda->taken + FETCH_PLACE < agenda->taking.count)
            __builtin_prefetch(
                &agenda->place[agenda->taking.items[agenda->taken + FETCH_PLACE]], 1);
        *item = agenda->taking.items[agenda->taken++];
        if (agenda->place[*item] == mark_of(agenda->taking_turn)) {
            agenda->place[*item] = NOWHERE;
            return true;
        }
    }
    return false;
}

/* ---- both ---- */

/* Whether the item already stands at that time or before it. */
static bool is_earlier(const struct agenda *agenda, uint32_t place, int64_t time_ns)
{
    int64_t turn;

    if ((place & IN_WHEEL) == 0)
        return agenda->heap[place].time_ns <= time_ns;
    /* The turn of the mark is within a revolution of the present one. */
    turn = agenda->turn + (int32_t)((place - mark_of(agenda->turn)) << 2) / 4;
    return turn <= turn_of(time_ns);
}

void agenda_set(struct agenda *agenda, uint32_t item, int64_t time_ns)
{
    struct entry entry = {time_ns, item};
    uint32_t place = agenda->place[item];
    int64_t turn;

    assert(item < agenda->items);
    if (time_ns == INT64_MAX)
        return;
    if (place != NOWHERE && is_earlier(agenda, place, time_ns))
        return;
    turn = turn_of(time_ns);
    if (place != NOWHERE && (place & IN_WHEEL) == 0) {
        sift_up(agenda, place, entry);
    } else if (turn < agenda->turn) { /* its slot has begun */
        sift_up(agenda, agenda->heap_count++, entry);
    } else {
        if (turn >= agenda->turn + AGENDA_SLOTS)
            turn = agenda->turn + AGENDA_SLOTS - 1;
        if (place != mark_of(turn))
            put_in_wheel(agenda, item, turn);
    }
}

int64_t agenda_next(struct agenda *agenda)
{
    int64_t heap_ns = agenda->heap_count == 0 ? INT64_MAX : agenda->heap[0].time_ns;
    int64_t turn;

    if (agenda->taken < agenda->taking.count)
        return agenda->taking_turn * SLOT_NS;
    turn = next_turn(agenda);
    return turn == INT64_MAX || heap_ns <= turn * SLOT_NS ? heap_ns : turn * SLOT_NS;
}

bool agenda_take(struct agenda *agenda, int64_t now_ns, uint32_t *item)
{
    for (;;) {
        int64_t turn;

        if (take_from_slot(agenda, item))
            return true;
        turn = next_turn(agenda);
        if (turn == INT64_MAX || turn * SLOT_NS > now_ns)
            break;
        open_slot(agenda, turn);
    }
    if (turn_of(now_ns) >= agenda->turn) /* all slots up to now are empty */
        agenda->turn = turn_of(now_ns) + 1;
    if (agenda->heap_count == 0 || agenda->heap[0].time_ns > now_ns)
        return false;
    *item = take_first(agenda);
    return true;
}

bool agenda_peek(const struct agenda *agenda, size_t ahead, uint32_t *item)
{
    if (agenda->taken + ahead >= agenda->taking.count)
        return false;
    *item = agenda->taking.items[agenda->taken + ahead];
    return true;
}
