/* archive_query.c - a point's past, from the files and from memory.
 *
 * Whole hours are read from hour rows when the step is a multiple of an hour, everything
 * else from minute rows. Rows lie by time first, so that reading one point takes one seek
 * a row, about 7 us: a day of minutes 10 ms, a year of hours 60 ms.
 */
#include "history/archive_inner.h"

#include "base/db.h"
#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
};

/* A query under way. Steps are filled as tallies first. */
struct search {
    const char *folder;
    const char *equipment;
    const char *point;
    int64_t start; /* minute of the first step */
    int64_t step;  /* minutes */
    struct tally *tallies;
    int64_t count;
};

static void add(struct search *search, int64_t minute, const struct tally *tally)
{
    int64_t index = (minute - search->start) / search->step;

    if (minute >= search->start && index < search->count)
        tally_merge(&search->tallies[index], tally);
}

static int find_series(struct db *db, const struct search *search, int64_t *series,
                       struct err *err)
{
    struct db_query *query =
        db_prepare(db, "SELECT id FROM series WHERE equipment=?1 AND point=?2", err);
    int row;

    if (query == NULL)
        return -1;
    db_bind_text(query, 1, search->equipment);
    db_bind_text(query, 2, search->point);
    row = db_step(query, err);
    if (row == 1)
        *series = db_int(query, 0);
    db_finish(query);
    return row;
}

/* Rows [from, to) of one series; a row's number times `scale` is its minute. */
static int read_rows(struct db *db, struct search *search, enum period_kind kind,
                     int64_t from, int64_t to, struct err *err)
{
    static const char *const sql[] = {
        [PERIOD_MONTH] = "SELECT n,coalesce(min,last),coalesce(max,last),"
                         "coalesce(mean,last),last FROM minute WHERE t=?1 AND series=?2",
        [PERIOD_YEAR] = "SELECT n,coalesce(min,last),coalesce(max,last),"
                        "coalesce(mean,last),last FROM hour WHERE t=?1 AND series=?2",
    };
    int64_t scale = kind == PERIOD_MONTH ? 1 : 60;
    struct db_query *query;
    int64_t series = 0;
    int row = find_series(db, search, &series, err);

    if (row <= 0)
        return row;
    query = db_prepare(db, sql[kind], err);
    if (query == NULL)
        return -1;
    row = 0;
    for (int64_t t = from; t < to && row >= 0; t++) {
        struct tally tally;

        db_bind_int(query, 1, t);
        db_bind_int(query, 2, series);
        row = db_step(query, err);
        if (row == 1) {
            tally = (struct tally){.n = db_int(query, 0),
                                   .min = db_real(query, 1),
                                   .max = db_real(query, 2),
                                   .last = db_real(query, 4)};
            tally.sum = db_real(query, 3) * (double)tally.n;
            add(search, t * scale, &tally);
        }
        db_reset(query);
    }
    db_finish(query);
    return row < 0 ? -1 : 0;
}

/* One file's part of [from, to). A file that is not there is a gap; so is a damaged one,
 * which the writer sets aside when it meets it. */
static int read_file(struct search *search, enum period_kind kind, int64_t period,
                     int64_t from, int64_t to, struct err *err)
{
    char name[PERIOD_NAME_SIZE];
    char *path;
    struct db *db = NULL;
    struct err own = {0};
    int result = 0;

    period_name(kind, period, name);
    path = mem_format("%s/%s", search->folder, name);
    if (access(path, F_OK) == 0) {
        db = db_open(path, DB_READ, &own);
        result = db == NULL ? -1 : read_rows(db, search, kind, from, to, &own);
        db_close(db);
    }
    mem_free(path);
    if (result == 0 || own.kind == ERR_PROTOCOL)
        return 0;
    return err_set(err, own.kind, "%s", own.text);
}

