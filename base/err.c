/* err.c - see err.h. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    char text[ERR_TEXT_MAX]; /* the old text may be among the arguments */
    va_list args;

    if (err == NULL)
        return -1;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err->kind = kind;
    memcpy(err->text, text, strlen(text) + 1);
    return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
    char old[ERR_TEXT_MAX];
    va_list args;
    size_t used;

    if (err == NULL)
        return -1;
    memcpy(old, err->text, sizeof old);
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    used = strlen(err->text);
    (void)snprintf(err->text + used, sizeof err->text - used, ": %s", old);
    return -1;
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const names[] = {
        [ERR_NONE] = "none",     [ERR_CONFIG] = "config",       [ERR_TIMEOUT] = "timeout",
        [ERR_IO] = "io",         [ERR_PROTOCOL] = "protocol",   [ERR_FULL] = "full",
        [ERR_INPUT] = "input",   [ERR_NOT_FOUND] = "not_found", [ERR_STATE] = "state",
        [ERR_DENIED] = "denied",
    };

    return names[kind];
}
