/* desk_issue.c - issues and their event log. */
#include "issues/desk_core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Columns as in ISSUE_KEY of store_sql.c. */
int issue_find(struct db_query *query, struct issue_key *key, struct err *err)
{
    int row = db_step(query, err);

    if (row != 1)
        return row;
    *key = (struct issue_key){
        .number = db_int(query, 0),
        .status = (enum issue_status)store_enum(query, 2, ISSUE_STATUS_COUNT),
        .severity = (enum severity)store_enum(query, 3, SEVERITY_SERIOUS + 1),
        .category = (enum category)store_enum(query, 4, CATEGORY_SERVICE + 1),
        .returned = {db_int(query, 7)},
        .attached = db_int(query, 8), /* NULL reads as 0 */
        .severity_set = store_enum(query, 9, SEVERITY_SERIOUS + 1),
    };
    if (db_int(query, 9) < 0)
        key->severity_set = -1;
    (void)snprintf(key->id, sizeof key->id, "%s", db_text(query, 1));
    (void)snprintf(key->equipment, sizeof key->equipment, "%s", db_text(query, 5));
    (void)snprintf(key->rule, sizeof key->rule, "%s", db_text(query, 6));
    db_reset(query);
    return 1;
}

int issue_find_number(struct desk *desk, int64_t number, struct issue_key *key,
                      struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_BY_NUMBER);

    db_bind_int(query, 1, number);
    return issue_find(query, key, err);
}

int64_t issue_number_of(const char *name)
{
    size_t digits = strspn(name + 1, "0123456789");

    /* "#12 and #13" is not 12; what is out of range is nobody's number either. */
    return name[1 + digits] == '\0' ? strtoll(name + 1, NULL, 10) : 0;
}

int issue_find_name(struct desk *desk, const char *name, struct issue_key *key,
                    struct err *err)
{
    struct db_query *query;

    if (name[0] == '#')
        return issue_find_number(desk, issue_number_of(name), key, err);
    query = desk_query(desk, STORE_ISSUE_BY_ID);
    db_bind_text(query, 1, name);
    return issue_find(query, key, err);
}

static void make_id(struct desk *desk, char id[DESK_ID_SIZE])
{
    unsigned char fresh[ULID_RANDOM];
    char ulid[ULID_SIZE];

    /* So few bytes are never cut short; a signal may only interrupt the wait for the
     * first entropy after boot. */
    while (getrandom(fresh, sizeof fresh, 0) != (ssize_t)sizeof fresh && errno == EINTR)
        ;
    ulid_make(&desk->ulid, desk->turn.now.ns / CLOCK_MS, fresh, ulid);
    (void)snprintf(id, DESK_ID_SIZE, "%.64s-%s", desk->model->site_id, ulid);
}

/* Counts an unclosed issue in (+1) or out (-1). */
static void count_open(struct desk *desk, const struct issue_key *key, int by)
{
    struct unit *unit = unit_by_id(desk, key->equipment);

    desk->totals.open[key->severity] += by;
    if (unit == NULL)
        return;
    turn_save(desk, &unit->data, sizeof unit->data);
    unit->data.open[key->severity] += (unsigned)by;
}

static void stage_event(struct desk *desk, const struct issue_key *key,
                        const struct issue_note *note)
{
    const struct unit *unit = unit_by_id(desk, key->equipment);
    struct feed_event event = {
        .time = note->time,
        .kind = FEED_ISSUE,
        .equipment = unit == NULL ? MODEL_NONE : unit->equipment->index,
        .state = unit == NULL ? STATE_UNKNOWN : unit->data.state,
        .action = note->action,
        .status = key->status,
        .severity = key->severity,
        .category = key->category,
    };

    (void)snprintf(event.issue, sizeof event.issue, "%s", key->id);
    (void)snprintf(event.rule, sizeof event.rule, "%.79s", key->rule);
    feed_stage(desk, &event);
}

static int add_event(struct desk *desk, const struct issue_key *key,
                     const struct issue_note *note, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EVENT_ADD);

    db_bind_int(query, 1, desk->totals.next_event++);
    db_bind_int(query, 2, key->number);
    db_bind_int(query, 3, note->time.ns);
    db_bind_int(query, 4, note->action);
    db_bind_text(query, 5, note->actor);
    db_bind_text(query, 6, note->text);
    db_bind_text(query, 7, note->evidence);
    db_bind_int(query, 8, key->status);
    stage_event(desk, key, note);
    return db_execute(query, err);
}