static int read_files(struct search *search, enum period_kind kind, int64_t from,
                      int64_t to, struct err *err)
{
    while (from < to) {
        int64_t period = period_of(kind, from);
        int64_t end = period_start(kind, period + 1);

        if (end > to)
            end = to;
        if (read_file(search, kind, period, from, end, err) != 0)
            return -1;
        from = end;
    }
    return 0;
}

static void add_from_memory(struct search *search, const struct minute minutes[2],
                            const struct tally tallies[2])
{
    for (size_t i = 0; i < 2; i++)
        add(search, minutes[i].minute, &tallies[i]);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int run(struct archive *archive, struct search *search, uint32_t point,
               struct err *err)
{
    int64_t from = search->start;
    int64_t to = search->start + search->count * search->step;
    struct minute minutes[2];
    struct tally tallies[2];
    int64_t hour;

    (void)pthread_mutex_lock(&archive->mutex);
    for (size_t i = 0; i < 2; i++) {
        minutes[i] = archive->minutes[i];
        tallies[i] = archive->minutes[i].tallies[point];
    }
    hour = archive->hour;
    (void)pthread_mutex_unlock(&archive->mutex);
    if (search->step % 60 == 0 && from / 60 < hour) {
        int64_t end = smaller(to / 60, hour);

        if (read_files(search, PERIOD_YEAR, from / 60, end, err) != 0)
            return -1;
        from = end * 60;
    }
    if (read_files(search, PERIOD_MONTH, from, smaller(to, minutes[0].minute), err) != 0)
        return -1;
    add_from_memory(search, minutes, tallies);
    return 0;
}

static void fill(const struct search *search, struct history_step *steps)
{
    for (int64_t i = 0; i < search->count; i++) {
        const struct tally *tally = &search->tallies[i];
        int64_t minute = search->start + i * search->step;

        steps[i] = (struct history_step){.start = {minute * MINUTE_MS * CLOCK_MS},
                                         .min = NAN,
                                         .max = NAN,
                                         .mean = NAN,
                                         .last = NAN,
                                         .count = tally->n};
        if (tally->n == 0)
            continue;
        steps[i].min = tally->min;
        steps[i].max = tally->max;
        steps[i].mean = tally->sum / (double)tally->n;
        steps[i].last = tally->last;
    }
}

static int check(const struct archive *archive, uint32_t point,
                 const struct archive_span *span, struct err *err)
{
    if (point >= archive->model->point_count || !archive->kept[point])
        return err_set(err, ERR_NOT_FOUND, "this point has no history");
    if (span->from.ns < 0 || span->from.ns >= span->to.ns)
        return err_set(err, ERR_INPUT, "'from' must be before 'to'");
    if (span->step_ms < MINUTE_MS || span->step_ms % MINUTE_MS != 0)
        return err_set(err, ERR_INPUT, "the step must be a whole number of minutes");
    return 0;
}

int archive_query(struct archive *archive, uint32_t point,
                  const struct archive_span *span, struct history_step *steps, size_t max,
                  struct err *err)
{
    struct search search = {.folder = archive->folder, .step = span->step_ms / MINUTE_MS};
    int64_t unit = span->step_ms % HOUR_MS == 0 ? 60 : 1;
    int64_t end;
    int result;

    if (check(archive, point, span, err) != 0)
        return -1;
    search.equipment =
        archive->model->equipment[archive->model->points[point].equipment].id;
    search.point = archive->model->points[point].name;
    search.start = period_minute(span->from) / unit * unit;
    end = period_minute((struct wall_time){span->to.ns - 1}) + 1;
    search.count = (end - search.start + search.step - 1) / search.step;
    if (search.count > (int64_t)max || search.count > HISTORY_STEPS_MAX)
        return err_set(err, ERR_INPUT,
                       "%" PRId64 " steps are too many; ask for longer ones",
                       search.count);
    search.tallies = mem_array((size_t)search.count, sizeof *search.tallies);
    result = run(archive, &search, point, err);
    if (result == 0) {
        fill(&search, steps);
        result = (int)search.count;
    }
    mem_free(search.tallies);
    return result;
}
