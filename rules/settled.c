/* settled.c - see settled.h: interval arithmetic over the code that eval.c runs. */
#include "rules/settled.h"

#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

/* Where a value lies until the next reading. A truth is 0, 1 or both. */
struct bounds {
    double low;
    double high;
    bool unknown; /* it may be or become so */
};

struct settling {
    struct eval eval; /* a copy, for functions that are asked themselves */
    const struct program *program;
    struct bounds stack[EVAL_STACK_MAX];
    struct bounds *top;
    struct settled_until until;
    bool coarse; /* what changes with time may be anything, so that it limits nothing */
    bool limits; /* something does */
};

/* Sums are rounded: an average may lie a hair beside its values. */
#define ROUNDING 1e-9

/* Less than all of it: what leaves the window may take the coverage below its least. */
#define COVERED 0.999999

static bool is_exact(struct bounds bounds)
{
    return bounds.low == bounds.high && !bounds.unknown;
}

static struct bounds anything(void)
{
    return (struct bounds){-INFINITY, INFINITY, true};
}

static struct bounds exactly(struct value value)
{
    return value_known(value) ? (struct bounds){value.number, value.number, false}
                              : anything();
}

static struct bounds truth(bool can_be_false, bool can_be_true)
{
    return (struct bounds){can_be_false ? 0 : 1, can_be_true ? 1 : 0, false};
}

static void until(struct settling *s, int64_t ns)
{
    if (ns < s->until.ns)
        s->until.ns = ns;
}

static void limit(struct settling *s, int64_t ns)
{
    s->until.limited = s->until.limited || ns != INT64_MAX;
    until(s, ns);
}

/* ---- functions of a window ---- */

/* The values of the window, all in force at some time of it; false when the window is not
 * known throughout or does not end now. */
static bool window_span(struct settling *s, const struct insn *insn,
                        struct bounds *bounds, double *right)
{
    struct window *window = s->eval.binding->windows[insn->slot];
    const struct window_stats *stats;
    const struct track *track = window->track;

    if (window->spec.samples > 0 || window->spec.ago_ns > 0 ||
        !track_in_force(track, s->eval.now_ns))
        return false;
    stats = window_at(window, s->eval.now_ns);
    if (window_coverage(window, stats) < COVERED || stats->sum.readings == 0 ||
        isnan(stats->right))
        return false;
    if (track->hold_ns != INT64_MAX)
        until(s, track->time_ns + track->hold_ns + 1);
    *bounds = (struct bounds){stats->sum.min, stats->sum.max, false};
    *right = stats->right;
    return true;
}

/* rules/partial.h keeps means within the extremes, to the last bit. */
static bool span_mean(struct settling *s, const struct insn *insn, struct bounds *bounds)
{
    double right;

    return window_span(s, insn, bounds, &right);
}

/* What is in force now stays in the window; what leaves it may be the extreme. */
static bool span_min(struct settling *s, const struct insn *insn, struct bounds *bounds)
{
    return window_span(s, insn, bounds, &bounds->high);
}

static bool span_max(struct settling *s, const struct insn *insn, struct bounds *bounds)
{
    return window_span(s, insn, bounds, &bounds->low);
}

/* True as long as no zero comes; false as long as one is in force, and between the two
 * until the last one has left the window. */
static bool span_held(struct settling *s, const struct insn *insn, struct bounds *bounds)
{
    const struct window *window = s->eval.binding->windows[insn->slot];
    double right;
    int64_t zero_ns;

    if (!window_span(s, insn, bounds, &right))
        return false;
    if (bounds->low == 0 && right != 0) {
        if (window->ring == NULL)
            return false;
        zero_ns = reading_ring_zero_until(window->ring, s->eval.now_ns);
        if (zero_ns == INT64_MIN)
            return false;
        limit(s, zero_ns + window->spec.length_ns);
    }
    *bounds = bounds->low == 0 ? truth(true, false) : truth(false, true);
    return true;
}

