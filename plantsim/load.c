/* load.c - see load.h. */
#include "plantsim/load.h"

#include "base/json_out.h"
#include "base/mem.h"
#include "plantsim/modbus.h"
#include "plantsim/server.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    IN_MAX = 520, /* two frames */
    ANSWER_MAX = MODBUS_FRAME_MAX,
    READ_MAX = 125,         /* registers of one request */
    SPARE_DESCRIPTORS = 64, /* the loop, the trigger socket, standard streams */
    NOT_STEPPED = -1,
};

enum mood {
    MOOD_WELL,
    MOOD_DEAD,
    MOOD_SLOW,
    MOOD_LYING,
};

struct load_peer {
    struct loop_source source; /* fd -1 = free */
    struct loop_timer timer;   /* of a slow answer */
    struct load_device *device;
    size_t in_length;
    size_t out_length;
    uint8_t in[IN_MAX];
    uint8_t out[ANSWER_MAX]; /* of a slow device */
};

struct load_device {
    struct loop_source listener;
    struct load *load;
    struct load_peer peer; /* one connection each: a second one replaces the first */
    enum mood mood;
    uint32_t number;
    uint32_t lies;
    struct mono_time asked; /* last read of address 0 */
};

struct load_counters {
    uint64_t requests;
    uint64_t answers;
    uint64_t exceptions;
    uint64_t values;
    uint64_t connections;
    uint64_t gaps[LOAD_GAPS];
    uint64_t gap_count;
    int64_t gap_max_us;
    uint64_t gap_sum_us;
};

struct load {
    struct loop *loop;
    struct load_options options;
    struct load_device *devices;
    int32_t *stepped; /* devices x registers; NOT_STEPPED or the value */
    struct load_counters counters;
};

uint16_t load_value(int64_t device, int64_t reg, int64_t second)
{
    int64_t fixed = 1000 + (device * 31 + reg * 17) % 900;

    return (uint16_t)(fixed + (second + reg) % 10);
}

static void drop(struct load_peer *peer)
{
    struct loop *loop = peer->device->load->loop;

    if (peer->source.fd < 0)
        return;
    loop_cancel(loop, &peer->timer);
    loop_remove(loop, &peer->source);
    (void)close(peer->source.fd);
    peer->source.fd = -1;
}

static void count_gap(struct load_device *device, struct mono_time now)
{
    struct load_counters *counters = &device->load->counters;
    int64_t gap_us = (now.ns - device->asked.ns) / 1000;
    int64_t class = gap_us / 1000;

    if (device->asked.ns != 0) {
        counters->gaps[class < LOAD_GAPS ? class : LOAD_GAPS - 1]++;
        counters->gap_count++;
        counters->gap_sum_us += (uint64_t)gap_us;
        if (gap_us > counters->gap_max_us)
            counters->gap_max_us = gap_us;
    }
    device->asked = now;
}

static size_t put_registers(const struct load_device *device, uint32_t address,
                            uint32_t count, struct mono_time now, uint8_t *out)
{
    const struct load *load = device->load;
    const int32_t *stepped =
        load->stepped + (int64_t)device->number * load->options.registers + address;
    int64_t second = now.ns / CLOCK_S;

    out[0] = (uint8_t)(2 * count);
    for (size_t i = 0; i < count; i++) {
        uint32_t value = stepped[i] != NOT_STEPPED
                             ? (uint32_t)stepped[i]
                             : load_value(device->number, address + (int64_t)i, second);

        out[1 + 2 * i] = (uint8_t)(value >> 8);
        out[2 + 2 * i] = (uint8_t)value;
    }
    return 1 + 2 * (size_t)count;
}

static size_t answer_pdu(struct load_device *device, const uint8_t *pdu, size_t length,
                         struct mono_time now, uint8_t *out)
{
    struct load *load = device->load;
    uint32_t address;
    uint32_t count;

    load->counters.requests++;
    if ((pdu[0] != 3 && pdu[0] != 4) || length != 5) {
        load->counters.exceptions++;
        return modbus_exception_answer(out, pdu[0], MODBUS_ILLEGAL_FUNCTION);
    }
    address = (uint32_t)((pdu[1] << 8) | pdu[2]);
    count = (uint32_t)((pdu[3] << 8) | pdu[4]);
    if (address == 0 && device->mood == MOOD_WELL)
        count_gap(device, now);
    if (count == 0 || count > READ_MAX || address + count > load->options.registers) {
        load->counters.exceptions++;
        return modbus_exception_answer(out, pdu[0], MODBUS_ILLEGAL_ADDRESS);
    }
    load->counters.values += count;
    out[0] = pdu[0];
    return 1 + put_registers(device, address, count, now, out + 1);
}

