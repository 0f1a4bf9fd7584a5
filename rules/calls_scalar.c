/* calls_scalar.c - functions of their arguments alone. */
#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

struct value call_abs(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    (void)eval;
    (void)insn;
    return value_of(fabs(args[0].number), args[0].marks);
}

/* To so many decimals, 0 when not given; halves away from zero. */
struct value call_round(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    double scale = insn->count > 1 ? pow(10, args[1].number) : 1;
    double scaled = args[0].number * scale;

    (void)eval;
    /* Beyond 2^53 there are no decimals to round. */
    if (fabs(scaled) >= 9007199254740992.0)
        return args[0];
    return value_of(round(scaled) / scale, args[0].marks);
}

struct value call_minof(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    struct value least = args[0];

    (void)eval;
    for (unsigned i = 1; i < insn->count; i++) {
        uint32_t marks = least.marks | args[i].marks;

        least = value_of(fmin(least.number, args[i].number), marks);
    }
    return least;
}

struct value call_maxof(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    struct value most = args[0];

    (void)eval;
    for (unsigned i = 1; i < insn->count; i++) {
        uint32_t marks = most.marks | args[i].marks;

        most = value_of(fmax(most.number, args[i].number), marks);
    }
    return most;
}

/* An unknown condition does not matter when both ways lead to the same. */
struct value call_if(struct eval *eval, const struct insn *insn, const struct value *args)
{
    (void)eval;
    (void)insn;
    if (!value_known(args[0])) {
        if (value_known(args[1]) && value_known(args[2]) &&
            args[1].number == args[2].number)
            return value_of(args[1].number, args[1].marks | args[2].marks);
        return value_unknown(args[0].marks | args[1].marks | args[2].marks);
    }
    if (args[0].number != 0)
        return value_of(args[1].number, args[1].marks | args[0].marks);
    return value_of(args[2].number, args[2].marks | args[0].marks);
}

struct value call_near(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    (void)eval;
    (void)insn;
    return value_of(fabs(args[0].number - args[1].number) <= args[2].number,
                    args[0].marks | args[1].marks | args[2].marks);
}

struct value call_sqrt(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    (void)eval;
    (void)insn;
    return value_of(sqrt(args[0].number), args[0].marks); /* NaN below zero */
}

/* Limits the wrong way round leave nothing in between: unknown. */
struct value call_clamp(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    uint32_t marks = args[0].marks | args[1].marks | args[2].marks;

    (void)eval;
    (void)insn;
    if (args[1].number > args[2].number)
        marks |= WHY_CONFIG;
    return value_of(fmin(fmax(args[0].number, args[1].number), args[2].number), marks);
}

struct value call_inside(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    bool inside = args[0].number >= args[1].number && args[0].number <= args[2].number;

    (void)eval;
    (void)insn;
    return value_of(inside, args[0].marks | args[1].marks | args[2].marks);
}

struct value call_outside(struct eval *eval, const struct insn *insn,
                          const struct value *args)
{
    return value_not(call_inside(eval, insn, args));
}

enum {
    POISSON_MEAN_MAX = 10000, /* 1300 steps; beyond that nobody counts single events */
};

/* From far above downwards, the small probabilities first: tail(k) = P(X >= k). */
static double poisson_limit(double mean, double probability)
{
    double k = ceil(mean + 12 * sqrt(mean) + 60);
    double term;
    double tail;
    int sign;

    if (mean == 0)
        return 1;
    term = exp(k * log(mean) - mean - lgamma_r(k + 1, &sign));
    tail = term;
    if (tail >= probability)
        return NAN; /* smaller than can be told */
    while (k > 0) {
        term *= k / mean;
        if (tail + term >= probability)
            return k;
        tail += term;
        k--;
    }
    return 0;
}

struct value call_poisson_limit(struct eval *eval, const struct insn *insn,
                                const struct value *args)
{
    uint32_t marks = args[0].marks | args[1].marks;

    (void)eval;
    (void)insn;
    if (!(args[0].number >= 0 && args[0].number <= POISSON_MEAN_MAX) ||
        !(args[1].number > 0 && args[1].number < 1))
        marks |= WHY_RANGE;
    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    return value_of(poisson_limit(args[0].number, args[1].number), marks);
}
