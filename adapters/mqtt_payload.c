/* mqtt_payload.c - see mqtt_payload.h. */
#include "adapters/mqtt_payload.h"

#include "adapters/mqtt_words.h"
#include "base/json_in.h"
#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

enum scalar_kind {
    SCALAR_NULL,
    SCALAR_BOOL,
    SCALAR_NUMBER,
    SCALAR_WORD,
    SCALAR_NONE, /* an object or an array, or no payload at all */
};

/* One value on its way from the payload to a reading. */
struct scalar {
    enum scalar_kind kind;
    double number; /* of BOOL and NUMBER */
    struct mqtt_word word;
};

void mqtt_payload_begin(struct mqtt_payload *payload, const char *bytes, size_t length)
{
    payload->bytes = bytes;
    payload->length = length;
    payload->parsed = false;
    payload->json = NULL;
    payload->time_path = NULL;
}

void mqtt_payload_end(struct mqtt_payload *payload)
{
    json_free(payload->json);
    payload->json = NULL;
}

static enum payload_fault fault_of(enum json_fault fault)
{
    static const enum payload_fault faults[] = {
        [JSON_FAULT_NONE] = PAYLOAD_SYNTAX,   [JSON_FAULT_SIZE] = PAYLOAD_SYNTAX,
        [JSON_FAULT_EMPTY] = PAYLOAD_EMPTY,   [JSON_FAULT_ENCODING] = PAYLOAD_ENCODING,
        [JSON_FAULT_SYNTAX] = PAYLOAD_SYNTAX, [JSON_FAULT_DEPTH] = PAYLOAD_DEPTH,
        [JSON_FAULT_KEY] = PAYLOAD_KEY,       [JSON_FAULT_NUMBER] = PAYLOAD_NUMBER,
    };

    return faults[fault];
}

static const struct json *document(struct mqtt_payload *payload)
{
    enum json_fault fault;

    if (!payload->parsed) {
        payload->parsed = true;
        payload->json = json_parse_fault(payload->bytes, payload->length, payload->length,
                                         &fault, &payload->why);
        payload->fault = fault_of(fault);
    }
    return payload->json;
}

static struct scalar from_json(const struct json *value)
{
    const char *text;

    switch (json_kind(value)) {
    case JSON_NULL:
        return (struct scalar){.kind = SCALAR_NULL};
    case JSON_BOOL:
        return (struct scalar){.kind = SCALAR_BOOL, .number = json_truth(value) ? 1 : 0};
    case JSON_NUMBER:
        return (struct scalar){.kind = SCALAR_NUMBER, .number = json_real(value)};
    case JSON_STRING:
        text = json_text(value);
        return (struct scalar){.kind = SCALAR_WORD,
                               .word = mqtt_word_trim(text, strlen(text))};
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return (struct scalar){.kind = SCALAR_NONE};
}

static void fail(struct mqtt_reading *reading, enum reason reason, const char *problem)
{
    reading->quality = QUALITY_BAD;
    reading->reason = reason;
    reading->problem = problem;
    reading->fault = PAYLOAD_MEANING;
}

enum found {
    FOUND,
    FOUND_NOTHING, /* no news about the point */
    FOUND_BAD,     /* the reading has failed */
};

static enum found find_by_path(struct mqtt_payload *payload, const struct mqtt_path *path,
                               struct mqtt_reading *reading, struct scalar *scalar)
{
    const struct json *root = document(payload);
    const struct json *value;

    if (root == NULL) {
        fail(reading, REASON_DECODE, payload->why.text);
        reading->fault = payload->fault;
        return FOUND_BAD;
    }
    if (json_kind(root) != JSON_OBJECT && json_kind(root) != JSON_ARRAY) {
        fail(reading, REASON_DECODE, "a single value, not an object with members");
        return FOUND_BAD;
    }
    value = mqtt_path_find(path, root);
    if (value == NULL)
        return FOUND_NOTHING;
    *scalar = from_json(value);
    return FOUND;
}

/* A string in quotes is JSON; everything else means the same with JSON and without. */
static struct scalar find_whole(struct mqtt_payload *payload)
{
    struct mqtt_word word = mqtt_word_trim(payload->bytes, payload->length);

