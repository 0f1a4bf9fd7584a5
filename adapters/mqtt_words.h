/* mqtt_words.h - what single words in payloads mean: numbers, on and off, "no value",
 * time stamps.
 *
 * A word is bytes without white space round it, not terminated. Letters match in either
 * case (ASCII). Pure. Threads: no state.
 */
#ifndef ADAPTERS_MQTT_WORDS_H
#define ADAPTERS_MQTT_WORDS_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct mqtt_word {
    const char *text;
    size_t length;
};

/* The bytes without blanks, tabs and line ends at both sides. */
struct mqtt_word mqtt_word_trim(const char *text, size_t length);

bool mqtt_word_is(struct mqtt_word word, const char *text);

/* A whole decimal number: optional sign, digits, point, exponent. No hexadecimal, no
 * decimal comma, no unit behind it, nothing that a double cannot hold. */
bool mqtt_word_number(struct mqtt_word word, double *number);

/* The form of a number, but beyond what a double holds ("1e400"). */
bool mqtt_word_too_large(struct mqtt_word word);

/* By the usual words (see usual[] in the source): 1 on, 0 off, -1 neither. */
int mqtt_word_truth(struct mqtt_word word);

/* "null", "NaN", "n/a", "unavailable", "unknown", "--": the device has no value. */
bool mqtt_word_absent(struct mqtt_word word);

/* The time in a stamp: seconds, milli-, micro- or nanoseconds since 1970, told apart by
 * their size, or RFC 3339. False when it is neither. A local time without a zone is
 * neither: nobody knows which clock it shows. */
bool mqtt_stamp_from_number(double number, struct wall_time *time);
bool mqtt_stamp_from_word(struct mqtt_word word, struct wall_time *time);

/* False before 2020 (a clock that lost its battery) and more than 24 h after `arrival`.
 */
bool mqtt_stamp_believable(struct wall_time time, struct wall_time arrival);

#endif
