/* counter_guard.h - whether a counter can have moved as its next reading says (pure).
 *
 * A misread counter is worse than none: one reading of 3.4e38 kWh, or of 0 while a meter
 * starts up, ends as consumption in somebody's bill. The guard compares each reading with
 * the last one that was accepted:
 *
 *   equal or ahead      accepted while the step is at most max_rate over the time between
 *                       the two, plus one count; any step when there is no max_rate
 *   behind, modulus     the step is what is left to the modulus and what is behind it.
 *                       Accepted as above; without max_rate when it is less than half of
 *                       the modulus. From above the modulus there is no wrap
 *   behind, resets      the counter begins at 0 at any time. Accepted when what it shows
 *                       can have come since the last reading; without max_rate when that
 *                       is nearer to 0 than to the last one
 *   behind, else        refused
 *
 * A refused reading (REASON_JUMP) is remembered. When COUNTER_GUARD_AGREE refused ones in
 * a row agree, each of them being possible after the one before, the last of them is
 * accepted and is the new base: a meter was exchanged. A reading that is possible after
 * the base ends the doubt.
 *
 * The real time between two readings counts, so that after a gap of hours the truth is no
 * jump. Equal times, and a time before the last, are a gap of 0: one count may have come.
 * max_rate must allow for what a device that updates its register rarely moves at once.
 *
 * A counter that has neither max_rate nor modulus is not judged. It cannot be told from a
 * misread one, and it may be read once a day, when three refused readings are days; rules
 * see it as it comes, and see to it themselves (rules/partial.h: a step down makes
 * the used amount uncertain, and a way back up is no consumption).
 *
 * The first reading is accepted as it is, after a restart as well: nothing is kept. Feed
 * only good readings; a bad one in between changes nothing.
 *
 * Threads: plain data.
 */
#ifndef TELEMETRY_COUNTER_GUARD_H
#define TELEMETRY_COUNTER_GUARD_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    COUNTER_GUARD_AGREE = 3,
};

/* Of a point; all values as delivered, after scaling. */
struct counter_rule {
    double modulus;  /* the value at which it begins at 0 again; 0 = none */
    double max_rate; /* per hour; 0 = any */
    double step;     /* one count; 0 = not known, then 1 between whole numbers */
    bool resets;     /* may begin at 0 at any time */
};

/* Begins zeroed. */
struct counter_guard {
    double base; /* last accepted */
    struct mono_time base_time;
    double doubt; /* last refused since */
    struct mono_time doubt_time;
    uint32_t doubts; /* in a row that agree */
    bool started;
};

/* Whether there is anything to judge. */
static inline bool counter_rule_judges(const struct counter_rule *rule)
{
    return rule->modulus > 0 || rule->max_rate > 0;
}

/* `time` is when the value was true, on the monotonic axis. False: REASON_JUMP. */
bool counter_guard_accepts(struct counter_guard *guard, const struct counter_rule *rule,
                           double value, struct mono_time time);

#endif
