/* formula.h - integer arithmetic in which a profile writes a computed address.
 *
 *   sum     = product { ("+" | "-") product }
 *   product = factor { ("*" | "/") factor }
 *   factor  = ["-"] ( integer | "0x" hexadecimal | name | "(" sum ")" )
 *
 * A division that leaves a remainder is an error, and so is what does not fit 64 bits:
 * an address that was rounded is the address of something else.
 *
 * Pure. Threads: no state.
 */
#ifndef CONFIG_FORMULA_H
#define CONFIG_FORMULA_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FORMULA_MAX = 200, /* bytes; the longest real one has 40 */
};

struct formula_name {
    const char *name;
    double value; /* must be an integer when the formula uses it */
};

/* The part of the text an error is about. */
struct formula_place {
    size_t at;
    size_t length;
};

/* 0 and *value, or -1: `err` says what is wrong, ERR_NOT_FOUND for an unknown name and
 * ERR_CONFIG otherwise, and *place where. */
int formula_eval(const char *text, const struct formula_name *names, size_t count,
                 int64_t *value, struct formula_place *place, struct err *err);

#endif
