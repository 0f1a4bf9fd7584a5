/* modbus.c - see modbus.h. */
#include "plantsim/modbus.h"

#include <assert.h>
#include <string.h>

enum {
    READ_LENGTH = 5, /* function, address, count */
    REGISTERS_MAX = 125,
    BITS_MAX = 2000,
    EXCEPTION_FLAG = 0x80,
};

static uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)((at[0] << 8) | at[1]);
}

static void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

uint16_t modbus_wire_crc(const uint8_t *bytes, size_t length)
{
    uint32_t crc = 0xFFFF;

    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001u : crc >> 1;
    }
    return (uint16_t)crc;
}

int modbus_tcp_frame(const uint8_t *bytes, size_t length)
{
    size_t rest;

    if (length < MODBUS_TCP_HEADER)
        return 0;
    rest = get_u16(bytes + 4);
    if (get_u16(bytes + 2) != 0 || rest < 2 || rest > MODBUS_PDU_MAX + 1)
        return -1;
    return length < 6 + rest ? 0 : (int)(6 + rest);
}

/* Requests have a fixed length but for the two writes that carry a byte count. */
static size_t rtu_request_length(const uint8_t *bytes, size_t length)
{
    uint8_t function = bytes[1];

    if (function != 15 && function != 16)
        return 8;
    return length < 7 ? 9 : 9 + (size_t)bytes[6];
}

int modbus_rtu_frame(const uint8_t *bytes, size_t length)
{
    size_t whole;
    uint16_t crc;

    if (length < 2)
        return 0;
    whole = rtu_request_length(bytes, length);
    if (length < whole)
        return 0;
    crc = modbus_wire_crc(bytes, whole - 2);
    if (bytes[whole - 2] != (crc & 0xFF) || bytes[whole - 1] != crc >> 8)
        return -1;
    return (int)whole;
}

size_t modbus_tcp_wrap(uint8_t out[MODBUS_FRAME_MAX], uint16_t transaction, uint8_t unit,
                       const uint8_t *pdu, size_t length)
{
    assert(length <= MODBUS_PDU_MAX);
    put_u16(out, transaction);
    put_u16(out + 2, 0);
    put_u16(out + 4, (uint16_t)(length + 1));
    out[6] = unit;
    memcpy(out + MODBUS_TCP_HEADER, pdu, length);
    return MODBUS_TCP_HEADER + length;
}

size_t modbus_rtu_wrap(uint8_t out[MODBUS_FRAME_MAX], uint8_t unit, const uint8_t *pdu,
                       size_t length)
{
    uint16_t crc;

    assert(length <= MODBUS_PDU_MAX);
    out[0] = unit;
    memcpy(out + 1, pdu, length);
    crc = modbus_wire_crc(out, length + 1);
    out[length + 1] = (uint8_t)crc; /* low byte first */
    out[length + 2] = (uint8_t)(crc >> 8);
    return length + MODBUS_RTU_EXTRA;
}

size_t modbus_exception_answer(uint8_t out[MODBUS_PDU_MAX], uint8_t function,
                               enum modbus_exception code)
{
    out[0] = function | EXCEPTION_FLAG;
    out[1] = (uint8_t)code;
    return 2;
}

static size_t pack_bits(uint8_t *out, const uint16_t *cells, uint16_t count)
{
    size_t bytes = ((size_t)count + 7) / 8;

    out[0] = (uint8_t)bytes;
    memset(out + 1, 0, bytes);
    for (uint16_t i = 0; i < count; i++)
        if (cells[i] != 0)
            out[1 + i / 8] |= (uint8_t)(1u << (i % 8));
    return bytes + 1;
}

static size_t pack_registers(uint8_t *out, const uint16_t *cells, uint16_t count)
{
    out[0] = (uint8_t)(2 * count);
    for (size_t i = 0; i < count; i++)
        put_u16(out + 1 + 2 * i, cells[i]);
    return 2 * (size_t)count + 1;
}

size_t modbus_answer(uint8_t out[MODBUS_PDU_MAX], const uint8_t *pdu, size_t length,
                     const struct image *image)
{
    static const struct {
        enum regmap_table table;
        bool bits;
    } functions[] = {
        [1] = {REGMAP_COIL, true},
        [2] = {REGMAP_DISCRETE, true},
        [3] = {REGMAP_HOLDING, false},
        [4] = {REGMAP_INPUT, false},
    };
    uint16_t cells[BITS_MAX];
    uint8_t function = pdu[0];
    uint16_t address;
    uint16_t count;
    bool bits;

    if (function < 1 || function > 4)
        return modbus_exception_answer(out, function, MODBUS_ILLEGAL_FUNCTION);
    if (length != READ_LENGTH)
        return modbus_exception_answer(out, function, MODBUS_ILLEGAL_VALUE);
    bits = functions[function].bits;
    address = get_u16(pdu + 1);
    count = get_u16(pdu + 3);
    if (count == 0 || count > (bits ? BITS_MAX : REGISTERS_MAX))
        return modbus_exception_answer(out, function, MODBUS_ILLEGAL_VALUE);
    if (!image_read(image, functions[function].table, address, count, cells))
        return modbus_exception_answer(out, function, MODBUS_ILLEGAL_ADDRESS);
    out[0] = function;
    return 1 + (bits ? pack_bits(out + 1, cells, count)
                     : pack_registers(out + 1, cells, count));
}
