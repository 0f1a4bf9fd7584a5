/* link_trace.h - the last frames of a link, as they were on the wire, while somebody
 * looks.
 *
 * A ring of fixed size. It records only for LINK_TRACE_LEASE_MS after the last read, so
 * that a link nobody looks at pays one atomic load per frame.
 *
 * Threads: link_trace_frame from the link's thread; the rest from any.
 */
#ifndef ADAPTERS_LINK_TRACE_H
#define ADAPTERS_LINK_TRACE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINK_TRACE_BYTES_MAX = 264, /* MBAP and 253 bytes of PDU are 260 */
    LINK_TRACE_FRAMES =
        512, /* a reader that comes twice a second misses none of 1000/s */
    LINK_TRACE_LEASE_MS = 10 * 1000,
};

enum link_trace_kind {
    LINK_TRACE_SENT,
    LINK_TRACE_RECEIVED,  /* as far as it came */
    LINK_TRACE_DISCARDED, /* late or foreign bytes that were drained */
    LINK_TRACE_EVENT,     /* text in bytes: "timeout", "connected", "closed: ..." */
};

struct link_trace_frame {
    uint64_t sequence; /* from 1, without holes; a hole between two reads is a loss */
    struct wall_time time;
    int64_t after_us; /* received: since the request was sent; else 0 */
    enum link_trace_kind kind;
    uint16_t length;
    uint8_t bytes[LINK_TRACE_BYTES_MAX];
};

struct link_trace;

struct link_trace *link_trace_new(void);
void link_trace_free(struct link_trace *trace); /* NULL is fine */

bool link_trace_on(const struct link_trace *trace); /* one atomic load */
/* Does nothing when nobody looks. What is longer than LINK_TRACE_BYTES_MAX is cut. */
void link_trace_frame(struct link_trace *trace, enum link_trace_kind kind,
                      const void *bytes, size_t length, int64_t after_us);

/* Takes out a lease, copies at most `max` frames with a sequence above `after`, oldest
 * first; returns how many. The first call of a lease gives none. */
size_t link_trace_read(struct link_trace *trace, uint64_t after,
                       struct link_trace_frame *frames, size_t max);

#endif
