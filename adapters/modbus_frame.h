/* modbus_frame.h - requests to bytes, answers checked to the last one.
 *
 * Two framings: TCP (MBAP: transaction, protocol 0, length, unit) and RTU (unit, CRC).
 * An answer is accepted when every field fits the request; libmodbus 3.1.6 compares
 * neither unit nor length over TCP, and RTU has no transaction at all, so nothing here is
 * left to it. Sources: Modbus Application Protocol V1.1b3; Modbus Messaging on TCP/IP
 * V1.0b; Modbus over serial line V1.02.
 *
 * Pure. Threads: any.
 */
#ifndef ADAPTERS_MODBUS_FRAME_H
#define ADAPTERS_MODBUS_FRAME_H

#include "config/settings.h"

enum {
    MODBUS_FRAME_MAX = 260, /* bytes of the longest frame: MBAP 7 + PDU 253 */
    MODBUS_CELLS_MAX = 2000,
    MODBUS_PROBLEM_MAX = 96,
};

enum modbus_exception {
    MODBUS_ILLEGAL_FUNCTION = 1,
    MODBUS_ILLEGAL_ADDRESS = 2,
    MODBUS_ILLEGAL_VALUE = 3,
    MODBUS_ACKNOWLEDGE = 5, /* takes long: ask again */
    MODBUS_BUSY = 6,
    MODBUS_GATEWAY_PATH = 10,
    MODBUS_GATEWAY_TARGET = 11, /* the device behind the gateway does not answer */
};

struct modbus_request {
    bool rtu;
    uint16_t transaction; /* TCP only */
    uint8_t unit;
    enum modbus_table table;
    uint16_t start;
    uint16_t count; /* registers or bits: 1..125, 1..2000 */

    /* Not in the frame: what the device needs; adapters/modbus_client.h. */
    int64_t gap_ms;     /* silence before the request; 0 = the link's */
    int64_t timeout_ms; /* 0 = the link's */
};

enum modbus_verdict {
    MODBUS_GOOD,
    MODBUS_EXCEPTION, /* a well-formed refusal */
    MODBUS_WRONG,     /* anything else */
};

struct modbus_answer {
    uint8_t exception;                /* of MODBUS_EXCEPTION */
    char problem[MODBUS_PROBLEM_MAX]; /* of MODBUS_WRONG: "answer of unit 77, asked 5" */
};

/* The whole frame with its CRC; returns its length (12 or 8). */
size_t modbus_frame_request(const struct modbus_request *request,
                            uint8_t out[MODBUS_FRAME_MAX]);
/* Bytes of the frame that answers without an exception. */
size_t modbus_frame_answer_size(const struct modbus_request *request);

/* `answer` is written only as far as the verdict needs it. */
enum modbus_verdict modbus_frame_check(const struct modbus_request *request,
                                       const uint8_t *frame, size_t length,
                                       struct modbus_answer *answer);

/* RTU: the checksum fits, so these bytes are one frame. */
bool modbus_frame_is_rtu(const uint8_t *bytes, size_t length);

/* The cells of a frame that was found MODBUS_GOOD: request->count of them. */
void modbus_frame_cells(const struct modbus_request *request, const uint8_t *frame,
                        uint16_t *cells);

/* CRC-16/MODBUS; it travels low byte first. */
uint16_t modbus_crc(const uint8_t *bytes, size_t length);

/* The function that reads the table. */
uint8_t modbus_function(enum modbus_table table);
/* "coil", "discrete", "input", "holding": as the configuration writes it. */
const char *modbus_table_name(enum modbus_table table);
/* "illegal data address", ...; "unknown exception" for codes that no norm knows. */
const char *modbus_exception_name(uint8_t code);

#endif
