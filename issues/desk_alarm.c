/* desk_alarm.c - alarms in memory and on disk. */
#include "issues/desk_core.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Loss of communication says nothing about the equipment; it makes it unknown through
 * its "online" point. */
static bool is_comm_rule(const char *rule)
{
    return strcmp(rule, "equipment.comm_lost") == 0 || strcmp(rule, "link.down") == 0;
}

/* Ids hold no control characters, so the two cannot run into each other. */
static char *pair_name(const char *rule, const char *equipment)
{
    return mem_format("%s\n%s", rule, equipment);
}

static struct desk_alarm *alarm_new(struct desk *desk, const char *rule,
                                    const char *equipment)
{
    struct desk_alarm *alarm = mem_alloc(sizeof *alarm);

    alarm->rule = mem_strdup(rule);
    alarm->equipment = mem_strdup(equipment);
    alarm->comm = is_comm_rule(rule);
    alarm->unit = unit_by_id(desk, equipment);
    if (alarm->unit != NULL) {
        alarm->next = alarm->unit->alarms;
        alarm->unit->alarms = alarm;
    }
    if (desk->alarm_count == desk->alarm_capacity) {
        desk->alarm_capacity = desk->alarm_capacity == 0 ? 64 : desk->alarm_capacity * 2;
        desk->alarms =
            mem_resize(desk->alarms, desk->alarm_capacity, sizeof(struct desk_alarm *));
    }
    desk->alarms[desk->alarm_count++] = alarm;
    return alarm;
}

struct desk_alarm *alarm_take(struct desk *desk, const char *rule, const char *equipment)
{
    char *name = pair_name(rule, equipment);
    uint32_t found = map_get(desk->alarm_index, name);
    struct desk_alarm *alarm;

    if (found != MAP_NONE) {
        alarm = desk->alarms[found];
    } else {
        (void)map_put(desk->alarm_index, name, (uint32_t)desk->alarm_count);
        alarm = alarm_new(desk, rule, equipment);
    }
    mem_free(name);
    return alarm;
}

struct desk_alarm *alarm_find(const struct desk *desk, const char *rule,
                              const char *equipment)
{
    char *name = pair_name(rule, equipment);
    uint32_t found = map_get(desk->alarm_index, name);

    mem_free(name);
    return found == MAP_NONE ? NULL : desk->alarms[found];
}

bool alarm_is_withheld(const struct desk_alarm *alarm)
{
    return alarm->unit != NULL && alarm->unit->data.permits > 0 &&
           alarm_is_active(&alarm->data.alarm) && alarm->data.standing == STANDING_ROOT &&
           !alarm->data.told && !alarm_is_highly_managed(alarm);
}

/* ---- rules, by id ---- */

void rule_learn(struct desk *desk, const struct rule_settings *rule)
{
    if (!map_put(desk->rule_index, rule->id, (uint32_t)desk->rule_count))
        return;
    if (desk->rule_count == desk->rule_capacity) {
        desk->rule_capacity = desk->rule_capacity == 0 ? 64 : desk->rule_capacity * 2;
        desk->rules = mem_resize((void *)desk->rules, desk->rule_capacity,
                                 sizeof(const struct rule_settings *));
    }
    desk->rules[desk->rule_count++] = rule;
}

const struct rule_settings *rule_known(const struct desk *desk, const char *id)
{
    uint32_t found = map_get(desk->rule_index, id);

    return found == MAP_NONE ? NULL : desk->rules[found];
}

/* ---- the file ---- */

void alarm_mark_dirty(struct desk *desk, struct desk_alarm *alarm)
{
    struct desk_turn *turn = &desk->turn;

    alarm->data.dirty = true;
    if (alarm->listed)
        return;
    alarm->listed = true;
    if (turn->dirty_count == turn->dirty_capacity) {
        turn->dirty_capacity = turn->dirty_capacity == 0 ? 64 : turn->dirty_capacity * 2;
        turn->dirty =
            mem_resize(turn->dirty, turn->dirty_capacity, sizeof(struct desk_alarm *));
    }
    turn->dirty[turn->dirty_count++] = alarm;
}

static void bind_chatter(struct db_query *query, int parameter,
                         const struct chatter *chatter)
{
    struct text text;

    text_init(&text, CHATTER_TEXT_MAX);
    chatter_print(chatter, &text);
    db_bind_text(query, parameter, text.data);
    text_done(&text);
}

