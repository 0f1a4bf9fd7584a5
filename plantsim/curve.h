/* curve.h - how much people use at which time of the day.
 *
 * A curve is a factor on the daily mean: its 24 hourly values average to 1. On Saturday
 * and Sunday the morning comes later.
 *
 * The shapes are those of residential compounds in general (a morning and an evening
 * peak, a night minimum); no particular site. Threads: no state.
 */
#ifndef PLANTSIM_CURVE_H
#define PLANTSIM_CURVE_H

#include <stdbool.h>

enum curve {
    CURVE_WATER_HOME,
    CURVE_WATER_PUBLIC,
    CURVE_POWER_HOME,
    CURVE_LIFT,
    CURVE_LIGHTING,
    CURVE_CHARGING,
    CURVES
};

/* The factor at `hour` (0 <= hour < 24, local time). */
double curve_at(enum curve curve, double hour, bool weekend);

#endif
