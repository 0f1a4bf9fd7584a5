/* decisions.h - what one turn of the pipeline decided, until it is on disk.
 *
 * Gathers the alarm changes that the rules emit (copying their evidence) and the
 * communication changes, and commits them in one transaction of the desk. What could not
 * be committed stays and goes with the next turn; notes about progress are given up
 * first when the bound is reached.
 *
 * Threads: one owner.
 */
#ifndef GATEWAY_DECISIONS_H
#define GATEWAY_DECISIONS_H

#include "issues/desk.h"

struct decisions;

struct decisions *decisions_new(size_t max_changes);
void decisions_free(struct decisions *decisions); /* NULL is fine */

/* An engine_emit with the decisions as its context: copies the change. */
void decisions_add_change(void *context, const struct alarm_change *change);
void decisions_add_online(struct decisions *decisions, struct online_change change);

size_t decisions_pending(const struct decisions *decisions);  /* changes of both kinds */
uint64_t decisions_raised(const struct decisions *decisions); /* of the pending ones */
uint64_t decisions_returned(const struct decisions *decisions);
uint64_t
decisions_lost(const struct decisions *decisions); /* given up at the bound, since new */

/* The next alarm that stands for itself and has not been given before, NULL when there is
 * none: what people would not hear of while the turn cannot be committed. Valid until the
 * decisions change. */
const struct alarm_change *decisions_untold(struct decisions *decisions);

/* Empties the turn on success. */
int decisions_commit(struct decisions *decisions, struct desk *desk, struct wall_time now,
                     struct err *err);

#endif
