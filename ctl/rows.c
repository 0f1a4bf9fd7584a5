/* rows.c - see rows.h. */
#include "ctl/rows.h"

#include "base/mem.h"
#include "ctl/table.h"

#include <stdint.h>
#include <string.h>

enum {
    ROWS_MAX = 2000, /* lines; a rule has some hundred terms at most */
    GAP = 3,         /* blanks before details */
    HANG = 4,        /* how much further a line that goes on is indented */
    NARROWEST = 20,  /* below so many columns nothing is wrapped any more */
};

struct row {
    size_t indent;
    enum rows_mark mark;
    char *left;
    char *detail;
};

struct rows {
    struct row *list;
    size_t count;
    size_t capacity;
};

static const struct {
    const char *sign;
    const char *colour;
} marks[] = {
    [MARK_NONE] = {"", ""},
    [MARK_TRUE] = {"\u2713 ", "\033[32m"},
    [MARK_FALSE] = {"\u2717 ", "\033[2m"},
    [MARK_UNKNOWN] = {"? ", "\033[33m"},
};

struct rows *rows_new(void)
{
    return mem_alloc(sizeof(struct rows));
}

void rows_free(struct rows *rows)
{
    if (rows == NULL)
        return;
    for (size_t i = 0; i < rows->count; i++) {
        mem_free(rows->list[i].left);
        mem_free(rows->list[i].detail);
    }
    mem_free(rows->list);
    mem_free(rows);
}

void rows_add(struct rows *rows, size_t indent, enum rows_mark mark, const char *left,
              const char *detail)
{
    if (rows->count == ROWS_MAX)
        return;
    if (rows->count == rows->capacity) {
        rows->capacity = 2 * rows->capacity + 32;
        rows->list = mem_resize(rows->list, rows->capacity, sizeof *rows->list);
    }
    rows->list[rows->count++] =
        (struct row){indent, mark, mem_strdup(left), mem_strdup(detail)};
}

static size_t left_width(const struct row *row)
{
    return row->indent + table_width(marks[row->mark].sign) + table_width(row->left);
}

/* Where the details begin: behind the longest left part that leaves room for them. */
static size_t detail_column(const struct rows *rows, size_t width)
{
    size_t most = width == 0 ? SIZE_MAX : width * 3 / 5;
    size_t column = 0;

    for (size_t i = 0; i < rows->count; i++) {
        size_t left = left_width(&rows->list[i]);

        if (rows->list[i].detail[0] != '\0' && left > column && left <= most)
            column = left;
    }
    return column + GAP;
}

static void add_blanks(struct text *out, size_t count)
{
    while (count-- > 0)
        text_add_char(out, ' ');
}

/* Adds words from `column` on; lines that go on begin at `hang`. Returns where it ends.
 */
static size_t add_words(struct text *out, const char *words, size_t column, size_t hang,
                        size_t width)
{
    bool first = true;

    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        char *word = mem_strndup(words, length);
        size_t cells = table_width(word);

        for (char *c = word; *c != '\0'; c++)
            if (*c == ROWS_HARD_BLANK[0])
                *c = ' ';

        if (!first && width > hang + NARROWEST && column + 1 + cells > width) {
            text_add_char(out, '\n');
            add_blanks(out, hang);
            column = hang;
        } else if (!first) {
            text_add_char(out, ' ');
            column++;
        }
        text_add(out, word);
        column += cells;
        mem_free(word);
        words += length;
        words += *words == ' ';
        first = false;
    }
    return column;
}

static void add_detail(struct text *out, const struct row *row, size_t column,
                       size_t wanted, size_t width)
{
    size_t cells = table_width(row->detail);

    if (column > wanted || (width > 0 && wanted + cells > width)) {
        text_add_char(out, '\n');
        wanted = row->indent + HANG;
        column = 0;
    }
    add_blanks(out, wanted - column);
    (void)add_words(out, row->detail, wanted, wanted, width);
}

void rows_print(const struct rows *rows, size_t width, bool colour, struct text *out)
{
    size_t wanted = detail_column(rows, width);

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->list[i];
        const char *sign = marks[row->mark].sign;
        size_t column = row->indent + table_width(sign);

        add_blanks(out, row->indent);
        text_addf(out, "%s%s%s", colour ? marks[row->mark].colour : "", sign,
                  colour && sign[0] != '\0' ? "\033[0m" : "");
        column = add_words(out, row->left, column, row->indent + HANG, width);
        if (row->detail[0] != '\0')
            add_detail(out, row, column, wanted, width);
        text_add_char(out, '\n');
    }
}
