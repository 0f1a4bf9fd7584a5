/* mqtt_sparkplug.h - a link whose broker speaks Sparkplug B: between the host
 * (sparkplug.h) and what every MQTT link does with readings.
 *
 * An equipment is a node or a device, a point the metric that its `path` names, else its
 * own name. A value means the same as one in JSON (mqtt_convert.h); null, NaN and a
 * Quality that is not good are no value. "Stale" (500) is bad as well: nobody knows how
 * old the value is, and a point of ours that is not refreshed is bad, too; the last good
 * reading stays beside it.
 *
 * When a reading was true: as long before it came as the node says by its own clock, the
 * stamp of the payload less that of the metric; so a clock that is wrong does no harm. A
 * metric that is older than SPARKPLUG_FRESH_MS is a present value all the same, or it
 * would be marked as historical, and true now: rules would take it for a late upload. A
 * stamp that nobody can believe leaves a doubt, as on every MQTT link.
 *
 * Our own STATE is watched: a will of a connection that has died late would leave us
 * "offline" for the nodes, so it is published again, at most once a second.
 *
 * What the broker remembers (retained) is no Sparkplug message and is dropped.
 *
 * Threads: one owner, after new.
 */
#ifndef ADAPTERS_MQTT_SPARKPLUG_H
#define ADAPTERS_MQTT_SPARKPLUG_H

#include "adapters/mqtt_points.h"
#include "adapters/mqtt_ring.h"
#include "adapters/mqtt_session.h"
#include "adapters/sparkplug.h"
#include "config/config.h"

enum {
    SPARKPLUG_FRESH_MS = 4 * 1000, /* less than what makes a reading late for rules */
    SPARKPLUG_ANNOUNCE_MS = 1000,
};

/* What becomes of it. `reading` may be changed. */
struct mqtt_sparkplug_use {
    void *context;
    void (*reading)(void *context, struct mqtt_point *point,
                    struct mqtt_reading *reading);
    void (*alive)(void *context, uint32_t unit, bool alive);
};

struct mqtt_sparkplug;

/* Borrows the points and adds to their index what is to be subscribed. NULL with
 * ERR_CONFIG. */
struct mqtt_sparkplug *mqtt_sparkplug_new(const struct config *config, uint32_t link,
                                          struct mqtt_points *points,
                                          const struct mqtt_sparkplug_use *use,
                                          struct err *err);
void mqtt_sparkplug_free(struct mqtt_sparkplug *sparkplug); /* NULL is fine */

/* Before the messages: how many connections there have been. */
void mqtt_sparkplug_connects(struct mqtt_sparkplug *sparkplug, uint64_t connects,
                             struct mono_time now);

/* *copy: it came before. ERR_INPUT when it cannot be read. */
int mqtt_sparkplug_message(struct mqtt_sparkplug *sparkplug,
                           const struct mqtt_message *message, bool *copy,
                           struct err *err);

/* While the broker is there: does what is due, publishes in the session; returns when it
 * wants to be called next. */
struct mono_time mqtt_sparkplug_step(struct mqtt_sparkplug *sparkplug,
                                     struct mqtt_session *session, struct mono_time now);

/* Fills in its part of the counts. */
void mqtt_sparkplug_counts(struct mqtt_sparkplug *sparkplug, struct link_status *status);

/* The present trouble; "" when there is none. Borrowed until the next call. */
const char *mqtt_sparkplug_trouble(struct mqtt_sparkplug *sparkplug);

/* The reading that a metric is for a point; `arrival` is the message's. Pure. */
void mqtt_sparkplug_read(const struct sparkplug_reading *from,
                         const struct mqtt_source *source, struct wall_time arrival,
                         struct mqtt_reading *reading);

#endif
