/* rows.h - one file of minute or hour rows, open for writing.
 *
 *   series(id, equipment, point, unit)        ids are the file's own
 *   minute(t, series, n, min, max, mean, last)  or hour; t counts minutes or hours
 *   meta(key, value)
 *
 * min, max and mean are NULL where they equal `last`: most points of a plant stand still,
 * and their rows take 15 bytes instead of 45. With t first, a minute's rows are appended,
 * and the series of one equipment stand together.
 *
 * A file that turns out to be damaged is renamed to ".damaged-<time>" and a new one made.
 *
 * Errors: ERR_IO; ERR_PROTOCOL for damage. Threads: one owner.
 */
#ifndef HISTORY_ROWS_H
#define HISTORY_ROWS_H

#include "base/err.h"
#include "history/period.h"
#include "history/tally.h"
#include "telemetry/model.h"

#include <stddef.h>

struct rows;

enum {
    ROWS_NO_SERIES = 0, /* ids begin at 1 */
};

/* Opens or makes the file of a period and gives every point of the model a series.
 * Points without series have none. */
struct rows *rows_open(const char *folder, enum period_kind kind, int64_t period,
                       const struct model *model, struct err *err);
void rows_close(struct rows *rows); /* NULL is fine; an open transaction is undone */
/* Closes and renames a damaged file. */
void rows_set_aside(struct rows *rows);
/* Whether rows_open had to set a damaged file aside before it could make this one. */
bool rows_replaced(const struct rows *rows);

enum period_kind rows_kind(const struct rows *rows);
int64_t rows_period(const struct rows *rows);

/* By point index; ROWS_NO_SERIES where there is none. */
const uint32_t *rows_series(const struct rows *rows);
/* The point of a series, or MODEL_NONE when the model has it no more. */
uint32_t rows_point(const struct rows *rows, int64_t series);

int rows_begin(struct rows *rows, struct err *err);
int rows_commit(struct rows *rows, struct err *err);
void rows_rollback(struct rows *rows);

/* Writes a row over one that may be there. */
int rows_put(struct rows *rows, int64_t t, uint32_t series, const struct tally *tally,
             struct err *err);
/* Adds to a row that may be there. */
int rows_merge(struct rows *rows, int64_t t, uint32_t series, const struct tally *tally,
               struct err *err);
/* Merges the rows of [from, to) into `tallies`, by point index. */
int rows_load(struct rows *rows, int64_t from, int64_t to, struct tally *tallies,
              struct err *err);

/* `fallback` when the key is not there. */
int64_t rows_meta(struct rows *rows, const char *key, int64_t fallback);
int rows_set_meta(struct rows *rows, const char *key, int64_t value, struct err *err);

#endif
