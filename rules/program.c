/* program.c - see program.h. */
#include "rules/program.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

struct compiler {
    struct program *program;
    const struct ast *ast;
    struct diagnosis_sink *sink;
    unsigned stack; /* values on it now */
    bool failed;
};

struct program *program_new(size_t nodes)
{
    struct program *program = mem_alloc(sizeof *program);

    /* A node becomes at most one instruction and one slot of a table; a tree has an
     * OP_END and may have an OP_SHORT. */
    program->nodes = nodes;
    program->code = mem_array(nodes + PROGRAM_FRAMES, sizeof *program->code);
    program->constants = mem_array(nodes, sizeof *program->constants);
    program->points = mem_array(nodes, sizeof *program->points);
    program->windows = mem_array(nodes, sizeof *program->windows);
    program->truths = mem_array(nodes, sizeof *program->truths);
    program->params = mem_array(nodes, sizeof *program->params);
    program->nights = mem_array(nodes, sizeof *program->nights);
    program->averages = mem_array(nodes, sizeof *program->averages);
    program->seasons = mem_array(nodes, sizeof *program->seasons);
    program->alarms = mem_array(nodes, sizeof *program->alarms);
    program->groups = mem_array(nodes, sizeof *program->groups);
    return program;
}

void program_free(struct program *program)
{
    if (program == NULL)
        return;
    for (size_t i = 0; i < program->group_count; i++)
        program_free(program->groups[i].body);
    mem_free(program->code);
    mem_free(program->constants);
    mem_free(program->points);
    mem_free(program->windows);
    mem_free(program->truths);
    mem_free(program->params);
    mem_free(program->nights);
    mem_free(program->averages);
    mem_free(program->seasons);
    mem_free(program->alarms);
    mem_free(program->groups);
    mem_free(program);
}

/* Emits one instruction that takes `pops` values and leaves one. */
static struct insn *emit(struct compiler *c, enum op op, uint16_t node, unsigned pops)
{
    struct program *program = c->program;

    assert(pops <= c->stack && program->code_count + 1 < program->nodes + PROGRAM_FRAMES);
    c->stack = c->stack - pops + 1;
    if (c->stack > EVAL_STACK_MAX && !c->failed) {
        diagnose(c->sink, "E303", c->ast->nodes[node].span, "split the rule into several",
                 "this needs too many values at once");
        c->failed = true;
    }
    program->code[program->code_count] = (struct insn){.op = (uint8_t)op, .node = node};
    return &program->code[program->code_count++];
}

static void constant(struct compiler *c, uint16_t node, double value)
{
    struct program *program = c->program;

    program->constants[program->constant_count] = value;
    emit(c, OP_CONST, node, 0)->slot = (uint16_t)program->constant_count++;
}

static uint16_t point_slot(struct compiler *c, uint16_t node)
{
    struct program *program = c->program;
    const struct ast_node *n = &c->ast->nodes[node];

    for (size_t i = 0; i < program->point_count; i++)
        if (strcmp(program->points[i].path, n->name) == 0)
            return (uint16_t)i;
    program->points[program->point_count] = (struct program_point){n->name, n->point};
    return (uint16_t)program->point_count++;
}

static uint16_t param_slot(struct compiler *c, uint16_t node)
{
    struct program *program = c->program;
    const char *name = c->ast->nodes[node].name;

    for (size_t i = 0; i < program->param_count; i++)
        if (strcmp(program->params[i], name) == 0)
            return (uint16_t)i;
    program->params[program->param_count] = name;
    return (uint16_t)program->param_count++;
}

static uint16_t window_slot(struct compiler *c, uint16_t point_node,
                            struct window_spec spec)
{
    struct program *program = c->program;
    uint16_t point = point_slot(c, point_node);

    for (size_t i = 0; i < program->window_count; i++)
        if (program->windows[i].point == point &&
            window_spec_equal(program->windows[i].spec, spec))
            return (uint16_t)i;
    program->windows[program->window_count] =
        (struct program_window){.point = point, .spec = spec};
    return (uint16_t)program->window_count++;
}

static struct window_spec spec_of(const struct ast_node *window)
{
    return (struct window_spec){
        .length_ns = (int64_t)(window->number * 1e9),
        .ago_ns = (int64_t)(window->ago_s * 1e9),
        .samples = window->samples,
    };
}

static void compile(struct compiler *c, uint16_t node);

/* The index of a row, so that an instruction stays small. */
static uint16_t function_index(const struct function *function)
{
    return (uint16_t)(function - functions);
}

