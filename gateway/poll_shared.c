/* poll_shared.c - see poll_shared.h.
 *
 * DESIGN: a member per link. `until` stands apart from the members, so that finding who
 * is due is a walk over a few kilobytes and no heap is kept. A member's descriptor is
 * registered level-triggered; its adapter always takes what made it ready. A turn is:
 * sleep, advance those whose descriptor is ready, advance those whose time has come or
 * who were kicked, hand the samples over.
 */
#include "gateway/poll_shared.h"

#include "base/log.h"
#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    SLEEP_MAX_MS = 1000,  /* the watchdog wants to see a turn now and then */
    EVENTS_A_TURN = 256,  /* the rest comes with the next turn */
    BATCH_SAMPLES = 4096, /* of one turn; more go in several batches */
};

struct member {
    const char *id;
    const struct adapter_ops *ops;
    struct adapter *adapter;
    uint32_t serial; /* of the descriptor that is registered; 0: none */
    bool writable;
    struct log_trouble trouble;
    atomic_bool kicked; /* set by any thread in front of `kicks` */
};

struct poll_shared {
    /* fixed after start */
    struct member *members;
    size_t count;
    size_t capacity;
    struct sample_sink sink;
    int epoll;
    int wake;
    pthread_t thread;
    bool running;

    atomic_bool stop;
    atomic_bool kicks; /* some member was kicked */
    _Atomic int64_t beat_ns;

    /* owned by the thread */
    int64_t *until_ns;
    struct sample *batch;
    size_t batched;
};

struct poll_shared *poll_shared_new(size_t links, struct sample_sink sink,
                                    struct err *err)
{
    struct poll_shared *shared = mem_alloc(sizeof *shared);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};

    shared->capacity = links;
    shared->members = mem_array(links, sizeof *shared->members);
    shared->until_ns = mem_array(links, sizeof *shared->until_ns);
    shared->batch = mem_array(BATCH_SAMPLES, sizeof *shared->batch);
    shared->sink = sink;
    atomic_init(&shared->stop, false);
    atomic_init(&shared->kicks, false);
    shared->epoll = epoll_create1(EPOLL_CLOEXEC);
    shared->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->epoll < 0 || shared->wake < 0 ||
        epoll_ctl(shared->epoll, EPOLL_CTL_ADD, shared->wake, &event) != 0) {
        (void)err_set(err, ERR_IO, "epoll: %m");
        poll_shared_free(shared);
        return NULL;
    }
    return shared;
}

void poll_shared_free(struct poll_shared *shared)
{
    if (shared == NULL)
        return;
    if (shared->epoll >= 0)
        (void)close(shared->epoll);
    if (shared->wake >= 0)
        (void)close(shared->wake);
    mem_free(shared->batch);
    mem_free(shared->until_ns);
    mem_free(shared->members);
    mem_free(shared);
}

size_t poll_shared_add(struct poll_shared *shared, const char *id,
                       const struct adapter_ops *ops, struct adapter *adapter)
{
    struct member *member = &shared->members[shared->count];

    assert(shared->count < shared->capacity);
    shared->until_ns[shared->count] = ops->due(adapter).ns;
    member->id = id;
    member->ops = ops;
    member->adapter = adapter;
    atomic_init(&member->kicked, false);
    return shared->count++;
}

static void ring(struct poll_shared *shared)
{
    uint64_t one = 1;

    (void)!write(shared->wake, &one, sizeof one);
}

void poll_shared_kick(struct poll_shared *shared, size_t member)
{
    assert(member < shared->count);
    atomic_store(&shared->members[member].kicked, true);
    atomic_store(&shared->kicks, true);
    ring(shared);
}

struct mono_time poll_shared_beat(const struct poll_shared *shared)
{
    return (struct mono_time){atomic_load(&shared->beat_ns)};
}

/* ---- samples of a turn ---- */

static void flush(struct poll_shared *shared)
{
    if (shared->batched > 0)
        shared->sink.put(shared->sink.context, shared->batch, shared->batched);
    shared->batched = 0;
}

static void put(void *context, const struct sample *samples, size_t count)
{
    struct poll_shared *shared = context;

    if (count > BATCH_SAMPLES - shared->batched)
        flush(shared);
    if (count > BATCH_SAMPLES) {
        shared->sink.put(shared->sink.context, samples, count);
        return;
    }
    memcpy(shared->batch + shared->batched, samples, count * sizeof *samples);
    shared->batched += count;
}

