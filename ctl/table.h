/* table.h - JSON lists as aligned columns for a terminal. Threads: main. */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "base/json_in.h"
#include "base/text.h"

/* One column: its head and where the value is in each item ("last.value"). */
struct column {
    const char *head;
    const char *path;
};

/* Appends the items of an array as rows, with heads, aligned by display width (Chinese
 * characters take two cells). Nothing but the heads when the array is empty. */
void table_print(const struct json *items, const struct column *columns, size_t count,
                 struct text *out);

/* A value as a person reads it: text as it is, true as yes, null as "-". */
void table_value(const struct json *value, struct text *out);

/* Cells that UTF-8 text takes on a terminal. */
size_t table_width(const char *text);

#endif
