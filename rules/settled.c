/* settled.c - see settled.h: interval arithmetic over the code that eval.c runs. */
#include "rules/settled.h"

#include "rules/calls.h"
#include "rules/interval.h"
#include "rules/program.h"

#include <math.h>

struct settling {
    struct eval eval; /* a copy, for functions that are asked themselves */
    const struct program *program;
    struct interval stack[EVAL_STACK_MAX];
    struct interval *top;
    struct settled_until until;
    bool coarse; /* what changes with time may be anything, so that it limits nothing */
    bool limits; /* something does */
};

/* Less than all of it: what leaves the window may take the coverage below its least. */
#define COVERED 0.999999

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
                        struct interval *bounds, double *right)
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
    if (track->hold_ms != HOLD_FOREVER)
        until(s, track->time_ns + track_hold_ns(track) + 1);
    *bounds = (struct interval){stats->sum.min, stats->sum.max, false};
    *right = stats->right;
    return true;
}

/* rules/partial.h keeps means within the extremes, to the last bit. */
static bool span_avg(struct settling *s, const struct insn *insn, struct interval *bounds)
{
    double right;

    return window_span(s, insn, bounds, &right);
}

/* That of the readings is not known any more when the last one has left. */
static bool span_mean(struct settling *s, const struct insn *insn,
                      struct interval *bounds)
{
    struct window *window = s->eval.binding->windows[insn->slot];
    const struct window_stats *stats;

    if (!span_avg(s, insn, bounds))
        return false;
    stats = window_at(window, s->eval.now_ns);
    if (stats->sum.count == 0)
        return false;
    limit(s, stats->sum.last_ns + window->spec.length_ns);
    return true;
}

/* What is in force now stays in the window; what leaves it may be the extreme. */
static bool span_min(struct settling *s, const struct insn *insn, struct interval *bounds)
{
    return window_span(s, insn, bounds, &bounds->high);
}

static bool span_max(struct settling *s, const struct insn *insn, struct interval *bounds)
{
    return window_span(s, insn, bounds, &bounds->low);
}

/* True as long as no zero comes; false as long as one is in force, and between the two
 * until the last one has left the window. */
static bool span_held(struct settling *s, const struct insn *insn,
                      struct interval *bounds)
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
    *bounds =
        bounds->low == 0 ? interval_truth(true, false) : interval_truth(false, true);
    return true;
}

/* Without a reading nothing rises any more, and what has risen leaves the window. */
static bool span_rises(struct settling *s, const struct insn *insn,
                       struct interval *bounds)
{
    double right;

    if (!window_span(s, insn, bounds, &right))
        return false;
    *bounds = (struct interval){
        0, window_at(s->eval.binding->windows[insn->slot], s->eval.now_ns)->sum.rises,
        false};
    return true;
}

/* What a counter has moved in the window leaves it. */
static bool span_used(struct settling *s, const struct insn *insn,
                      struct interval *bounds)
{
    const struct window_stats *stats;
    double right;

    if (!window_span(s, insn, bounds, &right))
        return false;
    stats = window_at(s->eval.binding->windows[insn->slot], s->eval.now_ns);
    if (isnan(stats->left) || stats->sum.drop != 0)
        return false;
    *bounds =
        (struct interval){0, partial_used(&stats->sum) * (1 + INTERVAL_ROUNDING), false};
    return true;
}

static const struct {
    function_eval *eval;
    bool (*find)(struct settling *s, const struct insn *insn, struct interval *bounds);
} bounded[] = {
    {call_avg, span_avg},   {call_mean, span_mean}, {call_min, span_min},
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

static void bounds_of_args(function_eval *eval, const struct interval *args,
                           unsigned count, struct interval *bounds)
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
    bool changes;
    size_t rows;

    s->top -= insn->count;
    for (unsigned i = 0; i < insn->count; i++) {
        exact = exact && interval_exact(s->top[i]);
        args[i] = (struct value){s->top[i].low, 0};
    }
    function = &function_rows(&rows)[insn->function];
    if (!exact) {
        struct interval result = interval_anything();

        if (insn->op == OP_CALL)
            bounds_of_args(function->eval, s->top, insn->count, &result);
        *s->top++ = result;
        return insn->op == OP_CALL;
    }
    s->eval.due_ns = INT64_MAX;
    *s->top =
        interval_of(insn->op == OP_CALL ? function->eval(&s->eval, insn, args)
                                        : function->eval_truth(&s->eval, insn, args));
    /* A window without bounds changes with each reading, if not with time. */
    changes = s->eval.due_ns != INT64_MAX ||
              (insn->op == OP_CALL && bounded_of(insn) < BOUNDED);
    s->limits = s->limits || changes;
    if (s->coarse && changes)
        *s->top = interval_anything();
    else
        limit(s, s->eval.due_ns);
    s->top++;
    return true;
}

static bool call_bounded(struct settling *s, const struct insn *insn)
{
    size_t which = insn->op == OP_CALL ? bounded_of(insn) : BOUNDED;
    struct interval *arguments = s->top - insn->count;
    struct settled_until before = s->until;
    struct interval bounds;

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
    *s->top++ = interval_of(eval_track(&s->eval, track));
    until(s, s->eval.due_ns);
}

/* False: cannot tell. */
static bool run_one(struct settling *s, const struct insn *insn)
{
    const struct binding *binding = s->eval.binding;
    struct value value = {0, 0};

    switch ((enum op)insn->op) {
    case OP_CONST:
        value.number = s->program->constants[insn->slot];
        *s->top++ = interval_of(value);
        return true;
    case OP_PARAM:
        value.number = binding->params[insn->slot];
        *s->top++ = interval_of(value);
        return true;
    case OP_UNKNOWN:
        *s->top++ = interval_anything();
        return true;
    case OP_POINT:
        point(s, binding->tracks[insn->slot]);
        return true;
    case OP_SHORT: /* the steps behind it say the same */
        return true;
    case OP_NEG:
        s->top[-1] = interval_negate(s->top[-1]);
        return true;
    case OP_NOT:
        s->top[-1] = interval_not(s->top[-1]);
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
        s->top--;
        s->top[-1] = interval_two(insn->op, s->top[-1], s->top[0]);
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
    s->stack[0] = (struct interval){0};
    s->top = s->stack;
    s->until = until;
    s->coarse = coarse;
    s->limits = false;
    for (const struct insn *insn = &s->program->code[start]; insn->op != OP_END; insn++)
        if (!run_one(s, insn))
            return false;
    return interval_exact(s->stack[0]);
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
    struct interval bounds;

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
