/* desk_restore.c - gives the rules engine back what was stored, and ends what it no
 * longer knows. */
#include "issues/desk_core.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static void learn(void *context, const struct rule_settings *rule, size_t instances,
                  size_t active)
{
    (void)instances;
    (void)active;
    rule_learn(context, rule);
}

static struct issue_note note_of(const struct desk *desk, enum issue_action action,
                                 const char *text)
{
    return (struct issue_note){
        .action = action,
        .actor = DESK_SYSTEM,
        .text = text,
        .evidence = "",
        .time = desk->turn.now,
    };
}

/* The open issue of an alarm that the configuration does not make any more. It is closed
 * when its rule was removed; when its equipment was, people finish it. */
static int end_issue(struct desk *desk, const struct desk_alarm *alarm, bool active,
                     struct err *err)
{
    bool gone = alarm->unit == NULL;
    const struct issue_note note =
        gone ? note_of(desk, ACTION_NOTE,
                       "the equipment was taken out of the configuration; its alarm "
                       "ended")
        : rule_known(desk, alarm->rule) == NULL
            ? note_of(desk, ACTION_WITHDRAWN, "rule removed")
            : note_of(desk, ACTION_WITHDRAWN,
                      "the rule does not watch this equipment any more");
    struct issue_key key;
    int found = issue_find_number(desk, alarm->data.issue, &key, err);

    if (found != 1)
        return found;
    if (key.status != ISSUE_CLOSED && (active || !gone) &&
        issue_log(desk, &key, &note, err) != 0)
        return -1;
    return active ? issue_set_alarm(desk, key.number, false,
                                    key.returned.ns != 0 ? key.returned : desk->turn.now,
                                    err)
                  : 0;
}

static int end_alarm(struct desk *desk, struct desk_alarm *alarm, struct err *err)
{
    bool active = alarm_is_active(&alarm->data.alarm);
    bool supply = alarm->data.outage;

    turn_save(desk, &alarm->data, sizeof alarm->data);
    if (end_issue(desk, alarm, active, err) != 0 ||
        symptom_end(desk, alarm, desk->turn.now, err) != 0 ||
        tell_drop_evidence(desk, alarm, err) != 0 || alarm_delete(desk, alarm, err) != 0)
        return -1;
    return alarm->unit == NULL
               ? 0
               : unit_update(desk, alarm->unit, supply, desk->turn.now, err);
}

static bool is_changed(const struct desk_alarm *alarm, const struct rule_settings *rule)
{
    return engine_rule_hash(rule) != alarm->data.text_hash ||
           rule->failure != alarm->data.failure ||
           (rule->kind == RULE_OUTAGE) != alarm->data.outage;
}

/* Takes over what the present rule says about an alarm that was stored under another
 * version of it. */
static int adopt_rule(struct desk *desk, struct desk_alarm *alarm,
                      const struct rule_settings *rule, struct err *err)
{
    uint64_t hash = engine_rule_hash(rule);
    bool outage = rule->kind == RULE_OUTAGE;
    bool supply = outage || alarm->data.outage;
    const struct issue_note note =
        note_of(desk, ACTION_NOTE, "the rule was changed; its alarm is judged anew");
    struct issue_key key;
    int found = 0;

    if (hash != alarm->data.text_hash && alarm_is_active(&alarm->data.alarm))
        found = issue_find_number(desk, alarm->data.issue, &key, err);
    if (found < 0 || (found == 1 && key.status != ISSUE_CLOSED &&
                      issue_log(desk, &key, &note, err) != 0))
        return -1;
    turn_save(desk, &alarm->data, sizeof alarm->data);
    alarm->data.text_hash = hash;
    alarm->data.failure = rule->failure;
    alarm->data.outage = outage;
    alarm_mark_dirty(desk, alarm);
    return unit_update(desk, alarm->unit, supply, desk->turn.now, err);
}

