/* scan.c - see scan.h.
 *
 * Recursive descent with a depth limit. After an error it goes on at the next place that
 * is certainly a border: the ';' of the setting, or the bracket that an outer level
 * waits for. One mistake shall give one message.
 */
#include "config/scan.h"

#include "base/mem.h"
#include "config/codes.h"
#include "config/scan_state.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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
/* ---- groups ---- */

static void check_duplicate(struct scanner *s, size_t first, size_t item)
{
    const struct scan_item *items = s->scan->items;
    const char *text = s->lexer.text;
    size_t count = 0;

    for (size_t i = first; i < item && count <= SCAN_MEMBERS_MAX; i = items[i].end) {
        if (items[i].name_length == items[item].name_length &&
            memcmp(text + items[i].name, text + items[item].name, items[i].name_length) ==
                0) {
            scan_error(&s->lexer, CODE(DUPLICATE_KEY), items[item].key, NULL,
                       "\"%.*s\" is already given in line %u", scanner_shown(&s->token),
                       scanner_word(s), items[i].key.line);
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
    if (strncmp(scanner_word(s), "@include", 8) == 0) {
        scan_error(&s->lexer, CODE(INCLUDE), token->pos,
                   "put the file into the folder of include_dir",
                   "@include is not supported");
        scanner_advance(s); /* the file's name; what follows is the next setting */
        if (token->kind == TOKEN_STRING)
            scanner_advance(s);
        return false;
    }
    scan_error(&s->lexer, CODE(NO_KEY), token->pos,
               token->kind == TOKEN_BARE
                   ? "a key has letters, digits, '_' and '-' and begins with a letter"
                   : NULL,
               "\"%.*s\" stands where a key is expected", scanner_shown(token),
               scanner_word(s));
    if (token->kind != TOKEN_BARE && token->kind != TOKEN_BOOL) {
        scanner_skip_setting(s);
        return false;
    }
    return true;
}

/* The '=' or ':' behind a key. False when no value can follow. */
static bool take_equals(struct scanner *s, size_t item)
{
    char name[64];

    scanner_name(s, item, name, sizeof name);
    if (scanner_at(s, '=')) {
        scanner_advance(s);
        if (scanner_at(s, '=')) {
            scan_error(&s->lexer, CODE(NO_EQUALS), s->token.pos, "one '=' is enough",
                       "a second '=' behind \"%s\"", name);
            scanner_advance(s);
        }
        return true;
    }
    scan_error(&s->lexer, CODE(NO_EQUALS), s->behind, "write name = value;",
               "'=' is missing behind \"%s\"", name);
    if (s->token.pos.line == s->behind.line && !scanner_at(s, ';') &&
        !scanner_at_closer(s))
        return true;
    if (scanner_at(s, ';'))
        scanner_advance(s);
    return false;
}

static bool is_decimal_comma(const struct scanner *s)
{
    const char *comma = scanner_word(s);

    return s->token.start > 0 && isdigit((unsigned char)comma[-1]) &&
           isdigit((unsigned char)comma[1]);
}

/* The ';' behind a value. */
static void take_terminator(struct scanner *s, size_t item)
{
    bool left_open = s->left_open;
    char name[64];

    s->left_open = false;
    if (scanner_at(s, ';')) {
        scanner_advance(s);
        return;
    }
    if (left_open || scanner_group_left_open(s))
        return;
    scanner_name(s, item, name, sizeof name);
    if (scanner_at(s, ',')) {
        bool decimal = is_decimal_comma(s);

        scan_error(&s->lexer, CODE(SEPARATOR), s->token.pos,
                   decimal ? "the decimal mark is '.'" : "settings end with ';'",
                   "',' behind the value of \"%s\"", name);
        if (decimal)
            scanner_skip_setting(s);
        else
            scanner_advance(s);
        return;
    }
    if (scanner_at_end(s) || scanner_at_closer(s))
        return;
    if (s->scan->items[item].kind == SCAN_GROUP && scanner_at_key(s))
        return; /* libconfig's own manual leaves it out behind a '}' */
    if (s->token.pos.line == s->behind.line && !scanner_at_key(s)) {
        scan_error(&s->lexer, CODE(NO_SEPARATOR), s->token.pos, NULL,
                   "\"%.*s\" stands where the ';' behind \"%s\" is expected",
                   scanner_shown(&s->token), scanner_word(s), name);
        scanner_skip_setting(s);
        return;
    }
    scan_error(&s->lexer, CODE(NO_SEPARATOR), s->behind, NULL,
               "';' is missing behind the value of \"%s\"", name);
}

static void scan_setting(struct scanner *s, size_t first)
{
    size_t item = scanner_add(s);
    struct scan_item *it = &s->scan->items[item];
    bool quoted = s->token.kind == TOKEN_STRING;

    it->name = s->token.start + quoted;
    it->name_length = s->token.end - s->token.start - (quoted ? 2 : 0);
    if (quoted && s->token.end - s->token.start < 2)
        it->name_length = 0;
    it->key = s->token.pos;
    check_duplicate(s, first, item);
    scanner_advance(s);
    if (!take_equals(s, item))
        return;
    if (scanner_at(s, ';') || scanner_at_closer(s) || scanner_at_end(s)) {
        char name[64];

        scanner_name(s, item, name, sizeof name);
        scan_error(&s->lexer, CODE(NO_VALUE), s->behind, NULL,
                   "the value of \"%s\" is missing", name);
        if (scanner_at(s, ';'))
            scanner_advance(s);
        return;
    }
    scan_value(s, item);
    s->scan->items[item].end = s->scan->count;
    take_terminator(s, item);
}

/* One step inside a group, or at the top of the file. */
static void scan_member(struct scanner *s, size_t first)
{
    if (scanner_at(s, ';') || scanner_at(s, ',')) {
        scan_error(&s->lexer, CODE(SEPARATOR), s->token.pos, "delete it",
                   "a superfluous '%c'", s->token.mark);
        scanner_advance(s);
    } else if (scanner_at_closer(s)) {
        scanner_skip_extra(s);
    } else if (scanner_at_opener(s)) {
        size_t item = scanner_add(s);

        scan_error(&s->lexer, CODE(NO_KEY), s->token.pos,
                   s->depth > 0 ? "is the '}' of the group before it missing?" : NULL,
                   "a '%c' stands where a key is expected", s->token.mark);
        scan_value(s, item);
        s->scan->items[item].end = s->scan->count;
        if (scanner_at(s, ';') || scanner_at(s, ','))
            scanner_advance(s);
    } else if (check_key(s)) {
        scan_setting(s, first);
    }
}

static void scan_group(struct scanner *s)
{
    size_t first = s->scan->count;

    while (!scanner_closed(s))
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
    return scanner_at_key(s) && scanner_ahead(s).mark == '=';
}

static void take_comma(struct scanner *s, char close)
{
    if (scanner_list_left_open(s))
        return;
    if (scanner_at(s, ',') || scanner_at(s, ';')) {
        struct config_pos pos = s->token.pos;
        char mark = s->token.mark;

        scanner_advance(s);
        if (mark == ';')
            scan_error(&s->lexer, CODE(SEPARATOR), pos,
                       scanner_at(s, close) ? "delete it"
                                            : "elements are separated by ','",
                       "';' behind an element");
        else if (scanner_at(s, close))
            scan_error(&s->lexer, CODE(TRAILING), pos, "delete it",
                       "a ',' behind the last element");
        return;
    }
    if (scanner_at_end(s) || scanner_at_closer(s))
        return;
    scan_error(&s->lexer, CODE(NO_SEPARATOR), s->behind, NULL,
               "',' is missing between two elements");
    if (!scanner_at_opener(s) && s->token.kind == TOKEN_PUNCTUATION)
        scanner_advance(s);
}

static void scan_element(struct scanner *s, size_t list, size_t first)
{
    size_t item;

    if (scanner_at(s, ',') || scanner_at(s, ';')) {
        scan_error(&s->lexer, CODE(SEPARATOR), s->token.pos, "delete it",
                   "a '%c' without an element before it", s->token.mark);
        scanner_advance(s);
        return;
    }
    if (scanner_at_closer(s)) {
        scanner_skip_extra(s);
        return;
    }
    if (is_setting_in_list(s)) {
        scan_error(&s->lexer, CODE(NO_VALUE), s->token.pos,
                   "put braces round the settings: ( { ... }, { ... } )",
                   "a setting stands where an element of a list is expected");
        scanner_skip_setting(s);
        return;
    }
    if (s->token.kind == TOKEN_STRING && s->token.fragments > 1)
        scan_error(&s->lexer, CODE(NO_SEPARATOR), s->token.pos,
                   "texts side by side are joined",
                   "',' is missing between two elements");
    item = scanner_add(s);
    s->scan->items[item].key = s->token.pos;
    scan_value(s, item);
    s->scan->items[item].end = s->scan->count;
    check_element(s, list, first, item);
    take_comma(s, s->open[s->depth - 1].close);
}

static void scan_elements(struct scanner *s, size_t list)
{
    size_t first = s->scan->count;

    while (!scanner_closed(s))
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
        scanner_skip_bracket(s);
        return;
    }
    s->open[s->depth++] =
        (struct bracket){kinds[k].open, kinds[k].close, s->token.pos, item};
    scanner_advance(s);
    if (kinds[k].kind == SCAN_GROUP)
        scan_group(s);
    else
        scan_elements(s, item);
    s->depth--;
}

static bool is_word(const struct scanner *s, const char *candidate)
{
    size_t length = s->token.end - s->token.start;

    return strlen(candidate) == length &&
           strncasecmp(scanner_word(s), candidate, length) == 0;
}

static const char *bare_hint(const struct scanner *s, char *buffer, size_t size)
{
    static const char *const yes[] = {"yes", "on", "enabled", "no", "off", "disabled"};

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (is_word(s, yes[i]))
            return i < 3 ? "write true, or put it in quotes"
                         : "write false, or put it in quotes";
    (void)snprintf(buffer, size, "put it in quotes: \"%.*s\"", scanner_shown(&s->token),
                   scanner_word(s));
    return buffer;
}

static void scan_bare(struct scanner *s)
{
    char hint[96];

    scan_lexer_extend_bare(&s->lexer, &s->token);
    if (strchr("+-.0123456789", *scanner_word(s)) != NULL)
        scan_error(&s->lexer, CODE(NUMBER), s->token.pos, bare_hint(s, hint, sizeof hint),
                   "\"%.*s\" is neither a number nor a text", scanner_shown(&s->token),
                   scanner_word(s));
    else
        scan_error(&s->lexer, CODE(BARE_WORD), s->token.pos,
                   bare_hint(s, hint, sizeof hint), "a text needs quotes");
    scanner_advance(s);
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
        scanner_advance(s);
        break;
    case TOKEN_NAME:
    case TOKEN_BARE:
        s->scan->items[item].kind = SCAN_STRING;
        scan_bare(s);
        break;
    case TOKEN_PUNCTUATION:
        if (scanner_at_opener(s)) {
            scan_bracket(s, item);
            break;
        }
        scan_error(&s->lexer, CODE(NO_VALUE), s->token.pos, NULL,
                   "'%c' stands where a value is expected", s->token.mark);
        if (!scanner_at(s, ',') && !scanner_at(s, ';'))
            scanner_advance(s);
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
        scanner_advance(&s);
        while (!scanner_at_end(&s))
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
