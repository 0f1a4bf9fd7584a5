/* town_broker.h - an MQTT link of a town: payloads of plantsim's devices as readings.
 *
 * Topics, payloads, presence and what a reading is worth are adapters/mqtt_*.c; only the
 * broker and its client are left out. Threads: one owner.
 */
#ifndef TESTS_SIM_TOWN_BROKER_H
#define TESTS_SIM_TOWN_BROKER_H

#include "tests/sim/town_bus.h"

struct town_broker;

/* `missing` is the part of the messages that get lost. `period_min_ms`: devices publish
 * no more often; 0 = as they do. */
struct town_broker *town_broker_new(const struct town_bus_use *use, int64_t period_min_ms,
                                    struct err *err);
void town_broker_free(struct town_broker *broker); /* NULL is fine */

void town_broker_step(struct town_broker *broker, struct mono_time now,
                      struct wall_time wall);
struct mono_time town_broker_due(const struct town_broker *broker);
void town_broker_missing(struct town_broker *broker, double part);

#endif
