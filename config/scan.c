/* scan.c - see scan.h.
 *
 * Recursive descent with a depth limit. After an error it goes on at the next place that
 * is certainly a border: the ';' of the setting, or the bracket that an outer level
 * waits for. One mistake shall give one message.
 */
#include "config/scan.h"

#include "base/mem.h"
#include "config/codes.h"
#include "config/scan_token.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct bracket {
    char open;
    char close;
    struct config_pos pos;
    size_t item; /* whose value it opens */
};

struct scanner {
    struct scan_lexer lexer;
    struct scan_token token;  /* the present one */
    struct config_pos behind; /* the byte behind the previous one */
    struct bracket open[SCAN_DEPTH_MAX];
    size_t depth;
    bool left_open; /* the last value ended without its bracket, which is reported */
    struct scan *scan;
    size_t capacity;
};

static void scan_value(struct scanner *s, size_t item);

const char *scan_kind_name(enum scan_kind kind)
{
    static const char *const names[] = {
        [SCAN_GROUP] = "a group { }",  [SCAN_LIST] = "a list ( )",
        [SCAN_ARRAY] = "an array [ ]", [SCAN_STRING] = "a text",
        [SCAN_INT] = "an integer",     [SCAN_INT64] = "an integer with L",
        [SCAN_FLOAT] = "a number",     [SCAN_BOOL] = "true or false",
    };

    return names[kind];
}

/* ---- words ---- */

static void advance(struct scanner *s)
{
    s->behind = s->token.end_pos;
    s->token = scan_lexer_next(&s->lexer);
}

static bool at_mark(const struct scanner *s, char mark)
{
    return s->token.kind == TOKEN_PUNCTUATION && s->token.mark == mark;
}

static bool at_end(const struct scanner *s)
{
    return s->token.kind == TOKEN_END;
}

static bool at_closer(const struct scanner *s)
{
    return at_mark(s, '}') || at_mark(s, ')') || at_mark(s, ']');
}

static bool at_opener(const struct scanner *s)
{
    return at_mark(s, '{') || at_mark(s, '(') || at_mark(s, '[');
}

static bool at_key(const struct scanner *s)
{
    return s->token.kind == TOKEN_NAME;
}

static int shown(const struct scan_token *token)
{
    size_t length = token->end - token->start;

    return length > 60 ? 60 : (int)length; /* longer words are cut in messages */
}

static const char *word(const struct scanner *s)
{
    return s->lexer.text + s->token.start;
}

/* ---- items ---- */

static size_t add_item(struct scanner *s)
{
    struct scan *scan = s->scan;

    if (scan->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 64 : s->capacity * 2;
        scan->items = mem_resize(scan->items, s->capacity, sizeof *scan->items);
    }
    scan->items[scan->count] = (struct scan_item){.end = scan->count + 1};
    return scan->count++;
}

static void name_of(const struct scanner *s, size_t item, char *out, size_t size)
{
    const struct scan_item *it = &s->scan->items[item];
    size_t length = it->name_length < size ? it->name_length : size - 1;

    memcpy(out, s->lexer.text + it->name, length);
    out[length] = '\0';
}

/* Text for "in ...": the name of the innermost setting around. */
static void around(const struct scanner *s, char *out, size_t size)
{
    out[0] = '\0';
    for (size_t i = s->depth; i > 0 && out[0] == '\0'; i--)
        name_of(s, s->open[i - 1].item, out, size);
}

/* ---- brackets ---- */

static bool closes_outer(const struct scanner *s)
{
    for (size_t i = 0; i + 1 < s->depth; i++)
        if (s->open[i].close == s->token.mark)
            return true;
    return false;
}

/* The word behind the present one; nothing is said about it yet. */
static struct scan_token ahead(const struct scanner *s)
{
    struct scan_lexer lexer = s->lexer;

    lexer.errors = SCAN_ERRORS_MAX;
    return scan_lexer_next(&lexer);
}

/* `{ id = "a"; , { ...`: the group was to end before the ','. */
static bool group_left_open(const struct scanner *s)
{
    return s->depth >= 2 && at_mark(s, ',') && s->open[s->depth - 1].open == '{' &&
           s->open[s->depth - 2].open == '(' && ahead(s).mark == '{';
}

