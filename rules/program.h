/* program.h - a checked rule as postfix code, shared by all equipment it is for.
 *
 * Code names slots: points, windows, truth logs, parameters, groups. Each equipment has
 * its own binding (rules/eval.h) that says what they mean there.
 *
 * Threads: read-only once compiled.
 */
#ifndef RULES_PROGRAM_H
#define RULES_PROGRAM_H

#include "rules/ast.h"
#include "rules/functions.h"
#include "rules/nights.h"
#include "rules/window.h"

enum {
    PROGRAM_TREES_MAX = 2 + RULE_LEVELS_MAX, /* in one program: when, clear, levels */
    /* Instructions of the trees beside those of their nodes: two each. */
    PROGRAM_FRAMES = 2 * PROGRAM_TREES_MAX,
};

enum op {
    OP_END,
    OP_CONST, /* constants[slot] */
    OP_UNKNOWN,
    OP_POINT, /* slot */
    OP_PARAM, /* slot */
    OP_NEG,
    OP_NOT,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_AND,
    OP_OR,
    OP_CALL,       /* function->eval over `count` values and the slot */
    OP_CALL_TRUTH, /* function->eval_truth */
    OP_GROUP,      /* function->eval_group over groups[slot] */
    /* `point CMP constant or parameter` and nothing else, in front of the code that says
     * the same in steps: points[slot], OP_CONST or OP_PARAM in `function`, `count` is the
     * comparison, the limit's slot in `node`. */
    OP_SHORT,
};

struct insn {
    uint8_t op;
    uint8_t count;
    uint16_t slot;
    uint16_t node; /* of the tree it comes from */
    uint16_t function;
};

struct program_point {
    const char *path;
    const struct point *example;
};

struct program_window {
    uint16_t point; /* slot */
    struct window_spec spec;
    unsigned needs; /* NEED_... of the functions over it */
    unsigned weeks; /* of hours before it that a baseline looks at; 0: none */
};

/* What nights() looks at. */
struct program_nights {
    uint16_t point; /* slot */
    struct nights_spec spec;
    unsigned count;
};

/* What ewma() looks at. */
struct program_average {
    uint16_t point; /* slot */
    int64_t tau_ns;
};

/* What active() and since() ask for. */
struct program_alarm {
    const char *rule;
    const char *relation; /* NULL: of the equipment itself */
};

struct program_group {
    const char *relation;
    struct program *body;
};

struct program {
    size_t nodes; /* bounds every table below */
    struct insn *code;
    size_t code_count;
    double *constants;
    size_t constant_count;
    struct program_point *points;
    size_t point_count;
    struct program_window *windows;
    size_t window_count;
    struct program_nights *nights;
    size_t nights_count;
    struct program_average *averages;
    size_t average_count;
    size_t *truths; /* changes each log keeps */
    size_t truth_count;
    const char **params;
    size_t param_count;
    const char **seasons;
    size_t season_count;
    struct program_alarm *alarms; /* a group's body has its own */
    size_t alarm_count;
    struct program_group *groups;
    size_t group_count;
    bool calendar; /* asks for the time of day or the kind of day */
    bool blind;    /* asks whether other rules can see */
};

/* For trees that have `nodes` nodes together. */
struct program *program_new(size_t nodes);
void program_free(struct program *program); /* NULL is fine */

/* Adds the code of a checked tree, which must live as long as the program, and returns
 * where it starts; -1 when it needs too much stack (said in the sink). */
int program_compile(struct program *program, const struct ast *ast,
                    struct diagnosis_sink *sink);

#endif