static void call_group(struct compiler *c, uint16_t node)
{
    struct program *program = c->program;
    uint16_t relation = ast_child(c->ast, node, 0);
    uint16_t body = ast_child(c->ast, node, 1);
    struct program *inner;
    struct compiler sub = {.ast = c->ast, .sink = c->sink};
    struct insn *insn;

    inner = program_new(c->ast->count);
    program->groups[program->group_count] =
        (struct program_group){c->ast->nodes[relation].name, inner};
    sub.program = inner;
    if (body != AST_NONE)
        compile(&sub, body);
    inner->code[inner->code_count++] = (struct insn){.op = OP_END};
    c->failed = c->failed || sub.failed;
    program->calendar = program->calendar || inner->calendar;
    program->blind = program->blind || inner->blind;
    insn = emit(c, OP_GROUP, node, 0);
    insn->slot = (uint16_t)program->group_count++;
    insn->function = function_index(c->ast->nodes[node].function);
}

/* held, rises and their like over an expression that is no plain point. */
static void call_truth(struct compiler *c, uint16_t node)
{
    const struct function *function = c->ast->nodes[node].function;
    struct program *program = c->program;
    uint16_t window = ast_child(c->ast, node, 1);
    struct insn *insn;

    compile(c, ast_child(c->ast, node, 0));
    constant(c, window, c->ast->nodes[window].number);
    insn = emit(c, OP_CALL_TRUTH, node, 2);
    insn->count = 2;
    insn->slot = (uint16_t)program->truth_count;
    insn->function = function_index(function);
    program->truths[program->truth_count++] = function->truth_changes;
}

/* The minutes since midnight of a checked '02:30'. */
static double minutes_of(const char *clock)
{
    return (clock[0] - '0') * 600 + (clock[1] - '0') * 60 + (clock[3] - '0') * 10 +
           (clock[4] - '0');
}

/* The number that the n-th argument of a call was written as. */
static double literal(const struct compiler *c, uint16_t node, unsigned n)
{
    return c->ast->nodes[ast_child(c->ast, node, n)].number;
}

static uint16_t nights_slot(struct compiler *c, uint16_t node)
{
    const struct ast *ast = c->ast;
    struct program *program = c->program;
    uint16_t point = point_slot(c, ast_child(ast, node, 0));

    program->nights[program->nights_count] = (struct program_nights){
        .point = point,
        .spec = {.length_ns = (int64_t)(literal(c, node, 1) * 1e9),
                 .from_min = (int)minutes_of(ast->nodes[ast_child(ast, node, 2)].name),
                 .to_min = (int)minutes_of(ast->nodes[ast_child(ast, node, 3)].name)},
        .count = (unsigned)literal(c, node, 4),
    };
    return (uint16_t)program->nights_count++;
}

static uint16_t average_slot(struct compiler *c, uint16_t node)
{
    struct program *program = c->program;
    uint16_t point = point_slot(c, ast_child(c->ast, node, 0));

    program->averages[program->average_count] =
        (struct program_average){point, (int64_t)(literal(c, node, 1) * 1e9)};
    return (uint16_t)program->average_count++;
}

static uint16_t alarm_slot(struct compiler *c, uint16_t node)
{
    const struct ast *ast = c->ast;
    struct program *program = c->program;
    uint16_t relation = ast_child(ast, node, 1);

    program->alarms[program->alarm_count] = (struct program_alarm){
        .rule = ast->nodes[ast_child(ast, node, 0)].name,
        .relation = relation == AST_NONE ? NULL : ast->nodes[relation].name,
    };
    return (uint16_t)program->alarm_count++;
}

static uint16_t season_slot(struct compiler *c, uint16_t node)
{
    struct program *program = c->program;

    program->seasons[program->season_count] =
        c->ast->nodes[ast_child(c->ast, node, 0)].name;
    return (uint16_t)program->season_count++;
}

/* The window of a call, which keeps up what the function needs. */
static uint16_t call_window(struct compiler *c, uint16_t node,
                            const struct function *function)
{
    const struct ast *ast = c->ast;
    uint16_t slot = window_slot(c, ast_child(ast, node, 0),
                                spec_of(&ast->nodes[ast_child(ast, node, 1)]));
    struct program_window *window = &c->program->windows[slot];

    window->needs |= function->needs;
    if (function_letter(function, 2) == 'k' && literal(c, node, 2) > window->weeks)
        window->weeks = (unsigned)literal(c, node, 2);
    return slot;
}

/* What the slot of a call stands for follows from its first arguments. */
static uint16_t call_slot(struct compiler *c, uint16_t node,
                          const struct function *function)
{
    uint16_t first = ast_child(c->ast, node, 0);
    uint16_t second = ast_child(c->ast, node, 1);
    char letter = function_letter(function, 0);

    if (letter == 'r')
        return alarm_slot(c, node);
    if (letter == 's')
        return season_slot(c, node);
    if (letter == '\0' || strchr("pPCB", letter) == NULL)
        return 0;
    switch (function_letter(function, 1)) {
    case 'w':
        return function_letter(function, 2) == 't' ? nights_slot(c, node)
                                                   : call_window(c, node, function);
    case 'D':
        return average_slot(c, node);
    case 'i': {
        double n = second == AST_NONE ? 1 : c->ast->nodes[second].number;

        return window_slot(c, first, (struct window_spec){.samples = (uint32_t)n + 1});
    }
    default:
        return point_slot(c, first);
    }
}

