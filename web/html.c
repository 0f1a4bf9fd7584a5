/* html.c - see html.h. */
#include "web/html.h"

#include "base/number.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_plain(const char *c, size_t length)
{
    unsigned char byte = (unsigned char)*c;

    return length > 0 && (byte >= 0x20 || byte == '\n' || byte == '\t' || byte == '\r') &&
           byte != 0x7f;
}

void html_escape(struct text *out, const char *value)
{
    const char *run = value; /* start of what can be copied as it is */
    const char *at = value;

    while (*at != '\0') {
        size_t length = utf8_length(at);
        const char *instead = entity(*at);

        if (!is_plain(at, length))
            instead = "\xEF\xBF\xBD";
        if (length == 0)
            length = 1;
        if (instead != NULL) {
            text_add_bytes(out, run, (size_t)(at - run));
            text_add(out, instead);
            run = at + length;
        }
        at += length;
    }
    text_add_bytes(out, run, (size_t)(at - run));
}

void html_escape_url(struct text *out, const char *value)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || strchr("-._~", c) != NULL;
        char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};

        if (plain)
            text_add_char(out, (char)c);
        else
            text_add_bytes(out, escaped, sizeof escaped);
    }
}

static void fill_slot(struct text *out, char kind, const char *value)
{
    if (value == NULL)
        return;
    if (kind == '%')
        html_escape_url(out, value);
    else if (kind == '!')
        text_add(out, value);
    else
        html_escape(out, value);
}

void html_fill(struct text *out, const char *template, const char *const *values,
               size_t count)
{
    const char *at = template;
    size_t used = 0;

    for (;;) {
        const char *slot = strchr(at, '{');
        char kind;

        if (slot == NULL)
            break;
        text_add_bytes(out, at, (size_t)(slot - at));
        kind = slot[1];
        assert(kind == '}' || ((kind == '%' || kind == '!') && slot[2] == '}'));
        assert(used < count);
        fill_slot(out, kind, values[used++]);
        at = slot + (kind == '}' ? 2 : 3);
    }
    assert(used == count);
    text_add(out, at);
}

char *html_int_text(char buffer[24], int64_t value)
{
    char digits[NUMBER_SIZE];
    size_t length = number_format_int(digits, value);

    assert(length < 24);
    memcpy(buffer, digits, length + 1);
    return buffer;
}
