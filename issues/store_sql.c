/* store_sql.c - the schema and the statements of the issue store.
 *
 * Status 4 is ISSUE_CLOSED; the numbers of the enums are part of the file format. An
 * issue is found by its number inside the file and by its id outside.
 */
#include "issues/store_sql.h"

#include "issues/issue.h"
#include "issues/store.h"

#include <assert.h>

static_assert(ISSUE_CLOSED == 4, "the schema says 4");
static_assert(ISSUE_STATUS_COUNT == 6, "the schema says 0..5");
static_assert(ACTION_RECURRED == 9, "the statements say 9");
static_assert(STORE_APPLICATION_ID == 1178682185, "the schema says so");

#define APPEND_ONLY(table)                                                               \
    "CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table                         \
    " BEGIN SELECT RAISE(ABORT, '" table " is append only'); END;"                       \
    "CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table                         \
    " BEGIN SELECT RAISE(ABORT, '" table " is append only'); END;"

const char store_schema[] =
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

#define ISSUE_KEY                                                                        \
    "SELECT number, id, status, severity, category, equipment, rule, returned"

const char *const store_sql[] = {
    [STORE_META_PUT] = "INSERT INTO meta(key, value) VALUES(?1, ?2) "
                       "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
    [STORE_RUN_ADD] = "INSERT INTO run(id, start, last_alive) VALUES(?1, ?2, ?2)",
    [STORE_RUN_ALIVE] = "UPDATE run SET last_alive = ?2 WHERE id = ?1",
    [STORE_EQUIPMENT_GET] = "SELECT key, retired FROM equipment WHERE id = ?1",
    [STORE_EQUIPMENT_PUT] =
        "INSERT INTO equipment(key, id, name, class, place) VALUES(?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT(key) DO UPDATE SET name = excluded.name, class = excluded.class, "
        "place = excluded.place, retired = 0",
    [STORE_EQUIPMENT_RETIRE] = "UPDATE equipment SET retired = 1 WHERE key = ?1",
    [STORE_EQUIPMENT_PRESENT] = "SELECT key, id FROM equipment WHERE retired = 0",
    [STORE_EQUIPMENT_ALL] =
        "SELECT key, id, name, class, place FROM equipment ORDER BY id",
    [STORE_STATE_ADD] =
        "INSERT INTO equipment_state(sequence, equipment, time, state, reason, issue) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [STORE_STATE_LAST] = "SELECT time, state, reason FROM equipment_state "
                         "WHERE equipment = ?1 ORDER BY time DESC, sequence DESC LIMIT 1",
    [STORE_STATE_START] = "SELECT max(time) FROM equipment_state "
                          "WHERE equipment = ?1 AND time <= ?2",
    /* When the clock was set back, what was recorded later holds from its time on. */
    [STORE_STATE_RANGE] =
        "SELECT s.time, s.state, s.reason, coalesce(i.id, '') FROM "
        "(SELECT *, min(time) OVER (ORDER BY sequence "
        " ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS later "
        " FROM equipment_state WHERE equipment = ?1 AND time >= ?2 AND time < ?3) s "
        "LEFT JOIN issue i ON i.number = s.issue "
        "WHERE s.later IS NULL OR s.time < s.later ORDER BY s.sequence",
    [STORE_ALARM_PUT] =
        "INSERT INTO alarm(rule, equipment, state, unknown, observed_ms, unknown_ms, "
        "activation, since, raised, failure, outage, text_hash, issue) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
        "ON CONFLICT(equipment, rule) DO UPDATE SET state = excluded.state, "
        "unknown = excluded.unknown, observed_ms = excluded.observed_ms, "
        "unknown_ms = excluded.unknown_ms, activation = excluded.activation, "
        "since = excluded.since, raised = excluded.raised, failure = excluded.failure, "
        "outage = excluded.outage, text_hash = excluded.text_hash, "
        "issue = excluded.issue",
    [STORE_ALARM_DELETE] = "DELETE FROM alarm WHERE equipment = ?1 AND rule = ?2",
    [STORE_ALARM_ALL] =
        "SELECT a.rule, a.equipment, a.state, a.unknown, a.observed_ms, a.unknown_ms, "
        "a.activation, a.since, a.raised, a.failure, a.outage, a.text_hash, a.issue, "
        "coalesce(i.id, '') FROM alarm a LEFT JOIN issue i ON i.number = a.issue",
    [STORE_ISSUE_ADD] =
        "INSERT INTO issue(number, id, status, severity, category, kind, source, rule, "
        "equipment, equipment_name, class, place, title_en, title_zh, advice_en, "
        "advice_zh, evidence, opened, changed, alarm_active) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
        "?17, ?18, ?18, ?19)",
    [STORE_ISSUE_STEP] = "UPDATE issue SET status = ?2, changed = ?3 WHERE number = ?1",
    [STORE_ISSUE_SEVERITY] = "UPDATE issue SET severity = ?2 WHERE number = ?1",
    [STORE_ISSUE_ALARM] =
        "UPDATE issue SET alarm_active = ?2, returned = ?3 WHERE number = ?1",
    [STORE_ISSUE_BY_ID] = ISSUE_KEY " FROM issue WHERE id = ?1",
    [STORE_ISSUE_BY_NUMBER] = ISSUE_KEY " FROM issue WHERE number = ?1",
    [STORE_ISSUE_OPEN_OF] =
        ISSUE_KEY " FROM issue WHERE equipment = ?1 AND rule = ?2 AND rule <> '' "
                  "AND status <> 4",
    [STORE_ISSUE_LAST_OF] =
        ISSUE_KEY " FROM issue WHERE equipment = ?1 AND rule = ?2 AND rule <> '' "
                  "ORDER BY number DESC LIMIT 1",
    [STORE_ISSUE_UNCLOSED] = "SELECT equipment, severity, count(*) FROM issue "
                             "WHERE status <> 4 GROUP BY equipment, severity",
    [STORE_EVENT_ADD] = "INSERT INTO event(sequence, issue, time, action, actor, text, "
                        "evidence, status) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [STORE_EVENT_OF] = "SELECT sequence, time, action, actor, text, evidence, status "
                       "FROM event WHERE issue = ?1 ORDER BY sequence",
};

static_assert(sizeof store_sql / sizeof store_sql[0] == STORE_QUERY_COUNT,
              "a statement per query");
