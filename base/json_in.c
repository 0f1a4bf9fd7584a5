/* json_in.c - see json_in.h.
 *
 * jansson does the grammar. What it would let pass or do too slowly is looked at first:
 * size, byte order mark and depth, in one walk over the bytes.
 *
 * Whole numbers are read as doubles (JSON_DECODE_INT_AS_REAL): a 64-bit counter above
 * 2^63 is then a rounded number and not a refused payload, and a device that writes 5
 * and 5.0 by turns says the same thing.
 */
#include "base/json_in.h"

/* The library has names of its own for the kinds of value; ours are the contract. */
#define JSON_OBJECT PEER_OBJECT
#define JSON_ARRAY  PEER_ARRAY
#define JSON_STRING PEER_STRING
#define JSON_NULL   PEER_NULL
#define json_real   peer_real
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_NULL
#undef json_real

#include <assert.h>
#include <string.h>

enum {
    STEP_MAX = 128, /* bytes of one name in a path; keys of devices stay below 40 */
    INDEX_MAX = 1000000,
};

/* A struct json is never defined: it is the library's value under our name. */
static json_t *peer(const struct json *value)
{
    assert(value != NULL);
    return (json_t *)(uintptr_t)value;
}

static const struct json *own(const json_t *value)
{
    return (const struct json *)value;
}

/* Brackets outside strings, at the deepest. Malformed text is the parser's business. */
static size_t deepest(const char *bytes, size_t length)
{
    size_t depth = 0;
    size_t most = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '[' || c == '{'))
            most = ++depth > most ? depth : most;
        else if (!in_string && (c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return most;
}

/* What the parser need not see. */
static enum json_fault check_outside(const char *bytes, size_t length, size_t max,
                                     struct err *err)
{
    if (length > max) {
        (void)err_set(err, ERR_INPUT, "%zu bytes of JSON where %zu are allowed", length,
                      max);
        return JSON_FAULT_SIZE;
    }
    if (length == 0) {
        (void)err_set(err, ERR_INPUT, "line 1 column 0: empty, JSON was expected");
        return JSON_FAULT_EMPTY;
    }
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        (void)err_set(err, ERR_INPUT,
                      "line 1 column 0: a byte order mark stands before the JSON");
        return JSON_FAULT_ENCODING;
    }
    if (deepest(bytes, length) > JSON_DEPTH_MAX) {
        (void)err_set(err, ERR_INPUT, "JSON nested more than %d deep", JSON_DEPTH_MAX);
        return JSON_FAULT_DEPTH;
    }
    return JSON_FAULT_NONE;
}

static enum json_fault fault_of(const json_error_t *why)
{
    static const struct {
        enum json_error_code code;
        enum json_fault fault;
    } faults[] = {
        {json_error_invalid_utf8, JSON_FAULT_ENCODING},
        {json_error_null_byte_in_key, JSON_FAULT_ENCODING},
        {json_error_null_character, JSON_FAULT_ENCODING},
        {json_error_stack_overflow, JSON_FAULT_DEPTH},
        {json_error_duplicate_key, JSON_FAULT_KEY},
        {json_error_numeric_overflow, JSON_FAULT_NUMBER},
    };

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].code == json_error_code(why))
            return faults[i].fault;
    return JSON_FAULT_SYNTAX;
}

