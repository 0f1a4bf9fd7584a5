/* trial_series.c - see trial_series.h. */
#include "rules/trial_series.h"

#include "base/mem.h"
#include "telemetry/sample.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

int trial_word(struct trial_words *words, const char *word, size_t length)
{
    for (size_t i = 0; i < words->count; i++)
        if (strlen(words->names[i]) == length &&
            memcmp(words->names[i], word, length) == 0)
            return (int)i;
    if (words->count == TRIAL_WORDS_MAX)
        return -1;
    words->names[words->count] = mem_strndup(word, length);
    return (int)words->count++;
}

void trial_words_done(struct trial_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        mem_free(words->names[i]);
    words->count = 0;
}

/* ---- one token ---- */

/* What is being read. */
struct reader {
    struct trial_series *series;
    struct trial_words *words;
    const char *text;
    const char *token;
    size_t length;   /* of the token */
    unsigned number; /* of the token, from 1 */
    struct err *err;
};

static int wrong(const struct reader *r, const char *why)
{
    return err_set(r->err, ERR_INPUT, "token %u \"%.*s\" (column %zu): %s", r->number,
                   (int)(r->length > TRIAL_WORD_MAX ? TRIAL_WORD_MAX : r->length),
                   r->token, (size_t)(r->token - r->text) + 1, why);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *at)
{
    size_t count = 0;

    while (is_digit(at[count]))
        count++;
    return count;
}

/* Bytes of the number at `at`: 12, -0.5, .5, 1e-3; 0 when there is none. Not strtod's
 * own idea of one, for which 0x12 is 18. */
static size_t number_length(const char *at)
{
    const char *p = at + (*at == '-' || *at == '+');
    size_t whole = digits(p);
    size_t part = 0;

    p += whole;
    if (*p == '.') {
        part = digits(p + 1);
        p += 1 + part;
    }
    if (whole + part == 0)
        return 0;
    if (*p == 'e') {
        size_t sign = p[1] == '-' || p[1] == '+';
        size_t exponent = digits(p + 1 + sign);

        if (exponent > 0)
            p += 1 + sign + exponent;
    }
    return (size_t)(p - at);
}

/* The text goes on behind the number, so only the number's own bytes are given over. */
static double number_at(const char *at, size_t length)
{
    char copy[TRIAL_WORD_MAX + 1];

    if (length > TRIAL_WORD_MAX)
        length = TRIAL_WORD_MAX;
    memcpy(copy, at, length);
    copy[length] = '\0';
    return strtod(copy, NULL);
}

/* The count behind an 'x'; 0 when it is none or out of bounds. */
static uint32_t count_at(const char *at, size_t length)
{
    uint32_t count = 0;

    for (size_t i = 0; i < length; i++) {
        if (!is_digit(at[i]) || count > TRIAL_COUNT_MAX / 10)
            return 0;
        count = count * 10 + (uint32_t)(at[i] - '0');
    }
    return count <= TRIAL_COUNT_MAX ? count : 0;
}

/* Where "xN" begins at the end of the token; its length when there is none. */
static size_t count_begin(const char *token, size_t length)
{
    size_t at = length;

    while (at > 0 && is_digit(token[at - 1]))
        at--;
    return at > 0 && at < length && token[at - 1] == 'x' ? at - 1 : length;
}

static const char bad_count[] = "a count is a whole number from 1 to 1000000";

/* A kind of value for the whole series. */
static int of_kind(struct reader *r, enum point_kind kind)
{
    if (r->series->valued && r->series->kind != kind)
        return wrong(r, "numbers, true and false, and words do not mix in one series");
    r->series->valued = true;
    r->series->kind = kind;
    return 0;
}

/* "3", "3+0.1": the value and the step of a ramp. */
static int read_number(struct reader *r, struct trial_token *token, size_t length)
{
    size_t first = number_length(r->token);
    size_t second = first < length ? number_length(r->token + first) : 0;

    if (first + second != length || (second > 0 && is_digit(r->token[first])) ||
        (second > 0 && r->token[first] == '.'))
        return wrong(r, "not a number; a ramp is written 2+0.1x30");
    if (second > 0 && length == r->length)
        return wrong(r, "a ramp needs a count, as in 2+0.1x30");
    token->value = number_at(r->token, first);
    token->step = second > 0 ? number_at(r->token + first, second) : 0;
    return of_kind(r, POINT_NUMBER);
}

