/* marks_view.c - see marks_view.h. */
#include "web/marks_view.h"

#include <errno.h>
#include <stdlib.h>

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static void put_number(struct json_out *json, const char *key, int64_t number)
{
    json_key(json, key);
    if (number == 0)
        json_null(json);
    else
        json_int(json, number);
}

void marks_shelf_json(struct json_out *json, const struct shelf_view *shelf)
{
    json_open(json, '{');
    json_put_int(json, "number", shelf->number);
    json_put_string(json, "rule", shelf->rule);
    json_put_string(json, "equipment", shelf->equipment);
    json_put_string(json, "actor", shelf->actor);
    json_put_string(json, "reason", shelf->reason);
    json_put_time(json, "since", shelf->since);
    json_put_time(json, "until", shelf->until);
    json_put_bool(json, "ended", shelf->ended);
    json_put_string(json, "ended_by", or_null(shelf->ended_by));
    json_close(json, '}');
}

const char *marks_permit_state(const struct permit_view *permit)
{
    if (permit->closed.ns != 0)
        return "ended";
    return permit->running ? "running" : "pending";
}

void marks_permit_json(struct json_out *json, const struct permit_view *permit)
{
    json_open(json, '{');
    json_put_int(json, "number", permit->number);
    json_put_string(json, "state", marks_permit_state(permit));
    json_put_string(json, "equipment", permit->draft.equipment);
    json_put_string(json, "place", permit->draft.place);
    json_put_string(json, "class", permit->draft.class_name);
    json_put_int(json, "equipment_count", (int64_t)permit->equipment_count);
    json_put_string(json, "holder", permit->draft.holder);
    json_put_string(json, "reason", permit->draft.reason);
    json_put_string(json, "actor", permit->actor);
    json_put_time(json, "from", permit->draft.from);
    json_put_time(json, "until", permit->draft.until);
    json_put_time(json, "closed", permit->closed);
    json_put_string(json, "closed_by", or_null(permit->closed_by));
    json_put_int(json, "withheld", (int64_t)permit->withheld);
    json_close(json, '}');
}

static void put_cause(struct json_out *json, const struct alarm_view *alarm)
{
    json_key(json, "cause");
    if (alarm->cause_rule[0] == '\0') {
        json_null(json);
        return;
    }
    json_open(json, '{');
    json_put_string(json, "rule", alarm->cause_rule);
    json_put_string(json, "equipment", alarm->cause_equipment);
    put_number(json, "issue_number", alarm->cause_issue);
    json_close(json, '}');
}

void marks_alarm_json(struct json_out *json, const struct web_site *site,
                      const struct alarm_view *alarm)
{
    const struct equipment *equipment = model_equipment(site->model, alarm->equipment);

    json_open(json, '{');
    json_put_string(json, "rule", alarm->rule);
    json_put_string(json, "equipment", alarm->equipment);
    json_put_string(json, "equipment_name", equipment == NULL ? NULL : equipment->name);
    json_put_string(json, "state", alarm_state_name(alarm->alarm.state));
    json_put_time(json, "since", alarm->alarm.since);
    json_put_time(json, "raised", alarm->raised);
    json_put_string(json, "severity", severity_name(alarm->severity));
    json_put_string(json, "standing",
                    alarm->standing == STANDING_NONE ? NULL
                                                     : standing_name(alarm->standing));
    put_cause(json, alarm);
    json_put_string(json, "issue", or_null(alarm->issue));
    put_number(json, "issue_number", alarm->issue_number);
    json_put_time(json, "unknown_since", alarm->unknown_since);
    json_put_bool(json, "chattering", alarm->chattering);
    put_number(json, "shelf", alarm->shelf);
    json_put_time(json, "shelved_until", alarm->shelved_until);
    json_put_bool(json, "withheld", alarm->withheld);
    json_close(json, '}');
}

void marks_symptom_json(struct json_out *json, const struct symptom_view *symptom)
{
    json_open(json, '{');
    json_put_string(json, "rule", symptom->rule);
    json_put_string(json, "equipment", symptom->equipment);
    json_put_string(json, "equipment_name", symptom->equipment_name);
    json_put_time(json, "since", symptom->since);
    json_put_time(json, "until", symptom->until);
    json_put_string(json, "issue", or_null(symptom->issue));
    put_number(json, "issue_number", symptom->issue_number);
    json_put_int(json, "raises", symptom->raises);
    json_close(json, '}');
}

void marks_announcement_members(struct json_out *json,
                                const struct announcement *announcement)
{
    json_put_int(json, "sequence", announcement->sequence);
    json_put_time(json, "time", announcement->time);
    json_put_string(json, "kind", announcement_kind_name(announcement->kind));
    json_put_string(json, "issue", or_null(announcement->issue));
    put_number(json, "issue_number", announcement->issue_number);
    json_put_string(json, "severity", severity_name(announcement->severity));
    json_put_bool(json, "highly_managed", announcement->highly_managed);
    json_put_int(json, "count", announcement->count);
    json_put_string(json, "text", or_null(announcement->text));
}

void marks_announcement_json(struct json_out *json,
                             const struct announcement *announcement)
{
    json_open(json, '{');
    marks_announcement_members(json, announcement);
    json_close(json, '}');
}

int64_t marks_number(const char *text)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' || number < 1 ? 0 : number;
}
