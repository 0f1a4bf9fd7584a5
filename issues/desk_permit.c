/* desk_permit.c - permits: planned work on some equipment, by somebody, until then.
 *
 * A permit that runs is counted in its units; with that their state is PLANNED and their
 * alarms are withheld. When it ends, what is still active becomes an issue.
 */
#include "issues/desk_marks.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 200,                   /* a place, a class, a person */
    LIST_MAX_BYTES = PERMIT_SCOPE_MAX * 65, /* ids with their commas */
    DAY_MS = 24 * 3600 * 1000,
};

#define PERMIT_MAX_MS ((int64_t)PERMIT_MAX_DAYS * DAY_MS)

static void permit_free(struct permit *permit)
{
    if (permit == NULL)
        return;
    mem_free(permit->equipment);
    mem_free(permit->place);
    mem_free(permit->class_name);
    mem_free(permit->reason);
    mem_free(permit->holder);
    mem_free(permit->actor);
    mem_free((void *)permit->units);
    mem_free(permit);
}

void permit_free_all(struct desk *desk)
{
    for (size_t i = 0; i < desk->permit_count; i++)
        permit_free(desk->permits[i]);
    mem_free((void *)desk->permits);
}

/* ---- the table ---- */

static int add_row(struct desk *desk, const struct permit *permit,
                   const struct mark_event *event, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_PERMIT_ADD);
    /* What is fixed stands in the first row alone. */
    bool first = event->action == MARK_BEGUN;

    db_bind_int(query, 1, desk->totals.next_permit_row++);
    db_bind_int(query, 2, permit->number);
    db_bind_int(query, 3, event->time.ns);
    db_bind_int(query, 4, event->action);
    db_bind_text(query, 5, event->actor);
    db_bind_text(query, 6, first ? permit->equipment : "");
    db_bind_text(query, 7, first ? permit->place : "");
    db_bind_text(query, 8, first ? permit->class_name : "");
    db_bind_text(query, 9, first ? permit->reason : "");
    db_bind_text(query, 10, first ? permit->holder : "");
    db_bind_int(query, 11, permit->from.ns);
    db_bind_int(query, 12, permit->until.ns);
    return db_execute(query, err);
}

static struct permit *read_first(struct db_query *query)
{
    struct permit *permit = mem_alloc(sizeof *permit);

    permit->number = db_int(query, 0);
    permit->actor = mem_strdup(db_text(query, 3));
    permit->equipment = mem_strdup(db_text(query, 4));
    permit->place = mem_strdup(db_text(query, 5));
    permit->class_name = mem_strdup(db_text(query, 6));
    permit->reason = mem_strdup(db_text(query, 7));
    permit->holder = mem_strdup(db_text(query, 8));
    permit->from.ns = db_int(query, 9);
    permit->until.ns = db_int(query, 10);
    return permit;
}

/* A permit of the table with how it ended. `take` may keep it: it returns true then. */
struct ending {
    struct wall_time time; /* 0 = it has not */
    char actor[DESK_ACTOR_MAX + 1];
};
typedef bool take_permit(void *context, struct permit *permit,
                         const struct ending *ending);

static int read_table(struct desk *desk, int64_t first, take_permit *take, void *context,
                      struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_PERMIT_ALL);
    struct permit *permit = NULL;
    struct ending ending = {0};
    int row;

    db_bind_int(query, 1, first);
    while ((row = db_step(query, err)) == 1) {
        int action = store_enum(query, 2, MARK_ACTIONS);

        if (action == MARK_BEGUN) {
            if (permit != NULL && !take(context, permit, &ending))
                permit_free(permit);
            permit = read_first(query);
            ending = (struct ending){0};
        } else if (action == MARK_ENDED) {
            ending.time.ns = db_int(query, 1);
            (void)snprintf(ending.actor, sizeof ending.actor, "%s", db_text(query, 3));
        } else if (action == MARK_REMINDED && permit != NULL) {
            permit->data.reminded = true;
        }
    }
    if (permit != NULL && (row < 0 || !take(context, permit, &ending)))
        permit_free(permit);
    return row;
}

