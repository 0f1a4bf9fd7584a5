/* rng.c - see rng.h. */
#include "plantsim/rng.h"

#include <math.h>

struct rng rng_new(uint64_t seed, uint64_t stream)
{
    struct rng rng = {seed ^ (stream * UINT64_C(0xD1342543DE82EF95))};

    (void)rng_next(&rng); /* neighbouring seeds part company */
    return rng;
}

uint64_t rng_next(struct rng *rng)
{
    uint64_t z;

    rng->state += UINT64_C(0x9E3779B97F4A7C15);
    z = rng->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

double rng_between(struct rng *rng, double low, double high)
{
    return low + (high - low) * rng_unit(rng);
}

int rng_below(struct rng *rng, int bound)
{
    return bound <= 0 ? 0 : (int)(rng_unit(rng) * bound);
}

bool rng_chance(struct rng *rng, double probability)
{
    return rng_unit(rng) < probability;
}

/* Irwin-Hall: twelve uniform numbers have variance 1. Cheaper tails are not needed, and
 * 16 bits of each are enough: four of them from one draw. */
double rng_normal(struct rng *rng)
{
    uint64_t sum = 0;

    for (int i = 0; i < 3; i++) {
        uint64_t draw = rng_next(rng);

        for (int k = 0; k < 4; k++, draw >>= 16)
            sum += draw & 0xFFFF;
    }
    return (double)sum * 0x1p-16 + 6 * 0x1p-16 - 6; /* the middle of each step */
}

double rng_exponential(struct rng *rng, double mean)
{
    double value = -log1p(-rng_unit(rng)) * mean;

    return fmin(value, 20 * mean);
}

double rng_drift(struct rng *rng, double value, double deviation, double memory_s,
                 double step_s)
{
    double keep = 1 - fmin(step_s / memory_s, 1);

    return value * keep + deviation * sqrt(1 - keep * keep) * rng_normal(rng);
}
