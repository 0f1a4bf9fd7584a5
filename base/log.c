/* log.c - see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LOG_LINE_MAX = 2048, /* longer lines are cut: the journal's own default is higher */
    LOG_REPEAT_FIRST_MS = 10 * 1000, /* soon enough to see that it goes on */
    LOG_REPEAT_MAX_MS = 3600 * 1000, /* a device off all weekend costs 24 lines a day */
};

static bool debug_on;

void log_set_debug(bool on)
{
    debug_on = on;
}

static void write_line(int priority, const char *format, va_list args)
{
    static const char *const words[] = {
        [3] = "error", [4] = "warning", [6] = "info", [7] = "debug"};
    char line[LOG_LINE_MAX];
    int head;
    int body;
    size_t length;

    if (isatty(STDERR_FILENO) != 0)
        head = snprintf(line, sizeof line, "%-7s ", words[priority]);
    else
        head = snprintf(line, sizeof line, "<%d>", priority);
    body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
    if (body < 0)
        return;
    length = strlen(line);
    for (size_t i = 0; i < length; i++)
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    line[length++] = '\n';
    (void)!write(STDERR_FILENO, line, length);
}

void log_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(3, format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(4, format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(6, format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;

    if (!debug_on)
        return;
    va_start(args, format);
    write_line(7, format, args);
    va_end(args);
}

void log_trouble(struct log_trouble *trouble, const char *format, ...)
{
    char body[LOG_LINE_MAX / 2];
    struct mono_time now = mono_now();
    va_list args;

    if (trouble->on && mono_before(now, trouble->next)) {
        trouble->repeats++;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(body, sizeof body, format, args);
    va_end(args);
    if (!trouble->on) {
        *trouble = (struct log_trouble){.on = true, .since = now};
        trouble->interval_ms = LOG_REPEAT_FIRST_MS;
        log_warn("%s", body);
    } else {
        log_warn("%s repeated=%llu for_s=%lld", body,
                 (unsigned long long)trouble->repeats,
                 (long long)(mono_diff_ms(now, trouble->since) / 1000));
        trouble->interval_ms *= 2;
        if (trouble->interval_ms > LOG_REPEAT_MAX_MS)
            trouble->interval_ms = LOG_REPEAT_MAX_MS;
    }
    trouble->repeats = 0;
    trouble->next = mono_add_ms(now, trouble->interval_ms);
}

void log_trouble_over(struct log_trouble *trouble, const char *format, ...)
{
    char body[LOG_LINE_MAX / 2];
    va_list args;

    if (!trouble->on)
        return;
    va_start(args, format);
    (void)vsnprintf(body, sizeof body, format, args);
    va_end(args);
    log_info("%s after_s=%lld", body,
             (long long)(mono_diff_ms(mono_now(), trouble->since) / 1000));
    *trouble = (struct log_trouble){0};
}
