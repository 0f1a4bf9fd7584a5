/* desk_view.c - how alarms are to people now, from memory. */
#include "issues/desk_marks.h"

#include <string.h>

static struct alarm_view view_of(const struct desk_alarm *alarm)
{
    const struct desk_alarm_data *data = &alarm->data;
    struct alarm_view view = {
        .rule = alarm->rule,
        .equipment = alarm->equipment,
        .alarm = data->alarm,
        .standing = data->standing,
        .cause_rule = data->cause == NULL ? "" : data->cause->rule,
        .cause_equipment = data->cause == NULL ? "" : data->cause->equipment,
        .issue_number = data->issue,
        .cause_issue =
            data->cause != NULL && data->cause->data.told ? data->cause->data.issue : 0,
        .severity = data->severity,
        .raised = data->raised,
        .unknown_since = data->unknown_since,
        .chattering = data->chatter.active,
        .withheld = alarm_is_withheld(alarm),
        .shelved = alarm->shelf != NULL,
    };

    memcpy(view.issue, data->issue_id, sizeof view.issue);
    if (alarm->shelf != NULL) {
        view.shelf = alarm->shelf->number;
        view.shelved_until = alarm->shelf->data.until;
    }
    return view;
}

bool desk_alarm_view(struct desk *desk, const char *rule, const char *equipment,
                     struct alarm_view *view)
{
    const struct desk_alarm *alarm;
    bool was_active = false;

    (void)pthread_mutex_lock(&desk->mutex);
    alarm = alarm_find(desk, rule, equipment);
    was_active = alarm != NULL && (alarm->data.alarm.activation > 0 ||
                                   alarm->data.issue != 0 || alarm->shelf != NULL);
    if (was_active)
        *view = view_of(alarm);
    (void)pthread_mutex_unlock(&desk->mutex);
    return was_active;
}

void desk_active_alarms(struct desk *desk, desk_alarm_visit *visit, void *context)
{
    (void)pthread_mutex_lock(&desk->mutex);
    for (size_t i = 0; i < desk->alarm_count; i++) {
        const struct desk_alarm *alarm = desk->alarms[i];
        struct alarm_view view;

        if (!alarm_is_active(&alarm->data.alarm) && alarm->shelf == NULL &&
            !alarm->data.chatter.active)
            continue;
        view = view_of(alarm);
        visit(context, &view);
    }
    (void)pthread_mutex_unlock(&desk->mutex);
}
