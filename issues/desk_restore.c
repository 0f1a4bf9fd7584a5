/* desk_restore.c - gives the rules engine back what was stored, and ends what it no
 * longer knows. */
#include "issues/desk_core.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

/* The rules that the engine runs, by id. */
struct rule_index {
    struct map *by_id;
    const struct rule_settings **rules;
    size_t count;
    size_t capacity;
};

static void add_rule(void *context, const struct rule_settings *rule, size_t instances,
                     size_t active)
{
    struct rule_index *index = context;

    (void)instances;
    (void)active;
    if (index->count == index->capacity) {
        index->capacity = index->capacity == 0 ? 64 : index->capacity * 2;
        index->rules = mem_resize(index->rules, index->capacity,
                                  sizeof(const struct rule_settings *));
    }
    if (map_put(index->by_id, rule->id, (uint32_t)index->count))
        index->rules[index->count++] = rule;
}

static const struct rule_settings *find_rule(const struct rule_index *index,
                                             const char *id)
{
    uint32_t found = map_get(index->by_id, id);

    return found == MAP_NONE ? NULL : index->rules[found];
}

static int note_on_issue(struct desk *desk, const struct desk_alarm *alarm,
                         const char *text, struct issue_key *key, struct err *err)
{
    const struct issue_note note = {
        .action = ACTION_NOTE,
        .actor = DESK_SYSTEM,
        .text = text,
        .evidence = "",
        .time = desk->turn.now,
    };
    int found = issue_find_number(desk, alarm->data.issue, key, err);

    if (found != 1 || key->status == ISSUE_CLOSED)
        return found;
    return issue_log(desk, key, &note, err) != 0 ? -1 : 1;
}

/* The alarm of a pair that the configuration does not make any more. */
static int end_alarm(struct desk *desk, struct desk_alarm *alarm, struct err *err)
{
    bool active = alarm_is_active(&alarm->data.alarm);
    bool supply = alarm->data.outage;
    const char *text = alarm->unit == NULL
                           ? "the equipment was taken out of the configuration; its "
                             "alarm ended"
                           : "the rule does not watch this equipment any more; its "
                             "alarm ended";
    struct issue_key key;
    int found = active ? note_on_issue(desk, alarm, text, &key, err) : 0;

    if (found < 0)
        return -1;
    if (found == 1 &&
        issue_set_alarm(desk, key.number, false,
                        key.returned.ns != 0 ? key.returned : desk->turn.now, err) != 0)
        return -1;
    if (alarm_delete(desk, alarm, err) != 0)
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
    struct issue_key key;

    if (hash != alarm->data.text_hash && alarm_is_active(&alarm->data.alarm) &&
        note_on_issue(desk, alarm, "the rule was changed; its alarm is judged anew", &key,
                      err) < 0)
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

static enum settling ask_engine(const struct desk_alarm *alarm, struct engine *engine,
                                const struct rule_index *rules)
{
    const struct rule_settings *rule = find_rule(rules, alarm->rule);
    const struct alarm_memory memory = {
        .alarm = alarm->data.alarm,
        .standing = alarm_is_active(&alarm->data.alarm) ? STANDING_ROOT : STANDING_NONE,
        .cause_rule = "",
        .cause_equipment = "",
        .text_hash = alarm->data.text_hash,
    };

    if (!engine_restore(engine, alarm->rule, alarm->equipment, &memory))
        return VANISHED;
    return rule != NULL && alarm->unit != NULL && is_changed(alarm, rule) ? CHANGED
                                                                          : SETTLED;
}

static int settle(struct desk *desk, const enum settling *settling,
                  const struct rule_index *rules, struct err *err)
{
    for (size_t i = 0; i < desk->alarm_count; i++) {
        struct desk_alarm *alarm = desk->alarms[i];
        const struct rule_settings *rule;

        if (settling[i] == VANISHED && end_alarm(desk, alarm, err) != 0)
            return -1;
        if (settling[i] != CHANGED)
            continue;
        rule = find_rule(rules, alarm->rule);
        assert(rule != NULL); /* ask_engine() saw it */
        if (adopt_rule(desk, alarm, rule, err) != 0)
            return -1;
    }
    return 0;
}

/* Nothing to settle is the rule; then a full disk does not matter. */
static int restore(struct desk *desk, struct engine *engine,
                   const struct rule_index *rules, struct wall_time now, struct err *err)
{
    enum settling *settling = mem_array(desk->alarm_count, sizeof *settling);
    size_t unsettled = 0;
    int result = 0;

    for (size_t i = 0; i < desk->alarm_count; i++) {
        settling[i] = ask_engine(desk->alarms[i], engine, rules);
        unsettled += settling[i] == SETTLED ? 0 : 1;
    }
    if (unsettled > 0)
        result = turn_begin(desk, now, err);
    if (unsettled > 0 && result == 0) {
        result = settle(desk, settling, rules, err);
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
    struct rule_index rules = {.by_id = map_new()};
    int result;

    engine_visit_rules(engine, add_rule, &rules);
    (void)pthread_mutex_lock(&desk->mutex);
    result = restore(desk, engine, &rules, now, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    mem_free(rules.rules);
    map_free(rules.by_id);
    return result;
}
