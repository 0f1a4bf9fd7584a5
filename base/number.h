/* number.h - numbers to text, fast and exact.
 *
 * number_format gives a decimal that strtod reads back as the same double; common
 * measurements (few decimals, moderate size) take a path without printf.
 *
 * Threads: no state.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum {
    NUMBER_SIZE = 32, /* longest: "-2.2250738585072014e-308" and its terminator */
};

/* Writes the number and a terminator, returns the length without it. The value must be
 * finite. No locale. */
size_t number_format(char out[NUMBER_SIZE], double value);
size_t number_format_int(char out[NUMBER_SIZE], int64_t value);

#endif
