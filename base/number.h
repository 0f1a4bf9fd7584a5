/* number.h - numbers to text, fast and exact.
 *
 * number_format gives a decimal that strtod reads back as the same double, in the fewest
 * digits of 15, 16 or 17. number_format_digits is for values that carry less than a
 * double holds, a 32-bit float above all: 12.4f is written 12.4, not
 * 12.399999618530273. Magnitudes of measurements (1e-5 to 9e15) take a path in integers,
 * without printf; the others are written with an exponent.
 *
 * Threads: no state.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum {
    NUMBER_SIZE = 32,         /* longest: "-2.2250738585072014e-308" and its terminator */
    NUMBER_DIGITS_FLOAT = 9,  /* tell any two floats apart */
    NUMBER_DIGITS_DOUBLE = 17 /* tell any two doubles apart */
};

/* Writes the number and a terminator, returns the length without it. The value must be
 * finite. No locale. */
size_t number_format(char out[NUMBER_SIZE], double value);
size_t number_format_int(char out[NUMBER_SIZE], int64_t value);

/* At most `significant` digits (1 to 17; from 17 on like number_format), rounded half to
 * even, no zeros at the end. With 9 or more, a value that a float holds exactly is
 * written in the fewest digits that strtof reads back as the same float. */
size_t number_format_digits(char out[NUMBER_SIZE], double value, int significant);

#endif
