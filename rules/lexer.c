/* lexer.c - see lexer.h. */
#include "rules/lexer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Ten years in seconds: no window or delay of a rule is longer. */
#define DURATION_MAX_S (10.0 * 366 * 86400)

enum {
    NUMBER_LENGTH_MAX = 40, /* characters of one number; doubles need 24 */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c);
}

static const struct {
    const char *word;
    double seconds;
} units[] = {
    {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800},
};

enum {
    UNITS = sizeof units / sizeof units[0],
};

/* Seconds of the unit, or 0. */
static double unit_seconds(const char *word, size_t length)
{
    for (size_t i = 0; i < UNITS; i++)
        if (strlen(units[i].word) == length && memcmp(units[i].word, word, length) == 0)
            return units[i].seconds;
    return 0;
}

bool lexer_is_unit(const char *word, size_t length)
{
    return unit_seconds(word, length) > 0;
}

static struct token make(struct lexer *lexer, enum token_kind kind, uint32_t length)
{
    struct token token = {kind, {lexer->position, length}, 0};

    lexer->position += length;
    return token;
}

static struct token fail(struct lexer *lexer, uint32_t length, const char *hint,
                         const char *what)
{
    struct token token = make(lexer, TOKEN_ERROR, length);

    diagnose(lexer->sink, "E301", token.span, hint, "%s", what);
    return token;
}

static uint32_t name_length(const char *text)
{
    uint32_t length = 0;

    while (is_name_part(text[length]))
        length++;
    return length;
}

/* Bytes of digits, a fraction and an exponent; an 'e' that no digit follows stays out. */
static uint32_t number_length(const char *text)
{
    uint32_t length = 0;

    while (is_digit(text[length]))
        length++;
    if (text[length] == '.' && is_digit(text[length + 1])) {
        length++;
        while (is_digit(text[length]))
            length++;
    }
    if (text[length] == 'e' || text[length] == 'E') {
        uint32_t sign = text[length + 1] == '-' || text[length + 1] == '+';

        if (is_digit(text[length + 1 + sign])) {
            length += 1 + sign;
            while (is_digit(text[length]))
                length++;
        }
    }
    return length;
}

static double number_value(const char *text, uint32_t length)
{
    char copy[NUMBER_LENGTH_MAX + 1];

    if (length > NUMBER_LENGTH_MAX)
        return NAN;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return strtod(copy, NULL);
}

/* "1h30m" from its first digit on. */
static struct token duration(struct lexer *lexer)
{
    const char *text = lexer->text + lexer->position;
    uint32_t length = 0;
    double total = 0;
    struct token token;

    while (is_digit(text[length])) {
        uint32_t digits = number_length(text + length);
        uint32_t word = 0;
        double seconds;

        while (is_name_start(text[length + digits + word]))
            word++;
        seconds = unit_seconds(text + length + digits, word);
        if (seconds <= 0)
            return fail(lexer, length + digits + word,
                        "units are ms s m h d w, as in 90s",
                        "this is neither a number nor a duration");
        if (memchr(text + length, '.', digits) != NULL ||
            memchr(text + length, 'e', digits) != NULL)
            return fail(lexer, length + digits + word,
                        "use whole numbers, as in 1h30m or 500ms",
                        "a duration cannot have a fraction");
        total += number_value(text + length, digits) * seconds;
        length += digits + word;
    }
    if (!(total > 0 && total <= DURATION_MAX_S))
        return fail(lexer, length, "from 1ms to ten years",
                    "this duration is not usable");
    token = make(lexer, TOKEN_DURATION, length);
    token.number = total;
    return token;
}

static struct token number(struct lexer *lexer)
{
    const char *text = lexer->text + lexer->position;
    uint32_t length = number_length(text);
    double value = number_value(text, length);
    struct token token;

    if (is_name_start(text[length]))
        return duration(lexer);
    if (!isfinite(value))
        return fail(lexer, length, NULL, "this number is too large");
    token = make(lexer, TOKEN_NUMBER, length);
    token.number = value;
    return token;
}

static struct token count(struct lexer *lexer)
{
    const char *text = lexer->text + lexer->position;
    uint32_t length = 1;
    struct token token;

    while (is_digit(text[length]))
        length++;
    if (length == 1)
        return fail(lexer, length, "a number of samples, as in #5", "'#' needs a number");
    if (length > 6)
        return fail(lexer, length, "give a time, as in 1h",
                    "a window of so many samples is not kept");
    token = make(lexer, TOKEN_COUNT, length);
    token.number = number_value(text + 1, length - 1);
    return token;
}

static struct token string(struct lexer *lexer)
{
    const char *text = lexer->text + lexer->position;
    const char *end = strchr(text + 1, '\'');

    if (end == NULL)
        return fail(lexer, (uint32_t)strlen(text), "add a ' at its end",
                    "this string has no end");
    return make(lexer, TOKEN_STRING, (uint32_t)(end - text) + 1);
}

