/* report.c - gathering and ordering messages; see report.h. Printing: report_print.c. */
#include "config/report.h"

#include "base/json_out.h"
#include "base/mem.h"
#include "config/report_internal.h"
#include "config/scan_token.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config_report *config_report_new(void)
{
    return mem_alloc(sizeof(struct config_report));
}

void config_report_free(struct config_report *report)
{
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->file_count; i++) {
        mem_free(report->files[i].path);
        mem_free(report->files[i].content);
    }
    for (size_t i = 0; i < report->count; i++) {
        mem_free(report->messages[i].text);
        mem_free(report->messages[i].hint);
    }
    mem_free(report->files);
    mem_free(report->messages);
    mem_free(report);
}

uint32_t config_report_file(struct config_report *report, const char *path,
                            const char *content, size_t length)
{
    struct report_file *file;

    report->files =
        mem_resize(report->files, report->file_count + 1, sizeof *report->files);
    file = &report->files[report->file_count];
    *file = (struct report_file){.path = mem_strdup(path), .length = length};
    /* Not mem_strndup: a broken file may hold NUL bytes. */
    file->content = mem_alloc(length + 1);
    memcpy(file->content, content, length);
    return (uint32_t)report->file_count++;
}

const char *config_report_path(const struct config_report *report, uint32_t file)
{
    return file < report->file_count ? report->files[file].path : "";
}

static size_t *counter(struct config_report *report, enum report_severity severity)
{
    size_t *const counters[] = {
        [REPORT_ERROR] = &report->errors,
        [REPORT_WARNING] = &report->warnings,
        [REPORT_NOTE] = &report->notes,
    };

    return counters[severity];
}

const char *report_severity_name(enum report_severity severity)
{
    static const char *const names[] = {
        [REPORT_ERROR] = "error", [REPORT_WARNING] = "warning", [REPORT_NOTE] = "note"};

    return names[severity];
}

void config_report_add(struct config_report *report, enum report_severity severity,
                       const char *code, struct config_pos pos, const char *hint,
                       const char *format, ...)
{
    char text[REPORT_TEXT_MAX];
    va_list args;
    size_t cut;

    if (severity == REPORT_NOTE && !report->want_notes)
        return;
    (*counter(report, severity))++;
    if (report->count == REPORT_KEPT_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cut = report_valid_length(text);
    if (report->count == report->capacity) {
        report->capacity = report->capacity == 0 ? 16 : report->capacity * 2;
        report->messages =
            mem_resize(report->messages, report->capacity, sizeof *report->messages);
    }
    report->messages[report->count] = (struct report_message){
        .severity = severity,
        .code = code,
        .pos = pos,
        .order = report->count,
        .text = mem_strndup(text, cut),
        .hint = hint == NULL ? NULL : mem_strdup(hint),
    };
    report->count++;
}

size_t config_report_errors(const struct config_report *report)
{
    return report->errors;
}

size_t config_report_warnings(const struct config_report *report)
{
    return report->warnings;
}

void config_report_want_notes(struct config_report *report)
{
    report->want_notes = true;
}

size_t config_report_notes(const struct config_report *report)
{
    return report->notes;
}

void config_report_retain(struct config_report *report, config_report_keep *keep,
                          void *context)
{
    size_t kept = 0;

    report->errors = report->warnings = report->notes = 0;
    for (size_t i = 0; i < report->count; i++) {
        struct report_message *message = &report->messages[i];

        if (!keep(context, message->code, message->pos)) {
            mem_free(message->text);
            mem_free(message->hint);
            continue;
        }
        (*counter(report, message->severity))++;
        report->messages[kept++] = *message;
    }
    report->count = kept;
}

struct config_pos config_report_locate(const struct config_report *report,
                                       struct config_pos start, size_t offset)
{
    const struct report_file *file;
    size_t line_start;
    size_t at;

    if (start.file >= report->file_count || start.line == 0)
        return start;
    file = &report->files[start.file];
    line_start = report_line_start(file, start.line);
    at = scan_string_locate(file->content, file->length, line_start + start.column - 1,
                            offset);
    for (size_t i = line_start; i < at; i++)
        if (file->content[i] == '\n') {
            start.line++;
            line_start = i + 1;
        }
    start.column = (uint32_t)(at - line_start + 1);
    start.length = 1;
    return start;
}

/* Errors before warnings, each in the order of the source; equal places in the order
 * they were found. */
static int compare(const void *a, const void *b)
{
    const struct report_message *x = *(const struct report_message *const *)a;
    const struct report_message *y = *(const struct report_message *const *)b;
    const int64_t difference[] = {
        (int64_t)x->severity - (int64_t)y->severity,
        (int64_t)x->pos.file - (int64_t)y->pos.file,
        (int64_t)x->pos.line - (int64_t)y->pos.line,
        (int64_t)x->pos.column - (int64_t)y->pos.column,
        (int64_t)x->order - (int64_t)y->order,
    };

    for (size_t i = 0; i < sizeof difference / sizeof difference[0]; i++)
        if (difference[i] != 0)
            return difference[i] < 0 ? -1 : 1;
    return 0;
}

const struct report_message **report_sorted(const struct config_report *report)
{
    const struct report_message **sorted =
        mem_array(report->count, sizeof(const struct report_message *));

    for (size_t i = 0; i < report->count; i++)
        sorted[i] = &report->messages[i];
    qsort(sorted, report->count, sizeof(const struct report_message *), compare);
    return sorted;
}

void config_report_json(const struct config_report *report, struct text *out)
{
    const struct report_message **sorted = report_sorted(report);
    struct json_out json = json_begin(out);

    json_open(&json, '[');
    for (size_t i = 0; i < report->count; i++) {
        const struct report_message *message = sorted[i];

        json_open(&json, '{');
        json_put_string(&json, "severity", report_severity_name(message->severity));
        json_put_string(&json, "code", message->code);
        json_put_string(&json, "file", config_report_path(report, message->pos.file));
        json_put_int(&json, "line", message->pos.line);
        json_put_int(&json, "column", message->pos.column);
        json_put_string(&json, "message", message->text);
        json_put_string(&json, "hint", message->hint);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    mem_free(sorted);
}
