/* desk_tell.c - the issue of an alarm: it opens, comes back, returns, gets worse. */
#include "issues/desk_marks.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum {
    NOTE_SIZE = 64, /* a sentence with a number */
};

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

const char *tell_evidence(const struct alarm_change *change)
{
    const char *evidence = or_empty(change->evidence);

    /* JSON cannot be cut; better none than an unbounded row. */
    return strlen(evidence) > DESK_EVIDENCE_MAX ? "" : evidence;
}

/* ---- the evidence of a raise that has no issue yet ---- */

int tell_keep_evidence(struct desk *desk, const struct desk_alarm *alarm,
                       struct wall_time time, const char *evidence, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EVIDENCE_PUT);

    db_bind_text(query, 1, alarm->rule);
    db_bind_text(query, 2, alarm->equipment);
    db_bind_int(query, 3, time.ns);
    db_bind_text(query, 4, evidence);
    return db_execute(query, err);
}

int tell_drop_evidence(struct desk *desk, const struct desk_alarm *alarm, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EVIDENCE_DELETE);

    db_bind_text(query, 1, alarm->rule);
    db_bind_text(query, 2, alarm->equipment);
    return db_execute(query, err);
}

/* What was kept, or a copy of `otherwise`; the caller's (mem_free). NULL with err. */
static char *take_evidence(struct desk *desk, const struct desk_alarm *alarm,
                           const char *otherwise, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EVIDENCE_GET);
    char *evidence = NULL;
    int row;

    db_bind_text(query, 1, alarm->rule);
    db_bind_text(query, 2, alarm->equipment);
    row = db_step(query, err);
    if (row >= 0)
        evidence = mem_strdup(row == 1 ? db_text(query, 0) : otherwise);
    db_reset(query);
    if (row == 1 && tell_drop_evidence(desk, alarm, err) != 0) {
        mem_free(evidence);
        return NULL;
    }
    return evidence;
}

/* ---- opening and coming back ---- */

static struct issue_note note_of(enum issue_action action, struct wall_time time,
                                 const char *evidence)
{
    return (struct issue_note){
        .action = action,
        .actor = DESK_SYSTEM,
        .text = "",
        .evidence = evidence,
        .time = time,
    };
}

static int open_new(struct desk *desk, const struct desk_alarm *alarm,
                    const struct issue_note *note, struct issue_key *key, struct err *err)
{
    const struct rule_settings *rule = alarm->settings;
    const struct equipment *equipment = alarm->unit->equipment;
    const struct issue_view row = {
        .severity = alarm->data.severity,
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
        .opened = note->time,
        .alarm_active = true,
        .evidence = note->evidence,
    };

    return issue_add(desk, &row, note, key, err);
}

/* A person's severity is a floor: the alarm raises it above, and lowers it no further.
 * What a person lowered follows when the alarm gets worse, as it is worse than when they
 * judged it. */
static enum severity follow(const struct issue_key *key, enum severity before,
                            enum severity now)
{
    int severity = (int)key->severity;

    if (now > before && (int)now > severity)
        severity = (int)now;
    if (now < before) {
        int lowest = (int)now > key->severity_set ? (int)now : key->severity_set;

        severity = lowest < severity ? lowest : severity;
    }
    return (enum severity)severity;
}

/* A symptom until now. The words live as long as the caller's. */
static int stand_up(struct desk *desk, struct issue_note *note, struct issue_key *key,
                    char text[NOTE_SIZE], struct err *err)
{
    (void)snprintf(text, NOTE_SIZE, "stands for itself; was attached to #%lld",
                   (long long)key->attached);
    note->text = text;
    return issue_set_attached(desk, key, 0, err);
}

static int come_back(struct desk *desk, const struct desk_alarm *alarm,
                     const struct issue_note *from, struct issue_key *key,
                     struct err *err)
{
    struct issue_note note = *from;
    enum severity severity;
    char text[NOTE_SIZE];

