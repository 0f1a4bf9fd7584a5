/* lexer.h - the words of an expression (pure).
 *
 *   number    5  0.5  1e-3          duration  90s  1h30m  500ms (ms s m h d w, no space)
 *   string    'normal'              param     $flow_min
 *   name      flow  link            count     #5
 *   keywords  and or not true false unknown ago (lower case)
 *
 * The lexer is a small value: copying it is a look ahead.
 *
 * Threads: one owner.
 */
#ifndef RULES_LEXER_H
#define RULES_LEXER_H

#include "rules/diagnosis.h"

enum token_kind {
    TOKEN_END,
    TOKEN_ERROR, /* already diagnosed */
    TOKEN_NUMBER,
    TOKEN_DURATION,
    TOKEN_STRING, /* its span is with the quotes */
    TOKEN_NAME,
    TOKEN_PARAM, /* its span is with the $ */
    TOKEN_COUNT, /* #n */
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_SLASH,
    TOKEN_PERCENT,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_UNKNOWN,
    TOKEN_AGO,
};

struct token {
    enum token_kind kind;
    struct span span;
    double number; /* of NUMBER and COUNT; seconds of DURATION */
};

struct lexer {
    const char *text; /* borrowed, terminated with NUL */
    uint32_t position;
    struct diagnosis_sink *sink;
};

struct token lexer_next(struct lexer *lexer);

/* Whether the word is a unit of a duration ("m"), for the hint about "5 m". */
bool lexer_is_unit(const char *word, size_t length);

#endif
