/* store.c - see store.h. */
#include "issues/store.h"

#include "base/mem.h"
#include "base/text.h"
#include "issues/store_sql.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    SCHEMA_MAX = 64 * 1024, /* the words of all versions are 10 KiB */
    ASIDE_MAX = 100, /* damaged files of the same second; then they are overwritten */
};

struct store {
    struct db *db;
    struct db_query *queries[STORE_QUERY_COUNT];
};

/* A file that is a database, but of another program, is not ours to move. */
static int check_owner(struct db *db, struct err *err)
{
    int64_t application;
    int64_t objects;

    if (db_read_int(db, "PRAGMA application_id", &application, err) != 0 ||
        db_read_int(db, "SELECT count(*) FROM sqlite_schema", &objects, err) != 0)
        return -1;
    if (application != STORE_APPLICATION_ID && (application != 0 || objects != 0))
        return err_set(err, ERR_CONFIG,
                       "the file is a database of another program (application %" PRId64
                       ")",
                       application);
    return 0;
}

/* In one transaction from whatever version the file has to the present one. */
static int bring_up_to_date(struct db *db, struct err *err)
{
    struct text sql;
    int64_t version;
    int result = -1;

    if (db_read_int(db, "PRAGMA user_version", &version, err) != 0)
        return -1;
    text_init(&sql, SCHEMA_MAX);
    for (int64_t i = version < 0 ? 0 : version; i < STORE_VERSION; i++)
        text_add(&sql, store_versions[i]);
    assert(!sql.overflow);
    result = db_create_schema(db, STORE_VERSION, sql.data, err);
    text_done(&sql);
    return result;
}

static int prepare_all(struct store *store, struct err *err)
{
    for (int i = 0; i < STORE_QUERY_COUNT; i++) {
        store->queries[i] = db_prepare(store->db, store_sql[i], err);
        if (store->queries[i] == NULL) {
            /* The statements fit the schema; a file that they do not fit lost part of
             * it. */
            if (err != NULL)
                err->kind = ERR_PROTOCOL;
            return -1;
        }
    }
    return 0;
}

struct store *store_open(const char *path, struct err *err)
{
    struct store *store = mem_alloc(sizeof *store);

    store->db = db_open(path, DB_JOURNAL, err);
    if (store->db != NULL && check_owner(store->db, err) == 0 &&
        db_check(store->db, err) == 0 && bring_up_to_date(store->db, err) == 0 &&
        prepare_all(store, err) == 0)
        return store;
    (void)err_prefix(err, "issue store '%s'", path);
    store_close(store);
    return NULL;
}

/* "issues.db.damaged-20261124T162439Z", with "-2" and so on when that exists. */
static char *aside_path(const char *path, struct wall_time now)
{
    int64_t seconds = now.ns / CLOCK_S;
    int64_t in_day = seconds % 86400;
    int64_t year;
    int month;
    int day;
    char *name;

    civil_from_days(seconds / 86400, &year, &month, &day);
    name =
        mem_format("%s.damaged-%04d%02d%02dT%02d%02d%02dZ", path, (int)year, month, day,
                   (int)(in_day / 3600), (int)(in_day / 60 % 60), (int)(in_day % 60));
    for (int i = 2; i < ASIDE_MAX && access(name, F_OK) == 0; i++) {
        char *next = mem_format("%s.damaged-%04d%02d%02dT%02d%02d%02dZ-%d", path,
                                (int)year, month, day, (int)(in_day / 3600),
                                (int)(in_day / 60 % 60), (int)(in_day % 60), i);

        mem_free(name);
        name = next;
    }
    return name;
}

char *store_set_aside(const char *path, struct wall_time now, struct err *err)
{
    char *aside = aside_path(path, now);
    char *journal = mem_format("%s-journal", path);
    char *journal_aside = mem_format("%s-journal", aside);
    char *result = NULL;

    /* The journal keeps its name beside the file, so that what it holds can be salvaged,
     * and goes first: a new file must not meet the old one's. */
    if (access(journal, F_OK) == 0 && rename(journal, journal_aside) != 0) {
        (void)err_set(err, ERR_IO, "set aside '%s' as '%s': %m", journal, journal_aside);
        goto out;
    }
    if (rename(path, aside) != 0) {
        (void)err_set(err, ERR_IO, "set aside '%s' as '%s': %m", path, aside);
        goto out;
    }
    result = aside;
    aside = NULL;
out:
    mem_free(journal_aside);
    mem_free(journal);
    mem_free(aside);
    return result;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (int i = 0; i < STORE_QUERY_COUNT; i++)
        db_finish(store->queries[i]);
    db_close(store->db);
    mem_free(store);
}

struct db *store_db(struct store *store)
{
    return store->db;
}

struct db_query *store_query(struct store *store, enum store_query query)
{
    db_reset(store->queries[query]);
    return store->queries[query];
}

int store_enum(struct db_query *query, int column, int count)
{
    int64_t value = db_int(query, column);

    return value >= 0 && value < count ? (int)value : 0;
}