static int read_word(struct reader *r, struct trial_token *token, size_t length)
{
    bool yes = length == 4 && memcmp(r->token, "true", 4) == 0;
    bool no = length == 5 && memcmp(r->token, "false", 5) == 0;
    int code;

    if (yes || no) {
        token->value = yes;
        return of_kind(r, POINT_BOOL);
    }
    if (length > TRIAL_WORD_MAX)
        return wrong(r, "a word has at most 64 bytes");
    code = trial_word(r->words, r->token, length);
    if (code < 0)
        return wrong(r, "a test has at most 200 different words");
    token->value = code;
    return of_kind(r, POINT_ENUM);
}

/* "!", "!range". */
static int read_bad(struct reader *r, struct trial_token *token, size_t length)
{
    const char *name = r->token + 1;
    size_t size = length - 1;

    token->what = TRIAL_BAD;
    token->reason = REASON_NOT_AVAILABLE;
    if (size == 0)
        return 0;
    if (size == 4 && memcmp(name, "comm", 4) == 0) {
        token->reason = REASON_TIMEOUT;
        return 0;
    }
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        const char *known = reason_name((enum reason)i);

        if (strlen(known) != size || memcmp(known, name, size) != 0)
            continue;
        token->reason = (uint8_t)i;
        if (i == REASON_CLOCK)
            token->what = TRIAL_AGAIN;
        if (i == REASON_CLOCK && !r->series->valued)
            return wrong(r, "it repeats the value before it, and there is none");
        return 0;
    }
    return wrong(r, "behind ! stands the reason of a bad sample: comm, range, jump, "
                    "not_available, ...");
}

static bool starts_number(const char *token)
{
    return is_digit(token[0]) || ((token[0] == '-' || token[0] == '.') && token[1] != 0);
}

/* "xN" alone: a count for the token before it. */
static int read_count(struct reader *r)
{
    struct trial_token *last =
        r->series->count == 0 ? NULL : &r->series->tokens[r->series->count - 1];
    uint32_t count = count_at(r->token + 1, r->length - 1);

    if (last == NULL || last->count != 1)
        return wrong(r, "there is nothing in front of it that needs a count");
    if (count == 0)
        return wrong(r, bad_count);
    last->count = count;
    return 0;
}

static int read_token(struct reader *r)
{
    size_t length = count_begin(r->token, r->length);
    struct trial_token token = {.what = TRIAL_VALUE, .count = 1};
    int result;

    if (length == 0)
        return read_count(r);
    if (length < r->length)
        token.count = count_at(r->token + length + 1, r->length - length - 1);
    if (token.count == 0)
        return wrong(r, bad_count);
    if (r->series->count == TRIAL_TOKENS_MAX)
        return wrong(r, "a series has at most 1000 tokens");
    if (length == 1 && r->token[0] == '_') {
        token.what = TRIAL_NOTHING;
        result = 0;
    } else if (r->token[0] == '!') {
        result = read_bad(r, &token, length);
    } else if (starts_number(r->token)) {
        result = read_number(r, &token, length);
    } else {
        result = read_word(r, &token, length);
    }
    if (result == 0)
        r->series->tokens[r->series->count++] = token;
    return result;
}

int trial_series_read(struct trial_series *series, const char *text,
                      struct trial_words *words, size_t *offset, struct err *err)
{
    struct reader r = {.series = series, .words = words, .text = text, .err = err};
    const char *at = text + strspn(text, " \t\r\n");
    size_t room = strlen(text) / 2 + 1;

    *series = (struct trial_series){.kind = POINT_NUMBER};
    series->tokens = mem_array(room > TRIAL_TOKENS_MAX ? TRIAL_TOKENS_MAX : room,
                               sizeof *series->tokens);
    while (*at != '\0') {
        r.token = at;
        r.length = strcspn(at, " \t\r\n");
        r.number++;
        *offset = (size_t)(at - text);
        if (read_token(&r) != 0)
            goto out;
        at += r.length;
        at += strspn(at, " \t\r\n");
    }
    if (series->count > 0)
        return 0;
    *offset = 0;
    (void)err_set(err, ERR_INPUT, "it is empty");
out:
    trial_series_done(series);
    return -1;
}

void trial_series_done(struct trial_series *series)
{
    mem_free(series->tokens);
    series->tokens = NULL;
    series->count = 0;
}

struct trial_moment trial_series_next(const struct trial_series *series,
                                      struct trial_cursor *cursor)
{
    const struct trial_token *token = &series->tokens[cursor->token];
    struct trial_moment moment = {.what = token->what, .reason = token->reason};

    if (token->what == TRIAL_VALUE)
        cursor->last = token->value + token->step * cursor->within;
    if (token->what == TRIAL_AGAIN)
        moment.what = TRIAL_VALUE;
    moment.value = cursor->last;
    if (cursor->within + 1 < token->count)
        cursor->within++;
    else if (cursor->token + 1 < series->count) {
        cursor->token++;
        cursor->within = 0;
    }
    return moment;
}
