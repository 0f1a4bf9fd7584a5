/* calls_scalar.c - functions of their arguments and of the time of day. */
#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

struct value call_abs(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    (void)eval;
    (void)insn;
    return value_of(fabs(args[0].number), args[0].marks);
}

/* To so many decimals, 0 when not given; halves away from zero. */
struct value call_round(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    double scale = insn->count > 1 ? pow(10, args[1].number) : 1;
    double scaled = args[0].number * scale;

    (void)eval;
    /* Beyond 2^53 there are no decimals to round. */
    if (fabs(scaled) >= 9007199254740992.0)
        return args[0];
    return value_of(round(scaled) / scale, args[0].marks);
}

struct value call_minof(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    struct value least = args[0];

    (void)eval;
    for (unsigned i = 1; i < insn->count; i++) {
        uint32_t marks = least.marks | args[i].marks;

        least = value_of(fmin(least.number, args[i].number), marks);
    }
    return least;
}

struct value call_maxof(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    struct value most = args[0];

    (void)eval;
    for (unsigned i = 1; i < insn->count; i++) {
        uint32_t marks = most.marks | args[i].marks;

        most = value_of(fmax(most.number, args[i].number), marks);
    }
    return most;
}

/* An unknown condition does not matter when both ways lead to the same. */
struct value call_if(struct eval *eval, const struct insn *insn, const struct value *args)
{
    (void)eval;
    (void)insn;
    if (!value_known(args[0])) {
        if (value_known(args[1]) && value_known(args[2]) &&
            args[1].number == args[2].number)
            return value_of(args[1].number, args[1].marks | args[2].marks);
        return value_unknown(args[0].marks | args[1].marks | args[2].marks);
    }
    if (args[0].number != 0)
        return value_of(args[1].number, args[1].marks | args[0].marks);
    return value_of(args[2].number, args[2].marks | args[0].marks);
}

struct value call_near(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    (void)eval;
    (void)insn;
    return value_of(fabs(args[0].number - args[1].number) <= args[2].number,
                    args[0].marks | args[1].marks | args[2].marks);
}

/* The next time the site's clock shows one of the two; at most two days away, since a
 * day has each of them except when the clock is put forward over it. */
static struct wall_time next_edge(const struct eval *eval, struct local_time local,
                                  const int minutes[2])
{
    struct wall_time next = {INT64_MAX};

    for (int day = 0; day <= 2; day++) {
        for (int i = 0; i < 2; i++) {
            struct wall_time edge =
                tz_instant(eval->tz, local.year, local.month, local.day + day,
                           minutes[i] / 60, minutes[i] % 60);

            if (edge.ns > eval->wall.ns && edge.ns < next.ns)
                next = edge;
        }
    }
    return next;
}

/* [from, to) in the time of the site; wraps over midnight. */
struct value call_within(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    int minutes[2] = {(int)args[0].number, (int)args[1].number};
    struct local_time local;
    int now;

    (void)insn;
    if (eval->tz == NULL)
        return value_unknown(WHY_CONFIG);
    local = tz_local(eval->tz, eval->wall);
    now = local.hour * 60 + local.minute;
    eval_due(eval, eval->now_ns + next_edge(eval, local, minutes).ns - eval->wall.ns);
    if (minutes[0] <= minutes[1])
        return value_of(now >= minutes[0] && now < minutes[1], 0);
    return value_of(now >= minutes[0] || now < minutes[1], 0);
}
