/* diagnosis.h - what is wrong with an expression, and where in it.
 *
 * The pure parts of rules/ (lexer, parser, check) know an expression as a text; the
 * engine knows in which file it stands. A diagnosis carries an offset, the sink adds the
 * file's place.
 *
 * Codes are stable: E3xx are errors, W3xx warnings.
 *
 * Threads: no state.
 */
#ifndef RULES_DIAGNOSIS_H
#define RULES_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stretch of the expression's text, in bytes from its start. */
struct span {
    uint32_t offset;
    uint32_t length;
};

enum {
    DIAGNOSIS_TEXT_MAX = 256, /* one sentence; longer names are cut */
    DIAGNOSIS_HINT_MAX = 160,
};

struct diagnosis {
    const char *code; /* "E302"; static */
    struct span span;
    char text[DIAGNOSIS_TEXT_MAX];
    char hint[DIAGNOSIS_HINT_MAX]; /* "" when there is no way out to show */
};

/* Where diagnoses go. `errors` counts those with an E code. */
struct diagnosis_sink {
    void (*add)(void *context, const struct diagnosis *diagnosis); /* NULL: only count */
    void *context;
    size_t errors;
};

/* `hint` may be NULL. */
void diagnose(struct diagnosis_sink *sink, const char *code, struct span span,
              const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
