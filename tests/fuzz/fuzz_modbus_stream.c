/* fuzz_modbus_stream.c - where an answer is found among what strangers send.
 *
 * Bytes 0..3 say what was asked, byte 4 how long the device's packet is, which follows;
 * the rest arrives, and is looked at after each byte. Whatever is found lies within what
 * has come; a good answer is as long as was asked, and once it is found, the same bytes
 * in one piece show it as well.
 */
#include "adapters/modbus_stream.h"

#include <assert.h>
#include <stddef.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD = 5,
    ARRIVES_MAX = 600,
};

static void look(const struct modbus_request *request,
                 const struct stream_packet packets[STREAM_PACKETS], const uint8_t *bytes,
                 size_t count)
{
    struct stream_found found = {0};
    struct modbus_answer answer;

    assert(modbus_stream_packets(packets, bytes, count) <= count);
    if (modbus_stream_look(request, packets, bytes, count, &found) != STREAM_FRAME)
        return;
    assert(found.length > 0 && found.start <= count);
    assert(found.length <= count - found.start && found.length <= MODBUS_FRAME_MAX);
    if (modbus_frame_check(request, bytes + found.start, found.length, &answer) ==
        MODBUS_GOOD)
        assert(found.length == modbus_frame_answer_size(request));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct modbus_request request;
    struct stream_packet packets[STREAM_PACKETS] = {{"\x01\x03", 0}};
    bool bits;

    if (size < HEAD)
        return 0;
    request = (struct modbus_request){
        .rtu = data[0] & 1,
        .transaction = data[1],
        .unit = data[2],
        .table = (enum modbus_table)(TABLE_COIL + (data[0] >> 1 & 3)),
    };
    bits = request.table == TABLE_COIL || request.table == TABLE_DISCRETE;
    request.count = (uint16_t)(1 + (data[3] * (bits ? 8 : 1)) % (bits ? 2000 : 125));
    packets[0].length = data[0] >> 3 & 1 ? 2 : 0;
    packets[1] = (struct stream_packet){(const char *)data + HEAD, data[4] % 16};
    if (size - HEAD < packets[1].length)
        return 0;
    data += HEAD + packets[1].length;
    size -= HEAD + packets[1].length;
    for (size_t count = 0; count <= size && count <= ARRIVES_MAX; count++)
        look(&request, packets, data, count);
    return 0;
}