    if (word.length > 1 && word.text[0] == '"' && document(payload) != NULL)
        return from_json(document(payload));
    return (struct scalar){.kind = SCALAR_WORD, .word = word};
}

static enum found find_value(struct mqtt_payload *payload, const struct mqtt_path *path,
                             struct mqtt_reading *reading, struct scalar *scalar)
{
    if (path != NULL)
        return find_by_path(payload, path, reading, scalar);
    *scalar = find_whole(payload);
    return FOUND;
}

/* The number a scalar carries in one way or another. */
static bool as_number(const struct scalar *scalar, double *number)
{
    if (scalar->kind == SCALAR_WORD)
        return mqtt_word_number(scalar->word, number);
    *number = scalar->number;
    return scalar->kind == SCALAR_NUMBER || scalar->kind == SCALAR_BOOL;
}

/* Numbers and booleans as the word a person would have written. */
static struct mqtt_word as_word(const struct scalar *scalar, char buffer[NUMBER_SIZE])
{
    if (scalar->kind == SCALAR_BOOL)
        return scalar->number != 0 ? (struct mqtt_word){"true", 4}
                                   : (struct mqtt_word){"false", 5};
    if (scalar->kind == SCALAR_NUMBER)
        return (struct mqtt_word){buffer, number_format(buffer, scalar->number)};
    return scalar->word;
}

/* Why a word that is not JSON was not understood. */
static enum payload_fault fault_of_word(struct mqtt_word word)
{
    if (word.length == 0)
        return PAYLOAD_EMPTY;
    if (!utf8_valid(word.text, word.length))
        return PAYLOAD_ENCODING;
    return mqtt_word_too_large(word) ? PAYLOAD_NUMBER : PAYLOAD_MEANING;
}

static void not_understood(struct mqtt_reading *reading, const struct scalar *scalar,
                           const char *problem)
{
    if (scalar->kind == SCALAR_WORD && mqtt_word_absent(scalar->word)) {
        fail(reading, REASON_NOT_AVAILABLE, NULL);
        return;
    }
    fail(reading, REASON_DECODE, problem);
    if (scalar->kind == SCALAR_WORD)
        reading->fault = fault_of_word(scalar->word);
}

/* The patterns are 64 bits wide; a negative sentinel is written in two's complement. */
static bool is_sentinel(const struct point_settings *point, double raw)
{
    for (size_t i = 0; i < point->invalid_count; i++)
        if (raw == (double)point->invalid[i] || raw == (double)(int64_t)point->invalid[i])
            return true;
    return false;
}

static void read_number(const struct scalar *scalar, const struct point_settings *point,
                        struct mqtt_reading *reading)
{
    double raw;
    double value;

    if (!as_number(scalar, &raw)) {
        not_understood(reading, scalar, "not a number");
        return;
    }
    value = raw * point->scale + point->offset;
    reading->value = value;
    if (is_sentinel(point, raw))
        fail(reading, REASON_NOT_AVAILABLE, NULL);
    else if (!isfinite(value) || value < point->range_low || value > point->range_high)
        fail(reading, REASON_RANGE, NULL);
}

static bool among(struct mqtt_word word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mqtt_word_is(word, words[i]))
            return true;
    return false;
}

/* A list of the profile replaces the usual words of its side. */
static int truth_of(struct mqtt_word word, const struct point_settings *point)
{
    int usual;

    if (among(word, point->on, point->on_count))
        return 1;
    if (among(word, point->off, point->off_count))
        return 0;
    usual = mqtt_word_truth(word);
    if ((usual == 1 && point->on_count > 0) || (usual == 0 && point->off_count > 0))
        return -1;
    return usual;
}

static void read_bool(const struct scalar *scalar, const struct point_settings *point,
                      struct mqtt_reading *reading)
{
    char buffer[NUMBER_SIZE];
    struct scalar number = {.kind = SCALAR_NUMBER};
    int truth = truth_of(as_word(scalar, buffer), point);

    if (truth < 0 && scalar->kind == SCALAR_WORD && as_number(scalar, &number.number))
        truth = truth_of(as_word(&number, buffer), point); /* "1.0" is 1 */
    if (truth < 0 && scalar->kind == SCALAR_BOOL)
        truth = scalar->number != 0 ? 1 : 0;
    if (truth < 0)
        not_understood(reading, scalar, "none of the words for on and off");
    else
        reading->value = truth;
}

static void read_enum(const struct scalar *scalar, const struct point_settings *point,
                      struct mqtt_reading *reading)
{
    char buffer[NUMBER_SIZE];
    struct mqtt_word word = as_word(scalar, buffer);
    double code;

    for (size_t i = 0; i < point->label_count; i++) {
        if (mqtt_word_is(word, point->labels[i].name)) {
            reading->value = (double)point->labels[i].code;
            return;
        }
    }
    /* A code without a label is shown as its number: a new firmware is no fault. */
    if (!as_number(scalar, &code) || code != nearbyint(code) || fabs(code) > 1e15)
        not_understood(reading, scalar, "neither a label nor a code");
    else if (is_sentinel(point, code))
        fail(reading, REASON_NOT_AVAILABLE, NULL);
    else
        reading->value = code;
}

/* The bits of a whole number that a double holds exactly. */
static void read_flags(const struct scalar *scalar, const struct point_settings *point,
                       struct mqtt_reading *reading)
{
    double bits;

