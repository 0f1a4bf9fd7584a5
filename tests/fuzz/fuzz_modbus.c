/* fuzz_modbus.c - answers of strangers: frame check, cells, decoding.
 *
 * Bytes 0..7 say what was asked and how it is decoded (a value of registers here and
 * there, with a second part, among it), the rest is the answer. The CRC and the head of
 * the answer are made to fit when a bit says so, so that the fuzzer gets behind the
 * checks. An answer that is accepted must be as long as was asked.
 */
#include "adapters/modbus_decode.h"
#include "adapters/modbus_frame.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD = 8,
};

static struct modbus_request request_of(const uint8_t head[HEAD])
{
    struct modbus_request request = {
        .rtu = head[0] & 1,
        .transaction = (uint16_t)(head[1] << 8 | head[2]),
        .unit = head[2],
        .table = (enum modbus_table)(TABLE_COIL + (head[0] >> 1 & 3)),
        .start = head[3],
    };
    uint16_t most =
        request.table == TABLE_COIL || request.table == TABLE_DISCRETE ? 2000 : 125;

    request.count = (uint16_t)(1 + (head[3] << 8 | head[4]) % most);
    return request;
}

/* Registers that are no neighbours, a second part, parts of a code. */
static void spread(struct point_settings *point, const uint8_t head[HEAD])
{
    size_t width = modbus_cells(point);

    if (head[0] & 16 && width <= POINT_WORDS_MAX && point->type != TYPE_STRING) {
        point->word_count = width;
        for (size_t i = 0; i < width; i++)
            point->words[i] = (uint16_t)(head[7] * UINT64_C(7) * (i + 1) % 64);
    }
    if (head[0] & 32 && point->type != TYPE_STRING)
        point->plus =
            (struct plus_settings){.given = true,
                                   .address = head[4] % 64,
                                   .type = (enum value_type)(head[3] % TYPE_STRING),
                                   .order = (enum word_order)(head[4] & 3)};
    point->quotient = head[0] & 64 ? head[3] : 0;
    point->remainder = head[0] & 64 ? head[4] : 0;
}

static struct point_settings point_of(const uint8_t head[HEAD], enum modbus_table table)
{
    struct point_settings point = {
        .name = "p",
        .table = table,
        .type = (enum value_type)(head[5] % TYPE_NUMBER),
        .order = (enum word_order)(head[6] & 3),
        .registers = 1 + head[7] % 125,
        .bit_low = -1,
        .bit_high = -1,
        .scale = head[6] & 4 ? 0.1 : 1.0,
        .invalid = {0xFFFF, 0x7FC00000},
        .invalid_count = head[6] >> 3 & 1 ? 2 : 0,
        .range_low = head[6] & 16 ? -1000.0 : -INFINITY,
        .range_high = INFINITY,
    };

    if (head[6] & 32) {
        point.bit_low = head[7] & 15;
        point.bit_high = point.bit_low + (head[7] >> 4);
    }
    if (head[0] & 8)
        spread(&point, head);
    return point;
}

/* Puts what the request wants where the checks look for it. */
static void make_fit(const struct modbus_request *request, uint8_t *frame, size_t length)
{
    if (request->rtu && length >= 3) {
        uint16_t crc;

        frame[0] = request->unit;
        crc = modbus_crc(frame, length - 2);
        frame[length - 2] = (uint8_t)(crc & 0xFF);
        frame[length - 1] = (uint8_t)(crc >> 8);
    }
    if (!request->rtu && length >= 7) {
        frame[0] = (uint8_t)(request->transaction >> 8);
        frame[1] = (uint8_t)request->transaction;
        frame[2] = frame[3] = 0;
        frame[4] = (uint8_t)((length - 6) >> 8);
        frame[5] = (uint8_t)(length - 6);
        frame[6] = request->unit;
    }
}

static void decode(const struct point_settings *point, const uint16_t *cells,
                   uint16_t count)
{
    uint32_t width = modbus_cells(point);

    assert(width > 0);
    for (uint32_t at = 0; at + width <= count; at += width) {
        char text[LIVE_TEXT_MAX];
        struct modbus_value value;

        if (point->type == TYPE_STRING && point->table > TABLE_DISCRETE) {
            (void)modbus_decode_text(point, cells + at, text);
            assert(strlen(text) < LIVE_TEXT_MAX);
            continue;
        }
        value = modbus_decode(point, cells + at);
        assert(isfinite(value.value));
        assert(value.quality == QUALITY_GOOD || value.reason != REASON_NONE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t frame[MODBUS_FRAME_MAX];
    uint16_t cells[MODBUS_CELLS_MAX];
    struct modbus_request request;
    struct point_settings point;
    struct modbus_answer answer;
    size_t length;

    if (size < HEAD || size - HEAD > sizeof frame)
        return 0;
    request = request_of(data);
    point = point_of(data, request.table);
    length = size - HEAD;
    memcpy(frame, data + HEAD, length);
    if (data[0] & 128)
        make_fit(&request, frame, length);
    if (modbus_frame_check(&request, frame, length, &answer) != MODBUS_GOOD)
        return 0;
    assert(length == modbus_frame_answer_size(&request));
    modbus_frame_cells(&request, frame, cells);
    decode(&point, cells, request.count);
    return 0;
}
