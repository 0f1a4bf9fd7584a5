/* equipment_text.c - from CSV, or from options, to configuration; see
 * equipment_text.h. */
#include "ctl/equipment_text.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/number.h"
#include "ctl/csv.h"
#include "ctl/nearest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A string of libconfig: quotes, and escapes for what may not stand in them. */
static void put_string(struct text *out, const char *value)
{
    text_add_char(out, '"');
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;

        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (c == '\t')
            text_add(out, "\\t");
        else if (c < 0x20)
            text_addf(out, "\\x%02x", c);
        else
            text_add_char(out, (char)c);
    }
    text_add_char(out, '"');
}

/* A decimal point, or it would be an integer. */
static void put_float(struct text *out, double value)
{
    char digits[NUMBER_SIZE];

    (void)number_format(digits, value);
    text_add(out, digits);
    if (strpbrk(digits, ".e") == NULL)
        text_add(out, ".0");
}

struct converter {
    const char *name; /* of the file */
    struct text *errors;
    size_t error_count;
};

static void complain(struct converter *converter, const struct csv_cell *cell,
                     const char *what, const char *more)
{
    if (converter->error_count++ >= EQUIPMENT_ERRORS_MAX)
        return;
    if (converter->name != NULL)
        text_addf(converter->errors, "%s:%zu:%zu: ", converter->name, cell->line,
                  cell->column);
    text_addf(converter->errors, "%s%s\n", what, more);
}

static bool read_number(const char *text, double *value)
{
    char *end;

    errno = 0;
    *value = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && isfinite(*value);
}

static bool is_yes(const char *text)
{
    return strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 ||
           strcmp(text, "TRUE") == 0 || strcmp(text, "1") == 0;
}

static bool is_no(const char *text)
{
    return strcmp(text, "no") == 0 || strcmp(text, "false") == 0 ||
           strcmp(text, "FALSE") == 0 || strcmp(text, "0") == 0;
}

static void put_key(struct text *out, enum equipment_column column)
{
    text_addf(out, "%s%s = ", column == COLUMN_ID ? "" : " ",
              equipment_columns[column].name);
}

static void put_column(struct converter *converter, enum equipment_column column,
                       const struct csv_cell *cell, struct text *out)
{
    const char *text = cell->text;
    double number;

    if (text == NULL || text[0] == '\0')
        return;
    switch (equipment_columns[column].kind) {
    case KIND_WHOLE:
        if (!read_number(text, &number) || number < 0 || number > 255 ||
            number != trunc(number)) {
            complain(converter, cell, "a unit is a whole number from 0 to 255, not ",
                     text);
            return;
        }
        put_key(out, column);
        text_addf(out, "%.0f;", number);
        break;
    case KIND_YES:
        if (!is_yes(text) && !is_no(text))
            complain(converter, cell, "yes or nothing, not ", text);
        if (!is_yes(text))
            return;
        put_key(out, column);
        text_add(out, "true;");
        break;
    case KIND_STRING:
    case KIND_DURATION:
    default:
        put_key(out, column);
        put_string(out, text);
        text_add_char(out, ';');
        break;
    }
}

/* What a column of the file is. */
struct head {
    int column; /* of equipment_columns, or -1 */
    enum equipment_group group;
    const char *member; /* "ct" of params.ct; NULL: not of a group */
};

