/* modbus_blocks.h - the reads of one unit as they are right now.
 *
 * Starts as the plan and adapts to what the device allows:
 *
 *   planned --exception 2 or 3--> split in two --...--> refused (a single address)
 *                                      \--answers--> settled --neighbours too--> joined
 *
 * A refused address is asked again after a minute, then after twice as long each time, at
 * most daily: a device that is only starting up is not given up for a day. When
 * every part of a planned block is settled or refused, neighbours that answer are joined
 * again, so that one bad register costs one extra read for good and not one per
 * halving. A joined block that is refused at once stays apart from then on.
 *
 * Invariant: every member is in exactly one block; blocks of one planned block (their
 * origin) are neighbours, in address order; there are never more blocks than members.
 *
 * Pure. Threads: one owner.
 */
#ifndef ADAPTERS_MODBUS_BLOCKS_H
#define ADAPTERS_MODBUS_BLOCKS_H

#include "adapters/modbus_plan.h"
#include "adapters/schedule.h"

enum {
    REFUSED_WAIT_MIN_MS = 60 * 1000,
    REFUSED_WAIT_MAX_MS = 24 * 60 * 60 * 1000,
};

struct modbus_block {
    enum modbus_table table;
    uint16_t start;
    uint16_t count;
    uint32_t first; /* members */
    uint32_t members;
    uint32_t origin;
    uint32_t rank; /* what it needs from blocks of a lower rank should have been read */
    struct schedule_slot slot;
    uint32_t failures; /* in a row: no answer or nonsense */
    uint32_t busy;     /* answers "busy" in a row */
    bool settled;      /* has answered, or is refused */
    bool refused;
    bool joined;  /* made by joining and not yet answered */
    bool no_join; /* joining was tried and refused */
    int64_t refused_wait_ms;
};

struct modbus_blocks {
    struct modbus_block *list;
    size_t count;
    struct plan_member *members;
    size_t member_count;
    bool changed; /* a block became settled: joining may have something to do */
};

/* Takes the members of the plan, which is empty afterwards. */
void modbus_blocks_init(struct modbus_blocks *blocks, struct plan *plan,
                        const struct schedule_place *place, struct mono_time now);
void modbus_blocks_done(struct modbus_blocks *blocks);

/* The block answered well. */
void modbus_blocks_answered(struct modbus_blocks *blocks, size_t index);

/* The device refuses the address range. True when the block was split: its halves stand
 * at `index` and `index + 1` and are due now. False when it covers one address and is now
 * refused. */
bool modbus_blocks_refused(struct modbus_blocks *blocks, size_t index,
                           struct mono_time now);

/* Joins what may be joined. Indices change. */
void modbus_blocks_join(struct modbus_blocks *blocks);

/* The block with the fewest cells, for probing; refused ones only when all are. */
size_t modbus_blocks_smallest(const struct modbus_blocks *blocks);

/* Everything is due now and not late, refused blocks too, by rank: a pause is over. */
void modbus_blocks_all_due(struct modbus_blocks *blocks, struct mono_time now);

struct mono_time modbus_blocks_due(const struct modbus_blocks *blocks);

#endif
