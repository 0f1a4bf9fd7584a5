/* mqtt_convert.c - see mqtt_convert.h. */
#include "adapters/mqtt_convert.h"

#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

void mqtt_reading_begin(struct mqtt_reading *reading, struct wall_time arrival)
{
    reading->quality = QUALITY_GOOD;
    reading->reason = REASON_NONE;
    reading->value = 0;
    reading->time = arrival;
    reading->stamped = false;
    reading->numbered = false;
    reading->problem = NULL;
    reading->text[0] = '\0';
}

void mqtt_reading_fail(struct mqtt_reading *reading, enum reason reason,
                       const char *problem)
{
    reading->quality = QUALITY_BAD;
    reading->reason = reason;
    reading->problem = problem;
    reading->fault = PAYLOAD_MEANING;
}

/* The number a scalar carries in one way or another. */
static bool as_number(const struct mqtt_scalar *scalar, double *number)
{
    if (scalar->kind == MQTT_SCALAR_WORD)
        return mqtt_word_number(scalar->word, number);
    *number = scalar->number;
    return scalar->kind == MQTT_SCALAR_NUMBER || scalar->kind == MQTT_SCALAR_BOOL;
}

/* Numbers and booleans as the word a person would have written. */
static struct mqtt_word as_word(const struct mqtt_scalar *scalar,
                                char buffer[NUMBER_SIZE])
{
    if (scalar->kind == MQTT_SCALAR_BOOL)
        return scalar->number != 0 ? (struct mqtt_word){"true", 4}
                                   : (struct mqtt_word){"false", 5};
    if (scalar->kind == MQTT_SCALAR_NUMBER)
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

static void not_understood(struct mqtt_reading *reading, const struct mqtt_scalar *scalar,
                           const char *problem)
{
    if (scalar->kind == MQTT_SCALAR_WORD && mqtt_word_absent(scalar->word)) {
        mqtt_reading_fail(reading, REASON_NOT_AVAILABLE, NULL);
        return;
    }
    mqtt_reading_fail(reading, REASON_DECODE, problem);
    if (scalar->kind == MQTT_SCALAR_WORD)
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

static void read_number(const struct mqtt_scalar *scalar,
                        const struct point_settings *point, struct mqtt_reading *reading)
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
        mqtt_reading_fail(reading, REASON_NOT_AVAILABLE, NULL);
    else if (!isfinite(value) || value < point->range_low || value > point->range_high)
        mqtt_reading_fail(reading, REASON_RANGE, NULL);
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

static void read_bool(const struct mqtt_scalar *scalar,
                      const struct point_settings *point, struct mqtt_reading *reading)
{
    char buffer[NUMBER_SIZE];
    struct mqtt_scalar number = {.kind = MQTT_SCALAR_NUMBER};
    int truth = truth_of(as_word(scalar, buffer), point);

    if (truth < 0 && scalar->kind == MQTT_SCALAR_WORD &&
        as_number(scalar, &number.number))
        truth = truth_of(as_word(&number, buffer), point); /* "1.0" is 1 */
    if (truth < 0 && scalar->kind == MQTT_SCALAR_BOOL)
        truth = scalar->number != 0 ? 1 : 0;
    if (truth < 0)
        not_understood(reading, scalar, "none of the words for on and off");
    else
        reading->value = truth;
}

static void read_enum(const struct mqtt_scalar *scalar,
                      const struct point_settings *point, struct mqtt_reading *reading)
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
        mqtt_reading_fail(reading, REASON_NOT_AVAILABLE, NULL);
    else
        reading->value = code;
}

/* The bits of a whole number that a double holds exactly. */
static void read_flags(const struct mqtt_scalar *scalar,
                       const struct point_settings *point, struct mqtt_reading *reading)
{
    double bits;

    if (!as_number(scalar, &bits) || bits != nearbyint(bits) || bits < 0 ||
        bits > 9007199254740992.0)
        not_understood(reading, scalar, "not the bits of a whole number");
    else if (is_sentinel(point, bits))
        mqtt_reading_fail(reading, REASON_NOT_AVAILABLE, NULL);
    else
        reading->value = bits;
}

/* Whole characters only; control characters become blanks. */
static void read_text(const struct mqtt_scalar *scalar,
                      const struct point_settings *point, struct mqtt_reading *reading)
{
    char buffer[NUMBER_SIZE];
    struct mqtt_word word = as_word(scalar, buffer);
    size_t length = word.length;

    (void)point;
    if (!utf8_valid(word.text, word.length)) {
        mqtt_reading_fail(reading, REASON_DECODE, "not valid UTF-8");
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

void mqtt_convert(const struct mqtt_scalar *scalar, const struct point_settings *point,
                  enum point_kind kind, struct mqtt_reading *reading)
{
    static void (*const readers[])(const struct mqtt_scalar *,
                                   const struct point_settings *,
                                   struct mqtt_reading *) = {
        [POINT_NUMBER] = read_number, [POINT_BOOL] = read_bool,
        [POINT_ENUM] = read_enum,     [POINT_TEXT] = read_text,
        [POINT_FLAGS] = read_flags,
    };

    if (scalar->kind == MQTT_SCALAR_NULL)
        mqtt_reading_fail(reading, REASON_NOT_AVAILABLE, NULL);
    else if (scalar->kind == MQTT_SCALAR_NONE)
        mqtt_reading_fail(reading, REASON_DECODE,
                          "an object or a list, not a single value");
    else
        readers[kind](scalar, point, reading);
}
