/* modbus_link.h - the state of one Modbus link; private to adapters/modbus*.c.
 *
 * modbus.c says what the adapter does when, modbus_shared.c the same for a link that must
 * not wait, modbus_poll.c what one exchange and its outcome mean.
 */
#ifndef ADAPTERS_MODBUS_LINK_H
#define ADAPTERS_MODBUS_LINK_H

#include "adapters/adapter.h"
#include "adapters/lateness.h"
#include "adapters/modbus_client.h"
#include "adapters/modbus_unit.h"

#include <pthread.h>
#include <stdatomic.h>

#define MODBUS_NOBODY SIZE_MAX /* "no unit" */

/* One exchange of a link that shares its thread. */
struct modbus_job {
    enum {
        JOB_NONE,
        JOB_CONNECTING,
        JOB_ASKED,
    } state;
    size_t unit; /* MODBUS_NOBODY: nothing is to be asked */
    size_t block;
    bool probe;
    bool again; /* the connection was lost once for this job already */
    struct mono_time start;
    struct mono_time deadline;
};

struct adapter {
    /* fixed after open */
    const struct link_settings *settings;
    struct modbus_client *client;
    struct modbus_unit *units;
    size_t unit_count;
    uint32_t online_point; /* of the link's stand-in */
    bool tcp;

    /* owned by the link's thread */
    struct mono_time clock; /* the time of the last event: no clock call per decision */
    struct client_reply reply;
    struct modbus_out out;
    struct connect_backoff backoff;
    struct probe_budget budget;
    struct schedule_slot heartbeat;
    struct mono_time next; /* what due() answers */
    uint64_t seed;         /* of the jitter */
    size_t cursor;         /* the unit that is served first */
    uint32_t silent; /* attempts in a row, of whatever unit, that brought no answer */
    size_t online_units;
    size_t offline_units;
    struct modbus_job job;  /* only when the thread is shared */
    uint32_t serial;        /* of the descriptor; see struct adapter_wait */
    enum unit_state state;  /* of the link as a whole */
    struct link_status now; /* the counters as they grow */
    size_t trouble_unit;    /* whose trouble now.error tells; MODBUS_NOBODY: the link's */

    atomic_bool stop; /* set by wake from any thread, consumed by step */

    pthread_mutex_t mutex;
    struct link_status status; /* guarded by mutex: now, as of the end of a step */
    struct lateness lateness;  /* guarded by mutex */
};

/* What one attempt to read a block came to. */
enum poll_result {
    POLL_ANSWERED, /* a value or an exception of the device itself */
    POLL_FAILED,   /* the unit did not answer, or not properly */
    POLL_NOTHING,  /* not tried: the link is down, or a stop was asked for */
};

/* Reads block `at` of units[index], hands over what it brings, keeps health and schedule.
 * The block may be split: one more stands behind it then, and both are due. */
enum poll_result modbus_poll_block(struct adapter *link, size_t index, size_t at);

/* The two halves of it, for a link that shares its thread. */
struct modbus_request modbus_request_of(const struct modbus_unit *unit,
                                        const struct modbus_block *block);
enum poll_result modbus_poll_outcome(struct adapter *link, size_t index, size_t at,
                                     enum client_result result, struct err *err);
void modbus_link_up(struct adapter *link);
void modbus_link_down(struct adapter *link, const struct err *err);

/* What modbus.c and modbus_shared.c have in common. */
bool modbus_has_come(const struct adapter *link, struct mono_time time);
struct mono_time modbus_next_due(const struct adapter *link);
void modbus_take_slot(struct adapter *link, const struct modbus_unit *unit,
                      struct modbus_block *block);
size_t modbus_unit_to_probe(const struct adapter *link); /* or MODBUS_NOBODY */
void modbus_probe_spent(struct adapter *link, size_t unit, struct mono_time start);
void modbus_heartbeat(struct adapter *link);
/* 0, or -1 with the trouble that the link as a whole is in. */
int modbus_link_verdict(const struct adapter *link, struct err *err);

/* modbus_shared.c: the operations of the same names in adapter.h. */
bool modbus_can_share(const struct adapter *link);
int modbus_advance(struct adapter *link, bool ready, const struct sample_sink *sink,
                   struct adapter_wait *wait, struct err *err);

/* Nothing to do when connected; ERR_STATE or the back-off make it fail without a word, a
 * refusal turns everything on the link bad. */
int modbus_connect_link(struct adapter *link, struct err *err);

/* Says how the link as a whole is, when that has changed or `always`. */
void modbus_tell_link(struct adapter *link, bool always);

/* Lets other threads see the counters as they are now. */
void modbus_publish(struct adapter *link);

struct stamp modbus_stamp(const struct adapter *link);

/* All units are dead, the link cannot be opened, or nobody has answered for so long that
 * it is not the units: with fifty of them it would take minutes until each is known to be
 * dead. */
bool modbus_link_in_trouble(const struct adapter *link);

#endif
