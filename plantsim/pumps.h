/* pumps.h - the pumps and the control of the booster set, the jockey pump and the sump.
 *
 * Pure. Threads: one owner.
 */
#ifndef PLANTSIM_PUMPS_H
#define PLANTSIM_PUMPS_H

#include "plantsim/world.h"

/* Who is to run: sets `cmd` of every pump and the common speed of the booster set.
 * `outflow_m3h` is what leaves the booster set. */
void pumps_control(struct water *water, double outflow_m3h, double hour, double step_s);

/* Starters and hydraulics: run, flow, power and counters of every pump from cmd, the
 * pressures and the supply. Returns what the booster set takes out of the tank, m3/h. */
double pumps_step(struct water *water, bool powered, double step_s);

#endif
