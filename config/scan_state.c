/* scan_state.c - see scan_state.h. */
#include "config/scan_state.h"

#include "base/mem.h"
#include "config/codes.h"

#include <stdio.h>
#include <string.h>

/* ---- words ---- */

void scanner_advance(struct scanner *s)
{
    s->behind = s->token.end_pos;
    s->token = scan_lexer_next(&s->lexer);
}

bool scanner_at(const struct scanner *s, char mark)
{
    return s->token.kind == TOKEN_PUNCTUATION && s->token.mark == mark;
}

bool scanner_at_end(const struct scanner *s)
{
    return s->token.kind == TOKEN_END;
}

bool scanner_at_closer(const struct scanner *s)
{
    return scanner_at(s, '}') || scanner_at(s, ')') || scanner_at(s, ']');
}

bool scanner_at_opener(const struct scanner *s)
{
    return scanner_at(s, '{') || scanner_at(s, '(') || scanner_at(s, '[');
}

bool scanner_at_key(const struct scanner *s)
{
    return s->token.kind == TOKEN_NAME;
}

int scanner_shown(const struct scan_token *token)
{
    size_t length = token->end - token->start;

    return length > 60 ? 60 : (int)length; /* longer words are cut in messages */
}

const char *scanner_word(const struct scanner *s)
{
    return s->lexer.text + s->token.start;
}

/* ---- items ---- */

/* Says why and sees the end of the file; what is then open is no news. */
static void give_up(struct scanner *s)
{
    scan_error(&s->lexer, CODE(DEPTH), s->token.pos, "split the file",
               "more than %d settings and elements in one file", SCAN_ITEMS_MAX);
    s->lexer.at = s->lexer.length;
    s->lexer.quiet_from = 0;
    s->lexer.quiet_to = UINT32_MAX;
}

size_t scanner_add(struct scanner *s)
{
    struct scan *scan = s->scan;

    if (scan->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 64 : s->capacity * 2;
        scan->items = mem_resize(scan->items, s->capacity, sizeof *scan->items);
    }
    if (scan->count == SCAN_ITEMS_MAX)
        give_up(s);
    scan->items[scan->count] = (struct scan_item){.end = scan->count + 1};
    return scan->count++;
}

void scanner_name(const struct scanner *s, size_t item, char *out, size_t size)
{
    const struct scan_item *it = &s->scan->items[item];
    size_t length = it->name_length < size ? it->name_length : size - 1;

    memcpy(out, s->lexer.text + it->name, length);
    out[length] = '\0';
}

/* " of "links"": the innermost setting around that has a name; "" when there is none. */
static void around(const struct scanner *s, char *out, size_t size)
{
    char name[56] = ""; /* longer names are cut */

    for (size_t i = s->depth; i > 0 && name[0] == '\0'; i--)
        scanner_name(s, s->open[i - 1].item, name, sizeof name);
    out[0] = '\0';
    if (name[0] != '\0')
        (void)snprintf(out, size, " of \"%s\"", name);
}

/* ---- brackets ---- */

static bool closes_outer(const struct scanner *s)
{
    for (size_t i = 0; i + 1 < s->depth; i++)
        if (s->open[i].close == s->token.mark)
            return true;
    return false;
}

struct scan_token scanner_ahead(const struct scanner *s)
{
    struct scan_lexer lexer = s->lexer;

    lexer.errors = SCAN_ERRORS_MAX;
    return scan_lexer_next(&lexer);
}

bool scanner_group_left_open(const struct scanner *s)
{
    return s->depth >= 2 && scanner_at(s, ',') && s->open[s->depth - 1].open == '{' &&
           s->open[s->depth - 2].open == '(' && scanner_ahead(s).mark == '{';
}

bool scanner_list_left_open(const struct scanner *s)
{
    if (s->open[s->depth - 1].open == '{')
        return false;
    if (scanner_at(s, ';')) {
        enum scan_token_kind next = scanner_ahead(s).kind;

        return next == TOKEN_NAME || next == TOKEN_END;
    }
    return scanner_at_key(s) && scanner_ahead(s).mark == '=' &&
           s->scan->count > s->open[s->depth - 1].item + 1;
}

static void report_open(struct scanner *s, const struct bracket *bracket)
{
    char of[72];

    around(s, of, sizeof of);
    if (scanner_at_end(s))
        scan_error(&s->lexer, CODE(OPEN_BRACKET), bracket->pos, NULL,
                   "this '%c'%s is never closed", bracket->open, of);
    else
        scan_error(&s->lexer, CODE(OPEN_BRACKET), bracket->pos, NULL,
                   "this '%c'%s is still open where \"%.*s\" comes in line %u",
                   bracket->open, of, scanner_shown(&s->token), scanner_word(s),
                   s->token.pos.line);
}

bool scanner_closed(struct scanner *s)
{
    struct bracket *bracket = &s->open[s->depth - 1];

    if (scanner_at(s, bracket->close)) {
        scanner_advance(s);
        return true;
    }
    if (scanner_at_end(s) || (scanner_at_closer(s) && closes_outer(s)) ||
        scanner_group_left_open(s) || scanner_list_left_open(s)) {
        report_open(s, bracket);
        s->left_open = true;
        return true;
    }
    return false;
}

void scanner_skip_extra(struct scanner *s)
{
    if (s->depth == 0)
        scan_error(&s->lexer, CODE(EXTRA_BRACKET), s->token.pos, "delete it",
                   "this '%c' closes nothing", s->token.mark);
    else
        scan_error(&s->lexer, CODE(EXTRA_BRACKET), s->token.pos, NULL,
                   "this '%c' closes nothing; the '%c' of line %u is open", s->token.mark,
                   s->open[s->depth - 1].open, s->open[s->depth - 1].pos.line);
    scanner_advance(s);
    if (scanner_at(s, ';'))
        scanner_advance(s);
}

void scanner_skip_setting(struct scanner *s)
{
    size_t depth = 0;

    while (!scanner_at_end(s)) {
        if (scanner_at_opener(s))
            depth++;
        else if (scanner_at_closer(s) && depth == 0)
            return;
        else if (scanner_at_closer(s))
            depth--;
        else if (scanner_at(s, ';') && depth == 0) {
            scanner_advance(s);
            return;
        }
        scanner_advance(s);
    }
}

void scanner_skip_bracket(struct scanner *s)
{
    size_t depth = 0;

    do {
        if (scanner_at_opener(s))
            depth++;
        else if (scanner_at_closer(s))
            depth--;
        scanner_advance(s);
    } while (depth > 0 && !scanner_at_end(s));
}
