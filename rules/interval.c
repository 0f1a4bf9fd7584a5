/* interval.c - see interval.h. */
#include "rules/interval.h"

#include "rules/program.h"

static struct interval multiply(struct interval a, struct interval b)
{
    double p[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};

    return (struct interval){fmin(fmin(p[0], p[1]), fmin(p[2], p[3])),
                             fmax(fmax(p[0], p[1]), fmax(p[2], p[3])), false};
}

static struct interval divide(struct interval a, struct interval b)
{
    if (b.low <= 0 && b.high >= 0)
        return interval_anything();
    if (interval_exact(a) && interval_exact(b))
        return (struct interval){a.low / b.low, a.low / b.low, false};
    return multiply(a, (struct interval){1 / b.high, 1 / b.low, false});
}

static struct interval modulo(struct interval a, struct interval b)
{
    if (!interval_exact(a) || !interval_exact(b) || b.low == 0)
        return interval_anything();
    return (struct interval){fmod(a.low, b.low), fmod(a.low, b.low), false};
}

static struct interval arithmetic(uint8_t op, struct interval a, struct interval b)
{
    struct interval result = interval_anything();

    if (a.unknown || b.unknown)
        return result;
    if (op == OP_ADD)
        result = (struct interval){a.low + b.low, a.high + b.high, false};
    else if (op == OP_SUBTRACT)
        result = (struct interval){a.low - b.high, a.high - b.low, false};
    else if (op == OP_MULTIPLY)
        result = multiply(a, b);
    else
        result = op == OP_DIVIDE ? divide(a, b) : modulo(a, b);
    if (!isfinite(result.low) || !isfinite(result.high))
        return interval_anything();
    if (interval_exact(a) && interval_exact(b))
        return result;
    result.low -= fabs(result.low) * INTERVAL_ROUNDING; /* of either way */
    result.high += fabs(result.high) * INTERVAL_ROUNDING;
    return result;
}

static struct interval compare(uint8_t op, struct interval a, struct interval b)
{
    switch (op) {
    case OP_LESS:
        return interval_truth(a.high >= b.low, a.low < b.high);
    case OP_LESS_EQUAL:
        return interval_truth(a.high > b.low, a.low <= b.high);
    case OP_GREATER:
        return interval_truth(a.low <= b.high, a.high > b.low);
    case OP_GREATER_EQUAL:
        return interval_truth(a.low < b.high, a.high >= b.low);
    case OP_EQUAL:
        return interval_truth(!interval_exact(a) || !interval_exact(b) || a.low != b.low,
                              a.low <= b.high && b.low <= a.high);
    default:
        return interval_truth(a.low <= b.high && b.low <= a.high,
                              !interval_exact(a) || !interval_exact(b) || a.low != b.low);
    }
}

static bool is_false(struct interval interval)
{
    return interval.high == 0 && !interval.unknown;
}

static bool is_true(struct interval interval)
{
    return interval.low != 0 && !interval.unknown;
}

/* Kleene's, with what may be unknown. */
static struct interval both(struct interval a, struct interval b)
{
    struct interval result =
        interval_truth(a.low == 0 || b.low == 0, a.high != 0 && b.high != 0);

    result.unknown = a.unknown || b.unknown;
    return is_false(a) || is_false(b) ? interval_truth(true, false) : result;
}

static struct interval either(struct interval a, struct interval b)
{
    struct interval result =
        interval_truth(a.low == 0 && b.low == 0, a.high != 0 || b.high != 0);

    result.unknown = a.unknown || b.unknown;
    return is_true(a) || is_true(b) ? interval_truth(false, true) : result;
}

struct interval interval_two(uint8_t op, struct interval a, struct interval b)
{
    struct interval result;

    if (op == OP_AND)
        return both(a, b);
    if (op == OP_OR)
        return either(a, b);
    if (op < OP_LESS || op > OP_NOT_EQUAL)
        return arithmetic(op, a, b);
    result = compare(op, a, b);
    result.unknown = a.unknown || b.unknown;
    return result;
}

struct interval interval_negate(struct interval interval)
{
    return (struct interval){-interval.high, -interval.low, interval.unknown};
}

struct interval interval_not(struct interval interval)
{
    struct interval result = interval_truth(interval.high != 0, interval.low == 0);

    result.unknown = interval.unknown;
    return result;
}
