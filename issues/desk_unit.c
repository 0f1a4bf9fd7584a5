/* desk_unit.c - the state of equipment, and what changes it.
 *
 * The state is derived anew from the unit's own short list of alarms each time something
 * touches it, so that there are no counters that could drift. A change of the reason
 * alone is stored too: a report tells a second mode of failure from the first by it.
 */
#include "issues/desk_core.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char reason_startup[] = "startup";
static const char reason_comm[] = "comm";
static const char reason_probe[] = "probe"; /* what answers is not what it should be */
static const char reason_power[] = "power";

struct unit *unit_by_id(const struct desk *desk, const char *id)
{
    const struct equipment *equipment = model_equipment(desk->model, id);

    return equipment == NULL ? NULL : &desk->units[equipment->index];
}

/* The alarm that has been active longest among those of one sort. */
static const struct desk_alarm *elder(const struct desk_alarm *a,
                                      const struct desk_alarm *b)
{
    return a == NULL || b->data.raised.ns < a->data.raised.ns ? b : a;
}

/* An active outage on what feeds the unit, or NULL. */
static const struct desk_alarm *find_outage(const struct desk *desk,
                                            const struct unit *unit)
{
    const struct relation *power = model_relation(unit->equipment, reason_power);

    for (size_t i = 0; power != NULL && i < power->count; i++) {
        const struct desk_alarm *alarm = desk->units[power->equipment[i]].alarms;

        for (; alarm != NULL; alarm = alarm->next)
            if (alarm->data.outage && alarm_is_active(&alarm->data.alarm))
                return alarm;
    }
    return NULL;
}

void unit_derive(const struct desk *desk, const struct unit *unit,
                 enum equipment_state *state, const char **reason,
                 const struct desk_alarm **source)
{
    const struct desk_alarm *failure = NULL;
    const struct desk_alarm *other = NULL;
    const struct desk_alarm *outage = find_outage(desk, unit);
    struct state_inputs inputs = {
        .external = outage != NULL,
        .observed = unit->data.reported && unit->data.online,
    };

    for (const struct desk_alarm *alarm = unit->alarms; alarm != NULL;
         alarm = alarm->next) {
        if (alarm->comm || !alarm_is_active(&alarm->data.alarm))
            continue;
        if (alarm->data.failure)
            failure = elder(failure, alarm);
        else
            other = elder(other, alarm);
    }
    inputs.failures = failure != NULL;
    inputs.others = other != NULL;
    *state = state_derive(&inputs);
    *source = *state == STATE_FAULT      ? failure
              : *state == STATE_EXTERNAL ? outage
              : *state == STATE_DEGRADED ? other
                                         : NULL;
    if (*state == STATE_EXTERNAL)
        *reason = reason_power;
    else if (*state == STATE_UNKNOWN)
        *reason = !unit->data.reported ? reason_startup
                  : unit->data.misfit  ? reason_probe
                                       : reason_comm;
    else
        *reason = *source == NULL ? "" : (*source)->rule;
}

int unit_store_state(struct desk *desk, const struct state_row *row, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_STATE_ADD);

    db_bind_int(query, 1, desk->totals.next_state++);
    db_bind_int(query, 2, row->equipment);
    db_bind_int(query, 3, row->time.ns);
    db_bind_int(query, 4, row->state);
    db_bind_text(query, 5, row->reason);
    if (row->issue != 0)
        db_bind_int(query, 6, row->issue);
    return db_execute(query, err);
}

static void stage_state(struct desk *desk, const struct unit *unit,
                        const struct desk_alarm *source, struct wall_time time)
{
    struct feed_event event = {
        .time = time,
        .kind = FEED_STATE,
        .equipment = unit->equipment->index,
        .state = unit->data.state,
    };

    (void)snprintf(event.reason, sizeof event.reason, "%s", unit->data.reason);
    if (source != NULL) {
        (void)snprintf(event.issue, sizeof event.issue, "%s", source->data.issue_id);
        (void)snprintf(event.rule, sizeof event.rule, "%s", source->rule);
    }
    feed_stage(desk, &event);
}

static int update_one(struct desk *desk, struct unit *unit, struct wall_time time,
                      struct err *err)
{
    struct state_row row = {.equipment = unit->key, .time = time};
    const struct desk_alarm *source;

    unit_derive(desk, unit, &row.state, &row.reason, &source);
    if (row.state == unit->data.state && strcmp(row.reason, unit->data.reason) == 0)
        return 0;
    turn_save(desk, &unit->data, sizeof unit->data);
    if (row.state != unit->data.state)
        unit->data.since = time;
    unit->data.state = row.state;
    unit->data.reason = row.reason;
    row.issue = source == NULL ? 0 : source->data.issue;
    stage_state(desk, unit, source, time);
    return unit_store_state(desk, &row, err);
}

int unit_update(struct desk *desk, struct unit *unit, bool supply, struct wall_time time,
                struct err *err)
{
    if (update_one(desk, unit, time, err) != 0)
        return -1;
    for (size_t i = 0; supply && i < unit->dependent_count; i++)
        if (update_one(desk, unit->dependents[i], time, err) != 0)
            return -1;
    return 0;
}

int unit_set_online(struct desk *desk, struct unit *unit,
                    const struct online_change *change, struct err *err)
{
    turn_save(desk, &unit->data, sizeof unit->data);
    unit->data.reported = true;
    unit->data.online = change->online;
    unit->data.misfit = change->misfit;
    return unit_update(desk, unit, false, change->time, err);
}

void desk_state(struct desk *desk, uint32_t equipment, struct state_view *view)
{
    const struct unit_data *data = &desk->units[equipment].data;

    assert(equipment < desk->model->equipment_count);
    (void)pthread_mutex_lock(&desk->mutex);
    *view = (struct state_view){
        .state = data->state,
        .since = data->since,
        .reason = data->reason,
        .open_issues = data->open[0] + data->open[1] + data->open[2],
        .worst_severity = -1,
    };
    for (int i = 0; i < 3; i++)
        if (data->open[i] > 0)
            view->worst_severity = i;
    (void)pthread_mutex_unlock(&desk->mutex);
}
