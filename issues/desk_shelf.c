/* desk_shelf.c - shelves: one alarm is silent for a time that somebody answers for. */
#include "issues/desk_marks.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void shelf_free(struct shelf *shelf)
{
    if (shelf == NULL)
        return;
    mem_free(shelf->actor);
    mem_free(shelf->reason);
    mem_free(shelf);
}

void shelf_free_all(struct desk *desk)
{
    for (size_t i = 0; i < desk->shelf_count; i++)
        shelf_free(desk->shelves[i]);
    mem_free((void *)desk->shelves);
}

static void replace(char **text, const char *with)
{
    char *copy = mem_strdup(with);

    mem_free(*text);
    *text = copy;
}

/* ---- the table ---- */

static int add_row(struct desk *desk, const struct shelf *shelf,
                   const struct mark_event *event, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SHELF_ADD);

    db_bind_int(query, 1, desk->totals.next_shelf_row++);
    db_bind_int(query, 2, shelf->number);
    db_bind_int(query, 3, event->time.ns);
    db_bind_int(query, 4, event->action);
    db_bind_text(query, 5, event->actor);
    db_bind_text(query, 6, shelf->alarm->rule);
    db_bind_text(query, 7, shelf->alarm->equipment);
    db_bind_text(query, 8, shelf->reason);
    db_bind_int(query, 9, shelf->data.until.ns);
    return db_execute(query, err);
}

/* What the rows of one number come to. */
struct folded {
    struct shelf_view view;
    char rule[DESK_TEXT_ID_SIZE];
    char equipment[DESK_TEXT_ID_SIZE];
    char actor[DESK_ACTOR_MAX + 1];
    char reason[MARK_REASON_MAX + 1];
    char ended_by[DESK_ACTOR_MAX + 1];
    bool reminded;
};

static void fold(struct folded *folded, struct db_query *query)
{
    int action = store_enum(query, 2, MARK_ACTIONS);

    if (action == MARK_BEGUN) {
        *folded = (struct folded){.view.number = db_int(query, 0),
                                  .view.since = {db_int(query, 1)}};
        (void)snprintf(folded->rule, sizeof folded->rule, "%s", db_text(query, 4));
        (void)snprintf(folded->equipment, sizeof folded->equipment, "%s",
                       db_text(query, 5));
    }
    if (action == MARK_BEGUN || action == MARK_CHANGED) {
        (void)snprintf(folded->actor, sizeof folded->actor, "%s", db_text(query, 3));
        (void)snprintf(folded->reason, sizeof folded->reason, "%s", db_text(query, 6));
        folded->reminded = false;
    }
    if (action == MARK_ENDED) {
        (void)snprintf(folded->ended_by, sizeof folded->ended_by, "%s",
                       db_text(query, 3));
        folded->view.ended = true;
    }
    folded->reminded = folded->reminded || action == MARK_REMINDED;
    folded->view.until.ns = db_int(query, 7);
    folded->view.rule = folded->rule;
    folded->view.equipment = folded->equipment;
    folded->view.actor = folded->actor;
    folded->view.reason = folded->reason;
    folded->view.ended_by = folded->ended_by;
}

typedef void each_folded(void *context, const struct folded *folded);

/* Every shelf from number `first` on, in the order of their numbers. */
static int read_table(struct desk *desk, int64_t first, each_folded *each, void *context,
                      struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_SHELF_ALL);
    struct folded folded = {0};
    int row;

    db_bind_int(query, 1, first);
    while ((row = db_step(query, err)) == 1) {
        if (folded.view.number != 0 && db_int(query, 0) != folded.view.number)
            each(context, &folded);
        fold(&folded, query);
    }
    if (row == 0 && folded.view.number != 0)
        each(context, &folded);
    return row;
}

/* ---- memory ---- */

static void put(struct desk *desk, struct shelf *shelf)
{
    if (desk->shelves == NULL)
        desk->shelves = mem_array(MARKS_MAX, sizeof(struct shelf *));
    desk->shelves[desk->shelf_count++] = shelf;
    shelf->alarm->shelf = shelf;
}

static void load_one(void *context, const struct folded *folded)
{
    struct desk *desk = context;
    struct desk_alarm *alarm;
    struct shelf *shelf;

    if (folded->view.ended || desk->shelf_count == MARKS_MAX)
        return;
    alarm = alarm_take(desk, folded->rule, folded->equipment);
    if (alarm->shelf != NULL)
        return;
    shelf = mem_alloc(sizeof *shelf);
    shelf->number = folded->view.number;
    shelf->alarm = alarm;
    shelf->since = folded->view.since;
    shelf->actor = mem_strdup(folded->actor);
    shelf->reason = mem_strdup(folded->reason);
    shelf->data.until = folded->view.until;
    shelf->data.reminded = folded->reminded;
    put(desk, shelf);
}

