/* calls_truth.c - held, rises and their like over an expression: its truth is logged each
 * time it is evaluated (rules/truth_log.h). */
#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

/* What the log says of the window; in *marks whether that is enough to speak of. */
static struct truth_span look(struct eval *eval, const struct insn *insn,
                              const struct value *args, uint32_t *marks)
{
    struct truth_log *log = eval->binding->truths[insn->slot];
    int64_t length_ns = llround(args[1].number * 1e9);
    struct truth_span span;
    double coverage;

    if (!eval->peek)
        truth_log_put(log, eval->now_ns, value_truth(args[0]));
    span = truth_log_span(log, eval->now_ns, length_ns);
    coverage = (double)span.known_ns / (double)length_ns;
    eval->note = (struct note){
        .window = true, .coverage = coverage, .samples = span.rises + span.falls};
    *marks = (args[0].marks & VALUE_UNCERTAIN) | (span.lost ? VALUE_UNCERTAIN : 0);
    if (coverage < eval->min_cover || coverage <= 0)
        *marks |= calls_why_window(eval, length_ns);
    *marks |= args[0].marks & WHY_ALL; /* what it is now counts as well */
    if (span.known_ns > 0 || span.now != TRUTH_UNKNOWN)
        eval_due(eval, eval->now_ns + calls_slide_ns(length_ns));
    return span;
}

struct value call_held_truth(struct eval *eval, const struct insn *insn,
                             const struct value *args)
{
    uint32_t marks;
    struct truth_span span = look(eval, insn, args, &marks);

    if (span.now == TRUTH_FALSE)
        return value_of(0, marks & VALUE_UNCERTAIN);
    if (span.any_false) {
        eval_due(eval, span.false_end_ns + eval->now_ns - span.from_ns);
        return value_of(0, marks & VALUE_UNCERTAIN);
    }
    return value_of(1, marks);
}

struct value call_rises_truth(struct eval *eval, const struct insn *insn,
                              const struct value *args)
{
    uint32_t marks;
    struct truth_span span = look(eval, insn, args, &marks);

    return value_of(span.rises, marks);
}

struct value call_falls_truth(struct eval *eval, const struct insn *insn,
                              const struct value *args)
{
    uint32_t marks;
    struct truth_span span = look(eval, insn, args, &marks);

    return value_of(span.falls, marks);
}

struct value call_changes_truth(struct eval *eval, const struct insn *insn,
                                const struct value *args)
{
    uint32_t marks;
    struct truth_span span = look(eval, insn, args, &marks);

    return value_of(span.rises + span.falls, marks);
}

struct value call_time_true_truth(struct eval *eval, const struct insn *insn,
                                  const struct value *args)
{
    uint32_t marks;
    struct truth_span span = look(eval, insn, args, &marks);

    return value_of((double)span.true_ns / (double)CLOCK_S, marks);
}
