/* desk_symptom.c - alarms that another one explains.
 *
 * Each is a row of the table symptom, from when its cause is known until it returns or
 * stands for itself. The row belongs to the issue of the cause; while that has none (it
 * waits, or a permit keeps it back) the row waits as well. The log of the issue has a
 * line for the first and then counts, at most one a minute: two hundred symptoms must
 * not bury it.
 */
#include "issues/desk_core.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum {
    LOG_EVERY_MS = 60 * 1000,
};

int symptom_load(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_RUNNING);
    int row;

    while ((row = db_step(query, err)) == 1) {
        struct desk_alarm *alarm = alarm_find(desk, db_text(query, 1), db_text(query, 2));

        if (alarm == NULL)
            continue;
        alarm->data.symptom = db_int(query, 0);
        alarm->data.symptom_cause =
            strcmp(db_text(query, 3), CHATTER_RULE) == 0
                ? NULL
                : alarm_take(desk, db_text(query, 3), db_text(query, 4));
    }
    return row;
}

/* ---- the log of the cause's issue ---- */

static int log_line(struct desk *desk, int64_t head, const char *text,
                    struct wall_time time, struct err *err)
{
    const struct issue_note note = {
        .action = ACTION_SYMPTOM,
        .actor = DESK_SYSTEM,
        .text = text,
        .evidence = "",
        .time = time,
    };
    struct issue_key key;
    int found = issue_find_number(desk, head, &key, err);

    return found == 1 ? issue_log(desk, &key, &note, err) : found;
}

/* The first symptom of an issue is named at once. True when it was. */
static int log_first(struct desk *desk, const struct desk_alarm *alarm, int64_t head,
                     struct wall_time time, bool *logged, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_ANY);
    char text[2 * DESK_TEXT_ID_SIZE];
    int row;

    db_bind_int(query, 1, head);
    row = db_step(query, err);
    db_reset(query);
    *logged = row == 0;
    if (row != 0) {
        desk->totals.unlogged++;
        return row < 0 ? -1 : 0;
    }
    (void)snprintf(text, sizeof text, "%s %s", alarm->rule, alarm->equipment);
    return log_line(desk, head, text, time, err);
}

bool symptom_log_due(const struct desk *desk, struct wall_time now)
{
    int64_t passed_ms = wall_diff_ms(now, desk->symptoms_logged);

    return desk->totals.unlogged > 0 && (passed_ms < 0 || passed_ms >= LOG_EVERY_MS);
}

struct count {
    int64_t head;
    int64_t symptoms;
};

static int read_counts(struct desk *desk, struct count **counts, size_t *count,
                       struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_UNLOGGED);
    size_t capacity = 0;
    int row;

    while ((row = db_step(query, err)) == 1) {
        if (*count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            *counts = mem_resize(*counts, capacity, sizeof **counts);
        }
        (*counts)[(*count)++] = (struct count){db_int(query, 0), db_int(query, 1)};
    }
    return row;
}

int symptom_log(struct desk *desk, struct err *err)
{
    struct count *counts = NULL;
    size_t count = 0;
    int result = read_counts(desk, &counts, &count, err);

    for (size_t i = 0; i < count && result == 0; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "+%lld", (long long)counts[i].symptoms);
        result = log_line(desk, counts[i].head, text, desk->turn.now, err);
    }
    mem_free(counts);
    if (result != 0)
        return -1;
    turn_save(desk, &desk->symptoms_logged, sizeof desk->symptoms_logged);
    desk->symptoms_logged = desk->turn.now;
    desk->totals.unlogged = 0;
    return db_execute(desk_query(desk, STORE_SYMPTOM_LOGGED), err);
}

/* ---- issues that become symptoms ---- */

static int move_all(struct desk *desk, enum store_query which, int64_t from, int64_t to,
                    struct err *err)
{
    struct db_query *query = desk_query(desk, which);

    db_bind_int(query, 1, from);
    db_bind_int(query, 2, to);
    return db_execute(query, err);
}

