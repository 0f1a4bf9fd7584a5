/* frame_explain.c - see frame_explain.h. */
#include "adapters/frame_explain.h"

#include <stdio.h>
#include <string.h>

enum {
    HEAD_TCP = 7, /* MBAP with the unit */
    HEAD_RTU = 1,
    CRC_BYTES = 2,
    EXCEPTION_BIT = 0x80,
    PDU_REQUEST = 5, /* function, start, count */
};

static const enum modbus_table table_of[] = {TABLE_NONE, TABLE_COIL, TABLE_DISCRETE,
                                             TABLE_HOLDING, TABLE_INPUT};

static uint16_t word_at(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static bool has_checksum(const unsigned char *bytes, size_t length)
{
    uint16_t crc;

    if (length < HEAD_RTU + 1 + CRC_BYTES)
        return false;
    crc = modbus_crc(bytes, length - CRC_BYTES);
    return bytes[length - 2] == (crc & 0xFF) && bytes[length - 1] == crc >> 8;
}

static bool has_mbap(const unsigned char *bytes, size_t length)
{
    return length > HEAD_TCP && word_at(bytes + 2) == 0 &&
           word_at(bytes + 4) == length - (HEAD_TCP - 1);
}

/* Finds the PDU and what stands before it. Its length, 0 when there is none. */
static size_t unwrap(const unsigned char *bytes, size_t length, struct frame_words *words,
                     const unsigned char **pdu)
{
    bool tcp = !has_checksum(bytes, length) &&
               (has_mbap(bytes, length) || (length >= 4 && word_at(bytes + 2) == 0));
    size_t head = tcp ? HEAD_TCP : HEAD_RTU;

    memset(words, 0, sizeof *words);
    words->rtu = !tcp;
    if (length <= head) {
        (void)snprintf(words->problem, sizeof words->problem, "%zu bytes are no frame",
                       length);
        return 0;
    }
    words->readable = true;
    words->transaction = tcp ? word_at(bytes) : 0;
    words->unit = bytes[head - 1];
    words->function = bytes[head] & (unsigned char)~EXCEPTION_BIT;
    if (words->function < sizeof table_of / sizeof table_of[0])
        words->table = table_of[words->function];
    *pdu = bytes + head;
    if (tcp && !has_mbap(bytes, length))
        (void)snprintf(words->problem, sizeof words->problem,
                       "length field says %u bytes, %zu came", word_at(bytes + 4),
                       length - (HEAD_TCP - 1));
    if (!tcp && !has_checksum(bytes, length))
        (void)snprintf(words->problem, sizeof words->problem, "checksum does not fit");
    if (tcp)
        return length - head;
    return length - head > CRC_BYTES ? length - head - CRC_BYTES : 0;
}

void frame_explain_request(const unsigned char *bytes, size_t length,
                           struct frame_words *words)
{
    const unsigned char *pdu = NULL;
    size_t size = unwrap(bytes, length, words, &pdu);

    if (size != PDU_REQUEST || words->table == TABLE_NONE)
        return;
    words->ranged = true;
    words->start = word_at(pdu + 1);
    words->count = word_at(pdu + 3);
}

static void take_bits(const unsigned char *data, size_t count, struct frame_words *words)
{
    words->cell_count = count;
    for (size_t i = 0; i < count; i++)
        words->cells[i] = data[i / 8] >> (i % 8) & 1;
}

static void take_registers(const unsigned char *data, size_t count,
                           struct frame_words *words)
{
    words->cell_count = count;
    for (size_t i = 0; i < count; i++)
        words->cells[i] = word_at(data + 2 * i);
}

/* `size` bytes behind function and byte count. */
static void take_cells(const unsigned char *data, size_t size,
                       const struct frame_words *request, struct frame_words *words)
{
    size_t bits = size * 8;

    if (words->table == TABLE_INPUT || words->table == TABLE_HOLDING) {
        take_registers(data, size / 2, words);
        return;
    }
    if (request != NULL && request->ranged && request->count < bits)
        bits = request->count;
    take_bits(data, bits < MODBUS_CELLS_MAX ? bits : MODBUS_CELLS_MAX, words);
}

/* Whether it is the answer to what was asked, as the link itself checks it. */
static void compare(const unsigned char *bytes, size_t length,
                    const struct frame_words *request, struct frame_words *words)
{
    const struct modbus_request asked = {.rtu = request->rtu,
                                         .transaction = request->transaction,
                                         .unit = request->unit,
                                         .table = request->table,
                                         .start = request->start,
                                         .count = request->count};
    struct modbus_answer answer = {0};

    words->start = request->start;
    words->count = request->count;
    words->ranged = true;
    if (modbus_frame_check(&asked, bytes, length, &answer) != MODBUS_WRONG)
        return;
    words->ranged = false; /* it belongs to another question */
    (void)snprintf(words->problem, sizeof words->problem, "%s", answer.problem);
}

void frame_explain_answer(const unsigned char *bytes, size_t length,
                          const struct frame_words *request, struct frame_words *words)
{
    const unsigned char *pdu = NULL;
    size_t size = unwrap(bytes, length, words, &pdu);

    if (size >= 2 && (pdu[0] & EXCEPTION_BIT) != 0)
        words->exception = pdu[1];
    else if (size >= 2 && words->table != TABLE_NONE)
        take_cells(pdu + 2, pdu[1] < size - 2 ? pdu[1] : size - 2, request, words);
    if (request != NULL && request->ranged)
        compare(bytes, length, request, words);
}
