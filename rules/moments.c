/* moments.c - see moments.h. */
#include "rules/moments.h"

#define S_PER_NS 1e-9

void moments_add(struct moments *moments, struct reading reading)
{
    double time;
    double dt;
    double dv;

    if (isnan(reading.value))
        return;
    if (moments->count == 0) {
        *moments = (struct moments){
            .count = 1, .origin_ns = reading.time_ns, .value = reading.value};
        return;
    }
    time = (double)(reading.time_ns - moments->origin_ns) * S_PER_NS;
    dt = time - moments->time;
    dv = reading.value - moments->value;
    moments->count++;
    moments->time += dt / moments->count;
    moments->value += dv / moments->count;
    moments->tt += dt * (time - moments->time);
    moments->tv += dt * (reading.value - moments->value);
    moments->vv += dv * (reading.value - moments->value);
}

void moments_append(struct moments *sum, const struct moments *later)
{
    double count;
    double share;
    double dt;
    double dv;

    if (later->count == 0)
        return;
    if (sum->count == 0) {
        *sum = *later;
        return;
    }
    count = (double)sum->count + later->count;
    share = later->count / count;
    dt = (double)(later->origin_ns - sum->origin_ns) * S_PER_NS + later->time - sum->time;
    dv = later->value - sum->value;
    sum->tt += later->tt + dt * dt * sum->count * share;
    sum->tv += later->tv + dt * dv * sum->count * share;
    sum->vv += later->vv + dv * dv * sum->count * share;
    sum->time += dt * share;
    sum->value += dv * share;
    sum->count += later->count;
}

double moments_deviation(const struct moments *moments)
{
    if (moments->count < 2)
        return NAN;
    return moments->vv > 0 ? sqrt(moments->vv / (moments->count - 1)) : 0;
}

struct moments_line moments_line(const struct moments *moments, int64_t at_ns)
{
    struct moments_line line = {NAN, NAN};
    double at_s = (double)(at_ns - moments->origin_ns) * S_PER_NS;

    if (moments->count < 2 || moments->tt <= 0)
        return line;
    line.slope = moments->tv / moments->tt;
    line.value = moments->value + line.slope * (at_s - moments->time);
    return line;
}
