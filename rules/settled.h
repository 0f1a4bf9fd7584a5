/* settled.h - how long a condition stays as it is when no reading comes (pure).
 *
 * A window slides: its average moves although nothing is read. A condition that looks at
 * it would have to be evaluated each second. But an average lies between the least and
 * the greatest value of its window, and so do all later ones until the next reading; if
 * the comparison is decided by these bounds, it stays decided. So most conditions, which
 * are nowhere near their limit, wait for the next reading.
 *
 * Decides only what it can prove: windows that are covered throughout, and functions that
 * say themselves when they change.
 *
 * Threads: one owner of the binding.
 */
#ifndef RULES_SETTLED_H
#define RULES_SETTLED_H

#include "rules/eval.h"

/* Whether the program has any function for which it is worth asking. */
bool settled_helps(const struct program *program);

/* How long, if no reading comes. */
struct settled_until {
    int64_t ns;
    bool limited; /* by something else than a value that gets stale */
    bool exact;   /* some function has just this value now: bounds alone do not decide */
};

/* Right after eval_run at the same time: true when the condition from `start` is known
 * and the same until at least until->ns (which is only made earlier) or the next reading
 * of a point it looks at. */
bool settled(const struct eval *eval, const struct program *program, unsigned start,
             struct settled_until *until);

/* Where the result of a call over a window lies as long as readings stay there, too.
 * False when that is not known. */
bool settled_bounds(const struct eval *eval, const struct insn *call, double *low,
                    double *high);

#endif
