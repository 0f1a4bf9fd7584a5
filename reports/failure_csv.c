/* failure_csv.c - the failure report as a table for spreadsheets.
 *
 * RFC 4180: CRLF, quotes where needed, equally many cells in every row. A byte order mark
 * goes in front, without which Excel reads Chinese as something else. One heading row,
 * then the site, its classes, its equipment, and the definitions, each row with the month
 * and its level in front, so that the files of several months can be put together.
 */
#include "reports/failure_rate.h"

#include "base/number.h"
#include "reports/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct csv {
    struct text *out; /* borrowed */
    const char *month;
    bool chinese;
    bool comma;
};

/* What a spreadsheet would run: a formula, also behind the wide forms of its signs. */
static bool is_formula(const char *cell)
{
    static const char *const starts[] = {"=",  "+",  "-",  "@",  "\t",
                                         "\r", "＝", "＋", "－", "＠"};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (strncmp(cell, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static void put_separator(struct csv *csv)
{
    if (csv->comma)
        text_add_char(csv->out, ',');
    csv->comma = true;
}

static void put_text(struct csv *csv, const char *cell)
{
    bool formula = is_formula(cell);

    put_separator(csv);
    if (!formula && strpbrk(cell, ",\"\r\n") == NULL) {
        text_add(csv->out, cell);
        return;
    }
    text_add(csv->out, formula ? "\"'" : "\"");
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            text_add_char(csv->out, '"');
        text_add_char(csv->out, *cell);
    }
    text_add_char(csv->out, '"');
}

static void put_number(struct csv *csv, double value)
{
    char digits[NUMBER_SIZE];

    put_separator(csv);
    if (isfinite(value))
        text_add_bytes(csv->out, digits, number_format(digits, value));
}

static void put_count(struct csv *csv, int64_t value)
{
    char digits[NUMBER_SIZE];

    put_separator(csv);
    text_add_bytes(csv->out, digits, number_format_int(digits, value));
}

static void end_row(struct csv *csv)
{
    text_add(csv->out, "\r\n");
    csv->comma = false;
}

static const char *word(const struct csv *csv, const char *en, const char *zh)
{
    return csv->chinese ? zh : en;
}

static void put_heading(struct csv *csv)
{
    size_t count;
    const struct figure_column *columns = figure_columns(&count);

    put_text(csv, word(csv, "Month", "月份"));
    put_text(csv, word(csv, "Level", "层级"));
    put_text(csv, word(csv, "Id", "编号"));
    put_text(csv, word(csv, "Name", "名称"));
    put_text(csv, word(csv, "Class", "类别"));
    put_text(csv, word(csv, "Place", "位置"));
    for (size_t i = 0; i < count; i++)
        put_text(csv, word(csv, columns[i].en, columns[i].zh));
    put_text(csv, word(csv, "Compared with its class (p)", "与同类相比（p）"));
    end_row(csv);
}

/* `row` holds the texts, `level` says what the row is about. */
static void put_row(struct csv *csv, const char *level, const struct failure_row *row)
{
    const struct equipment_class *class_names = model_class(row->class_name);
    size_t count;
    const struct figure_column *columns = figure_columns(&count);

    put_text(csv, csv->month);
    put_text(csv, level);
    put_text(csv, row->id);
    put_text(csv, row->name);
    put_text(csv, class_names == NULL ? row->class_name
                                      : word(csv, class_names->en, class_names->zh));
    put_text(csv, row->place);
    for (size_t i = 0; i < count; i++) {
        if (columns[i].is_count)
            put_count(csv, figure_count(&columns[i], &row->figures));
        else
            put_number(csv, figure_value(&columns[i], &row->figures));
    }
    put_number(csv, row->p_worse);
    end_row(csv);
}

/* A class is named in the reader's language. */
static void put_class(struct csv *csv, const struct failure_row *row)
{
    const struct equipment_class *names = model_class(row->class_name);
    struct failure_row named = *row;

    if (names != NULL)
        named.name = word(csv, names->en, names->zh);
    put_row(csv, word(csv, "class", "类别"), &named);
}

/* A definition takes the cells of id and name; the rest stays empty. */
static void put_definition(struct csv *csv, const struct report_definition *definition)
{
    size_t count;

    (void)figure_columns(&count);
    put_text(csv, csv->month);
    put_text(csv, word(csv, "definition", "定义"));
    put_text(csv, definition->term);
    put_text(csv, definition->sentence);
    for (size_t i = 0; i < count + 3; i++) /* class, place, figures, comparison */
        put_text(csv, "");
    end_row(csv);
}

void failure_report_csv(const struct failure_report *report, const char *language,
                        struct text *out)
{
    char month[32];
    struct csv csv = {
        .out = out, .month = month, .chinese = strcmp(language, "zh-CN") == 0};
    const struct failure_row total = {.id = report->site_id,
                                      .name = report->site_name,
                                      .class_name = "",
                                      .place = "",
                                      .figures = report->total,
                                      .p_worse = NAN};
    size_t count;
    const struct report_definition *definitions = failure_definitions(language, &count);

    (void)snprintf(month, sizeof month, "%04lld-%02d", (long long)report->year,
                   report->month);
    text_add(out, "\xEF\xBB\xBF");
    put_heading(&csv);
    put_row(&csv, word(&csv, "site", "项目"), &total);
    for (size_t i = 0; i < report->class_count; i++)
        put_class(&csv, &report->classes[i]);
    for (size_t i = 0; i < report->equipment_count; i++)
        put_row(&csv, word(&csv, "equipment", "设备"), &report->equipment[i]);
    for (size_t i = 0; i < count; i++)
        put_definition(&csv, &definitions[i]);
}
