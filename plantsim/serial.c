/* serial.c - see serial.h. */
#include "plantsim/serial.h"

#include "base/mem.h"
#include "plantsim/channel.h"
#include "plantsim/pty.h"

#include <sys/epoll.h>
#include <unistd.h>

enum {
    CHAR_BITS = 11,           /* start, 8 data, parity or second stop, stop */
    SILENCE_MIN_NS = 2000000, /* the loop's clock counts milliseconds */
};

struct serial {
    struct loop *loop;
    struct loop_source master;
    struct pty pty;
    struct channel channel;
};

/* What does not fit into the terminal's buffer is lost, as on a wire without a reader. */
static bool send_to_line(void *owner, const uint8_t *bytes, size_t length)
{
    struct serial *serial = owner;

    ssize_t written = write(serial->master.fd, bytes, length);

    (void)written;
    return true;
}

static void line_ready(struct loop_source *source, uint32_t events)
{
    struct serial *serial = source->owner;
    uint8_t bytes[1024];
    ssize_t got = read(source->fd, bytes, sizeof bytes);

    (void)events;
    if (got > 0)
        (void)channel_feed(&serial->channel, bytes, (size_t)got);
}

struct serial *serial_new(struct loop *loop, struct plant *plant, enum plant_link link,
                          const char *path, int baud, struct err *err)
{
    struct serial *serial = mem_alloc(sizeof *serial);
    int64_t byte_ns = baud > 0 ? CHAR_BITS * CLOCK_S / baud : 0;
    int64_t silence_ns = byte_ns * 7 / 2;

    serial->loop = loop;
    serial->master = (struct loop_source){.fd = -1, .ready = line_ready, .owner = serial};
    serial->channel = (struct channel){
        .loop = loop,
        .plant = plant,
        .link = link,
        .framing = CHANNEL_RTU_SERIAL,
        .byte_ns = byte_ns,
        .silence_ns = silence_ns > SILENCE_MIN_NS ? silence_ns : SILENCE_MIN_NS,
        .send = send_to_line,
        .owner = serial,
    };
    channel_start(&serial->channel);
    if (pty_open(&serial->pty, path, err) != 0)
        goto fail;
    serial->master.fd = serial->pty.master;
    if (loop_add(loop, &serial->master, EPOLLIN, err) == 0)
        return serial;
fail:
    serial_free(serial);
    return NULL;
}

void serial_free(struct serial *serial)
{
    if (serial == NULL)
        return;
    channel_stop(&serial->channel);
    if (serial->master.fd >= 0)
        loop_remove(serial->loop, &serial->master);
    pty_close(&serial->pty);
    mem_free(serial);
}
