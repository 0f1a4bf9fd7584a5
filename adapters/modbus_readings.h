/* modbus_readings.h - from the cells of a unit's blocks to its samples.
 *
 * Most points are decoded from their own cells (modbus_decode.h). Two kinds need what
 * was read before, which is kept here: points whose scale stands in other registers
 * (modbus_derive.h), and counters that are guarded (telemetry/counter_guard.h).
 *
 * A member of a block is named by its place among the items of the unit, as the plan has
 * it. When the items change, begin anew: another device may answer, so its counters have
 * their first reading and its scales are read again.
 *
 * Threads: the link's.
 */
#ifndef ADAPTERS_MODBUS_READINGS_H
#define ADAPTERS_MODBUS_READINGS_H

#include "adapters/modbus_derive.h"
#include "adapters/modbus_out.h"
#include "telemetry/counter_guard.h"

struct modbus_readings {
    const struct plan_item *items; /* borrowed */
    size_t count;
    struct derive derive;
    struct guarded *guarded; /* by item; NULL when no counter is guarded */
};

/* A block and what came for it. */
struct read_block {
    const struct plan_member *members;
    size_t count;
    uint32_t start;        /* address of the first cell */
    const uint16_t *cells; /* NULL when nothing came */
};

/* `items` is borrowed and must not change. */
void modbus_readings_init(struct modbus_readings *readings, const struct plan_item *items,
                          size_t count);
void modbus_readings_done(struct modbus_readings *readings); /* an empty one is fine */

/* One sample for each member, those first that others of the block depend on. */
void modbus_readings_good(struct modbus_readings *readings,
                          const struct read_block *block, struct stamp stamp,
                          struct modbus_out *out);
void modbus_readings_bad(struct modbus_readings *readings, const struct read_block *block,
                         struct badness badness, struct stamp stamp,
                         struct modbus_out *out);
/* All of the unit turned bad, and its caller says so. */
void modbus_readings_lost(struct modbus_readings *readings);

#endif
