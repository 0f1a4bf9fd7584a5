/* modbus_plan.h - which reads bring the points of one unit.
 *
 * Points are sorted by period, table and address and gathered into blocks: a block grows
 * while the hole to the next point is at most max_gap and the whole at most max_span
 * registers (bits: 16 times that, at most 2000). Points of different periods never
 * share a block. Any number of points may cover the same register; it is read once.
 *
 * A block never covers an address of a never_read range, whatever max_gap allows. With
 * `single`, a block is exactly the cells of one point; points on the same cells share it.
 * A point whose own cells are more than max_span is read whole: half a value is none.
 *
 * A request on a serial bus costs about as much as 19 registers at 9600 baud, on TCP
 * nearly as much as a whole block: hence the automatic max_gap.
 *
 * Pure. Threads: any.
 */
#ifndef ADAPTERS_MODBUS_PLAN_H
#define ADAPTERS_MODBUS_PLAN_H

#include "base/err.h"
#include "config/settings.h"

enum {
    MODBUS_REGISTERS_MAX = 125, /* of one read; Modbus Application Protocol V1.1b3, 6.3 */
    MODBUS_BITS_MAX = 2000,     /* 6.1 */
    MODBUS_GAP_SLOW = 16,       /* registers; serial up to 19200 baud */
    MODBUS_GAP_FAST = 64,
};

/* A point as the planner takes it. */
struct plan_item {
    const struct point_settings *settings;
    uint32_t point; /* index in the model; carried along */
};

/* A point inside of a block. */
struct plan_member {
    uint32_t item;   /* index into the items */
    uint32_t start;  /* its first cell as an address of the table */
    uint32_t length; /* cells */
};

struct plan_block {
    enum modbus_table table;
    uint32_t start;
    uint32_t count; /* cells */
    int64_t period_ms;
    uint32_t first; /* its members, sorted by start, longest first */
    uint32_t members;
};

enum {
    /* Lists of never_read of one unit. One comes with each of the profiles that share the
     * unit, and one device is hardly described by more than two. */
    PLAN_NEVER_LISTS = 8,
};

struct plan_never {
    const struct never_settings *ranges; /* borrowed */
    size_t count;
};

struct plan_limits {
    int64_t max_gap;  /* registers */
    int64_t max_span; /* registers */
    bool single;
    struct plan_never never[PLAN_NEVER_LISTS];
    size_t never_count; /* may be more than there is room for: then nothing is planned */
};

struct plan {
    struct plan_block *blocks;
    size_t block_count;
    struct plan_member *members;
    size_t member_count;
};

/* The limits of a profile on a link: -1 of max_gap resolved, max_span bounded. `slow` is
 * a serial bus up to 19200 baud. The ranges stay the profile's. */
struct plan_limits modbus_plan_limits(const struct profile_settings *profile, bool slow);

/* Makes `limits` as strict as `other`, too: of several profiles that share a unit. Begin
 * with modbus_plan_no_limits(). */
struct plan_limits modbus_plan_no_limits(void);
void modbus_plan_limits_meet(struct plan_limits *limits, const struct plan_limits *other);

/* ERR_CONFIG when a point cannot be read: no table, no width, no period, registers
 * further apart than one read reaches, beyond address 65535, or around one that is never
 * read. */
int modbus_plan_build(struct plan *plan, const struct plan_item *items, size_t count,
                      const struct plan_limits *limits, struct err *err);
void modbus_plan_done(struct plan *plan); /* an empty plan is fine */

#endif
