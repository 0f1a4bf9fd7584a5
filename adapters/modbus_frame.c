/* modbus_frame.c - see modbus_frame.h. */
#include "adapters/modbus_frame.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MBAP_SIZE = 7, /* with the unit */
    CRC_SIZE = 2,
    EXCEPTION_PDU = 2, /* function | 0x80, code */
    EXCEPTION_FLAG = 0x80,
};

static const struct {
    const char *name;
    uint8_t function;
    bool bits;
} tables[] = {
    [TABLE_NONE] = {"none", 0, false},        [TABLE_COIL] = {"coil", 1, true},
    [TABLE_DISCRETE] = {"discrete", 2, true}, [TABLE_INPUT] = {"input", 4, false},
    [TABLE_HOLDING] = {"holding", 3, false},
};

const char *modbus_table_name(enum modbus_table table)
{
    return tables[table].name;
}

uint8_t modbus_function(enum modbus_table table)
{
    return tables[table].function;
}

const char *modbus_exception_name(uint8_t code)
{
    static const char *const names[] = {
        [1] = "illegal function",
        [2] = "illegal data address",
        [3] = "illegal data value",
        [4] = "device failure",
        [5] = "acknowledged, takes long",
        [6] = "device busy",
        [7] = "negative acknowledge",
        [8] = "memory parity error",
        [10] = "gateway path unavailable",
        [11] = "device behind the gateway does not answer",
    };
    const char *name = code < sizeof names / sizeof names[0] ? names[code] : NULL;

    return name != NULL ? name : "unknown exception";
}

/* Four bits a step: a table of 16 is as good as free and fits a glance. Polynomial
 * 0xA001, start 0xFFFF (Modbus over serial line V1.02, 6.2.2). */
uint16_t modbus_crc(const uint8_t *bytes, size_t length)
{
    static const uint16_t steps[16] = {
        0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
        0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
    };
    uint16_t crc = 0xFFFF;

    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        crc = (uint16_t)(crc >> 4 ^ steps[crc & 15]);
        crc = (uint16_t)(crc >> 4 ^ steps[crc & 15]);
    }
    return crc;
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static size_t data_bytes(const struct modbus_request *request)
{
    return tables[request->table].bits ? (request->count + 7u) / 8u : 2u * request->count;
}

size_t modbus_frame_request(const struct modbus_request *request,
                            uint8_t out[MODBUS_FRAME_MAX])
{
    size_t head = request->rtu ? 1 : MBAP_SIZE;

    assert(request->table != TABLE_NONE && request->count > 0);
    assert(request->count <= (tables[request->table].bits ? 2000 : 125));
    if (!request->rtu) {
        put16(out, request->transaction);
        put16(out + 2, 0);
        put16(out + 4, 6); /* unit, function, start, count */
    }
    out[head - 1] = request->unit;
    out[head] = tables[request->table].function;
    put16(out + head + 1, request->start);
    put16(out + head + 3, request->count);
    if (request->rtu) {
        uint16_t crc = modbus_crc(out, head + 5);

        put16(out + head + 5, (uint32_t)(crc << 8 | crc >> 8));
        return head + 5 + CRC_SIZE;
    }
    return head + 5;
}

size_t modbus_frame_answer_size(const struct modbus_request *request)
{
    size_t data = 2 + data_bytes(request);

    return request->rtu ? 1 + data + CRC_SIZE : MBAP_SIZE + data;
}

static enum modbus_verdict wrong(struct modbus_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum modbus_verdict wrong(struct modbus_answer *answer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(answer->problem, sizeof answer->problem, format, args);
    va_end(args);
    return MODBUS_WRONG;
}

static enum modbus_verdict check_unit(const struct modbus_request *request, uint8_t unit,
                                      struct modbus_answer *answer)
{
    if (unit != request->unit)
        return wrong(answer, "answer of unit %u, asked unit %u", unit, request->unit);
    return MODBUS_GOOD;
}

static enum modbus_verdict check_pdu(const struct modbus_request *request,
                                     const uint8_t *pdu, size_t length,
                                     struct modbus_answer *answer)
{
    uint8_t function = tables[request->table].function;
    size_t data = data_bytes(request);

    if (length < 2)
        return wrong(answer, "answer without a body");
    if (pdu[0] == (function | EXCEPTION_FLAG)) {
        if (length != EXCEPTION_PDU)
            return wrong(answer, "exception of %zu bytes", length);
        answer->exception = pdu[1];
        return MODBUS_EXCEPTION;
    }
    if (pdu[0] != function)
        return wrong(answer, "answer to function %u, asked %u", pdu[0], function);
    if (pdu[1] != data)
        return wrong(answer, "answer says %u bytes, asked %zu", pdu[1], data);
    if (length != 2 + data)
        return wrong(answer, "answer has %zu bytes of data, says %zu", length - 2, data);
    return MODBUS_GOOD;
}

static enum modbus_verdict check_tcp(const struct modbus_request *request,
                                     const uint8_t *frame, size_t length,
                                     struct modbus_answer *answer)
{
    if (length < MBAP_SIZE)
        return wrong(answer, "answer of %zu bytes is no frame", length);
    if (get16(frame) != request->transaction)
        return wrong(answer, "answer to transaction %u, asked %u", get16(frame),
                     request->transaction);
    if (get16(frame + 2) != 0)
        return wrong(answer, "protocol %u is not Modbus", get16(frame + 2));
    if (get16(frame + 4) != length - (MBAP_SIZE - 1))
        return wrong(answer, "length field says %u bytes, %zu came", get16(frame + 4),
                     length - (MBAP_SIZE - 1));
    if (check_unit(request, frame[MBAP_SIZE - 1], answer) != MODBUS_GOOD)
        return MODBUS_WRONG;
    return check_pdu(request, frame + MBAP_SIZE, length - MBAP_SIZE, answer);
}

bool modbus_frame_is_rtu(const uint8_t *bytes, size_t length)
{
    uint16_t crc;

    if (length <= 1 + CRC_SIZE)
        return false;
    crc = modbus_crc(bytes, length - CRC_SIZE);
    return bytes[length - 2] == (crc & 0xFF) && bytes[length - 1] == crc >> 8;
}

static enum modbus_verdict check_rtu(const struct modbus_request *request,
                                     const uint8_t *frame, size_t length,
                                     struct modbus_answer *answer)
{
    if (length <= 1 + CRC_SIZE)
        return wrong(answer, "answer of %zu bytes is no frame", length);
    if (!modbus_frame_is_rtu(frame, length))
        return wrong(answer, "checksum does not fit");
    if (check_unit(request, frame[0], answer) != MODBUS_GOOD)
        return MODBUS_WRONG;
    return check_pdu(request, frame + 1, length - 1 - CRC_SIZE, answer);
}

enum modbus_verdict modbus_frame_check(const struct modbus_request *request,
                                       const uint8_t *frame, size_t length,
                                       struct modbus_answer *answer)
{
    return request->rtu ? check_rtu(request, frame, length, answer)
                        : check_tcp(request, frame, length, answer);
}

void modbus_frame_cells(const struct modbus_request *request, const uint8_t *frame,
                        uint16_t *cells)
{
    const uint8_t *data = frame + (request->rtu ? 1 : MBAP_SIZE) + 2;

    if (tables[request->table].bits) {
        for (uint32_t i = 0; i < request->count; i++)
            cells[i] = data[i / 8] >> (i % 8) & 1;
        return;
    }
    for (uint32_t i = 0; i < request->count; i++)
        cells[i] = get16(data + 2 * (size_t)i);
}
