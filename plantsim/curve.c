/* curve.c - see curve.h. */
#include "plantsim/curve.h"

#include <math.h>

enum {
    HOURS = 24,
};

/* Relative height in the middle of each hour, from midnight. */
static const double shapes[CURVES][HOURS] = {
    [CURVE_WATER_HOME] = {0.25, 0.12, 0.07, 0.06, 0.10, 0.45, 1.30, 2.10,
                          1.90, 1.30, 1.00, 1.00, 1.20, 1.00, 0.70, 0.70,
                          0.80, 1.10, 1.70, 2.00, 2.10, 1.70, 1.10, 0.55},
    [CURVE_WATER_PUBLIC] = {0.10, 0.06, 0.05, 0.05, 0.20, 1.20, 1.60, 1.10,
                            1.20, 1.40, 1.50, 1.60, 1.50, 1.30, 1.30, 1.30,
                            1.40, 1.60, 1.60, 1.30, 1.00, 0.70, 0.35, 0.18},
    [CURVE_POWER_HOME] = {0.62, 0.52, 0.47, 0.45, 0.46, 0.52, 0.70, 0.90,
                          0.88, 0.80, 0.80, 0.88, 1.00, 0.92, 0.86, 0.87,
                          0.95, 1.15, 1.55, 1.80, 1.85, 1.70, 1.35, 0.90},
    [CURVE_LIFT] = {0.15, 0.08, 0.05, 0.05, 0.08, 0.30, 1.20, 2.30,
                    2.00, 1.20, 1.00, 1.10, 1.30, 1.00, 0.80, 0.90,
                    1.20, 1.80, 2.20, 1.70, 1.40, 1.10, 0.70, 0.35},
    [CURVE_LIGHTING] = {1.00, 0.80, 0.80, 0.80, 0.80, 1.00, 0.80, 0.30,
                        0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25,
                        0.30, 0.60, 1.60, 1.80, 1.80, 1.80, 1.60, 1.30},
    [CURVE_CHARGING] = {2.00, 1.90, 1.70, 1.40, 1.10, 0.90, 0.50, 0.30,
                        0.30, 0.30, 0.40, 0.50, 0.60, 0.60, 0.50, 0.50,
                        0.50, 0.60, 0.90, 1.30, 1.60, 1.80, 1.90, 2.00},
};

/* Of the hours of each; a test adds them up. */
static const double sums[CURVES] = {
    [CURVE_WATER_HOME] = 24.30, [CURVE_WATER_PUBLIC] = 23.59, [CURVE_POWER_HOME] = 22.90,
    [CURVE_LIFT] = 23.96,       [CURVE_LIGHTING] = 19.10,     [CURVE_CHARGING] = 24.10,
};

/* On a free day the hours from 5 to 11 look like those of 90 minutes before; the shift
 * fades in and out, so that the curve has no step. */
static double weekend_hour(double hour)
{
    const double shift = 1.5;

    if (hour < 4 || hour > 13)
        return hour;
    if (hour < 5.5)
        return hour - shift * (hour - 4) / 1.5;
    if (hour > 11)
        return hour - shift * (13 - hour) / 2;
    return hour - shift;
}

double curve_at(enum curve curve, double hour, bool weekend)
{
    const double *shape = shapes[curve];
    double at = (weekend ? weekend_hour(hour) : hour) - 0.5;
    double low = floor(at);
    double part = at - low;
    int first = ((int)low + HOURS) % HOURS;
    int second = (first + 1) % HOURS;

    return (shape[first] * (1 - part) + shape[second] * part) * HOURS / sums[curve];
}