/* Without a reading nothing rises any more, and what has risen leaves the window. */
static bool span_rises(struct settling *s, const struct insn *insn, struct bounds *bounds)
{
    double right;

    if (!window_span(s, insn, bounds, &right))
        return false;
    *bounds = (struct bounds){
        0, window_at(s->eval.binding->windows[insn->slot], s->eval.now_ns)->sum.rises,
        false};
    return true;
}

/* What a counter has moved in the window leaves it. */
static bool span_used(struct settling *s, const struct insn *insn, struct bounds *bounds)
{
    const struct window_stats *stats;
    double right;

    if (!window_span(s, insn, bounds, &right))
        return false;
    stats = window_at(s->eval.binding->windows[insn->slot], s->eval.now_ns);
    if (isnan(stats->left) || stats->sum.drop != 0)
        return false;
    *bounds = (struct bounds){0, partial_used(&stats->sum) * (1 + ROUNDING), false};
    return true;
}

static const struct {
    function_eval *eval;
    bool (*find)(struct settling *s, const struct insn *insn, struct bounds *bounds);
} bounded[] = {
    {call_avg, span_mean},  {call_mean, span_mean}, {call_min, span_min},
    {call_max, span_max},   {call_held, span_held}, {call_rises, span_rises},
    {call_used, span_used},
};

enum {
    BOUNDED = sizeof bounded / sizeof *bounded,
};

static size_t bounded_of(const struct insn *insn)
{
    size_t rows;
    function_eval *eval = function_rows(&rows)[insn->function].eval;
    size_t i = 0;

    while (i < BOUNDED && bounded[i].eval != eval)
        i++;
    return i;
}

/* ---- other functions ---- */

static void bounds_of_args(function_eval *eval, const struct bounds *args, unsigned count,
                           struct bounds *bounds)
{
    if (eval == call_abs) {
        *bounds = args[0];
        bounds->high = fmax(fabs(args[0].low), fabs(args[0].high));
        bounds->low = args[0].low <= 0 && args[0].high >= 0
                          ? 0
                          : fmin(fabs(args[0].low), fabs(args[0].high));
    }
    if (eval != call_minof && eval != call_maxof)
        return;
    *bounds = args[0];
    for (unsigned i = 1; i < count; i++) {
        bool max = eval == call_maxof;

        bounds->low =
            max ? fmax(bounds->low, args[i].low) : fmin(bounds->low, args[i].low);
        bounds->high =
            max ? fmax(bounds->high, args[i].high) : fmin(bounds->high, args[i].high);
        bounds->unknown = bounds->unknown || args[i].unknown;
    }
}

/* Any other function says when it changes by itself, if its arguments do not. False for
 * one that must see each change of its argument. */
static bool call(struct settling *s, const struct insn *insn)
{
    const struct function *function;
    struct value args[UINT8_MAX] __attribute__((uninitialized)); /* the first few */
    bool exact = true;
    size_t rows;

    s->top -= insn->count;
    for (unsigned i = 0; i < insn->count; i++) {
        exact = exact && is_exact(s->top[i]);
        args[i] = (struct value){s->top[i].low, 0};
    }
    function = &function_rows(&rows)[insn->function];
    if (!exact) {
        struct bounds result = anything();

        if (insn->op == OP_CALL)
            bounds_of_args(function->eval, s->top, insn->count, &result);
        *s->top++ = result;
        return insn->op == OP_CALL;
    }
    s->eval.due_ns = INT64_MAX;
    *s->top = exactly(insn->op == OP_CALL ? function->eval(&s->eval, insn, args)
                                          : function->eval_truth(&s->eval, insn, args));
    s->limits = s->limits || s->eval.due_ns != INT64_MAX;
    if (s->coarse && s->eval.due_ns != INT64_MAX)
        *s->top = anything();
    else
        limit(s, s->eval.due_ns);
    s->top++;
    return true;
}

