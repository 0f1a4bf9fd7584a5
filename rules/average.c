/* average.c - see average.h. */
#include "rules/average.h"

void average_put(struct average *average, struct reading reading, int64_t hold_ns)
{
    int64_t span = reading.time_ns - average->last_ns;

    if (isnan(reading.value))
        return;
    if (!average->any) {
        average->any = true;
        average->last_ns = reading.time_ns;
        average->mean = reading.value;
        return;
    }
    if (span <= 0)
        return;
    average->mean +=
        (reading.value - average->mean) * -expm1(-(double)span / (double)average->tau_ns);
    average->last_ns = reading.time_ns;
    average->covered_ns += span > hold_ns ? hold_ns : span;
}
