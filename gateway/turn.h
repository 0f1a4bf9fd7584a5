/* turn.h - what one turn of the pipeline decided, until it is on disk.
 *
 * Gathers the alarm changes that the rules emit (copying their evidence) and the
 * communication changes, and commits them in one transaction of the desk. What could not
 * be committed stays and goes with the next turn; notes about progress are given up
 * first when the bound is reached.
 *
 * Threads: one owner.
 */
#ifndef GATEWAY_TURN_H
#define GATEWAY_TURN_H

#include "issues/desk.h"

struct turn;

struct turn *turn_new(size_t max_changes);
void turn_free(struct turn *turn); /* NULL is fine */

/* An engine_emit: copies the change. */
void turn_add_change(void *turn, const struct alarm_change *change);
void turn_add_online(struct turn *turn, struct online_change change);

size_t turn_pending(const struct turn *turn);  /* changes of both kinds */
uint64_t turn_raised(const struct turn *turn); /* of the pending ones */
uint64_t turn_returned(const struct turn *turn);
uint64_t turn_lost(const struct turn *turn); /* given up at the bound, since new */

/* Empties the turn on success. */
int turn_commit(struct turn *turn, struct desk *desk, struct wall_time now,
                struct err *err);

#endif
