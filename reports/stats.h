/* stats.h - intervals and tests for counts of failures (pure).
 *
 * Exact where counts are small: the limits of a Poisson count are found by bisection on
 * its tail, sums of at most n + 1 terms. Above STATS_EXACT_MAX the Wilson-Hilferty
 * approximation is used (better than 0.01 % there).
 *
 * Source: the usual two-sided limits, lower L with P(X >= n; L) = a/2 and upper U with
 * P(X <= n; U) = a/2; rate ratios by the conditional binomial (Clopper-Pearson).
 * Threads: no state.
 */
#ifndef REPORTS_STATS_H
#define REPORTS_STATS_H

#include <stdint.h>

enum {
    STATS_EXACT_MAX = 200,
};

struct stats_interval {
    double low;
    double high;
};

/* Of the mean of a Poisson variable that was seen as `count`; `confidence` in (0, 1).
 * Divide by the exposure for a rate. */
struct stats_interval stats_poisson(int64_t count, double confidence);

/* P(X >= count) of a Poisson variable with this mean. */
double stats_poisson_tail(int64_t count, double mean);

struct stats_ratio {
    double ratio; /* of the two rates; NaN or infinite when the second saw nothing */
    struct stats_interval interval;
    double p_higher; /* that the first count is so high although the rates are equal */
    double p_two_sided;
};

/* Compares count1 failures in exposure1 with count2 in exposure2; exposures > 0. */
struct stats_ratio stats_compare(int64_t count1, double exposure1, int64_t count2,
                                 double exposure2, double confidence);

#endif