static bool call_bounded(struct settling *s, const struct insn *insn)
{
    size_t which = insn->op == OP_CALL ? bounded_of(insn) : BOUNDED;
    struct bounds *arguments = s->top - insn->count;
    struct settled_until before = s->until;
    struct bounds bounds;

    if (which == BOUNDED || !bounded[which].find(s, insn, &bounds)) {
        s->until = before;
        return call(s, insn);
    }
    *arguments = bounds;
    s->top = arguments + 1;
    return true;
}

/* ---- the rest of the language ---- */

static void point(struct settling *s, const struct track *track)
{
    s->eval.due_ns = INT64_MAX;
    *s->top++ = exactly(eval_track(&s->eval, track));
    until(s, s->eval.due_ns);
}

static struct bounds multiply(struct bounds a, struct bounds b)
{
    double p[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};

    return (struct bounds){fmin(fmin(p[0], p[1]), fmin(p[2], p[3])),
                           fmax(fmax(p[0], p[1]), fmax(p[2], p[3])), false};
}

static struct bounds divide(struct bounds a, struct bounds b)
{
    if (b.low <= 0 && b.high >= 0)
        return anything();
    return multiply(a, (struct bounds){1 / b.high, 1 / b.low, false});
}

static struct bounds modulo(struct bounds a, struct bounds b)
{
    if (!is_exact(a) || !is_exact(b) || b.low == 0)
        return anything();
    return (struct bounds){fmod(a.low, b.low), fmod(a.low, b.low), false};
}

static struct bounds arithmetic(uint8_t op, struct bounds a, struct bounds b)
{
    struct bounds result = anything();

    if (a.unknown || b.unknown)
        return result;
    if (op == OP_ADD)
        result = (struct bounds){a.low + b.low, a.high + b.high, false};
    else if (op == OP_SUBTRACT)
        result = (struct bounds){a.low - b.high, a.high - b.low, false};
    else if (op == OP_MULTIPLY)
        result = multiply(a, b);
    else
        result = op == OP_DIVIDE ? divide(a, b) : modulo(a, b);
    if (!isfinite(result.low) || !isfinite(result.high))
        return anything();
    if (is_exact(a) && is_exact(b))
        return result;
    result.low -= fabs(result.low) * ROUNDING; /* of either way */
    result.high += fabs(result.high) * ROUNDING;
    return result;
}

static struct bounds compare(uint8_t op, struct bounds a, struct bounds b)
{
    switch (op) {
    case OP_LESS:
        return truth(a.high >= b.low, a.low < b.high);
    case OP_LESS_EQUAL:
        return truth(a.high > b.low, a.low <= b.high);
    case OP_GREATER:
        return truth(a.low <= b.high, a.high > b.low);
    case OP_GREATER_EQUAL:
        return truth(a.low < b.high, a.high >= b.low);
    case OP_EQUAL:
        return truth(!is_exact(a) || !is_exact(b) || a.low != b.low,
                     a.low <= b.high && b.low <= a.high);
    default:
        return truth(a.low <= b.high && b.low <= a.high,
                     !is_exact(a) || !is_exact(b) || a.low != b.low);
    }
}

static bool is_false(struct bounds bounds)
{
    return bounds.high == 0 && !bounds.unknown;
}

static bool is_true(struct bounds bounds)
{
    return bounds.low != 0 && !bounds.unknown;
}

/* Kleene's, with what may be unknown. */
static struct bounds both(struct bounds a, struct bounds b)
{
    struct bounds result = truth(a.low == 0 || b.low == 0, a.high != 0 && b.high != 0);

    result.unknown = a.unknown || b.unknown;
    return is_false(a) || is_false(b) ? truth(true, false) : result;
}

static struct bounds either(struct bounds a, struct bounds b)
{
    struct bounds result = truth(a.low == 0 && b.low == 0, a.high != 0 || b.high != 0);

    result.unknown = a.unknown || b.unknown;
    return is_true(a) || is_true(b) ? truth(false, true) : result;
}

