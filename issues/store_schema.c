/* store_schema.c - the tables of the issue store, version by version.
 *
 * A new file runs through all versions, so that there is one way to every schema. What
 * has been released is never changed. Status 4 is ISSUE_CLOSED; the numbers of the enums
 * are part of the file format.
 */
#include "issues/store_sql.h"

#include "issues/issue.h"
#include "issues/marks.h"

#include <assert.h>

static_assert(ISSUE_CLOSED == 4, "the schema says 4");
static_assert(ISSUE_STATUS_COUNT == 6, "the schema says 0..5");
static_assert(ACTION_COUNT == 15, "the schema says 0..14");
static_assert(ANNOUNCE_COUNT == 6, "the schema says 0..5");
static_assert(STANDING_ROOT == 2 && STANDING_REPROVE == 4, "the schema says 2 and 0..4");
static_assert(ALARM_ACTIVE == 2 && ALARM_LATCHED == 4, "the schema says 2..4");
static_assert(STORE_APPLICATION_ID == 1178682185, "the schema says so");

#define APPEND_ONLY(table)                                                               \
    "CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table                         \
    " BEGIN SELECT RAISE(ABORT, '" table " is append only'); END;"                       \
    "CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table                         \
    " BEGIN SELECT RAISE(ABORT, '" table " is append only'); END;"

static const char version_1[] =
    "PRAGMA application_id=1178682185;"

    "CREATE TABLE meta("
    " key TEXT PRIMARY KEY,"
    " value TEXT NOT NULL) WITHOUT ROWID;"

    /* One row per run of the daemon; between two of them nobody watched. */
    "CREATE TABLE run("
    " id INTEGER PRIMARY KEY,"
    " start INTEGER NOT NULL,"
    " last_alive INTEGER NOT NULL);"

    /* As it was last configured, so that reports can name equipment that is gone. */
    "CREATE TABLE equipment("
    " key INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL,"
    " class TEXT NOT NULL,"
    " place TEXT NOT NULL,"
    " retired INTEGER NOT NULL DEFAULT 0 CHECK(retired IN (0, 1)));"

    "CREATE TABLE issue("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " status INTEGER NOT NULL CHECK(status BETWEEN 0 AND 5),"
    " severity INTEGER NOT NULL CHECK(severity BETWEEN 0 AND 2),"
    " category INTEGER NOT NULL CHECK(category BETWEEN 0 AND 4),"
    " kind TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " rule TEXT NOT NULL,"
    " equipment TEXT NOT NULL,"
    " equipment_name TEXT NOT NULL,"
    " class TEXT NOT NULL,"
    " place TEXT NOT NULL,"
    " title_en TEXT NOT NULL,"
    " title_zh TEXT NOT NULL,"
    " advice_en TEXT NOT NULL,"
    " advice_zh TEXT NOT NULL,"
    " evidence TEXT NOT NULL,"
    " opened INTEGER NOT NULL,"
    " changed INTEGER NOT NULL,"
    " returned INTEGER NOT NULL DEFAULT 0,"
    " alarm_active INTEGER NOT NULL DEFAULT 0 CHECK(alarm_active IN (0, 1)));"
    /* Whatever the code does, one fault is one open issue. */
    "CREATE UNIQUE INDEX issue_one_open ON issue(equipment, rule)"
    " WHERE status <> 4 AND rule <> '';"
    "CREATE INDEX issue_unclosed ON issue(number) WHERE status <> 4;"
    "CREATE INDEX issue_equipment ON issue(equipment, rule);"
    "CREATE INDEX issue_rule ON issue(rule);"
    "CREATE INDEX issue_severity ON issue(severity);"
    "CREATE TRIGGER issue_no_delete BEFORE DELETE ON issue"
    " BEGIN SELECT RAISE(ABORT, 'issues are never deleted'); END;"

    "CREATE TABLE event("
    " sequence INTEGER PRIMARY KEY,"
    " issue INTEGER NOT NULL REFERENCES issue(number),"
    " time INTEGER NOT NULL,"
    " action INTEGER NOT NULL CHECK(action BETWEEN 0 AND 10),"
    " actor TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " evidence TEXT NOT NULL,"
    " status INTEGER NOT NULL CHECK(status BETWEEN 0 AND 5));"
    "CREATE INDEX event_issue ON event(issue, action);" APPEND_ONLY("event")

    /* What the rules engine needs to go on after a restart. */
    "CREATE TABLE alarm("
    " rule TEXT NOT NULL,"
    " equipment TEXT NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 4),"
    " unknown INTEGER NOT NULL CHECK(unknown IN (0, 1)),"
    " observed_ms INTEGER NOT NULL,"
    " unknown_ms INTEGER NOT NULL,"
    " activation INTEGER NOT NULL,"
    " since INTEGER NOT NULL,"
    " raised INTEGER NOT NULL,"
    " failure INTEGER NOT NULL CHECK(failure IN (0, 1)),"
    " outage INTEGER NOT NULL CHECK(outage IN (0, 1)),"
    " text_hash INTEGER NOT NULL,"
    " issue INTEGER REFERENCES issue(number),"
    " PRIMARY KEY(equipment, rule)) WITHOUT ROWID;"

    "CREATE TABLE equipment_state("
    " sequence INTEGER PRIMARY KEY,"
    " equipment INTEGER NOT NULL REFERENCES equipment(key),"
    " time INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 5),"
    " reason TEXT NOT NULL,"
    " issue INTEGER REFERENCES issue(number));"
    "CREATE INDEX equipment_state_time ON equipment_state(equipment, time);" APPEND_ONLY(
        "equipment_state");