/* The alarm's own issue becomes a symptom of `head`, and with it what hung on it. */
static int attach_issue(struct desk *desk, struct desk_alarm *alarm, int64_t head,
                        struct wall_time time, struct err *err)
{
    char text[32];
    const struct issue_note note = {
        .action = ACTION_ATTACHED,
        .actor = DESK_SYSTEM,
        .text = text,
        .evidence = "",
        .time = time,
    };
    struct issue_key key;
    int found = issue_find_number(desk, alarm->data.issue, &key, err);

    if (found != 1 || key.status == ISSUE_CLOSED || key.number == head)
        return found < 0 ? -1 : 0;
    (void)snprintf(text, sizeof text, "#%lld", (long long)head);
    if (issue_log(desk, &key, &note, err) != 0 ||
        issue_set_attached(desk, &key, head, err) != 0 ||
        move_all(desk, STORE_ISSUE_REATTACH, key.number, head, err) != 0)
        return -1;
    return move_all(desk, STORE_SYMPTOM_MOVE, key.number, head, err);
}

/* The number of the issue that explains: that of the cause, or the one it became a
 * symptom of itself; 0 while there is none. */
static int find_head(struct desk *desk, const struct desk_alarm *cause, int64_t *head,
                     struct err *err)
{
    struct issue_key key;
    int found;

    *head = 0;
    if (!cause->data.told)
        return 0;
    found = issue_find_number(desk, cause->data.issue, &key, err);
    if (found == 1)
        *head = key.attached != 0 ? key.attached : key.number;
    return found < 0 ? -1 : 0;
}

/* ---- rows ---- */

struct symptom_row {
    const char *cause_rule;
    const char *cause_equipment;
    int64_t head; /* 0 = none yet */
    int64_t own;  /* its own issue; 0 = none */
    int64_t raises;
    bool logged;
    struct wall_time since;
};

static int add_row(struct desk *desk, struct desk_alarm *alarm,
                   const struct symptom_row *row, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_ADD);

    alarm->data.symptom = desk->totals.next_symptom++;
    db_bind_int(query, 1, alarm->data.symptom);
    if (row->head != 0)
        db_bind_int(query, 2, row->head);
    db_bind_text(query, 3, row->cause_rule);
    db_bind_text(query, 4, row->cause_equipment);
    db_bind_text(query, 5, alarm->rule);
    db_bind_text(query, 6, alarm->equipment);
    db_bind_int(query, 7, row->since.ns);
    if (row->own != 0)
        db_bind_int(query, 8, row->own);
    db_bind_int(query, 9, row->raises);
    db_bind_int(query, 10, row->logged ? 1 : 0);
    return db_execute(query, err);
}

/* The issue that this activation opened. One that is left from an earlier activation is
 * about something else. */
static int64_t own_of(const struct desk_alarm *alarm)
{
    return alarm->data.told ? alarm->data.issue : 0;
}

/* With an issue to belong to: a line there, and its own issue becomes part of it. */
static int join(struct desk *desk, struct desk_alarm *alarm, struct symptom_row *row,
                struct err *err)
{
    if (log_first(desk, alarm, row->head, row->since, &row->logged, err) != 0)
        return -1;
    if (row->own != 0 && attach_issue(desk, alarm, row->head, row->since, err) != 0)
        return -1;
    alarm->data.announced = false; /* its return is none of people's business */
    return 0;
}

int symptom_begin(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                  struct err *err)
{
    struct desk_alarm *cause = alarm->data.cause;
    struct symptom_row row = {.raises = 1, .since = time};

    if (cause == NULL || (alarm->data.symptom != 0 && alarm->data.symptom_cause == cause))
        return 0;
    if (symptom_end(desk, alarm, time, err) != 0 ||
        find_head(desk, cause, &row.head, err) != 0)
        return -1;
    row.cause_rule = cause->rule;
    row.cause_equipment = cause->equipment;
    row.own = own_of(alarm);
    if (row.head != 0 && join(desk, alarm, &row, err) != 0)
        return -1;
    alarm->data.symptom_cause = cause;
    return add_row(desk, alarm, &row, err);
}