static void put(struct desk *desk, struct permit *permit)
{
    if (desk->permits == NULL)
        desk->permits = mem_array(MARKS_MAX, sizeof(struct permit *));
    desk->permits[desk->permit_count++] = permit;
}

static bool load_one(void *context, struct permit *permit, const struct ending *ending)
{
    struct desk *desk = context;
    char unknown[DESK_TEXT_ID_SIZE];

    if (ending->time.ns != 0 || desk->permit_count == MARKS_MAX)
        return false;
    permit_find_scope(desk, permit, unknown, sizeof unknown);
    permit->data.running = permit->from.ns <= desk->opened.ns;
    for (size_t i = 0; permit->data.running && i < permit->unit_count; i++)
        permit->units[i]->data.permits++;
    put(desk, permit);
    return true;
}

int permit_load(struct desk *desk, struct err *err)
{
    return read_table(desk, 0, load_one, desk, err);
}

void permit_sweep(struct desk *desk)
{
    size_t kept = 0;

    for (size_t i = 0; i < desk->permit_count; i++) {
        if (desk->permits[i]->data.ended)
            permit_free(desk->permits[i]);
        else
            desk->permits[kept++] = desk->permits[i];
    }
    desk->permit_count = kept;
}

/* ---- beginning and ending, inside a turn ---- */

static int count_in(struct desk *desk, struct permit *permit, int by, struct err *err)
{
    turn_save(desk, &permit->data, sizeof permit->data);
    permit->data.running = by > 0;
    for (size_t i = 0; i < permit->unit_count; i++) {
        struct unit *unit = permit->units[i];

        turn_save(desk, &unit->data, sizeof unit->data);
        unit->data.permits += (unsigned)by;
        if (unit_update(desk, unit, false, desk->turn.now, err) != 0)
            return -1;
    }
    return 0;
}

static int tell_withheld(struct desk *desk, const struct permit *permit, struct err *err)
{
    for (size_t i = 0; i < permit->unit_count; i++) {
        struct desk_alarm *alarm = permit->units[i]->alarms;

        for (; alarm != NULL; alarm = alarm->next)
            if (tell_again(desk, alarm, err) != 0)
                return -1;
    }
    return 0;
}

static int end(struct desk *desk, struct permit *permit, const char *actor,
               struct err *err)
{
    const struct mark_event event = {MARK_ENDED, actor, desk->turn.now};

    if (permit->data.running && count_in(desk, permit, -1, err) != 0)
        return -1;
    turn_save(desk, &permit->data, sizeof permit->data);
    permit->data.ended = true;
    if (add_row(desk, permit, &event, err) != 0)
        return -1;
    return tell_withheld(desk, permit, err);
}

/* Whether it has run out. A clock that was set back must not withhold alarms for longer
 * than was allowed. */
static bool is_over(const struct permit *permit, struct wall_time now)
{
    int64_t left_ms = wall_diff_ms(permit->until, now);

    return left_ms <= 0 || (permit->data.running && left_ms > PERMIT_MAX_MS);
}

bool permit_is_due(const struct permit *permit, struct wall_time now)
{
    int64_t left_ms = wall_diff_ms(permit->until, now);

    return is_over(permit, now) || (!permit->data.running && permit->from.ns <= now.ns) ||
           (left_ms <= SHELF_REMIND_MS && !permit->data.reminded &&
            wall_diff_ms(permit->until, permit->from) > SHELF_REMIND_MS);
}

int permit_step(struct desk *desk, struct permit *permit, struct err *err)
{
    const struct mark_event event = {MARK_REMINDED, DESK_SYSTEM, desk->turn.now};
    int64_t left_ms = wall_diff_ms(permit->until, desk->turn.now);
    char text[2 * NAME_MAX_BYTES];

    if (is_over(permit, desk->turn.now))
        return end(desk, permit, DESK_SYSTEM, err);
    if (!permit->data.running)
        return count_in(desk, permit, 1, err);
    turn_save(desk, &permit->data, sizeof permit->data);
    permit->data.reminded = true;
    if (add_row(desk, permit, &event, err) != 0)
        return -1;
    (void)snprintf(text, sizeof text, "permit %" PRId64 " of %s ends in %" PRId64 " min",
                   permit->number, permit->holder, (left_ms + 59999) / 60000);
    return announce_reminder(desk, 0, text, err);
}

