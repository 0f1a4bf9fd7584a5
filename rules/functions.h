/* functions.h - what an expression can call: one row a function. The table only grows.
 *
 * A signature is a word of letters, one per argument:
 *
 *   p  a point of any kind            w  a window: 5m, #10, 1h ago 24h
 *   P  a point that is a number       d  a duration
 *   C  a counter                      n  a number
 *   B  a boolean point or expression  m  a number or a duration, all m alike
 *   b  a boolean                      e  any value, all e alike
 *   t  a time of day, '02:00'         g  a relation or group, 'submeters'
 *   q  a number from 0 to 1           r  the id of a rule, 'pump.dry_run'
 *   s  a season, 'heating'            o  a relation with one member, 'power'
 *   ?  what follows may be left out   *  what stands before may be repeated
 *
 * and of those that are written out
 *
 *   i  a whole number from 0 to 16    k  a number of weeks, 1 to 12
 *   D  a duration                     N  a number of nights, 1 to 31
 *
 * With w, the point and the window make one window slot; B with w over anything but a
 * plain point makes a truth slot. p with i is the window of the last i + 1 readings. A w
 * before t makes a slot for nights, P with D one for an average, r one for an alarm.
 * With g, the last argument is evaluated for each member of the relation.
 *
 * Threads: no state.
 */
#ifndef RULES_FUNCTIONS_H
#define RULES_FUNCTIONS_H

#include "base/text.h"
#include "rules/ast.h"
#include "rules/eval.h"

enum function_result {
    RESULT_NUMBER,
    RESULT_BOOL,
    RESULT_DURATION,
    RESULT_POINT,   /* of the point's kind */
    RESULT_SAME,    /* of the kind of the arguments m or e */
    RESULT_QUALITY, /* an enum: 'good', 'uncertain', 'bad' */
    RESULT_REASON,  /* an enum: 'none', 'timeout', ... (telemetry/sample.h) */
};

enum function_unit {
    UNIT_NONE,
    UNIT_POINT,      /* of the first argument */
    UNIT_PER_SECOND, /* of the first argument, by second */
    UNIT_PER_HOUR,
    UNIT_TIMES_HOUR,
    UNIT_MEMBER, /* of the expression over the members */
};

struct function {
    const char *name;
    const char *args;
    enum function_result result;
    enum function_unit unit;
    bool floating;             /* == makes no sense */
    function_eval *eval;       /* over a window slot, a point slot, or plain arguments */
    function_eval *eval_truth; /* over a truth slot; args: the truth, the length in s */
    function_group *eval_group;
    size_t truth_changes; /* size of the truth slot */
    unsigned needs;       /* NEED_... of its window beside the plain sums */
    const char *doc;      /* one sentence */
};

/* The table; struct insn names a row by its index. */
extern const struct function functions[];
const struct function *function_rows(size_t *count);
/* NULL when there is none. */
const struct function *function_find(const char *name);

/* "avg(point, window)", for messages and the reference. */
void function_usage(const struct function *function, struct text *out);
/* Arguments it takes at least and at most. */
void function_arity(const struct function *function, unsigned *least, unsigned *most);
/* The letter of the n-th argument, from 0; '\0' beyond the last. */
char function_letter(const struct function *function, unsigned n);
/* Whether it asks for the time of day or the kind of day. */
bool function_calendar(const struct function *function);

/* A point with the labels of RESULT_QUALITY or RESULT_REASON; NULL for others. */
const struct point *function_labels(enum function_result result);

#endif
