/* loop.c - see loop.h. */
#include "plantsim/loop.h"

#include "base/mem.h"

#include <assert.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    BATCH_MAX = 256, /* events of one wait; the rest come with the next */
    WAIT_MAX_MS = 1000,
};

struct loop {
    int epoll;
    struct loop_timer *timers; /* soonest first: there are a few dozen */
    struct epoll_event batch[BATCH_MAX];
    int batch_count;
};

struct loop *loop_new(struct err *err)
{
    struct loop *loop = mem_alloc(sizeof *loop);

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        (void)err_set(err, ERR_IO, "epoll: %m");
        mem_free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    (void)close(loop->epoll);
    mem_free(loop);
}

int loop_add(struct loop *loop, struct loop_source *source, uint32_t events,
             struct err *err)
{
    struct epoll_event event = {.events = events, .data.ptr = source};

    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, source->fd, &event) != 0)
        return err_set(err, ERR_IO, "epoll: cannot watch descriptor %d: %m", source->fd);
    return 0;
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
    (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    /* It may be waiting further on in the batch that is being handled. */
    for (int i = 0; i < loop->batch_count; i++)
        if (loop->batch[i].data.ptr == source)
            loop->batch[i].data.ptr = NULL;
}

void loop_at(struct loop *loop, struct loop_timer *timer, struct mono_time due)
{
    struct loop_timer **at = &loop->timers;

    loop_cancel(loop, timer);
    while (*at != NULL && !mono_before(due, (*at)->due))
        at = &(*at)->next;
    timer->due = due;
    timer->next = *at;
    timer->set = true;
    *at = timer;
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
    struct loop_timer **at = &loop->timers;

    if (!timer->set)
        return;
    while (*at != timer)
        at = &(*at)->next;
    *at = timer->next;
    timer->set = false;
}

static void fire_timers(struct loop *loop)
{
    struct mono_time now = mono_now();

    while (loop->timers != NULL && !mono_before(now, loop->timers->due)) {
        struct loop_timer *timer = loop->timers;

        loop_cancel(loop, timer);
        timer->fire(timer);
    }
}

/* Rounded up: waking a little early would only mean to wait again. */
static int wait_ms(const struct loop *loop)
{
    int64_t left_ns;

    if (loop->timers == NULL)
        return WAIT_MAX_MS;
    left_ns = loop->timers->due.ns - mono_now().ns;
    if (left_ns <= 0)
        return 0;
    if (left_ns > WAIT_MAX_MS * CLOCK_MS)
        return WAIT_MAX_MS;
    return (int)((left_ns + CLOCK_MS - 1) / CLOCK_MS);
}

void loop_run(struct loop *loop, const volatile sig_atomic_t *stop)
{
    while (*stop == 0) {
        int count = epoll_wait(loop->epoll, loop->batch, BATCH_MAX, wait_ms(loop));

        loop->batch_count = count < 0 ? 0 : count;
        for (int i = 0; i < loop->batch_count; i++) {
            struct loop_source *source = loop->batch[i].data.ptr;

            if (source != NULL)
                source->ready(source, loop->batch[i].events);
        }
        loop->batch_count = 0;
        fire_timers(loop);
    }
}
