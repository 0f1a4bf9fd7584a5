/* json_out.c - see json_out.h. */
#include "base/json_out.h"

#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

struct json_out json_begin(struct text *text)
{
    return (struct json_out){.text = text};
}

static void separate(struct json_out *json)
{
    if (json->comma)
        text_add_char(json->text, ',');
    json->comma = true;
}

void json_open(struct json_out *json, char bracket)
{
    separate(json);
    text_add_char(json->text, bracket);
    json->comma = false;
}

void json_close(struct json_out *json, char bracket)
{
    text_add_char(json->text, bracket);
    json->comma = true;
}

static void add_escaped(struct text *text, const char *value)
{
    static const char short_escapes[] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};

    text_add_char(text, '"');
    while (*value != '\0') {
        size_t length = utf8_length(value);
        unsigned char c = (unsigned char)*value;

        if (length == 0) {
            text_add(text, "\xEF\xBF\xBD");
            length = 1;
        } else if (c < sizeof short_escapes && short_escapes[c] != 0) {
            text_add_char(text, '\\');
            text_add_char(text, short_escapes[c]);
        } else if (c < 0x20 || c == 0x7f) {
            text_addf(text, "\\u%04x", c);
        } else {
            text_add_bytes(text, value, length);
        }
        value += length;
    }
    text_add_char(text, '"');
}

void json_key(struct json_out *json, const char *key)
{
    separate(json);
    add_escaped(json->text, key);
    text_add_char(json->text, ':');
    json->comma = false;
}

void json_string(struct json_out *json, const char *value)
{
    separate(json);
    if (value == NULL)
        text_add(json->text, "null");
    else
        add_escaped(json->text, value);
}

void json_number(struct json_out *json, double value)
{
    json_number_digits(json, value, NUMBER_DIGITS_DOUBLE);
}

void json_number_digits(struct json_out *json, double value, int significant)
{
    char digits[NUMBER_SIZE];

    if (significant == 0)
        significant = NUMBER_DIGITS_DOUBLE;
    separate(json);
    if (isfinite(value))
        text_add_bytes(json->text, digits,
                       number_format_digits(digits, value, significant));
    else
        text_add(json->text, "null");
}

void json_int(struct json_out *json, int64_t value)
{
    char digits[NUMBER_SIZE];

    separate(json);
    text_add_bytes(json->text, digits, number_format_int(digits, value));
}

void json_bool(struct json_out *json, bool value)
{
    json_raw(json, value ? "true" : "false");
}

void json_null(struct json_out *json)
{
    json_raw(json, "null");
}

void json_time(struct json_out *json, struct wall_time time)
{
    char stamp[CLOCK_RFC3339_SIZE];

    json_string(json, time.ns == 0 ? NULL : wall_format(time, stamp));
}

void json_raw(struct json_out *json, const char *json_text)
{
    separate(json);
    text_add(json->text, json_text);
}

void json_put_string(struct json_out *json, const char *key, const char *value)
{
    json_key(json, key);
    json_string(json, value);
}

void json_put_number(struct json_out *json, const char *key, double value)
{
    json_key(json, key);
    json_number(json, value);
}

void json_put_int(struct json_out *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_int(json, value);
}

void json_put_bool(struct json_out *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_put_time(struct json_out *json, const char *key, struct wall_time time)
{
    json_key(json, key);
    json_time(json, time);
}
