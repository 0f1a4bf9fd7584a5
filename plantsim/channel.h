/* channel.h - one stream of Modbus requests and answers: framing, faults and delays.
 *
 * Bytes go in; whole requests are put to the plant; answers go out through `send` when
 * they are due. Used by a TCP connection and by the serial line alike.
 *
 * On the serial line a frame ends with a silence; in TCP streams it ends by its length.
 * Garbage that fits no frame empties the buffer.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_CHANNEL_H
#define PLANTSIM_CHANNEL_H

#include "plantsim/loop.h"
#include "plantsim/plant.h"

enum channel_framing {
    CHANNEL_TCP,        /* MBAP header */
    CHANNEL_RTU_STREAM, /* RTU frames in a TCP stream */
    CHANNEL_RTU_SERIAL, /* RTU frames with silent intervals */
};

enum {
    CHANNEL_IN_MAX = 512,   /* a client may send a request before it has the answer */
    CHANNEL_QUEUE_MAX = 16, /* answers waiting for their time; more are lost */
};

struct channel_item {
    struct mono_time due;
    size_t length;
    uint8_t bytes[MODBUS_FRAME_MAX];
};

struct channel {
    /* fixed */
    struct loop *loop;
    struct plant *plant;
    enum plant_link link;
    enum channel_framing framing;
    int64_t byte_ns;    /* time of one byte on the wire; 0 = none */
    int64_t silence_ns; /* that ends a serial frame */
    /* False: the peer is gone, and so may be the channel. */
    bool (*send)(void *owner, const uint8_t *bytes, size_t length);
    void *owner;
    /* state */
    struct loop_timer timer; /* of the next answer */
    struct loop_timer silence;
    uint8_t in[CHANNEL_IN_MAX];
    size_t in_length;
    struct channel_item queue[CHANNEL_QUEUE_MAX];
    size_t queued;
};

/* The fixed fields are set by the caller before. */
void channel_start(struct channel *channel);
void channel_stop(struct channel *channel);

/* Takes bytes from the peer. False when the stream cannot be Modbus any more. */
bool channel_feed(struct channel *channel, const uint8_t *bytes, size_t length);

#endif
