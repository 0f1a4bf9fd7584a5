/* modbus_decode.h - from the registers or bits of a point to its value.
 *
 * Cells are what a read gives: one uint16_t per register, or 0 and 1 per coil and
 * discrete input. A point covers modbus_cells() of them.
 *
 *   raw     the cells in the point's word order, as wide as its type
 *   invalid raw equals one of the point's sentinels: NOT_AVAILABLE
 *   bits    bit_low..bit_high of raw, unsigned
 *   value   raw by type * scale + offset; NaN and infinities: NOT_AVAILABLE
 *   range   outside of range_low..range_high: RANGE
 *
 * The order holds for every width: BADC and DCBA swap the two bytes of a single register
 * as well, and of each register of a text. A double holds integers exactly up to 2^53;
 * 64-bit raw values beyond lose their lowest bits (at most 1 part in 2^53).
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

/* Registers or bits that the point covers; at least 1, 0 for a type that has none. */
uint32_t modbus_cells(const struct point_settings *point);

/* Of every type but TYPE_STRING. `cells` holds modbus_cells(point) of them. */
struct modbus_value modbus_decode(const struct point_settings *point,
                                  const uint16_t *cells);

/* Of TYPE_STRING: up to the first NUL, without blanks at either end, cut at whole
 * characters. Control characters become blanks. Bytes that are no UTF-8 become U+FFFD and
 * make the reading uncertain (DECODE). */
struct modbus_value modbus_decode_text(const struct point_settings *point,
                                       const uint16_t *cells, char text[LIVE_TEXT_MAX]);

#endif
