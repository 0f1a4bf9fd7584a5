/* desk_query.c - lists, one issue, its events, the counts. */
#include "issues/desk_core.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    SQL_MAX = 4096, /* the longest list statement has 1300 bytes */
};

static const char issue_columns[] =
    "SELECT number, id, status, severity, category, kind, source, rule, equipment, "
    "equipment_name, class, place, title_en, title_zh, advice_en, advice_zh, opened, "
    "changed, returned, alarm_active, evidence, (SELECT count(*) FROM event e "
    "WHERE e.issue = issue.number AND e.action = 9), coalesce(attached, 0), "
    "(SELECT count(*) FROM symptom s WHERE s.issue = issue.number), "
    "(SELECT count(*) FROM symptom s WHERE s.issue = issue.number AND s.until = 0), "
    "coalesce((SELECT h.id FROM issue h WHERE h.number = issue.attached), '') "
    "FROM issue WHERE ";

/* Columns as in issue_columns. */
static void visit_issue(struct db_query *query, desk_issue_visit *visit, void *context)
{
    struct issue_view view = {
        .number = db_int(query, 0),
        .id = db_text(query, 1),
        .status = (enum issue_status)store_enum(query, 2, ISSUE_STATUS_COUNT),
        .severity = (enum severity)store_enum(query, 3, SEVERITY_SERIOUS + 1),
        .category = (enum category)store_enum(query, 4, CATEGORY_SERVICE + 1),
        .kind = db_text(query, 5),
        .source = db_text(query, 6),
        .rule = db_text(query, 7),
        .equipment = db_text(query, 8),
        .equipment_name = db_text(query, 9),
        .class_name = db_text(query, 10),
        .place = db_text(query, 11),
        .title_en = db_text(query, 12),
        .title_zh = db_text(query, 13),
        .advice_en = db_text(query, 14),
        .advice_zh = db_text(query, 15),
        .opened = {db_int(query, 16)},
        .changed = {db_int(query, 17)},
        .returned = {db_int(query, 18)},
        .alarm_active = db_int(query, 19) != 0,
        .evidence = db_text(query, 20),
        .recurrences = db_int(query, 21),
        .attached_to = db_int(query, 22),
        .symptoms = db_int(query, 23),
        .symptoms_active = db_int(query, 24),
        .attached_id = db_text(query, 25),
    };

    visit(context, &view);
}

/* Only the conditions that are asked for stand in the statement, so that SQLite can pick
 * the index that fits; the values are always parameters. */
static void write_list_sql(const struct issue_filter *filter, struct text *sql)
{
    text_add(sql, issue_columns);
    text_add(sql, "number < ?1");
    if (filter->only_unclosed || (filter->status >= 0 && filter->status != ISSUE_CLOSED))
        text_add(sql, " AND status <> 4");
    if (!filter->with_attached)
        text_add(sql, " AND attached IS NULL");
    if (filter->status >= 0)
        text_add(sql, " AND status = ?2");
    if (filter->severity >= 0)
        text_add(sql, " AND severity = ?3");
    if (filter->category >= 0)
        text_add(sql, " AND category = ?4");
    if (filter->equipment != NULL)
        text_add(sql, " AND equipment = ?5");
    if (filter->rule != NULL)
        text_add(sql, " AND rule = ?6");
    if (filter->place != NULL)
        text_add(sql, " AND substr(place, 1, length(?7)) = ?7");
    text_add(sql, " ORDER BY number DESC LIMIT ?8");
}

static void bind_filter(struct db_query *query, const struct issue_filter *filter,
                        int64_t before)
{
    db_bind_int(query, 1, before);
    if (filter->status >= 0)
        db_bind_int(query, 2, filter->status);
    if (filter->severity >= 0)
        db_bind_int(query, 3, filter->severity);
    if (filter->category >= 0)
        db_bind_int(query, 4, filter->category);
    if (filter->equipment != NULL)
        db_bind_text(query, 5, filter->equipment);
    if (filter->rule != NULL)
        db_bind_text(query, 6, filter->rule);
    if (filter->place != NULL)
        db_bind_text(query, 7, filter->place);
    db_bind_int(query, 8, (int64_t)filter->limit);
}

static int visit_all(struct db_query *query, desk_issue_visit *visit, void *context,
                     struct err *err)
{
    int count = 0;
    int row;

    while ((row = db_step(query, err)) == 1) {
        visit_issue(query, visit, context);
        count++;
    }
    return row < 0 ? -1 : count;
}

