/* town_bus.h - a Modbus link of a town: the adapter's own judgement on simulated wires.
 *
 * Which read comes next, what an answer or its absence means, breakers, back-off, probes:
 * all of it is adapters/modbus_*.c. Only the exchange itself (adapters/modbus_client.h)
 * is replaced: a question to plantsim, whose answer comes at once, later, or never.
 *
 * Threads: one owner.
 */
#ifndef TESTS_SIM_TOWN_BUS_H
#define TESTS_SIM_TOWN_BUS_H

#include "base/err.h"
#include "config/config.h"
#include "telemetry/sample.h"

struct town_plant;
struct town_bus;

struct town_bus_use {
    const struct config *config;
    uint32_t link; /* index in the configuration */
    struct town_plant *plant;
    const struct sample_sink *sink; /* borrowed */
    uint64_t seed;
    double missing; /* of exchanges: the part that nobody answers */
};

struct town_bus *town_bus_new(const struct town_bus_use *use, struct err *err);
void town_bus_free(struct town_bus *bus); /* NULL is fine */

void town_bus_step(struct town_bus *bus, struct mono_time now);
struct mono_time town_bus_due(const struct town_bus *bus);
void town_bus_missing(struct town_bus *bus, double part);

#endif
