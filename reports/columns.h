/* columns.h - the figures of a report row, each once: its key in JSON, its heading in
 * CSV.
 *
 * Both outputs walk this table, so that they cannot differ. Threads: constants.
 */
#ifndef REPORTS_COLUMNS_H
#define REPORTS_COLUMNS_H

#include "reports/failure_rate.h"

#include <stdbool.h>

struct figure_column {
    const char *key;
    const char *en;
    const char *zh;
    size_t offset;
    bool is_count; /* int64_t, else double */
};

const struct figure_column *figure_columns(size_t *count);

/* Of a column that is a count, or of one that is not. */
int64_t figure_count(const struct figure_column *column,
                     const struct failure_figures *figures);
double figure_value(const struct figure_column *column,
                    const struct failure_figures *figures);

#endif