/* The number of the issue to go on after; all numbers are below it on the first page. */
static int page_start(struct desk *desk, const char *after, int64_t *before,
                      struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_BY_ID);
    struct issue_key key;
    int found;

    *before = INT64_MAX;
    if (after == NULL)
        return 0;
    db_bind_text(query, 1, after);
    found = issue_find(query, &key, err);
    if (found == 0)
        return err_set(err, ERR_INPUT, "after: there is no issue '%.95s'", after);
    *before = key.number;
    return found < 0 ? -1 : 0;
}

static int list(struct desk *desk, const struct issue_filter *filter,
                desk_issue_visit *visit, void *context, struct err *err)
{
    struct db_query *query;
    struct text sql;
    int64_t before;
    int result = -1;

    if (page_start(desk, filter->after, &before, err) != 0)
        return -1;
    text_init(&sql, SQL_MAX);
    write_list_sql(filter, &sql);
    query = db_prepare(store_db(desk->store), sql.data, err);
    text_done(&sql);
    if (query == NULL)
        return -1;
    bind_filter(query, filter, before);
    result = visit_all(query, visit, context, err);
    db_finish(query);
    return result;
}

int desk_list(struct desk *desk, const struct issue_filter *filter,
              desk_issue_visit *visit, void *context, struct err *err)
{
    int result;

    if (filter->limit < 1 || filter->limit > DESK_LIST_MAX)
        return err_set(err, ERR_INPUT, "limit: it is 1 to %d", DESK_LIST_MAX);
    (void)pthread_mutex_lock(&desk->mutex);
    result = list(desk, filter, visit, context, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

static int get(struct desk *desk, const char *issue, desk_issue_visit *visit,
               void *context, struct err *err)
{
    bool by_number = issue[0] == '#';
    struct db_query *query;
    struct text sql;
    int count;

    text_init(&sql, SQL_MAX);
    text_add(&sql, issue_columns);
    text_add(&sql, by_number ? "number = ?1" : "id = ?1");
    query = db_prepare(store_db(desk->store), sql.data, err);
    text_done(&sql);
    if (query == NULL)
        return -1;
    if (by_number)
        db_bind_int(query, 1, issue_number_of(issue));
    else
        db_bind_text(query, 1, issue);
    count = visit_all(query, visit, context, err);
    db_finish(query);
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no issue '%.95s'", issue);
    return count < 0 ? -1 : 0;
}

int desk_get(struct desk *desk, const char *issue, desk_issue_visit *visit, void *context,
             struct err *err)
{
    int result;

    (void)pthread_mutex_lock(&desk->mutex);
    result = get(desk, issue, visit, context, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

static int visit_events(struct desk *desk, const struct issue_key *key,
                        desk_event_visit *visit, void *context, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_EVENT_OF);
    int64_t visited = 0;
    int row;

    db_bind_int(query, 1, key->number);
    db_bind_int(query, 2, DESK_EVENTS_SHOWN);
    while ((row = db_step(query, err)) == 1) {
        struct issue_event event = {
            .sequence = db_int(query, 0),
            .time = {db_int(query, 1)},
            .action = (enum issue_action)store_enum(query, 2, ACTION_COUNT),
            .issue = key->id,
            .actor = db_text(query, 3),
            .text = db_text(query, 4),
            .evidence = db_text(query, 5),
            .status = (enum issue_status)store_enum(query, 6, ISSUE_STATUS_COUNT),
        };

        /* The gap is behind the first one. */
        if (visited++ == 1 && db_int(query, 7) > DESK_EVENTS_SHOWN)
            event.left_out = db_int(query, 7) - DESK_EVENTS_SHOWN - 1;
        visit(context, &event);
    }
    return row;
}

int desk_events(struct desk *desk, const char *issue, desk_event_visit *visit,
                void *context, struct err *err)
{
    struct issue_key key;
    int result;

    (void)pthread_mutex_lock(&desk->mutex);
    result = issue_find_name(desk, issue, &key, err);
    if (result == 1)
        result = visit_events(desk, &key, visit, context, err);
    else if (result == 0)
        result = err_set(err, ERR_NOT_FOUND, "there is no issue '%.95s'", issue);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

void desk_counts(struct desk *desk, struct desk_counts *counts)
{
    (void)pthread_mutex_lock(&desk->mutex);
    *counts = (struct desk_counts){
        .total = desk->totals.next_issue - 1, /* numbered from 1, never deleted */
        .commits = desk->commits,
    };
    for (int i = 0; i < 3; i++) {
        counts->by_severity[i] = desk->totals.open[i];
        counts->unclosed += desk->totals.open[i];
    }
    (void)pthread_mutex_unlock(&desk->mutex);
}