    note.action = ACTION_RECURRED;
    if (key->attached != 0 && stand_up(desk, &note, key, text, err) != 0)
        return -1;
    if (issue_log(desk, key, &note, err) != 0 ||
        issue_set_alarm(desk, key->number, true, (struct wall_time){0}, err) != 0)
        return -1;
    severity = follow(key, alarm->data.told_severity, alarm->data.severity);
    return severity == key->severity
               ? 0
               : issue_set_severity(desk, key, severity, key->severity_set, err);
}

/* Nobody is to be bothered now: work on the equipment is declared. */
static bool is_held_back(const struct desk_alarm *alarm, const struct issue_key *key)
{
    return alarm->unit->data.permits > 0 && !alarm_is_highly_managed(alarm) &&
           (key == NULL || key->status == ISSUE_CLOSED);
}

static int tell(struct desk *desk, struct desk_alarm *alarm, struct issue_key *key,
                const struct issue_note *note, struct err *err)
{
    bool is_new = key->number == 0;

    if (is_new && open_new(desk, alarm, note, key, err) != 0)
        return -1;
    if (!is_new && come_back(desk, alarm, note, key, err) != 0)
        return -1;
    alarm->data.issue = key->number;
    memcpy(alarm->data.issue_id, key->id, sizeof key->id);
    alarm->data.told = true;
    alarm->data.told_severity = alarm->data.severity;
    if (symptom_adopt(desk, alarm, key, note->time, err) != 0)
        return -1;
    return announce_alarm(desk, alarm, is_new ? ANNOUNCE_OPENED : ANNOUNCE_RECURRED, key,
                          note->time, err);
}

int tell_raise(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
               const char *evidence, struct err *err)
{
    struct issue_key key = {0};
    struct issue_note note;
    char *kept = NULL;
    int result = -1;
    int found = issue_find_same(desk, alarm->rule, alarm->equipment, time, &key, err);

    if (found < 0)
        return -1;
    if (found == 0)
        key = (struct issue_key){0};
    if (is_held_back(alarm, found == 1 ? &key : NULL))
        return evidence[0] == '\0' ? 0
                                   : tell_keep_evidence(desk, alarm, time, evidence, err);
    kept = take_evidence(desk, alarm, evidence, err);
    if (kept == NULL)
        return -1;
    note = note_of(ACTION_OPENED, time, kept);
    result = tell(desk, alarm, &key, &note, err);
    mem_free(kept);
    return result;
}

int tell_root(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
              const char *evidence, struct err *err)
{
    struct issue_key key;
    int found;

    if (!alarm->data.told)
        return tell_raise(desk, alarm, time, evidence, err);
    found = issue_find_number(desk, alarm->data.issue, &key, err);
    if (found != 1 || key.attached == 0)
        return found < 0 ? -1 : 0;
    alarm->data.told = false;
    return tell_raise(desk, alarm, time, evidence, err);
}

int tell_again(struct desk *desk, struct desk_alarm *alarm, struct err *err)
{
    struct wall_time now = desk->turn.now;
    struct issue_key key;
    int found;

    if (alarm->settings == NULL || alarm->unit == NULL)
        return 0;
    if (chatter_is_withheld(alarm)) {
        turn_save(desk, &alarm->data, sizeof alarm->data);
        alarm_mark_dirty(desk, alarm);
        return chatter_begin(desk, alarm, now, err);
    }
    if (announce_is_quiet(alarm) || !alarm_is_active(&alarm->data.alarm) ||
        alarm->data.standing != STANDING_ROOT || alarm->data.announced)
        return 0;
    turn_save(desk, &alarm->data, sizeof alarm->data);
    alarm_mark_dirty(desk, alarm);
    if (!alarm->data.told)
        return tell_raise(desk, alarm, now, "", err);
    found = issue_find_number(desk, alarm->data.issue, &key, err);
    if (found != 1 || key.status == ISSUE_CLOSED)
        return found < 0 ? -1 : 0;
    return announce_alarm(desk, alarm,
                          key.status == ISSUE_OPEN ? ANNOUNCE_OPENED : ANNOUNCE_RECURRED,
                          &key, now, err);
}

