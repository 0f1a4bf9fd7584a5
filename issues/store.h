/* store.h - the file behind the issue desk: schema, statements, damage.
 *
 * Events, equipment states, shelves, permits and announcements are append only; triggers
 * refuse to change or delete them. A file of an older version is brought up to this one.
 * Times are stored as nanoseconds since 1970, enums as their numbers: both only grow.
 *
 * Ownership: the store owns its statements; a query got from it is reset.
 * Threads: one at a time (the desk's mutex).
 */
#ifndef ISSUES_STORE_H
#define ISSUES_STORE_H

#include "base/clock.h"
#include "base/db.h"

enum store_query {
    STORE_META_PUT,
    STORE_RUN_ADD,
    STORE_RUN_ALIVE,
    STORE_EQUIPMENT_GET,
    STORE_EQUIPMENT_PUT,
    STORE_EQUIPMENT_RETIRE,
    STORE_EQUIPMENT_PRESENT,
    STORE_EQUIPMENT_ALL,
    STORE_STATE_ADD,
    STORE_STATE_LAST,
    STORE_STATE_START,
    STORE_STATE_RANGE,
    STORE_ALARM_PUT,
    STORE_ALARM_DELETE,
    STORE_ALARM_ALL,
    STORE_ISSUE_ADD,
    STORE_ISSUE_STEP,
    STORE_ISSUE_SEVERITY,
    STORE_ISSUE_ATTACH,
    STORE_ISSUE_REATTACH,
    STORE_ISSUE_ALARM,
    STORE_ISSUE_BY_ID,
    STORE_ISSUE_BY_NUMBER,
    STORE_ISSUE_OPEN_OF,
    STORE_ISSUE_LAST_OF,
    STORE_ISSUE_UNCLOSED,
    STORE_EVENT_ADD,
    STORE_EVENT_OF,
    STORE_EVENT_LAST_WORD,
    STORE_EVIDENCE_PUT,
    STORE_EVIDENCE_GET,
    STORE_EVIDENCE_DELETE,
    STORE_SYMPTOM_ADD,
    STORE_SYMPTOM_END,
    STORE_SYMPTOM_RAISE,
    STORE_SYMPTOM_ISSUE,
    STORE_SYMPTOM_MOVE,
    STORE_SYMPTOM_RUNNING,
    STORE_SYMPTOM_WAITING,
    STORE_SYMPTOM_RAISES,
    STORE_SYMPTOM_ANY,
    STORE_SYMPTOM_UNLOGGED,
    STORE_SYMPTOM_LOGGED,
    STORE_SYMPTOM_OF,
    STORE_SHELF_ADD,
    STORE_SHELF_ALL,
    STORE_PERMIT_ADD,
    STORE_PERMIT_ALL,
    STORE_ANNOUNCE_ADD,
    STORE_ANNOUNCE_AFTER,
    STORE_ANNOUNCE_HELD,
    STORE_META_GET,
    STORE_QUERY_COUNT
};

struct store;

/* Opens or makes `path`. ERR_PROTOCOL when the file is damaged; ERR_CONFIG when it is of
 * another program or of a newer version. */
struct store *store_open(const char *path, struct err *err);
void store_close(struct store *store); /* NULL is fine */

/* Moves a damaged file with its journal to "<path>.damaged-<time>" and returns that name
 * (the caller's, mem_free); NULL with err. */
char *store_set_aside(const char *path, struct wall_time now, struct err *err);

struct db *store_db(struct store *store);
struct db_query *store_query(struct store *store, enum store_query query);

/* A column that holds an enum of `count` values. The schema checks them when they are
 * written and at open; whatever a damaged page says later reads as the first. */
int store_enum(struct db_query *query, int column, int count);

#endif
