/* town_gate.h - the gateway of a town: from configuration to desk, as gateway/site.c and
 * gateway/pipeline.c put it together. Threads: one owner.
 */
#ifndef TESTS_SIM_TOWN_GATE_H
#define TESTS_SIM_TOWN_GATE_H

#include "tests/sim/town.h"

struct town_plant;
struct gate;

struct gate_use {
    const struct town_options *options; /* borrowed */
    const char *config;
    const char *database; /* of the desk; NULL: none */
    struct town_plant *plant;
    struct town *town; /* for the hooks */
    uint64_t seed;
    double missing;
    struct mono_time mono;
    struct wall_time wall;
};

struct gate *gate_new(const struct gate_use *use, struct err *err);
void gate_free(struct gate *gate); /* NULL is fine */

/* Everything that is due. */
void gate_step(struct gate *gate, struct mono_time mono, struct wall_time wall);
struct mono_time gate_due(const struct gate *gate);
void gate_missing(struct gate *gate, double part);

const struct config *gate_config(const struct gate *gate);
struct engine *gate_engine(struct gate *gate);
struct desk *gate_desk(struct gate *gate);
bool gate_reading(struct gate *gate, const char *equipment, const char *point,
                  struct sample *sample);
uint64_t gate_turns(const struct gate *gate);
uint64_t gate_samples(const struct gate *gate);

#endif
