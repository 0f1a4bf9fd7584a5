/* scan_token.h - the words of libconfig's syntax, with their places.
 *
 * Reports what is wrong inside a word (strings, comments, numbers, foreign characters)
 * and always yields a word that lets the reading go on: a full-width ';' is reported and
 * then taken for the ';' that was meant.
 *
 * Pure: no I/O; messages go to the report. Threads: one owner.
 */
#ifndef CONFIG_SCAN_TOKEN_H
#define CONFIG_SCAN_TOKEN_H

#include "config/report.h"

enum scan_token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_STRING, /* with the fragments that follow it */
    TOKEN_INT,
    TOKEN_INT64,
    TOKEN_FLOAT,
    TOKEN_BOOL,
    TOKEN_PUNCTUATION, /* one of = : { } ( ) [ ] , ; and what = and : both are: '=' */
    TOKEN_BARE,        /* anything else up to the next blank or separator */
};

struct scan_token {
    enum scan_token_kind kind;
    char mark;                 /* of TOKEN_PUNCTUATION; ':' is told as '=' */
    size_t start;              /* offsets into the text */
    size_t end;                /* behind the last byte */
    size_t fragments;          /* of TOKEN_STRING */
    struct config_pos pos;     /* of its first line */
    struct config_pos end_pos; /* the byte behind it */
};

enum {
    SCAN_ERRORS_MAX = 100, /* of one file; what follows is noise */
};

struct scan_lexer {
    const char *text; /* terminated with NUL */
    size_t length;
    size_t at;
    size_t line_start;
    uint32_t line;
    uint32_t file;
    size_t errors;
    uint32_t quiet_from; /* lines about which enough has been said */
    uint32_t quiet_to;
    struct config_report *report;
};

/* Checks encoding and control characters of the whole text. False when it makes no
 * sense to read on. */
bool scan_lexer_init(struct scan_lexer *lexer, const char *text, size_t length,
                     uint32_t file, struct config_report *report);
struct scan_token scan_lexer_next(struct scan_lexer *lexer);
/* Makes a word that begins a text without quotes as long as that text. */
void scan_lexer_extend_bare(struct scan_lexer *lexer, struct scan_token *token);

void scan_error(struct scan_lexer *lexer, const char *code, struct config_pos pos,
                const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Where byte `offset` of the value of a string stands, when its first byte stands at
 * `at` (behind the quote): escapes and joined fragments are followed. */
size_t scan_string_locate(const char *text, size_t length, size_t at, size_t offset);

#endif