/* ---- people ---- */

static int check_times(const struct permit_draft *draft, struct wall_time now,
                       struct err *err)
{
    struct wall_time from = draft->from.ns > now.ns ? draft->from : now;

    if (draft->until.ns <= from.ns)
        return err_set(err, ERR_INPUT, "a permit ends in the future, after it begins");
    if (wall_diff_ms(from, now) > (int64_t)PERMIT_AHEAD_DAYS * DAY_MS)
        return err_set(err, ERR_INPUT, "a permit begins at most %d days from now",
                       PERMIT_AHEAD_DAYS);
    if (wall_diff_ms(draft->until, from) > PERMIT_MAX_MS)
        return err_set(err, ERR_INPUT, "a permit lasts at most %d days", PERMIT_MAX_DAYS);
    return 0;
}

static int check_draft(const struct permit_draft *draft, const char *actor,
                       struct wall_time now, struct err *err)
{
    if (check_line("actor", actor, DESK_ACTOR_MAX, err) != 0 ||
        check_line("reason", draft->reason, MARK_REASON_MAX, err) != 0 ||
        check_line("holder", draft->holder, NAME_MAX_BYTES, err) != 0 ||
        check_text("equipment", draft->equipment, LIST_MAX_BYTES, err) != 0 ||
        check_text("place", draft->place, NAME_MAX_BYTES, err) != 0 ||
        check_text("class", draft->class_name, NAME_MAX_BYTES, err) != 0)
        return -1;
    return check_times(draft, now, err);
}

static struct permit *permit_new(struct desk *desk, const struct permit_draft *draft,
                                 const char *actor, struct wall_time now)
{
    struct permit *permit = mem_alloc(sizeof *permit);

    permit->number = desk->totals.next_permit;
    permit->equipment = mem_strdup(draft->equipment);
    permit->place = mem_strdup(draft->place);
    permit->class_name = mem_strdup(draft->class_name);
    permit->reason = mem_strdup(draft->reason);
    permit->holder = mem_strdup(draft->holder);
    permit->actor = mem_strdup(actor);
    /* The past cannot be declared planned. */
    permit->from = draft->from.ns > now.ns ? draft->from : now;
    permit->until = draft->until;
    return permit;
}

static int issue_permit(struct desk *desk, struct permit *permit, struct wall_time now,
                        struct err *err)
{
    const struct mark_event event = {MARK_BEGUN, permit->actor, now};

    if (desk->permit_count == MARKS_MAX)
        return err_set(err, ERR_FULL, "%d permits run already", MARKS_MAX);
    if (permit_check_scope(desk, permit, err) != 0 || turn_begin(desk, now, err) != 0)
        return -1;
    if (add_row(desk, permit, &event, err) != 0 ||
        (permit->from.ns <= now.ns && count_in(desk, permit, 1, err) != 0)) {
        turn_rollback(desk);
        return -1;
    }
    if (turn_commit(desk, err) != 0)
        return -1;
    desk->totals.next_permit++;
    put(desk, permit);
    return 0;
}

int desk_permit(struct desk *desk, const struct permit_draft *draft, const char *actor,
                struct wall_time now, int64_t *number, struct err *err)
{
    struct permit *permit;
    int result;

    if (check_draft(draft, actor, now, err) != 0)
        return -1;
    (void)pthread_mutex_lock(&desk->mutex);
    permit = permit_new(desk, draft, actor, now);
    result = issue_permit(desk, permit, now, err);
    if (result == 0)
        *number = permit->number;
    else
        permit_free(permit);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

static int close_permit(struct desk *desk, int64_t number, const char *actor,
                        struct err *err)
{
    for (size_t i = 0; i < desk->permit_count; i++)
        if (desk->permits[i]->number == number)
            return end(desk, desk->permits[i], actor, err);
    return err_set(err, ERR_NOT_FOUND, "there is no running permit %" PRId64, number);
}

int desk_permit_close(struct desk *desk, int64_t number, const char *actor,
                      struct wall_time now, struct err *err)
{
    int result;

