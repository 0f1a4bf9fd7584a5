/* desk_apply.c - what one turn of the pipeline brings: alarms that came, went or moved,
 * and equipment that answers or does not.
 *
 * A turn that only moves timers does not touch the disk: the timers are marked dirty and
 * go with the next transaction, at the latest with the sign of life.
 */
#include "issues/desk_core.h"

#include <assert.h>

static struct desk_alarm *alarm_of(struct desk *desk, const struct alarm_change *change)
{
    return alarm_take(desk, change->rule->id, change->equipment->id);
}

static struct desk_alarm *cause_of(struct desk *desk, const struct alarm_change *change)
{
    if (change->standing != STANDING_SYMPTOM || change->cause_rule == NULL ||
        change->cause_equipment == NULL)
        return NULL;
    return alarm_take(desk, change->cause_rule->id, change->cause_equipment->id);
}

static void adopt_unknown(struct desk_alarm_data *data, const struct alarm_change *change)
{
    if (!change->alarm.unknown)
        data->unknown_since = (struct wall_time){0};
    else if (data->unknown_since.ns == 0)
        data->unknown_since = wall_add_ms(change->time, -change->alarm.unknown_ms);
}

static void adopt(struct desk *desk, struct desk_alarm *alarm,
                  const struct alarm_change *change)
{
    struct desk_alarm_data *data = &alarm->data;
    bool was_active = alarm_is_active(&data->alarm);
    bool begins = change->kind == CHANGE_RAISED || change->kind == CHANGE_CHATTERS;

    rule_learn(desk, change->rule);
    alarm->settings = change->rule;
    if (begins && (!was_active || data->alarm.activation != change->alarm.activation ||
                   data->alarm.state == ALARM_LATCHED)) {
        data->told = false;
        data->announced = false;
    }
    adopt_unknown(data, change);
    data->alarm = change->alarm;
    data->severity = change->severity;
    data->standing = alarm_is_active(&change->alarm) ? change->standing : STANDING_NONE;
    data->cause = data->standing == STANDING_NONE ? NULL : cause_of(desk, change);
    data->chatter = change->chatter;
    data->failure = change->rule->failure;
    data->outage = change->rule->kind == RULE_OUTAGE;
    data->text_hash = engine_rule_hash(change->rule);
    if (!alarm_is_active(&change->alarm))
        data->raised = (struct wall_time){0};
    else if (!was_active || change->kind == CHANGE_RAISED)
        data->raised = change->time;
}

/* Timers only: nothing that a person or a report would see. */
static bool is_light(struct desk *desk, const struct alarm_change *change)
{
    return change->kind == CHANGE_PROGRESS &&
           alarm_is_active(&alarm_of(desk, change)->data.alarm) ==
               alarm_is_active(&change->alarm);
}

/* One change and what was known before it. */
struct step {
    const struct alarm_change *change;
    const struct desk_alarm_data *before;
};

static int apply_raised(struct desk *desk, struct desk_alarm *alarm,
                        const struct step *step, struct err *err)
{
    const struct alarm_change *change = step->change;
    const struct alarm *before = &step->before->alarm;

    /* A turn that was stored although its commit seemed to fail comes again. */
    if (alarm_is_active(before) && before->state != ALARM_LATCHED &&
        before->activation == change->alarm.activation &&
        (alarm->data.told || alarm->data.symptom != 0))
        return 0;
    if (chatter_holds(alarm))
        return chatter_count_raise(desk, alarm, err);
    if (change->standing == STANDING_ROOT)
        return tell_raise(desk, alarm, change->time, tell_evidence(change), err);
    if (tell_keep_evidence(desk, alarm, change->time, tell_evidence(change), err) != 0)
        return -1;
    return change->standing == STANDING_SYMPTOM
               ? symptom_begin(desk, alarm, change->time, err)
               : 0;
}

static int apply_standing(struct desk *desk, struct desk_alarm *alarm,
                          const struct step *step, struct err *err)
{
    const struct alarm_change *change = step->change;

    if (chatter_holds(alarm))
        return 0; /* when it is steady again */
    if (change->standing == STANDING_SYMPTOM)
        return symptom_begin(desk, alarm, change->time, err);
    if (change->standing != STANDING_ROOT)
        return 0;
    if (symptom_end(desk, alarm, change->time, err) != 0)
        return -1;
    /* Proved anew: what was kept of the raise is from before its cause returned. */
    if (step->before->standing != STANDING_WAITING && change->evidence != NULL &&
        tell_drop_evidence(desk, alarm, err) != 0)
        return -1;
    return tell_root(desk, alarm, change->time, tell_evidence(change), err);
}

static int apply_level(struct desk *desk, struct desk_alarm *alarm,
                       const struct step *step, struct err *err)
{
    return tell_level(desk, alarm, step->change, err);
}

