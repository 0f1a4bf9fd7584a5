/* The issue desk: equipment states, gaps between runs, restore, damaged files. */
#include "tests/unit/desk_fixture.h"

#include "base/db.h"
#include "base/file.h"

/* ---- present states ---- */

static void test_from_startup(void **state)
{
    struct plant *plant = *state;
    struct state_view view;

    assert_int_equal(plant_state(plant, PUMP_1, "startup"), STATE_UNKNOWN);
    plant_online(plant, PUMP_1, true, 10);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
    desk_state(plant->desk, PUMP_1, &view);
    assert_true(view.since.ns == plant_at(10).ns);
    assert_int_equal(view.open_issues, 0);
    assert_int_equal(view.worst_severity, -1);
    plant_online(plant, PUMP_1, false, 20);
    assert_int_equal(plant_state(plant, PUMP_1, "comm"), STATE_UNKNOWN);
    plant_online(plant, LINK, false, 30); /* first word of it is that it is gone */
    assert_int_equal(plant_state(plant, LINK, "comm"), STATE_UNKNOWN);
}

static void test_failure_and_alarm(void **state)
{
    struct plant *plant = *state;

    plant_online(plant, PUMP_1, true, 10);
    plant_raise(plant, VIBRATION, PUMP_1, 20);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.vibration"), STATE_DEGRADED);
    plant_raise(plant, DRY_RUN, PUMP_1, 30);
    plant_raise(plant, OVERHEAT, PUMP_1, 40);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    plant_online(plant, PUMP_1, false, 50); /* does not mend it */
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    plant_return(plant, DRY_RUN, PUMP_1, 60);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.overheat"), STATE_FAULT);
    plant_return(plant, OVERHEAT, PUMP_1, 70);
    assert_int_equal(plant_state(plant, PUMP_1, "comm"), STATE_UNKNOWN);
    plant_online(plant, PUMP_1, true, 80);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.vibration"), STATE_DEGRADED);
    plant_return(plant, VIBRATION, PUMP_1, 90);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
}

static void test_comm_lost_is_no_failure(void **state)
{
    struct plant *plant = *state;

    plant_online(plant, PUMP_1, true, 10);
    plant_raise(plant, COMM_LOST, PUMP_1, 20);
    assert_int_equal(plant_state(plant, PUMP_1, ""), STATE_UP);
    plant_online(plant, PUMP_1, false, 20);
    assert_int_equal(plant_state(plant, PUMP_1, "comm"), STATE_UNKNOWN);
    assert_string_equal(plant_issue(plant, "#1").rule, "equipment.comm_lost");
}

static void test_outage_upstream(void **state)
{
    struct plant *plant = *state;

    plant_online(plant, FEEDER, true, 10);
    plant_online(plant, PUMP_1, true, 10);
    plant_raise(plant, DRY_RUN, PUMP_2, 20);
    plant_raise(plant, OUTAGE, FEEDER, 30);
    assert_int_equal(plant_state(plant, FEEDER, "power.outage"), STATE_DEGRADED);
    assert_int_equal(plant_state(plant, PUMP_1, "power"), STATE_EXTERNAL);
    assert_int_equal(plant_state(plant, PUMP_2, "pump.dry_run"), STATE_FAULT);
    assert_int_equal(plant_state(plant, LIFT, "startup"), STATE_UNKNOWN);
    plant_online(plant, PUMP_1, false, 40);
    assert_int_equal(plant_state(plant, PUMP_1, "power"), STATE_EXTERNAL);
    plant_return(plant, OUTAGE, FEEDER, 50);
    assert_int_equal(plant_state(plant, PUMP_1, "comm"), STATE_UNKNOWN);
    assert_int_equal(plant_state(plant, FEEDER, ""), STATE_UP);
}

/* ---- states of a time span ---- */

struct log {
    char text[1024];
    const char *equipment;
};

/* "10:up 20:fault(pump.dry_run)", seconds since the start of the plant. */
static void add_to_log(void *context, const struct state_event *event)
{
    struct log *log = context;
    size_t used = strlen(log->text);

    if (strcmp(event->equipment, log->equipment) != 0)
        return;
    (void)snprintf(log->text + used, sizeof log->text - used, "%s%lld:%s(%s)",
                   used == 0 ? "" : " ",
                   (long long)(event->time.ns / CLOCK_S - PLANT_START),
                   equipment_state_name(event->state), event->reason);
}

