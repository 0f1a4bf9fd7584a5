/* state.h - the state of an equipment, from its alarms and its communication (pure).
 *
 * Numbers are part of the outside contract (series `equipment_state`). When several
 * apply, the order of precedence is FAULT, EXTERNAL, PLANNED, UNKNOWN, DEGRADED, UP
 * (reference: IEC 60050-192 for up, down and external; the order is that of the monthly
 * report).
 *
 * Threads: no state.
 */
#ifndef ISSUES_STATE_H
#define ISSUES_STATE_H

#include <stdbool.h>

enum equipment_state {
    STATE_UP = 0,
    STATE_DEGRADED = 1, /* works, with an active alarm that is not a failure */
    STATE_FAULT = 2,    /* an alarm of a rule with failure = true is active */
    STATE_PLANNED = 3,  /* declared work: a permit runs */
    STATE_EXTERNAL = 4, /* its supply is out (an outage on its `power` relation) */
    STATE_UNKNOWN = 5,  /* not observable */
    STATE_COUNT
};

struct state_inputs {
    unsigned failures; /* active alarms whose rule has failure = true */
    unsigned others;   /* other active alarms (except loss of communication) */
    bool external;     /* an outage is active on what it depends on */
    bool planned;      /* a permit covers it */
    bool observed;     /* "online" is known and true */
};

enum equipment_state state_derive(const struct state_inputs *inputs);

const char *equipment_state_name(enum equipment_state state); /* "up", "fault", ... */
int equipment_state_from_name(const char *name);              /* -1 when there is none */

#endif