static int alarm_store(struct desk *desk, const struct desk_alarm *alarm, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ALARM_PUT);
    const struct desk_alarm_data *data = &alarm->data;

    db_bind_text(query, 1, alarm->rule);
    db_bind_text(query, 2, alarm->equipment);
    db_bind_int(query, 3, data->alarm.state);
    db_bind_int(query, 4, data->alarm.unknown ? 1 : 0);
    db_bind_int(query, 5, data->alarm.observed_ms);
    db_bind_int(query, 6, data->alarm.unknown_ms);
    db_bind_int(query, 7, (int64_t)data->alarm.activation);
    db_bind_int(query, 8, data->alarm.since.ns);
    db_bind_int(query, 9, data->raised.ns);
    db_bind_int(query, 10, data->failure ? 1 : 0);
    db_bind_int(query, 11, data->outage ? 1 : 0);
    db_bind_int(query, 12, (int64_t)data->text_hash);
    if (data->issue != 0)
        db_bind_int(query, 13, data->issue);
    db_bind_int(query, 14, data->alarm.level);
    db_bind_int(query, 15, data->alarm.level_next);
    db_bind_int(query, 16, data->alarm.level_ms);
    db_bind_int(query, 17, data->unknown_since.ns);
    db_bind_int(query, 18, data->severity);
    db_bind_int(query, 19, data->standing);
    db_bind_text(query, 20, data->cause == NULL ? "" : data->cause->rule);
    db_bind_text(query, 21, data->cause == NULL ? "" : data->cause->equipment);
    bind_chatter(query, 22, &data->chatter);
    db_bind_int(query, 23, data->told ? 1 : 0);
    db_bind_int(query, 24, data->announced ? 1 : 0);
    db_bind_int(query, 25, data->told_severity);
    return db_execute(query, err);
}

int alarm_store_dirty(struct desk *desk, struct err *err)
{
    for (size_t i = 0; i < desk->turn.dirty_count; i++) {
        const struct desk_alarm *alarm = desk->turn.dirty[i];

        if (alarm->data.dirty && alarm_store(desk, alarm, err) != 0)
            return -1;
    }
    return 0;
}

int alarm_delete(struct desk *desk, struct desk_alarm *alarm, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ALARM_DELETE);

    turn_save(desk, &alarm->data, sizeof alarm->data);
    alarm->data = (struct desk_alarm_data){0}; /* normal, and nothing left to store */
    db_bind_text(query, 1, alarm->equipment);
    db_bind_text(query, 2, alarm->rule);
    return db_execute(query, err);
}

static void read_alarm(struct desk *desk, struct db_query *query,
                       struct desk_alarm_data *data)
{
    *data = (struct desk_alarm_data){
        .alarm =
            {
                .state = (enum alarm_state)store_enum(query, 2, ALARM_LATCHED + 1),
                .unknown = db_int(query, 3) != 0,
                .observed_ms = db_int(query, 4),
                .unknown_ms = db_int(query, 5),
                .activation = (uint64_t)db_int(query, 6),
                .since = {db_int(query, 7)},
                .raised = {db_int(query, 8)},
                .level = (uint8_t)store_enum(query, 14, RULE_LEVELS_MAX),
                .level_next = (uint8_t)store_enum(query, 15, RULE_LEVELS_MAX),
                .level_ms = db_int(query, 16),
            },
        .raised = {db_int(query, 8)},
        .failure = db_int(query, 9) != 0,
        .outage = db_int(query, 10) != 0,
        .text_hash = (uint64_t)db_int(query, 11),
        .issue = db_int(query, 12), /* NULL reads as 0 */
        .unknown_since = {db_int(query, 17)},
        .severity = (enum severity)store_enum(query, 18, SEVERITY_SERIOUS + 1),
        .standing = (enum standing)store_enum(query, 19, STANDING_REPROVE + 1),
        .told = db_int(query, 23) != 0,
        .announced = db_int(query, 24) != 0,
        .told_severity = (enum severity)store_enum(query, 25, SEVERITY_SERIOUS + 1),
    };
    if (db_text(query, 20)[0] != '\0')
        data->cause = alarm_take(desk, db_text(query, 20), db_text(query, 21));
    (void)chatter_parse(&data->chatter, db_text(query, 22)); /* nonsense: a quiet one */
    (void)snprintf(data->issue_id, sizeof data->issue_id, "%s", db_text(query, 13));
}

int alarm_load_all(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ALARM_ALL);
    int row;

    while ((row = db_step(query, err)) == 1) {
        struct desk_alarm *alarm = alarm_take(desk, db_text(query, 0), db_text(query, 1));

        read_alarm(desk, query, &alarm->data);
    }
    return row;
}

void alarm_free_all(struct desk *desk)
{
    for (size_t i = 0; i < desk->alarm_count; i++) {
        mem_free(desk->alarms[i]->rule);
        mem_free(desk->alarms[i]->equipment);
        mem_free(desk->alarms[i]);
    }
    mem_free(desk->alarms);
}
