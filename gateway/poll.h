/* poll.h - runs the links' adapters: each on a thread of its own, or, when it never
 * waits, on one that many share.
 *
 * The adapter says when it is due and what was wrong; the thread sleeps, steps, logs
 * trouble once and its end once. A link that hangs holds up nothing but itself.
 *
 * Threads: new, start, stop and free from main; the rest from any.
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

/* Topics of a broker that no equipment has, latest first; 0 for a bus. */
size_t poll_strangers(struct poll *poll, uint32_t link,
                      struct link_stranger strangers[LINK_STRANGERS_MAX]);

/* A person's question to a device, asked between two polls (adapters/link_talk.h, and its
 * errors). ERR_INPUT when it is not one that can be asked, ERR_STATE also when the link
 * has no devices to ask. Waits until there is an answer or `until` has come. */
int poll_ask(struct poll *poll, uint32_t link, const struct link_question *question,
             struct mono_time until, struct link_answer *answer, struct err *err);
/* Everybody who waits for an answer gets ERR_STATE, now and from now on: what is to be
 * stopped must not wait for him. */
void poll_hush(struct poll *poll);

/* Frames of the link (adapters/link_trace.h); 0 for one that has none. */
size_t poll_trace(struct poll *poll, uint32_t link, uint64_t after,
                  struct link_trace_frame *frames, size_t max);

/* What the probe of an equipment came to; FINDING_NONE where there are no probes. */
void poll_finding(struct poll *poll, uint32_t link, uint32_t equipment,
                  struct finding *finding);
/* Probes it again at the next turn of its link. */
void poll_probe_again(struct poll *poll, uint32_t link, uint32_t equipment);

/* A link whose thread has not moved for longer than it may: its index, or MODEL_NONE. */
uint32_t poll_stuck(struct poll *poll, struct mono_time now);

#endif