/* `( { ... } ; name = ...`: the list was to end before the ';'. */
static bool list_left_open(const struct scanner *s)
{
    if (s->open[s->depth - 1].open == '{')
        return false;
    if (at_mark(s, ';')) {
        enum scan_token_kind next = ahead(s).kind;

        return next == TOKEN_NAME || next == TOKEN_END;
    }
    return at_key(s) && ahead(s).mark == '=' &&
           s->scan->count > s->open[s->depth - 1].item + 1;
}

static void report_open(struct scanner *s, const struct bracket *bracket)
{
    char name[64];

    around(s, name, sizeof name);
    if (at_end(s))
        scan_error(&s->lexer, CODE(OPEN_BRACKET), bracket->pos, NULL,
                   "this '%c' of \"%s\" is never closed", bracket->open, name);
    else
        scan_error(&s->lexer, CODE(OPEN_BRACKET), bracket->pos, NULL,
                   "this '%c' of \"%s\" is still open where \"%.*s\" comes in line %u",
                   bracket->open, name, shown(&s->token), word(s), s->token.pos.line);
}

/* At the end of what the innermost bracket holds? Its own bracket is taken; what belongs
 * to an outer level is left for that. */
static bool closed(struct scanner *s)
{
    struct bracket *bracket = &s->open[s->depth - 1];

    if (at_mark(s, bracket->close)) {
        advance(s);
        return true;
    }
    if (at_end(s) || (at_closer(s) && closes_outer(s)) || group_left_open(s) ||
        list_left_open(s)) {
        report_open(s, bracket);
        s->left_open = true;
        return true;
    }
    return false;
}

static void skip_extra_bracket(struct scanner *s)
{
    if (s->depth == 0)
        scan_error(&s->lexer, CODE(EXTRA_BRACKET), s->token.pos, "delete it",
                   "this '%c' closes nothing", s->token.mark);
    else
        scan_error(&s->lexer, CODE(EXTRA_BRACKET), s->token.pos, NULL,
                   "this '%c' closes nothing; the '%c' of line %u is open", s->token.mark,
                   s->open[s->depth - 1].open, s->open[s->depth - 1].pos.line);
    advance(s);
    if (at_mark(s, ';'))
        advance(s);
}

/* To behind the next ';', or to a bracket that closes. */
static void skip_setting(struct scanner *s)
{
    size_t depth = 0;

    while (!at_end(s)) {
        if (at_opener(s))
            depth++;
        else if (at_closer(s) && depth == 0)
            return;
        else if (at_closer(s))
            depth--;
        else if (at_mark(s, ';') && depth == 0) {
            advance(s);
            return;
        }
        advance(s);
    }
}

/* From an opening bracket to behind the one that closes it. */
static void skip_bracket(struct scanner *s)
{
    size_t depth = 0;

    do {
        if (at_opener(s))
            depth++;
        else if (at_closer(s))
            depth--;
        advance(s);
    } while (depth > 0 && !at_end(s));
}

/* ---- groups ---- */

static void check_duplicate(struct scanner *s, size_t first, size_t item)
{
    const struct scan_item *items = s->scan->items;
    const char *text = s->lexer.text;
    size_t count = 0;

    for (size_t i = first; i < item; i = items[i].end) {
        if (items[i].name_length == items[item].name_length &&
            memcmp(text + items[i].name, text + items[item].name, items[i].name_length) ==
                0) {
            scan_error(&s->lexer, CODE(DUPLICATE_KEY), items[item].key, NULL,
                       "\"%.*s\" is already given in line %u", shown(&s->token), word(s),
                       items[i].key.line);
            return;
        }
        count++;
    }
    if (count == SCAN_MEMBERS_MAX)
        scan_error(&s->lexer, CODE(DEPTH), items[item].key, "use a list of groups",
                   "more than %d members in one group", SCAN_MEMBERS_MAX);
}

