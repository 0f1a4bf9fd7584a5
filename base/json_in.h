/* json_in.h - JSON from strangers, read strictly.
 *
 * The one place that includes jansson.h. Refuses what is not exactly one JSON value:
 * trailing bytes, invalid UTF-8, duplicate keys, NUL escapes, numbers out of range, more
 * than `max` bytes or JSON_DEPTH_MAX levels.
 *
 * Ownership: a struct json belongs to the document it was got from. Threads: one owner.
 */
#ifndef BASE_JSON_IN_H
#define BASE_JSON_IN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_DEPTH_MAX = 32, /* real payloads stay below 8 */
};

struct json; /* a value inside a document; json_kind and all below refuse NULL */

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* What is wrong with a document, for counting. */
enum json_fault {
    JSON_FAULT_NONE,
    JSON_FAULT_SIZE,
    JSON_FAULT_EMPTY,
    JSON_FAULT_ENCODING, /* a byte order mark, not UTF-8, a NUL */
    JSON_FAULT_SYNTAX,
    JSON_FAULT_DEPTH,
    JSON_FAULT_KEY,    /* a key twice in one object */
    JSON_FAULT_NUMBER, /* beyond what a double holds */
};

/* The whole document; free it with json_free. ERR_INPUT with line and column. */
struct json *json_parse(const char *bytes, size_t length, size_t max, struct err *err);
struct json *json_parse_fault(const char *bytes, size_t length, size_t max,
                              enum json_fault *fault, struct err *err);
void json_free(struct json *document); /* NULL is fine */

enum json_kind json_kind(const struct json *value);
bool json_truth(const struct json *value);       /* of JSON_BOOL */
double json_real(const struct json *value);      /* of JSON_NUMBER */
const char *json_text(const struct json *value); /* of JSON_STRING; borrowed */
size_t json_count(const struct json *value);     /* of JSON_ARRAY and JSON_OBJECT */
const struct json *json_item(const struct json *array,
                             size_t index); /* NULL beyond the end */
const struct json *json_member(const struct json *object, const char *key); /* or NULL */

/* The string member `key`, or `fallback` when absent or not a string. */
const char *json_member_text(const struct json *object, const char *key,
                             const char *fallback);

/* Follows "flow.value", "values[2].v", "switch:0.apower"; NULL when a step is missing. */
const struct json *json_path(const struct json *value, const char *path);
/* False when no document can match: "a..b", "[x]", "a[1", a name of 128 bytes or more. */
bool json_path_valid(const char *path);

/* Calls `each` for every member of an object. */
typedef void json_visit(void *context, const char *key, const struct json *value);
void json_each(const struct json *object, json_visit *each, void *context);

#endif
