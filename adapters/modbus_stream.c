/* modbus_stream.c - see modbus_stream.h. */
#include "adapters/modbus_stream.h"

#include <string.h>

enum {
    MBAP_LENGTH_END = 6, /* the bytes of a TCP frame that say how long it is */
    MBAP_FRAME_MIN = 9,  /* head, unit, function and one byte: an exception */
    RTU_EXCEPTION = 5,
    RTU_CRC = 2,
    EXCEPTION_FLAG = 0x80,
};

static size_t packet_at(const struct stream_packet packets[STREAM_PACKETS],
                        const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < STREAM_PACKETS; i++)
        if (packets[i].length > 0 && packets[i].length <= count &&
            memcmp(packets[i].bytes, bytes, packets[i].length) == 0)
            return packets[i].length;
    return 0;
}

size_t modbus_stream_packets(const struct stream_packet packets[STREAM_PACKETS],
                             const uint8_t *bytes, size_t count)
{
    size_t own = 0;
    size_t next;

    while ((next = packet_at(packets, bytes + own, count - own)) > 0)
        own += next;
    return own;
}

/* The bytes are the beginning of a packet. */
static bool packet_begins(const struct stream_packet packets[STREAM_PACKETS],
                          const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < STREAM_PACKETS; i++)
        if (count < packets[i].length && memcmp(packets[i].bytes, bytes, count) == 0)
            return true;
    return false;
}

/* --- RTU ------------------------------------------------------------------------- */

/* Whether the answer can begin here, as far as can be seen; *length is what it has. */
static bool rtu_begins(const struct modbus_request *request, const uint8_t *bytes,
                       size_t count, size_t *length)
{
    uint8_t function = modbus_function(request->table);

    *length = modbus_frame_answer_size(request);
    if (bytes[0] != request->unit)
        return false;
    if (count < 2)
        return true;
    if (bytes[1] == (function | EXCEPTION_FLAG)) {
        *length = RTU_EXCEPTION;
        return true;
    }
    return bytes[1] == function && (count < 3 || bytes[2] == *length - 3 - RTU_CRC);
}

static enum stream_state look_rtu(const struct modbus_request *request,
                                  const struct stream_packet packets[STREAM_PACKETS],
                                  const uint8_t *bytes, size_t count,
                                  struct stream_found *found)
{
    size_t own = modbus_stream_packets(packets, bytes, count);
    struct stream_found damaged = {0};
    bool waiting = count - own <= STREAM_NOISE_MAX ||
                   packet_begins(packets, bytes + own, count - own);
    size_t length;

    for (size_t at = 0; at < count && at <= own + STREAM_NOISE_MAX; at++) {
        if (!rtu_begins(request, bytes + at, count - at, &length))
            continue;
        if (count - at < length) {
            waiting = true;
        } else if (modbus_frame_is_rtu(bytes + at, length)) {
            *found = (struct stream_found){at, length};
            return STREAM_FRAME;
        } else if (damaged.length == 0) {
            damaged = (struct stream_found){at, length};
        }
    }
    if (waiting)
        return STREAM_WAITING;
    if (damaged.length == 0)
        return STREAM_FOREIGN;
    *found = damaged; /* the check of the frame says what is wrong */
    return STREAM_FRAME;
}

/* --- TCP ------------------------------------------------------------------------- */

/* The length that the head of a frame gives; 0 when it is no head. */
static size_t tcp_length(const uint8_t *bytes)
{
    size_t length = MBAP_LENGTH_END + (size_t)(bytes[4] << 8 | bytes[5]);

    if (bytes[2] != 0 || bytes[3] != 0 || length < MBAP_FRAME_MIN ||
        length > MODBUS_FRAME_MAX)
        return 0;
    return length;
}

static bool tcp_fits(const struct modbus_request *request, const uint8_t *bytes)
{
    return (bytes[0] << 8 | bytes[1]) == request->transaction && tcp_length(bytes) > 0;
}

/* A head that announces more than was asked for is not waited for. */
static enum stream_state whole_tcp(const struct modbus_request *request,
                                   const uint8_t *bytes, size_t count, size_t at,
                                   struct stream_found *found)
{
    size_t length = tcp_length(bytes + at);
    bool ours = tcp_fits(request, bytes + at);

    if (length == 0)
        return STREAM_FOREIGN;
    if (count - at < length && ours && length > modbus_frame_answer_size(request))
        return STREAM_FOREIGN;
    if (count - at < length)
        return STREAM_WAITING;
    *found = (struct stream_found){at, length};
    return STREAM_FRAME;
}

/* The first place behind a number of packets where the answer begins; else whatever
 * frame stands behind all of them. */
static enum stream_state look_tcp(const struct modbus_request *request,
                                  const struct stream_packet packets[STREAM_PACKETS],
                                  const uint8_t *bytes, size_t count,
                                  struct stream_found *found)
{
    size_t at = 0;
    size_t next;

    for (;; at += next) {
        if (count - at < MBAP_LENGTH_END)
            return STREAM_WAITING;
        if (tcp_fits(request, bytes + at))
            break;
        next = packet_at(packets, bytes + at, count - at);
        if (next == 0)
            break;
    }
    if (packet_begins(packets, bytes + at, count - at) && !tcp_fits(request, bytes + at))
        return STREAM_WAITING;
    return whole_tcp(request, bytes, count, at, found);
}

enum stream_state modbus_stream_look(const struct modbus_request *request,
                                     const struct stream_packet packets[STREAM_PACKETS],
                                     const uint8_t *bytes, size_t count,
                                     struct stream_found *found)
{
    if (count == 0)
        return STREAM_WAITING;
    return request->rtu ? look_rtu(request, packets, bytes, count, found)
                        : look_tcp(request, packets, bytes, count, found);
}
