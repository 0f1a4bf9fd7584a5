/* modbus_link.h - the state of one Modbus link; private to adapters/modbus*.c.
 *
 * modbus_jobs.c says what is asked next, modbus_poll.c what an outcome means,
 * modbus_identify.c the same for a probe; modbus.c does one job after the other, waiting,
 * modbus_shared.c the same on a thread that must not wait.
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

/* Why a request is made; in the order of precedence, but that a dead unit waits for the
 * others while none is known to live. */
enum job_kind {
    JOB_NONE,
    JOB_QUESTION, /* a person's */
    JOB_REVIVE,   /* the smallest read of a dead unit */
    JOB_POLL,
    JOB_IDENTIFY, /* a question of a probe */
};

/* One exchange. */
struct modbus_job {
    enum job_kind kind;
    size_t unit;                      /* MODBUS_NOBODY: of a question */
    size_t block;                     /* of a poll, or of a revival without a probe */
    struct unit_equipment *equipment; /* of a probe */
    struct modbus_request request;
    struct mono_time
        start; /* when its turn came; gaps before the request are part of it */

    /* of a link that shares its thread */
    enum {
        PHASE_IDLE,
        PHASE_CONNECTING,
        PHASE_GAP, /* the device wants silence first */
        PHASE_ASKED,
    } phase;
    bool again; /* the connection was lost once for this job already */
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
    struct link_talk *talk;
    struct link_trace *trace;
    struct mono_time opened;

    /* owned by the link's thread */
    struct mono_time clock; /* the time of the last event: no clock call per decision */
    struct client_reply reply;
    struct modbus_out out;
    struct connect_backoff backoff;
    struct mono_time retold; /* of a listening link that is down: not said again before */
    struct probe_budget budget;
    struct schedule_slot heartbeat;
    struct mono_time next; /* what due() answers */
    uint64_t seed;         /* of the jitter */
    uint32_t silent; /* attempts in a row, of whatever unit, that brought no answer */
    size_t online_units;
    size_t offline_units;
    struct modbus_job job;  /* only when the thread is shared */
    struct mono_time last;  /* end of the last exchange */
    uint32_t serial;        /* of the descriptor; see struct adapter_wait */
    enum unit_state state;  /* of the link as a whole */
    struct link_status now; /* the counters as they grow */
    size_t trouble_unit;    /* whose trouble now.error tells; MODBUS_NOBODY: the link's */

    atomic_bool stop;  /* set by wake from any thread, consumed by step */
    atomic_bool again; /* some equipment is to be probed again */

    pthread_mutex_t mutex;
    struct link_status status; /* guarded by mutex: now, as of the end of a step */
    struct mono_time revivals; /* guarded by mutex: none before */
    struct lateness lateness;  /* guarded by mutex */
};

/* --- modbus_jobs.c: what is next ---------------------------------------------------- */

/* False when nothing is due. A poll's slot is taken with it. */
bool modbus_next_job(struct adapter *link, struct modbus_job *job);
/* What the exchange came to: readings, health, schedule. For all but CLIENT_GOOD, err
 * says what happened. */
void modbus_job_done(struct adapter *link, const struct modbus_job *job,
                     enum client_result result, struct err *err);
/* The link cannot be opened: a person who waits is told so. */
void modbus_refuse_question(struct adapter *link);
/* The same of one that was taken already. */
void modbus_give_up_question(struct adapter *link, const struct modbus_job *job,
                             const struct err *err);

struct mono_time modbus_next_due(const struct adapter *link);
/* From outside something was put in. Whoever then works takes it up, also while the link
 * is down, or its thread would not sleep again. */
bool modbus_is_wanted(const struct adapter *link);
bool modbus_has_come(const struct adapter *link, struct mono_time time);
void modbus_heartbeat(struct adapter *link);

/* --- modbus_poll.c: what it means -----------------------------------------------------
 */

void modbus_poll_done(struct adapter *link, const struct modbus_job *job,
                      enum client_result result, struct err *err);

/* The unit has shown that it lives. After a pause everything of it is due. */
void modbus_unit_alive(struct adapter *link, size_t index, struct stamp stamp);
/* It did not answer, or not properly. True when that opened its breaker. */
bool modbus_unit_failed(struct adapter *link, size_t index, struct badness badness,
                        const struct err *err);
struct badness modbus_badness(enum client_result result);

/* Nothing to do when connected; ERR_STATE or the back-off make it fail without a word, a
 * refusal turns everything on the link bad. */
int modbus_connect_link(struct adapter *link, struct err *err);
void modbus_link_up(struct adapter *link);
void modbus_link_down(struct adapter *link, const struct err *err);

/* All units are dead, the link cannot be opened, or nobody has answered for so long that
 * it is not the units: with fifty of them it would take minutes until each is known to be
 * dead. */
bool modbus_link_in_trouble(const struct adapter *link);
/* 0, or -1 with the trouble that the link as a whole is in. */
int modbus_link_verdict(const struct adapter *link, struct err *err);
/* Says how the link as a whole is, when that has changed or `always`. */
void modbus_tell_link(struct adapter *link, bool always);

/* What people read as the present trouble of the link, and of the unit. */
void modbus_trouble(struct adapter *link, size_t unit, const char *text);
void modbus_trouble_over(struct adapter *link, size_t unit);

/* Lets other threads see the counters as they are now. */
void modbus_publish(struct adapter *link);
struct stamp modbus_stamp(const struct adapter *link);

/* --- modbus_identify.c
 * ------------------------------------------------------------------ */

void modbus_identify_done(struct adapter *link, const struct modbus_job *job,
                          enum client_result result, struct err *err);
/* Its probe came to nothing; `why` is told with the finding. */
void modbus_identify_unanswered(struct adapter *link, struct unit_equipment *equipment,
                                const char *why);

/* What somebody wants probed again is doubted, and asked even if it was silent, or the
 * link down. No job may be under way. */
void modbus_identify_again(struct adapter *link);

/* --- modbus_shared.c: the operations of the same names in adapter.h
 * ---------------------- */

bool modbus_can_share(const struct adapter *link);
int modbus_advance(struct adapter *link, bool ready, const struct sample_sink *sink,
                   struct adapter_wait *wait, struct err *err);

/* --- modbus_status.c
 * ---------------------------------------------------------------------- */

void modbus_status(struct adapter *link, struct link_status *status);
size_t modbus_unit_statuses(struct adapter *link, struct unit_status *units, size_t max);
void modbus_finding(struct adapter *link, uint32_t equipment, struct finding *finding);
void modbus_probe_again(struct adapter *link, uint32_t equipment);

#endif
