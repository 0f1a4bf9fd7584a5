/* scan_token.c - see scan_token.h.
 *
 * Stricter than libconfig 1.5 where that one guesses: it reads 010 as ten, "5l" as two
 * words, an unknown escape as it stands, a text over several lines as one, and the file
 * up to the end as a comment that nobody closed.
 */
#include "config/scan_token.h"

#include "base/utf8.h"
#include "config/codes.h"
#include "config/scan_foreign.h"
#include "config/scan_number.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void scan_error(struct scan_lexer *lexer, const char *code, struct config_pos pos,
                const char *hint, const char *format, ...)
{
    char message[256]; /* names in it are cut by the caller's precision */
    va_list args;

    if (pos.line >= lexer->quiet_from && pos.line <= lexer->quiet_to)
        return;
    if (lexer->errors++ >= SCAN_ERRORS_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    config_report_add(lexer->report, REPORT_ERROR, code, pos, hint, "%s", message);
}

/* ---- the text as a whole ---- */

static struct config_pos pos_at(const struct scan_lexer *lexer, size_t start,
                                size_t length)
{
    return (struct config_pos){
        .file = lexer->file,
        .line = lexer->line,
        .column = (uint32_t)(start - lexer->line_start + 1),
        .length = (uint32_t)(length == 0 ? 1 : length),
    };
}

static bool check_marks(struct scan_lexer *lexer)
{
    if (lexer->length >= 2 && (memcmp(lexer->text, "\xFF\xFE", 2) == 0 ||
                               memcmp(lexer->text, "\xFE\xFF", 2) == 0)) {
        scan_error(lexer, CODE(ENCODING), pos_at(lexer, 0, 1),
                   "save it as UTF-8 without byte order mark",
                   "the file is UTF-16, not UTF-8");
        return false;
    }
    if (lexer->length >= 3 && memcmp(lexer->text, "\xEF\xBB\xBF", 3) == 0) {
        scan_error(lexer, CODE(ENCODING), pos_at(lexer, 0, 1),
                   "save it as UTF-8 without byte order mark",
                   "the file begins with a byte order mark");
        lexer->at = 3;
        lexer->line_start = 3;
    }
    return true;
}

/* Length of the character at `at`, 0 when it is malformed. The NUL that ends the text
 * keeps utf8_length from reading on. */
static size_t character(const struct scan_lexer *lexer, size_t at)
{
    return utf8_length(lexer->text + at);
}

static bool is_stray_control(const struct scan_lexer *lexer, size_t at)
{
    unsigned char c = (unsigned char)lexer->text[at];

    if (c == '\r')
        return lexer->text[at + 1] != '\n';
    return c == 0x7F || (c < 0x20 && c != '\n' && c != '\t');
}

static bool check_bytes(struct scan_lexer *lexer)
{
    struct scan_lexer walk = *lexer;
    bool control = false;

    for (size_t i = walk.at; i < walk.length;) {
        size_t n = walk.text[i] == '\0' ? 1 : character(&walk, i);

        if (n == 0) {
            scan_error(lexer, CODE(UTF8), pos_at(&walk, i, 1),
                       "save it as UTF-8; from GBK: iconv -f GBK -t UTF-8",
                       "byte 0x%02X is not UTF-8", (unsigned char)walk.text[i]);
            return false;
        }
        if (!control && n == 1 && is_stray_control(&walk, i)) {
            control = true; /* one is enough: they come in hundreds */
            scan_error(lexer, CODE(CHARACTER), pos_at(&walk, i, 1),
                       walk.text[i] == '\r' ? "lines end with LF or CR LF" : "delete it",
                       "control character 0x%02X", (unsigned char)walk.text[i]);
        }
        if (walk.text[i] == '\n') {
            walk.line++;
            walk.line_start = i + 1;
        }
        i += n;
    }
    return true;
}

bool scan_lexer_init(struct scan_lexer *lexer, const char *text, size_t length,
                     uint32_t file, struct config_report *report)
{
    *lexer = (struct scan_lexer){
        .text = text, .length = length, .line = 1, .file = file, .report = report};
    return check_marks(lexer) && check_bytes(lexer);
}

/* ---- blanks and comments ---- */

static char peek(const struct scan_lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;

    return lexer->text[at < lexer->length ? at : lexer->length]; /* a NUL there */
}

static void step(struct scan_lexer *lexer)
{
    if (lexer->text[lexer->at] == '\n') {
        lexer->line++;
        lexer->line_start = lexer->at + 1;
    }
    lexer->at++;
}

static void skip_line(struct scan_lexer *lexer)
{
    while (lexer->at < lexer->length && lexer->text[lexer->at] != '\n')
        lexer->at++;
}

/* A comment that opens inside a comment means that the first was never closed and has
 * swallowed what stands between the two. */
static void skip_block_comment(struct scan_lexer *lexer)
{
    struct config_pos open = pos_at(lexer, lexer->at, 2);

    lexer->at += 2;
    while (lexer->at < lexer->length) {
        if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
            lexer->at += 2;
            return;
        }
        if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
            scan_error(lexer, CODE(OPEN_COMMENT), open, "close it with */",
                       "this comment is still open where another begins in line %u",
                       lexer->line);
            open = pos_at(lexer, lexer->at, 2);
            lexer->at += 2;
            continue;
        }
        step(lexer);
    }
    scan_error(lexer, CODE(OPEN_COMMENT), open, "close it with */",
               "this comment is never closed");
}

