/* calls_alarm.c - the state of other rules. What does not exist on an equipment is not
 * active there. */
#include "rules/calls.h"
#include "rules/program.h"

struct value call_active(struct eval *eval, const struct insn *insn,
                         const struct value *args)
{
    const struct alarm *alarm = eval->binding->alarms[insn->slot].alarm;

    (void)args;
    if (alarm == NULL)
        return value_of(0, 0);
    return value_of(alarm_is_active(alarm), alarm->unknown ? VALUE_UNCERTAIN : 0);
}

struct value call_since(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    const struct alarm_ref *ref = &eval->binding->alarms[insn->slot];

    (void)args;
    if (ref->alarm == NULL || !alarm_is_active(ref->alarm))
        return value_of(0, 0);
    if (*ref->active_ns == INT64_MIN) /* before the first step: the past is put back */
        return value_unknown(WHY_STARTUP);
    eval_due(eval, eval->now_ns + CLOCK_S);
    return value_of((double)(eval->now_ns - *ref->active_ns) / (double)CLOCK_S,
                    ref->alarm->unknown ? VALUE_UNCERTAIN : 0);
}

struct value call_blind(struct eval *eval, const struct insn *insn,
                        const struct value *args)
{
    (void)insn;
    (void)args;
    return value_of(eval->blind, 0);
}
