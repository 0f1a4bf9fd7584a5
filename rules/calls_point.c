/* calls_point.c - functions of the last samples of a point. */
#include "rules/calls.h"
#include "rules/program.h"

#include <math.h>

struct value call_last(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    (void)args;
    return eval_track(eval, eval->binding->tracks[insn->slot]);
}

/* The slot is the window of the last n + 1 readings. */
struct value call_prev(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    const struct window *window = eval->binding->windows[insn->slot];
    struct value now = eval_track(eval, window->track);
    struct reading reading;

    (void)args;
    if (!value_known(now))
        return now;
    if (!reading_ring_back(window->ring, window->spec.samples - 1, eval->now_ns,
                           &reading))
        return value_unknown(WHY_STARTUP);
    return value_of(reading.value, reading.uncertain ? VALUE_UNCERTAIN : 0);
}

/* Since when nothing has come: what last came at `last_ns`, INT64_MIN never. The time of
 * a stop does not count, for nobody listened. */
static int64_t silent_since(const struct eval *eval, int64_t last_ns)
{
    int64_t began_ns = eval_began(eval);

    if (last_ns == INT64_MIN)
        return began_ns;
    return began_ns == eval->run_ns && last_ns < began_ns ? last_ns + eval->stop_ns
                                                          : last_ns;
}

/* Seconds; counts from the start of the daemon while there was no reading. */
struct value call_age(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];
    int64_t since = track->time_ns == INT64_MIN ? eval_began(eval) : track->time_ns;

    (void)args;
    eval_due(eval, eval->now_ns + CLOCK_S);
    return value_of((double)(eval->now_ns - since) / 1e9, 0);
}

struct value call_good(struct eval *eval, const struct insn *insn,
                       const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];

    (void)args;
    return value_of(value_known(eval_track(eval, track)) && track->quality != QUALITY_BAD,
                    0);
}

struct value call_stale(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];
    int64_t since = silent_since(eval, track_good_ns(track));

    (void)args;
    if (track->hold_ms == HOLD_FOREVER)
        return value_of(0, 0);
    if (eval->now_ns - since > track_hold_ns(track))
        return value_of(1, 0);
    eval_due(eval, since + track_hold_ns(track) + 1);
    return value_of(0, 0);
}

/* Bad samples carry no value: it is that of the last one that did. */
struct value call_raw(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];

    (void)args;
    if (!track->ever)
        return value_unknown(eval_why(eval, track));
    return value_of(track->value, track->uncertain ? VALUE_UNCERTAIN : 0);
}

struct value call_quality(struct eval *eval, const struct insn *insn,
                          const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];
    bool known = value_known(eval_track(eval, track));

    (void)args;
    return value_of(known ? track->quality : QUALITY_BAD, 0);
}

struct value call_reason(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];
    bool known = value_known(eval_track(eval, track));

    (void)args;
    if (track->heard_ns == INT64_MIN)
        return value_of(REASON_STARTUP, 0);
    if (!known && track->quality != QUALITY_BAD)
        return value_of(REASON_STALE, 0);
    return value_of(track->reason, 0);
}

struct value call_bad(struct eval *eval, const struct insn *insn,
                      const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];

    (void)args;
    return value_of(track->heard_ns != INT64_MIN && track->quality == QUALITY_BAD, 0);
}

/* Nothing of any quality arrived in the window. */
struct value call_nodata(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    const struct track *track = eval->binding->tracks[insn->slot];
    bool heard = track->heard_ns != INT64_MIN;
    int64_t since = silent_since(eval, track->heard_ns);
    int64_t length_ns = llround(args[0].number * 1e9);

    if (!value_known(args[0]))
        return args[0];
    if (eval->now_ns - since >= length_ns)
        return value_of(1, 0);
    eval_due(eval, since + length_ns);
    return heard ? value_of(0, 0) : value_unknown(WHY_STARTUP);
}
