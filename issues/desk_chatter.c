/* desk_chatter.c - an alarm that comes and goes is one issue about its signal.
 *
 * The issue is of rule "signal.chattering" on the same equipment; several rules that
 * chatter there share it. The alarm's own issue is attached to it, further raises are
 * only counted. When the signal is steady again and the alarm is still there, it stands
 * for itself. A highly managed alarm goes out each time all the same.
 */
#include "issues/desk_core.h"

#include <stdio.h>
#include <string.h>

enum {
    TITLE_SIZE = 400, /* the longest title of a rule and some words */
};

static const char advice_en[] =
    "Check the sensor, its wiring and shielding; then give the rule a longer delay "
    "(for, clear_for) or a deadband.";
static const char advice_zh[] =
    "检查传感器、接线和屏蔽；确认正常后，为该规则加长延时（for、clear_for）或设置回差。";

bool chatter_holds(const struct desk_alarm *alarm)
{
    return alarm->data.chatter.active && !alarm_is_highly_managed(alarm);
}

bool chatter_is_withheld(const struct desk_alarm *alarm)
{
    return chatter_holds(alarm) && alarm->data.symptom == 0;
}

static int add_issue(struct desk *desk, const struct desk_alarm *alarm,
                     const struct issue_note *note, struct issue_key *key,
                     struct err *err)
{
    const struct equipment *equipment = alarm->unit->equipment;
    const struct rule_settings *rule = alarm->settings;
    char title_en[TITLE_SIZE];
    char title_zh[TITLE_SIZE];
    const struct issue_view row = {
        .severity = SEVERITY_MINOR,
        .category = rule->category,
        .kind = rule_kind_name(RULE_QUALITY),
        .source = "rule",
        .rule = CHATTER_RULE,
        .equipment = equipment->id,
        .equipment_name = equipment->name,
        .class_name = equipment->class_name,
        .place = equipment->place,
        .title_en = title_en,
        .title_zh = title_zh,
        .advice_en = advice_en,
        .advice_zh = advice_zh,
        .evidence = "",
        .opened = note->time,
        .alarm_active = true,
    };

    (void)snprintf(title_en, sizeof title_en, "Unstable signal: %.300s",
                   rule->title_en == NULL ? rule->id : rule->title_en);
    (void)snprintf(title_zh, sizeof title_zh, "信号不稳定：%.300s",
                   rule->title_zh == NULL ? rule->id : rule->title_zh);
    return issue_add(desk, &row, note, key, err);
}

static int open_issue(struct desk *desk, const struct desk_alarm *alarm,
                      struct issue_note *note, struct issue_key *key, struct err *err)
{
    int found =
        issue_find_same(desk, CHATTER_RULE, alarm->equipment, note->time, key, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return add_issue(desk, alarm, note, key, err);
    /* Another rule chatters there already, or the same did a while ago. */
    note->action = key->status == ISSUE_CLOSED || key->returned.ns != 0 ? ACTION_RECURRED
                                                                        : ACTION_NOTE;
    if (issue_log(desk, key, note, err) != 0)
        return -1;
    return issue_set_alarm(desk, key->number, true, (struct wall_time){0}, err);
}

int chatter_begin(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                  struct err *err)
{
    char text[2 * DESK_TEXT_ID_SIZE];
    struct issue_note note = {
        .action = ACTION_OPENED,
        .actor = DESK_SYSTEM,
        .text = text,
        .evidence = "",
        .time = time,
    };
    bool shelved = alarm->shelf != NULL && !alarm_is_highly_managed(alarm);
    bool withheld = alarm->unit->data.permits > 0 && !alarm_is_highly_managed(alarm);
    struct issue_key key;

    if (withheld)
        return 0;
    (void)snprintf(text, sizeof text, "%s", alarm->rule);
    if (open_issue(desk, alarm, &note, &key, err) != 0)
        return -1;
    if (chatter_holds(alarm) &&
        symptom_attach(desk, alarm, CHATTER_RULE, &key, time, err) != 0)
        return -1;
    if (shelved || note.action == ACTION_NOTE)
        return 0;
    return announce_issue(
        desk, note.action == ACTION_OPENED ? ANNOUNCE_OPENED : ANNOUNCE_RECURRED, &key,
        false, time, err);
}

int chatter_count_raise(struct desk *desk, const struct desk_alarm *alarm,
                        struct err *err)
{
    struct db_query *query;

    if (alarm->data.symptom == 0 || alarm->data.symptom_cause != NULL)
        return 0;
    query = desk_query(desk, STORE_SYMPTOM_RAISE);
    db_bind_int(query, 1, alarm->data.symptom);
    return db_execute(query, err);
}

static bool another_chatters(const struct desk_alarm *alarm)
{
    const struct desk_alarm *other = alarm->unit->alarms;

    while (other != NULL && (other == alarm || !other->data.chatter.active))
        other = other->next;
    return other != NULL;
}

static int read_raises(struct desk *desk, const struct desk_alarm *alarm, int64_t *raises,
                       struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_RAISES);
    int row;

    db_bind_int(query, 1, alarm->data.symptom);
    row = db_step(query, err);
    *raises = row == 1 ? db_int(query, 0) : 0;
    db_reset(query);
    return row < 0 ? -1 : 0;
}

/* What the issue about the signal hears. */
static int close_chapter(struct desk *desk, struct desk_alarm *alarm,
                         struct wall_time time, struct err *err)
{
    char text[2 * DESK_TEXT_ID_SIZE];
    bool last = !another_chatters(alarm);
    struct issue_note note = {
        .action = last ? ACTION_RETURNED : ACTION_NOTE,
        .actor = DESK_SYSTEM,
        .text = text,
        .evidence = "",
        .time = time,
    };
    struct issue_key key;
    int64_t raises = 0;
    int found = issue_find_same(desk, CHATTER_RULE, alarm->equipment, time, &key, err);

    if (found != 1)
        return found;
    if (read_raises(desk, alarm, &raises, err) != 0)
        return -1;
    if (raises > 0)
        (void)snprintf(text, sizeof text, "%s: steady after %lld raises", alarm->rule,
                       (long long)raises);
    else
        (void)snprintf(text, sizeof text, "%s: steady", alarm->rule);
    if (issue_log(desk, &key, &note, err) != 0 ||
        (last && issue_set_alarm(desk, key.number, false, time, err) != 0))
        return -1;
    return last && !announce_is_quiet(alarm)
               ? announce_issue(desk, ANNOUNCE_RETURNED, &key, false, time, err)
               : 0;
}

int chatter_over(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                 const char *evidence, struct err *err)
{
    if (close_chapter(desk, alarm, time, err) != 0)
        return -1;
    if (alarm->data.symptom_cause == NULL && symptom_end(desk, alarm, time, err) != 0)
        return -1;
    if (!alarm_is_active(&alarm->data.alarm))
        return 0;
    if (alarm->data.standing == STANDING_SYMPTOM)
        return symptom_begin(desk, alarm, time, err);
    return alarm->data.standing == STANDING_ROOT
               ? tell_root(desk, alarm, time, evidence, err)
               : 0;
}
