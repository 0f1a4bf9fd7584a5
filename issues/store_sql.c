/* store_sql.c - the statements of the issue store.
 *
 * An issue is found by its number inside the file and by its id outside.
 */
#include "issues/store_sql.h"

#include "issues/issue.h"
#include "issues/store.h"

#include <assert.h>

static_assert(ISSUE_CLOSED == 4, "the statements say 4");
static_assert(ACTION_RECURRED == 9, "the statements say 9");
static_assert(ACTION_RESOLVE == 3 && ACTION_CLOSE == 4 && ACTION_RETURNED == 8 &&
                  ACTION_WITHDRAWN == 14,
              "and so on");

#define ISSUE_KEY                                                                        \
    "SELECT number, id, status, severity, category, equipment, rule, returned, "         \
    "attached, severity_set"

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
        "activation, since, raised, failure, outage, text_hash, issue, level, "
        "level_next, level_ms, unknown_since, severity, standing, cause_rule, "
        "cause_equipment, chatter, told, announced, told_severity) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
        "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25) "
        "ON CONFLICT(equipment, rule) DO UPDATE SET state = excluded.state, "
        "unknown = excluded.unknown, observed_ms = excluded.observed_ms, "
        "unknown_ms = excluded.unknown_ms, activation = excluded.activation, "
        "since = excluded.since, raised = excluded.raised, failure = excluded.failure, "
        "outage = excluded.outage, text_hash = excluded.text_hash, "
        "issue = excluded.issue, level = excluded.level, "
        "level_next = excluded.level_next, level_ms = excluded.level_ms, "
        "unknown_since = excluded.unknown_since, severity = excluded.severity, "
        "standing = excluded.standing, cause_rule = excluded.cause_rule, "
        "cause_equipment = excluded.cause_equipment, chatter = excluded.chatter, "
        "told = excluded.told, announced = excluded.announced, "
        "told_severity = excluded.told_severity",
    [STORE_ALARM_DELETE] = "DELETE FROM alarm WHERE equipment = ?1 AND rule = ?2",
    [STORE_ALARM_ALL] =
        "SELECT a.rule, a.equipment, a.state, a.unknown, a.observed_ms, a.unknown_ms, "
        "a.activation, a.since, a.raised, a.failure, a.outage, a.text_hash, a.issue, "
        "coalesce(i.id, ''), a.level, a.level_next, a.level_ms, a.unknown_since, "
        "a.severity, a.standing, a.cause_rule, a.cause_equipment, a.chatter, a.told, "
        "a.announced, a.told_severity FROM alarm a LEFT JOIN issue i ON i.number = "
        "a.issue",
    [STORE_ISSUE_ADD] =
        "INSERT INTO issue(number, id, status, severity, category, kind, source, rule, "
        "equipment, equipment_name, class, place, title_en, title_zh, advice_en, "
        "advice_zh, evidence, opened, changed, alarm_active) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
        "?17, ?18, ?18, ?19)",
    [STORE_ISSUE_STEP] = "UPDATE issue SET status = ?2, changed = ?3 WHERE number = ?1",
    [STORE_ISSUE_SEVERITY] =
        "UPDATE issue SET severity = ?2, severity_set = ?3 WHERE number = ?1",
    [STORE_ISSUE_ATTACH] = "UPDATE issue SET attached = ?2 WHERE number = ?1",
    [STORE_ISSUE_REATTACH] = "UPDATE issue SET attached = ?2 WHERE attached = ?1",
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
    /* The first and the latest ones, oldest first. */
    [STORE_EVENT_OF] =
        "SELECT sequence, time, action, actor, text, evidence, status, "
        "(SELECT count(*) FROM event WHERE issue = ?1) FROM event WHERE sequence IN ("
        "SELECT min(sequence) FROM event WHERE issue = ?1 UNION "
        "SELECT sequence FROM (SELECT sequence FROM event WHERE issue = ?1 "
        "ORDER BY sequence DESC LIMIT ?2)) ORDER BY sequence",
    /* The latest that an alarm or a person decided: opened, resolve, close, reopen,
     * returned, recurred, attached, withdrawn. */
    [STORE_EVENT_LAST_WORD] =
        "SELECT action FROM event WHERE issue = ?1 AND action IN (0, 3, 4, 5, 8, 9, 13, "
        "14) ORDER BY sequence DESC LIMIT 1",
    [STORE_EVIDENCE_PUT] =
        "INSERT INTO raise_evidence(rule, equipment, time, evidence) "
        "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(equipment, rule) DO UPDATE SET "
        "time = excluded.time, evidence = excluded.evidence",
    [STORE_EVIDENCE_GET] =
        "SELECT evidence FROM raise_evidence WHERE rule = ?1 AND equipment = ?2",
    [STORE_EVIDENCE_DELETE] =
        "DELETE FROM raise_evidence WHERE rule = ?1 AND equipment = ?2",
    [STORE_SYMPTOM_ADD] =
        "INSERT INTO symptom(number, issue, cause_rule, cause_equipment, rule, "
        "equipment, since, own, raises, logged) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [STORE_SYMPTOM_END] = "UPDATE symptom SET until = ?2 WHERE number = ?1",
    [STORE_SYMPTOM_RAISE] = "UPDATE symptom SET raises = raises + 1 WHERE number = ?1",
    [STORE_SYMPTOM_ISSUE] =
        "UPDATE symptom SET issue = ?2, own = ?3, logged = ?4 WHERE number = ?1",
    [STORE_SYMPTOM_MOVE] = "UPDATE symptom SET issue = ?2 WHERE issue = ?1 AND until = 0",
    [STORE_SYMPTOM_RUNNING] = "SELECT number, rule, equipment, cause_rule, "
                              "cause_equipment FROM symptom WHERE until = 0",
    [STORE_SYMPTOM_WAITING] =
        "SELECT number, rule, equipment FROM symptom WHERE until = 0 "
        "AND cause_equipment = ?2 AND cause_rule = ?1 AND issue IS NULL ORDER BY number",
    [STORE_SYMPTOM_RAISES] = "SELECT raises FROM symptom WHERE number = ?1",
    [STORE_SYMPTOM_ANY] = "SELECT 1 FROM symptom WHERE issue = ?1 LIMIT 1",
    [STORE_SYMPTOM_UNLOGGED] = "SELECT issue, count(*) FROM symptom WHERE logged = 0 "
                               "AND issue IS NOT NULL GROUP BY issue",
    [STORE_SYMPTOM_LOGGED] =
        "UPDATE symptom SET logged = 1 WHERE logged = 0 AND issue IS NOT NULL",
    /* The latest ones, oldest first. */
    [STORE_SYMPTOM_OF] =
        "SELECT s.rule, s.equipment, coalesce(e.name, s.equipment), s.since, s.until, "
        "coalesce(i.id, ''), s.raises, coalesce(i.number, 0) FROM (SELECT * FROM symptom "
        "WHERE issue = ?1 ORDER BY number DESC LIMIT ?2) s "
        "LEFT JOIN equipment e ON e.id = s.equipment "
        "LEFT JOIN issue i ON i.number = s.own ORDER BY s.number",
    [STORE_SHELF_ADD] = "INSERT INTO shelf(sequence, number, time, action, actor, rule, "
                        "equipment, reason, until) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [STORE_SHELF_ALL] =
        "SELECT number, time, action, actor, rule, equipment, reason, until FROM shelf "
        "WHERE number >= ?1 ORDER BY number, sequence",
    [STORE_PERMIT_ADD] =
        "INSERT INTO permit(sequence, number, time, action, actor, equipment, place, "
        "class, reason, holder, \"from\", until) "
        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [STORE_PERMIT_ALL] =
        "SELECT number, time, action, actor, equipment, place, class, reason, holder, "
        "\"from\", until FROM permit WHERE number >= ?1 ORDER BY number, sequence",
    [STORE_ANNOUNCE_ADD] =
        "INSERT INTO announcement(sequence, time, kind, issue, severity, "
        "highly_managed, count, text, held) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [STORE_ANNOUNCE_AFTER] =
        "SELECT a.sequence, a.time, a.kind, coalesce(i.id, ''), a.severity, "
        "a.highly_managed, a.count, a.text, coalesce(i.number, 0) FROM announcement a "
        "LEFT JOIN issue i ON i.number = a.issue WHERE a.sequence > ?1 AND a.held = 0 "
        "ORDER BY a.sequence LIMIT ?2",
    /* What waited since the digest before; 4 is ANNOUNCE_DIGEST. */
    [STORE_ANNOUNCE_HELD] =
        "SELECT count(DISTINCT issue), coalesce(max(severity), 0) FROM announcement "
        "WHERE held = 1 AND sequence > (SELECT coalesce(max(sequence), 0) "
        "FROM announcement WHERE kind = 4)",
    [STORE_META_GET] = "SELECT value FROM meta WHERE key = ?1",
};

static_assert(sizeof store_sql / sizeof store_sql[0] == STORE_QUERY_COUNT,
              "a statement per query");
