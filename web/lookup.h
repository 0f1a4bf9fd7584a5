/* lookup.h - what a path names, or a 404 that says what was probably meant.
 *
 * Threads: no state.
 */
#ifndef WEB_LOOKUP_H
#define WEB_LOOKUP_H

#include "web/call.h"

/* Of call->id; NULL when there is none (set in response). */
const struct link *lookup_link(const struct call *call, struct response *response);

/* One that was configured, not the stand-in of a link; NULL when there is none (set in
 * response). Its settings have the same index. */
const struct equipment *lookup_equipment(const struct call *call,
                                         struct response *response);

#endif