static void check_states(struct plant *plant, const char *equipment, int64_t from,
                         int64_t to, const char *want)
{
    struct log log = {.equipment = equipment};
    struct err err = {0};

    if (desk_states(plant->desk, plant_at(from), plant_at(to), add_to_log, &log, &err) !=
        0)
        fail_msg("%s", err.text);
    check_text(equipment, log.text, want);
}

static void test_span(void **state)
{
    struct plant *plant = *state;

    plant_online(plant, PUMP_1, true, 10);
    plant_raise(plant, DRY_RUN, PUMP_1, 20);
    plant_return(plant, DRY_RUN, PUMP_1, 30);
    plant_online(plant, PUMP_1, true, 40); /* no news */
    check_states(plant, "pump-1", 0, 100,
                 "0:unknown(startup) 10:up() 20:fault(pump.dry_run) 30:up()");
    check_states(plant, "pump-1", 25, 30, "20:fault(pump.dry_run)");
    check_states(plant, "pump-1", 20, 31, "20:fault(pump.dry_run) 30:up()");
    check_states(plant, "pump-1", 50, 60, "30:up()");
    check_states(plant, "pump-1", -50, 0, "");
    check_states(plant, "lift-1", 0, 100, "0:unknown(startup)");
    check_states(plant, "plant-room", 0, 100, "0:unknown(startup)");
}

static void check_names(void *context, const struct state_event *event)
{
    if (event->state != STATE_FAULT)
        return;
    assert_string_equal(event->equipment, "pump-1");
    assert_string_equal(event->name, "生活水泵1");
    assert_string_equal(event->class_name, "pump");
    assert_string_equal(event->place, "Plant room B1");
    (void)snprintf(context, DESK_ID_SIZE, "%s", event->issue);
}

static void test_span_names(void **state)
{
    struct plant *plant = *state;
    char issue[DESK_ID_SIZE] = "";
    struct err err;

    plant_raise(plant, DRY_RUN, PUMP_1, 20);
    assert_int_equal(
        desk_states(plant->desk, plant_at(0), plant_at(99), check_names, issue, &err), 0);
    assert_string_equal(issue, plant_issue(plant, "#1").id);
}

/* The clock is set back by an hour: what is recorded later holds from its time on. */
static void test_clock_set_back(void **state)
{
    struct plant *plant = *state;

    plant_online(plant, PUMP_1, true, 4000);
    plant_raise(plant, DRY_RUN, PUMP_1, 5000);
    plant_return(plant, DRY_RUN, PUMP_1, 4500);
    plant_online(plant, PUMP_1, false, 6000);
    check_states(plant, "pump-1", 0, 9000,
                 "0:unknown(startup) 4000:up() 4500:up() 6000:unknown(comm)");
}

/* A turn holds rows of different times; the states follow each other by time. */
static void test_order_in_a_turn(void **state)
{
    struct plant *plant = *state;
    struct online_change online[2] = {{PUMP_1, true, plant_at(10), false},
                                      {PUMP_1, false, plant_at(30), false}};
    struct alarm_change change =
        plant_change(plant, CHANGE_RAISED, VIBRATION, PUMP_1, 20);
    struct err err;

    assert_int_equal(desk_apply(plant->desk, &change, 1, online, 2, plant_at(31), &err),
                     0);
    check_states(plant, "pump-1", 0, 99,
                 "0:unknown(startup) 10:up() 20:degraded(pump.vibration) "
                 "30:unknown(comm)");
}

/* ---- restarts ---- */

static void test_gap(void **state)
{
    struct plant *plant = *state;
    struct err err;
    struct state_view view;

    plant_online(plant, PUMP_1, true, 10);
    plant_raise(plant, DRY_RUN, PUMP_2, 20);
    assert_int_equal(desk_alive(plant->desk, plant_at(500), &err), 0);
    plant_reopen(plant, 800);
    assert_int_equal(plant_state(plant, PUMP_1, "startup"), STATE_UNKNOWN);
    assert_int_equal(plant_state(plant, PUMP_2, "pump.dry_run"), STATE_FAULT);
    desk_state(plant->desk, PUMP_2, &view);
    assert_true(view.since.ns == plant_at(20).ns);
    assert_int_equal(view.open_issues, 1);
    plant_online(plant, PUMP_1, true, 810);
    plant_online(plant, PUMP_2, true, 810); /* an answer does not end a failure */
    assert_int_equal(plant_state(plant, PUMP_2, "pump.dry_run"), STATE_FAULT);
    check_states(plant, "pump-1", 0, 999,
                 "0:unknown(startup) 10:up() 500:unknown(gateway) "
                 "800:unknown(startup) 810:up()");
    check_states(plant, "pump-2", 0, 999,
                 "0:unknown(startup) 20:fault(pump.dry_run) 500:unknown(gateway) "
                 "800:fault(pump.dry_run)");
    plant_return(plant, DRY_RUN, PUMP_2, 900);
    assert_int_equal(plant_state(plant, PUMP_2, ""), STATE_UP);
}

