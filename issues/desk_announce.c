/* desk_announce.c - what people must be told: an append-only table, in the transaction of
 * what it is about; a flood of them becomes a digest (issues/flood.h).
 */
#include "issues/desk_core.h"

#include <stdio.h>
#include <string.h>

static const char flood_key[] = "flood";

int announce_load(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_META_GET);
    int row;

    db_bind_text(query, 1, flood_key);
    row = db_step(query, err);
    /* What cannot be read was no flood. */
    if (row == 1)
        (void)flood_parse(&desk->flood, db_text(query, 0));
    db_reset(query);
    return row < 0 ? -1 : 0;
}

static int store_flood(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_META_PUT);
    struct text text;

    text_init(&text, FLOOD_TEXT_MAX);
    flood_print(&desk->flood, &text);
    db_bind_text(query, 1, flood_key);
    db_bind_text(query, 2, text.data);
    text_done(&text);
    return db_execute(query, err);
}

struct row {
    enum announcement_kind kind;
    int64_t issue;
    enum severity severity;
    bool highly_managed;
    int64_t count;
    const char *text;
    bool held;
    struct wall_time time;
};

static int add_row(struct desk *desk, const struct row *row, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ANNOUNCE_ADD);
    struct feed_event event = {
        .time = row->time,
        .kind = FEED_ANNOUNCE,
        .equipment = MODEL_NONE,
        .severity = row->severity,
        .announcement = desk->totals.next_announcement,
    };

    db_bind_int(query, 1, desk->totals.next_announcement++);
    db_bind_int(query, 2, row->time.ns);
    db_bind_int(query, 3, row->kind);
    if (row->issue != 0)
        db_bind_int(query, 4, row->issue);
    db_bind_int(query, 5, row->severity);
    db_bind_int(query, 6, row->highly_managed ? 1 : 0);
    db_bind_int(query, 7, row->count);
    db_bind_text(query, 8, row->text);
    db_bind_int(query, 9, row->held ? 1 : 0);
    if (!row->held)
        feed_stage(desk, &event);
    return db_execute(query, err);
}

bool announce_is_quiet(const struct desk_alarm *alarm)
{
    return !alarm_is_highly_managed(alarm) &&
           (alarm->shelf != NULL || alarm->data.chatter.active ||
            (alarm->unit != NULL && alarm->unit->data.permits > 0));
}

int announce_issue(struct desk *desk, enum announcement_kind kind,
                   const struct issue_key *key, bool highly_managed,
                   struct wall_time time, struct err *err)
{
    bool urgent = highly_managed || key->severity == SEVERITY_SERIOUS;
    struct row row = {
        .kind = kind,
        .issue = key->number,
        .severity = key->severity,
        .highly_managed = highly_managed,
        .count = 1,
        .text = "",
        .time = time,
    };

    turn_save(desk, &desk->flood, sizeof desk->flood);
    row.held = !flood_offer(&desk->flood, desk->turn.now, urgent);
    return store_flood(desk, err) != 0 ? -1 : add_row(desk, &row, err);
}

int announce_alarm(struct desk *desk, struct desk_alarm *alarm,
                   enum announcement_kind kind, const struct issue_key *key,
                   struct wall_time time, struct err *err)
{
    if (announce_is_quiet(alarm))
        return 0;
    alarm->data.announced = true;
    return announce_issue(desk, kind, key, alarm_is_highly_managed(alarm), time, err);
}

int announce_reminder(struct desk *desk, int64_t issue, const char *text, struct err *err)
{
    const struct row row = {
        .kind = ANNOUNCE_REMINDER,
        .issue = issue,
        .severity = SEVERITY_MINOR,
        .count = 1,
        .text = text,
        .time = desk->turn.now,
    };

    return add_row(desk, &row, err);
}

/* ---- the digest ---- */

bool announce_digest_due(const struct desk *desk, struct wall_time now)
{
    struct flood flood = desk->flood;
    bool was_active = flood.active;

    return flood_step(&flood, now) || flood.active != was_active;
}

int announce_digest(struct desk *desk, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ANNOUNCE_HELD);
    struct row row = {.kind = ANNOUNCE_DIGEST, .time = desk->turn.now};
    char text[80];

    turn_save(desk, &desk->flood, sizeof desk->flood);
    if (!flood_step(&desk->flood, desk->turn.now))
        return store_flood(desk, err);
    if (db_step(query, err) != 1)
        return -1;
    row.count = db_int(query, 0);
    row.severity = (enum severity)store_enum(query, 1, SEVERITY_SERIOUS + 1);
    db_reset(query);
    (void)snprintf(text, sizeof text, "%lld announcements about %lld issues",
                   (long long)desk->flood.waiting, (long long)row.count);
    row.text = text;
    flood_told(&desk->flood, desk->turn.now);
    return store_flood(desk, err) != 0 ? -1 : add_row(desk, &row, err);
}

/* ---- readers ---- */

static int visit_after(struct desk *desk, int64_t sequence, size_t limit,
                       desk_announcement_visit *visit, void *context, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ANNOUNCE_AFTER);
    int row;

    db_bind_int(query, 1, sequence);
    db_bind_int(query, 2, (int64_t)limit);
    while ((row = db_step(query, err)) == 1) {
        const struct announcement announcement = {
            .sequence = db_int(query, 0),
            .time = {db_int(query, 1)},
            .kind = (enum announcement_kind)store_enum(query, 2, ANNOUNCE_COUNT),
            .issue = db_text(query, 3),
            .severity = (enum severity)store_enum(query, 4, SEVERITY_SERIOUS + 1),
            .highly_managed = db_int(query, 5) != 0,
            .count = db_int(query, 6),
            .text = db_text(query, 7),
            .issue_number = db_int(query, 8),
        };

        visit(context, &announcement);
    }
    return row;
}

/* NOLINTNEXTLINE(readability-function-size): a page of a list and who wants it */
int desk_announcements(struct desk *desk, int64_t sequence, size_t limit,
                       desk_announcement_visit *visit, void *context, struct err *err)
{
    int result;

    (void)pthread_mutex_lock(&desk->mutex);
    result = visit_after(desk, sequence, limit, visit, context, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

void desk_flood(struct desk *desk, struct flood_view *view)
{
    (void)pthread_mutex_lock(&desk->mutex);
    *view = (struct flood_view){
        .active = desk->flood.active,
        .since = desk->flood.since,
        .digest = desk->flood.digest,
        .waiting = desk->flood.waiting,
    };
    (void)pthread_mutex_unlock(&desk->mutex);
}
