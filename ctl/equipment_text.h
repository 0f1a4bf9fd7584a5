/* equipment_text.h - equipment as CSV and as configuration; pure.
 *
 * Columns: those of equipment_columns, then the members of groups, "params.NAME" and so
 * on. In a relation several equipment are separated by ';'; a list of one ends with it.
 *
 * Threads: one owner.
 */
#ifndef CTL_EQUIPMENT_TEXT_H
#define CTL_EQUIPMENT_TEXT_H

#include "base/json_in.h"
#include "base/text.h"

enum equipment_column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_CLASS,
    COLUMN_PLACE,
    COLUMN_PROFILE,
    COLUMN_LINK,
    COLUMN_UNIT,
    COLUMN_TOPIC,
    COLUMN_VARIANT,
    COLUMN_CRITICAL,
    COLUMN_DELAY,
    COLUMN_LATENCY,
    COLUMN_TIMEOUT,
    COLUMNS
};

/* Groups of an equipment whose members are columns. */
enum equipment_group {
    GROUP_PARAMS,
    GROUP_RELATIONS,
    GROUP_POLL,
    GROUP_TABLES,
    GROUPS
};

extern const char *const equipment_groups[GROUPS]; /* "params", ... */

/* How a column is written in the configuration. */
enum column_kind {
    KIND_STRING,
    KIND_WHOLE,    /* 0 to 255 */
    KIND_YES,      /* "yes" or nothing */
    KIND_DURATION, /* "50ms" */
};

extern const struct equipment_column_row {
    const char *name; /* key of the configuration, member of the API, head of the CSV */
    enum column_kind kind;
    bool required;
} equipment_columns[COLUMNS];

enum {
    EQUIPMENT_TEXT_MAX = 64 * 1024 * 1024,
    EQUIPMENT_ERRORS_MAX = 20, /* that are told; the rest is counted */
};

/* CSV of the array that GET /api/v1/equipment-settings gives. */
void equipment_csv(const struct json *equipment, struct text *out);

/* Configuration of a CSV, appended to `out`; *written is how many equipment. False when
 * something is wrong: then `errors` has a line for each, "FILE:LINE:COLUMN: what". */
bool equipment_from_csv(const char *name, const char *bytes, size_t length,
                        struct text *out, size_t *written, struct text *errors);

/* Configuration of one equipment from its columns; NULL where there is nothing. `params`
 * are "ct=40,pt=1" or NULL. False with a line in `errors` when a value is not of its
 * kind. */
bool equipment_one(const char *const values[COLUMNS], const char *params,
                   struct text *out, struct text *errors);

#endif
