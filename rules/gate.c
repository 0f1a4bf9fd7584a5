/* gate.c - see gate.h. */
#include "rules/gate.h"

#include "base/mem.h"

static bool is_limit(const struct insn *insn)
{
    return insn->op == OP_CONST || insn->op == OP_PARAM;
}

static bool is_comparison(const struct insn *insn)
{
    return insn->op >= OP_LESS && insn->op <= OP_GREATER_EQUAL;
}

/* `limit OP point` the other way round. */
static uint8_t mirrored(uint8_t op)
{
    static const uint8_t mirrors[] = {
        [OP_LESS] = OP_GREATER,
        [OP_LESS_EQUAL] = OP_GREATER_EQUAL,
        [OP_GREATER] = OP_LESS,
        [OP_GREATER_EQUAL] = OP_LESS_EQUAL,
    };

    return mirrors[op];
}

static struct gate_leaf leaf_of(const struct insn *point, const struct insn *limit,
                                uint8_t op)
{
    return (struct gate_leaf){
        .point = point->slot,
        .op = op,
        .param = limit->op == OP_PARAM,
        .limit = limit->slot,
    };
}

struct gate_leaf *gate_leaves(const struct program *program, size_t *count)
{
    struct gate_leaf *leaves = mem_array(program->code_count + 1, sizeof *leaves);
    const struct insn *code = program->code;
    size_t n = 0;

    for (size_t i = 0; i < program->code_count; i++) {
        bool three = i + 2 < program->code_count && is_comparison(&code[i + 2]);

        if (three && code[i].op == OP_POINT && is_limit(&code[i + 1])) {
            leaves[n++] = leaf_of(&code[i], &code[i + 1], code[i + 2].op);
            i += 2;
        } else if (three && is_limit(&code[i]) && code[i + 1].op == OP_POINT) {
            leaves[n++] = leaf_of(&code[i + 1], &code[i], mirrored(code[i + 2].op));
            i += 2;
        } else if (code[i].op == OP_POINT) {
            leaves[n++] = (struct gate_leaf){.point = code[i].slot, .op = OP_POINT};
        }
    }
    *count = n;
    return leaves;
}

static void bound(struct gate *gate, double low, double high)
{
    gate->low = low > gate->low ? low : gate->low;
    gate->high = high < gate->high ? high : gate->high;
}

void gate_narrow(struct gate *gate, uint8_t op, double limit, double value)
{
    switch (op) {
    case OP_GREATER:
    case OP_LESS_EQUAL:
        if (value > limit)
            bound(gate, nextafter(limit, INFINITY), INFINITY);
        else
            bound(gate, -INFINITY, limit);
        break;
    case OP_LESS:
    case OP_GREATER_EQUAL:
        if (value < limit)
            bound(gate, -INFINITY, nextafter(limit, -INFINITY));
        else
            bound(gate, limit, INFINITY);
        break;
    default:
        bound(gate, value, value);
        break;
    }
}