int shelf_load(struct desk *desk, struct err *err)
{
    return read_table(desk, 0, load_one, desk, err);
}

void shelf_sweep(struct desk *desk)
{
    size_t kept = 0;

    for (size_t i = 0; i < desk->shelf_count; i++) {
        struct shelf *shelf = desk->shelves[i];

        if (!shelf->data.ended) {
            desk->shelves[kept++] = shelf;
            continue;
        }
        shelf_free(shelf);
    }
    desk->shelf_count = kept;
}

/* ---- beginning ---- */

static int check_pair(struct desk *desk, const char *rule, const char *equipment,
                      struct err *err)
{
    const struct rule_settings *settings = rule_known(desk, rule);
    const struct unit *unit = unit_by_id(desk, equipment);

    if (settings == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no rule '%.100s'", rule);
    if (unit == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no equipment '%.64s'", equipment);
    if (settings->highly_managed)
        return err_set(err, ERR_INPUT,
                       "rule '%s' is highly managed: its alarms cannot be shelved", rule);
    if (alarm_find(desk, rule, equipment) != NULL ||
        strcmp(settings->class_name, unit->equipment->class_name) == 0 ||
        (strcmp(settings->class_name, "*") == 0 && !unit->equipment->is_link))
        return 0;
    return err_set(err, ERR_INPUT, "rule '%s' does not watch '%s': it is for class %s",
                   rule, equipment, settings->class_name);
}

static int check_time(struct wall_time now, struct wall_time until, struct err *err)
{
    if (until.ns <= now.ns)
        return err_set(err, ERR_INPUT, "a shelf ends in the future");
    if (wall_diff_ms(until, now) > SHELF_MAX_MS)
        return err_set(err, ERR_INPUT, "a shelf lasts at most %d hours",
                       SHELF_MAX_MS / 3600000);
    return 0;
}

/* A shelf in a turn of its own. */
static int store(struct desk *desk, struct shelf *shelf, const struct mark_event *event,
                 struct err *err)
{
    if (turn_begin(desk, event->time, err) != 0)
        return -1;
    if (add_row(desk, shelf, event, err) != 0) {
        turn_rollback(desk);
        return -1;
    }
    return turn_commit(desk, err);
}

static int begin(struct desk *desk, struct desk_alarm *alarm, const char *reason,
                 const struct mark_event *event, struct wall_time until, struct err *err)
{
    struct shelf *shelf = mem_alloc(sizeof *shelf);

    *shelf = (struct shelf){
        .number = desk->totals.next_shelf,
        .alarm = alarm,
        .since = event->time,
        .actor = mem_strdup(event->actor),
        .reason = mem_strdup(reason),
        .data.until = until,
    };
    if (store(desk, shelf, event, err) != 0) {
        shelf_free(shelf);
        return -1;
    }
    desk->totals.next_shelf++;
    put(desk, shelf);
    return 0;
}

/* The same alarm again: another end, reason and person. */
static int change(struct desk *desk, struct shelf *shelf, const char *reason,
                  const struct mark_event *event, struct wall_time until, struct err *err)
{
    struct shelf after = *shelf;

    after.data = (struct shelf_data){.until = until};
    after.reason = mem_strdup(reason);
    if (store(desk, &after, event, err) != 0) {
        mem_free(after.reason);
        return -1;
    }
    mem_free(shelf->reason);
    shelf->reason = after.reason;
    shelf->data = after.data;
    replace(&shelf->actor, event->actor);
    return 0;
}

static int shelve(struct desk *desk, struct desk_alarm *alarm, const char *reason,
                  struct mark_event *event, struct wall_time until, struct err *err)
{
    if (alarm->shelf != NULL) {
        event->action = MARK_CHANGED;
        return change(desk, alarm->shelf, reason, event, until, err);
    }
    if (desk->shelf_count == MARKS_MAX)
        return err_set(err, ERR_FULL, "%d alarms are shelved already", MARKS_MAX);
    return begin(desk, alarm, reason, event, until, err);
}

/* NOLINTNEXTLINE(readability-function-size): a person's word has so many parts */
int desk_shelve(struct desk *desk, const char *rule, const char *equipment,
                const char *actor, const char *reason, struct wall_time now,
                struct wall_time until, int64_t *number, struct err *err)
{
    struct mark_event event = {.action = MARK_BEGUN, .actor = actor, .time = now};
    struct desk_alarm *alarm;
    int result;

    if (check_line("actor", actor, DESK_ACTOR_MAX, err) != 0 ||
        check_line("reason", reason, MARK_REASON_MAX, err) != 0 ||
        check_time(now, until, err) != 0)
        return -1;
    (void)pthread_mutex_lock(&desk->mutex);
    result = check_pair(desk, rule, equipment, err);
    if (result == 0) {
        alarm = alarm_take(desk, rule, equipment);
        result = shelve(desk, alarm, reason, &event, until, err);
        if (result == 0)
            *number = alarm->shelf->number;
    }
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

/* ---- ending ---- */

int shelf_end(struct desk *desk, struct shelf *shelf, const char *actor, struct err *err)
{
    const struct mark_event event = {MARK_ENDED, actor, desk->turn.now};

    turn_save(desk, &shelf->data, sizeof shelf->data);
    turn_save(desk, &shelf->alarm->shelf, sizeof(struct shelf *));
    shelf->alarm->shelf = NULL;
    shelf->data.ended = true;
    shelf->data.until = desk->turn.now;
    if (add_row(desk, shelf, &event, err) != 0)
        return -1;
    return tell_again(desk, shelf->alarm, err);
}

bool shelf_is_due(const struct shelf *shelf, struct wall_time now)
{
    int64_t left_ms = wall_diff_ms(shelf->data.until, now);

    return left_ms <= 0 || left_ms > SHELF_MAX_MS ||
           (left_ms <= SHELF_REMIND_MS && !shelf->data.reminded &&
            wall_diff_ms(shelf->data.until, shelf->since) > SHELF_REMIND_MS);
}

int shelf_step(struct desk *desk, struct shelf *shelf, struct err *err)
{
    const struct mark_event event = {MARK_REMINDED, DESK_SYSTEM, desk->turn.now};
    int64_t left_ms = wall_diff_ms(shelf->data.until, desk->turn.now);
    char text[3 * DESK_TEXT_ID_SIZE];

    /* A clock that was set back must not silence an alarm for longer than was allowed. */
    if (left_ms <= 0 || left_ms > SHELF_MAX_MS)
        return shelf_end(desk, shelf, DESK_SYSTEM, err);
    turn_save(desk, &shelf->data, sizeof shelf->data);
    shelf->data.reminded = true;
    if (add_row(desk, shelf, &event, err) != 0)
        return -1;
    (void)snprintf(text, sizeof text,
                   "shelf %" PRId64 " of %s %s ends in %" PRId64 " min", shelf->number,
                   shelf->alarm->rule, shelf->alarm->equipment,
                   (left_ms + 59999) / 60000);
    return announce_reminder(desk, shelf->alarm->data.told ? shelf->alarm->data.issue : 0,
                             text, err);
}

static int unshelve(struct desk *desk, int64_t number, const char *actor, struct err *err)
{
    for (size_t i = 0; i < desk->shelf_count; i++)
        if (desk->shelves[i]->number == number)
            return shelf_end(desk, desk->shelves[i], actor, err);
    return err_set(err, ERR_NOT_FOUND, "there is no running shelf %" PRId64, number);
}

int desk_unshelve(struct desk *desk, int64_t number, const char *actor,
                  struct wall_time now, struct err *err)
{
    int result;

    if (check_line("actor", actor, DESK_ACTOR_MAX, err) != 0)
        return -1;
    (void)pthread_mutex_lock(&desk->mutex);
    result = turn_begin(desk, now, err);
    if (result == 0) {
        result = unshelve(desk, number, actor, err);
        if (result == 0)
            result = turn_commit(desk, err);
        else
            turn_rollback(desk);
        if (result == 0)
            shelf_sweep(desk);
    }
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

/* ---- readers ---- */

struct reader {
    desk_shelf_visit *visit;
    void *context;
};

static void visit_folded(void *context, const struct folded *folded)
{
    const struct reader *reader = context;

    reader->visit(reader->context, &folded->view);
}

static void visit_running(struct desk *desk, const struct reader *reader)
{
    for (size_t i = 0; i < desk->shelf_count; i++) {
        const struct shelf *shelf = desk->shelves[i];
        const struct shelf_view view = {
            .number = shelf->number,
            .rule = shelf->alarm->rule,
            .equipment = shelf->alarm->equipment,
            .actor = shelf->actor,
            .reason = shelf->reason,
            .since = shelf->since,
            .until = shelf->data.until,
            .ended_by = "",
        };

        reader->visit(reader->context, &view);
    }
}

int desk_shelves(struct desk *desk, bool running_only, desk_shelf_visit *visit,
                 void *context, struct err *err)
{
    struct reader reader = {visit, context};
    int result = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    if (running_only)
        visit_running(desk, &reader);
    else
        result = read_table(desk, desk->totals.next_shelf - MARKS_MAX, visit_folded,
                            &reader, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
