/* db.h - a SQLite database with the house's rules, behind a small face.
 *
 * The one place that includes sqlite3.h. SQLite 3.40 (Debian 12) can corrupt a WAL
 * database that two connections write and checkpoint, so: exactly one read-write
 * connection per file, in one thread or under one lock; everything else opens read-only.
 *
 * DB_JOURNAL: rollback journal, synchronous=EXTRA; a commit survives power loss.
 * DB_WAL:     write-ahead log, synchronous=NORMAL; for the history, one commit a second.
 * DB_READ:    read-only.
 *
 * Errors: ERR_IO with SQLite's own words; ERR_PROTOCOL when the file is damaged or is no
 * database at all. Threads: one at a time per struct db.
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum db_mode {
    DB_JOURNAL,
    DB_WAL,
    DB_READ,
};

struct db;
struct db_query; /* a prepared statement */

struct db *db_open(const char *path, enum db_mode mode, struct err *err);
void db_close(struct db *db); /* NULL is fine; finish every query before */

/* Reads the whole file and checks that it is sound, but for what indexes say
 * (`PRAGMA quick_check`). ERR_PROTOCOL with the first thing that is wrong. */
int db_check(struct db *db, struct err *err);

/* Runs one or more statements without parameters or rows. */
int db_run(struct db *db, const char *sql, struct err *err);

/* Runs `sql` in one transaction when user_version is below `version`, then sets it.
 * ERR_CONFIG when the file is of a newer version than this program knows. */
int db_create_schema(struct db *db, int version, const char *sql, struct err *err);

/* The first column of the first row of a statement without parameters. */
int db_read_int(struct db *db, const char *sql, int64_t *value, struct err *err);

int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err); /* rolls back when it fails */
void db_rollback(struct db *db);
int64_t db_changes(struct db *db); /* rows changed by the last statement */

/* NULL with err when the SQL is wrong. The query is finished by the caller. */
struct db_query *db_prepare(struct db *db, const char *sql, struct err *err);
void db_finish(struct db_query *query); /* NULL is fine */

/* Parameters count from 1. Text is copied; NULL text binds NULL. A parameter that the
 * statement does not have, or binding between two rows, is a bug. */
void db_bind_int(struct db_query *query, int parameter, int64_t value);
void db_bind_real(struct db_query *query, int parameter, double value);
void db_bind_text(struct db_query *query, int parameter, const char *value);

/* 1: there is a row; 0: no more rows (the query is reset, parameters stay); -1: err. */
int db_step(struct db_query *query, struct err *err);
void db_reset(struct db_query *query); /* also clears the parameters */

/* Runs a prepared statement that gives no rows, then resets it. */
int db_execute(struct db_query *query, struct err *err);

/* Columns count from 0. Text is borrowed until the next step; NULL reads as "". */
int64_t db_int(struct db_query *query, int column);
double db_real(struct db_query *query, int column);
const char *db_text(struct db_query *query, int column);
bool db_is_null(struct db_query *query, int column);

#endif