/* Restarted every few seconds without hearing of anything, the file does not grow. */
static void test_restart_loop(void **state)
{
    struct plant *plant = *state;

    for (int i = 1; i <= 20; i++)
        plant_reopen(plant, (int64_t)i * 5);
    check_states(plant, "pump-1", 0, 999, "0:unknown(startup)");
    plant_online(plant, PUMP_1, true, 200);
    plant_reopen(plant, 205);
    check_states(plant, "pump-1", 0, 999,
                 "0:unknown(startup) 200:unknown(gateway) 205:unknown(startup)");
}

static void test_retired(void **state)
{
    struct plant *plant = *state;
    struct err err;

    plant_online(plant, LIFT, true, 10);
    assert_int_equal(desk_alive(plant->desk, plant_at(100), &err), 0);
    desk_close(plant->desk);
    model_free(plant->model);
    plant->model = plant_model(LIFT); /* without the lift and the link */
    plant_open(plant, 200);
    check_states(plant, "lift-1", 0, 999,
                 "0:unknown(startup) 10:up() "
                 "100:unknown(" DESK_REASON_RETIRED ")");
    plant_reopen(plant, 300); /* said once */
    check_states(plant, "lift-1", 150, 999, "100:unknown(" DESK_REASON_RETIRED ")");
    desk_close(plant->desk);
    model_free(plant->model);
    plant->model = plant_model(PLANT_SIZE); /* and it is back */
    plant_open(plant, 400);
    check_states(plant, "lift-1", 150, 999,
                 "100:unknown(" DESK_REASON_RETIRED ") 400:unknown(startup)");
}

static void test_restore(void **state)
{
    struct plant *plant = *state;
    struct engine engine = plant_engine();
    struct alarm_change change;

    plant_raise(plant, DRY_RUN, PUMP_1, 20);
    change = plant_change(plant, CHANGE_PROGRESS, DRY_RUN, PUMP_1, 30);
    change.alarm = (struct alarm){.state = ALARM_CLEARING,
                                  .unknown = true,
                                  .observed_ms = 1234,
                                  .unknown_ms = 567,
                                  .activation = 7,
                                  .since = plant_at(30)};
    change.standing = STANDING_ROOT;
    plant_apply(plant, &change); /* timers only: goes with the close */
    plant_reopen(plant, 100);
    plant_restore(plant, &engine, 101);
    assert_int_equal(engine.restored, 1);
    assert_string_equal(engine.last_rule, "pump.dry_run");
    assert_int_equal(engine.last_alarm.state, ALARM_CLEARING);
    assert_true(engine.last_alarm.unknown);
    assert_int_equal(engine.last_alarm.observed_ms, 1234);
    assert_int_equal(engine.last_alarm.unknown_ms, 567);
    assert_int_equal(engine.last_alarm.activation, 7);
    assert_true(engine.last_alarm.since.ns == plant_at(30).ns);
    assert_true(engine.last_hash == engine_rule_hash(&plant_rules[DRY_RUN]));
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
}

/* Timers reach the file with the sign of life, without a transaction of their own. */
static void test_progress_waits(void **state)
{
    struct plant *plant = *state;
    struct engine engine = plant_engine();
    struct alarm_change change =
        plant_change(plant, CHANGE_PROGRESS, DRY_RUN, PUMP_1, 30);
    struct desk_counts before;
    struct desk_counts after;
    struct desk *beside;
    struct err err;

    desk_counts(plant->desk, &before);
    change.alarm.state = ALARM_PENDING;
    for (int i = 0; i < 50; i++)
        plant_apply(plant, &change);
    desk_counts(plant->desk, &after);
    assert_int_equal(after.commits, before.commits);
    assert_int_equal(desk_alive(plant->desk, plant_at(40), &err), 0);
    beside = plant->desk; /* still open: only what is in the file can be read now */
    plant_open(plant, 50);
    plant_restore(plant, &engine, 51);
    assert_int_equal(engine.last_alarm.state, ALARM_PENDING);
    desk_close(beside);
}

