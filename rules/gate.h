/* gate.h - between which values of a point no rule that looks at it can change its mind.
 *
 * Most readings of a plant change nothing: a level moves from 61 to 62 while the rule
 * asks whether it is below 20. When a rule has been evaluated, each of its comparisons of
 * a point with a constant says how far the value may move without changing that
 * comparison; the gate of the point is what all rules leave of it. A good reading that
 * comes in time and lies inside is taken in without evaluating anything.
 *
 * What does anything else with a point (arithmetic, another point, a function) leaves
 * only the value itself. A window whose extremes decide its comparison lets readings pass
 * that do not change that; what looks at readings in any other way keeps the gate shut
 * for good (`sampled` and not `gated` of rules/track.h).
 *
 * Threads: one owner.
 */
#ifndef RULES_GATE_H
#define RULES_GATE_H

#include "rules/eval.h"
#include "rules/gate_range.h"
#include "rules/program.h"

/* One comparison in a program. */
struct gate_leaf {
    uint16_t point; /* slot */
    uint8_t op;     /* as `point OP limit`; OP_POINT: only the same value will do */
    bool param;     /* the limit is a parameter, else a constant */
    uint16_t limit; /* slot */
};

/* The leaves of a whole program, the caller's (mem_free). A body of a group has none:
 * its points are taken as they are. */
struct gate_leaf *gate_leaves(const struct program *program, size_t *count);

/* One comparison of a window's mean or extreme with a limit, or a held(). While it is
 * decided (rules/settled.h), readings on the same side of the limit keep it so. */
struct gate_window {
    uint16_t call;  /* index in the code */
    uint8_t op;     /* as `call OP limit`; OP_POINT: held, only the same value will do */
    uint16_t first; /* the limit is what the code from there ... */
    uint16_t end;   /* ... to there comes to: constants and parameters */
};

/* All windows of a program, the caller's (mem_free). NULL: it does something else with a
 * window or a reading, so that each reading counts. */
struct gate_window *gate_windows(const struct program *program, size_t *count);

/* Narrows the gate of the window's point; `eval` is that of the program that was run. */
void gate_narrow_window(const struct eval *eval, const struct program *program,
                        const struct gate_window *window);

/* What the leaf leaves of the gate around `value`. */
void gate_narrow(struct gate *gate, uint8_t op, double limit, double value);

#endif
