/* chatter.h - an alarm that comes and goes (pure).
 *
 * Three raises within a minute, or ten within an hour, are a signal that is not stable
 * and not so many events: the alarm chatters until it has been quiet for half an hour.
 * Measured in time and not in polls, so that it means the same at any poll period (three
 * a minute: ISA-18.2 practice).
 *
 * Wall times, because the ring survives restarts. Threads: plain data.
 */
#ifndef RULES_CHATTER_H
#define RULES_CHATTER_H

#include "base/clock.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CHATTER_RAISES = 10, /* the most that a limit counts */
    CHATTER_MINUTE_RAISES = 3,
    CHATTER_QUIET_MS = 30 * 60 * 1000,
    CHATTER_TEXT_MAX = 256, /* bytes of chatter_print */
};

struct chatter {
    struct wall_time raises[CHATTER_RAISES]; /* ring; 0 = none yet */
    uint8_t next;
    bool active;
};

/* The alarm was raised now. True when it begins to chatter with that. */
bool chatter_raise(struct chatter *chatter, struct wall_time now);
/* True when it ends: no raise for CHATTER_QUIET_MS. */
bool chatter_step(struct chatter *chatter, struct wall_time now);
/* When chatter_step can end it; 0 when it does not chatter. */
struct wall_time chatter_end(const struct chatter *chatter);
/* Raises, as far as the ring reaches. */
unsigned chatter_count(const struct chatter *chatter);

/* As it is stored: "1" or "0" and the times; parse returns false for nonsense. */
void chatter_print(const struct chatter *chatter, struct text *out);
bool chatter_parse(struct chatter *chatter, const char *text);

#endif
