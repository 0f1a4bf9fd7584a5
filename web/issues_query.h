/* issues_query.h - the filters of an issue list, as the API and the page read them.
 *
 * Threads: no state.
 */
#ifndef WEB_ISSUES_QUERY_H
#define WEB_ISSUES_QUERY_H

#include "web/call.h"

/* status (a status, "unclosed" or "all"), severity, category, equipment, rule, place,
 * attached ("1": also symptoms of others), after, limit. `default_status` is taken when
 * none is given. False when one is wrong (set in response). The strings are the query's.
 */
bool issues_query(const struct call *call, const char *default_status, size_t limit,
                  struct issue_filter *filter, struct response *response);

/* The problem of a list that the desk refused. */
void issues_query_failed(struct response *response, const struct issue_filter *filter,
                         const struct err *err);

#endif
