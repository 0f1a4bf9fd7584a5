/* modbus_link.h - the state of one Modbus link; private to adapters/modbus*.c.
 *
 * modbus.c says what the adapter does when, modbus_poll.c what one exchange and its
 * outcome mean.
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
    size_t online_units;
    size_t offline_units;
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

/* Nothing to do when connected; ERR_STATE or the back-off make it fail without a word, a
 * refusal turns everything on the link bad. */
int modbus_connect_link(struct adapter *link, struct err *err);

/* Says how the link as a whole is, when that has changed or `always`. */
void modbus_tell_link(struct adapter *link, bool always);

/* Lets other threads see the counters as they are now. */
void modbus_publish(struct adapter *link);

struct stamp modbus_stamp(const struct adapter *link);

/* All units are dead or the link cannot be opened. */
bool modbus_link_in_trouble(const struct adapter *link);

#endif
