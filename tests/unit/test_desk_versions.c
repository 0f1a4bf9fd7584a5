/* The issue desk: a file that the first version wrote is brought up to date and goes on.
 */
#include "tests/unit/desk_fixture.h"

#include "base/db.h"
#include "issues/store_sql.h"

/* As version 1 left it: one run, an active failure with its issue, one that was resolved,
 * a pending alarm, a person's comment. */
static const char rows[] =
    "INSERT INTO meta VALUES('site', 'riverside');"
    "INSERT INTO run VALUES(1, 1764000000000000000, 1764000900000000000);"
    "INSERT INTO equipment VALUES(1, 'feeder-1', 'Feeder 1', 'electricity_meter', '', 0),"
    " (2, 'pump-1', '生活水泵1', 'pump', 'Plant room B1', 0);"
    "INSERT INTO issue(number, id, status, severity, category, kind, source, rule, "
    "equipment, equipment_name, class, place, title_en, title_zh, advice_en, advice_zh, "
    "evidence, opened, changed, returned, alarm_active) VALUES"
    "(1, 'riverside-01KAAA', 1, 2, 3, 'fault', 'rule', 'pump.dry_run', 'pump-1', 'P', "
    "'pump', 'B1', 't', 't', '', '', '{}', 1764000100000000000, 1764000100000000000, 0, "
    "1),"
    "(2, 'riverside-01KAAB', 4, 1, 3, 'fault', 'rule', 'pump.overheat', 'pump-1', 'P', "
    "'pump', 'B1', 't', 't', '', '', '{}', 1764000100000000000, 1764000300000000000, "
    "1764000200000000000, 0);"
    "INSERT INTO event VALUES"
    "(1, 1, 1764000100000000000, 0, 'facilityd', '', '{}', 0),"
    "(2, 2, 1764000100000000000, 0, 'facilityd', '', '{}', 0),"
    "(3, 1, 1764000150000000000, 1, 'Li Wei', '', '', 1);"
    "INSERT INTO alarm VALUES"
    "('pump.dry_run', 'pump-1', 2, 0, 0, 0, 3, 1764000100000000000, "
    "1764000100000000000, 1, 0, 5, 1),"
    "('pump.overheat', 'pump-1', 0, 0, 0, 0, 1, 1764000200000000000, 0, 1, 0, 5, 2),"
    "('pump.vibration', 'pump-1', 1, 0, 4000, 0, 0, 1764000200000000000, 0, 0, 0, 5, "
    "NULL);"
    "INSERT INTO equipment_state VALUES"
    "(1, 2, 1764000000000000000, 5, 'startup', NULL),"
    "(2, 2, 1764000100000000000, 2, 'pump.dry_run', 1);";

static void write_version_1(struct plant *plant)
{
    struct err err = {0};
    struct db *db;

    desk_close(plant->desk);
    plant->desk = NULL;
    (void)unlink(plant->path);
    db = db_open(plant->path, DB_JOURNAL, &err);
    assert_non_null(db);
    if (db_create_schema(db, 1, store_versions[0], &err) != 0 ||
        db_run(db, rows, &err) != 0)
        fail_msg("%s", err.text);
    db_close(db);
}

static int64_t read_version(const struct plant *plant)
{
    struct err err = {0};
    struct db *db = db_open(plant->path, DB_READ, &err);
    int64_t version = 0;
    int64_t wrong = -1;

    assert_non_null(db);
    assert_int_equal(db_read_int(db, "PRAGMA user_version", &version, &err), 0);
    assert_int_equal(
        db_read_int(db, "SELECT count(*) FROM pragma_foreign_key_check", &wrong, &err),
        0);
    assert_int_equal(wrong, 0);
    db_close(db);
    return version;
}

static void test_version_1(void **state)
{
    struct plant *plant = *state;
    struct engine engine = plant_engine();
    struct alarm_view view;

    write_version_1(plant);
    plant_open(plant, 1000);
    assert_null(desk_damage(plant->desk));
    assert_int_equal(read_version(plant), STORE_VERSION);
    plant_restore(plant, &engine, 1000);
    assert_int_equal(engine.restored, 3);
    assert_int_equal(plant_unclosed(plant), 1);
    plant_log(plant, "#1",
              "opened;acknowledge;note the rule was changed; its alarm is "
              "judged anew");
    assert_true(desk_alarm_view(plant->desk, "pump.dry_run", "pump-1", &view));
    assert_int_equal(view.standing, STANDING_ROOT);
    assert_int_equal(view.issue_number, 1);
    assert_int_equal(plant_state(plant, PUMP_1, "pump.dry_run"), STATE_FAULT);
    plant_said(plant, "");
    plant->activation = 3;
    plant_return(plant, DRY_RUN, PUMP_1, 1100); /* it was known: so is its return */
    plant_said(plant, "returned#1");
    plant_raise(plant, DRY_RUN, PUMP_1, 1200);
    assert_int_equal(plant_issue(plant, "#1").status, ISSUE_OPEN);
    plant_raise(plant, OVERHEAT, PUMP_1, 1300); /* closed within a day: reopened */
    assert_int_equal(plant_issue(plant, "#2").status, ISSUE_REOPENED);
    plant_raise(plant, VIBRATION, PUMP_1, 1400);
    assert_int_equal(plant_issue(plant, "#3").status, ISSUE_OPEN);
}

static void test_only_once(void **state)
{
    struct plant *plant = *state;

    write_version_1(plant);
    plant_open(plant, 1000);
    plant_restart(plant, 2000);
    plant_restart(plant, 3000);
    assert_int_equal(read_version(plant), STORE_VERSION);
    assert_int_equal(plant_issues(plant), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLANT_TEST(test_version_1),
        PLANT_TEST(test_only_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