static void skip_blanks(struct scan_lexer *lexer)
{
    while (lexer->at < lexer->length) {
        unsigned char c = (unsigned char)lexer->text[lexer->at];

        if (c <= ' ' || c == 0x7F)
            step(lexer);
        else if (c == '#' || (c == '/' && peek(lexer, 1) == '/'))
            skip_line(lexer);
        else if (c == '/' && peek(lexer, 1) == '*')
            skip_block_comment(lexer);
        else
            return;
    }
}

/* ---- strings ---- */

/* Bytes of the escape at `text` (a backslash), 0 when there is no such escape. */
static size_t escape_length(const char *text)
{
    if (text[1] != '\0' && strchr("nrtf\\\"", text[1]) != NULL)
        return 2;
    if ((text[1] == 'x' || text[1] == 'X') && isxdigit((unsigned char)text[2]) &&
        isxdigit((unsigned char)text[3]))
        return 4;
    return 0;
}

static void check_escape(struct scan_lexer *lexer)
{
    const char *escape = lexer->text + lexer->at;
    size_t length = escape_length(escape);

    if (length == 0) {
        scan_error(lexer, CODE(ESCAPE), pos_at(lexer, lexer->at, 2),
                   "write \\\\ for a backslash",
                   "unknown escape; there are \\n \\r \\t \\f \\\\ \\\" \\xHH");
        lexer->at++;
        return;
    }
    if (length == 4 &&
        (strncmp(escape + 2, "00", 2) == 0 || strchr("01234567", escape[2]) == NULL))
        scan_error(lexer, CODE(ESCAPE), pos_at(lexer, lexer->at, 4),
                   "write the character itself, the file is UTF-8",
                   "\\x stands for 01 to 7F only");
    lexer->at += length;
}

/* Goes back to before the separators and brackets at the end of the line, which were
 * probably meant as such. What else is odd about this line, and about the next when the
 * text seems to go on there, is a consequence. */
static void end_open_string(struct scan_lexer *lexer, size_t open)
{
    size_t end = lexer->at;

    scan_error(lexer, CODE(OPEN_STRING), pos_at(lexer, open, 1),
               "close it with \"; texts side by side are joined",
               "this text is not closed on its line");
    while (end > open + 1 && strchr(" \t\r;,)}]", lexer->text[end - 1]) != NULL)
        end--;
    lexer->quiet_from = lexer->line;
    lexer->quiet_to = lexer->line + (end == lexer->at);
    lexer->at = end;
}

static void read_fragment(struct scan_lexer *lexer)
{
    size_t open = lexer->at++;

    while (lexer->at < lexer->length) {
        char c = lexer->text[lexer->at];

        if (c == '"') {
            lexer->at++;
            return;
        }
        if (c == '\n')
            break;
        if (c == '\\')
            check_escape(lexer);
        else
            lexer->at++;
    }
    end_open_string(lexer, open);
}

static struct config_pos here(const struct scan_lexer *lexer)
{
    return pos_at(lexer, lexer->at, 1);
}

static void read_string(struct scan_lexer *lexer, struct scan_token *token)
{
    token->kind = TOKEN_STRING;
    do {
        read_fragment(lexer);
        token->fragments++;
        token->end = lexer->at;
        token->end_pos = here(lexer);
        if (token->fragments == 1)
            token->pos.length = (uint32_t)(lexer->at - token->start);
        skip_blanks(lexer);
    } while (peek(lexer, 0) == '"');
}

/* Only called for strings that the scan accepted. */
size_t scan_string_locate(const char *text, size_t length, size_t at, size_t offset)
{
    while (at < length) {
        if (text[at] == '"') {
            struct scan_lexer lexer = {
                .text = text, .length = length, .at = at + 1, .line = 1};

            skip_blanks(&lexer);
            if (peek(&lexer, 0) != '"')
                return at;
            at = lexer.at + 1;
            continue;
        }
        if (offset == 0)
            return at;
        at += text[at] == '\\' ? (escape_length(text + at) == 4 ? 4 : 2) : 1;
        offset--;
    }
    return length;
}

/* ---- everything else ---- */

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static void finish(struct scan_lexer *lexer, struct scan_token *token)
{
    token->end = lexer->at;
    token->end_pos = here(lexer);
    token->pos.length = (uint32_t)(lexer->at - token->start);
}

