/* poll.h - runs the links' adapters: each on a thread of its own, or, when it never
 * waits, on one that many share.
 *
 * The adapter says when it is due and what was wrong; the thread sleeps, steps, logs
 * trouble once and its end once. A link that hangs holds up nothing but itself.
 *
 * Threads: poll_status and poll_heartbeat from any; the rest from main.
 */
#ifndef GATEWAY_POLL_H
#define GATEWAY_POLL_H

#include "adapters/adapter.h"

struct poll;

/* Opens an adapter for every link, none of which touches the network yet. */
struct poll *poll_new(const struct config *config, struct sample_sink sink,
                      struct err *err);
int poll_start(struct poll *poll, struct err *err);
void poll_stop(struct poll *poll); /* at most one request's timeout long */
void poll_free(struct poll *poll); /* stopped; NULL is fine */

void poll_status(struct poll *poll, uint32_t link, struct link_status *status);
/* At most `max` of the link's units; returns how many it has. */
size_t poll_units(struct poll *poll, uint32_t link, struct unit_status *units,
                  size_t max);

/* A link whose thread has not moved for longer than it may: its index, or MODEL_NONE. */
uint32_t poll_stuck(struct poll *poll, struct mono_time now);

#endif
