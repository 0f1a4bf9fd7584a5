/* machines.h - the garage fan on its drive and the escalator. Pure. Threads: one owner.
 */
#ifndef PLANTSIM_MACHINES_H
#define PLANTSIM_MACHINES_H

#include "plantsim/world.h"

struct machines_around {
    double hour;
    bool fan_powered;
    bool escalator_powered;
};

void machines_init(struct machines *machines, struct rng rng);
void machines_step(struct machines *machines, const struct machines_around *around,
                   double step_s);

#endif
