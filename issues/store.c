/* store.c - see store.h. */
#include "issues/store.h"

#include "base/mem.h"
#include "issues/store_sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
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

static struct store *try_open(const char *path, struct err *err)
{
    struct store *store = mem_alloc(sizeof *store);

    store->db = db_open(path, DB_JOURNAL, err);
    if (store->db != NULL && check_owner(store->db, err) == 0 &&
        db_check(store->db, err) == 0 &&
        db_create_schema(store->db, STORE_VERSION, store_schema, err) == 0 &&
        prepare_all(store, err) == 0)
        return store;
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

/* The journal keeps its name beside the file, so that what it holds can be salvaged. */
static int set_aside(const char *path, const char *aside, struct err *err)
{
    char *journal = mem_format("%s-journal", path);
    char *journal_aside = mem_format("%s-journal", aside);
    int result = 0;

    if (rename(path, aside) != 0)
        result = err_set(err, ERR_IO, "set aside '%s' as '%s': %m", path, aside);
    else if (access(journal, F_OK) == 0 && rename(journal, journal_aside) != 0)
        result =
            err_set(err, ERR_IO, "set aside '%s' as '%s': %m", journal, journal_aside);
    mem_free(journal_aside);
    mem_free(journal);
    return result;
}

struct store *store_open(const char *path, struct wall_time now, char **damage,
                         struct err *err)
{
    struct err why = {0};
    struct store *store = try_open(path, &why);
    char *aside;

    *damage = NULL;
    if (store != NULL)
        return store;
    if (why.kind != ERR_PROTOCOL) {
        (void)err_set(err, why.kind, "issue store '%s': %s", path, why.text);
        return NULL;
    }
    aside = aside_path(path, now);
    if (set_aside(path, aside, err) == 0)
        store = try_open(path, err);
    if (store != NULL)
        *damage =
            mem_format("issue store '%s' was damaged (%s); it was set aside as '%s' "
                       "and a new one begun",
                       path, why.text, aside);
    mem_free(aside);
    return store;
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