int symptom_attach(struct desk *desk, struct desk_alarm *alarm, const char *cause_rule,
                   const struct issue_key *head, struct wall_time time, struct err *err)
{
    struct symptom_row row = {
        .cause_rule = cause_rule,
        .cause_equipment = alarm->equipment,
        .head = head->number,
        .own = alarm->data.issue, /* also of the raises before */
        .raises = chatter_count(&alarm->data.chatter),
        .since = time,
    };

    if (symptom_end(desk, alarm, time, err) != 0 || join(desk, alarm, &row, err) != 0)
        return -1;
    alarm->data.symptom_cause = NULL;
    return add_row(desk, alarm, &row, err);
}

int symptom_end(struct desk *desk, struct desk_alarm *alarm, struct wall_time time,
                struct err *err)
{
    struct db_query *query;

    if (alarm->data.symptom == 0)
        return 0;
    query = desk_query(desk, STORE_SYMPTOM_END);
    db_bind_int(query, 1, alarm->data.symptom);
    db_bind_int(query, 2, time.ns);
    alarm->data.symptom = 0;
    alarm->data.symptom_cause = NULL;
    return db_execute(query, err);
}

/* ---- what waited for the issue of its cause ---- */

static int find_waiting(struct desk *desk, const struct desk_alarm *cause,
                        struct desk_alarm ***waiting, size_t *count, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_WAITING);
    size_t capacity = 0;
    int row;

    db_bind_text(query, 1, cause->rule);
    db_bind_text(query, 2, cause->equipment);
    while ((row = db_step(query, err)) == 1) {
        struct desk_alarm *alarm = alarm_find(desk, db_text(query, 1), db_text(query, 2));

        if (alarm == NULL || alarm->data.symptom != db_int(query, 0))
            continue;
        if (*count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            *waiting =
                mem_resize((void *)*waiting, capacity, sizeof(struct desk_alarm *));
        }
        (*waiting)[(*count)++] = alarm;
    }
    return row;
}

static int adopt_one(struct desk *desk, struct desk_alarm *alarm, int64_t head,
                     struct wall_time time, struct err *err)
{
    struct symptom_row row = {.head = head, .own = own_of(alarm), .since = time};
    struct db_query *query;

    turn_save(desk, &alarm->data, sizeof alarm->data);
    alarm_mark_dirty(desk, alarm);
    if (join(desk, alarm, &row, err) != 0)
        return -1;
    query = desk_query(desk, STORE_SYMPTOM_ISSUE);
    db_bind_int(query, 1, alarm->data.symptom);
    db_bind_int(query, 2, head);
    if (row.own != 0)
        db_bind_int(query, 3, row.own);
    db_bind_int(query, 4, row.logged ? 1 : 0);
    return db_execute(query, err);
}

int symptom_adopt(struct desk *desk, const struct desk_alarm *cause,
                  const struct issue_key *head, struct wall_time time, struct err *err)
{
    struct desk_alarm **waiting = NULL;
    size_t count = 0;
    int result = find_waiting(desk, cause, &waiting, &count, err);

    for (size_t i = 0; i < count && result == 0; i++)
        result = adopt_one(desk, waiting[i], head->number, time, err);
    mem_free((void *)waiting);
    return result;
}

/* ---- readers ---- */

static int visit_symptoms(struct desk *desk, const struct issue_key *key,
                          desk_symptom_visit *visit, void *context, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SYMPTOM_OF);
    int row;

    db_bind_int(query, 1, key->number);
    db_bind_int(query, 2, SYMPTOMS_MAX);
    while ((row = db_step(query, err)) == 1) {
        const struct symptom_view view = {
            .rule = db_text(query, 0),
            .equipment = db_text(query, 1),
            .equipment_name = db_text(query, 2),
            .since = {db_int(query, 3)},
            .until = {db_int(query, 4)},
            .issue = db_text(query, 5),
            .raises = db_int(query, 6),
            .issue_number = db_int(query, 7),
        };

        visit(context, &view);
    }
    return row;
}

int desk_symptoms(struct desk *desk, const char *issue, desk_symptom_visit *visit,
                  void *context, struct err *err)
{
    struct issue_key key;
    int result;

    (void)pthread_mutex_lock(&desk->mutex);
    result = issue_find_name(desk, issue, &key, err);
    if (result == 1)
        result = visit_symptoms(desk, &key, visit, context, err);
    else if (result == 0)
        result = err_set(err, ERR_NOT_FOUND, "there is no issue '%.95s'", issue);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