/* Three lies in turns: another unit, fewer bytes than announced, noise. */
static size_t tell_lie(struct load_device *device, uint8_t *frame, size_t length)
{
    switch (device->lies++ % 3) {
    case 0:
        frame[6]++;
        return length;
    case 1:
        frame[5] = (uint8_t)(frame[5] - 2);
        return length - 2;
    default:
        for (size_t i = MODBUS_TCP_HEADER; i < length; i++)
            frame[i] = (uint8_t)((size_t)frame[i] * 37 + i);
        return length;
    }
}

/* False when the peer is gone. */
static bool send_answer(struct load_peer *peer, const uint8_t *bytes, size_t length)
{
    peer->device->load->counters.answers++;
    if (send(peer->source.fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) ==
        (ssize_t)length)
        return true;
    drop(peer);
    return false;
}

static void send_slow(struct loop_timer *timer)
{
    struct load_peer *peer = timer->owner;

    (void)send_answer(peer, peer->out, peer->out_length);
}

static bool answer_frame(struct load_peer *peer, const uint8_t *frame, size_t length,
                         struct mono_time now)
{
    struct load_device *device = peer->device;
    struct load *load = device->load;
    uint8_t *out = peer->out;
    size_t pdu_length;
    size_t out_length;

    if (device->mood == MOOD_DEAD) {
        load->counters.requests++;
        return true;
    }
    pdu_length = answer_pdu(device, frame + MODBUS_TCP_HEADER, length - MODBUS_TCP_HEADER,
                            now, out + MODBUS_TCP_HEADER);
    out_length = MODBUS_TCP_HEADER + pdu_length;
    memcpy(out, frame, MODBUS_TCP_HEADER);
    out[4] = (uint8_t)((pdu_length + 1) >> 8);
    out[5] = (uint8_t)(pdu_length + 1);
    if (device->mood == MOOD_LYING)
        out_length = tell_lie(device, out, out_length);
    if (device->mood == MOOD_SLOW) {
        peer->out_length = out_length;
        loop_at(load->loop, &peer->timer, mono_add_ms(now, load->options.slow_ms));
        return true;
    }
    return send_answer(peer, out, out_length);
}

static void peer_ready(struct loop_source *source, uint32_t events)
{
    struct load_peer *peer = source->owner;
    struct mono_time now = mono_now();
    size_t used = 0;
    ssize_t got = recv(source->fd, peer->in + peer->in_length,
                       sizeof peer->in - peer->in_length, MSG_DONTWAIT);

    (void)events;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        drop(peer);
        return;
    }
    peer->in_length += (size_t)got;
    for (;;) {
        int length = modbus_tcp_frame(peer->in + used, peer->in_length - used);

        if (length == 0)
            break;
        if (length < 0) {
            drop(peer);
            return;
        }
        if (!answer_frame(peer, peer->in + used, (size_t)length, now))
            return;
        used += (size_t)length;
    }
    peer->in_length -= used;
    if (used > 0 && peer->in_length > 0)
        memmove(peer->in, peer->in + used, peer->in_length);
}

static void listener_ready(struct loop_source *source, uint32_t events)
{
    struct load_device *device = source->owner;
    struct load *load = device->load;
    struct load_peer *peer = &device->peer;
    int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int one = 1;

    (void)events;
    if (fd < 0)
        return;
    drop(peer);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    peer->source = (struct loop_source){.fd = fd, .ready = peer_ready, .owner = peer};
    peer->timer = (struct loop_timer){.fire = send_slow, .owner = peer};
    peer->in_length = 0;
    device->asked = (struct mono_time){0};
    load->counters.connections++;
    if (loop_add(load->loop, &peer->source, EPOLLIN, NULL) != 0) {
        (void)close(fd);
        peer->source.fd = -1;
    }
}

static int raise_descriptors(int64_t devices, struct err *err)
{
    struct rlimit limit;
    rlim_t want = (rlim_t)(2 * devices + SPARE_DESCRIPTORS);

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return err_set(err, ERR_IO, "descriptor limit: %m");
    if (limit.rlim_cur >= want)
        return 0;
    limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < want)
        return err_set(
            err, ERR_IO,
            "%lld devices want %llu descriptors and %llu are allowed; raise the "
            "hard limit (ulimit -Hn) or take fewer devices",
            (long long)devices, (unsigned long long)want,
            (unsigned long long)limit.rlim_cur);
    return 0;
}

static enum mood mood_of(const struct load_options *options, int64_t number)
{
    int64_t from_end = options->devices - number;

    if (from_end <= options->dead)
        return MOOD_DEAD;
    if (from_end <= options->dead + options->slow)
        return MOOD_SLOW;
    if (from_end <= options->dead + options->slow + options->lying)
        return MOOD_LYING;
    return MOOD_WELL;
}

