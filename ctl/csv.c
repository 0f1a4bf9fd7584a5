/* csv.c - see csv.h. */
#include "ctl/csv.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

#include <string.h>

static const char mark[] = "\xEF\xBB\xBF"; /* U+FEFF in UTF-8 */

struct reader {
    const char *at;
    const char *end;
    char between; /* ',' or ';' or a tabulator */
    size_t line;
    size_t column;
    struct csv *csv;
    struct err *err;
};

static int fail(const struct reader *reader, const char *what)
{
    return err_set(reader->err, ERR_CONFIG, "line %zu, column %zu: %s", reader->line,
                   reader->column, what);
}

static char separator_of(const char *bytes, const char *end)
{
    size_t commas = 0;
    size_t semicolons = 0;
    size_t tabs = 0;

    for (; bytes < end && *bytes != '\n' && *bytes != '\r'; bytes++) {
        commas += *bytes == ',';
        semicolons += *bytes == ';';
        tabs += *bytes == '\t';
    }
    if (commas > 0 || semicolons + tabs == 0)
        return ',';
    return semicolons >= tabs ? ';' : '\t';
}

/* One character further; a line end of two bytes is one. */
static void step(struct reader *reader)
{
    size_t length = utf8_length(reader->at);

    if (*reader->at == '\r' && reader->at + 1 < reader->end && reader->at[1] == '\n')
        reader->at++;
    if (*reader->at == '\n' || *reader->at == '\r') {
        reader->line++;
        reader->column = 1;
    } else {
        reader->column++;
    }
    reader->at += length == 0 ? 1 : length;
}

static bool at_line_end(const struct reader *reader)
{
    return reader->at == reader->end || *reader->at == '\n' || *reader->at == '\r';
}

static void take(struct reader *reader, struct text *cell)
{
    const char *from = reader->at;

    step(reader);
    text_add_bytes(cell, from, (size_t)(reader->at - from));
}

static int read_quoted(struct reader *reader, struct text *cell)
{
    struct reader opening = *reader;

    step(reader);
    for (;;) {
        if (reader->at == reader->end)
            return fail(&opening, "a quote that is never closed");
        if (*reader->at != '"') {
            take(reader, cell);
            continue;
        }
        step(reader);
        if (reader->at == reader->end || *reader->at != '"')
            break;
        take(reader, cell);
    }
    if (!at_line_end(reader) && *reader->at != reader->between)
        return fail(reader, "text behind a closing quote");
    return 0;
}

static int read_plain(struct reader *reader, struct text *cell)
{
    while (!at_line_end(reader) && *reader->at != reader->between) {
        if (*reader->at == '"')
            return fail(reader, "a quote inside of a cell that does not begin with one");
        take(reader, cell);
    }
    return 0;
}

static bool is_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

static bool is_guarded(const char *text)
{
    return text[0] == '\'' && (is_formula(text + 1) || text[1] == '\'');
}

static int read_cell(struct reader *reader, struct csv_row *row)
{
    struct csv_cell cell = {.line = reader->line, .column = reader->column};
    struct text text;
    int rc;

    if (row->count == CSV_COLUMNS_MAX)
        return fail(reader, "too many columns");
    text_init(&text, CSV_CELL_MAX);
    rc = reader->at < reader->end && *reader->at == '"' ? read_quoted(reader, &text)
                                                        : read_plain(reader, &text);
    if (rc == 0 && text.overflow)
        rc = fail(reader, "a cell of more than 4096 bytes");
    if (rc == 0) {
        cell.text = mem_strdup(is_guarded(text.data) ? text.data + 1 : text.data);
        row->cells = mem_resize(row->cells, row->count + 1, sizeof *row->cells);
        row->cells[row->count++] = cell;
    }
    text_done(&text);
    return rc;
}

static void free_row(struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        mem_free(row->cells[i].text);
    mem_free(row->cells);
}

static bool is_empty(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].text[0] != '\0')
            return false;
    return true;
}

static int read_row(struct reader *reader)
{
    struct csv_row row = {0};
    int rc = read_cell(reader, &row);

    while (rc == 0 && reader->at < reader->end && *reader->at == reader->between) {
        step(reader);
        rc = read_cell(reader, &row);
    }
    if (rc == 0 && reader->at < reader->end)
        step(reader);
    if (rc == 0 && reader->csv->count == CSV_ROWS_MAX)
        rc = fail(reader, "too many rows");
    if (rc != 0 || is_empty(&row)) {
        free_row(&row);
        return rc;
    }
    reader->csv->rows = mem_resize(reader->csv->rows, reader->csv->count + 1, sizeof row);
    reader->csv->rows[reader->csv->count++] = row;
    return 0;
}

/* Where the text stops being UTF-8. */
static int check_utf8(struct reader *reader)
{
    struct reader look = *reader;

    if (utf8_valid(look.at, (size_t)(look.end - look.at)))
        return 0;
    while (look.at < look.end && *look.at != '\0' && utf8_length(look.at) > 0)
        step(&look);
    return fail(&look, "not UTF-8: save it as \"CSV UTF-8\"");
}

int csv_read(struct csv *csv, const char *bytes, size_t length, struct err *err)
{
    struct reader reader = {.at = bytes,
                            .end = bytes + length,
                            .line = 1,
                            .column = 1,
                            .csv = csv,
                            .err = err};
    int rc;

    *csv = (struct csv){0};
    if (length >= sizeof mark - 1 && memcmp(bytes, mark, sizeof mark - 1) == 0)
        reader.at += sizeof mark - 1;
    rc = check_utf8(&reader);
    reader.between = separator_of(reader.at, reader.end);
    while (rc == 0 && reader.at < reader.end)
        rc = read_row(&reader);
    return rc;
}

void csv_free(struct csv *csv)
{
    for (size_t i = 0; i < csv->count; i++)
        free_row(&csv->rows[i]);
    mem_free(csv->rows);
    *csv = (struct csv){0};
}

/* --- writing ------------------------------------------------------------------------ */

void csv_begin(struct text *out)
{
    text_add(out, mark);
}

void csv_put_text(struct text *out, bool first, const char *cell)
{
    bool guard = is_formula(cell) || is_guarded(cell);
    bool quotes = strpbrk(cell, ",;\t\"\r\n") != NULL || cell[0] == ' ';

    if (!first)
        text_add_char(out, ',');
    if (quotes)
        text_add_char(out, '"');
    if (guard)
        text_add_char(out, '\'');
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            text_add_char(out, '"');
        text_add_char(out, *cell);
    }
    if (quotes)
        text_add_char(out, '"');
}

void csv_put_number(struct text *out, bool first, double value)
{
    char digits[NUMBER_SIZE];

    if (!first)
        text_add_char(out, ',');
    text_add_bytes(out, digits, number_format(digits, value));
}

void csv_end_row(struct text *out)
{
    text_add(out, "\r\n");
}
