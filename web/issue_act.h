/* issue_act.h - what a person does to an issue, from the API and from the page alike.
 *
 * One event of the issue's log (desk_act). Resolving or closing it also resets the alarm
 * behind it when that is latched: the person has confirmed that it is over. An alarm
 * whose condition is still there is left alone.
 *
 * Threads: as in web/call.h.
 */
#ifndef WEB_ISSUE_ACT_H
#define WEB_ISSUE_ACT_H

#include "web/call.h"

/* On the issue call->id. Errors are desk_act's. */
int issue_act(const struct call *call, enum issue_action action, const char *text,
              struct err *err);

#endif