/* What has to be stored about an alarm after the engine was asked. */
enum settling {
    SETTLED,
    VANISHED,
    CHANGED,
};

static enum settling ask_engine(const struct desk *desk, struct desk_alarm *alarm,
                                struct engine *engine)
{
    const struct rule_settings *rule = rule_known(desk, alarm->rule);
    const struct desk_alarm *cause = alarm->data.cause;
    const struct alarm_memory memory = {
        .alarm = alarm->data.alarm,
        .standing = alarm->data.standing,
        .cause_rule = cause == NULL ? "" : cause->rule,
        .cause_equipment = cause == NULL ? "" : cause->equipment,
        .chatter = alarm->data.chatter,
        .text_hash = alarm->data.text_hash,
    };

    if (!engine_restore(engine, alarm->rule, alarm->equipment, &memory))
        return VANISHED;
    alarm->settings = rule;
    return rule != NULL && alarm->unit != NULL && is_changed(alarm, rule) ? CHANGED
                                                                          : SETTLED;
}

static int settle(struct desk *desk, const enum settling *settling, struct err *err)
{
    for (size_t i = 0; i < desk->alarm_count; i++) {
        struct desk_alarm *alarm = desk->alarms[i];
        const struct rule_settings *rule;

        if (settling[i] == VANISHED && end_alarm(desk, alarm, err) != 0)
            return -1;
        if (settling[i] != CHANGED)
            continue;
        rule = rule_known(desk, alarm->rule);
        assert(rule != NULL); /* ask_engine() saw it */
        if (adopt_rule(desk, alarm, rule, err) != 0)
            return -1;
    }
    return 0;
}

/* A person resolved the issue of a latched alarm, and the daemon was killed before the
 * alarm followed. What they said before its condition was gone resets nothing. */
static int was_reset(struct desk *desk, const struct desk_alarm *alarm, bool *reset,
                     struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EVENT_LAST_WORD);
    int row;

    db_bind_int(query, 1, alarm->data.issue);
    row = db_step(query, err);
    if (row == 1) {
        int action = store_enum(query, 0, ACTION_COUNT);

        *reset = action == ACTION_RESOLVE || action == ACTION_CLOSE;
    }
    db_reset(query);
    return row < 0 ? -1 : 0;
}

static int reset_latched(struct desk *desk, struct engine *engine, struct err *err)
{
    for (size_t i = 0; i < desk->alarm_count; i++) {
        const struct desk_alarm *alarm = desk->alarms[i];
        bool reset = false;

        if (alarm->data.alarm.state != ALARM_LATCHED || alarm->data.issue == 0)
            continue;
        if (was_reset(desk, alarm, &reset, err) != 0)
            return -1;
        if (reset)
            (void)engine_reset(engine, alarm->rule, alarm->equipment);
    }
    return 0;
}

/* Nothing to settle is the rule; then a full disk does not matter. */
static int restore(struct desk *desk, struct engine *engine, struct wall_time now,
                   struct err *err)
{
    enum settling *settling = mem_array(desk->alarm_count, sizeof *settling);
    size_t unsettled = 0;
    int result = 0;

    for (size_t i = 0; i < desk->alarm_count; i++) {
        settling[i] = ask_engine(desk, desk->alarms[i], engine);
        unsettled += settling[i] == SETTLED ? 0 : 1;
    }
    if (unsettled > 0)
        result = turn_begin(desk, now, err);
    if (unsettled > 0 && result == 0) {
        result = settle(desk, settling, err);
        if (result == 0)
            result = turn_commit(desk, err);
        else
            turn_rollback(desk);
    }
    mem_free(settling);
    return result;
}

int desk_restore(struct desk *desk, struct engine *engine, struct wall_time now,
                 struct err *err)
{
    int result;

    (void)pthread_mutex_lock(&desk->mutex);
    engine_visit_rules(engine, learn, desk);
    result = restore(desk, engine, now, err);
    if (result == 0)
        result = reset_latched(desk, engine, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
