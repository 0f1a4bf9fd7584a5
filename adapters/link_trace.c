/* link_trace.c - see link_trace.h.
 *
 * DESIGN: the ring exists only while a lease runs, because 900 links with a ring each
 * would take 140 MB. A reader makes it, and the link's thread drops it with the first
 * frame behind the lease's end. `lease_ns` is 0 while there is no ring; it is written
 * under the mutex and read without.
 *
 * Sequence numbers go on from lease to lease, and one is left out between two, so that a
 * reader whose lease ran out sees that it missed something.
 */
#include "adapters/link_trace.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct link_trace {
    _Atomic int64_t lease_ns; /* monotonic; when it ends */

    pthread_mutex_t mutex;
    /* guarded by mutex */
    struct link_trace_frame *ring; /* LINK_TRACE_FRAMES, or NULL */
    uint64_t last;                 /* sequence of the newest frame; 0: never one */
    size_t held;
};

struct link_trace *link_trace_new(void)
{
    struct link_trace *trace = mem_alloc(sizeof *trace);

    (void)pthread_mutex_init(&trace->mutex, NULL);
    atomic_init(&trace->lease_ns, 0);
    return trace;
}

void link_trace_free(struct link_trace *trace)
{
    if (trace == NULL)
        return;
    (void)pthread_mutex_destroy(&trace->mutex);
    mem_free(trace->ring);
    mem_free(trace);
}

bool link_trace_on(const struct link_trace *trace)
{
    return atomic_load(&trace->lease_ns) != 0;
}

/* The caller holds the mutex. */
static void end_lease(struct link_trace *trace)
{
    mem_free(trace->ring);
    trace->ring = NULL;
    trace->held = 0;
    atomic_store(&trace->lease_ns, 0);
}

static void record(struct link_trace *trace, enum link_trace_kind kind, const void *bytes,
                   size_t length, int64_t after_us)
{
    struct link_trace_frame *frame = &trace->ring[++trace->last % LINK_TRACE_FRAMES];

    if (length > LINK_TRACE_BYTES_MAX)
        length = LINK_TRACE_BYTES_MAX;
    frame->sequence = trace->last;
    frame->time = wall_now();
    frame->after_us = after_us;
    frame->kind = kind;
    frame->length = (uint16_t)length;
    if (length > 0)
        memcpy(frame->bytes, bytes, length);
    if (trace->held < LINK_TRACE_FRAMES)
        trace->held++;
}

void link_trace_frame(struct link_trace *trace, enum link_trace_kind kind,
                      const void *bytes, size_t length, int64_t after_us)
{
    if (!link_trace_on(trace))
        return;
    (void)pthread_mutex_lock(&trace->mutex);
    if (mono_now().ns >= atomic_load(&trace->lease_ns))
        end_lease(trace);
    else
        record(trace, kind, bytes, length, after_us);
    (void)pthread_mutex_unlock(&trace->mutex);
}

static size_t copy_after(const struct link_trace *trace, uint64_t after,
                         struct link_trace_frame *frames, size_t max)
{
    uint64_t from = trace->last - trace->held + 1;
    size_t count = 0;

    if (after >= from)
        from = after + 1;
    for (uint64_t s = from; s <= trace->last && count < max; s++)
        frames[count++] = trace->ring[s % LINK_TRACE_FRAMES];
    return count;
}

size_t link_trace_read(struct link_trace *trace, uint64_t after,
                       struct link_trace_frame *frames, size_t max)
{
    struct mono_time now = mono_now();
    size_t count;

    (void)pthread_mutex_lock(&trace->mutex);
    if (trace->ring != NULL && now.ns >= atomic_load(&trace->lease_ns))
        end_lease(trace);
    if (trace->ring == NULL) {
        trace->ring = mem_array(LINK_TRACE_FRAMES, sizeof *trace->ring);
        trace->last += trace->last > 0;
    }
    atomic_store(&trace->lease_ns, mono_add_ms(now, LINK_TRACE_LEASE_MS).ns);
    count = copy_after(trace, after, frames, max);
    (void)pthread_mutex_unlock(&trace->mutex);
    return count;
}
