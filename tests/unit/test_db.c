/* The SQLite face: rows, transactions, versions, damage, a full disk. */
#include "tests/unit/check.h"

#include "base/db.h"
#include "base/file.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/test_db.XXXXXX";
static char path[sizeof folder + 16];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/x.db", folder);
    return 0;
}

static int clean(void **state)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};

    (void)state;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *name = mem_format("%s%s", path, suffixes[i]);

        (void)unlink(name);
        mem_free(name);
    }
    return 0;
}

static int remove_folder(void **state)
{
    (void)clean(state);
    return rmdir(folder);
}

static struct db *open_db(enum db_mode mode)
{
    struct err err = {0};
    struct db *db = db_open(path, mode, &err);

    if (db == NULL)
        fail_msg("%s", err.text);
    return db;
}

static void run(struct db *db, const char *sql)
{
    struct err err = {0};

    if (db_run(db, sql, &err) != 0)
        fail_msg("%s", err.text);
}

static int64_t read_int(struct db *db, const char *sql)
{
    struct err err = {0};
    int64_t value = 0;

    if (db_read_int(db, sql, &value, &err) != 0)
        fail_msg("%s", err.text);
    return value;
}

static void test_rows(void **state)
{
    struct db *db = open_db(DB_JOURNAL);
    struct err err = {0};
    struct db_query *put;
    struct db_query *get;

    (void)state;
    run(db, "CREATE TABLE t(a INTEGER, b REAL, c TEXT)");
    put = db_prepare(db, "INSERT INTO t VALUES(?1, ?2, ?3)", &err);
    assert_non_null(put);
    db_bind_int(put, 1, INT64_MIN);
    db_bind_real(put, 2, 0.1);
    db_bind_text(put, 3, "泵");
    assert_int_equal(db_execute(put, &err), 0);
    assert_int_equal(db_changes(db), 1);
    db_bind_text(put, 3, NULL); /* what was bound before is gone */
    assert_int_equal(db_execute(put, &err), 0);
    db_finish(put);

    get = db_prepare(db, "SELECT a, b, c FROM t ORDER BY rowid", &err);
    assert_non_null(get);
    assert_int_equal(db_step(get, &err), 1);
    assert_true(db_int(get, 0) == INT64_MIN);
    assert_true(db_real(get, 1) == 0.1);
    assert_string_equal(db_text(get, 2), "泵");
    assert_int_equal(db_step(get, &err), 1);
    assert_true(db_is_null(get, 0));
    assert_true(db_is_null(get, 2));
    assert_string_equal(db_text(get, 2), "");
    assert_int_equal(db_step(get, &err), 0);
    assert_int_equal(db_step(get, &err), 1); /* it starts again */
    db_finish(get);
    db_close(db);
}

