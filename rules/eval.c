/* eval.c - see eval.h. */
#include "rules/eval.h"

#include "rules/program.h"

#include <math.h>

static struct value arithmetic(uint8_t op, struct value a, struct value b)
{
    uint32_t marks = a.marks | b.marks;

    switch (op) {
    case OP_ADD:
        return value_of(a.number + b.number, marks);
    case OP_SUBTRACT:
        return value_of(a.number - b.number, marks);
    case OP_MULTIPLY:
        return value_of(a.number * b.number, marks);
    default:
        break;
    }
    if (value_known(b) && b.number == 0)
        return value_unknown(marks | WHY_DIV0);
    return value_of(op == OP_DIVIDE ? a.number / b.number : fmod(a.number, b.number),
                    marks);
}

static struct value compare(uint8_t op, struct value a, struct value b)
{
    uint32_t marks = a.marks | b.marks;
    bool truth = false;

    if ((marks & WHY_ALL) != 0)
        return value_unknown(marks);
    switch (op) {
    case OP_LESS:
        truth = a.number < b.number;
        break;
    case OP_LESS_EQUAL:
        truth = a.number <= b.number;
        break;
    case OP_GREATER:
        truth = a.number > b.number;
        break;
    case OP_GREATER_EQUAL:
        truth = a.number >= b.number;
        break;
    case OP_EQUAL:
        truth = a.number == b.number;
        break;
    default:
        truth = a.number != b.number;
        break;
    }
    return (struct value){truth, marks};
}

/* OP_SHORT: all at once. */
static struct value compare_point(struct eval *eval, const struct program *program,
                                  const struct insn *insn)
{
    struct value limit = {insn->function == OP_CONST ? program->constants[insn->node]
                                                     : eval->binding->params[insn->node],
                          0};

    return compare(insn->count, eval_track(eval, eval->binding->tracks[insn->slot]),
                   limit);
}

static void add_member(struct group_sum *sum, struct value value)
{
    sum->marks |= value.marks;
    if (!value_known(value))
        return;
    sum->known++;
    sum->truths += value.number != 0;
    sum->sum += value.number;
    if (value.number < sum->min)
        sum->min = value.number;
    if (value.number > sum->max)
        sum->max = value.number;
}

/* Runs the body on every member; the body's own tables, so no trace of it. */
static struct value group(struct eval *eval, const struct program *program,
                          const struct insn *insn)
{
    const struct program *body = program->groups[insn->slot].body;
    const struct group *members = &eval->binding->groups[insn->slot];
    struct group_sum sum = {.members = members->count, .min = INFINITY, .max = -INFINITY};
    struct eval inner = *eval;

    inner.trace = NULL;
    inner.stack = eval->stack + EVAL_STACK_MAX;
    for (uint32_t i = 0; i < members->count; i++) {
        inner.binding = &members->members[i];
        if (body->code_count > 1)
            add_member(&sum, eval_run(&inner, body, 0));
        else
            sum.known++; /* gsize */
    }
    eval->due_ns = inner.due_ns;
    // cppcheck-suppress returnDanglingLifetime ; a value holds no pointers
    return functions[insn->function].eval_group(&sum, eval->min_cover);
}

void eval_fetch(const struct binding *binding, const struct program *program,
                unsigned step)
{
    if (step == 0) {
        __builtin_prefetch(binding->windows);
        __builtin_prefetch(binding->tracks);
        return;
    }
    for (size_t i = 0; i < program->window_count; i++) {
        if (step == 1)
            window_fetch(binding->windows[i]);
        else if (step == 2)
            window_fetch_ring(binding->windows[i]);
        else
            window_fetch_slots(binding->windows[i]);
    }
    for (size_t i = 0; step == 1 && i < program->point_count; i++)
        __builtin_prefetch(binding->tracks[i]);
}

static void trace(struct eval *eval, const struct insn *insn, struct value value)
{
    eval->trace[insn->node] = value;
    eval->notes[insn->node] = eval->note;
    eval->note = (struct note){0};
}

struct value eval_run(struct eval *eval, const struct program *program, unsigned start)
{
    const struct binding *binding = eval->binding;
    struct value *top = eval->stack; /* the next free place */

    eval->program = program;
    for (const struct insn *insn = &program->code[start];; insn++) {
        switch ((enum op)insn->op) {
        case OP_END:
            return top[-1];
        case OP_CONST:
            *top++ = (struct value){program->constants[insn->slot], 0};
            break;
        case OP_UNKNOWN:
            *top++ = value_unknown(WHY_CONFIG);
            break;
        case OP_POINT:
            *top++ = eval_track(eval, binding->tracks[insn->slot]);
            break;
        case OP_PARAM:
            *top++ = (struct value){binding->params[insn->slot], 0};
            break;
        case OP_NEG:
            top[-1].number = -top[-1].number;
            break;
        case OP_NOT:
            top[-1] = value_not(top[-1]);
            break;
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE:
        case OP_MODULO:
            top--;
            top[-1] = arithmetic(insn->op, top[-1], top[0]);
            break;
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL:
        case OP_EQUAL:
        case OP_NOT_EQUAL:
            top--;
            top[-1] = compare(insn->op, top[-1], top[0]);
            break;
        case OP_AND:
            top--;
            top[-1] = value_and(top[-1], top[0]);
            break;
        case OP_OR:
            top--;
            top[-1] = value_or(top[-1], top[0]);
            break;
        case OP_CALL:
            top -= insn->count;
            *top = functions[insn->function].eval(eval, insn, top);
            top++;
            break;
        case OP_CALL_TRUTH:
            top -= insn->count;
            *top = functions[insn->function].eval_truth(eval, insn, top);
            top++;
            break;
        case OP_GROUP:
            *top++ = group(eval, program, insn);
            break;
        case OP_SHORT:
            if (eval->trace == NULL)
                return compare_point(eval, program, insn);
            continue;
        }
        if (eval->trace != NULL)
            trace(eval, insn, top[-1]);
    }
}
