/* safety.h - fire panels and leak sensors. Pure. Threads: one owner. */
#ifndef PLANTSIM_SAFETY_H
#define PLANTSIM_SAFETY_H

#include "plantsim/world.h"

void safety_init(struct safety *safety, struct rng rng);
void safety_step(struct safety *safety, double step_s);

#endif
