/* publisher.h - which MQTT device publishes when.
 *
 * Each device publishes once in its period, and a leak sensor at once when its state
 * changes. Follows the broker link's fault.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_PUBLISHER_H
#define PLANTSIM_PUBLISHER_H

#include "base/clock.h"
#include "base/err.h"
#include "plantsim/plant.h"

struct publisher;

/* Topics that begin with '/' go behind `site`. */
struct publisher *publisher_new(struct plant *plant, const char *broker, const char *site,
                                struct err *err);
void publisher_free(struct publisher *publisher); /* NULL is fine */

/* Publishes what is due. Time stamps are `now`, whatever the simulated time is: a
 * gateway rightly refuses samples from the future. */
void publisher_step(struct publisher *publisher, struct mono_time mono,
                    struct wall_time now);

bool publisher_connected(struct publisher *publisher);

#endif
