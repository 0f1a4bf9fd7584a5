/* params.c - see params.h. */
#include "web/params.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes into `out`, which holds at least `length` + 1 bytes; false when malformed. */
static bool decode(const char *text, size_t length, bool plus, char *out)
{
    size_t to = 0;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%') {
            int high = length - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = length - i > 2 ? hex_digit(text[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[to++] = c;
    }
    out[to] = '\0';
    return utf8_valid(out, to);
}

static bool has_control(const char *text, const char *allowed)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c < 0x20 && strchr(allowed, c) == NULL) || c == 0x7f)
            return true;
    }
    return false;
}

bool params_decode(const char *text, size_t length, char *out, size_t size)
{
    return length < size && decode(text, length, false, out) && !has_control(out, "");
}

/* Takes one "name=value" of `length` bytes; `*room` is advanced over the decoded texts.
 */
static bool take_pair(struct params *params, const char *pair, size_t length, char **room)
{
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals == NULL ? length : (size_t)(equals - pair);
    size_t value_length = equals == NULL ? 0 : length - name_length - 1;
    char *name = *room;
    char *value = name + name_length + 1;

    if (!decode(pair, name_length, true, name) || has_control(name, ""))
        return false;
    if (!decode(equals == NULL ? "" : equals + 1, value_length, true, value) ||
        has_control(value, "\t\n\r"))
        return false;
    params->items[params->count].name = name;
    params->items[params->count].value = value;
    params->count++;
    *room = value + value_length + 1;
    return true;
}

int params_parse(struct params *params, const char *text, size_t length, struct err *err)
{
    struct params result = {0};
    const char *end = text + length;
    char *room;

    /* Decoding never lengthens; each pair adds at most two terminators. */
    result.memory = mem_alloc(length + 2 * (size_t)PARAMS_MAX + 2);
    room = result.memory;
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        size_t pair = stop == NULL ? (size_t)(end - text) : (size_t)(stop - text);

        if (pair > 0 && result.count == PARAMS_MAX) {
            params_done(&result);
            return err_set(err, ERR_INPUT, "more than %d parameters", PARAMS_MAX);
        }
        if (pair > 0 && !take_pair(&result, text, pair, &room)) {
            params_done(&result);
            return err_set(err, ERR_INPUT,
                           "a parameter is not valid percent-encoded UTF-8 text");
        }
        text += pair + 1;
    }
    *params = result;
    return 0;
}

void params_done(struct params *params)
{
    mem_free(params->memory);
    *params = (struct params){0};
}

static const char *find(const struct params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++)
        if (strcmp(params->items[i].name, name) == 0)
            return params->items[i].value;
    return NULL;
}

const char *params_get(const struct params *params, const char *name,
                       const char *fallback)
{
    const char *value = find(params, name);

    return value == NULL || value[0] == '\0' ? fallback : value;
}

bool params_has(const struct params *params, const char *name)
{
    return find(params, name) != NULL;
}
