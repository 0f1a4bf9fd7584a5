/* town_clock.h - the clocks as the adapters see them: those of the town.
 *
 * Programs that use a town are linked with `--wrap=mono_now` and `--wrap=wall_now`, so
 * that code which asks for the time gets the simulated one while a town lives, and the
 * machine's otherwise. One town at a time. Threads: one.
 */
#ifndef TESTS_SIM_TOWN_CLOCK_H
#define TESTS_SIM_TOWN_CLOCK_H

#include "base/clock.h"

void town_clock_set(struct mono_time mono, struct wall_time wall);
void town_clock_end(void); /* the machine's clocks again */

#endif
