/* water.h - tank, pumps, pressure and taps. Pure; see world.h for the picture.
 *
 * Source of the pump law: a parabola through shut-off head and duty point, scaled by the
 * affinity laws. Threads: one owner.
 */
#ifndef PLANTSIM_WATER_H
#define PLANTSIM_WATER_H

#include "plantsim/world.h"

/* The volume of the full tank and the capacity of the pressure vessel, for balances. */
#define WATER_TANK_M3       40.0
#define WATER_VESSEL_M3_BAR 0.060
#define WATER_NOMINAL_BAR   4.5

void water_init(struct water *water, struct rng rng);

/* `powered`: the feeder of the plant room is complete. */
void water_step(struct water *water, double hour, bool weekend, bool powered,
                double step_s);

#endif
