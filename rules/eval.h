/* eval.h - running a compiled rule on one equipment (pure).
 *
 * No allocation, no recursion except one level for groups, at most one step per
 * term of the expression (AST_NODES_MAX) and as many again per member of a group. Every
 * term is evaluated every time: the cost of a rule is known before it runs, and truth
 * logs miss nothing.
 *
 * Threads: one owner.
 */
#ifndef RULES_EVAL_H
#define RULES_EVAL_H

#include "base/tz.h"
#include "rules/alarm.h"
#include "rules/nights.h"
#include "rules/track.h"
#include "rules/truth_log.h"
#include "rules/value.h"

struct insn;
struct program;

enum {
    /* Values on the stack of one program; what needs more is refused when compiling. */
    EVAL_STACK_MAX = 48,
    EVAL_STACK = 2 * EVAL_STACK_MAX, /* with a group's body */
};

/* The alarm that active() and since() ask for; filled by bind_alarms. */
struct alarm_ref {
    const struct alarm *alarm; /* NULL: that equipment has no such rule */
    const int64_t *active_ns;  /* since when it is active, on the axis of now_ns;
                                * INT64_MIN: put back, not yet known */
};

/* What the slots of a program mean for one equipment. */
struct binding {
    struct track **tracks;
    struct window **windows;
    struct nights **nights;
    struct average **averages;
    struct truth_log **truths;
    double *params;
    struct alarm_ref *alarms; /* as many as program->alarm_count */
    struct group *groups;
};

/* The members of a relation, in its order, without the equipment itself. */
struct group {
    uint32_t count;
    const struct equipment **equipment;
    struct binding *members; /* slots of the group's body */
};

/* What explain says beside the value of a function of a window. */
struct note {
    bool window;
    double coverage;
    uint32_t samples;
    const char *method; /* where there is more than one: "exact", "sketch"; or NULL */
};

struct eval {
    int64_t now_ns;
    int64_t start_ns; /* of what is remembered */
    int64_t run_ns;   /* when this run began; later than now while the past is put back */
    int64_t stop_ns;  /* how long before it nobody had listened */
    struct wall_time wall;
    const struct tz *tz;
    const struct calendar_settings *calendar; /* NULL: Saturday and Sunday are off */
    bool blind; /* what blind() says: some other rule here cannot see */
    double min_cover;
    const struct program *program; /* set by eval_run */
    const struct binding *binding;
    struct value *stack; /* EVAL_STACK values, the caller's */
    bool peek;           /* look only: truth logs stay as they are */

    /* out */
    int64_t due_ns;      /* when the result may change by itself; the caller presets it */
    struct value *trace; /* value of each node, or NULL */
    struct note *notes;  /* with trace */
    struct note note;    /* of the call being made */
};

/* What the members of a group came to. */
struct group_sum {
    uint32_t members;
    uint32_t known;
    uint32_t truths; /* known and not zero */
    double sum;
    double min;
    double max;
    uint32_t marks; /* union of all */
};

typedef struct value function_eval(struct eval *eval, const struct insn *insn,
                                   const struct value *args);
typedef struct value function_group(const struct group_sum *sum, double min_cover);

/* The programs of large sites find nothing in the cache: what an evaluation will touch is
 * asked for some evaluations ahead, each step when the one before has arrived. */
enum {
    EVAL_FETCH_STEPS = 4,
};
void eval_fetch(const struct binding *binding, const struct program *program,
                unsigned step);

/* Runs from instruction `start` to its end. */
struct value eval_run(struct eval *eval, const struct program *program, unsigned start);

static inline void eval_due(struct eval *eval, int64_t due_ns)
{
    if (due_ns < eval->due_ns)
        eval->due_ns = due_ns;
}

/* Since when this run, or what is remembered, has listened. */
static inline int64_t eval_began(const struct eval *eval)
{
    return eval->run_ns > eval->start_ns && eval->run_ns <= eval->now_ns ? eval->run_ns
                                                                         : eval->start_ns;
}

/* Why there is no value in force; what has never come is missing once it is late. */
static inline uint32_t eval_why(struct eval *eval, const struct track *track)
{
    int64_t began_ns = eval_began(eval);

    if (track->heard_ns == INT64_MIN && track->hold_ms != HOLD_FOREVER &&
        eval->now_ns - began_ns <= track_hold_ns(track))
        eval_due(eval, began_ns + track_hold_ns(track) + 1);
    return track_why(track, eval->now_ns, began_ns);
}

/* The value in force of a point, or why there is none. */
static inline struct value eval_track(struct eval *eval, const struct track *track)
{
    if (!track_in_force(track, eval->now_ns))
        return value_unknown(eval_why(eval, track));
    if (track->hold_ms != HOLD_FOREVER)
        eval_due(eval, track->time_ns + track_hold_ns(track) + 1);
    return (struct value){track->value, track->uncertain ? VALUE_UNCERTAIN : 0};
}

#endif
