/* alarm.c - see alarm.h. In each state one of the two truths drives and one delay may
 * run; the table says which. */
#include "rules/alarm.h"

#include <assert.h>

static const struct {
    const char *name;
    bool by_clear; /* the truth that drives: clear, else when */
    bool delayed;  /* a delay runs while it is true */
} states[] = {
    [ALARM_NORMAL] = {"normal", false, false},
    [ALARM_PENDING] = {"pending", false, true},
    [ALARM_ACTIVE] = {"active", true, false},
    [ALARM_CLEARING] = {"clearing", true, true},
    [ALARM_LATCHED] = {"latched", false, true},
};

const char *alarm_state_name(enum alarm_state state)
{
    assert((unsigned)state < sizeof states / sizeof states[0]);
    return states[state].name;
}

static enum truth driving(const struct alarm *alarm, enum truth when, enum truth clear)
{
    return states[alarm->state].by_clear ? clear : when;
}

/* What an unknown truth counts as. */
static enum truth effective(const struct alarm *alarm, const struct rule_settings *rule,
                            enum truth truth)
{
    bool by_clear = states[alarm->state].by_clear;

    if (truth != TRUTH_UNKNOWN || rule->on_unknown == UNKNOWN_HOLD)
        return truth;
    return (rule->on_unknown == UNKNOWN_RAISE) != by_clear ? TRUTH_TRUE : TRUTH_FALSE;
}

static int64_t delay_ms(const struct alarm *alarm, const struct rule_settings *rule)
{
    return states[alarm->state].by_clear ? rule->clear_for_ms : rule->for_ms;
}

static void move(struct alarm *alarm, enum alarm_state state, int64_t observed_ms,
                 struct wall_time now)
{
    alarm->state = state;
    alarm->observed_ms = observed_ms;
    alarm->since = now;
}

/* The delay of the present state has been observed in full. */
static enum alarm_event finish(struct alarm *alarm, const struct rule_settings *rule,
                               struct wall_time now)
{
    if (alarm->state == ALARM_CLEARING) {
        move(alarm, rule->latch ? ALARM_LATCHED : ALARM_NORMAL, -1, now);
        return ALARM_RETURNED;
    }
    move(alarm, ALARM_ACTIVE, -1, now);
    alarm->activation++;
    return ALARM_RAISED;
}

/* The driving truth is true: start the delay, or end it. */
static enum alarm_event when_true(struct alarm *alarm, const struct rule_settings *rule,
                                  struct wall_time now)
{
    if (alarm->state == ALARM_NORMAL)
        move(alarm, ALARM_PENDING, 0, now);
    else if (alarm->state == ALARM_ACTIVE)
        move(alarm, ALARM_CLEARING, 0, now);
    else if (alarm->observed_ms < 0)
        alarm->observed_ms = 0;
    return alarm->observed_ms >= delay_ms(alarm, rule) ? finish(alarm, rule, now)
                                                       : ALARM_NOTHING;
}

/* The driving truth is false, or unknown for too long: no delay runs. */
static void when_off(struct alarm *alarm, struct wall_time now)
{
    if (alarm->state == ALARM_PENDING)
        move(alarm, ALARM_NORMAL, -1, now);
    else if (alarm->state == ALARM_CLEARING)
        move(alarm, ALARM_ACTIVE, -1, now);
    else
        alarm->observed_ms = -1;
}

enum alarm_event alarm_step(struct alarm *alarm, const struct rule_settings *rule,
                            int64_t elapsed_ms, enum truth when, enum truth clear,
                            struct wall_time now)
{
    const struct alarm before = *alarm;
    enum alarm_event event = ALARM_NOTHING;
    enum truth raw = driving(alarm, when, clear);
    enum truth truth = effective(alarm, rule, raw);

    assert(elapsed_ms >= 0);
    if (alarm->unknown)
        alarm->unknown_ms += elapsed_ms;
    if (states[alarm->state].delayed && alarm->observed_ms >= 0 &&
        (!alarm->unknown || rule->on_unknown != UNKNOWN_HOLD))
        alarm->observed_ms += elapsed_ms;
    alarm->unknown = raw == TRUTH_UNKNOWN;
    if (!alarm->unknown)
        alarm->unknown_ms = 0;

    if (truth == TRUTH_TRUE)
        event = when_true(alarm, rule, now);
    else if (truth == TRUTH_FALSE || alarm->unknown_ms >= rule->unknown_grace_ms)
        when_off(alarm, now);

    if (alarm->state != before.state) { /* another truth drives now */
        alarm->unknown = driving(alarm, when, clear) == TRUTH_UNKNOWN;
        alarm->unknown_ms = alarm->unknown && before.unknown ? alarm->unknown_ms : 0;
    }
    if (event == ALARM_NOTHING &&
        (alarm->state != before.state || alarm->unknown != before.unknown))
        event = ALARM_MOVED;
    return event;
}

int64_t alarm_deadline_ms(const struct alarm *alarm, const struct rule_settings *rule,
                          enum truth when, enum truth clear)
{
    enum truth truth = effective(alarm, rule, driving(alarm, when, clear));
    int64_t left;

    if (truth == TRUTH_FALSE)
        return INT64_MAX;
    if (truth == TRUTH_UNKNOWN) {
        if (!states[alarm->state].delayed || alarm->observed_ms < 0)
            return INT64_MAX;
        left = rule->unknown_grace_ms - alarm->unknown_ms;
    } else if (states[alarm->state].delayed && alarm->observed_ms >= 0) {
        left = delay_ms(alarm, rule) - alarm->observed_ms;
    } else {
        left = 0; /* the delay can begin at once */
    }
    return left > 0 ? left : 0;
}