static void two(struct settling *s, uint8_t op)
{
    struct bounds a = s->top[-2];
    struct bounds b = s->top[-1];
    struct bounds *result = &s->top[-2];

    s->top--;
    if (op == OP_AND) {
        *result = both(a, b);
    } else if (op == OP_OR) {
        *result = either(a, b);
    } else if (op >= OP_LESS && op <= OP_NOT_EQUAL) {
        *result = compare(op, a, b);
        result->unknown = a.unknown || b.unknown;
    } else {
        *result = arithmetic(op, a, b);
    }
}

static void negate(struct bounds *last)
{
    *last = (struct bounds){-last->high, -last->low, last->unknown};
}

static void invert(struct bounds *last)
{
    bool unknown = last->unknown;

    *last = truth(last->high != 0, last->low == 0);
    last->unknown = unknown;
}

/* False: cannot tell. */
static bool run_one(struct settling *s, const struct insn *insn)
{
    const struct binding *binding = s->eval.binding;
    struct value value = {0, 0};

    switch ((enum op)insn->op) {
    case OP_CONST:
        value.number = s->program->constants[insn->slot];
        *s->top++ = exactly(value);
        return true;
    case OP_PARAM:
        value.number = binding->params[insn->slot];
        *s->top++ = exactly(value);
        return true;
    case OP_UNKNOWN:
        *s->top++ = anything();
        return true;
    case OP_POINT:
        point(s, binding->tracks[insn->slot]);
        return true;
    case OP_SHORT: /* the steps behind it say the same */
        return true;
    case OP_NEG:
        negate(s->top - 1);
        return true;
    case OP_NOT:
        invert(s->top - 1);
        return true;
    case OP_CALL:
    case OP_CALL_TRUTH:
        return call_bounded(s, insn);
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_MODULO:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_AND:
    case OP_OR:
        two(s, insn->op);
        return true;
    case OP_GROUP:
    case OP_END:
        break;
    }
    return false;
}

static bool run(struct settling *s, unsigned start, bool coarse,
                struct settled_until until)
{
    s->top = s->stack;
    s->until = until;
    s->coarse = coarse;
    s->limits = false;
    for (const struct insn *insn = &s->program->code[start]; insn->op != OP_END; insn++)
        if (!run_one(s, insn))
            return false;
    return is_exact(s->stack[0]);
}

static void begin(struct settling *s, const struct eval *eval,
                  const struct program *program)
{
    s->eval = *eval;
    s->eval.program = program;
    s->eval.trace = NULL;
    s->eval.peek = true;
    s->program = program;
    s->top = s->stack;
    s->until = (struct settled_until){.ns = INT64_MAX};
}

bool settled(const struct eval *eval, const struct program *program, unsigned start,
             struct settled_until *until)
{
    /* A kilobyte that is written before it is read. */
    struct settling s __attribute__((uninitialized));

    begin(&s, eval, program);
    if (!run(&s, start, true, *until)) {
        if (!s.limits || !run(&s, start, false, *until))
            return false;
        s.until.exact = true;
    }
    *until = s.until;
    return true;
}

bool settled_bounds(const struct eval *eval, const struct insn *call, double *low,
                    double *high)
{
    struct settling s __attribute__((uninitialized));
    size_t which = bounded_of(call);
    struct bounds bounds;

    begin(&s, eval, eval->program);
    if (which == BOUNDED || !bounded[which].find(&s, call, &bounds))
        return false;
    *low = bounds.low;
    *high = bounds.high;
    return true;
}

bool settled_helps(const struct program *program)
{
    bool helps = false;

    for (size_t i = 0; i < program->code_count; i++) {
        const struct insn *insn = &program->code[i];

        if (insn->op == OP_GROUP)
            return false;
        helps = helps || (insn->op == OP_CALL && bounded_of(insn) < BOUNDED);
    }
    return helps;
}
