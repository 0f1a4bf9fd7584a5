/* desk_start.c - the start of a run: what is loaded, and what is written about it.
 *
 * Between the last sign of life of the run before and this start nobody watched: every
 * equipment gets a row "unknown, gateway" for that time and a row for what is known now
 * (a failure that was stored goes on, the rest is unknown until it is heard of).
 *
 * These rows go with the first transaction that succeeds, so that a daemon on a full or
 * read-only disk starts all the same.
 */
#include "issues/desk_core.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static const char reason_gateway[] = "gateway";

static int load_totals(struct desk *desk, struct err *err)
{
    static const char next_sql[] = "SELECT coalesce(max(%s), 0) + 1 FROM %s";
    const struct {
        const char *column;
        const char *table;
        int64_t *value;
    } rows[] = {
        {"number", "issue", &desk->totals.next_issue},
        {"sequence", "event", &desk->totals.next_event},
        {"sequence", "equipment_state", &desk->totals.next_state},
        {"number", "symptom", &desk->totals.next_symptom},
        {"sequence", "announcement", &desk->totals.next_announcement},
        {"number", "shelf", &desk->totals.next_shelf},
        {"sequence", "shelf", &desk->totals.next_shelf_row},
        {"number", "permit", &desk->totals.next_permit},
        {"sequence", "permit", &desk->totals.next_permit_row},
        {"id", "run", &desk->run},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char sql[128];

        (void)snprintf(sql, sizeof sql, next_sql, rows[i].column, rows[i].table);
        if (db_read_int(store_db(desk->store), sql, rows[i].value, err) != 0)
            return -1;
    }
    return db_read_int(store_db(desk->store),
                       "SELECT coalesce((SELECT last_alive FROM run "
                       "ORDER BY id DESC LIMIT 1), 0)",
                       &desk->previous_alive.ns, err);
}

static int load_counts(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_UNCLOSED);
    int row;

    while ((row = db_step(query, err)) == 1) {
        struct unit *unit = unit_by_id(desk, db_text(query, 0));
        int severity = store_enum(query, 1, SEVERITY_SERIOUS + 1);
        int64_t count = db_int(query, 2);

        desk->totals.open[severity] += count;
        if (unit != NULL)
            unit->data.open[severity] += (unsigned)count;
    }
    return row;
}

/* Whether the rows of the start have anything to say beside what is in force. After a
 * short run, equipment that was not heard of gets none, so that a daemon that is
 * restarted every few seconds does not fill the disk. */
static int plan_unit(struct desk *desk, struct unit *unit, bool short_run,
                     struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_STATE_LAST);
    struct wall_time last;
    int row;

    db_bind_int(query, 1, unit->key);
    row = db_step(query, err);
    if (row != 1)
        return row;
    unit->add_start_row = !short_run || unit->data.state != STATE_UNKNOWN ||
                          db_int(query, 1) != STATE_UNKNOWN ||
                          strcmp(db_text(query, 2), unit->data.reason) != 0;
    last.ns = db_int(query, 0);
    if (last.ns < desk->previous_alive.ns)
        last = desk->previous_alive;
    if (unit->add_start_row && last.ns < desk->opened.ns)
        unit->gateway_row = last;
    db_reset(query);
    return 0;
}

/* The stored key and the state to start with. */
static int load_unit(struct desk *desk, struct unit *unit, int64_t *next_key,
                     bool short_run, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EQUIPMENT_GET);
    const struct desk_alarm *source;
    bool retired = false;
    int row;

    db_bind_text(query, 1, unit->equipment->id);
    row = db_step(query, err);
    if (row < 0)
        return -1;
    unit->key = row == 1 ? db_int(query, 0) : (*next_key)++;
    retired = row == 1 && db_int(query, 1) != 0;
    db_reset(query);
    unit_derive(desk, unit, &unit->data.state, &unit->data.reason, &source);
    unit->data.since = source != NULL ? source->data.raised : desk->opened;
    unit->add_start_row = true;
    return row == 0 || retired ? 0 : plan_unit(desk, unit, short_run, err);
}

static int find_short_run(struct desk *desk, bool *short_run, struct err *err)
{
    int64_t length = 0;

    if (db_read_int(store_db(desk->store),
                    "SELECT coalesce((SELECT last_alive - start FROM run "
                    "ORDER BY id DESC LIMIT 1), 0)",
                    &length, err) != 0)
        return -1;
    *short_run = length < DESK_SHORT_RUN_MS * CLOCK_MS;
    return 0;
}

