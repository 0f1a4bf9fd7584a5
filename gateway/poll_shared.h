/* poll_shared.h - one thread for all links that never wait.
 *
 * What polling costs is waking up, not asking: links that can be advanced without waiting
 * (adapter_ops.advance) are served by one thread that sleeps in epoll until answers come
 * or the next questions are due, and hands samples over once per wake-up.
 *
 * Threads: add before start; start, stop and free from main; beat and kick from any.
 */
#ifndef GATEWAY_POLL_SHARED_H
#define GATEWAY_POLL_SHARED_H

#include "adapters/adapter.h"

struct poll_shared;

/* Room for `links`. `sink` gets the samples of all. NULL with ERR_IO. */
struct poll_shared *poll_shared_new(size_t links, struct sample_sink sink,
                                    struct err *err);
/* Both are borrowed; the adapter's can_share has said yes. Returns the number by which
 * the link can be kicked. */
size_t poll_shared_add(struct poll_shared *shared, const char *id,
                       const struct adapter_ops *ops, struct adapter *adapter);
/* The link is advanced at once, whatever it waits for. */
void poll_shared_kick(struct poll_shared *shared, size_t member);

int poll_shared_start(struct poll_shared *shared, struct err *err);
void poll_shared_stop(struct poll_shared *shared);
void poll_shared_free(struct poll_shared *shared); /* stopped; NULL is fine */

struct mono_time poll_shared_beat(const struct poll_shared *shared); /* last turn */

#endif
