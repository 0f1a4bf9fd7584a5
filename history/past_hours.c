/* past_hours.c - see past_hours.h. */
#include "history/past_hours.h"

#include "base/db.h"
#include "base/mem.h"
#include "history/period.h"

#include <unistd.h>

#define HOUR_NS (INT64_C(3600000) * CLOCK_MS)

struct past {
    const struct model *model;
    const bool *wanted;
    int64_t first; /* hours since 1970 */
    int64_t end;
    past_hour *each;
    void *context;
};

static uint32_t point_of(const struct past *past, const char *equipment_id,
                         const char *name)
{
    const struct equipment *equipment = model_equipment(past->model, equipment_id);
    const struct point *point =
        equipment == NULL ? NULL : model_point(past->model, equipment, name);

    return point == NULL || !past->wanted[point->index] ? MODEL_NONE : point->index;
}

static int read_file(const struct past *past, struct db *db, struct err *err)
{
    struct db_query *query =
        db_prepare(db,
                   "SELECT s.equipment, s.point, h.t, coalesce(h.mean, h.last) FROM hour "
                   "h JOIN series s ON s.id = h.series WHERE h.t >= ?1 AND h.t < ?2 "
                   "ORDER BY h.t",
                   err);
    int row;

    if (query == NULL)
        return -1;
    db_bind_int(query, 1, past->first);
    db_bind_int(query, 2, past->end);
    while ((row = db_step(query, err)) == 1) {
        uint32_t point = point_of(past, db_text(query, 0), db_text(query, 1));

        if (point != MODEL_NONE)
            past->each(past->context, point,
                       (struct wall_time){db_int(query, 2) * HOUR_NS}, db_real(query, 3));
    }
    db_finish(query);
    return row;
}

int past_hours(const struct past_query *query, past_hour *each, void *context,
               struct err *err)
{
    const struct past past = {
        .model = query->model,
        .wanted = query->wanted,
        .first = period_hour((struct wall_time){query->from.ns + HOUR_NS - 1}),
        .end = period_hour((struct wall_time){query->to.ns + HOUR_NS - 1}),
        .each = each,
        .context = context,
    };
    int64_t last = period_of(PERIOD_YEAR, past.end);
    int result = 0;

    for (int64_t year = period_of(PERIOD_YEAR, past.first); year <= last; year++) {
        char name[PERIOD_NAME_SIZE];
        struct db *db = NULL;
        char *path;

        period_name(PERIOD_YEAR, year, name);
        path = mem_format("%s/%s", query->folder, name);
        if (access(path, F_OK) == 0 && ((db = db_open(path, DB_READ, err)) == NULL ||
                                        read_file(&past, db, err) != 0))
            result = -1;
        db_close(db);
        mem_free(path);
    }
    return result;
}