static struct token word(struct lexer *lexer)
{
    static const struct {
        const char *word;
        enum token_kind kind;
    } keywords[] = {
        {"and", TOKEN_AND},   {"or", TOKEN_OR},       {"not", TOKEN_NOT},
        {"true", TOKEN_TRUE}, {"false", TOKEN_FALSE}, {"unknown", TOKEN_UNKNOWN},
        {"ago", TOKEN_AGO},
    };
    const char *text = lexer->text + lexer->position;
    uint32_t length = name_length(text);

    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strlen(keywords[i].word) != length)
            continue;
        if (memcmp(text, keywords[i].word, length) == 0)
            return make(lexer, keywords[i].kind, length);
        if (strncasecmp(text, keywords[i].word, length) == 0)
            return fail(lexer, length, "write it in lower case", "this is no word here");
    }
    return make(lexer, TOKEN_NAME, length);
}

static struct token param(struct lexer *lexer)
{
    uint32_t length = name_length(lexer->text + lexer->position + 1);

    if (length == 0)
        return fail(lexer, 1, "a parameter, as in $flow_min", "'$' needs a name");
    return make(lexer, TOKEN_PARAM, length + 1);
}

/* Signs, longest first; those without a kind only exist to be explained. */
static const struct {
    const char *text;
    enum token_kind kind;
    const char *hint;
} signs[] = {
    {"==", TOKEN_EQUAL, NULL},
    {"<=", TOKEN_LESS_EQUAL, NULL},
    {">=", TOKEN_GREATER_EQUAL, NULL},
    {"!=", TOKEN_NOT_EQUAL, NULL},
    {"<>", TOKEN_ERROR, "use !="},
    {"=<", TOKEN_ERROR, "use <="},
    {"=>", TOKEN_ERROR, "use >="},
    {"&&", TOKEN_ERROR, "write and"},
    {"||", TOKEN_ERROR, "write or"},
    {"<", TOKEN_LESS, NULL},
    {">", TOKEN_GREATER, NULL},
    {"=", TOKEN_ERROR, "use =="},
    {"!", TOKEN_ERROR, "write not"},
    {"&", TOKEN_ERROR, "write and"},
    {"|", TOKEN_ERROR, "write or"},
    {"(", TOKEN_OPEN, NULL},
    {")", TOKEN_CLOSE, NULL},
    {",", TOKEN_COMMA, NULL},
    {".", TOKEN_DOT, NULL},
    {"+", TOKEN_PLUS, NULL},
    {"-", TOKEN_MINUS, NULL},
    {"*", TOKEN_STAR, NULL},
    {"/", TOKEN_SLASH, NULL},
    {"%", TOKEN_PERCENT, NULL},
    {"\"", TOKEN_ERROR, "strings stand in single quotes: 'normal'"},
    {"?", TOKEN_ERROR, "write if(condition, a, b)"},
    /* what an input method for Chinese puts there */
    {"，", TOKEN_ERROR, "use the half-width ,"},
    {"（", TOKEN_ERROR, "use the half-width ("},
    {"）", TOKEN_ERROR, "use the half-width )"},
    {"＜", TOKEN_ERROR, "use the half-width <"},
    {"＞", TOKEN_ERROR, "use the half-width >"},
    {"＝", TOKEN_ERROR, "use the half-width =="},
    {"≤", TOKEN_ERROR, "use <="},
    {"≥", TOKEN_ERROR, "use >="},
    {"≠", TOKEN_ERROR, "use !="},
    {"×", TOKEN_ERROR, "use *"},
    {"÷", TOKEN_ERROR, "use /"},
    {"‘", TOKEN_ERROR, "use the straight quote '"},
    {"’", TOKEN_ERROR, "use the straight quote '"},
};

static struct token sign(struct lexer *lexer)
{
    const char *text = lexer->text + lexer->position;
    uint32_t length = 1;
    char what[64];

    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        uint32_t size = (uint32_t)strlen(signs[i].text);

        if (strncmp(text, signs[i].text, size) != 0)
            continue;
        if (signs[i].kind != TOKEN_ERROR)
            return make(lexer, signs[i].kind, size);
        (void)snprintf(what, sizeof what, "unexpected \"%s\"", signs[i].text);
        return fail(lexer, size, signs[i].hint, what);
    }
    while (((unsigned char)text[length] & 0xC0u) == 0x80u)
        length++; /* the rest of a UTF-8 character */
    return fail(lexer, length, NULL, "this character has no meaning here");
}

struct token lexer_next(struct lexer *lexer)
{
    const char *text;

    while (strchr(" \t\r\n", lexer->text[lexer->position]) != NULL &&
           lexer->text[lexer->position] != '\0')
        lexer->position++;
    text = lexer->text + lexer->position;
    if (text[0] == '\0')
        return make(lexer, TOKEN_END, 0);
    if (is_digit(text[0]))
        return number(lexer);
    if (is_name_start(text[0]))
        return word(lexer);
    if (text[0] == '\'')
        return string(lexer);
    if (text[0] == '$')
        return param(lexer);
    if (text[0] == '#')
        return count(lexer);
    return sign(lexer);
}