static bool is_name(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static const char *nearest_column(const char *text)
{
    size_t best = SIZE_MAX;
    const char *found = NULL;

    for (size_t c = 0; c < COLUMNS; c++) {
        size_t distance = nearest_distance(text, equipment_columns[c].name);

        if (distance < best) {
            best = distance;
            found = equipment_columns[c].name;
        }
    }
    return nearest_is_near(text, best) ? found : NULL;
}

static void unknown_column(struct converter *converter, const struct csv_cell *cell)
{
    const char *nearest = nearest_column(cell->text);
    char *what;

    if (nearest == NULL) {
        complain(converter, cell, "unknown column: ", cell->text);
        return;
    }
    what = mem_format("unknown column \"%s\": did you mean ", cell->text);
    complain(converter, cell, what, nearest);
    mem_free(what);
}

static void read_head(struct converter *converter, const struct csv_cell *cell,
                      struct head *head)
{
    *head = (struct head){.column = -1};
    for (int c = 0; c < COLUMNS; c++)
        if (strcmp(equipment_columns[c].name, cell->text) == 0)
            head->column = c;
    for (int g = 0; g < GROUPS; g++) {
        size_t length = strlen(equipment_groups[g]);

        if (strncmp(cell->text, equipment_groups[g], length) == 0 &&
            cell->text[length] == '.') {
            head->group = (enum equipment_group)g;
            head->member = cell->text + length + 1;
        }
    }
    if (head->member != NULL && !is_name(head->member))
        complain(converter, cell, "no name of a member: ", cell->text);
    if (head->member == NULL && head->column < 0 && cell->text[0] != '\0')
        unknown_column(converter, cell);
}

static void check_heads(struct converter *converter, const struct csv_row *row,
                        const struct head *heads)
{
    bool there[COLUMNS] = {false};
    struct map *seen = map_new();

    for (size_t i = 0; i < row->count; i++) {
        if (row->cells[i].text[0] != '\0' &&
            !map_put(seen, row->cells[i].text, (uint32_t)i))
            complain(converter, &row->cells[i],
                     "a column that stands twice: ", row->cells[i].text);
        if (heads[i].column >= 0)
            there[heads[i].column] = true;
    }
    for (int c = 0; c < COLUMNS; c++)
        if (equipment_columns[c].required && !there[c])
            complain(converter, &row->cells[0], "there is no column ",
                     equipment_columns[c].name);
    map_free(seen);
}

static void put_param(struct converter *converter, const char *name,
                      const struct csv_cell *cell, struct text *out)
{
    double number;

    if (!read_number(cell->text, &number)) {
        complain(converter, cell, "a parameter is a number, not ", cell->text);
        return;
    }
    text_addf(out, " %s = ", name);
    put_float(out, number);
    text_add_char(out, ';');
}

static void put_relation_text(const char *name, const struct csv_cell *cell,
                              struct text *out)
{
    bool list = strchr(cell->text, ';') != NULL;
    const char *at = cell->text;
    size_t count = 0;

    text_addf(out, " %s = %s", name, list ? "(" : "");
    while (*at != '\0') {
        size_t length = strcspn(at, ";");
        char *id;

        while (length > 0 && *at == ' ') {
            at++;
            length--;
        }
        id = mem_strndup(at, length);
        if (length > 0) {
            text_add(out, count++ > 0 ? ", " : "");
            put_string(out, id);
        }
        mem_free(id);
        at += length;
        at += *at == ';';
    }
    text_add(out, list ? ");" : ";");
}

static void put_member(struct converter *converter, const struct head *head,
                       const struct csv_cell *cell, struct text *out)
{
    switch (head->group) {
    case GROUP_PARAMS:
        put_param(converter, head->member, cell, out);
        break;
    case GROUP_RELATIONS:
        put_relation_text(head->member, cell, out);
        break;
    case GROUP_POLL:
    case GROUP_TABLES:
    case GROUPS:
    default:
        text_addf(out, " %s = ", head->member);
        put_string(out, cell->text);
        text_add_char(out, ';');
        break;
    }
}

/* " params : { ct = 40.0; };" or nothing. */
static void put_group(struct converter *converter, const struct csv_row *row,
                      const struct head *heads, enum equipment_group group,
                      struct text *out)
{
    bool open = false;

    for (size_t i = 0; i < row->count; i++) {
        if (row->cells[i].text[0] == '\0' || heads[i].member == NULL ||
            heads[i].group != group)
            continue;
        if (!open)
            text_addf(out, "\n    %s : {", equipment_groups[group]);
        open = true;
        put_member(converter, &heads[i], &row->cells[i], out);
    }
    if (open)
        text_add(out, " };");
}

static void check_row(struct converter *converter, const struct csv_row *row,
                      const struct head *heads, size_t head_count, struct map *ids)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct csv_cell *cell = &row->cells[i];
        int column = i < head_count ? heads[i].column : -1;

        if (i >= head_count && cell->text[0] != '\0')
            complain(converter, cell, "a cell beyond the last column: ", cell->text);
        if (column >= 0 && equipment_columns[column].required && cell->text[0] == '\0')
            complain(converter, cell, "must be given: ", equipment_columns[column].name);
        if (column == COLUMN_ID && cell->text[0] != '\0' &&
            !map_put(ids, cell->text, (uint32_t)cell->line))
            complain(converter, cell, "an id that stands twice: ", cell->text);
    }
    for (size_t i = row->count; i < head_count; i++) /* the row ends before */
        if (heads[i].column >= 0 && equipment_columns[heads[i].column].required)
            complain(converter, &row->cells[row->count - 1],
                     "must be given: ", equipment_columns[heads[i].column].name);
}

