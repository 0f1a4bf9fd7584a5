/* alarm.h - the state of one rule on one equipment (pure).
 *
 *              when true for `for`               clear true
 *   NORMAL ──────► PENDING ──────► ACTIVE ─────────────────► CLEARING
 *      ▲    when      │               ▲        clear not true    │ for `clear_for`
 *      │    not true  ▼               └──────────────────────────┤
 *      └──────────────┴──────────────────────────────────────────┴──► (LATCHED) ► NORMAL
 *
 * 1. Timers count observed time: while the truth is unknown they stand still. After
 *    `unknown_grace` of unknown a delay that was running is off: PENDING becomes NORMAL,
 *    CLEARING becomes ACTIVE, and it begins anew when the truth is known again.
 * 2. Unknown never opens and never clears (on_unknown = hold).
 * 3. A latched alarm goes to LATCHED instead of NORMAL and waits for a person.
 *    When the condition comes back for `for` before that, it is raised again.
 * 4. A delay ends only while its condition is true: what was true for long enough but is
 *    not any more when somebody looks has not been seen for long enough.
 * 5. Time is monotonic and comes in; the state holds nothing that a restart invalidates:
 *    downtime does not count.
 * 6. What is proven clear is not raised: while `clear` is true `when` counts as false. A
 *    leak that was mended last night is over although the minimum of the week is not.
 * 7. A rule with levels is raised when any of them has been true for `for`; while it is
 *    active its level rises to a worse one that has been true for `for`, and falls when
 *    the present one has been false for `clear_for`. Unknown moves no level.
 *
 * Names after ISA-18.2. Threads: plain data.
 */
#ifndef RULES_ALARM_H
#define RULES_ALARM_H

#include "base/clock.h"
#include "config/settings.h"

#include <stdbool.h>

enum truth {
    TRUTH_FALSE,
    TRUTH_TRUE,
    TRUTH_UNKNOWN,
};

enum alarm_state {
    ALARM_NORMAL,
    ALARM_PENDING,
    ALARM_ACTIVE,
    ALARM_CLEARING,
    ALARM_LATCHED, /* the condition is gone, a person must reset it */
};

struct alarm {
    enum alarm_state state;
    bool unknown;            /* the truth is not known now */
    int64_t observed_ms;     /* of the running on- or off-delay; -1 = none is running */
    int64_t unknown_ms;      /* how long the truth has been unknown, while it is */
    uint64_t activation;     /* how often it has become active, ever */
    struct wall_time since;  /* of `state` */
    struct wall_time raised; /* of the running activation; 0 while it is normal */
    uint8_t level;           /* index into the rule's levels; kept after the return */
    uint8_t level_next;      /* where it is going, while level_ms runs or it is pending */
    bool level_runs;         /* level_ms does not stand still */
    int64_t level_ms;        /* how long another level has been due; -1 = none is */
};

/* What alarm_step says happened. One step raises or returns at most once: after a raise
 * the deadline may be 0. */
enum alarm_event {
    ALARM_NOTHING,
    ALARM_MOVED,    /* state or mark changed, but neither raised nor returned */
    ALARM_RAISED,   /* became ACTIVE from NORMAL, PENDING or LATCHED */
    ALARM_RETURNED, /* became NORMAL or LATCHED from ACTIVE or CLEARING */
    ALARM_LEVEL,    /* stayed active at another level */
};

/* What the expressions of a rule say now. */
struct alarm_truths {
    enum truth when; /* with levels: of any of them */
    enum truth clear;
    enum truth levels[RULE_LEVELS_MAX]; /* as many as the rule has */
};

/* One step: `elapsed_ms` since the previous step during which the previous truths held,
 * then the truths as they are now. */
enum alarm_event alarm_step(struct alarm *alarm, const struct rule_settings *rule,
                            int64_t elapsed_ms, const struct alarm_truths *truths,
                            struct wall_time now);

/* Milliseconds of unchanged truths until alarm_step would do something by itself (a delay
 * or a grace runs out); INT64_MAX when never. */
int64_t alarm_deadline_ms(const struct alarm *alarm, const struct rule_settings *rule,
                          const struct alarm_truths *truths);

/* How bad it is now. */
enum severity alarm_severity(const struct alarm *alarm, const struct rule_settings *rule);

const char *alarm_state_name(enum alarm_state state); /* "normal", "pending", ... */

static inline bool alarm_is_active(const struct alarm *alarm)
{
    return alarm->state == ALARM_ACTIVE || alarm->state == ALARM_CLEARING ||
           alarm->state == ALARM_LATCHED;
}

#endif
