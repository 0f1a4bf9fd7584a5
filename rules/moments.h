/* moments.h - spread and trend of a stretch of readings, and how two stretches make one
 * (pure). Kept beside a partial (rules/partial.h) where a function needs it.
 *
 * Each reading counts once. Sums are taken around their means and merged pairwise, so a
 * counter at 1e9 loses nothing. Source: Chan, Golub, LeVeque, "Updating formulae and a
 * pairwise algorithm for computing sample variances" (1979); the same for products.
 *
 * Threads: plain data.
 */
#ifndef RULES_MOMENTS_H
#define RULES_MOMENTS_H

#include "rules/partial.h"

struct moments {
    uint32_t count;
    int64_t origin_ns; /* of the first reading; times below are seconds after it */
    double time;       /* mean */
    double value;      /* mean */
    double tt;         /* sums of products of what is left after the means: time, time */
    double tv;
    double vv;
};

/* Breaks are passed over. */
void moments_add(struct moments *moments, struct reading reading);
void moments_append(struct moments *sum, const struct moments *later);

/* The sample standard deviation; NaN with fewer than two readings. */
double moments_deviation(const struct moments *moments);

/* The line of least squares. */
struct moments_line {
    double slope; /* per second; NaN with fewer than two different times */
    double value; /* of the line at `at_ns` */
};
struct moments_line moments_line(const struct moments *moments, int64_t at_ns);

#endif