static void check_last_event(struct plant *plant, const char *issue, const char *want);

static void test_restore_vanished(void **state)
{
    static const struct {
        const char *name;
        const char *equipment;
        const char *rule;
        size_t rules; /* that the engine runs */
        const char *text;
    } cases[] = {{"no such pair", "pump-1", NULL, 5,
                  "the rule does not watch this equipment any more"},
                 {"no such rule", NULL, "pump.dry_run", 0, "rule removed"}};
    struct plant *plant = *state;

    for (size_t i = 0; i < 2; i++) {
        int64_t second = (int64_t)i * 200000;
        struct engine engine = plant_engine();
        const char *issue = i == 0 ? "#1" : "#2";

        plant_online(plant, PUMP_1, true, second + 10);
        plant_raise(plant, DRY_RUN, PUMP_1, second + 20);
        plant_reopen(plant, second + 100);
        engine.unknown_equipment = cases[i].equipment;
        engine.unknown_rule = cases[i].rule;
        engine.rule_count = cases[i].rules;
        plant_restore(plant, &engine, second + 101);
        assert_int_equal(engine.restored, 0);
        assert_int_equal(plant_state(plant, PUMP_1, "startup"), STATE_UNKNOWN);
        check_last_event(plant, issue, cases[i].text);
        assert_false(plant_issue(plant, issue).alarm_active);
        assert_int_equal(plant_issue(plant, issue).status, ISSUE_CLOSED);
        engine.restored = 0;
        plant_reopen(plant, second + 200); /* ended for good */
        engine.unknown_equipment = NULL;
        engine.unknown_rule = NULL;
        engine.rule_count = 5;
        plant_restore(plant, &engine, second + 201);
        assert_int_equal(engine.restored, 0);
    }
}

static void keep_text(void *context, const struct issue_event *event)
{
    (void)snprintf(context, 256, "%s", event->text);
}

static void check_last_event(struct plant *plant, const char *issue, const char *want)
{
    char text[256] = "";
    struct err err;

    assert_int_equal(desk_events(plant->desk, issue, keep_text, text, &err), 0);
    check_text(issue, text, want);
}

static void test_restore_retired(void **state)
{
    struct plant *plant = *state;
    struct engine engine = plant_engine();

    plant_raise(plant, VIBRATION, LIFT, 20);
    desk_close(plant->desk);
    model_free(plant->model);
    plant->model = plant_model(LIFT);
    plant_open(plant, 100);
    engine.unknown_equipment = "lift-1";
    plant_restore(plant, &engine, 101);
    check_last_event(plant, "#1",
                     "the equipment was taken out of the configuration; its alarm ended");
    assert_string_equal(plant_issue(plant, "#1").equipment, "lift-1");
    plant_act(plant, "#1", ACTION_RESOLVE, 110); /* people may still finish it */
    plant_act(plant, "#1", ACTION_CLOSE, 120);
}

static void test_rule_changed(void **state)
{
    struct plant *plant = *state;
    struct engine engine = plant_engine();
    const char *title = plant_rules[DRY_RUN].title_en;

    plant_raise(plant, DRY_RUN, PUMP_1, 20);
    plant_reopen(plant, 100);
    plant_rules[DRY_RUN].title_en = "Another text";
    plant_rules[DRY_RUN].failure = false;
    plant_restore(plant, &engine, 101);
    check_last_event(plant, "#1", "the rule was changed; its alarm is judged anew");
    plant_online(plant, PUMP_1, true, 110);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_DEGRADED);
    plant_act(plant, "#1", ACTION_ACKNOWLEDGE, 120);
    plant_reopen(plant, 200);
    plant_restore(plant, &engine, 201); /* known by now */
    check_last_event(plant, "#1", "");
    plant_rules[DRY_RUN].title_en = title;
    plant_rules[DRY_RUN].failure = true;
}

/* ---- files ---- */

static void write_file(const char *path, const char *bytes, size_t length)
{
    struct err err;

    assert_int_equal(file_replace(path, bytes, length, &err), 0);
}

/* The one file beside the desk's whose name holds "damaged" and is no journal. */
static bool find_damaged(const struct plant *plant)
{
    DIR *folder = opendir(plant->folder);
    const struct dirent *entry;
    bool found = false;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
        found = found || strstr(entry->d_name, "issues.db.damaged-2025112") != NULL;
    (void)closedir(folder);
    return found;
}

