/* link_plan.h - the planned cost of a link as JSON, for the API and for --plan (pure).
 *
 * Shares are parts of the link's time: 0.41 is 41 %. Threads: no state.
 */
#ifndef WEB_LINK_PLAN_H
#define WEB_LINK_PLAN_H

#include "adapters/link_cost.h"
#include "base/json_out.h"

/* The object of one link: requests, bytes, share, by period and by unit. */
void link_plan_json(struct json_out *json, const struct link_cost *cost);

#endif
