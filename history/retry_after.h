/* retry_after.h - how long a server asks us to wait (pure).
 *
 * Source: RFC 9110, sections 10.2.3 (Retry-After) and 5.6.7 (the three forms of a date).
 * Threads: no state.
 */
#ifndef HISTORY_RETRY_AFTER_H
#define HISTORY_RETRY_AFTER_H

#include "base/clock.h"

enum {
    RETRY_AFTER_MAX_MS = 5 * 60 * 1000, /* a longer wish is cut to this */
};

/* Milliseconds from `now`, 0 for a time that has passed, at most RETRY_AFTER_MAX_MS; -1
 * when `value` is neither seconds nor a date. */
int64_t retry_after_ms(const char *value, struct wall_time now);

#endif
