/* rows.c - see rows.h. */
#include "history/rows.h"

#include "base/clock.h"
#include "base/db.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum {
    SCHEMA_VERSION = 1,
};

/* The two kinds of files differ in the name of one table. */
#define FOR_BOTH(before, after)                                                          \
    {                                                                                    \
        [PERIOD_MONTH] = before "minute" after, [PERIOD_YEAR] = before "hour" after      \
    }

static const char *const schemas[] = FOR_BOTH(
    "CREATE TABLE series(id INTEGER PRIMARY KEY, equipment TEXT NOT NULL,"
    " point TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE(equipment, point));"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE ",
    "(t INTEGER NOT NULL, series INTEGER NOT NULL, n INTEGER NOT NULL,"
    " min REAL, max REAL, mean REAL, last REAL NOT NULL, PRIMARY KEY(t, series))"
    " WITHOUT ROWID;");

static const char *const put_sql[] =
    FOR_BOTH("INSERT OR REPLACE INTO ", " VALUES(?1,?2,?3,?4,?5,?6,?7)");

static const char *const merge_sql[] = FOR_BOTH(
    "INSERT INTO ",
    " VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT(t, series) DO UPDATE SET "
    "min=min(coalesce(min,last),coalesce(excluded.min,excluded.last)),"
    "max=max(coalesce(max,last),coalesce(excluded.max,excluded.last)),"
    "mean=(coalesce(mean,last)*n+coalesce(excluded.mean,excluded.last)*excluded.n)"
    "/(n+excluded.n),"
    "last=excluded.last,n=n+excluded.n");

static const char *const load_sql[] = FOR_BOTH(
    "SELECT series,n,coalesce(min,last),coalesce(max,last),coalesce(mean,last),last "
    "FROM ",
    " WHERE t>=?1 AND t<?2 ORDER BY t");

struct rows {
    enum period_kind kind;
    int64_t period;
    char *path;
    const struct model *model;
    struct db *db;
    struct db_query *put;
    struct db_query *merge;
    struct db_query *load;
    struct db_query *get_meta;
    struct db_query *set_meta;
    uint32_t *series; /* by point */
    uint32_t *points; /* by series */
    int64_t series_end;
    bool replaced; /* a damaged file stood in the way */
};

bool rows_replaced(const struct rows *rows)
{
    return rows->replaced;
}

enum period_kind rows_kind(const struct rows *rows)
{
    return rows->kind;
}

int64_t rows_period(const struct rows *rows)
{
    return rows->period;
}

const uint32_t *rows_series(const struct rows *rows)
{
    return rows->series;
}

uint32_t rows_point(const struct rows *rows, int64_t series)
{
    return series > 0 && series < rows->series_end ? rows->points[series] : MODEL_NONE;
}

static void remember(struct rows *rows, uint32_t point, int64_t id)
{
    if (id >= rows->series_end) {
        int64_t end = id + id / 2 + 64;

        rows->points = mem_resize(rows->points, (size_t)end, sizeof *rows->points);
        for (int64_t i = rows->series_end; i < end; i++)
            rows->points[i] = MODEL_NONE;
        rows->series_end = end;
    }
    rows->points[id] = point;
    rows->series[point] = (uint32_t)id;
}

/* Reads the ids of what the model still has. */
static int load_series(struct rows *rows, struct err *err)
{
    struct db_query *query =
        db_prepare(rows->db, "SELECT id, equipment, point FROM series", err);
    int row;

    if (query == NULL)
        return -1;
    while ((row = db_step(query, err)) == 1) {
        const struct equipment *equipment =
            model_equipment(rows->model, db_text(query, 1));
        const struct point *point =
            equipment == NULL ? NULL
                              : model_point(rows->model, equipment, db_text(query, 2));
        int64_t id = db_int(query, 0);

        if (point != NULL && id > 0 && id < UINT32_MAX)
            remember(rows, point->index, id);
    }
    db_finish(query);
    return row;
}

static int add_one(struct rows *rows, struct db_query *insert, struct db_query *last,
                   const struct point *point, struct err *err)
{
    int row;

    db_bind_text(insert, 1, rows->model->equipment[point->equipment].id);
    db_bind_text(insert, 2, point->name);
    db_bind_text(insert, 3, point->unit == NULL ? "" : point->unit);
    if (db_execute(insert, err) != 0)
        return -1;
    row = db_step(last, err);
    if (row == 1)
        remember(rows, point->index, db_int(last, 0));
    db_reset(last);
    return row == 1 ? 0 : -1;
}

/* Gives a series to every point that has none yet, in the order of the model. */
static int add_series(struct rows *rows, struct err *err)
{
    struct db_query *insert = db_prepare(
        rows->db, "INSERT INTO series(equipment, point, unit) VALUES(?1,?2,?3)", err);
    struct db_query *last = db_prepare(rows->db, "SELECT last_insert_rowid()", err);
    int result = insert == NULL || last == NULL || db_begin(rows->db, err) != 0 ? -1 : 0;

    for (size_t i = 0; result == 0 && i < rows->model->point_count; i++) {
        const struct point *point = &rows->model->points[i];

        if (model_has_series(point) && rows->series[i] == ROWS_NO_SERIES)
            result = add_one(rows, insert, last, point, err);
    }
    if (result == 0)
        result = db_commit(rows->db, err);
    else
        db_rollback(rows->db);
    db_finish(insert);
    db_finish(last);
    return result;
}

