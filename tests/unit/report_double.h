/* report_double.h - a stand-in for config/report.c: keeps messages and prints them as the
 * real one does for scripts. Include it in one test program instead of linking config/.
 */
#ifndef TESTS_UNIT_REPORT_DOUBLE_H
#define TESTS_UNIT_REPORT_DOUBLE_H

#include "base/json_out.h"
#include "base/mem.h"
#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct config_report {
    struct text text; /* JSON objects, each with a comma behind it */
    size_t errors;
    size_t warnings;
};

struct config_report *config_report_new(void)
{
    struct config_report *report = mem_alloc(sizeof *report);

    text_init(&report->text, 1 << 20);
    return report;
}

void config_report_free(struct config_report *report)
{
    if (report == NULL)
        return;
    text_done(&report->text);
    mem_free(report);
}

void config_report_add(struct config_report *report, enum report_severity severity,
                       const char *code, struct config_pos pos, const char *hint,
                       const char *format, ...)
{
    struct json_out json = json_begin(&report->text);
    char message[600];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    report->errors += severity == REPORT_ERROR;
    report->warnings += severity == REPORT_WARNING;
    if (report->text.length > 0)
        text_add_char(&report->text, ',');
    json_open(&json, '{');
    json_put_string(&json, "severity", severity == REPORT_ERROR ? "error" : "warning");
    json_put_string(&json, "code", code);
    json_put_int(&json, "line", pos.line);
    json_put_int(&json, "column", pos.column);
    json_put_string(&json, "message", message);
    json_put_string(&json, "hint", hint);
    json_close(&json, '}');
}

size_t config_report_errors(const struct config_report *report)
{
    return report->errors;
}

size_t config_report_warnings(const struct config_report *report)
{
    return report->warnings;
}

void config_report_json(const struct config_report *report, struct text *out)
{
    text_addf(out, "[%s]", report->text.data);
}

/* Levenshtein distance below 3. */
const char *config_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t least = strlen(word) < 5 ? 2 : 3;

    for (size_t c = 0; c < count; c++) {
        size_t row[65];
        size_t length = strlen(candidates[c]);

        if (length > 64)
            continue;
        for (size_t j = 0; j <= length; j++)
            row[j] = j;
        for (size_t i = 1; word[i - 1] != '\0'; i++) {
            size_t corner = row[0];

            row[0] = i;
            for (size_t j = 1; j <= length; j++) {
                size_t change = corner + (word[i - 1] != candidates[c][j - 1]);
                size_t edit = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

                corner = row[j];
                row[j] = change < edit ? change : edit;
            }
        }
        if (row[length] < least) {
            least = row[length];
            best = candidates[c];
        }
    }
    return best;
}

#endif
