/* exact.c - see exact.h. */
#include "plantsim/exact.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void expired(struct loop_source *source, uint32_t events)
{
    struct exact_timer *timer = source->owner;
    uint64_t times;

    (void)events;
    if (read(source->fd, &times, sizeof times) == (ssize_t)sizeof times)
        timer->fire(timer);
}

int exact_open(struct exact_timer *timer, struct loop *loop, struct err *err)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    if (fd < 0)
        return err_set(err, ERR_IO, "timer: %m");
    timer->source = (struct loop_source){.fd = fd, .ready = expired, .owner = timer};
    if (loop_add(loop, &timer->source, EPOLLIN, err) != 0) {
        (void)close(fd);
        return -1;
    }
    timer->loop = loop;
    return 0;
}

void exact_close(struct exact_timer *timer)
{
    if (timer->loop == NULL)
        return;
    loop_remove(timer->loop, &timer->source);
    (void)close(timer->source.fd);
    timer->loop = NULL;
}

void exact_at(struct exact_timer *timer, struct mono_time due)
{
    int64_t ns = due.ns > 0 ? due.ns : 1; /* 0 would disarm it */
    struct itimerspec at = {
        .it_value = {.tv_sec = ns / CLOCK_S, .tv_nsec = ns % CLOCK_S}};

    (void)timerfd_settime(timer->source.fd, TFD_TIMER_ABSTIME, &at, NULL);
}