/* Whether the n-th argument is in the slot, and not on the stack. */
static bool in_slot(const struct function *function, unsigned n)
{
    char letter = function_letter(function, n);

    if (strchr("pPCBwDrso", letter) != NULL)
        return true;
    if (letter == 't')
        return n >= 2; /* of nights */
    return letter == 'i' && n == 1 && function->args[0] == 'p';
}

static void call(struct compiler *c, uint16_t node)
{
    const struct ast *ast = c->ast;
    const struct function *function = ast->nodes[node].function;
    uint16_t slot;
    unsigned pushed = 0;
    unsigned n = 0;
    struct insn *insn;

    if (function->args[0] == 'B' &&
        ast->nodes[ast_child(ast, node, 0)].kind != AST_POINT) {
        call_truth(c, node);
        return;
    }
    slot = call_slot(c, node, function);
    for (uint16_t arg = ast->nodes[node].first; arg != AST_NONE;
         arg = ast->nodes[arg].next, n++) {
        if (in_slot(function, n))
            continue;
        if (function_letter(function, n) == 't')
            constant(c, arg, minutes_of(ast->nodes[arg].name));
        else
            compile(c, arg);
        pushed++;
    }
    insn = emit(c, OP_CALL, node, pushed);
    insn->count = (uint8_t)pushed;
    insn->slot = slot;
    insn->function = function_index(function);
    c->program->calendar = c->program->calendar || function_calendar(function);
    c->program->blind = c->program->blind || strcmp(function->name, "blind") == 0;
}

static const uint8_t binary_ops[] = {
    [TOKEN_PLUS] = OP_ADD,
    [TOKEN_MINUS] = OP_SUBTRACT,
    [TOKEN_STAR] = OP_MULTIPLY,
    [TOKEN_SLASH] = OP_DIVIDE,
    [TOKEN_PERCENT] = OP_MODULO,
    [TOKEN_LESS] = OP_LESS,
    [TOKEN_LESS_EQUAL] = OP_LESS_EQUAL,
    [TOKEN_GREATER] = OP_GREATER,
    [TOKEN_GREATER_EQUAL] = OP_GREATER_EQUAL,
    [TOKEN_EQUAL] = OP_EQUAL,
    [TOKEN_NOT_EQUAL] = OP_NOT_EQUAL,
    [TOKEN_AND] = OP_AND,
    [TOKEN_OR] = OP_OR,
};

static void compile(struct compiler *c, uint16_t node)
{
    const struct ast_node *n = &c->ast->nodes[node];

    switch (n->kind) {
    case AST_NUMBER:
    case AST_DURATION:
    case AST_BOOL:
    case AST_WINDOW: /* as a duration */
        constant(c, node, n->number);
        break;
    case AST_STRING: /* the name of an enum value */
        constant(c, node, n->code);
        break;
    case AST_UNKNOWN:
        (void)emit(c, OP_UNKNOWN, node, 0);
        break;
    case AST_POINT: {
        uint16_t slot = point_slot(c, node);

        emit(c, OP_POINT, node, 0)->slot = slot;
        break;
    }
    case AST_PARAM: {
        uint16_t slot = param_slot(c, node);

        emit(c, OP_PARAM, node, 0)->slot = slot;
        break;
    }
    case AST_UNARY:
        compile(c, n->first);
        (void)emit(c, n->op == TOKEN_NOT ? OP_NOT : OP_NEG, node, 1);
        break;
    case AST_BINARY:
        compile(c, n->first);
        compile(c, c->ast->nodes[n->first].next);
        (void)emit(c, binary_ops[n->op], node, 2);
        break;
    case AST_CALL:
        if (n->function->eval_group != NULL)
            call_group(c, node);
        else
            call(c, node);
        break;
    }
}

/* Puts in front of `point CMP constant or parameter` one instruction for all of it: most
 * simple rules are just that. */
static void shorten(struct program *program, size_t start)
{
    struct insn *code = &program->code[start];

    if (program->code_count != start + 3 || code[0].op != OP_POINT ||
        (code[1].op != OP_CONST && code[1].op != OP_PARAM) || code[2].op < OP_LESS ||
        code[2].op > OP_NOT_EQUAL)
        return;
    memmove(code + 1, code, 3 * sizeof *code);
    code[0] = (struct insn){
        .op = OP_SHORT,
        .count = code[3].op,
        .slot = code[1].slot,
        .function = code[2].op,
        .node = code[2].slot,
    };
    program->code_count++;
}

int program_compile(struct program *program, const struct ast *ast,
                    struct diagnosis_sink *sink)
{
    struct compiler c = {.program = program, .ast = ast, .sink = sink};
    size_t start = program->code_count;

    compile(&c, ast->root);
    if (c.failed)
        return -1;
    shorten(program, start);
    program->code[program->code_count++] = (struct insn){.op = OP_END};
    return (int)start;
}
