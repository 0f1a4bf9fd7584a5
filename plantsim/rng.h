/* rng.h - random numbers that are the same on every machine for the same seed.
 *
 * Each thing of the simulation owns a stream, so that a fault on one does not change
 * the noise of another. Not for secrets.
 *
 * Source: splitmix64 (Steele, Lea, Flood 2014). Threads: one owner per stream.
 */
#ifndef PLANTSIM_RNG_H
#define PLANTSIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

/* The stream number `stream` of a seed; different streams are unrelated. */
struct rng rng_new(uint64_t seed, uint64_t stream);

uint64_t rng_next(struct rng *rng);
double rng_unit(struct rng *rng);                             /* 0 <= x < 1 */
double rng_between(struct rng *rng, double low, double high); /* low <= x < high */
int rng_below(struct rng *rng, int bound);                    /* 0 .. bound - 1 */
bool rng_chance(struct rng *rng, double probability);
double rng_normal(struct rng *rng);                   /* mean 0, deviation 1, within 6 */
double rng_exponential(struct rng *rng, double mean); /* at most 20 means */

/* One step of a mean-reverting walk around 0: `deviation` in the long run, forgotten
 * after `memory_s`. */
double rng_drift(struct rng *rng, double value, double deviation, double memory_s,
                 double step_s);

#endif
