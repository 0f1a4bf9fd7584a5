/* modbus_unit.h - one Modbus unit of a link: its equipment, its reads, its health.
 *
 * Usually one equipment; several when the configuration gives them the same unit id (one
 * controller that serves several pumps). They share reads and health. An equipment whose
 * profile has a probe is read only once that has said that the profile fits, and as the
 * variant that it found; the plan of the unit follows.
 *
 * Threads: the link's, but for what is marked.
 */
#ifndef ADAPTERS_MODBUS_UNIT_H
#define ADAPTERS_MODBUS_UNIT_H

#include "adapters/answer_times.h"
#include "adapters/identity.h"
#include "adapters/modbus_blocks.h"
#include "adapters/modbus_out.h"
#include "adapters/modbus_readings.h"
#include "adapters/unit_status.h"
#include "config/config.h"

#include <stdatomic.h>

enum unit_state {
    UNIT_UNKNOWN, /* not yet heard of since the start */
    UNIT_ONLINE,
    UNIT_OFFLINE,
};

struct unit_equipment {
    /* fixed after modbus_units_new */
    uint32_t index; /* in the configuration and the model */
    const struct equipment_settings *settings;
    uint32_t first_point;
    uint32_t online; /* the built-in point */

    /* owned by the link's thread */
    struct identity *identity; /* NULL: nothing to probe */
    struct mono_time due;      /* of the next question of the probe */
    int64_t wait_ms;           /* between probes that fail */
    bool read;                 /* its points are in the plan */
    bool misfit;               /* the last probe said so: its "online" is bad */
    bool asked;                /* somebody waits for what the probe finds */

    atomic_bool again;      /* somebody wants it probed */
    struct finding finding; /* guarded by the link's mutex */
};

/* What pages show of a unit. */
struct unit_numbers {
    uint64_t requests;
    uint64_t answers;
    uint64_t timeouts;
    uint64_t protocol_errors;
    uint64_t exceptions;
    struct answer_times times;
    struct unit_refused refused[UNIT_REFUSED_MAX];
    size_t refused_count;
    size_t blocks;
    char error[LINK_ERROR_TEXT_MAX];
    int online; /* -1, 0, 1 */
    bool breaker_open;
    struct mono_time probe_due;
};

struct modbus_unit {
    /* fixed after modbus_units_new */
    uint8_t id;
    bool critical;
    const char *name; /* id of its first equipment */
    struct unit_equipment *equipment;
    size_t equipment_count;
    struct schedule_place place;
    struct plan_limits limits;
    int64_t delay_ms;   /* silence before a request, beside the link's */
    int64_t timeout_ms; /* 0: the link's */

    /* owned by the link's thread */
    struct plan_item *items; /* that are read now */
    size_t item_count;
    struct modbus_readings *readings; /* of the items */
    struct modbus_blocks blocks;
    struct breaker breaker;
    enum unit_state state;
    struct mono_time after;        /* last failure: others that are due go first */
    struct mono_time identify_due; /* the earliest of its equipment; MONO_NEVER */

    struct unit_numbers numbers; /* guarded by the link's mutex */
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

/* Plans the reads of what is to be read now, and tells what is not. */
void modbus_unit_plan(struct modbus_unit *unit, struct mono_time now, struct stamp stamp,
                      struct modbus_out *out);

/* --- identification ----------------------------------------------------------------- */

/* The equipment whose probe has a question due, or NULL. */
struct unit_equipment *modbus_unit_to_identify(const struct modbus_unit *unit,
                                               struct mono_time now);
bool modbus_unit_is_probed(const struct modbus_unit *unit); /* some equipment of it */
/* Another device may stand there now: every probe is made again, and nothing is read
 * before. */
void modbus_unit_doubt(struct modbus_unit *unit, struct mono_time now, struct stamp stamp,
                       struct modbus_out *out);
/* What its probe has found leaves something to be read. */
bool modbus_equipment_has_reads(const struct unit_equipment *equipment);
/* To be called when `due` of an equipment has changed. */
void modbus_unit_note_due(struct modbus_unit *unit);

/* --- samples -------------------------------------------------------------------------
 */

/* Every reading of the unit turns bad; of one equipment. */
void modbus_unit_all_bad(const struct modbus_unit *unit, struct badness badness,
                         struct stamp stamp, struct modbus_out *out);
void modbus_equipment_bad(const struct unit_equipment *equipment, struct badness badness,
                          struct stamp stamp, struct modbus_out *out);
/* The readings of one block. */
void modbus_unit_block_bad(const struct modbus_unit *unit,
                           const struct modbus_block *block, struct badness badness,
                           struct stamp stamp, struct modbus_out *out);
void modbus_unit_block_good(const struct modbus_unit *unit,
                            const struct modbus_block *block, const uint16_t *cells,
                            struct stamp stamp, struct modbus_out *out);
/* Says whether its equipment is online, bad for what answers but does not fit; nothing
 * while that is unknown. */
void modbus_unit_tell_online(const struct modbus_unit *unit, struct stamp stamp,
                             struct modbus_out *out);

#endif
