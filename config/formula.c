/* formula.c - see formula.h: recursive descent, one function per line of the grammar. */
#include "config/formula.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 20, /* brackets in brackets, and signs before signs */
    NAME_MAX_LENGTH = 64,
};

#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define NAME_CHARS LETTERS "0123456789"

struct parser {
    const char *text;
    const char *at;
    const struct formula_name *names;
    size_t count;
    int depth;
    struct formula_place place;
    struct err *err;
};

static int parse_sum(struct parser *p, int64_t *value);

/* ---- errors ---- */

static void locate(struct parser *p, const char *from, size_t length)
{
    p->place = (struct formula_place){(size_t)(from - p->text), length};
}

static int fail(struct parser *p, const char *from, size_t length, const char *what)
{
    locate(p, from, length);
    return err_set(p->err, ERR_CONFIG, "%s", what);
}

/* ---- what a factor can be ---- */

static int parse_number(struct parser *p, int64_t *value)
{
    bool hex = p->at[0] == '0' && (p->at[1] == 'x' || p->at[1] == 'X');
    const char *digits = p->at + (hex ? 2 : 0);
    size_t length = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    size_t whole = (size_t)(digits - p->at) + length;

    if (length == 0 || length > (hex ? 8 : 10)) /* fits 64 bits in any case */
        return fail(p, p->at, whole, "this number is no address");
    *value = strtoll(digits, NULL, hex ? 16 : 10);
    p->at += whole;
    return 0;
}

static int parse_name(struct parser *p, int64_t *value)
{
    size_t length = strspn(p->at, NAME_CHARS);

    for (size_t i = 0; i < p->count; i++) {
        const struct formula_name *name = &p->names[i];

        if (strlen(name->name) != length || memcmp(name->name, p->at, length) != 0)
            continue;
        if (name->value != floor(name->value) || fabs(name->value) > 1e15) {
            locate(p, p->at, length);
            return err_set(p->err, ERR_CONFIG, "\"%s\" is %g, which is no integer",
                           name->name, name->value);
        }
        *value = (int64_t)name->value;
        p->at += length;
        return 0;
    }
    locate(p, p->at, length);
    return err_set(p->err, ERR_NOT_FOUND, "there is no parameter \"%.*s\"",
                   (int)(length < NAME_MAX_LENGTH ? length : NAME_MAX_LENGTH), p->at);
}

static int parse_brackets(struct parser *p, int64_t *value)
{
    const char *open = p->at++;

    if (parse_sum(p, value) != 0)
        return -1;
    if (*p->at != ')')
        return fail(p, open, 1, "the bracket is not closed");
    p->at++;
    return 0;
}

/* Recursion is bounded by DEPTH_MAX. */
static int parse_factor(struct parser *p, int64_t *value)
{
    int result;

    p->at += strspn(p->at, " ");
    if (++p->depth > DEPTH_MAX)
        return fail(p, p->at, 1, "too many brackets in brackets");
    if (*p->at == '-') {
        p->at++;
        result = parse_factor(p, value);
        *value = -*value; /* never INT64_MIN: products are checked against INT64_MAX */
    } else if (*p->at == '(') {
        result = parse_brackets(p, value);
    } else if (*p->at >= '0' && *p->at <= '9') {
        result = parse_number(p, value);
    } else if (*p->at != '\0' && strchr(LETTERS, *p->at) != NULL) {
        result = parse_name(p, value);
    } else {
        result = fail(p, p->at, 1, "a number, a parameter or a bracket is missing here");
    }
    p->depth--;
    if (result == 0)
        p->at += strspn(p->at, " ");
    return result;
}

/* ---- operators ---- */

static int combine(struct parser *p, const char *op, int64_t right, int64_t *value)
{
    bool overflow = false;

    switch (*op) {
    case '+':
        overflow = __builtin_add_overflow(*value, right, value);
        break;
    case '-':
        overflow = __builtin_sub_overflow(*value, right, value);
        break;
    case '*':
        overflow = __builtin_mul_overflow(*value, right, value);
        break;
    default:
        if (right == 0)
            return fail(p, op, 1, "a division by 0");
        if (*value % right != 0) {
            locate(p, op, 1);
            return err_set(p->err, ERR_CONFIG, "%lld / %lld leaves a remainder",
                           (long long)*value, (long long)right);
        }
        *value /= right;
        break;
    }
    if (overflow || *value == INT64_MIN)
        return fail(p, op, 1, "the result is too large");
    return 0;
}

static int parse_product(struct parser *p, int64_t *value)
{
    if (parse_factor(p, value) != 0)
        return -1;
    while (*p->at == '*' || *p->at == '/') {
        const char *op = p->at++;
        int64_t right = 0;

        if (parse_factor(p, &right) != 0 || combine(p, op, right, value) != 0)
            return -1;
    }
    return 0;
}

static int parse_sum(struct parser *p, int64_t *value)
{
    if (parse_product(p, value) != 0)
        return -1;
    while (*p->at == '+' || *p->at == '-') {
        const char *op = p->at++;
        int64_t right = 0;

        if (parse_product(p, &right) != 0 || combine(p, op, right, value) != 0)
            return -1;
    }
    return 0;
}

int formula_eval(const char *text, const struct formula_name *names, size_t count,
                 int64_t *value, struct formula_place *place, struct err *err)
{
    struct parser p = {
        .text = text, .at = text, .names = names, .count = count, .err = err};
    int64_t result = 0;
    int status;

    if (strlen(text) > FORMULA_MAX)
        status = fail(&p, text, 1, "the formula is too long");
    else
        status = parse_sum(&p, &result);
    if (status == 0 && *p.at != '\0')
        status = fail(&p, p.at, 1, "an operator + - * / is missing here");
    if (status == 0)
        *value = result;
    else
        *place = p.place;
    return status;
}