static void test_damaged_header(void **state)
{
    struct plant *plant = *state;

    plant_raise(plant, DRY_RUN, PUMP_1, 20);
    assert_null(desk_damage(plant->desk));
    desk_close(plant->desk);
    write_file(plant->path, "this is no database, but it is long enough to look at", 53);
    plant_open(plant, 100);
    assert_non_null(desk_damage(plant->desk));
    assert_non_null(strstr(desk_damage(plant->desk), "issues.db.damaged-2025112"));
    assert_true(find_damaged(plant));
    plant_raise(plant, DRY_RUN, PUMP_1, 120);
    assert_int_equal(plant_issue(plant, "#1").number, 1);
    plant_reopen(plant, 200); /* the new one is sound */
    assert_null(desk_damage(plant->desk));
}

/* Any byte spoilt, any cut: the desk opens, with the old file or with a new one. */
static void test_damaged_anywhere(void **state)
{
    struct plant *plant = *state;
    struct err err;
    size_t length;
    size_t set_aside = 0;
    char *sound;

    for (int i = 0; i < 30; i++)
        plant_raise(plant, (enum plant_rule)(i % 3), (enum plant_equipment)(i % 2 + 1),
                    INT64_C(100000) * i);
    desk_close(plant->desk);
    sound = file_read(plant->path, 1 << 22, &length, &err);
    assert_non_null(sound);
    for (size_t i = 0; i < 120; i++) {
        char *copy = mem_strndup("", 0);
        size_t kept = i % 4 == 3 ? length * i / 120 : length;

        mem_free(copy);
        copy = mem_alloc(length);
        memcpy(copy, sound, length);
        for (size_t b = 0; b < 64; b++)
            copy[(i * 7919 + b * 131) % length] = (char)(i + b);
        memcpy(copy + 68, sound + 68, 4); /* else it is a file of another program */
        write_file(plant->path, copy, kept);
        mem_free(copy);
        plant_open(plant, 4000000);
        set_aside += desk_damage(plant->desk) != NULL;
        (void)desk_alive(plant->desk, plant_at(4000001), &err);
        desk_close(plant->desk);
    }
    mem_free(sound);
    assert_true(set_aside > 60);
    plant_open(plant, 4000002);
}

static void test_foreign_file(void **state)
{
    struct plant *plant = *state;
    struct err err = {0};
    struct db *db;

    desk_close(plant->desk);
    plant->desk = NULL;
    (void)unlink(plant->path);
    db = db_open(plant->path, DB_JOURNAL, &err);
    assert_non_null(db);
    assert_int_equal(db_run(db, "CREATE TABLE theirs(a)", &err), 0);
    db_close(db);
    assert_null(desk_open(plant->path, plant->model, plant_at(1), &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_false(find_damaged(plant)); /* it is not ours to move */
}

static void test_newer_version(void **state)
{
    struct plant *plant = *state;
    struct err err = {0};
    struct db *db;

    desk_close(plant->desk);
    plant->desk = NULL;
    db = db_open(plant->path, DB_JOURNAL, &err);
    assert_non_null(db);
    assert_int_equal(db_run(db, "PRAGMA user_version=99", &err), 0);
    db_close(db);
    assert_null(desk_open(plant->path, plant->model, plant_at(1), &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(desk_open("/dev/null/issues.db", plant->model, plant_at(1), &err));
    assert_int_equal(err.kind, ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_from_startup),
        PLANT_TEST(test_failure_and_alarm),
        PLANT_TEST(test_comm_lost_is_no_failure),
        PLANT_TEST(test_outage_upstream),
        PLANT_TEST(test_span),
        PLANT_TEST(test_span_names),
        PLANT_TEST(test_clock_set_back),
        PLANT_TEST(test_order_in_a_turn),
        PLANT_TEST(test_gap),
        PLANT_TEST(test_restart_loop),
        PLANT_TEST(test_retired),
        PLANT_TEST(test_restore),
        PLANT_TEST(test_progress_waits),
        PLANT_TEST(test_restore_vanished),
        PLANT_TEST(test_restore_retired),
        PLANT_TEST(test_rule_changed),
        PLANT_TEST(test_damaged_header),
        PLANT_TEST(test_damaged_anywhere),
        PLANT_TEST(test_foreign_file),
        PLANT_TEST(test_newer_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