/* What an alarm is to people: levels, causes, chattering; marks and announcements. */
static const char version_2[] =
    "ALTER TABLE issue ADD COLUMN attached INTEGER REFERENCES issue(number);"
    "ALTER TABLE issue ADD COLUMN severity_set INTEGER NOT NULL DEFAULT -1"
    " CHECK(severity_set BETWEEN -1 AND 2);"
    "CREATE INDEX issue_attached ON issue(attached) WHERE attached IS NOT NULL;"

    /* More actions: the check of a column cannot be changed in place. */
    "CREATE TABLE event_2("
    " sequence INTEGER PRIMARY KEY,"
    " issue INTEGER NOT NULL REFERENCES issue(number),"
    " time INTEGER NOT NULL,"
    " action INTEGER NOT NULL CHECK(action BETWEEN 0 AND 14),"
    " actor TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " evidence TEXT NOT NULL,"
    " status INTEGER NOT NULL CHECK(status BETWEEN 0 AND 5));"
    "INSERT INTO event_2 SELECT sequence, issue, time, action, actor, text, evidence,"
    " status FROM event;"
    "DROP TABLE event;"
    "ALTER TABLE event_2 RENAME TO event;"
    "CREATE INDEX event_issue ON event(issue, action);" APPEND_ONLY("event")

        "ALTER TABLE alarm ADD COLUMN level INTEGER NOT NULL DEFAULT 0"
        " CHECK(level BETWEEN 0 AND 2);"
        "ALTER TABLE alarm ADD COLUMN level_next INTEGER NOT NULL DEFAULT 0"
        " CHECK(level_next BETWEEN 0 AND 2);"
        "ALTER TABLE alarm ADD COLUMN level_ms INTEGER NOT NULL DEFAULT -1;"
        "ALTER TABLE alarm ADD COLUMN unknown_since INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE alarm ADD COLUMN severity INTEGER NOT NULL DEFAULT 0"
        " CHECK(severity BETWEEN 0 AND 2);"
        "ALTER TABLE alarm ADD COLUMN told_severity INTEGER NOT NULL DEFAULT 0"
        " CHECK(told_severity BETWEEN 0 AND 2);"
        "ALTER TABLE alarm ADD COLUMN standing INTEGER NOT NULL DEFAULT 0"
        " CHECK(standing BETWEEN 0 AND 4);"
        "ALTER TABLE alarm ADD COLUMN cause_rule TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE alarm ADD COLUMN cause_equipment TEXT NOT NULL DEFAULT '';"
        "ALTER TABLE alarm ADD COLUMN chatter TEXT NOT NULL DEFAULT '0';"
        "ALTER TABLE alarm ADD COLUMN told INTEGER NOT NULL DEFAULT 0"
        " CHECK(told IN (0, 1));"
        "ALTER TABLE alarm ADD COLUMN announced INTEGER NOT NULL DEFAULT 0"
        " CHECK(announced IN (0, 1));"
        /* Whatever was active then stood for itself and had been told. */
        "UPDATE alarm SET standing = 2, told = issue IS NOT NULL,"
        " announced = issue IS NOT NULL WHERE state >= 2;"
        "UPDATE alarm SET severity = coalesce("
        " (SELECT severity FROM issue WHERE number = alarm.issue), 0);"
        "UPDATE alarm SET told_severity = severity;"

        /* Of a raise that has no issue yet. */
        "CREATE TABLE raise_evidence("
        " rule TEXT NOT NULL,"
        " equipment TEXT NOT NULL,"
        " time INTEGER NOT NULL,"
        " evidence TEXT NOT NULL,"
        " PRIMARY KEY(equipment, rule)) WITHOUT ROWID;"

        /* issue: of the cause, NULL until it has one; own: its own, opened before. */
        "CREATE TABLE symptom("
        " number INTEGER PRIMARY KEY,"
        " issue INTEGER REFERENCES issue(number),"
        " cause_rule TEXT NOT NULL,"
        " cause_equipment TEXT NOT NULL,"
        " rule TEXT NOT NULL,"
        " equipment TEXT NOT NULL,"
        " since INTEGER NOT NULL,"
        " until INTEGER NOT NULL DEFAULT 0,"
        " own INTEGER REFERENCES issue(number),"
        " raises INTEGER NOT NULL DEFAULT 1,"
        " logged INTEGER NOT NULL CHECK(logged IN (0, 1)));"
        "CREATE INDEX symptom_issue ON symptom(issue);"
        "CREATE INDEX symptom_running ON symptom(cause_equipment, cause_rule)"
        " WHERE until = 0;"
        "CREATE INDEX symptom_unlogged ON symptom(issue) WHERE logged = 0;"

        /* One row per event: 0 begun, 1 changed, 2 ended, 3 reminded. */
        "CREATE TABLE shelf("
        " sequence INTEGER PRIMARY KEY,"
        " number INTEGER NOT NULL,"
        " time INTEGER NOT NULL,"
        " action INTEGER NOT NULL CHECK(action BETWEEN 0 AND 3),"
        " actor TEXT NOT NULL,"
        " rule TEXT NOT NULL,"
        " equipment TEXT NOT NULL,"
        " reason TEXT NOT NULL,"
        " until INTEGER NOT NULL);"
        "CREATE INDEX shelf_number ON shelf(number, sequence);" APPEND_ONLY(
            "shelf") "CREATE TABLE permit("
                     " sequence INTEGER PRIMARY KEY,"
                     " number INTEGER NOT NULL,"
                     " time INTEGER NOT NULL,"
                     " action INTEGER NOT NULL CHECK(action BETWEEN 0 AND 3),"
                     " actor TEXT NOT NULL,"
                     " equipment TEXT NOT NULL,"
                     " place TEXT NOT NULL,"
                     " class TEXT NOT NULL,"
                     " reason TEXT NOT NULL,"
                     " holder TEXT NOT NULL,"
                     " \"from\" INTEGER NOT NULL,"
                     " until INTEGER NOT NULL);"
                     "CREATE INDEX permit_number ON permit(number, "
                     "sequence);" APPEND_ONLY("permit")

    /* held: said by the digest that follows. */
    "CREATE TABLE announcement("
    " sequence INTEGER PRIMARY KEY,"
    " time INTEGER NOT NULL,"
    " kind INTEGER NOT NULL CHECK(kind BETWEEN 0 AND 5),"
    " issue INTEGER REFERENCES issue(number),"
    " severity INTEGER NOT NULL CHECK(severity BETWEEN 0 AND 2),"
    " highly_managed INTEGER NOT NULL CHECK(highly_managed IN (0, 1)),"
    " count INTEGER NOT NULL,"
    " text TEXT NOT NULL,"
    " held INTEGER NOT NULL CHECK(held IN (0, 1)));" APPEND_ONLY("announcement");

const char *const store_versions[STORE_VERSION] = {version_1, version_2};
