/* exact.h - a timer that keeps microseconds, for a loop whose own timers keep
 * milliseconds: at 9600 baud a character takes one.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_EXACT_H
#define PLANTSIM_EXACT_H

#include "plantsim/loop.h"

struct exact_timer {
    void (*fire)(struct exact_timer *timer); /* set by the owner */
    void *owner;
    /* of the module */
    struct loop *loop;
    struct loop_source source;
};

int exact_open(struct exact_timer *timer, struct loop *loop, struct err *err);
void exact_close(struct exact_timer *timer); /* one that was never opened is fine */

/* Moves one that is set; a time that has passed fires at once. */
void exact_at(struct exact_timer *timer, struct mono_time due);

#endif
