/* db.c - see db.h. */
#include "base/db.h"

#include "base/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
    BUSY_TIMEOUT_MS = 2000, /* a reader may hold a lock for the length of one page */
};

struct db {
    sqlite3 *handle;
};

struct db_query {
    sqlite3_stmt *statement;
    sqlite3 *handle;
};

static int fail(sqlite3 *handle, const char *what, struct err *err)
{
    int code = sqlite3_errcode(handle) & 0xff; /* without the extension */
    bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;

    return err_set(err, damaged ? ERR_PROTOCOL : ERR_IO, "%s: %s", what,
                   sqlite3_errmsg(handle));
}

static const char *const pragmas[] = {
    [DB_JOURNAL] = "PRAGMA journal_mode=PERSIST; PRAGMA synchronous=EXTRA;"
                   "PRAGMA foreign_keys=ON;",
    [DB_WAL] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
               "PRAGMA journal_size_limit=8388608;",
    [DB_READ] = "PRAGMA query_only=ON;",
};

struct db *db_open(const char *path, enum db_mode mode, struct err *err)
{
    int flags = mode == DB_READ ? SQLITE_OPEN_READONLY
                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    struct db *db = mem_alloc(sizeof *db);

    if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        (void)err_set(err, ERR_IO, "open database '%s': %s", path,
                      db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory");
        goto out;
    }
    (void)sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
    if (db_run(db, pragmas[mode], err) != 0) {
        (void)err_prefix(err, "open database '%s'", path);
        goto out;
    }
    return db;
out:
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    (void)sqlite3_close_v2(db->handle);
    mem_free(db);
}

int db_run(struct db *db, const char *sql, struct err *err)
{
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        return fail(db->handle, "database", err);
    return 0;
}

int db_read_int(struct db *db, const char *sql, int64_t *value, struct err *err)
{
    struct db_query *query = db_prepare(db, sql, err);
    int row;

    if (query == NULL)
        return -1;
    row = db_step(query, err);
    if (row == 1)
        *value = db_int(query, 0);
    else if (row == 0)
        (void)err_set(err, ERR_IO, "database: no row for '%s'", sql);
    db_finish(query);
    return row == 1 ? 0 : -1;
}

int db_check(struct db *db, struct err *err)
{
    struct db_query *query = db_prepare(db, "PRAGMA quick_check(1)", err);
    int result = -1;

    if (query == NULL)
        return -1;
    if (db_step(query, err) == 1) {
        result = strcmp(db_text(query, 0), "ok") == 0 ? 0 : -1;
        if (result != 0)
            (void)err_set(err, ERR_PROTOCOL, "database: damaged: %s", db_text(query, 0));
    }
    db_finish(query);
    return result;
}

int db_create_schema(struct db *db, int version, const char *sql, struct err *err)
{
    char set_version[64];
    int64_t present = 0;

    if (db_read_int(db, "PRAGMA user_version", &present, err) != 0)
        return -1;
    if (present == version)
        return 0;
    if (present > version)
        return err_set(err, ERR_CONFIG,
                       "the database has version %" PRId64
                       ", this program knows %d: a newer "
                       "facilityd wrote it; install that one or restore a backup",
                       present, version);
    (void)snprintf(set_version, sizeof set_version, "PRAGMA user_version=%d", version);
    if (db_begin(db, err) != 0)
        return -1;
    if (db_run(db, sql, err) != 0 || db_run(db, set_version, err) != 0) {
        db_rollback(db);
        return -1;
    }
    return db_commit(db, err);
}

int db_begin(struct db *db, struct err *err)
{
    return db_run(db, "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
    if (db_run(db, "COMMIT", err) == 0)
        return 0;
    db_rollback(db);
    return -1;
}

void db_rollback(struct db *db)
{
    if (sqlite3_get_autocommit(db->handle) == 0)
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

struct db_query *db_prepare(struct db *db, const char *sql, struct err *err)
{
    struct db_query *query = mem_alloc(sizeof *query);

    query->handle = db->handle;
    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                           &query->statement, NULL) != SQLITE_OK) {
        (void)fail(db->handle, "database", err);
        db_finish(query);
        return NULL;
    }
    return query;
}

void db_finish(struct db_query *query)
{
    if (query == NULL)
        return;
    (void)sqlite3_finalize(query->statement);
    mem_free(query);
}

/* Binding fails only on a bug: a parameter that is not there, a statement in use. */
static void bound(int code)
{
    assert(code == SQLITE_OK);
    (void)code;
}

void db_bind_int(struct db_query *query, int parameter, int64_t value)
{
    bound(sqlite3_bind_int64(query->statement, parameter, value));
}

void db_bind_real(struct db_query *query, int parameter, double value)
{
    bound(sqlite3_bind_double(query->statement, parameter, value));
}

void db_bind_text(struct db_query *query, int parameter, const char *value)
{
    bound(sqlite3_bind_text(query->statement, parameter, value, -1, SQLITE_TRANSIENT));
}

int db_step(struct db_query *query, struct err *err)
{
    int rc = sqlite3_step(query->statement);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        (void)fail(query->handle, "database", err);
    (void)sqlite3_reset(query->statement);
    return rc == SQLITE_DONE ? 0 : -1;
}

void db_reset(struct db_query *query)
{
    (void)sqlite3_reset(query->statement);
    (void)sqlite3_clear_bindings(query->statement);
}

int db_execute(struct db_query *query, struct err *err)
{
    int rc = db_step(query, err);

    db_reset(query);
    return rc < 0 ? -1 : 0;
}

int64_t db_int(struct db_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

double db_real(struct db_query *query, int column)
{
    return sqlite3_column_double(query->statement, column);
}

const char *db_text(struct db_query *query, int column)
{
    const unsigned char *text = sqlite3_column_text(query->statement, column);

    return text == NULL ? "" : (const char *)text;
}

bool db_is_null(struct db_query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}