/* What stands where a key should. False when it cannot be read as one. */
static bool check_key(struct scanner *s)
{
    const struct scan_token *token = &s->token;

    if (token->kind == TOKEN_NAME)
        return true;
    if (token->kind == TOKEN_STRING) {
        scan_error(&s->lexer, CODE(NO_KEY), token->pos, "keys have no quotes",
                   "a text stands where a key is expected");
        return true;
    }
    if (strncmp(word(s), "@include", 8) == 0) {
        scan_error(&s->lexer, CODE(INCLUDE), token->pos,
                   "put the file into the folder of include_dir",
                   "@include is not supported");
        advance(s); /* the file's name; what follows is the next setting */
        if (token->kind == TOKEN_STRING)
            advance(s);
        return false;
    }
    scan_error(&s->lexer, CODE(NO_KEY), token->pos,
               token->kind == TOKEN_BARE
                   ? "a key has letters, digits, '_' and '-' and begins with a letter"
                   : NULL,
               "\"%.*s\" stands where a key is expected", shown(token), word(s));
    if (token->kind != TOKEN_BARE && token->kind != TOKEN_BOOL) {
        skip_setting(s);
        return false;
    }
    return true;
}

/* The '=' or ':' behind a key. False when no value can follow. */
static bool take_equals(struct scanner *s, size_t item)
{
    char name[64];

    name_of(s, item, name, sizeof name);
    if (at_mark(s, '=')) {
        advance(s);
        if (at_mark(s, '=')) {
            scan_error(&s->lexer, CODE(NO_EQUALS), s->token.pos, "one '=' is enough",
                       "a second '=' behind \"%s\"", name);
            advance(s);
        }
        return true;
    }
    scan_error(&s->lexer, CODE(NO_EQUALS), s->behind, "write name = value;",
               "'=' is missing behind \"%s\"", name);
    if (s->token.pos.line == s->behind.line && !at_mark(s, ';') && !at_closer(s))
        return true;
    if (at_mark(s, ';'))
        advance(s);
    return false;
}

static bool is_decimal_comma(const struct scanner *s)
{
    const char *comma = word(s);

    return s->token.start > 0 && isdigit((unsigned char)comma[-1]) &&
           isdigit((unsigned char)comma[1]);
}

/* The ';' behind a value. */
static void take_terminator(struct scanner *s, size_t item)
{
    bool left_open = s->left_open;
    char name[64];

    s->left_open = false;
    if (at_mark(s, ';')) {
        advance(s);
        return;
    }
    if (left_open || group_left_open(s))
        return;
    name_of(s, item, name, sizeof name);
    if (at_mark(s, ',')) {
        bool decimal = is_decimal_comma(s);

        scan_error(&s->lexer, CODE(SEPARATOR), s->token.pos,
                   decimal ? "the decimal mark is '.'" : "settings end with ';'",
                   "',' behind the value of \"%s\"", name);
        if (decimal)
            skip_setting(s);
        else
            advance(s);
        return;
    }
    if (at_end(s) || at_closer(s))
        return;
    if (s->scan->items[item].kind == SCAN_GROUP && at_key(s))
        return; /* libconfig's own manual leaves it out behind a '}' */
    if (s->token.pos.line == s->behind.line && !at_key(s)) {
        scan_error(&s->lexer, CODE(NO_SEPARATOR), s->token.pos, NULL,
                   "\"%.*s\" stands where the ';' behind \"%s\" is expected",
                   shown(&s->token), word(s), name);
        skip_setting(s);
        return;
    }
    scan_error(&s->lexer, CODE(NO_SEPARATOR), s->behind, NULL,
               "';' is missing behind the value of \"%s\"", name);
}

static void scan_setting(struct scanner *s, size_t first)
{
    size_t item = add_item(s);
    struct scan_item *it = &s->scan->items[item];
    bool quoted = s->token.kind == TOKEN_STRING;

    it->name = s->token.start + quoted;
    it->name_length = s->token.end - s->token.start - (quoted ? 2 : 0);
    if (quoted && s->token.end - s->token.start < 2)
        it->name_length = 0;
    it->key = s->token.pos;
    check_duplicate(s, first, item);
    advance(s);
    if (!take_equals(s, item))
        return;
    if (at_mark(s, ';') || at_closer(s) || at_end(s)) {
        char name[64];

        name_of(s, item, name, sizeof name);
        scan_error(&s->lexer, CODE(NO_VALUE), s->behind, NULL,
                   "the value of \"%s\" is missing", name);
        if (at_mark(s, ';'))
            advance(s);
        return;
    }
    scan_value(s, item);
    s->scan->items[item].end = s->scan->count;
    take_terminator(s, item);
}