static int load_unlogged(struct desk *desk, struct err *err)
{
    return db_read_int(store_db(desk->store),
                       "SELECT count(*) FROM symptom WHERE logged = 0 "
                       "AND issue IS NOT NULL",
                       &desk->totals.unlogged, err);
}

int desk_load(struct desk *desk, struct err *err)
{
    int64_t next_key;
    bool short_run;

    if (load_totals(desk, err) != 0 || alarm_load_all(desk, err) != 0 ||
        symptom_load(desk, err) != 0 || announce_load(desk, err) != 0 ||
        shelf_load(desk, err) != 0 || permit_load(desk, err) != 0 ||
        load_unlogged(desk, err) != 0 || load_counts(desk, err) != 0 ||
        find_short_run(desk, &short_run, err) != 0 ||
        db_read_int(store_db(desk->store),
                    "SELECT coalesce(max(key), 0) + 1 FROM equipment", &next_key,
                    err) != 0)
        return -1;
    for (size_t i = 0; i < desk->model->equipment_count; i++)
        if (load_unit(desk, &desk->units[i], &next_key, short_run, err) != 0)
            return -1;
    return 0;
}

static int write_run(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_META_PUT);

    db_bind_text(query, 1, "site");
    db_bind_text(query, 2, desk->model->site_id);
    if (db_execute(query, err) != 0)
        return -1;
    query = desk_query(desk, STORE_RUN_ADD);
    db_bind_int(query, 1, desk->run);
    db_bind_int(query, 2, desk->opened.ns);
    return db_execute(query, err);
}

static int put_equipment(struct desk *desk, const struct unit *unit, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EQUIPMENT_PUT);

    db_bind_int(query, 1, unit->key);
    db_bind_text(query, 2, unit->equipment->id);
    db_bind_text(query, 3, unit->equipment->name);
    db_bind_text(query, 4, unit->equipment->class_name);
    db_bind_text(query, 5, unit->equipment->place);
    return db_execute(query, err);
}

static int write_unit(struct desk *desk, const struct unit *unit, struct err *err)
{
    const struct state_row gap = {
        .equipment = unit->key,
        .time = unit->gateway_row,
        .state = STATE_UNKNOWN,
        .reason = reason_gateway,
    };
    struct state_row start = {.equipment = unit->key, .time = desk->opened};
    const struct desk_alarm *source;

    if (put_equipment(desk, unit, err) != 0)
        return -1;
    if (unit->gateway_row.ns != 0 && unit_store_state(desk, &gap, err) != 0)
        return -1;
    if (!unit->add_start_row)
        return 0;
    unit_derive(desk, unit, &start.state, &start.reason, &source);
    start.issue = source == NULL ? 0 : source->data.issue;
    return unit_store_state(desk, &start, err);
}

/* Equipment that is configured no longer was in scope until the last sign of life. */
static int retire_one(struct desk *desk, int64_t key, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EQUIPMENT_RETIRE);
    const struct state_row row = {
        .equipment = key,
        .time = desk->previous_alive,
        .state = STATE_UNKNOWN,
        .reason = DESK_REASON_RETIRED,
    };

    db_bind_int(query, 1, key);
    return db_execute(query, err) != 0 ? -1 : unit_store_state(desk, &row, err);
}

static int find_gone(struct desk *desk, int64_t **keys, size_t *count, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EQUIPMENT_PRESENT);
    size_t capacity = 0;
    int row;

    while ((row = db_step(query, err)) == 1) {
        if (unit_by_id(desk, db_text(query, 1)) != NULL)
            continue;
        if (*count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            *keys = mem_resize(*keys, capacity, sizeof **keys);
        }
        (*keys)[(*count)++] = db_int(query, 0);
    }
    return row;
}

static int retire_gone(struct desk *desk, struct err *err)
{
    int64_t *keys = NULL;
    size_t count = 0;
    int result = find_gone(desk, &keys, &count, err);

    for (size_t i = 0; i < count && result == 0; i++)
        result = retire_one(desk, keys[i], err);
    mem_free(keys);
    return result;
}

int desk_write_start(struct desk *desk, struct err *err)
{
    if (write_run(desk, err) != 0 || retire_gone(desk, err) != 0)
        return -1;
    for (size_t i = 0; i < desk->model->equipment_count; i++)
        if (write_unit(desk, &desk->units[i], err) != 0)
            return -1;
    return 0;
}
