/* lift.h - one lift: calls, doors, passengers, travel and its faults. Pure.
 *
 *   IDLE ─call─► (MOVING) ─► OPENING ─► OPEN ─► CLOSING ─► MOVING | IDLE
 *   MOVING ─fault, no power─► HALTED ─over─► MOVING to the nearest floor ─► OPENING
 *
 * Threads: one owner.
 */
#ifndef PLANTSIM_LIFT_H
#define PLANTSIM_LIFT_H

#include "plantsim/world.h"

#define LIFT_FLOOR_M 3.0 /* height of a storey */

struct lift_around {
    double hour;
    bool weekend;
    bool powered;
    bool fire; /* the tower's panel recalls the lifts */
};

void lift_init(struct lift *lift, int index, struct rng rng);
void lift_step(struct lift *lift, const struct lift_around *around, double step_s);

int lift_floor(const struct lift *lift);    /* index of the nearest floor */
bool lift_in_zone(const struct lift *lift); /* unlocking zone of that floor */
bool lift_door_closed(const struct lift *lift);
int lift_label(int floor); /* -1 (basement), 1, 2, ...: no floor 0 */

#endif
