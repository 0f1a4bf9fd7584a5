/* json_out.h - JSON written into a text, without a tree.
 *
 * A writer tracks only whether a comma is due. Numbers that JSON cannot hold (NaN, Inf)
 * become null. Strings are escaped and always valid UTF-8 (bad bytes become U+FFFD).
 *
 *   json_open(&j, '{'); json_key(&j, "id"); json_string(&j, "pump-2"); json_close(&j,
 * '}');
 *
 * Threads: one owner.
 */
#ifndef BASE_JSON_OUT_H
#define BASE_JSON_OUT_H

#include "base/clock.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct json_out {
    struct text *text; /* borrowed */
    bool comma;
};

struct json_out json_begin(struct text *text);
void json_open(struct json_out *json, char bracket);  /* '{' or '[' */
void json_close(struct json_out *json, char bracket); /* '}' or ']' */
void json_key(struct json_out *json, const char *key);
void json_string(struct json_out *json, const char *value); /* NULL writes null */
void json_number(struct json_out *json, double value);      /* shortest that reads back */
/* At most so many significant digits, as number_format_digits; 0 is as json_number. */
void json_number_digits(struct json_out *json, double value, int significant);
void json_int(struct json_out *json, int64_t value);
void json_bool(struct json_out *json, bool value);
void json_null(struct json_out *json);
void json_time(struct json_out *json, struct wall_time time); /* null for 0 */
void json_raw(struct json_out *json, const char *json_text);  /* already JSON */

/* key and value in one call, for objects. */
void json_put_string(struct json_out *json, const char *key, const char *value);
void json_put_number(struct json_out *json, const char *key, double value);
void json_put_int(struct json_out *json, const char *key, int64_t value);
void json_put_bool(struct json_out *json, const char *key, bool value);
void json_put_time(struct json_out *json, const char *key, struct wall_time time);

#endif
