/* times.h - points in time out of requests.
 *
 * Threads: no state.
 */
#ifndef WEB_TIMES_H
#define WEB_TIMES_H

#include "base/json_in.h"
#include "web/call.h"

/* The RFC 3339 time of a member; *time stays when it is absent. False when it is wrong
 * (set in response). */
bool times_read(const struct json *object, const char *name, struct wall_time *time,
                struct response *response);

/* When something ends that begins at `from`: "until", or "for_ms", or else after
 * `default_ms`. */
bool times_read_end(const struct json *object, struct wall_time from, int64_t default_ms,
                    struct wall_time *until, struct response *response);

/* A value of <input type="datetime-local"> ("2026-11-24T18:00") in the site's time; false
 * when it is none. */
bool times_local(const struct call *call, const char *text, struct wall_time *time);

#endif
