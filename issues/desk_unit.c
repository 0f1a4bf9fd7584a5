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
static const char reason_permit[] = "permit";

enum {
    SUPPLY_DEPTH_MAX = 16, /* steps of supply; buildings have five */
};

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

/* Whether it says that a supply is out. What only waits for its own cause does not yet,
 * and the symptom of lost communication says nothing. */
static bool is_outage(const struct desk_alarm *alarm)
{
    const struct desk_alarm_data *data = &alarm->data;

    if (!data->outage || !alarm_is_active(&data->alarm))
        return false;
    if (data->standing == STANDING_SYMPTOM)
        return data->cause != NULL && data->cause->data.outage;
    return data->standing == STANDING_ROOT;
}

/* An active outage on what feeds the unit, over several steps, or NULL. */
static const struct desk_alarm *find_outage(struct desk *desk, const struct unit *unit,
                                            int depth)
{
    const struct relation *power = model_relation(unit->equipment, reason_power);

    for (size_t i = 0; depth > 0 && power != NULL && i < power->count; i++) {
        struct unit *supplier = &desk->units[power->equipment[i]];
        const struct desk_alarm *alarm = supplier->alarms;

        if (supplier->visit == desk->visit)
            continue;
        supplier->visit = desk->visit;
        while (alarm != NULL && !is_outage(alarm))
            alarm = alarm->next;
        if (alarm == NULL)
            alarm = find_outage(desk, supplier, depth - 1);
        if (alarm != NULL)
            return alarm;
    }
    return NULL;
}

/* What its alarms say, each sort by the one that has been active longest. */
struct findings {
    const struct desk_alarm *failure;
    const struct desk_alarm *other;
    const struct desk_alarm *outage; /* that explains one of them */
};

static void judge(const struct desk_alarm *alarm, struct findings *found)
{
    const struct desk_alarm_data *data = &alarm->data;

    if (alarm->comm || !alarm_is_active(&data->alarm) ||
        data->standing == STANDING_WAITING)
        return;
    if (data->standing == STANDING_SYMPTOM && data->cause != NULL &&
        is_outage(data->cause))
        found->outage = elder(found->outage, data->cause);
    if (data->failure && data->standing == STANDING_ROOT)
        found->failure = elder(found->failure, alarm);
    else
        found->other = elder(found->other, alarm);
}

void unit_derive(struct desk *desk, const struct unit *unit, enum equipment_state *state,
                 const char **reason, const struct desk_alarm **source)
{
    struct findings found = {0};
    struct state_inputs inputs;

    for (const struct desk_alarm *alarm = unit->alarms; alarm != NULL;
         alarm = alarm->next)
        judge(alarm, &found);
    if (found.outage == NULL) {
        desk->visit++;
        found.outage = find_outage(desk, unit, SUPPLY_DEPTH_MAX);
    }
    inputs = (struct state_inputs){
        .failures = found.failure != NULL,
        .others = found.other != NULL,
        .external = found.outage != NULL,
        .planned = unit->data.permits > 0,
        .observed = unit->data.reported && unit->data.online,
    };
    *state = state_derive(&inputs);
    *source = *state == STATE_FAULT      ? found.failure
              : *state == STATE_EXTERNAL ? found.outage
              : *state == STATE_DEGRADED ? found.other
                                         : NULL;
    if (*state == STATE_EXTERNAL)
        *reason = reason_power;
    else if (*state == STATE_PLANNED)
        *reason = reason_permit;
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

/* From when to when something became true, and became known. */
struct late {
    struct wall_time earliest;
    struct wall_time time;
};

static int update_one(struct desk *desk, struct unit *unit, const struct late *late,
                      struct err *err)
{
    struct state_row row = {.equipment = unit->key, .time = late->earliest};
    const struct desk_alarm *source;

    unit_derive(desk, unit, &row.state, &row.reason, &source);
    if (row.state == unit->data.state && strcmp(row.reason, unit->data.reason) == 0)
        return 0;
    if (late->earliest.ns < late->time.ns && unit->data.since.ns > row.time.ns)
        row.time = unit->data.since.ns < late->time.ns ? unit->data.since : late->time;
    turn_save(desk, &unit->data, sizeof unit->data);
    if (row.state != unit->data.state)
        unit->data.since = row.time;
    unit->data.state = row.state;
    unit->data.reason = row.reason;
    row.issue = source == NULL ? 0 : source->data.issue;
    stage_state(desk, unit, source, row.time);
    return unit_store_state(desk, &row, err);
}

/* All that it supplies, over several steps. */
static int update_supplied(struct desk *desk, struct unit *unit, uint32_t walk,
                           const struct late *late, int depth, struct err *err)
{
    for (size_t i = 0; depth > 0 && i < unit->dependent_count; i++) {
        struct unit *supplied = unit->dependents[i];

        if (supplied->walk == walk)
            continue;
        supplied->walk = walk;
        if (update_one(desk, supplied, late, err) != 0 ||
            update_supplied(desk, supplied, walk, late, depth - 1, err) != 0)
            return -1;
    }
    return 0;
}

/* Those whose alarms an alarm of this unit explains. */
static int update_explained(struct desk *desk, const struct unit *unit,
                            const struct late *late, struct err *err)
{
    for (size_t i = 0; i < desk->alarm_count; i++) {
        const struct desk_alarm *alarm = desk->alarms[i];

        if (alarm->data.cause != NULL && alarm->data.cause->unit == unit &&
            alarm->unit != NULL && update_one(desk, alarm->unit, late, err) != 0)
            return -1;
    }
    return 0;
}

int unit_update_late(struct desk *desk, struct unit *unit, bool supply,
                     struct wall_time earliest, struct wall_time time, struct err *err)
{
    const struct late late = {earliest, time};

    if (update_one(desk, unit, &late, err) != 0)
        return -1;
    if (!supply)
        return 0;
    unit->walk = ++desk->walk;
    return update_supplied(desk, unit, desk->walk, &late, SUPPLY_DEPTH_MAX, err) != 0
               ? -1
               : update_explained(desk, unit, &late, err);
}

int unit_update(struct desk *desk, struct unit *unit, bool supply, struct wall_time time,
                struct err *err)
{
    return unit_update_late(desk, unit, supply, time, time, err);
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