static int insert_issue(struct desk *desk, const struct issue_view *row,
                        const struct issue_key *key, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_ADD);

    db_bind_int(query, 1, key->number);
    db_bind_text(query, 2, key->id);
    db_bind_int(query, 3, key->status);
    db_bind_int(query, 4, key->severity);
    db_bind_int(query, 5, key->category);
    db_bind_text(query, 6, row->kind);
    db_bind_text(query, 7, row->source);
    db_bind_text(query, 8, row->rule);
    db_bind_text(query, 9, row->equipment);
    db_bind_text(query, 10, row->equipment_name);
    db_bind_text(query, 11, row->class_name);
    db_bind_text(query, 12, row->place);
    db_bind_text(query, 13, row->title_en);
    db_bind_text(query, 14, row->title_zh);
    db_bind_text(query, 15, row->advice_en);
    db_bind_text(query, 16, row->advice_zh);
    db_bind_text(query, 17, row->evidence);
    db_bind_int(query, 18, row->opened.ns);
    db_bind_int(query, 19, row->alarm_active ? 1 : 0);
    return db_execute(query, err);
}

int issue_add(struct desk *desk, const struct issue_view *row,
              const struct issue_note *note, struct issue_key *key, struct err *err)
{
    *key = (struct issue_key){
        .number = desk->totals.next_issue++,
        .status = ISSUE_OPEN,
        .severity = row->severity,
        .category = row->category,
        .severity_set = -1,
    };
    make_id(desk, key->id);
    (void)snprintf(key->equipment, sizeof key->equipment, "%s", row->equipment);
    (void)snprintf(key->rule, sizeof key->rule, "%s", row->rule);
    if (insert_issue(desk, row, key, err) != 0)
        return -1;
    count_open(desk, key, 1);
    return add_event(desk, key, note, err);
}

int issue_log(struct desk *desk, struct issue_key *key, const struct issue_note *note,
              struct err *err)
{
    bool was_open = key->status != ISSUE_CLOSED;
    bool is_open;
    struct db_query *query;

    if (issue_next(key->status, note->action, &key->status, err) != 0)
        return -1;
    is_open = key->status != ISSUE_CLOSED;
    if (was_open != is_open)
        count_open(desk, key, is_open ? 1 : -1);
    query = desk_query(desk, STORE_ISSUE_STEP);
    db_bind_int(query, 1, key->number);
    db_bind_int(query, 2, key->status);
    db_bind_int(query, 3, note->time.ns);
    return db_execute(query, err) != 0 ? -1 : add_event(desk, key, note, err);
}

int issue_set_severity(struct desk *desk, struct issue_key *key, enum severity severity,
                       int by_person, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_SEVERITY);

    /* The life cycle allows this for unclosed issues only. */
    count_open(desk, key, -1);
    key->severity = severity;
    key->severity_set = by_person;
    count_open(desk, key, 1);
    db_bind_int(query, 1, key->number);
    db_bind_int(query, 2, severity);
    db_bind_int(query, 3, by_person);
    return db_execute(query, err);
}

int issue_set_attached(struct desk *desk, struct issue_key *key, int64_t head,
                       struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_ATTACH);

    key->attached = head;
    db_bind_int(query, 1, key->number);
    if (head != 0)
        db_bind_int(query, 2, head);
    return db_execute(query, err);
}

static int find_pair(struct desk *desk, enum store_query which, const char *rule,
                     const char *equipment, struct issue_key *key, struct err *err)
{
    struct db_query *query = desk_query(desk, which);

    db_bind_text(query, 1, equipment);
    db_bind_text(query, 2, rule);
    return issue_find(query, key, err);
}

/* NOLINTNEXTLINE(readability-function-size): the pair, the time and what is found */
int issue_find_same(struct desk *desk, const char *rule, const char *equipment,
                    struct wall_time time, struct issue_key *key, struct err *err)
{
    int found = find_pair(desk, STORE_ISSUE_OPEN_OF, rule, equipment, key, err);

    if (found != 0)
        return found;
    found = find_pair(desk, STORE_ISSUE_LAST_OF, rule, equipment, key, err);
    if (found != 1)
        return found;
    if (key->returned.ns == 0) /* closed while active, or a symptom until now */
        return key->attached != 0 ? 1 : 0;
    return wall_diff_ms(time, key->returned) < DESK_RECURRENCE_MS ? 1 : 0;
}

int issue_set_alarm(struct desk *desk, int64_t number, bool active,
                    struct wall_time returned, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_ALARM);

    db_bind_int(query, 1, number);
    db_bind_int(query, 2, active ? 1 : 0);
    db_bind_int(query, 3, returned.ns);
    return db_execute(query, err);
}
