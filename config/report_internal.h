/* report_internal.h - what report.c and report_print.c share. */
#ifndef CONFIG_REPORT_INTERNAL_H
#define CONFIG_REPORT_INTERNAL_H

#include "config/report.h"

enum {
    REPORT_TEXT_MAX = 512, /* bytes of one message; longer ones are cut */
};

struct report_file {
    char *path;
    char *content; /* terminated with NUL, and may hold others */
    size_t length;
};

struct report_message {
    enum report_severity severity;
    const char *code;
    struct config_pos pos;
    size_t order; /* in which it was found */
    char *text;
    char *hint; /* or NULL */
};

struct config_report {
    struct report_file *files;
    size_t file_count;
    struct report_message *messages;
    size_t count;
    size_t capacity;
    size_t errors; /* also those that were not kept */
    size_t warnings;
    size_t notes;
    bool want_notes;
};

/* "error", "warning", "note" */
const char *report_severity_name(enum report_severity severity);
/* The kept messages in the order they are shown. The caller's (mem_free). */
const struct report_message **report_sorted(const struct config_report *report);
/* Offset of the first byte of a line, counted from 1; the length when there is none. */
size_t report_line_start(const struct report_file *file, uint32_t line);
/* Bytes of `text` without a character that was cut in two at its end. */
size_t report_valid_length(const char *text);

#endif