/* The library quotes the place; a quoted control character would break a journal line. */
static void refuse(struct err *err, json_error_t *why)
{
    for (char *c = why->text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    (void)err_set(err, ERR_INPUT, "line %d column %d: %s", why->line, why->column,
                  why->text);
}

struct json *json_parse_fault(const char *bytes, size_t length, size_t max,
                              enum json_fault *fault, struct err *err)
{
    const size_t flags =
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
    json_error_t why;
    json_t *document;

    *fault = check_outside(bytes, length, max, err);
    if (*fault != JSON_FAULT_NONE)
        return NULL;
    document = json_loadb(bytes, length, flags, &why);
    if (document == NULL) {
        *fault = fault_of(&why);
        refuse(err, &why);
    }
    return (struct json *)document;
}

struct json *json_parse(const char *bytes, size_t length, size_t max, struct err *err)
{
    enum json_fault fault;

    return json_parse_fault(bytes, length, max, &fault, err);
}

void json_free(struct json *document)
{
    json_decref((json_t *)document);
}

enum json_kind json_kind(const struct json *value)
{
    static const enum json_kind kinds[] = {
        [PEER_OBJECT] = JSON_OBJECT, [PEER_ARRAY] = JSON_ARRAY,
        [PEER_STRING] = JSON_STRING, [JSON_INTEGER] = JSON_NUMBER,
        [JSON_REAL] = JSON_NUMBER,   [JSON_TRUE] = JSON_BOOL,
        [JSON_FALSE] = JSON_BOOL,    [PEER_NULL] = JSON_NULL,
    };

    return kinds[json_typeof(peer(value))];
}

bool json_truth(const struct json *value)
{
    return json_typeof(peer(value)) == JSON_TRUE;
}

double json_real(const struct json *value)
{
    return json_number_value(peer(value));
}

const char *json_text(const struct json *value)
{
    const char *text = json_string_value(peer(value));

    assert(text != NULL);
    return text;
}

size_t json_count(const struct json *value)
{
    if (json_kind(value) == JSON_ARRAY)
        return json_array_size(peer(value));
    return json_object_size(peer(value));
}

const struct json *json_item(const struct json *array, size_t index)
{
    return own(json_array_get(peer(array), index));
}

const struct json *json_member(const struct json *object, const char *key)
{
    return own(json_object_get(peer(object), key));
}

const char *json_member_text(const struct json *object, const char *key,
                             const char *fallback)
{
    const struct json *member = json_member(object, key);

    if (member == NULL || json_kind(member) != JSON_STRING)
        return fallback;
    return json_text(member);
}

/* "[12]" at *path: its number, and *path behind it. False when it is malformed. */
static bool take_index(const char **path, size_t *index)
{
    const char *c = *path + 1;

    *index = 0;
    if (*c < '0' || *c > '9')
        return false;
    for (; *c >= '0' && *c <= '9' && *index <= INDEX_MAX; c++)
        *index = *index * 10 + (size_t)(*c - '0');
    if (*c != ']')
        return false;
    *path = c + 1;
    return true;
}

/* The name at *path, up to the next '.' or '['. False when it is empty or too long. */
static bool take_name(const char **path, char name[STEP_MAX])
{
    size_t length = strcspn(*path, ".[");

    if (length == 0 || length >= STEP_MAX)
        return false;
    memcpy(name, *path, length);
    name[length] = '\0';
    *path += length;
    return true;
}

/* One step of a path, or NULL. `value` NULL only checks the form. */
static bool take_step(const char **path, bool first, const struct json **value)
{
    char name[STEP_MAX];
    size_t index;

    if (**path == '[') {
        if (!take_index(path, &index))
            return false;
        if (*value != NULL)
            *value = json_item(*value, index);
        return true;
    }
    if (!first && *(*path)++ != '.')
        return false;
    if (!take_name(path, name))
        return false;
    if (*value != NULL)
        *value = json_member(*value, name);
    return true;
}

const struct json *json_path(const struct json *value, const char *path)
{
    bool first = true;

    for (; *path != '\0' && value != NULL; first = false)
        if (!take_step(&path, first, &value))
            return NULL;
    return value;
}

bool json_path_valid(const char *path)
{
    const struct json *nothing = NULL;
    bool first = true;

    for (; *path != '\0'; first = false)
        if (!take_step(&path, first, &nothing))
            return false;
    return true;
}

void json_each(const struct json *object, json_visit *each, void *context)
{
    json_t *members = peer(object);

    for (void *at = json_object_iter(members); at != NULL;
         at = json_object_iter_next(members, at))
        each(context, json_object_iter_key(at), own(json_object_iter_value(at)));
}