/* One step inside a group, or at the top of the file. */
static void scan_member(struct scanner *s, size_t first)
{
    if (at_mark(s, ';') || at_mark(s, ',')) {
        scan_error(&s->lexer, CODE(SEPARATOR), s->token.pos, "delete it",
                   "a superfluous '%c'", s->token.mark);
        advance(s);
    } else if (at_closer(s)) {
        skip_extra_bracket(s);
    } else if (at_opener(s)) {
        size_t item = add_item(s);

        scan_error(&s->lexer, CODE(NO_KEY), s->token.pos,
                   s->depth > 0 ? "is the '}' of the group before it missing?" : NULL,
                   "a '%c' stands where a key is expected", s->token.mark);
        scan_value(s, item);
        s->scan->items[item].end = s->scan->count;
        if (at_mark(s, ';') || at_mark(s, ','))
            advance(s);
    } else if (check_key(s)) {
        scan_setting(s, first);
    }
}

static void scan_group(struct scanner *s)
{
    size_t first = s->scan->count;

    while (!closed(s))
        scan_member(s, first);
}

/* ---- lists and arrays ---- */

static void check_element(struct scanner *s, size_t list, size_t first, size_t item)
{
    const struct scan_item *items = s->scan->items;

    if (items[list].kind != SCAN_ARRAY)
        return;
    if (items[item].kind <= SCAN_ARRAY)
        scan_error(&s->lexer, CODE(MIXED_ARRAY), items[item].value,
                   "use a list ( ) for that", "%s in an array",
                   scan_kind_name(items[item].kind));
    else if (items[item].kind != items[first].kind)
        scan_error(&s->lexer, CODE(MIXED_ARRAY), items[item].value,
                   "use a list ( ) for that", "%s in an array that began with %s",
                   scan_kind_name(items[item].kind), scan_kind_name(items[first].kind));
}

/* A setting where an element should be: `links = ( id = "a"; )`. */
static bool is_setting_in_list(const struct scanner *s)
{
    return at_key(s) && ahead(s).mark == '=';
}

static void take_comma(struct scanner *s, char close)
{
    if (list_left_open(s))
        return;
    if (at_mark(s, ',') || at_mark(s, ';')) {
        struct config_pos pos = s->token.pos;
        char mark = s->token.mark;

        advance(s);
        if (mark == ';')
            scan_error(&s->lexer, CODE(SEPARATOR), pos,
                       at_mark(s, close) ? "delete it" : "elements are separated by ','",
                       "';' behind an element");
        else if (at_mark(s, close))
            scan_error(&s->lexer, CODE(TRAILING), pos, "delete it",
                       "a ',' behind the last element");
        return;
    }
    if (at_end(s) || at_closer(s))
        return;
    scan_error(&s->lexer, CODE(NO_SEPARATOR), s->behind, NULL,
               "',' is missing between two elements");
    if (!at_opener(s) && s->token.kind == TOKEN_PUNCTUATION)
        advance(s);
}

static void scan_element(struct scanner *s, size_t list, size_t first)
{
    size_t item;

    if (at_mark(s, ',') || at_mark(s, ';')) {
        scan_error(&s->lexer, CODE(SEPARATOR), s->token.pos, "delete it",
                   "a '%c' without an element before it", s->token.mark);
        advance(s);
        return;
    }
    if (at_closer(s)) {
        skip_extra_bracket(s);
        return;
    }
    if (is_setting_in_list(s)) {
        scan_error(&s->lexer, CODE(NO_VALUE), s->token.pos,
                   "put braces round the settings: ( { ... }, { ... } )",
                   "a setting stands where an element of a list is expected");
        skip_setting(s);
        return;
    }
    if (s->token.kind == TOKEN_STRING && s->token.fragments > 1)
        scan_error(&s->lexer, CODE(NO_SEPARATOR), s->token.pos,
                   "texts side by side are joined",
                   "',' is missing between two elements");
    item = add_item(s);
    s->scan->items[item].key = s->token.pos;
    scan_value(s, item);
    s->scan->items[item].end = s->scan->count;
    check_element(s, list, first, item);
    take_comma(s, s->open[s->depth - 1].close);
}

static void scan_elements(struct scanner *s, size_t list)
{
    size_t first = s->scan->count;

    while (!closed(s))
        scan_element(s, list, first);
}

/* ---- values ---- */

