/* channel.c - see channel.h. */
#include "plantsim/channel.h"

#include <string.h>

static void send_due(struct loop_timer *timer);
static void end_of_frame(struct loop_timer *timer);

void channel_start(struct channel *channel)
{
    channel->timer = (struct loop_timer){.fire = send_due, .owner = channel};
    channel->silence = (struct loop_timer){.fire = end_of_frame, .owner = channel};
}

void channel_stop(struct channel *channel)
{
    loop_cancel(channel->loop, &channel->timer);
    loop_cancel(channel->loop, &channel->silence);
    channel->queued = 0;
    channel->in_length = 0;
}

static void arm(struct channel *channel)
{
    struct mono_time due = MONO_NEVER;

    for (size_t i = 0; i < channel->queued; i++)
        due = mono_min(due, channel->queue[i].due);
    if (channel->queued > 0)
        loop_at(channel->loop, &channel->timer, due);
}

static void send_due(struct loop_timer *timer)
{
    struct channel *channel = timer->owner;
    struct mono_time now = mono_now();

    for (size_t i = 0; i < channel->queued;) {
        struct channel_item item = channel->queue[i];

        if (mono_before(now, item.due)) {
            i++;
            continue;
        }
        channel->queued--;
        memmove(&channel->queue[i], &channel->queue[i + 1],
                (channel->queued - i) * sizeof item);
        if (!channel->send(channel->owner, item.bytes, item.length))
            return;
    }
    arm(channel);
}

static size_t frame_answer(const struct channel *channel, const struct answer *answer,
                           uint16_t transaction, uint8_t out[MODBUS_FRAME_MAX])
{
    size_t length;

    if (channel->framing == CHANNEL_TCP)
        return modbus_tcp_wrap(out, transaction, answer->unit, answer->pdu,
                               answer->length);
    length = modbus_rtu_wrap(out, answer->unit, answer->pdu, answer->length);
    if (answer->kind == ANSWER_BROKEN)
        out[length - 1] ^= 0x5A;
    return length;
}

/* False when the peer is gone. */
static bool answer_request(struct channel *channel, uint16_t transaction, uint8_t unit,
                           const uint8_t *pdu, size_t length)
{
    struct answer answer;
    struct channel_item *item;
    struct channel_item now_item;
    int64_t delay_ns;

    plant_answer(channel->plant, channel->link, unit, pdu, length, &answer);
    if (answer.kind == ANSWER_NONE)
        return true;
    now_item.length = frame_answer(channel, &answer, transaction, now_item.bytes);
    delay_ns = answer.delay_ms * CLOCK_MS +
               channel->byte_ns * (int64_t)(length + MODBUS_RTU_EXTRA + now_item.length);
    if (delay_ns == 0)
        return channel->send(channel->owner, now_item.bytes, now_item.length);
    if (channel->queued == CHANNEL_QUEUE_MAX)
        return true;
    item = &channel->queue[channel->queued++];
    *item = now_item;
    item->due = (struct mono_time){mono_now().ns + delay_ns};
    arm(channel);
    return true;
}

/* Handles the first frame of the buffer. Returns its length, 0 when there is none yet,
 * -1 when the buffer is no Modbus, -2 when the peer has gone with the channel. */
static int take_frame(struct channel *channel)
{
    const uint8_t *in = channel->in;
    bool tcp = channel->framing == CHANNEL_TCP;
    int length = tcp ? modbus_tcp_frame(in, channel->in_length)
                     : modbus_rtu_frame(in, channel->in_length);
    bool there;

    if (length <= 0)
        return length;
    if (tcp)
        there = answer_request(channel, (uint16_t)((in[0] << 8) | in[1]), in[6], in + 7,
                               (size_t)length - MODBUS_TCP_HEADER);
    else
        there =
            answer_request(channel, 0, in[0], in + 1, (size_t)length - MODBUS_RTU_EXTRA);
    return there ? length : -2;
}

/* False when the stream is broken or the peer has gone. */
static bool take_frames(struct channel *channel)
{
    for (;;) {
        int length = take_frame(channel);

        if (length == 0)
            return true;
        if (length == -2)
            return false;
        if (length < 0) { /* a serial line resynchronises, a TCP stream cannot */
            channel->in_length = 0;
            return channel->framing != CHANNEL_TCP;
        }
        channel->in_length -= (size_t)length;
        memmove(channel->in, channel->in + length, channel->in_length);
    }
}

static void end_of_frame(struct loop_timer *timer)
{
    struct channel *channel = timer->owner;

    if (take_frames(channel))
        channel->in_length = 0;
}

bool channel_feed(struct channel *channel, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        size_t part = sizeof channel->in - channel->in_length;

        if (part == 0) { /* more than any frame: noise */
            channel->in_length = 0;
            continue;
        }
        part = part < length ? part : length;
        memcpy(channel->in + channel->in_length, bytes, part);
        channel->in_length += part;
        bytes += part;
        length -= part;
        if (channel->framing != CHANNEL_RTU_SERIAL && !take_frames(channel))
            return false;
    }
    /* On the line the silence ends a frame, in a stream it ends a wait for the rest. */
    if (channel->framing == CHANNEL_RTU_SERIAL ||
        (channel->framing == CHANNEL_RTU_STREAM && channel->in_length > 0))
        loop_at(channel->loop, &channel->silence,
                (struct mono_time){mono_now().ns + channel->silence_ns});
    return true;
}
