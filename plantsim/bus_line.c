/* bus_line.c - see bus_line.h. */
#include "plantsim/bus_line.h"

#include "base/mem.h"
#include "plantsim/exact.h"
#include "plantsim/pty.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum line_state {
    LINE_IDLE,
    LINE_HEARING,
    LINE_THINKING,
    LINE_TALKING,
};

struct bus_line {
    struct bus *bus;
    struct bus_wire wire;
    struct pty pty;
    struct loop *loop;
    struct loop_source master;
    struct exact_timer timer;

    enum line_state state;
    struct mono_time began; /* first byte of the request */
    struct mono_time at;    /* end of the last byte, of whoever speaks */
    uint8_t in[MODBUS_FRAME_MAX];
    size_t in_length;
    uint8_t out[MODBUS_FRAME_MAX];
    size_t out_length;
    size_t sent;
};

static void go_idle(struct bus_line *line)
{
    line->state = LINE_IDLE;
    line->in_length = 0;
}

/* The silence after a request has passed. */
static void think(struct bus_line *line)
{
    uint8_t pdu[MODBUS_PDU_MAX];
    size_t length = 0;

    if (modbus_rtu_frame(line->in, line->in_length) == (int)line->in_length)
        length = bus_answer(line->bus, line->in[0], line->in + 1,
                            line->in_length - MODBUS_RTU_EXTRA, pdu);
    if (length == 0) {
        go_idle(line);
        return;
    }
    line->out_length = modbus_rtu_wrap(line->out, line->in[0], pdu, length);
    line->sent = 0;
    line->state = LINE_THINKING;
    /* The answer's first byte has arrived a character after it began. */
    line->at.ns +=
        line->wire.silence_ns + line->wire.latency_ns + line->wire.character_ns;
    exact_at(&line->timer, line->at);
}

/* Everything whose time has come: one byte, or more when this machine was busy. */
static void talk(struct bus_line *line)
{
    int64_t now = mono_now().ns;
    size_t from = line->sent;
    ssize_t written;

    line->state = LINE_TALKING;
    while (line->sent < line->out_length && line->at.ns <= now) {
        line->sent++;
        line->at.ns += line->wire.character_ns;
    }
    written = write(line->pty.master, line->out + from, line->sent - from);
    (void)written; /* without a reader it is lost, as on a wire */
    if (line->sent < line->out_length) {
        exact_at(&line->timer, line->at);
        return;
    }
    line->at.ns -= line->wire.character_ns;
    bus_answered(line->bus, line->in[0], line->in + 1, line->in_length - MODBUS_RTU_EXTRA,
                 line->at.ns - line->began.ns);
    go_idle(line);
}

static void time_has_come(struct exact_timer *timer)
{
    struct bus_line *line = timer->owner;

    switch (line->state) {
    case LINE_HEARING:
        think(line);
        break;
    case LINE_THINKING:
    case LINE_TALKING:
        talk(line);
        break;
    case LINE_IDLE:
    default:
        break;
    }
}

static void hear(struct bus_line *line, const uint8_t *bytes, size_t length)
{
    struct mono_time now = mono_now();
    size_t room = sizeof line->in - line->in_length;

    if (line->state == LINE_IDLE) {
        line->state = LINE_HEARING;
        line->began = line->at = now;
    }
    if (mono_before(line->at, now))
        line->at = now;
    line->at.ns += (int64_t)length * line->wire.character_ns;
    length = length < room ? length : room; /* longer than any frame: noise */
    memcpy(line->in + line->in_length, bytes, length);
    line->in_length += length;
    exact_at(&line->timer, (struct mono_time){line->at.ns + line->wire.silence_ns});
}

static void bytes_came(struct loop_source *source, uint32_t events)
{
    struct bus_line *line = source->owner;
    uint8_t bytes[MODBUS_FRAME_MAX];
    ssize_t got = read(source->fd, bytes, sizeof bytes);

    (void)events;
    if (got <= 0)
        return;
    if (line->state == LINE_THINKING || line->state == LINE_TALKING)
        bus_collision(line->bus);
    else
        hear(line, bytes, (size_t)got);
}

struct bus_line *bus_line_new(struct loop *loop, struct bus *bus,
                              const struct bus_wire *wire, const char *path,
                              struct err *err)
{
    struct bus_line *line = mem_alloc(sizeof *line);

    line->bus = bus;
    line->wire = *wire;
    line->loop = loop;
    line->timer.fire = time_has_come;
    line->timer.owner = line;
    line->master = (struct loop_source){.fd = -1, .ready = bytes_came, .owner = line};
    if (exact_open(&line->timer, loop, err) != 0 || pty_open(&line->pty, path, err) != 0)
        goto fail;
    line->master.fd = line->pty.master;
    if (loop_add(loop, &line->master, EPOLLIN, err) == 0)
        return line;
fail:
    bus_line_free(line);
    return NULL;
}

void bus_line_free(struct bus_line *line)
{
    if (line == NULL)
        return;
    exact_close(&line->timer);
    if (line->master.fd >= 0)
        loop_remove(line->loop, &line->master);
    pty_close(&line->pty);
    mem_free(line);
}