static void scan_bracket(struct scanner *s, size_t item)
{
    static const struct {
        char open;
        char close;
        enum scan_kind kind;
    } kinds[] = {{'{', '}', SCAN_GROUP}, {'(', ')', SCAN_LIST}, {'[', ']', SCAN_ARRAY}};
    size_t k = 0;

    while (kinds[k].open != s->token.mark)
        k++;
    s->scan->items[item].kind = kinds[k].kind;
    if (s->depth == SCAN_DEPTH_MAX) {
        scan_error(&s->lexer, CODE(DEPTH), s->token.pos, NULL,
                   "more than %d brackets in brackets", SCAN_DEPTH_MAX);
        skip_bracket(s);
        return;
    }
    s->open[s->depth++] =
        (struct bracket){kinds[k].open, kinds[k].close, s->token.pos, item};
    advance(s);
    if (kinds[k].kind == SCAN_GROUP)
        scan_group(s);
    else
        scan_elements(s, item);
    s->depth--;
}

static bool is_word(const struct scanner *s, const char *candidate)
{
    size_t length = s->token.end - s->token.start;

    return strlen(candidate) == length && strncasecmp(word(s), candidate, length) == 0;
}

static const char *bare_hint(const struct scanner *s, char *buffer, size_t size)
{
    static const char *const yes[] = {"yes", "on", "enabled", "no", "off", "disabled"};

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (is_word(s, yes[i]))
            return i < 3 ? "write true, or put it in quotes"
                         : "write false, or put it in quotes";
    (void)snprintf(buffer, size, "put it in quotes: \"%.*s\"", shown(&s->token), word(s));
    return buffer;
}

static void scan_bare(struct scanner *s)
{
    char hint[96];

    scan_lexer_extend_bare(&s->lexer, &s->token);
    if (strchr("+-.0123456789", *word(s)) != NULL)
        scan_error(&s->lexer, CODE(NUMBER), s->token.pos, bare_hint(s, hint, sizeof hint),
                   "\"%.*s\" is neither a number nor a text", shown(&s->token), word(s));
    else
        scan_error(&s->lexer, CODE(BARE_WORD), s->token.pos,
                   bare_hint(s, hint, sizeof hint), "a text needs quotes");
    advance(s);
}

static void scan_value(struct scanner *s, size_t item)
{
    static const enum scan_kind scalar[] = {
        [TOKEN_STRING] = SCAN_STRING, [TOKEN_INT] = SCAN_INT,
        [TOKEN_INT64] = SCAN_INT64,   [TOKEN_FLOAT] = SCAN_FLOAT,
        [TOKEN_BOOL] = SCAN_BOOL,
    };

    s->scan->items[item].value = s->token.pos;
    switch (s->token.kind) {
    case TOKEN_STRING:
    case TOKEN_INT:
    case TOKEN_INT64:
    case TOKEN_FLOAT:
    case TOKEN_BOOL:
        s->scan->items[item].kind = scalar[s->token.kind];
        advance(s);
        break;
    case TOKEN_NAME:
    case TOKEN_BARE:
        s->scan->items[item].kind = SCAN_STRING;
        scan_bare(s);
        break;
    case TOKEN_PUNCTUATION:
        if (at_opener(s)) {
            scan_bracket(s, item);
            break;
        }
        scan_error(&s->lexer, CODE(NO_VALUE), s->token.pos, NULL,
                   "'%c' stands where a value is expected", s->token.mark);
        if (!at_mark(s, ',') && !at_mark(s, ';'))
            advance(s);
        break;
    case TOKEN_END:
        break; /* the open bracket is reported */
    }
}

struct scan *scan_run(const char *text, size_t length, uint32_t file,
                      struct config_report *report)
{
    struct scan *scan = mem_alloc(sizeof *scan);
    struct scanner s = {.scan = scan};

    if (scan_lexer_init(&s.lexer, text, length, file, report)) {
        advance(&s);
        while (!at_end(&s))
            scan_member(&s, 0);
    }
    if (s.lexer.errors > SCAN_ERRORS_MAX)
        config_report_add(report, REPORT_ERROR, CODE(NO_KEY), s.token.pos, NULL,
                          "%zu more errors in this file",
                          s.lexer.errors - SCAN_ERRORS_MAX);
    scan->ok = s.lexer.errors == 0;
    return scan;
}

void scan_free(struct scan *scan)
{
    if (scan == NULL)
        return;
    mem_free(scan->items);
    mem_free(scan);
}
