/* diagnosis.c - see diagnosis.h. */
#include "rules/diagnosis.h"

#include <stdarg.h>
#include <stdio.h>

void diagnose(struct diagnosis_sink *sink, const char *code, struct span span,
              const char *hint, const char *format, ...)
{
    struct diagnosis diagnosis = {.code = code, .span = span};
    va_list args;

    if (code[0] == 'E')
        sink->errors++;
    if (sink->add == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(diagnosis.text, sizeof diagnosis.text, format, args);
    va_end(args);
    (void)snprintf(diagnosis.hint, sizeof diagnosis.hint, "%s", hint == NULL ? "" : hint);
    if (diagnosis.span.length == 0)
        diagnosis.span.length = 1;
    sink->add(sink->context, &diagnosis);
}
