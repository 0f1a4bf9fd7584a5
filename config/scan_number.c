/* scan_number.c - see scan_number.h.
 *
 * libconfig 1.5 cuts what does not fit: 2147483648 is read as -2147483648,
 * 99999999999999999999 as -1, 0xFFFFFFFF as -1, 1e400 as infinity.
 */
#include "config/scan_number.h"

#include "config/codes.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_LENGTH_MAX = 63, /* longer than any number that fits in 64 bits */
};

static size_t digits(const char *text, int (*is_digit)(int))
{
    size_t n = 0;

    while (is_digit((unsigned char)text[n]))
        n++;
    return n;
}

/* "L" or "LL" up to the end. */
static bool is_long_suffix(const char *text)
{
    return strcmp(text, "L") == 0 || strcmp(text, "LL") == 0;
}

static enum scan_token_kind hexadecimal(struct scan_lexer *lexer,
                                        const struct scan_token *token, const char *word)
{
    size_t n = digits(word + 2, isxdigit);
    const char *suffix = word + 2 + n;
    unsigned long long value;

    if (n == 0 || (*suffix != '\0' && !is_long_suffix(suffix)))
        return TOKEN_BARE;
    errno = 0;
    value = strtoull(word, NULL, 16);
    if (errno == ERANGE)
        scan_error(lexer, CODE(INTEGER), token->pos, NULL, "%s does not fit in 64 bits",
                   word);
    else if (*suffix == '\0' && value > INT32_MAX)
        scan_error(lexer, CODE(INTEGER), token->pos, "add an L at its end",
                   "%s does not fit in 32 bits", word);
    return *suffix == '\0' ? TOKEN_INT : TOKEN_INT64;
}

static enum scan_token_kind decimal(struct scan_lexer *lexer,
                                    const struct scan_token *token, const char *word,
                                    const char *suffix)
{
    const char *number = word + (*word == '-' || *word == '+');
    long long value;

    if (number[0] == '0' && isdigit((unsigned char)number[1])) {
        scan_error(lexer, CODE(NUMBER), token->pos,
                   "write it without the 0, or in quotes when it is a text",
                   "%s has a leading 0: is it decimal or octal?", word);
        return TOKEN_INT;
    }
    errno = 0;
    value = strtoll(word, NULL, 10);
    if (errno == ERANGE)
        scan_error(lexer, CODE(INTEGER), token->pos, NULL, "%s does not fit in 64 bits",
                   word);
    else if (*suffix == '\0' && (value > INT32_MAX || value < INT32_MIN))
        scan_error(lexer, CODE(INTEGER), token->pos, "add an L at its end",
                   "%s does not fit in 32 bits", word);
    return *suffix == '\0' ? TOKEN_INT : TOKEN_INT64;
}

/* digits [. digits] [e [sign] digits], with at least one digit before the exponent. */
static bool is_float(const char *word)
{
    const char *at = word + (*word == '-' || *word == '+');
    size_t whole = digits(at, isdigit);
    size_t fraction = 0;

    at += whole;
    if (*at == '.') {
        fraction = digits(++at, isdigit);
        at += fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        size_t exponent;

        at += at[1] == '-' || at[1] == '+' ? 2 : 1;
        exponent = digits(at, isdigit);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return *at == '\0';
}

enum scan_token_kind scan_number(struct scan_lexer *lexer, const struct scan_token *token)
{
    char word[NUMBER_LENGTH_MAX + 1];
    size_t length = token->end - token->start;
    const char *behind;

    if (length > NUMBER_LENGTH_MAX)
        return TOKEN_BARE;
    memcpy(word, lexer->text + token->start, length);
    word[length] = '\0';
    if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
        return hexadecimal(lexer, token, word);
    behind = word + (*word == '-' || *word == '+');
    if (isdigit((unsigned char)*behind)) {
        behind += digits(behind, isdigit);
        if (*behind == '\0' || is_long_suffix(behind))
            return decimal(lexer, token, word, behind);
    }
    if (!is_float(word))
        return TOKEN_BARE;
    if (!isfinite(strtod(word, NULL)))
        scan_error(lexer, CODE(FLOAT), token->pos, NULL,
                   "%s is larger than any number can be", word);
    return TOKEN_FLOAT;
}
