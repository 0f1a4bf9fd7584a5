/* modbus_stream.h - where the answer stands among the bytes that came.
 *
 * A frame is not always alone: a bus that changes its direction puts a byte of noise in
 * front, a 4G modem its own keepalive packet, and a device that was late the answer to an
 * earlier question. So the answer is looked for:
 *
 *   RTU   behind packets of the device and at most STREAM_NOISE_MAX bytes of noise; unit,
 *         function, byte count and checksum must all fit, or it is not taken for one.
 *   TCP   behind packets of the device only; the frame's head says how long it is.
 *
 * Pure. Threads: any.
 */
#ifndef ADAPTERS_MODBUS_STREAM_H
#define ADAPTERS_MODBUS_STREAM_H

#include "adapters/modbus_frame.h"

enum {
    STREAM_NOISE_MAX = 4, /* one byte less than the shortest frame of RTU */
    STREAM_PACKETS = 2,   /* kinds of packets: registration, keepalive */
};

/* What a device sends unasked; length 0: nothing. Borrowed. */
struct stream_packet {
    const char *bytes;
    size_t length;
};

enum stream_state {
    STREAM_WAITING, /* it may still come */
    STREAM_FRAME,   /* a frame, whole; modbus_frame_check judges it */
    STREAM_FOREIGN, /* these bytes are no answer, whatever follows */
};

struct stream_found {
    size_t start; /* of the frame; what stands in front is none of it */
    size_t length;
};

/* *found is written for STREAM_FRAME. */
enum stream_state modbus_stream_look(const struct modbus_request *request,
                                     const struct stream_packet packets[STREAM_PACKETS],
                                     const uint8_t *bytes, size_t count,
                                     struct stream_found *found);

/* How many bytes at the front are whole packets of the device. */
size_t modbus_stream_packets(const struct stream_packet packets[STREAM_PACKETS],
                             const uint8_t *bytes, size_t count);

#endif
