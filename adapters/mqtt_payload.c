/* mqtt_payload.c - see mqtt_payload.h. */
#include "adapters/mqtt_payload.h"

#include "adapters/mqtt_words.h"
#include "base/json_in.h"

#include <string.h>

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

static struct mqtt_scalar from_json(const struct json *value)
{
    const char *text;

    switch (json_kind(value)) {
    case JSON_NULL:
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_NULL};
    case JSON_BOOL:
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_BOOL,
                                    .number = json_truth(value) ? 1 : 0};
    case JSON_NUMBER:
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_NUMBER,
                                    .number = json_real(value)};
    case JSON_STRING:
        text = json_text(value);
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_WORD,
                                    .word = mqtt_word_trim(text, strlen(text))};
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return (struct mqtt_scalar){.kind = MQTT_SCALAR_NONE};
}

enum found {
    FOUND,
    FOUND_NOTHING, /* no news about the point */
    FOUND_BAD,     /* the reading has failed */
};

static enum found find_by_path(struct mqtt_payload *payload, const struct mqtt_path *path,
                               struct mqtt_reading *reading, struct mqtt_scalar *scalar)
{
    const struct json *root = document(payload);
    const struct json *value;

    if (root == NULL) {
        mqtt_reading_fail(reading, REASON_DECODE, payload->why.text);
        reading->fault = payload->fault;
        return FOUND_BAD;
    }
    if (json_kind(root) != JSON_OBJECT && json_kind(root) != JSON_ARRAY) {
        mqtt_reading_fail(reading, REASON_DECODE,
                          "a single value, not an object with members");
        return FOUND_BAD;
    }
    value = mqtt_path_find(path, root);
    if (value == NULL)
        return FOUND_NOTHING;
    *scalar = from_json(value);
    return FOUND;
}

/* A string in quotes is JSON; everything else means the same with JSON and without. */
static struct mqtt_scalar find_whole(struct mqtt_payload *payload)
{
    struct mqtt_word word = mqtt_word_trim(payload->bytes, payload->length);

    if (word.length > 1 && word.text[0] == '"' && document(payload) != NULL)
        return from_json(document(payload));
    return (struct mqtt_scalar){.kind = MQTT_SCALAR_WORD, .word = word};
}

static enum found find_value(struct mqtt_payload *payload, const struct mqtt_path *path,
                             struct mqtt_reading *reading, struct mqtt_scalar *scalar)
{
    if (path != NULL)
        return find_by_path(payload, path, reading, scalar);
    *scalar = find_whole(payload);
    return FOUND;
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
    struct mqtt_scalar scalar = {.kind = MQTT_SCALAR_NULL};
    bool read;

    if (value != NULL)
        scalar = from_json(value);
    if (scalar.kind == MQTT_SCALAR_NULL)
        return TIME_ABSENT;
    read = scalar.kind == MQTT_SCALAR_WORD
               ? mqtt_stamp_from_word(scalar.word, time)
               : scalar.kind == MQTT_SCALAR_NUMBER &&
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
    struct mqtt_scalar scalar = {.kind = MQTT_SCALAR_NULL};
    enum found found;

    mqtt_reading_begin(reading, arrival);
    found = find_value(payload, source->path, reading, &scalar);
    if (found == FOUND_NOTHING)
        return false;
    if (found == FOUND)
        mqtt_convert(&scalar, source->settings, source->kind, reading);
    read_time(payload, source->time, arrival, reading);
    reading->numbered = has_number(payload, source->sequence);
    return true;
}
