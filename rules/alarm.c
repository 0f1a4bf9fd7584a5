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

static enum truth driving(const struct alarm *alarm, const struct alarm_truths *truths)
{
    if (states[alarm->state].by_clear)
        return truths->clear;
    return truths->when == TRUTH_TRUE && truths->clear == TRUTH_TRUE ? TRUTH_FALSE
                                                                     : truths->when;
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
    alarm->level_ms = -1;
    if (alarm->state == ALARM_CLEARING) {
        move(alarm, rule->latch ? ALARM_LATCHED : ALARM_NORMAL, -1, now);
        if (!rule->latch)
            alarm->raised = (struct wall_time){0};
        return ALARM_RETURNED;
    }
    move(alarm, ALARM_ACTIVE, -1, now);
    alarm->level = alarm->level_next;
    alarm->raised = now;
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

/* The worst level that is true; `none` when no level is. */
static uint8_t worst(const struct rule_settings *rule, const struct alarm_truths *truths,
                     uint8_t none)
{
    for (size_t i = rule->level_count; i-- > 0;)
        if (truths->levels[i] == TRUTH_TRUE)
            return (uint8_t)i;
    return none;
}

/* Where the level of an active alarm should be. Upwards what is true counts; downwards
 * all from the present one up must be known to be false. */
static uint8_t level_wanted(const struct alarm *alarm, const struct rule_settings *rule,
                            const struct alarm_truths *truths)
{
    uint8_t wanted = worst(rule, truths, alarm->level);

    for (size_t i = alarm->level; wanted < alarm->level && i < rule->level_count; i++)
        if (truths->levels[i] != TRUTH_FALSE)
            return alarm->level;
    return wanted;
}

/* Whether the present level is not known: then its delay stands still. */
static bool level_unknown(const struct alarm *alarm, const struct alarm_truths *truths)
{
    return truths->levels[alarm->level] == TRUTH_UNKNOWN;
}

static int64_t level_delay_ms(const struct alarm *alarm, const struct rule_settings *rule)
{
    return alarm->level_next > alarm->level ? rule->for_ms : rule->clear_for_ms;
}

/* Before the raise: the level that has been true all along. */
static void pending_level(struct alarm *alarm, const struct rule_settings *rule,
                          const struct alarm_truths *truths, bool begins)
{
    uint8_t level = worst(rule, truths, 0);

    if (begins || level < alarm->level_next)
        alarm->level_next = level;
}

/* While it is active. True when it moved. A delay counts for the level nearest to the
 * present one among those wanted while it ran. */
static bool active_level(struct alarm *alarm, const struct rule_settings *rule,
                         int64_t elapsed_ms, const struct alarm_truths *truths)
{
    uint8_t wanted = level_wanted(alarm, rule, truths);
    bool up = wanted > alarm->level;

    if (alarm->level_ms >= 0 && alarm->level_runs)
        alarm->level_ms += elapsed_ms;
    alarm->level_runs = wanted != alarm->level;
    if (!alarm->level_runs) {
        if (!level_unknown(alarm, truths))
            alarm->level_ms = -1;
        return false;
    }
    if (alarm->level_ms < 0 || (alarm->level_next > alarm->level) != up) {
        alarm->level_ms = 0;
        alarm->level_next = wanted;
    } else if (up ? wanted < alarm->level_next : wanted > alarm->level_next) {
        alarm->level_next = wanted;
    }
    if (alarm->level_ms < level_delay_ms(alarm, rule))
        return false;
    alarm->level = alarm->level_next;
    alarm->level_ms = -1;
    return true;
}

/* The part of a step that is about levels. */
static enum alarm_event step_level(struct alarm *alarm, const struct rule_settings *rule,
                                   int64_t elapsed_ms, const struct alarm_truths *truths,
                                   enum alarm_event event)
{
    bool moved;

    if (rule->level_count == 0 || !alarm_is_active(alarm) ||
        alarm->state == ALARM_LATCHED)
        return event;
    moved = active_level(alarm, rule, event == ALARM_RAISED ? 0 : elapsed_ms, truths);
    if (!moved || event == ALARM_RAISED || event == ALARM_RETURNED)
        return event;
    return ALARM_LEVEL;
}

enum alarm_event alarm_step(struct alarm *alarm, const struct rule_settings *rule,
                            int64_t elapsed_ms, const struct alarm_truths *truths,
                            struct wall_time now)
{
    const struct alarm before = *alarm;
    enum alarm_event event = ALARM_NOTHING;
    enum truth raw = driving(alarm, truths);
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

    if (truth == TRUTH_TRUE) {
        if (!states[alarm->state].by_clear)
            pending_level(alarm, rule, truths, alarm->observed_ms < 0);
        event = when_true(alarm, rule, now);
    } else if (truth == TRUTH_FALSE || alarm->unknown_ms >= rule->unknown_grace_ms) {
        when_off(alarm, now);
    }

    if (alarm->state != before.state) { /* another truth drives now */
        alarm->unknown = driving(alarm, truths) == TRUTH_UNKNOWN;
        alarm->unknown_ms = alarm->unknown && before.unknown ? alarm->unknown_ms : 0;
    }
    event = step_level(alarm, rule, elapsed_ms, truths, event);
    if (event == ALARM_NOTHING &&
        (alarm->state != before.state || alarm->unknown != before.unknown))
        event = ALARM_MOVED;
    return event;
}

/* Until a delay or a grace of the state runs out. */
static int64_t state_deadline_ms(const struct alarm *alarm,
                                 const struct rule_settings *rule,
                                 const struct alarm_truths *truths)
{
    enum truth truth = effective(alarm, rule, driving(alarm, truths));

    if (truth == TRUTH_FALSE)
        return INT64_MAX;
    if (truth == TRUTH_UNKNOWN) {
        if (!states[alarm->state].delayed || alarm->observed_ms < 0)
            return INT64_MAX;
        return rule->unknown_grace_ms - alarm->unknown_ms;
    }
    if (states[alarm->state].delayed && alarm->observed_ms >= 0)
        return delay_ms(alarm, rule) - alarm->observed_ms;
    return 0; /* the delay can begin at once */
}

int64_t alarm_deadline_ms(const struct alarm *alarm, const struct rule_settings *rule,
                          const struct alarm_truths *truths)
{
    int64_t left = state_deadline_ms(alarm, rule, truths);

    if (alarm->level_ms >= 0 && alarm->level_runs && alarm_is_active(alarm)) {
        int64_t level_left = level_delay_ms(alarm, rule) - alarm->level_ms;

        left = level_left < left ? level_left : left;
    }
    return left > 0 ? left : 0;
}

enum severity alarm_severity(const struct alarm *alarm, const struct rule_settings *rule)
{
    return alarm->level < rule->level_count ? rule->levels[alarm->level].severity
                                            : rule->severity;
}