    if (check_line("actor", actor, DESK_ACTOR_MAX, err) != 0)
        return -1;
    (void)pthread_mutex_lock(&desk->mutex);
    result = turn_begin(desk, now, err);
    if (result == 0) {
        result = close_permit(desk, number, actor, err);
        if (result == 0)
            result = turn_commit(desk, err);
        else
            turn_rollback(desk);
        if (result == 0)
            permit_sweep(desk);
    }
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

/* ---- readers ---- */

static size_t count_withheld(const struct permit *permit)
{
    size_t count = 0;

    for (size_t i = 0; permit->data.running && i < permit->unit_count; i++)
        for (const struct desk_alarm *alarm = permit->units[i]->alarms; alarm != NULL;
             alarm = alarm->next)
            count += alarm_is_withheld(alarm) ? 1 : 0;
    return count;
}

static struct permit_view view_of(const struct permit *permit)
{
    return (struct permit_view){
        .number = permit->number,
        .draft =
            {
                .equipment = permit->equipment,
                .place = permit->place,
                .class_name = permit->class_name,
                .reason = permit->reason,
                .holder = permit->holder,
                .from = permit->from,
                .until = permit->until,
            },
        .actor = permit->actor,
        .equipment_count = permit->unit_count,
        .running = permit->data.running,
        .closed_by = "",
        .withheld = count_withheld(permit),
    };
}

struct reader {
    struct desk *desk;
    desk_permit_visit *visit;
    void *context;
};

static const struct permit *find_open(const struct desk *desk, int64_t number)
{
    for (size_t i = 0; i < desk->permit_count; i++)
        if (desk->permits[i]->number == number)
            return desk->permits[i];
    return NULL;
}

static bool visit_row(void *context, struct permit *permit, const struct ending *ending)
{
    const struct reader *reader = context;
    const struct permit *open = find_open(reader->desk, permit->number);
    struct permit_view view;
    char unknown[DESK_TEXT_ID_SIZE];

    if (open == NULL)
        permit_find_scope(reader->desk, permit, unknown, sizeof unknown);
    view = view_of(open != NULL ? open : permit);
    view.closed = ending->time;
    view.closed_by = ending->actor;
    reader->visit(reader->context, &view);
    return false;
}

int desk_permits(struct desk *desk, bool running_only, desk_permit_visit *visit,
                 void *context, struct err *err)
{
    struct reader reader = {desk, visit, context};
    int result = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    for (size_t i = 0; running_only && i < desk->permit_count; i++) {
        struct permit_view view = view_of(desk->permits[i]);

        visit(context, &view);
    }
    if (!running_only)
        result = read_table(desk, desk->totals.next_permit - MARKS_MAX, visit_row,
                            &reader, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

static bool covers(const struct permit *permit, const struct unit *unit)
{
    for (size_t i = 0; i < permit->unit_count; i++)
        if (permit->units[i] == unit)
            return true;
    return false;
}

bool desk_equipment_permit(struct desk *desk, uint32_t equipment,
                           desk_permit_visit *visit, void *context)
{
    const struct unit *unit = &desk->units[equipment];
    const struct permit *last = NULL;

    (void)pthread_mutex_lock(&desk->mutex);
    for (size_t i = 0; unit->data.permits > 0 && i < desk->permit_count; i++) {
        const struct permit *permit = desk->permits[i];

        if (permit->data.running && covers(permit, unit) &&
            (last == NULL || permit->until.ns > last->until.ns))
            last = permit;
    }
    if (last != NULL) {
        const struct permit_view view = view_of(last);

        visit(context, &view);
    }
    (void)pthread_mutex_unlock(&desk->mutex);
    return last != NULL;
}