static bool ends_bare(char c)
{
    return (unsigned char)c <= ' ' || strchr(";,(){}[]=\"", c) != NULL;
}

static void read_name(struct scan_lexer *lexer, struct scan_token *token)
{
    const char *word = lexer->text + lexer->at;

    while (is_name_char(peek(lexer, 0)))
        lexer->at++;
    token->kind = TOKEN_NAME;
    if (!ends_bare(peek(lexer, 0)) && peek(lexer, 0) != ':' && peek(lexer, 0) != '#') {
        token->kind = TOKEN_BARE; /* a dot or a slash in it */
        while (!ends_bare(peek(lexer, 0)) && peek(lexer, 0) != ':')
            lexer->at++;
    }
    finish(lexer, token);
    if ((token->pos.length == 4 && strncasecmp(word, "true", 4) == 0) ||
        (token->pos.length == 5 && strncasecmp(word, "false", 5) == 0))
        token->kind = TOKEN_BOOL;
}

static void read_number(struct scan_lexer *lexer, struct scan_token *token)
{
    while (!ends_bare(peek(lexer, 0)) && strchr("#/", peek(lexer, 0)) == NULL)
        lexer->at++;
    finish(lexer, token);
    token->kind = scan_number(lexer, token);
}

/* A text in quotes that are none: up to the next such quote of the line. */
static void skip_foreign_string(struct scan_lexer *lexer)
{
    while (lexer->at < lexer->length && peek(lexer, 0) != '\n') {
        const struct scan_foreign *f = scan_foreign(lexer->text + lexer->at);

        if (f != NULL && f->meant == '"') {
            lexer->at += strlen(f->utf8);
            return;
        }
        if (f == NULL && strchr(";\"", peek(lexer, 0)) != NULL)
            return;
        lexer->at += character(lexer, lexer->at);
    }
}

/* Reports the character and yields what was meant. False for a blank. */
static bool read_foreign(struct scan_lexer *lexer, const struct scan_foreign *f,
                         struct scan_token *token)
{
    size_t length = strlen(f->utf8);

    token->pos = pos_at(lexer, lexer->at, length);
    lexer->at += length;
    scan_error(lexer, CODE(CHARACTER), token->pos, f->hint,
               f->meant == ' ' ? "a character that looks like a blank"
                               : "\"%s\" has no meaning here",
               f->utf8);
    if (f->meant == ' ')
        return false;
    if (f->meant == '"') {
        token->kind = TOKEN_STRING;
        token->fragments = 1;
        skip_foreign_string(lexer);
    } else {
        token->kind = TOKEN_PUNCTUATION;
        token->mark = f->meant;
    }
    finish(lexer, token);
    return true;
}

static void read_bare(struct scan_lexer *lexer, struct scan_token *token)
{
    token->kind = TOKEN_BARE;
    do {
        lexer->at += character(lexer, lexer->at) == 0 ? 1 : character(lexer, lexer->at);
    } while (!ends_bare(peek(lexer, 0)) && scan_foreign(lexer->text + lexer->at) == NULL);
    finish(lexer, token);
}

static bool begins_number(const struct scan_lexer *lexer)
{
    char c = peek(lexer, 0);

    return isdigit((unsigned char)c) || c == '+' || c == '-' || c == '.';
}

struct scan_token scan_lexer_next(struct scan_lexer *lexer)
{
    struct scan_token token = {0};
    const struct scan_foreign *f;
    char c;

    do {
        skip_blanks(lexer);
        token.start = lexer->at;
        token.pos = here(lexer);
        token.end = lexer->at;
        token.end_pos = token.pos;
        if (lexer->at >= lexer->length)
            return token; /* TOKEN_END */
        f = scan_foreign(lexer->text + lexer->at);
    } while (f != NULL && !read_foreign(lexer, f, &token));
    if (f != NULL)
        return token;

    c = peek(lexer, 0);
    if (c == '"') {
        read_string(lexer, &token);
    } else if (strchr("=:{}()[],;", c) != NULL) {
        token.kind = TOKEN_PUNCTUATION;
        token.mark = c;
        if (c == ':')
            token.mark = '=';
        lexer->at++;
        finish(lexer, &token);
    } else if (begins_number(lexer)) {
        read_number(lexer, &token);
    } else if (isalpha((unsigned char)c) || c == '*') {
        read_name(lexer, &token);
    } else {
        read_bare(lexer, &token);
    }
    return token;
}

void scan_lexer_extend_bare(struct scan_lexer *lexer, struct scan_token *token)
{
    size_t end;

    if (lexer->line != token->pos.line)
        return;
    while (lexer->at < lexer->length && strchr(";,(){}[]\"#\r\n", peek(lexer, 0)) == NULL)
        lexer->at++;
    end = lexer->at;
    while (end > token->start && (unsigned char)lexer->text[end - 1] <= ' ')
        end--;
    lexer->at = end;
    finish(lexer, token);
}
