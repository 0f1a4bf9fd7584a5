/* registers.h - what registers can mean: every type in every order.
 *
 * The types and orders are those of a profile (docs/PROFILES.md): ABCD as it arrives,
 * CDAB the low register first, BADC the bytes of each register swapped, DCBA both.
 *
 * Pure. Threads: any.
 */
#ifndef CTL_REGISTERS_H
#define CTL_REGISTERS_H

#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum register_type {
    REGISTER_U16,
    REGISTER_S16,
    REGISTER_U32,
    REGISTER_S32,
    REGISTER_U48,
    REGISTER_U64,
    REGISTER_S64,
    REGISTER_F32,
    REGISTER_F64,
    REGISTER_BCD16,
    REGISTER_BCD32,
    REGISTER_BCD64,
    REGISTER_M10K32,
    REGISTER_M10K64,
    REGISTER_STRING,
    REGISTER_TYPES
};

enum {
    REGISTER_ORDERS = 4,
};

extern const char *const register_orders[REGISTER_ORDERS]; /* "ABCD", ... */

/* -1 when there is no such type. */
int register_type_find(const char *name);
const char *register_type_name(enum register_type type);
size_t register_type_size(enum register_type type); /* registers; 0: any number */

/* Appends the value of `count` registers, at least register_type_size of them; "-" when
 * they hold none. Returns how odd it looks, REGISTER_ODD when it does not look like
 * something that was measured or counted:
 *   integers of more than one register: below 10^8, 64 bits below 10^12, and not 0; the
 *   smaller the likelier
 *   floats: from 10^-4 to 10^8; the nearer to 10 and the fewer digits, the likelier
 *   text: printable
 * A single register says too little: always odd. */
#define REGISTER_ODD HUGE_VAL
double register_show(enum register_type type, size_t order, const uint16_t *cells,
                     size_t count, struct text *out);

/* What a person writes as an address. */
struct register_address {
    uint16_t address; /* that travels in the request */
    bool reference;   /* it was written as 40071 or 4x00071 */
};

enum register_table {
    REGISTERS_COIL = 1, /* the function codes that read them */
    REGISTERS_DISCRETE,
    REGISTERS_HOLDING,
    REGISTERS_INPUT,
};

/* "holding", "hr", "3", ...; 0 when it is none. */
int register_table_find(const char *name);
const char *register_table_name(enum register_table table);

/* Decimal, 0x hexadecimal, 40071 or 4x00071 for the table that the digit stands for
 * (0 coils, 1 discrete inputs, 3 input, 4 holding registers). False when it is none. */
bool register_address_read(const char *text, enum register_table table,
                           struct register_address *address);

#endif