static void put_row(struct converter *converter, const struct csv_row *row,
                    const struct head *heads, size_t head_count, struct text *out)
{
    struct csv_row known = {row->cells,
                            row->count < head_count ? row->count : head_count};

    text_add(out, "  { ");
    for (int c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < known.count; i++)
            if (heads[i].column == c)
                put_column(converter, (enum equipment_column)c, &known.cells[i], out);
    for (int g = 0; g < GROUPS; g++)
        put_group(converter, &known, heads, (enum equipment_group)g, out);
    text_add(out, " }");
}

static void convert(struct converter *converter, const struct csv *csv, struct text *out)
{
    size_t head_count = csv->rows[0].count;
    struct head *heads = mem_array(head_count, sizeof *heads);
    struct map *ids = map_new();

    for (size_t i = 0; i < head_count; i++)
        read_head(converter, &csv->rows[0].cells[i], &heads[i]);
    check_heads(converter, &csv->rows[0], heads);
    text_add(out, "equipment = (\n");
    for (size_t r = 1; r < csv->count; r++) {
        check_row(converter, &csv->rows[r], heads, head_count, ids);
        put_row(converter, &csv->rows[r], heads, head_count, out);
        text_add(out, r + 1 < csv->count ? ",\n" : "\n");
    }
    text_add(out, ");\n");
    map_free(ids);
    mem_free(heads);
}

/* "ct=40,pt=1" */
static void put_params(struct converter *converter, const char *params, struct text *out)
{
    text_add(out, "\n    params : {");
    while (*params != '\0') {
        size_t length = strcspn(params, ",");
        size_t name_length = strcspn(params, "=,");
        char *name = mem_strndup(params, name_length);
        char *value = name_length < length ? mem_strndup(params + name_length + 1,
                                                         length - name_length - 1)
                                           : mem_strdup("");
        struct csv_cell cell = {.text = value};

        if (is_name(name))
            put_param(converter, name, &cell, out);
        else
            complain(converter, &cell, "parameters are NAME=NUMBER,..., not ", params);
        mem_free(value);
        mem_free(name);
        params += length;
        params += *params == ',';
    }
    text_add(out, " };");
}

bool equipment_one(const char *const values[COLUMNS], const char *params,
                   struct text *out, struct text *errors)
{
    struct converter converter = {.errors = errors};

    text_add(out, "equipment = (\n  { ");
    for (int c = 0; c < COLUMNS; c++) {
        char *copy = values[c] == NULL ? NULL : mem_strdup(values[c]);
        struct csv_cell cell = {.text = copy};

        put_column(&converter, (enum equipment_column)c, &cell, out);
        mem_free(copy);
    }
    if (params != NULL)
        put_params(&converter, params, out);
    text_add(out, " }\n);\n");
    return converter.error_count == 0;
}

bool equipment_from_csv(const char *name, const char *bytes, size_t length,
                        struct text *out, size_t *written, struct text *errors)
{
    struct converter converter = {.name = name, .errors = errors};
    struct csv csv;
    struct err err = {0};
    bool ok = csv_read(&csv, bytes, length, &err) == 0;

    if (!ok)
        text_addf(errors, "%s: %s\n", name, err.text);
    else if (csv.count == 0)
        text_addf(errors, "%s: empty\n", name);
    else
        convert(&converter, &csv, out);
    if (converter.error_count > EQUIPMENT_ERRORS_MAX)
        text_addf(errors, "and %zu more\n",
                  converter.error_count - (size_t)EQUIPMENT_ERRORS_MAX);
    ok = ok && csv.count > 0 && converter.error_count == 0;
    *written = ok ? csv.count - 1 : 0;
    csv_free(&csv);
    return ok;
}
