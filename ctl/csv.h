/* csv.h - tables as text, as spreadsheets write and read them. Source: RFC 4180.
 *
 * Read: quoted cells with doubled quotes and line ends inside, CRLF or LF, a byte order
 * mark, and ';' or a tabulator between cells when the first line has no comma (Excel in
 * many countries). Written: commas, CRLF, a byte order mark, quotes where they are
 * needed.
 *
 * A spreadsheet takes a cell that begins with = + - @ for a formula. Such a text gets an
 * apostrophe in front, which csv_read takes away again.
 *
 * Threads: one owner.
 */
#ifndef CTL_CSV_H
#define CTL_CSV_H

#include "base/err.h"
#include "base/text.h"

enum {
    CSV_COLUMNS_MAX = 256,
    CSV_ROWS_MAX = 25000, /* 20000 equipment and what stands between them */
    CSV_CELL_MAX = 4096,
};

struct csv_cell {
    char *text;    /* valid UTF-8 */
    size_t line;   /* from 1, where it begins */
    size_t column; /* from 1, in characters */
};

struct csv_row {
    struct csv_cell *cells;
    size_t count;
};

struct csv {
    struct csv_row *rows; /* without empty ones */
    size_t count;
};

/* ERR_CONFIG with line and column. csv_free in any case. */
int csv_read(struct csv *csv, const char *bytes, size_t length, struct err *err);
void csv_free(struct csv *csv);

void csv_begin(struct text *out); /* the byte order mark */
/* `first`: of its row. Numbers are written as they are, also negative ones. */
void csv_put_text(struct text *out, bool first, const char *cell);
void csv_put_number(struct text *out, bool first, double value);
void csv_end_row(struct text *out);

#endif