/* ---- the return ---- */

int tell_return(struct desk *desk, struct desk_alarm *alarm,
                const struct alarm_change *change, struct err *err)
{
    struct issue_note note =
        note_of(ACTION_RETURNED, change->time, tell_evidence(change));
    struct issue_key key;
    bool announced = alarm->data.announced;
    int found;

    if (!alarm->data.told)
        return tell_drop_evidence(desk, alarm, err);
    found = issue_find_number(desk, alarm->data.issue, &key, err);
    if (found != 1)
        return found;
    if (change->alarm.state == ALARM_LATCHED)
        note.text = "latched: waits for a reset by a person";
    if (issue_log(desk, &key, &note, err) != 0 ||
        issue_set_alarm(desk, key.number, alarm_is_active(&change->alarm), change->time,
                        err) != 0)
        return -1;
    alarm->data.told = alarm_is_active(&change->alarm);
    alarm->data.announced = false;
    if (!announced || announce_is_quiet(alarm))
        return 0;
    return announce_issue(desk, ANNOUNCE_RETURNED, &key, alarm_is_highly_managed(alarm),
                          change->time, err);
}

int tell_release(struct desk *desk, struct desk_alarm *alarm,
                 const struct alarm_change *change, struct err *err)
{
    struct issue_note note = note_of(ACTION_NOTE, change->time, tell_evidence(change));
    struct issue_key key;
    int found = issue_find_number(desk, alarm->data.issue, &key, err);

    alarm->data.told = false;
    if (found != 1)
        return found;
    note.text = "the latched alarm was reset";
    if (issue_log(desk, &key, &note, err) != 0)
        return -1;
    return issue_set_alarm(desk, key.number, false,
                           key.returned.ns != 0 ? key.returned : change->time, err);
}

/* ---- levels ---- */

/* A person closed the issue although its alarm went on. It is worse now than what they
 * judged, so it is theirs again. */
static int reopen_worse(struct desk *desk, struct desk_alarm *alarm,
                        const struct alarm_change *change, struct issue_key *key,
                        struct err *err)
{
    const char *evidence = tell_evidence(change);
    struct issue_note note = note_of(ACTION_RECURRED, change->time, evidence);

    if (key->attached != 0 || chatter_holds(alarm) ||
        alarm->data.standing != STANDING_ROOT)
        return 0;
    alarm->data.announced = false;
    if (!is_held_back(alarm, key))
        return tell(desk, alarm, key, &note, err);
    alarm->data.told = false;
    return tell_keep_evidence(desk, alarm, change->time, evidence, err);
}

int tell_level(struct desk *desk, struct desk_alarm *alarm,
               const struct alarm_change *change, struct err *err)
{
    enum severity before = alarm->data.told_severity;
    struct issue_note note = note_of(ACTION_LEVEL, change->time, tell_evidence(change));
    struct issue_key key;
    enum severity severity;
    enum severity shown;
    int found;

    if (!alarm->data.told || before == alarm->data.severity)
        return 0;
    found = issue_find_number(desk, alarm->data.issue, &key, err);
    if (found != 1)
        return found;
    if (key.status == ISSUE_CLOSED)
        return alarm->data.severity > before
                   ? reopen_worse(desk, alarm, change, &key, err)
                   : 0;
    alarm->data.told_severity = alarm->data.severity;
    shown = key.severity;
    severity = follow(&key, before, alarm->data.severity);
    note.text = severity_name(alarm->data.severity);
    if (severity != shown &&
        issue_set_severity(desk, &key, severity, key.severity_set, err) != 0)
        return -1;
    if (issue_log(desk, &key, &note, err) != 0)
        return -1;
    return severity > shown
               ? announce_alarm(desk, alarm, ANNOUNCE_WORSE, &key, change->time, err)
               : 0;
}
