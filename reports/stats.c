/* stats.c - see stats.h. */
#include "reports/stats.h"

#include <math.h>
#include <stddef.h>

enum {
    BISECTIONS = 200, /* halves any double range to its last bit */
};

/* A function that falls from one side of `target` to the other over [low, high]. */
typedef double falling(double x, const void *context);

static double bisect(falling *function, const void *context, double target, double low,
                     double high)
{
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + (high - low) / 2;

        if (middle <= low || middle >= high)
            break;
        if (function(middle, context) > target)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

/* P(X <= count). Terms come from their logarithms, so that no mean is too large. */
static double poisson_cdf(int64_t count, double mean)
{
    double sum = 0;
    double log_term = -mean;

    if (count < 0)
        return 0;
    if (mean <= 0)
        return 1;
    for (int64_t k = 0; k <= count; k++) {
        if (k > 0)
            log_term += log(mean / (double)k);
        sum += exp(log_term);
    }
    return fmin(sum, 1);
}

double stats_poisson_tail(int64_t count, double mean)
{
    double sum = 0;
    double log_term = -mean;

    if (count <= 0)
        return 1;
    if (mean <= 0)
        return 0;
    /* Above the mean the terms of the tail itself are added: 1 - cdf would lose digits.
     */
    if ((double)count <= mean)
        return 1 - poisson_cdf(count - 1, mean);
    for (int64_t k = 1; k <= count; k++)
        log_term += log(mean / (double)k);
    for (int64_t k = count; exp(log_term) > sum * 1e-17; k++) {
        sum += exp(log_term);
        log_term += log(mean / (double)(k + 1));
    }
    return fmin(sum, 1);
}

static double cdf_of_mean(double mean, const void *context)
{
    return poisson_cdf(*(const int64_t *)context, mean);
}

static double normal_tail(double z, const void *context)
{
    (void)context;
    return erfc(z / sqrt(2)) / 2;
}

/* Quantile of chi-square / 2 with 2 * `half_freedom` degrees; `z` is the normal one. */
static double wilson_hilferty(double half_freedom, double z)
{
    double ninth = 1 / (9 * half_freedom);

    return half_freedom * pow(1 - ninth + z * sqrt(ninth), 3);
}

struct stats_interval stats_poisson(int64_t count, double confidence)
{
    double side = (1 - confidence) / 2;
    int64_t below = count - 1;
    struct stats_interval interval = {0};
    double z;

    if (count > STATS_EXACT_MAX) {
        z = bisect(normal_tail, NULL, side, 0, 40);
        interval.low = wilson_hilferty((double)count, -z);
        interval.high = wilson_hilferty((double)count + 1, z);
        return interval;
    }
    if (count > 0) /* P(X >= n) = a/2 is P(X <= n - 1) = 1 - a/2 */
        interval.low = bisect(cdf_of_mean, &below, 1 - side, 0, (double)count);
    interval.high =
        bisect(cdf_of_mean, &count, side, (double)count, 2 * (double)count + 800);
    return interval;
}

struct binomial {
    int64_t trials;
    int64_t successes;
};

/* P(X <= successes). */
static double binomial_cdf(double p, const void *context)
{
    const struct binomial *binomial = context;
    double n = (double)binomial->trials;
    double sum = 0;
    double log_term = n * log1p(-p);

    if (binomial->successes < 0 || p >= 1)
        return binomial->successes >= binomial->trials ? 1 : 0;
    if (p <= 0)
        return 1;
    for (int64_t k = 0; k <= binomial->successes; k++) {
        if (k > 0)
            log_term += log((n - (double)k + 1) / (double)k) + log(p) - log1p(-p);
        sum += exp(log_term);
    }
    return fmin(sum, 1);
}

static double odds(double p, double exposure1, double exposure2)
{
    return p / (1 - p) * exposure2 / exposure1;
}

struct stats_ratio stats_compare(int64_t count1, double exposure1, int64_t count2,
                                 double exposure2, double confidence)
{
    const struct binomial up_to = {count1 + count2, count1};
    const struct binomial below = {count1 + count2, count1 - 1};
    double share = exposure1 / (exposure1 + exposure2);
    double side = (1 - confidence) / 2;
    double p_lower = binomial_cdf(share, &up_to);
    struct stats_ratio result = {
        .ratio = ((double)count1 / exposure1) / ((double)count2 / exposure2),
        .p_higher = 1 - binomial_cdf(share, &below),
    };

    result.p_two_sided = fmin(1, 2 * fmin(result.p_higher, p_lower));
    if (count1 > 0)
        result.interval.low =
            odds(bisect(binomial_cdf, &below, 1 - side, 0, 1), exposure1, exposure2);
    result.interval.high = count2 == 0 ? INFINITY
                                       : odds(bisect(binomial_cdf, &up_to, side, 0, 1),
                                              exposure1, exposure2);
    return result;
}
