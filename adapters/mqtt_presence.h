/* mqtt_presence.h - which equipment behind a broker is there.
 *
 * A unit (one equipment) is online once a message of its came. It goes offline when the
 * link has been down for two seconds, or when it promised to report (`expect_every`) and
 * was silent for two and a half of its longest promise, at least 30 s. What was online
 * when the link went comes back with it, and its silence counts from then: a sensor that
 * reports each four hours is not lost because the broker restarted. A unit that was not
 * heard of yet is neither, until it promised to be heard. One that reports only on change
 * cannot be told from a dead one while it is silent: it stays online.
 *
 * What the broker remembers (a retained message) proves that a unit was there once. It
 * counts for units that report on change, not for those that promised to report.
 *
 * A unit that is told to be there or gone (Sparkplug B) follows that. When the link comes
 * back it is not known to be there until it is told, or heard of, again.
 *
 * Pure: time comes in as an argument. Threads: one owner.
 */
#ifndef ADAPTERS_MQTT_PRESENCE_H
#define ADAPTERS_MQTT_PRESENCE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MQTT_PRESENCE_LINK UINT32_MAX /* the link itself, in place of a unit */

struct mqtt_presence;

/* Told of every change, and of the first state. */
typedef void mqtt_presence_visit(void *context, uint32_t unit, bool online);

struct mqtt_presence *mqtt_presence_new(size_t units, struct mono_time now,
                                        mqtt_presence_visit *each, void *context);
void mqtt_presence_free(struct mqtt_presence *presence); /* NULL is fine */

/* A point of the unit promises to report each `expect_every_ms`; 0 is no promise. */
void mqtt_presence_expect(struct mqtt_presence *presence, uint32_t unit,
                          int64_t expect_every_ms);

void mqtt_presence_heard(struct mqtt_presence *presence, uint32_t unit,
                         struct mono_time now, bool retained);

/* Somebody who knows says so. */
void mqtt_presence_told(struct mqtt_presence *presence, uint32_t unit, bool there);

/* Says whether the link is up now, and looks for silent units. Returns when it wants to
 * be called next, at the latest. */
struct mono_time mqtt_presence_step(struct mqtt_presence *presence, bool link_up,
                                    struct mono_time now);

/* Units that are offline; all of them behind a dead link. */
size_t mqtt_presence_offline(const struct mqtt_presence *presence);

#endif