    if (!as_number(scalar, &bits) || bits != nearbyint(bits) || bits < 0 ||
        bits > 9007199254740992.0)
        not_understood(reading, scalar, "not the bits of a whole number");
    else if (is_sentinel(point, bits))
        fail(reading, REASON_NOT_AVAILABLE, NULL);
    else
        reading->value = bits;
}

/* Whole characters only; control characters become blanks. */
static void read_text(const struct scalar *scalar, const struct point_settings *point,
                      struct mqtt_reading *reading)
{
    char buffer[NUMBER_SIZE];
    struct mqtt_word word = as_word(scalar, buffer);
    size_t length = word.length;

    (void)point;
    if (!utf8_valid(word.text, word.length)) {
        fail(reading, REASON_DECODE, "not valid UTF-8");
        reading->fault = PAYLOAD_ENCODING;
        return;
    }
    if (length >= sizeof reading->text) {
        length = sizeof reading->text - 1;
        while (length > 0 && ((unsigned char)word.text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(reading->text, word.text, length);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)reading->text[i] < 0x20)
            reading->text[i] = ' ';
    reading->text[length] = '\0';
}

static void convert(const struct scalar *scalar, const struct point_settings *point,
                    enum point_kind kind, struct mqtt_reading *reading)
{
    static void (*const readers[])(const struct scalar *, const struct point_settings *,
                                   struct mqtt_reading *) = {
        [POINT_NUMBER] = read_number, [POINT_BOOL] = read_bool,
        [POINT_ENUM] = read_enum,     [POINT_TEXT] = read_text,
        [POINT_FLAGS] = read_flags,
    };

    if (scalar->kind == SCALAR_NULL)
        fail(reading, REASON_NOT_AVAILABLE, NULL);
    else if (scalar->kind == SCALAR_NONE)
        fail(reading, REASON_DECODE, "an object or a list, not a single value");
    else
        readers[kind](scalar, point, reading);
}

enum time_state {
    TIME_ABSENT,
    TIME_GOOD,
    TIME_BAD,
};

/* A stamp at `path`, and whether it can be believed. */
static enum time_state find_time(struct mqtt_payload *payload,
                                 const struct mqtt_path *path, struct wall_time arrival,
                                 struct wall_time *time)
{
    const struct json *root = document(payload);
    const struct json *value = root == NULL ? NULL : mqtt_path_find(path, root);
    struct scalar scalar = {.kind = SCALAR_NULL};
    bool read;

    if (value != NULL)
        scalar = from_json(value);
    if (scalar.kind == SCALAR_NULL)
        return TIME_ABSENT;
    read = scalar.kind == SCALAR_WORD ? mqtt_stamp_from_word(scalar.word, time)
                                      : scalar.kind == SCALAR_NUMBER &&
                                            mqtt_stamp_from_number(scalar.number, time);
    return read && mqtt_stamp_believable(*time, arrival) ? TIME_GOOD : TIME_BAD;
}

/* A stamp that is not there leaves the time of arrival; one that is there and cannot be
 * believed leaves a doubt as well. */
static void read_time(struct mqtt_payload *payload, const struct mqtt_path *path,
                      struct wall_time arrival, struct mqtt_reading *reading)
{
    if (path == NULL)
        return;
    if (payload->time_path != path) {
        payload->time_path = path;
        payload->time_state = find_time(payload, path, arrival, &payload->time);
    }
    if (payload->time_state == TIME_GOOD) {
        reading->time = payload->time;
        reading->stamped = true;
    } else if (payload->time_state == TIME_BAD && reading->quality == QUALITY_GOOD) {
        reading->quality = QUALITY_UNCERTAIN;
        reading->reason = REASON_CLOCK;
    }
}

static bool has_number(struct mqtt_payload *payload, const struct mqtt_path *path)
{
    const struct json *root = path == NULL ? NULL : document(payload);
    const struct json *value = root == NULL ? NULL : mqtt_path_find(path, root);

    return value != NULL && json_kind(value) != JSON_NULL;
}

bool mqtt_payload_read(struct mqtt_payload *payload, const struct mqtt_source *source,
                       struct wall_time arrival, struct mqtt_reading *reading)
{
    struct scalar scalar = {.kind = SCALAR_NULL};
    enum found found;

    reading->quality = QUALITY_GOOD;
    reading->reason = REASON_NONE;
    reading->value = 0;
    reading->time = arrival;
    reading->stamped = false;
    reading->numbered = false;
    reading->problem = NULL;
    reading->text[0] = '\0';
    found = find_value(payload, source->path, reading, &scalar);
    if (found == FOUND_NOTHING)
        return false;
    if (found == FOUND)
        convert(&scalar, source->settings, source->kind, reading);
    read_time(payload, source->time, arrival, reading);
    reading->numbered = has_number(payload, source->sequence);
    return true;
}
