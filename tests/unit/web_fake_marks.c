/* web_fake_marks.c - shelves, permits, symptoms and announcements of the make-believe
 * desk: what one set of pages needs, kept for the whole process. */
#include "issues/marks.h"

#include "tests/unit/web_fakes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    FAKE_MARKS = 64,
};

struct fake_shelf {
    char rule[64];
    char equipment[64];
    char actor[64];
    char reason[MARK_REASON_MAX + 1];
    struct wall_time since;
    struct wall_time until;
    bool ended;
};

struct fake_permit {
    char equipment[256];
    char place[64];
    char class_name[64];
    char holder[128];
    char reason[MARK_REASON_MAX + 1];
    char actor[64];
    struct wall_time from;
    struct wall_time until;
    struct wall_time closed;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* guarded by mutex */
static struct fake_shelf shelves[FAKE_MARKS];
static size_t shelf_count;
static struct fake_permit permits[FAKE_MARKS];
static size_t permit_count;

static void keep(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text);
}

/* The engine's, which is make-believe as well. */
const char *standing_name(enum standing standing)
{
    return standing == STANDING_SYMPTOM ? "symptom" : "root";
}

/* ---- shelves ---- */

/* NOLINTNEXTLINE(readability-function-size): as the contract says */
int desk_shelve(struct desk *desk, const char *rule, const char *equipment,
                const char *actor, const char *reason, struct wall_time now,
                struct wall_time until, int64_t *number, struct err *err)
{
    struct fake_shelf *shelf;

    (void)desk;
    if (reason[0] == '\0')
        return err_set(err, ERR_INPUT, "the reason is empty");
    if (wall_diff_ms(until, now) > SHELF_MAX_MS)
        return err_set(err, ERR_INPUT, "a shelf lasts at most 24 hours");
    (void)pthread_mutex_lock(&mutex);
    shelf = &shelves[shelf_count++ % FAKE_MARKS];
    *shelf = (struct fake_shelf){.since = now, .until = until};
    keep(shelf->rule, sizeof shelf->rule, rule);
    keep(shelf->equipment, sizeof shelf->equipment, equipment);
    keep(shelf->actor, sizeof shelf->actor, actor);
    keep(shelf->reason, sizeof shelf->reason, reason);
    *number = (int64_t)shelf_count;
    (void)pthread_mutex_unlock(&mutex);
    return 0;
}

int desk_unshelve(struct desk *desk, int64_t number, const char *actor,
                  struct wall_time now, struct err *err)
{
    int result = -1;

    (void)desk;
    (void)actor;
    (void)pthread_mutex_lock(&mutex);
    if (number >= 1 && number <= (int64_t)shelf_count && !shelves[number - 1].ended) {
        shelves[number - 1].ended = true;
        shelves[number - 1].until = now;
        result = 0;
    }
    (void)pthread_mutex_unlock(&mutex);
    return result == 0 ? 0
                       : err_set(err, ERR_NOT_FOUND, "there is no running shelf %lld",
                                 (long long)number);
}

int desk_shelves(struct desk *desk, bool running_only, desk_shelf_visit *visit,
                 void *context, struct err *err)
{
    (void)desk;
    (void)err;
    (void)pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < shelf_count && i < FAKE_MARKS; i++) {
        const struct shelf_view view = {.number = (int64_t)i + 1,
                                        .rule = shelves[i].rule,
                                        .equipment = shelves[i].equipment,
                                        .actor = shelves[i].actor,
                                        .reason = shelves[i].reason,
                                        .since = shelves[i].since,
                                        .until = shelves[i].until,
                                        .ended = shelves[i].ended,
                                        .ended_by = shelves[i].ended ? "web" : ""};

        if (!running_only || !shelves[i].ended)
            visit(context, &view);
    }
    (void)pthread_mutex_unlock(&mutex);
    return 0;
}

/* ---- permits ---- */

int desk_permit(struct desk *desk, const struct permit_draft *draft, const char *actor,
                struct wall_time now, int64_t *number, struct err *err)
{
    struct fake_permit *permit;

    (void)desk;
    if (draft->holder[0] == '\0')
        return err_set(err, ERR_INPUT, "the holder is empty");
    if (draft->until.ns <= now.ns)
        return err_set(err, ERR_INPUT, "a permit ends in the future, after it begins");
    (void)pthread_mutex_lock(&mutex);
    permit = &permits[permit_count++ % FAKE_MARKS];
    *permit = (struct fake_permit){.from = draft->from, .until = draft->until};
    keep(permit->equipment, sizeof permit->equipment, draft->equipment);
    keep(permit->place, sizeof permit->place, draft->place);
    keep(permit->class_name, sizeof permit->class_name, draft->class_name);
    keep(permit->holder, sizeof permit->holder, draft->holder);
    keep(permit->reason, sizeof permit->reason, draft->reason);
    keep(permit->actor, sizeof permit->actor, actor);
    *number = (int64_t)permit_count;
    (void)pthread_mutex_unlock(&mutex);
    return 0;
}

