/* opened.c - see opened.h. */
#include "reports/opened.h"

#include "base/db.h"
#include "base/mem.h"
#include "issues/issue.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    GAP_MIN_MS = 15 * 1000, /* signs of life come each 10 s */
    NO_RAISE = -1,
};

/* While the events are read, sorted by rule, equipment and time. */
struct reading_events {
    struct opened *opened;
    size_t capacity;
    int64_t running; /* index of the raise under way, or NO_RAISE */
};

static void begin(struct reading_events *reading, struct raise raise)
{
    struct opened *opened = reading->opened;

    if (opened->count == reading->capacity) {
        reading->capacity = reading->capacity * 2 + 64;
        opened->raises =
            mem_resize(opened->raises, reading->capacity, sizeof *opened->raises);
    }
    reading->running = (int64_t)opened->count;
    opened->raises[opened->count++] = raise;
}

static void end(struct reading_events *reading, struct wall_time time,
                enum standing standing)
{
    struct raise *raise;

    if (reading->running == NO_RAISE)
        return;
    raise = &reading->opened->raises[reading->running];
    raise->returned = time;
    raise->standing = standing;
    reading->running = NO_RAISE;
}

static void take_event(struct reading_events *reading, enum issue_action action,
                       struct raise raise)
{
    bool begins = action == ACTION_OPENED || action == ACTION_RECURRED;

    /* It never returned: a person closed its issue, then it got worse. */
    if (begins && reading->running != NO_RAISE)
        return;
    end(reading, raise.told,
        action == ACTION_ATTACHED ? STANDING_SYMPTOM : STANDING_ROOT);
    if (begins)
        begin(reading, raise);
}

static int read_events(struct reading_events *reading, struct db *db, const char *rule,
                       uint32_t index, const struct model *model, struct err *err)
{
    char *sql =
        mem_format("SELECT i.equipment, e.action, e.time, i.severity FROM event e "
                   "JOIN issue i ON i.number = e.issue WHERE i.rule = ?1 AND "
                   "e.action IN (%d, %d, %d, %d, %d) ORDER BY i.equipment, e.sequence",
                   ACTION_OPENED, ACTION_RETURNED, ACTION_RECURRED, ACTION_ATTACHED,
                   ACTION_WITHDRAWN);
    struct db_query *query = db_prepare(db, sql, err);
    const struct equipment *last = NULL;
    int row = -1;

    reading->running = NO_RAISE;
    if (query != NULL)
        db_bind_text(query, 1, rule);
    while (query != NULL && (row = db_step(query, err)) == 1) {
        const struct equipment *equipment = model_equipment(model, db_text(query, 0));
        struct wall_time time = {db_int(query, 2)};

        if (equipment != last)
            reading->running = NO_RAISE;
        last = equipment;
        if (equipment != NULL)
            take_event(reading, (enum issue_action)db_int(query, 1),
                       (struct raise){.rule = index,
                                      .equipment = equipment->index,
                                      .raised = time,
                                      .told = time,
                                      .severity = (enum severity)db_int(query, 3),
                                      .standing = STANDING_ROOT});
    }
    db_finish(query);
    mem_free(sql);
    return row;
}

struct span {
    struct wall_time from;
    struct wall_time to;
};

/* One number of a statement about a rule in a span. */
static int count_of(struct db *db, const char *sql, const char *rule, struct span span,
                    int64_t *count, struct err *err)
{
    struct db_query *query = db_prepare(db, sql, err);
    int row = -1;

    if (query != NULL) {
        db_bind_text(query, 1, rule);
        db_bind_int(query, 2, span.from.ns);
        db_bind_int(query, 3, span.to.ns);
        row = db_step(query, err);
    }
    if (row == 1)
        *count = db_int(query, 0);
    db_finish(query);
    return row == 1 ? 0 : -1;
}

#define ISSUES_OF "FROM issue i WHERE i.rule = ?1 AND i.opened >= ?2 AND i.opened < ?3"

static int judge(struct db *db, const char *rule, struct span span,
                 struct opened_rule *judged, struct err *err)
{
    char *closed =
        mem_format("SELECT count(*) " ISSUES_OF " AND i.status = %d", ISSUE_CLOSED);
    char *judged_false =
        mem_format("SELECT count(*) " ISSUES_OF " AND EXISTS(SELECT 1 FROM event e WHERE "
                   "e.issue = i.number AND e.action IN (%d, %d, %d) AND "
                   "(e.text LIKE '%%false alarm%%' OR e.text LIKE '%%误报%%'))",
                   ACTION_RESOLVE, ACTION_CLOSE, ACTION_COMMENT);
    int result = -1;

