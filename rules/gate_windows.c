/* gate_windows.c - which windows of a program may have a gate; see gate.h. */
#include "rules/gate.h"

#include "base/mem.h"
#include "rules/calls.h"
#include "rules/settled.h"

#include <assert.h>
#include <string.h>

/* What stands on the stack when the program runs. */
enum shape {
    SHAPE_CONSTANT, /* constants and parameters only */
    SHAPE_WINDOW,   /* a call whose comparison can have a gate */
    SHAPE_OTHER,
};

struct entry {
    enum shape shape;
    uint16_t first; /* its code */
    uint16_t end;
};

struct scan {
    const struct program *program;
    struct gate_window *list;
    size_t count;
    struct entry stack[EVAL_STACK_MAX];
    size_t top;
};

static function_eval *eval_of(const struct insn *insn)
{
    size_t rows;

    return function_rows(&rows)[insn->function].eval;
}

static bool is_extreme(const struct insn *insn)
{
    function_eval *eval = eval_of(insn);

    return eval == call_avg || eval == call_mean || eval == call_min || eval == call_max;
}

/* Its first argument is a point: it looks at readings. */
static bool looks_at_point(const struct insn *insn)
{
    size_t rows;
    char letter = function_rows(&rows)[insn->function].args[0];

    return letter != '\0' && strchr("pPCB", letter) != NULL;
}

static void push(struct scan *scan, enum shape shape, size_t first, size_t end)
{
    scan->stack[scan->top++] = (struct entry){shape, (uint16_t)first, (uint16_t)end};
}

static void add(struct scan *scan, size_t call, uint8_t op, struct entry limit)
{
    scan->list[scan->count++] =
        (struct gate_window){(uint16_t)call, op, limit.first, limit.end};
}

/* `limit OP call` the other way round. */
static uint8_t mirrored(uint8_t op)
{
    switch (op) {
    case OP_LESS:
        return OP_GREATER;
    case OP_LESS_EQUAL:
        return OP_GREATER_EQUAL;
    case OP_GREATER:
        return OP_LESS;
    default:
        return OP_LESS_EQUAL;
    }
}

static struct entry pop(struct scan *scan)
{
    assert(scan->top > 0);
    return scan->stack[--scan->top];
}

static bool scan_two(struct scan *scan, size_t at, uint8_t op)
{
    struct entry b = pop(scan);
    struct entry a = pop(scan);
    bool compares = op >= OP_LESS && op <= OP_GREATER_EQUAL;

    if (a.shape == SHAPE_CONSTANT && b.shape == SHAPE_CONSTANT) {
        push(scan, SHAPE_CONSTANT, a.first, at + 1);
        return true;
    }
    push(scan, SHAPE_OTHER, a.first, at + 1);
    if (a.shape == SHAPE_OTHER || b.shape == SHAPE_OTHER)
        return a.shape != SHAPE_WINDOW && b.shape != SHAPE_WINDOW;
    if (!compares || a.shape == b.shape)
        return false;
    if (a.shape == SHAPE_WINDOW)
        add(scan, a.first, op, b);
    else
        add(scan, b.first, mirrored(op), a);
    return true;
}

static bool scan_call(struct scan *scan, size_t at)
{
    const struct insn *insn = &scan->program->code[at];

    for (unsigned i = 0; i < insn->count; i++)
        if (pop(scan).shape == SHAPE_WINDOW)
            return false;
    push(scan, is_extreme(insn) ? SHAPE_WINDOW : SHAPE_OTHER, at, at + 1);
    if (eval_of(insn) == call_held)
        add(scan, at, OP_POINT, (struct entry){SHAPE_OTHER, 0, 0});
    return is_extreme(insn) || eval_of(insn) == call_held || !looks_at_point(insn);
}

static bool scan_one(struct scan *scan, size_t at)
{
    const struct insn *insn = &scan->program->code[at];
    struct entry last;

    switch ((enum op)insn->op) {
    case OP_CONST:
    case OP_PARAM:
        push(scan, SHAPE_CONSTANT, at, at + 1);
        return true;
    case OP_POINT:
    case OP_UNKNOWN:
        push(scan, SHAPE_OTHER, at, at + 1);
        return true;
    case OP_SHORT: /* the steps behind it say the same */
        return true;
    case OP_NEG:
    case OP_NOT:
        last = pop(scan);
        push(scan, last.shape, last.first, at + 1);
        return last.shape != SHAPE_WINDOW;
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
        return scan_two(scan, at, insn->op);
    case OP_CALL:
        return scan_call(scan, at);
    case OP_END:
        return pop(scan).shape != SHAPE_WINDOW;
    case OP_CALL_TRUTH:
    case OP_GROUP:
        break;
    }
    return false;
}

struct gate_window *gate_windows(const struct program *program, size_t *count)
{
    struct scan scan = {.program = program};

    scan.list = mem_array(program->code_count + 1, sizeof *scan.list);
    for (size_t i = 0; i < program->code_count; i++)
        if (!scan_one(&scan, i)) {
            mem_free(scan.list);
            return NULL;
        }
    *count = scan.count;
    return scan.list;
}

/* ---- while it runs ---- */

static double calculate(uint8_t op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_DIVIDE:
        return b == 0 ? NAN : a / b;
    case OP_MODULO:
        return b == 0 ? NAN : fmod(a, b);
    default:
        return NAN; /* a truth is no limit */
    }
}

/* NaN when it is no number. */
static double limit_of(const struct eval *eval, const struct program *program,
                       const struct gate_window *window)
{
    double stack[EVAL_STACK_MAX] = {NAN};
    size_t top = 0;

    for (size_t i = window->first; i < window->end; i++) {
        const struct insn *insn = &program->code[i];

        if (insn->op == OP_CONST) {
            stack[top++] = program->constants[insn->slot];
        } else if (insn->op == OP_PARAM) {
            stack[top++] = eval->binding->params[insn->slot];
        } else if (insn->op == OP_NEG && top > 0) {
            stack[top - 1] = -stack[top - 1];
        } else if (top < 2) {
            return NAN; /* `not`: no number */
        } else {
            top--;
            stack[top - 1] = calculate(insn->op, stack[top - 1], stack[top]);
        }
    }
    return stack[0];
}

/* Whether all of [low, high] is on one side. */
static bool is_decided(uint8_t op, double low, double high, double limit)
{
    if (op == OP_LESS || op == OP_GREATER_EQUAL)
        return high < limit || low >= limit;
    return high <= limit || low > limit;
}

void gate_narrow_window(const struct eval *eval, const struct program *program,
                        const struct gate_window *window)
{
    const struct insn *call = &program->code[window->call];
    struct track *track = eval->binding->windows[call->slot]->track;
    struct gate *gate = &track->gate;
    double low;
    double high;
    double limit;

    if (!settled_bounds(eval, call, &low, &high))
        return; /* what it comes to does not matter */
    if (window->op == OP_POINT) {
        gate_narrow(gate, OP_POINT, 0, track->value);
        return;
    }
    limit = limit_of(eval, program, window);
    if (isnan(limit))
        gate_shut(gate);
    else if (is_decided(window->op, low, high, limit))
        gate_narrow(gate, window->op, limit, low);
}
