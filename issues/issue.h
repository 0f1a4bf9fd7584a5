/* issue.h - the life of an issue (pure).
 *
 *            acknowledge          start             resolve            close
 *   OPEN ───────────► ACKNOWLEDGED ───► IN_PROGRESS ───────► RESOLVED ───────► CLOSED
 *    ▲ (start and resolve are allowed from every state before RESOLVED)          │
 *    └────────────────────────── REOPENED ◄──── reopen ──────────────────────────┘
 *
 * An acknowledgement is of one activation: when the alarm comes back it is OPEN again.
 * An issue that became a symptom of another one, or lost its rule, is CLOSED.
 *
 * The table in issue.c is the only place that knows which action is allowed when.
 * A status is the result of the events of the log; it is stored beside them for queries
 * and can be computed from them again.
 *
 * Threads: no state.
 */
#ifndef ISSUES_ISSUE_H
#define ISSUES_ISSUE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum issue_status {
    ISSUE_OPEN,
    ISSUE_ACKNOWLEDGED,
    ISSUE_IN_PROGRESS,
    ISSUE_RESOLVED,
    ISSUE_CLOSED,
    ISSUE_REOPENED,
    ISSUE_STATUS_COUNT
};

/* What can happen to an issue; each is one event of its log. */
enum issue_action {
    ACTION_OPENED, /* the first event */
    ACTION_ACKNOWLEDGE,
    ACTION_START,
    ACTION_RESOLVE,
    ACTION_CLOSE,
    ACTION_REOPEN,
    ACTION_COMMENT,
    ACTION_SEVERITY,  /* a person changes the severity */
    ACTION_RETURNED,  /* the alarm returned to normal */
    ACTION_RECURRED,  /* the alarm became active again */
    ACTION_NOTE,      /* the system records something (rule changed, equipment retired) */
    ACTION_LEVEL,     /* the alarm has another severity; the text names it */
    ACTION_SYMPTOM,   /* alarms that this issue explains: "RULE EQUIPMENT", or "+N" */
    ACTION_ATTACHED,  /* it is a symptom of another issue from now on: "#N" */
    ACTION_WITHDRAWN, /* its rule is not configured any more */
    ACTION_COUNT
};

const char *issue_status_name(enum issue_status status); /* "open", "in_progress", ... */
const char *
issue_action_name(enum issue_action action);  /* "opened", "acknowledge", ... */
int issue_status_from_name(const char *name); /* -1 when there is none */
int issue_action_from_name(const char *name);
bool issue_action_is_manual(enum issue_action action); /* a person may post it */

/* The status after `action`; -1 with ERR_STATE naming what is allowed now. */
int issue_next(enum issue_status status, enum issue_action action,
               enum issue_status *next, struct err *err);

/* Fills `actions` with what a person may do now; returns how many. */
size_t issue_allowed(enum issue_status status, enum issue_action actions[ACTION_COUNT]);

#endif
