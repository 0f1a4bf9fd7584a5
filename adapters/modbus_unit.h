/* modbus_unit.h - one Modbus unit of a link: its points, its reads, its health.
 *
 * Usually one equipment; several when the configuration gives them the same unit id (one
 * controller that serves several pumps). They share reads and health.
 *
 * Threads: the link's.
 */
#ifndef ADAPTERS_MODBUS_UNIT_H
#define ADAPTERS_MODBUS_UNIT_H

#include "adapters/modbus_blocks.h"
#include "adapters/modbus_out.h"
#include "config/config.h"

enum unit_state {
    UNIT_UNKNOWN, /* not yet heard of since the start */
    UNIT_ONLINE,
    UNIT_OFFLINE,
};

struct modbus_unit {
    /* fixed after modbus_units_new */
    uint8_t id;
    bool critical;
    const char *name; /* id of its first equipment */
    struct plan_item *items;
    size_t item_count;
    uint32_t *online; /* the built-in points of its equipment */
    size_t online_count;

    /* owned by the link's thread */
    struct modbus_blocks blocks;
    struct breaker breaker;
    enum unit_state state;
};

/* How the link frames and paces: what the plans depend on. */
struct unit_link {
    uint32_t link;  /* index in the configuration */
    bool tcp;       /* unit ids 0 and 255 are allowed */
    bool slow;      /* serial up to 19200 baud */
    uint32_t place; /* among the polled links; see schedule.h */
    uint32_t places;
};

/* The units of a link in the order of the configuration, with their plans. NULL with
 * ERR_CONFIG; *count may be 0. `config` is borrowed. */
struct modbus_unit *modbus_units_new(const struct config *config,
                                     const struct unit_link *link, struct mono_time now,
                                     size_t *count, struct err *err);
void modbus_units_free(struct modbus_unit *units, size_t count);

/* Every reading of the unit turns bad. */
void modbus_unit_all_bad(const struct modbus_unit *unit, struct badness badness,
                         struct stamp stamp, struct modbus_out *out);
/* The readings of one block. */
void modbus_unit_block_bad(const struct modbus_unit *unit,
                           const struct modbus_block *block, struct badness badness,
                           struct stamp stamp, struct modbus_out *out);
void modbus_unit_block_good(const struct modbus_unit *unit,
                            const struct modbus_block *block, const uint16_t *cells,
                            struct stamp stamp, struct modbus_out *out);
/* Says whether its equipment is online; nothing while that is unknown. */
void modbus_unit_tell_online(const struct modbus_unit *unit, struct stamp stamp,
                             struct modbus_out *out);

#endif
