/* loop.h - one epoll loop: file descriptors that become ready and timers that fall due.
 *
 * Sources and timers are embedded in their owners, which must remove them before they
 * go; both may be removed inside any callback.
 *
 * Threads: everything on the thread that runs the loop.
 */
#ifndef PLANTSIM_LOOP_H
#define PLANTSIM_LOOP_H

#include "base/clock.h"
#include "base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop_source {
    int fd;
    void (*ready)(struct loop_source *source, uint32_t events); /* EPOLLIN ... */
    void *owner;
};

struct loop_timer {
    void (*fire)(struct loop_timer *timer);
    void *owner;
    /* of the loop */
    struct mono_time due;
    struct loop_timer *next;
    bool set;
};

struct loop *loop_new(struct err *err);
void loop_free(struct loop *loop); /* NULL is fine */

int loop_add(struct loop *loop, struct loop_source *source, uint32_t events,
             struct err *err);
void loop_remove(struct loop *loop, struct loop_source *source);

/* Moves a timer that is set already. */
void loop_at(struct loop *loop, struct loop_timer *timer, struct mono_time due);
void loop_cancel(struct loop *loop, struct loop_timer *timer); /* fine when not set */

/* Returns when *stop is not zero (a signal handler sets it and interrupts the wait). */
void loop_run(struct loop *loop, const volatile sig_atomic_t *stop);

#endif
