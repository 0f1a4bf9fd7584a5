/* desk_apply.c - what one turn of the pipeline brings: alarms that came, went or moved,
 * and equipment that answers or does not.
 *
 * A turn that only moves timers does not touch the disk: the timers are marked dirty and
 * go with the next transaction, at the latest with the sign of life.
 */
#include "issues/desk_core.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static const char *evidence_of(const struct alarm_change *change)
{
    const char *evidence = or_empty(change->evidence);

    /* JSON cannot be cut; better none than an unbounded row. */
    return strlen(evidence) > DESK_EVIDENCE_MAX ? "" : evidence;
}

static struct issue_note note_of(const struct alarm_change *change,
                                 enum issue_action action)
{
    return (struct issue_note){
        .action = action,
        .actor = DESK_SYSTEM,
        .text = "",
        .evidence = evidence_of(change),
        .time = change->time,
    };
}

static int open_new(struct desk *desk, const struct alarm_change *change,
                    struct issue_key *key, struct err *err)
{
    const struct rule_settings *rule = change->rule;
    const struct equipment *equipment = change->equipment;
    struct issue_note note = note_of(change, ACTION_OPENED);
    const struct issue_view row = {
        .severity = rule->severity,
        .category = rule->category,
        .kind = rule_kind_name(rule->kind),
        .source = "rule",
        .rule = rule->id,
        .equipment = equipment->id,
        .equipment_name = equipment->name,
        .class_name = equipment->class_name,
        .place = equipment->place,
        .title_en = or_empty(rule->title_en),
        .title_zh = or_empty(rule->title_zh),
        .advice_en = or_empty(rule->advice_en),
        .advice_zh = or_empty(rule->advice_zh),
        .opened = change->time,
        .alarm_active = true,
        .evidence = note.evidence,
    };

    return issue_add(desk, &row, &note, key, err);
}

/* The issue that this alarm's coming back belongs to: 1, 0 when it is a new fault. */
static int find_same(struct desk *desk, const struct alarm_change *change,
                     struct issue_key *key, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_OPEN_OF);
    int found;

    db_bind_text(query, 1, change->equipment->id);
    db_bind_text(query, 2, change->rule->id);
    found = issue_find(query, key, err);
    if (found != 0)
        return found;
    query = desk_query(desk, STORE_ISSUE_LAST_OF);
    db_bind_text(query, 1, change->equipment->id);
    db_bind_text(query, 2, change->rule->id);
    found = issue_find(query, key, err);
    if (found == 1 && (key->returned.ns == 0 ||
                       wall_diff_ms(change->time, key->returned) >= DESK_RECURRENCE_MS))
        return 0;
    return found;
}

static int raise_issue(struct desk *desk, struct desk_alarm *alarm,
                       const struct alarm_change *change, struct err *err)
{
    struct issue_note note = note_of(change, ACTION_RECURRED);
    struct issue_key key;
    int found = find_same(desk, change, &key, err);

    if (found < 0)
        return -1;
    if (found == 0 && open_new(desk, change, &key, err) != 0)
        return -1;
    if (found == 1 &&
        (issue_log(desk, &key, &note, err) != 0 ||
         issue_set_alarm(desk, key.number, true, (struct wall_time){0}, err) != 0))
        return -1;
    alarm->data.issue = key.number;
    memcpy(alarm->data.issue_id, key.id, sizeof key.id);
    return 0;
}

static int return_issue(struct desk *desk, const struct desk_alarm *alarm,
                        const struct alarm_change *change, struct err *err)
{
    struct issue_note note = note_of(change, ACTION_RETURNED);
    struct issue_key key;
    int found = issue_find_number(desk, alarm->data.issue, &key, err);

    if (found != 1)
        return found;
    if (change->alarm.state == ALARM_LATCHED)
        note.text = "latched: waits for a reset by a person";
    if (issue_log(desk, &key, &note, err) != 0)
        return -1;
    return issue_set_alarm(desk, key.number, alarm_is_active(&change->alarm),
                           change->time, err);
}

/* A latched alarm that a person reset: it returned before, now it is no longer active. */
static int release_issue(struct desk *desk, const struct desk_alarm *alarm,
                         const struct alarm_change *change, struct err *err)
{
    struct issue_note note = note_of(change, ACTION_NOTE);
    struct issue_key key;
    int found = issue_find_number(desk, alarm->data.issue, &key, err);

    if (found != 1)
        return found;
    note.text = "the latched alarm was reset";
    if (issue_log(desk, &key, &note, err) != 0)
        return -1;
    return issue_set_alarm(desk, key.number, false,
                           key.returned.ns != 0 ? key.returned : change->time, err);
}

static void adopt(struct desk_alarm *alarm, const struct alarm_change *change)
{
    bool was_active = alarm_is_active(&alarm->data.alarm);

    alarm->data.alarm = change->alarm;
    alarm->data.failure = change->rule->failure;
    alarm->data.outage = change->rule->kind == RULE_OUTAGE;
    alarm->data.text_hash = engine_rule_hash(change->rule);
    if (!alarm_is_active(&change->alarm))
        alarm->data.raised = (struct wall_time){0};
    else if (!was_active || change->kind == CHANGE_RAISED)
        alarm->data.raised = change->time;
}

static struct desk_alarm *alarm_of(struct desk *desk, const struct alarm_change *change)
{
    return alarm_take(desk, change->rule->id, change->equipment->id);
}

/* Timers only: nothing that a person or a report would see. */
static bool is_light(struct desk *desk, const struct alarm_change *change)
{
    return change->kind == CHANGE_PROGRESS &&
           alarm_is_active(&alarm_of(desk, change)->data.alarm) ==
               alarm_is_active(&change->alarm);
}

static int apply_issue(struct desk *desk, struct desk_alarm *alarm,
                       const struct alarm_change *change, const struct alarm *before,
                       struct err *err)
{
    bool was_active = alarm_is_active(before);
    bool is_active = alarm_is_active(&change->alarm);

    if (change->kind == CHANGE_RAISED) {
        /* A turn that was stored although its commit seemed to fail comes again. */
        if (was_active && alarm->data.issue != 0 && before->state != ALARM_LATCHED &&
            before->activation == change->alarm.activation)
            return 0;
        return raise_issue(desk, alarm, change, err);
    }
    if (alarm->data.issue == 0 || !was_active)
        return 0;
    if (change->kind == CHANGE_RETURNED && before->state != ALARM_LATCHED)
        return return_issue(desk, alarm, change, err);
    return is_active ? 0 : release_issue(desk, alarm, change, err);
}

static int apply_change(struct desk *desk, const struct alarm_change *change,
                        struct err *err)
{
    struct desk_alarm *alarm = alarm_of(desk, change);
    const struct alarm before = alarm->data.alarm;
    bool supply;

    turn_save(desk, &alarm->data, sizeof alarm->data);
    adopt(alarm, change);
    alarm_mark_dirty(desk, alarm);
    if (apply_issue(desk, alarm, change, &before, err) != 0)
        return err_prefix(err, "alarm '%s' of '%s'", alarm->rule, alarm->equipment);
    supply = alarm->data.outage;
    return alarm->unit == NULL
               ? 0
               : unit_update(desk, alarm->unit, supply, change->time, err);
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
            adopt(alarm_of(desk, &changes[i]), &changes[i]);
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