    if (count_of(db, "SELECT count(*) " ISSUES_OF, rule, span, &judged->issues, err) ==
            0 &&
        count_of(db, closed, rule, span, &judged->closed, err) == 0 &&
        count_of(db, judged_false, rule, span, &judged->judged_false, err) == 0 &&
        count_of(db,
                 "SELECT count(*) FROM event e JOIN issue i ON i.number = e.issue WHERE "
                 "i.rule = 'signal.chattering' AND e.text = ?1 AND e.time >= ?2 AND "
                 "e.time < ?3",
                 rule, span, &judged->chattering, err) == 0)
        result = 0;
    mem_free(closed);
    mem_free(judged_false);
    return result;
}

static void keep_span(struct opened *opened, struct wall_time from, struct wall_time to)
{
    size_t kept = 0;

    for (size_t i = 0; i < opened->count; i++) {
        const struct raise *raise = &opened->raises[i];

        if (raise->raised.ns < to.ns &&
            (raise->returned.ns == 0 || raise->returned.ns >= from.ns))
            opened->raises[kept++] = *raise;
    }
    opened->count = kept;
}

/* The latest end of all runs so far counts: clocks may have been set back. */
static int read_runs(struct opened *opened, struct db *db, struct err *err)
{
    struct db_query *query =
        db_prepare(db, "SELECT start, last_alive FROM run ORDER BY start", err);
    size_t capacity = 0;
    int64_t alive = 0;
    int row = -1;

    while (query != NULL && (row = db_step(query, err)) == 1) {
        int64_t start = db_int(query, 0);

        if (opened->first_run.ns == 0)
            opened->first_run.ns = start;
        if (alive != 0 && start - alive > GAP_MIN_MS * CLOCK_MS) {
            if (opened->gap_count == capacity) {
                capacity = capacity * 2 + 16;
                opened->gaps = mem_resize(opened->gaps, capacity, sizeof *opened->gaps);
            }
            opened->gaps[opened->gap_count][0] = (struct wall_time){alive};
            opened->gaps[opened->gap_count++][1] = (struct wall_time){start};
        }
        if (db_int(query, 1) > alive)
            alive = db_int(query, 1);
    }
    db_finish(query);
    return row;
}

static int read_rules(struct opened *opened, struct db *db,
                      const struct opened_query *query, struct err *err)
{
    struct reading_events reading = {opened, 0, NO_RAISE};
    struct span span = {query->from, query->to};

    opened->rules = mem_array(query->rule_count + 1, sizeof *opened->rules);
    for (size_t i = 0; i < query->rule_count; i++)
        if (read_events(&reading, db, query->rules[i], (uint32_t)i, query->model, err) !=
                0 ||
            judge(db, query->rules[i], span, &opened->rules[i], err) != 0)
            return -1;
    return 0;
}

int opened_read(struct opened *opened, const struct opened_query *query, struct err *err)
{
    struct db *db;
    int result;

    *opened = (struct opened){0};
    if (access(query->path, R_OK) != 0)
        return errno == ENOENT ? 0
                               : err_set(err, errno == EACCES ? ERR_DENIED : ERR_IO,
                                         "'%s': %m", query->path);
    db = db_open(query->path, DB_READ, err);
    if (db == NULL)
        return -1;
    result = read_runs(opened, db, err);
    if (result == 0)
        result = read_rules(opened, db, query, err);
    db_close(db);
    if (result != 0) {
        opened_done(opened);
        return -1;
    }
    keep_span(opened, query->from, query->to);
    return 0;
}

void opened_done(struct opened *opened)
{
    mem_free(opened->raises);
    mem_free(opened->gaps);
    mem_free(opened->rules);
    *opened = (struct opened){0};
}

bool opened_is_gap(const struct opened *opened, struct wall_time time)
{
    for (size_t i = 0; i < opened->gap_count; i++)
        if (time.ns > opened->gaps[i][0].ns && time.ns < opened->gaps[i][1].ns)
            return true;
    return time.ns < opened->first_run.ns;
}