static void test_modes(void **state)
{
    struct db *db = open_db(DB_JOURNAL);
    struct err err = {0};

    (void)state;
    assert_int_equal(read_int(db, "PRAGMA synchronous"), 3); /* EXTRA */
    assert_int_equal(read_int(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(read_int(db, "SELECT journal_mode = 'persist' "
                                  "FROM pragma_journal_mode"),
                     1);
    run(db, "CREATE TABLE t(a)");
    db_close(db);
    db = open_db(DB_READ);
    assert_int_equal(read_int(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(db_run(db, "INSERT INTO t VALUES(1)", &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    db_close(db);
    db = open_db(DB_WAL);
    assert_int_equal(read_int(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"),
                     1);
    db_close(db);
}

static void test_transactions(void **state)
{
    struct db *db = open_db(DB_JOURNAL);
    struct err err = {0};

    (void)state;
    run(db, "CREATE TABLE t(a UNIQUE)");
    assert_int_equal(db_begin(db, &err), 0);
    run(db, "INSERT INTO t VALUES(1)");
    db_rollback(db);
    db_rollback(db); /* harmless without a transaction */
    assert_int_equal(read_int(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(db_begin(db, &err), 0);
    run(db, "INSERT INTO t VALUES(1)");
    assert_int_equal(db_run(db, "INSERT INTO t VALUES(1)", &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "UNIQUE"));
    assert_int_equal(db_commit(db, &err), 0); /* the first row stays */
    assert_int_equal(read_int(db, "SELECT count(*) FROM t"), 1);
    assert_int_equal(db_commit(db, &err), -1); /* no transaction */
    db_close(db);
}

static void test_versions(void **state)
{
    struct db *db = open_db(DB_JOURNAL);
    struct err err = {0};

    (void)state;
    assert_int_equal(db_create_schema(db, 2, "CREATE TABLE t(a); SYNTAX", &err), -1);
    assert_int_equal(read_int(db, "SELECT count(*) FROM sqlite_schema"), 0);
    assert_int_equal(db_create_schema(db, 2, "CREATE TABLE t(a);", &err), 0);
    assert_int_equal(db_create_schema(db, 2, "CREATE TABLE t(a);", &err), 0);
    assert_int_equal(read_int(db, "PRAGMA user_version"), 2);
    assert_int_equal(db_create_schema(db, 1, "", &err), -1);
    assert_int_equal(err.kind, ERR_CONFIG);
    db_close(db);
}

static void test_errors(void **state)
{
    struct err err = {0};
    struct db *db;
    int64_t value = 7;

    (void)state;
    assert_null(db_open("/dev/null/x.db", DB_JOURNAL, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_null(db_open(path, DB_READ, &err)); /* does not make one */
    db = open_db(DB_JOURNAL);
    assert_null(db_prepare(db, "SELEC", &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(db_read_int(db, "SELECT 1 WHERE 0", &value, &err), -1);
    assert_int_equal(value, 7);
    db_finish(NULL);
    db_close(db);
    db_close(NULL);
}

static void spoil(size_t from, size_t count)
{
    struct err err;
    size_t length;
    char *bytes = file_read(path, 1 << 20, &length, &err);

    assert_non_null(bytes);
    for (size_t i = from; i < from + count && i < length; i++)
        bytes[i] = (char)~bytes[i];
    assert_int_equal(file_replace(path, bytes, length, &err), 0);
    mem_free(bytes);
}

static void test_damage(void **state)
{
    struct err err = {0};
    struct db *db = open_db(DB_JOURNAL);

    (void)state;
    run(db, "CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            "FROM n WHERE i < 5000) INSERT INTO t SELECT i || 'some text' FROM n");
    assert_int_equal(db_check(db, &err), 0);
    db_close(db);
    spoil(4096 + 4, 500); /* the second page: what the table's tree holds */
    db = open_db(DB_JOURNAL);
    assert_int_equal(db_check(db, &err), -1);
    assert_int_equal(err.kind, ERR_PROTOCOL);
    db_close(db);
    spoil(0, 16); /* no longer a database */
    assert_null(db_open(path, DB_JOURNAL, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
}

/* A commit that the disk refuses leaves what was there; later ones work again. */
static void test_full_disk(void **state)
{
    struct db *db = open_db(DB_JOURNAL);
    struct err err = {0};
    struct rlimit before;
    struct rlimit tight;

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    run(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 16384;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(db_begin(db, &err), 0);
    (void)db_run(db, "INSERT INTO t VALUES(zeroblob(100000))", &err);
    assert_int_equal(db_commit(db, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(read_int(db, "SELECT count(*) FROM t"), 1);
    run(db, "INSERT INTO t VALUES(zeroblob(100000))");
    assert_int_equal(read_int(db, "SELECT count(*) FROM t"), 2);
    assert_int_equal(db_check(db, &err), 0);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_rows, clean),
        cmocka_unit_test_teardown(test_modes, clean),
        cmocka_unit_test_teardown(test_transactions, clean),
        cmocka_unit_test_teardown(test_versions, clean),
        cmocka_unit_test_teardown(test_errors, clean),
        cmocka_unit_test_teardown(test_damage, clean),
        cmocka_unit_test_teardown(test_full_disk, clean),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
