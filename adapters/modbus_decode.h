/* modbus_decode.h - from the registers or bits of a point to its value.
 *
 * Cells are what a read gives: one uint16_t per register, or 0 and 1 per coil and
 * discrete input. A point covers modbus_cells() of them from modbus_first_cell() on: the
 * range from its lowest to its furthest register, its second part (`plus`) included. All
 * of them come from one request, or a carry between two of them would be torn.
 *
 *   raw       the point's own cells in its word order, as wide as its type; `words` stand
 *             in the order in which they are named
 *   invalid   raw equals one of the point's sentinels: NOT_AVAILABLE
 *   number    raw by type, or bit_low..bit_high of it, unsigned; of named bits (flags)
 *             raw itself. Then the whole `quotient`s in it, then what is left of
 *             `remainder`, both towards zero. Then `plus` by its own type and order is
 *             added
 *   value     number * scale * multiplier + offset
 *   range     outside of range_low..range_high: RANGE
 *
 * NaN, infinities, a BCD digit above 9 and a register above 9999 of "modulo 10000" are
 * NOT_AVAILABLE and not DECODE: with such patterns devices say that they have no value,
 * each with its own (0xFFFF, 0xAAAA); in either part of a value. That the type is wrong
 * altogether is for the probe to find.
 *
 * The order holds for every width: BADC and DCBA swap the two bytes of a single register
 * as well, and of each register of a text; three registers continue the pattern (CDAB is
 * EFCDAB). A double holds integers exactly up to 2^53; 64-bit raw values beyond lose
 * their lowest bits (at most 1 part in 2^53), flags above bit 52 with them.
 *
 * Pure: no state, no clock, no I/O. Threads: any.
 */
#ifndef ADAPTERS_MODBUS_DECODE_H
#define ADAPTERS_MODBUS_DECODE_H

#include "config/settings.h"
#include "telemetry/live.h"
#include "telemetry/sample.h"

struct modbus_value {
    double value; /* 0 when bad */
    enum quality quality;
    enum reason reason;
};

/* Registers or bits that the point covers, and the address of the first; at least 1, 0
 * for what cannot be read: a type that has no width, as many `words` as its type has not.
 */
uint32_t modbus_cells(const struct point_settings *point);
uint16_t modbus_first_cell(const struct point_settings *point);

/* Of every type but TYPE_STRING, and for what depends on no other point (its multiplier
 * is 1). `cells` holds modbus_cells(point) of them, from modbus_first_cell(point) on. */
struct modbus_value modbus_decode(const struct point_settings *point,
                                  const uint16_t *cells);

/* The two halves of it. The number before scaling, NaN or infinite when the device has
 * none; what it amounts to, multiplied by what stands in other points (modbus_derive.h).
 */
double modbus_number(const struct point_settings *point, const uint16_t *cells);
struct modbus_value modbus_scaled(const struct point_settings *point, double number,
                                  double multiplier);

/* How far apart two numbers of the point near `number` are at least: 1 for integers. */
double modbus_number_step(const struct point_settings *point, double number);

/* Of TYPE_STRING: up to the first NUL, without blanks at either end, cut at whole
 * characters. Control characters become blanks. Bytes that are no UTF-8 become U+FFFD and
 * make the reading uncertain (DECODE). */
struct modbus_value modbus_decode_text(const struct point_settings *point,
                                       const uint16_t *cells, char text[LIVE_TEXT_MAX]);

#endif