static int open_device(struct load *load, uint32_t number, struct err *err)
{
    struct load_device *device = &load->devices[number];
    struct in_addr address = load->options.base_address;
    uint16_t port = (uint16_t)load->options.port;
    int fd;

    if (load->options.own_ports)
        port = (uint16_t)(port + number);
    else
        address.s_addr = htonl(ntohl(address.s_addr) + number);
    fd = server_listen(address, port, 4, err);
    if (fd < 0)
        return -1;
    device->listener =
        (struct loop_source){.fd = fd, .ready = listener_ready, .owner = device};
    if (loop_add(load->loop, &device->listener, EPOLLIN, err) == 0)
        return 0;
    (void)close(fd);
    device->listener.fd = -1;
    return -1;
}

struct load *load_new(struct loop *loop, const struct load_options *options,
                      struct err *err)
{
    struct load *load;
    size_t cells = (size_t)(options->devices * options->registers);

    if (raise_descriptors(options->devices, err) != 0)
        return NULL;
    load = mem_alloc(sizeof *load);
    load->loop = loop;
    load->options = *options;
    load->devices = mem_array((size_t)options->devices, sizeof load->devices[0]);
    load->stepped = mem_array(cells, sizeof load->stepped[0]);
    load_reset(load);
    for (uint32_t i = 0; i < options->devices; i++) {
        load->devices[i].load = load;
        load->devices[i].number = i;
        load->devices[i].mood = mood_of(options, i);
        load->devices[i].listener.fd = -1;
        load->devices[i].peer.source.fd = -1;
        load->devices[i].peer.device = &load->devices[i];
    }
    for (uint32_t i = 0; i < options->devices; i++) {
        if (open_device(load, i, err) != 0) {
            load_free(load);
            return NULL;
        }
    }
    return load;
}

void load_free(struct load *load)
{
    if (load == NULL)
        return;
    for (int64_t i = 0; i < load->options.devices; i++) {
        struct load_device *device = &load->devices[i];

        drop(&device->peer);
        if (device->listener.fd < 0)
            continue;
        loop_remove(load->loop, &device->listener);
        (void)close(device->listener.fd);
    }
    mem_free(load->devices);
    mem_free(load->stepped);
    mem_free(load);
}

int load_step(struct load *load, int64_t device, int64_t reg, int64_t value,
              struct mono_time *stamp, struct err *err)
{
    if (device < 0 || device >= load->options.devices || reg < 0 ||
        reg >= load->options.registers || value < 0 || value > UINT16_MAX)
        return err_set(
            err, ERR_INPUT, "device 0 to %lld, register 0 to %lld, value 0 to 65535",
            (long long)load->options.devices - 1, (long long)load->options.registers - 1);
    load->stepped[device * load->options.registers + reg] = (int32_t)value;
    *stamp = mono_now();
    return 0;
}

void load_reset(struct load *load)
{
    int64_t cells = load->options.devices * load->options.registers;

    for (int64_t i = 0; i < cells; i++)
        load->stepped[i] = NOT_STEPPED;
}

/* Upper end of the class in which the given part of all gaps lies. */
static int64_t gap_percentile(const struct load_counters *counters, double part)
{
    uint64_t wanted = (uint64_t)(part * (double)counters->gap_count);
    uint64_t seen = 0;

    for (int64_t i = 0; i < LOAD_GAPS; i++) {
        seen += counters->gaps[i];
        if (seen > wanted)
            return i + 1;
    }
    return 0;
}

void load_counters(struct load *load, struct text *out, bool clear)
{
    const struct load_counters *counters = &load->counters;
    struct json_out json = json_begin(out);
    int64_t connected = 0;

    for (int64_t i = 0; i < load->options.devices; i++)
        connected += load->devices[i].peer.source.fd >= 0 ? 1 : 0;
    json_open(&json, '{');
    json_put_int(&json, "mono_ns", mono_now().ns);
    json_put_int(&json, "devices", load->options.devices);
    json_put_int(&json, "registers", load->options.registers);
    json_put_int(&json, "connected", connected);
    json_put_int(&json, "connections", (int64_t)counters->connections);
    json_put_int(&json, "requests", (int64_t)counters->requests);
    json_put_int(&json, "answers", (int64_t)counters->answers);
    json_put_int(&json, "exceptions", (int64_t)counters->exceptions);
    json_put_int(&json, "values", (int64_t)counters->values);
    json_put_int(&json, "gaps", (int64_t)counters->gap_count);
    json_put_number(&json, "gap_mean_ms",
                    counters->gap_count == 0 ? 0
                                             : (double)counters->gap_sum_us / 1000 /
                                                   (double)counters->gap_count);
    json_put_int(&json, "gap_p01_ms", gap_percentile(counters, 0.01));
    json_put_int(&json, "gap_p50_ms", gap_percentile(counters, 0.50));
    json_put_int(&json, "gap_p99_ms", gap_percentile(counters, 0.99));
    json_put_number(&json, "gap_max_ms", (double)counters->gap_max_us / 1000);
    json_close(&json, '}');
    text_add(out, "\n");
    if (clear)
        load->counters = (struct load_counters){0};
}
