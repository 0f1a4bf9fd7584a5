/* partial.c - see partial.h. */
#include "rules/partial.h"

static void append_steps(struct partial *sum, const struct partial *later, double modulus)
{
    sum->rises += later->rises;
    sum->falls += later->falls;
    sum->increase += later->increase;
    sum->drop += later->drop;
    if (isnan(later->first_known))
        return;
    if (isnan(sum->first_known))
        sum->first_known = later->first_known;
    else
        partial_step(sum, sum->last_known, later->first_known, modulus);
    sum->last_known = later->last_known;
}

void partial_append(struct partial *sum, const struct partial *later,
                    struct hold_rule rule, unsigned needs)
{
    if (later->readings == 0)
        return;
    if (sum->readings == 0) {
        partial_copy(sum, later, needs);
        return;
    }
    partial_extend(sum, later->first_ns, rule);
    sum->readings += later->readings;
    sum->count += later->count;
    sum->uncertain += later->uncertain;
    sum->last_ns = later->last_ns;
    sum->last = later->last;
    sum->covered_ns += later->covered_ns;
    sum->area_ns += later->area_ns;
    sum->sum += later->sum;
    sum->min = later->min < sum->min ? later->min : sum->min;
    sum->max = later->max > sum->max ? later->max : sum->max;
    if ((needs & NEED_STEPS) != 0)
        append_steps(sum, later, rule.modulus);
}

double partial_used(const struct partial *partial)
{
    double net = partial->increase - partial->drop;

    return net >= 0 ? net : partial->increase;
}

static double within(const struct partial *partial, double mean)
{
    if (mean < partial->min)
        return partial->min;
    return mean > partial->max ? partial->max : mean;
}

double partial_average(const struct partial *partial)
{
    return within(partial, partial->area_ns / (double)partial->covered_ns);
}

double partial_mean(const struct partial *partial)
{
    return within(partial, partial->sum / partial->count);
}
