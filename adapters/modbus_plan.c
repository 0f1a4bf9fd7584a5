/* modbus_plan.c - see modbus_plan.h. */
#include "adapters/modbus_plan.h"

#include "adapters/modbus_decode.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

/* What the points are sorted by. */
struct key {
    int64_t period_ms;
    enum modbus_table table;
    struct plan_member member;
};

struct plan_limits modbus_plan_no_limits(void)
{
    return (struct plan_limits){.max_gap = MODBUS_REGISTERS_MAX,
                                .max_span = MODBUS_REGISTERS_MAX};
}

struct plan_limits modbus_plan_limits(const struct profile_settings *profile, bool slow)
{
    struct plan_limits limits = {
        .max_gap = profile->max_gap,
        .max_span = profile->max_span,
        .single = profile->single,
        .never = {{profile->never, profile->never_count}},
        .never_count = profile->never_count > 0,
    };

    if (limits.max_gap < 0)
        limits.max_gap = slow ? MODBUS_GAP_SLOW : MODBUS_GAP_FAST;
    if (limits.max_span <= 0 || limits.max_span > MODBUS_REGISTERS_MAX)
        limits.max_span = MODBUS_REGISTERS_MAX;
    return limits;
}

static void add_never(struct plan_limits *limits, struct plan_never never)
{
    for (size_t i = 0; i < limits->never_count && i < PLAN_NEVER_LISTS; i++)
        if (limits->never[i].ranges == never.ranges)
            return;
    if (limits->never_count < PLAN_NEVER_LISTS)
        limits->never[limits->never_count] = never;
    limits->never_count++;
}

void modbus_plan_limits_meet(struct plan_limits *limits, const struct plan_limits *other)
{
    if (other->max_gap < limits->max_gap)
        limits->max_gap = other->max_gap;
    if (other->max_span < limits->max_span)
        limits->max_span = other->max_span;
    limits->single = limits->single || other->single;
    for (size_t i = 0; i < other->never_count && i < PLAN_NEVER_LISTS; i++)
        add_never(limits, other->never[i]);
}

/* Whether [start, end) holds an address that is never read; which one. */
static bool never_read(const struct plan_limits *limits, enum modbus_table table,
                       uint32_t start, uint32_t end, uint32_t *address)
{
    for (size_t i = 0; i < limits->never_count; i++) {
        const struct plan_never *never = &limits->never[i];

        for (size_t j = 0; j < never->count; j++) {
            const struct never_settings *range = &never->ranges[j];

            if (range->table != table || range->first >= end || range->last < start)
                continue;
            *address = range->first > start ? range->first : start;
            return true;
        }
    }
    return false;
}

static bool is_bit_table(enum modbus_table table)
{
    return table == TABLE_COIL || table == TABLE_DISCRETE;
}

static int make_key(struct key *key, const struct plan_item *item, uint32_t index,
                    const struct plan_limits *limits, struct err *err)
{
    const struct point_settings *point = item->settings;
    uint32_t length = modbus_cells(point);
    uint32_t start = modbus_first_cell(point);
    uint32_t never;

    if (point->table == TABLE_NONE || length == 0)
        return err_set(err, ERR_CONFIG, "point '%s' cannot be read over Modbus",
                       point->name);
    if (length > MODBUS_REGISTERS_MAX)
        return err_set(err, ERR_CONFIG, "point '%s': %u registers, one read brings %d",
                       point->name, length, MODBUS_REGISTERS_MAX);
    if (start + length > UINT32_C(65536))
        return err_set(err, ERR_CONFIG, "point '%s' reaches beyond address 65535",
                       point->name);
    if (point->poll_ms <= 0)
        return err_set(err, ERR_CONFIG, "point '%s' has no poll period", point->name);
    if (never_read(limits, point->table, start, start + length, &never))
        return err_set(err, ERR_CONFIG,
                       "point '%s' cannot be read without address %u, which is never "
                       "read",
                       point->name, never);
    *key = (struct key){point->poll_ms, point->table, {index, start, length}};
    return 0;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left;
    const struct key *b = right;
    int order = compare_numbers(a->period_ms, b->period_ms);

    if (order == 0)
        order = compare_numbers((int64_t)a->table, (int64_t)b->table);
    if (order == 0)
        order = compare_numbers(a->member.start, b->member.start);
    if (order == 0)
        order = compare_numbers(b->member.length, a->member.length);
    return order != 0 ? order : compare_numbers(a->member.item, b->member.item);
}

static bool fits(const struct plan_block *block, const struct key *key,
                 const struct plan_limits *limits)
{
    bool bits = is_bit_table(block->table);
    int64_t max_gap = limits->max_gap * (bits ? 16 : 1);
    int64_t max_span = limits->max_span * (bits ? 16 : 1);
    int64_t end = (int64_t)block->start + block->count;
    int64_t key_end = (int64_t)key->member.start + key->member.length;
    uint32_t never;

    if (key->period_ms != block->period_ms || key->table != block->table)
        return false;
    if (limits->single)
        return key->member.start == block->start && key->member.length == block->count;
    if ((int64_t)key->member.start - end > max_gap ||
        (key_end > end && key_end - block->start > max_span))
        return false;
    return !never_read(limits, block->table, block->start, (uint32_t)key_end, &never);
}

static void add_key(struct plan *plan, const struct key *key,
                    const struct plan_limits *limits)
{
    struct plan_block *block =
        plan->block_count > 0 ? &plan->blocks[plan->block_count - 1] : NULL;
    uint32_t key_end = key->member.start + key->member.length;

    if (block == NULL || !fits(block, key, limits)) {
        block = &plan->blocks[plan->block_count++];
        *block = (struct plan_block){.table = key->table,
                                     .start = key->member.start,
                                     .period_ms = key->period_ms,
                                     .first = (uint32_t)plan->member_count};
    }
    /* The furthest end counts: a short point may follow a long one at its address. */
    if (key_end - block->start > block->count)
        block->count = key_end - block->start;
    plan->members[plan->member_count++] = key->member;
    block->members++;
}

int modbus_plan_build(struct plan *plan, const struct plan_item *items, size_t count,
                      const struct plan_limits *limits, struct err *err)
{
    struct key *keys = mem_array(count + 1, sizeof *keys);
    int result = -1;

    assert(limits->max_gap >= 0 && limits->max_span > 0);
    if (limits->never_count > PLAN_NEVER_LISTS) {
        (void)err_set(err, ERR_CONFIG,
                      "%zu profiles with never_read share a unit, at most %d can",
                      limits->never_count, PLAN_NEVER_LISTS);
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        if (make_key(&keys[i], &items[i], (uint32_t)i, limits, err) != 0)
            goto out;
    qsort(keys, count, sizeof *keys, compare_keys);
    *plan = (struct plan){
        .blocks = mem_array(count + 1, sizeof *plan->blocks),
        .members = mem_array(count + 1, sizeof *plan->members),
    };
    for (size_t i = 0; i < count; i++)
        add_key(plan, &keys[i], limits);
    result = 0;
out:
    mem_free(keys);
    return result;
}

void modbus_plan_done(struct plan *plan)
{
    mem_free(plan->blocks);
    mem_free(plan->members);
    *plan = (struct plan){0};
}