static void put_text(void *context, const struct sample *sample, const char *text)
{
    struct poll_shared *shared = context;

    shared->sink.put_text(shared->sink.context, sample, text);
}

/* ---- a turn ---- */

/* The kernel forgets a descriptor that is closed, so only new ones and changed wishes are
 * told to it. */
static void watch(struct poll_shared *shared, size_t index,
                  const struct adapter_wait *wait)
{
    struct member *member = &shared->members[index];
    struct epoll_event event = {.events = wait->writable ? EPOLLOUT : EPOLLIN,
                                .data.u32 = (uint32_t)index};
    bool known = member->serial == wait->serial;

    if (wait->fd < 0) {
        member->serial = 0;
        return;
    }
    if (known && member->writable == wait->writable)
        return;
    if (epoll_ctl(shared->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, wait->fd,
                  &event) != 0)
        log_error("link=%s epoll: %m", member->id);
    member->serial = wait->serial;
    member->writable = wait->writable;
}

static void advance(struct poll_shared *shared, size_t index, bool ready)
{
    struct member *member = &shared->members[index];
    struct sample_sink sink = {.context = shared, .put = put, .put_text = put_text};
    struct adapter_wait wait = {.fd = -1};
    struct err err = {0};

    if (member->ops->advance(member->adapter, ready, &sink, &wait, &err) != 0)
        log_trouble(&member->trouble, "link=%s %s", member->id, err.text);
    else
        log_trouble_over(&member->trouble, "link=%s works again", member->id);
    shared->until_ns[index] = wait.until.ns;
    watch(shared, index, &wait);
}

/* Milliseconds until somebody is due, rounded up, so that he is due when we wake. */
static int sleep_ms(const struct poll_shared *shared, struct mono_time now)
{
    int64_t earliest_ns = now.ns + SLEEP_MAX_MS * CLOCK_MS;

    for (size_t i = 0; i < shared->count; i++)
        if (shared->until_ns[i] < earliest_ns)
            earliest_ns = shared->until_ns[i];
    if (earliest_ns <= now.ns)
        return 0;
    return (int)((earliest_ns - now.ns + CLOCK_MS - 1) / CLOCK_MS);
}

/* The bell has rung: somebody was kicked, or it is time to stop. */
static void answer_bell(struct poll_shared *shared)
{
    uint64_t rings;

    (void)!read(shared->wake, &rings, sizeof rings);
    if (!atomic_exchange(&shared->kicks, false))
        return;
    for (size_t i = 0; i < shared->count; i++)
        if (atomic_exchange(&shared->members[i].kicked, false))
            shared->until_ns[i] = 0;
}

static void turn(struct poll_shared *shared)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count =
        epoll_wait(shared->epoll, events, EVENTS_A_TURN, sleep_ms(shared, mono_now()));
    struct mono_time now = mono_now();

    atomic_store(&shared->beat_ns, now.ns);
    for (int i = 0; i < count; i++)
        if (events[i].data.u32 != UINT32_MAX)
            advance(shared, events[i].data.u32, true);
        else
            answer_bell(shared);
    for (size_t i = 0; i < shared->count; i++)
        if (shared->until_ns[i] <= now.ns)
            advance(shared, i, false);
    flush(shared);
}

static void *run(void *context)
{
    struct poll_shared *shared = context;

    (void)prctl(PR_SET_NAME, "links");
    while (!atomic_load(&shared->stop))
        turn(shared);
    return NULL;
}

int poll_shared_start(struct poll_shared *shared, struct err *err)
{
    int rc;

    atomic_store(&shared->beat_ns, mono_now().ns);
    rc = pthread_create(&shared->thread, NULL, run, shared);
    if (rc != 0)
        return err_set(err, ERR_IO, "cannot start the thread of the links: %s",
                       strerrordesc_np(rc));
    shared->running = true;
    return 0;
}

void poll_shared_stop(struct poll_shared *shared)
{
    if (!shared->running)
        return;
    atomic_store(&shared->stop, true);
    ring(shared);
    (void)pthread_join(shared->thread, NULL);
    shared->running = false;
}
