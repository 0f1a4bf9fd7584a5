/* tell.h - what the journal says about the running site, looked at once a second.
 *
 * Sinks and the history keep their troubles in a status; here they become lines: at
 * once, then at growing intervals with a count, and once when they are over. Lost
 * samples and damaged files are told when their counters grow.
 *
 * Issues are told as they open, reopen and are worked on, and so is what people must be
 * told ("announce kind=opened issue=#12 ..."). An alarm that flaps for a
 * weekend must not fill the journal: its returns and recurrences share a budget
 * (TELL_FLAPS_MAX, one more each TELL_FLAP_EVERY_S), and what went beyond it is counted.
 *
 * Threads: the main thread only.
 */
#ifndef GATEWAY_TELL_H
#define GATEWAY_TELL_H

#include "gateway/site.h"

enum {
    TELL_FLAPS_MAX = 50,    /* in one go */
    TELL_FLAP_EVERY_S = 10, /* 8640 lines a day at most */
};

/* `site` is borrowed and runs. Says what its start has found damaged. */
struct tell *tell_new(const struct site *site);
void tell_step(struct tell *tell);
/* Says what is left to say; before the site is stopped. NULL is fine. */
void tell_free(struct tell *tell);

#endif