int desk_permit_close(struct desk *desk, int64_t number, const char *actor,
                      struct wall_time now, struct err *err)
{
    int result = -1;

    (void)desk;
    (void)actor;
    (void)pthread_mutex_lock(&mutex);
    if (number >= 1 && number <= (int64_t)permit_count &&
        permits[number - 1].closed.ns == 0) {
        permits[number - 1].closed = now;
        result = 0;
    }
    (void)pthread_mutex_unlock(&mutex);
    return result == 0 ? 0
                       : err_set(err, ERR_NOT_FOUND, "there is no running permit %lld",
                                 (long long)number);
}

static struct permit_view view_of(size_t i)
{
    const struct fake_permit *permit = &permits[i];

    return (struct permit_view){.number = (int64_t)i + 1,
                                .draft = {.equipment = permit->equipment,
                                          .place = permit->place,
                                          .class_name = permit->class_name,
                                          .reason = permit->reason,
                                          .holder = permit->holder,
                                          .from = permit->from,
                                          .until = permit->until},
                                .actor = permit->actor,
                                .equipment_count = 1,
                                .running = permit->closed.ns == 0,
                                .closed = permit->closed,
                                .closed_by = permit->closed.ns == 0 ? "" : "web"};
}

int desk_permits(struct desk *desk, bool running_only, desk_permit_visit *visit,
                 void *context, struct err *err)
{
    (void)desk;
    (void)err;
    (void)pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < permit_count && i < FAKE_MARKS; i++) {
        const struct permit_view view = view_of(i);

        if (!running_only || permits[i].closed.ns == 0)
            visit(context, &view);
    }
    (void)pthread_mutex_unlock(&mutex);
    return 0;
}

bool desk_equipment_permit(struct desk *desk, uint32_t equipment,
                           desk_permit_visit *visit, void *context)
{
    (void)desk;
    (void)equipment;
    (void)visit;
    (void)context;
    return false;
}

int desk_step(struct desk *desk, struct wall_time now, struct err *err)
{
    (void)desk;
    (void)now;
    (void)err;
    return 0;
}

/* ---- alarms, symptoms, announcements ---- */

static bool is_shelved(const char *rule, const char *equipment, struct alarm_view *view)
{
    bool found = false;

    (void)pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < shelf_count && i < FAKE_MARKS; i++) {
        if (shelves[i].ended || strcmp(shelves[i].rule, rule) != 0 ||
            strcmp(shelves[i].equipment, equipment) != 0)
            continue;
        view->shelved = true;
        view->shelf = (int64_t)i + 1;
        view->shelved_until = shelves[i].until;
        found = true;
    }
    (void)pthread_mutex_unlock(&mutex);
    return found;
}

bool desk_alarm_view(struct desk *desk, const char *rule, const char *equipment,
                     struct alarm_view *view)
{
    (void)desk;
    *view = (struct alarm_view){.rule = rule,
                                .equipment = equipment,
                                .standing = STANDING_ROOT,
                                .cause_rule = "",
                                .cause_equipment = ""};
    return is_shelved(rule, equipment, view);
}

void desk_active_alarms(struct desk *desk, desk_alarm_visit *visit, void *context)
{
    const struct alarm_view view = {.rule = "pump.dry_run",
                                    .equipment = "pump-2",
                                    .alarm = {.state = ALARM_ACTIVE},
                                    .standing = STANDING_SYMPTOM,
                                    .cause_rule = "power.outage",
                                    .cause_equipment = "meter-1",
                                    .severity = SEVERITY_GENERAL,
                                    .unknown_since = {INT64_C(1764000000000000000)},
                                    .chattering = true};

    (void)desk;
    visit(context, &view);
}

int desk_symptoms(struct desk *desk, const char *issue, desk_symptom_visit *visit,
                  void *context, struct err *err)
{
    const struct symptom_view view = {.rule = "pump.dry_run",
                                      .equipment = "pump-2",
                                      .equipment_name = "生活水泵2",
                                      .since = {INT64_C(1764000000000000000)},
                                      .issue = "",
                                      .raises = 3};

    (void)desk;
    (void)issue;
    (void)err;
    visit(context, &view);
    return 0;
}

int desk_announcements(struct desk *desk, int64_t sequence, size_t limit,
                       desk_announcement_visit *visit, void *context, struct err *err)
{
    const struct announcement one = {.sequence = 1,
                                     .time = {INT64_C(1764000000000000000)},
                                     .kind = ANNOUNCE_OPENED,
                                     .issue = "riverside-01JDFAKE000000000000000001",
                                     .severity = SEVERITY_GENERAL,
                                     .count = 1,
                                     .text = "",
                                     .issue_number = 1};

    (void)desk;
    (void)limit;
    (void)err;
    if (sequence < 1)
        visit(context, &one);
    return 0;
}

void desk_flood(struct desk *desk, struct flood_view *view)
{
    (void)desk;
    *view = (struct flood_view){
        .active = true, .since = {INT64_C(1764000000000000000)}, .waiting = 7};
}
