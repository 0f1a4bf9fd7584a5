/* modbus.h - the server's side of the Modbus protocol: frames and answers. Pure.
 *
 * Functions 1 to 4; everything else is exception 1, unknown addresses exception 2, a
 * count out of bounds exception 3.
 *
 * Source: MODBUS Application Protocol 1.1b3, MODBUS over Serial Line 1.02.
 * Threads: no state.
 */
#ifndef PLANTSIM_MODBUS_H
#define PLANTSIM_MODBUS_H

#include "plantsim/regmap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODBUS_PDU_MAX = 253,
    MODBUS_FRAME_MAX = 260, /* MBAP header and PDU; an RTU frame is shorter */
    MODBUS_TCP_HEADER = 7,
    MODBUS_RTU_EXTRA = 3, /* unit id and CRC */
};

enum modbus_exception {
    MODBUS_ILLEGAL_FUNCTION = 1,
    MODBUS_ILLEGAL_ADDRESS = 2,
    MODBUS_ILLEGAL_VALUE = 3,
    MODBUS_DEVICE_FAILURE = 4,
    MODBUS_NO_RESPONSE = 11, /* gateway: the target did not answer */
};

uint16_t modbus_wire_crc(const uint8_t *bytes, size_t length);

/* Length of the first frame in `bytes`; 0 when it is not complete yet, -1 when this
 * cannot be Modbus TCP. */
int modbus_tcp_frame(const uint8_t *bytes, size_t length);

/* The same for RTU requests in a byte stream: the length follows from the function. -1
 * when the CRC is wrong. */
int modbus_rtu_frame(const uint8_t *bytes, size_t length);

/* Frames round a PDU; return the frame's length. */
size_t modbus_tcp_wrap(uint8_t out[MODBUS_FRAME_MAX], uint16_t transaction, uint8_t unit,
                       const uint8_t *pdu, size_t length);
size_t modbus_rtu_wrap(uint8_t out[MODBUS_FRAME_MAX], uint8_t unit, const uint8_t *pdu,
                       size_t length);

/* The answer to a request PDU (length at least 1) from a device's registers; returns the
 * length of the answer. */
size_t modbus_answer(uint8_t out[MODBUS_PDU_MAX], const uint8_t *pdu, size_t length,
                     const struct image *image);

size_t modbus_exception_answer(uint8_t out[MODBUS_PDU_MAX], uint8_t function,
                               enum modbus_exception code);

#endif
