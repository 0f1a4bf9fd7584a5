/* power.h - the incomer and its feeders: voltages, currents, energy. Pure.
 *
 * 220 V phase to neutral, 50 Hz. Threads: one owner.
 */
#ifndef PLANTSIM_POWER_H
#define PLANTSIM_POWER_H

#include "plantsim/world.h"

struct power_load {
    double pumps_kw;
    double lifts_kw[2]; /* per tower */
    double escalator_kw;
    double hour;
    bool weekend;
};

void power_init(struct power *power, struct rng rng);
void power_step(struct power *power, const struct power_load *load, double step_s);

#endif