static int apply_returned(struct desk *desk, struct desk_alarm *alarm,
                          const struct step *step, struct err *err)
{
    const struct alarm *before = &step->before->alarm;

    if (!alarm_is_active(before) || before->state == ALARM_LATCHED)
        return 0;
    if (!chatter_holds(alarm) && symptom_end(desk, alarm, step->change->time, err) != 0)
        return -1;
    return tell_return(desk, alarm, step->change, err);
}

static int apply_chatters(struct desk *desk, struct desk_alarm *alarm,
                          const struct step *step, struct err *err)
{
    bool is_known = alarm->data.symptom != 0 && alarm->data.symptom_cause == NULL;

    if (step->before->chatter.active && is_known)
        return 0;
    return chatter_begin(desk, alarm, step->change->time, err);
}

static int apply_steady(struct desk *desk, struct desk_alarm *alarm,
                        const struct step *step, struct err *err)
{
    if (!step->before->chatter.active)
        return 0;
    return chatter_over(desk, alarm, step->change->time, tell_evidence(step->change),
                        err);
}

static int apply_progress(struct desk *desk, struct desk_alarm *alarm,
                          const struct step *step, struct err *err)
{
    if (alarm->data.told && !alarm_is_active(&step->change->alarm) &&
        alarm_is_active(&step->before->alarm))
        return tell_release(desk, alarm, step->change, err);
    return 0;
}

static int (*const appliers[])(struct desk *, struct desk_alarm *, const struct step *,
                               struct err *) = {
    [CHANGE_RAISED] = apply_raised,     [CHANGE_STANDING] = apply_standing,
    [CHANGE_LEVEL] = apply_level,       [CHANGE_RETURNED] = apply_returned,
    [CHANGE_CHATTERS] = apply_chatters, [CHANGE_STEADY] = apply_steady,
    [CHANGE_PROGRESS] = apply_progress,
};

/* Since when what the change says has been so: a failure begins when it was raised, not
 * when it was known to be no symptom. */
static struct wall_time earliest_of(const struct desk *desk, const struct step *step)
{
    const struct alarm_change *change = step->change;
    struct wall_time earliest = step->before->raised;

    if (change->kind != CHANGE_STANDING || change->standing != STANDING_ROOT ||
        step->before->standing != STANDING_WAITING || earliest.ns > change->time.ns)
        return change->time;
    return earliest.ns < desk->opened.ns ? desk->opened : earliest;
}

static int apply_change(struct desk *desk, const struct alarm_change *change,
                        struct err *err)
{
    struct desk_alarm *alarm = alarm_of(desk, change);
    const struct desk_alarm_data before = alarm->data;
    const struct step step = {change, &before};

    turn_save(desk, &alarm->data, sizeof alarm->data);
    adopt(desk, alarm, change);
    alarm_mark_dirty(desk, alarm);
    if (appliers[change->kind](desk, alarm, &step, err) != 0)
        return err_prefix(err, "alarm '%s' of '%s'", alarm->rule, alarm->equipment);
    return alarm->unit == NULL
               ? 0
               : unit_update_late(desk, alarm->unit, alarm->data.outage,
                                  earliest_of(desk, &step), change->time, err);
}

static bool is_news(const struct desk *desk, const struct online_change *online)
{
    const struct unit_data *data = &desk->units[online->equipment].data;

    return !data->reported || data->online != online->online ||
           data->misfit != online->misfit;
}

/* Both rows in the order of their times, so that the states follow each other. */
static int apply_all(struct desk *desk, const struct alarm_change *changes,
                     size_t change_count, const struct online_change *online,
                     size_t online_count, struct err *err)
{
    size_t c = 0;
    size_t o = 0;

    while (c < change_count || o < online_count) {
        bool online_first = o < online_count && (c == change_count ||
                                                 online[o].time.ns <= changes[c].time.ns);

        if (online_first) {
            if (unit_set_online(desk, &desk->units[online[o].equipment], &online[o],
                                err) != 0)
                return -1;
            o++;
        } else {
            if (apply_change(desk, &changes[c], err) != 0)
                return -1;
            c++;
        }
    }
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): two arrays with their lengths */
int desk_apply(struct desk *desk, const struct alarm_change *changes, size_t change_count,
               const struct online_change *online, size_t online_count,
               struct wall_time now, struct err *err)
{
    bool heavy = false;
    int result = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    for (size_t i = 0; i < change_count && !heavy; i++)
        heavy = !is_light(desk, &changes[i]);
    for (size_t i = 0; i < online_count; i++) {
        assert(online[i].equipment < desk->model->equipment_count);
        heavy = heavy || is_news(desk, &online[i]);
    }
    if (!heavy) {
        for (size_t i = 0; i < change_count; i++) {
            adopt(desk, alarm_of(desk, &changes[i]), &changes[i]);
            alarm_mark_dirty(desk, alarm_of(desk, &changes[i]));
        }
        goto out;
    }
    result = turn_begin(desk, now, err);
    if (result != 0)
        goto out;
    result = apply_all(desk, changes, change_count, online, online_count, err);
    if (result == 0)
        result = turn_commit(desk, err);
    else
        turn_rollback(desk);
out:
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
