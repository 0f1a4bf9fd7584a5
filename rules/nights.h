/* nights.h - the least flow of each of the last nights (pure).
 *
 * A night is [from, to) of the site's clock, over midnight when `to` is not after `from`,
 * and belongs to the day on which it begins. Its figure is the least time-weighted
 * average over any stretch of `length` inside it; stretches begin in steps of a twelfth
 * of the length. A stretch of which less than NIGHTS_COVER was covered is passed over. A
 * night without any such stretch, or of which less than NIGHTS_COVER was covered in all,
 * is not known.
 *
 * Times are wall times: it is the building's night that counts. When the wall clock is
 * set back, what was measured of the present night is given up.
 *
 * Source of the method: UKWIR 99/WM/08/21, the 20th percentile of the last seven nights'
 * least hour.
 *
 * Threads: one owner.
 */
#ifndef RULES_NIGHTS_H
#define RULES_NIGHTS_H

#include "base/tz.h"

#include <stdbool.h>

enum {
    NIGHTS_MAX = 31, /* kept: a month */
    NIGHTS_SLICES = 12,
};

#define NIGHTS_COVER 0.6

struct nights_spec {
    int64_t length_ns;
    int from_min; /* of the day */
    int to_min;
};

struct nights;

/* Keeps the last `count` nights. `hold_ns`: how long a reading stays in force, INT64_MAX
 * until the next. `tz` is borrowed; NULL: UTC. */
struct nights *nights_new(struct nights_spec spec, unsigned count, int64_t hold_ns,
                          const struct tz *tz);
void nights_free(struct nights *nights); /* NULL is fine */

struct nights_spec nights_spec(const struct nights *nights);
bool nights_spec_equal(struct nights_spec a, struct nights_spec b);
/* Makes room for more; only before the first reading. */
void nights_widen(struct nights *nights, unsigned count);

/* A reading; NaN: a break. One that is not after the last is passed over. */
void nights_put(struct nights *nights, struct wall_time time, double value);

/* The q-percentile (rules/percentile.h) of those of the last `count` completed nights
 * that are known, and in *known how many they are; NaN when it is none. None counts when
 * the last one is not known: what is missing must not move what is said of the others.
 * `now` is the wall time of the question. */
double nights_percentile(struct nights *nights, struct wall_time now, unsigned count,
                         double q, unsigned *known);

/* When the next night ends after `now`. */
struct wall_time nights_next(const struct nights *nights, struct wall_time now);

int64_t nights_reach_ms(const struct nights *nights);
size_t nights_memory(const struct nights *nights);

#endif
