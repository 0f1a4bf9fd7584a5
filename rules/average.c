/* average.c - see average.h. */
#include "rules/average.h"

/* What was in force up to `time` and is not any more, or goes on. */
static void cover(struct average *average, int64_t time_ns, int64_t hold_ns)
{
    int64_t span_ns = time_ns - average->last_ns;

    if (average->holds)
        average->covered_ns += span_ns > hold_ns ? hold_ns : span_ns;
    average->holds = false;
}

void average_put(struct average *average, struct reading reading, int64_t hold_ns)
{
    int64_t span_ns = reading.time_ns - average->last_ns;

    if (!average->any && isnan(reading.value))
        return;
    if (!average->any) {
        average->any = average->holds = true;
        average->last_ns = reading.time_ns;
        average->before = average->mean = reading.value;
        return;
    }
    if (span_ns < 0)
        return;
    if (isnan(reading.value)) {
        cover(average, reading.time_ns, hold_ns);
        return;
    }
    if (span_ns > 0) {
        cover(average, reading.time_ns, hold_ns);
        average->before = average->mean;
        average->span_ns = span_ns;
        average->last_ns = reading.time_ns;
    }
    average->holds = true;
    if (average->span_ns == 0) { /* the first one again */
        average->before = average->mean = reading.value;
        return;
    }
    /* This way round a misread 1e38 leaves nothing behind when it is forgotten. */
    average->mean =
        reading.value + (average->before - reading.value) *
                            exp(-(double)average->span_ns / (double)average->tau_ns);
}
