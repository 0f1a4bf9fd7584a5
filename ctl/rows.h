/* rows.h - lines with a left part and details beside it, for a terminal of some width.
 *
 * The details stand in one column where that is possible, else on a line of their own;
 * what is too long goes on in the next line, indented. Threads: main.
 */
#ifndef CTL_ROWS_H
#define CTL_ROWS_H

#include "base/text.h"

#include <stdbool.h>

enum rows_mark {
    MARK_NONE,
    MARK_TRUE,
    MARK_FALSE,
    MARK_UNKNOWN,
};

struct rows;

struct rows *rows_new(void);
void rows_free(struct rows *rows); /* NULL is fine */

#define ROWS_HARD_BLANK "\x1f" /* a blank at which no line is broken */

/* Adds a line; both texts are copied. `detail` may be "". */
void rows_add(struct rows *rows, size_t indent, enum rows_mark mark, const char *left,
              const char *detail);

/* Appends all lines; `width` 0: as long as they are. */
void rows_print(const struct rows *rows, size_t width, bool colour, struct text *out);

#endif