static int prepare_all(struct rows *rows, struct err *err)
{
    rows->put = db_prepare(rows->db, put_sql[rows->kind], err);
    rows->merge =
        rows->put == NULL ? NULL : db_prepare(rows->db, merge_sql[rows->kind], err);
    rows->load =
        rows->merge == NULL ? NULL : db_prepare(rows->db, load_sql[rows->kind], err);
    rows->get_meta =
        rows->load == NULL
            ? NULL
            : db_prepare(rows->db, "SELECT value FROM meta WHERE key=?1", err);
    rows->set_meta =
        rows->get_meta == NULL
            ? NULL
            : db_prepare(rows->db, "INSERT OR REPLACE INTO meta VALUES(?1,?2)", err);
    return rows->set_meta == NULL ? -1 : 0;
}

static int open_file(struct rows *rows, struct err *err)
{
    rows->db = db_open(rows->path, DB_WAL, err);
    if (rows->db == NULL ||
        db_create_schema(rows->db, SCHEMA_VERSION, schemas[rows->kind], err) != 0 ||
        load_series(rows, err) != 0 || add_series(rows, err) != 0 ||
        prepare_all(rows, err) != 0)
        return -1;
    return 0;
}

static void close_file(struct rows *rows)
{
    struct db_query **queries[] = {&rows->put, &rows->merge, &rows->load, &rows->get_meta,
                                   &rows->set_meta};

    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        db_finish(*queries[i]);
        *queries[i] = NULL;
    }
    db_close(rows->db);
    rows->db = NULL;
}

/* Renames the file and what SQLite keeps beside it, which belongs to it. */
static void move_aside(const struct rows *rows)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char stamp[CLOCK_RFC3339_SIZE];

    (void)wall_format(wall_now(), stamp);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *from = mem_format("%s%s", rows->path, suffixes[i]);
        char *to = mem_format("%s.damaged-%s%s", rows->path, stamp, suffixes[i]);

        (void)rename(from, to);
        mem_free(from);
        mem_free(to);
    }
}

struct rows *rows_open(const char *folder, enum period_kind kind, int64_t period,
                       const struct model *model, struct err *err)
{
    struct rows *rows = mem_alloc(sizeof *rows);
    char name[PERIOD_NAME_SIZE];
    struct err own;

    period_name(kind, period, name);
    rows->kind = kind;
    rows->period = period;
    rows->path = mem_format("%s/%s", folder, name);
    rows->model = model;
    rows->series = mem_array(model->point_count, sizeof *rows->series);
    if (open_file(rows, &own) == 0)
        return rows;
    if (own.kind == ERR_PROTOCOL) {
        close_file(rows);
        move_aside(rows);
        memset(rows->series, 0, model->point_count * sizeof *rows->series);
        rows->replaced = true;
        if (open_file(rows, &own) == 0)
            return rows;
    }
    (void)err_set(err, own.kind, "%s", own.text);
    rows_close(rows);
    return NULL;
}

void rows_close(struct rows *rows)
{
    if (rows == NULL)
        return;
    if (rows->db != NULL)
        db_rollback(rows->db);
    close_file(rows);
    mem_free(rows->points);
    mem_free(rows->series);
    mem_free(rows->path);
    mem_free(rows);
}

void rows_set_aside(struct rows *rows)
{
    close_file(rows);
    move_aside(rows);
    rows_close(rows);
}

int rows_begin(struct rows *rows, struct err *err)
{
    return db_begin(rows->db, err);
}

int rows_commit(struct rows *rows, struct err *err)
{
    return db_commit(rows->db, err);
}

void rows_rollback(struct rows *rows)
{
    db_rollback(rows->db);
}

static int write_row(struct db_query *query, int64_t t, uint32_t series,
                     const struct tally *tally, struct err *err)
{
    db_bind_int(query, 1, t);
    db_bind_int(query, 2, series);
    db_bind_int(query, 3, tally->n);
    if (tally->min != tally->max) { /* what is not bound is NULL */
        db_bind_real(query, 4, tally->min);
        db_bind_real(query, 5, tally->max);
        db_bind_real(query, 6, tally->sum / (double)tally->n);
    }
    db_bind_real(query, 7, tally->last);
    return db_execute(query, err);
}

int rows_put(struct rows *rows, int64_t t, uint32_t series, const struct tally *tally,
             struct err *err)
{
    return write_row(rows->put, t, series, tally, err);
}

int rows_merge(struct rows *rows, int64_t t, uint32_t series, const struct tally *tally,
               struct err *err)
{
    return write_row(rows->merge, t, series, tally, err);
}

int rows_load(struct rows *rows, int64_t from, int64_t to, struct tally *tallies,
              struct err *err)
{
    int row;

    db_bind_int(rows->load, 1, from);
    db_bind_int(rows->load, 2, to);
    while ((row = db_step(rows->load, err)) == 1) {
        uint32_t point = rows_point(rows, db_int(rows->load, 0));
        struct tally tally = {.n = db_int(rows->load, 1),
                              .min = db_real(rows->load, 2),
                              .max = db_real(rows->load, 3),
                              .last = db_real(rows->load, 5)};

        tally.sum = db_real(rows->load, 4) * (double)tally.n;
        if (point != MODEL_NONE)
            tally_merge(&tallies[point], &tally);
    }
    db_reset(rows->load);
    return row;
}

int64_t rows_meta(struct rows *rows, const char *key, int64_t fallback)
{
    int64_t value = fallback;

    db_bind_text(rows->get_meta, 1, key);
    if (db_step(rows->get_meta, NULL) == 1)
        value = db_int(rows->get_meta, 0);
    db_reset(rows->get_meta);
    return value;
}

int rows_set_meta(struct rows *rows, const char *key, int64_t value, struct err *err)
{
    db_bind_text(rows->set_meta, 1, key);
    db_bind_int(rows->set_meta, 2, value);
    return db_execute(rows->set_meta, err);
}
