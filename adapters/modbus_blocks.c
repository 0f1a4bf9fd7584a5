/* modbus_blocks.c - see modbus_blocks.h. */
#include "adapters/modbus_blocks.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void modbus_blocks_init(struct modbus_blocks *blocks, struct plan *plan,
                        const struct schedule_place *place, struct mono_time now)
{
    *blocks = (struct modbus_blocks){
        .list = mem_array(plan->member_count + 1, sizeof *blocks->list),
        .count = plan->block_count,
        .members = plan->members,
        .member_count = plan->member_count,
    };
    for (size_t i = 0; i < plan->block_count; i++) {
        const struct plan_block *from = &plan->blocks[i];
        struct modbus_block *block = &blocks->list[i];

        *block = (struct modbus_block){
            .table = from->table,
            .start = (uint16_t)from->start,
            .count = (uint16_t)from->count,
            .first = from->first,
            .members = from->members,
            .origin = (uint32_t)i,
        };
        schedule_slot_start(&block->slot, place, from->period_ms, now);
    }
    plan->members = NULL;
    modbus_plan_done(plan);
}

void modbus_blocks_done(struct modbus_blocks *blocks)
{
    mem_free(blocks->list);
    mem_free(blocks->members);
    *blocks = (struct modbus_blocks){0};
}

void modbus_blocks_answered(struct modbus_blocks *blocks, size_t index)
{
    struct modbus_block *block = &blocks->list[index];

    block->failures = 0;
    block->busy = 0;
    if (block->settled && !block->refused && !block->joined)
        return;
    block->settled = true;
    block->refused = false;
    block->joined = false;
    block->refused_wait_ms = 0;
    blocks->changed = true;
}

static bool same_cells(const struct plan_member *a, const struct plan_member *b)
{
    return a->start == b->start && a->length == b->length;
}

/* How many of the block's members go into its first half: the cut between two different
 * ranges that is nearest to the middle. 0 when all cover the same cells. */
static uint32_t cut(const struct modbus_blocks *blocks, const struct modbus_block *block)
{
    const struct plan_member *members = &blocks->members[block->first];
    int64_t middle = block->start + block->count / 2;
    int64_t nearest = INT64_MAX;
    uint32_t best = 0;

    for (uint32_t i = 1; i < block->members; i++) {
        int64_t distance = llabs((int64_t)members[i].start - middle);

        if (same_cells(&members[i - 1], &members[i]) || distance >= nearest)
            continue;
        nearest = distance;
        best = i;
    }
    return best;
}

/* Start and count from the members. */
static void fit(const struct modbus_blocks *blocks, struct modbus_block *block)
{
    const struct plan_member *members = &blocks->members[block->first];
    uint32_t end = 0;

    for (uint32_t i = 0; i < block->members; i++)
        if (members[i].start + members[i].length > end)
            end = members[i].start + members[i].length;
    block->start = (uint16_t)members[0].start;
    block->count = (uint16_t)(end - members[0].start);
}

static void split(struct modbus_blocks *blocks, size_t index, uint32_t members,
                  struct mono_time now)
{
    struct modbus_block *half = &blocks->list[index];

    assert(blocks->count < blocks->member_count);
    memmove(half + 1, half, (blocks->count - index) * sizeof *half);
    blocks->count++;
    half->no_join |= half->joined;
    half->joined = half->settled = half->refused = false;
    half->failures = half->busy = 0;
    half->slot.due = now;
    half[1] = half[0];
    half[1].first += members;
    half[1].members -= members;
    half[0].members = members;
    fit(blocks, &half[0]);
    fit(blocks, &half[1]);
}

bool modbus_blocks_refused(struct modbus_blocks *blocks, size_t index,
                           struct mono_time now)
{
    struct modbus_block *block = &blocks->list[index];
    uint32_t members = cut(blocks, block);

    if (members > 0) {
        split(blocks, index, members, now);
        return true;
    }
    block->failures = block->busy = 0;
    block->refused_wait_ms =
        block->refused_wait_ms == 0 ? REFUSED_WAIT_MIN_MS : block->refused_wait_ms * 2;
    if (block->refused_wait_ms > REFUSED_WAIT_MAX_MS)
        block->refused_wait_ms = REFUSED_WAIT_MAX_MS;
    block->slot.due = mono_add_ms(now, block->refused_wait_ms);
    block->joined = false;
    block->settled = block->refused = true;
    blocks->changed = true;
    return false;
}

/* Blocks from `index` on that came from one planned block. */
static size_t run_length(const struct modbus_blocks *blocks, size_t index, bool *settled)
{
    size_t end = index;

    *settled = true;
    for (; end < blocks->count && blocks->list[end].origin == blocks->list[index].origin;
         end++)
        *settled = *settled && blocks->list[end].settled;
    return end - index;
}

static bool may_join(const struct modbus_block *a, const struct modbus_block *b)
{
    return a->origin == b->origin && !a->refused && !b->refused && !a->no_join &&
           !b->no_join;
}

static void join(struct modbus_blocks *blocks, struct modbus_block *a,
                 const struct modbus_block *b)
{
    a->members += b->members;
    a->slot.due = mono_min(a->slot.due, b->slot.due);
    a->joined = true;
    fit(blocks, a);
}

void modbus_blocks_join(struct modbus_blocks *blocks)
{
    size_t kept = 0;
    size_t index = 0;

    blocks->changed = false;
    while (index < blocks->count) {
        bool settled;
        size_t length = run_length(blocks, index, &settled);

        for (size_t i = index; i < index + length; i++) {
            const struct modbus_block *next = &blocks->list[i];

            if (settled && i > index && may_join(&blocks->list[kept - 1], next))
                join(blocks, &blocks->list[kept - 1], next);
            else
                blocks->list[kept++] = *next;
        }
        index += length;
    }
    blocks->count = kept;
}

size_t modbus_blocks_smallest(const struct modbus_blocks *blocks)
{
    size_t best = 0;

    for (size_t i = 1; i < blocks->count; i++) {
        const struct modbus_block *block = &blocks->list[i];
        const struct modbus_block *other = &blocks->list[best];
        bool better = block->refused != other->refused ? other->refused
                                                       : block->count < other->count;

        if (better)
            best = i;
    }
    return best;
}

void modbus_blocks_all_due(struct modbus_blocks *blocks, struct mono_time now)
{
    for (size_t i = 0; i < blocks->count; i++)
        blocks->list[i].slot.due = mono_add_ms(now, blocks->list[i].rank);
}

struct mono_time modbus_blocks_due(const struct modbus_blocks *blocks)
{
    struct mono_time due = MONO_NEVER;

    for (size_t i = 0; i < blocks->count; i++)
        due = mono_min(due, blocks->list[i].slot.due);
    return due;
}
