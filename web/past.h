/* past.h - which part of the past is asked for, and in which steps (pure).
 *
 * Threads: no state.
 */
#ifndef WEB_PAST_H
#define WEB_PAST_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAST_MINUTE_MS INT64_C(60000)
#define PAST_HOUR_MS   INT64_C(3600000)
#define PAST_DAY_MS    INT64_C(86400000)

/* The smallest handy step (1, 2, 5, 10, 15, 30 min, 1, 2, 3, 6, 12 h, 1, 7 d) that gives
 * at most `steps` for a span. */
int64_t past_step_ms(int64_t span_ms, int64_t steps);

/* "90s", "15m", "1h", "1d" to milliseconds; false when malformed or not positive. */
bool past_parse_step(const char *text, int64_t *ms);

/* Down to the step's multiple (of UTC). */
struct wall_time past_floor(struct wall_time time, int64_t step_ms);

#endif
