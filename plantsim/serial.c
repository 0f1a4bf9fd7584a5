/* serial.c - see serial.h. */
#include "plantsim/serial.h"

#include "base/mem.h"
#include "plantsim/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum {
    CHAR_BITS = 11,           /* start, 8 data, parity or second stop, stop */
    SILENCE_MIN_NS = 2000000, /* the loop's clock counts milliseconds */
};

struct serial {
    struct loop *loop;
    struct loop_source master;
    int slave; /* held open: without it the master hangs up between two clients */
    char *path;
    bool linked;
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

static int make_raw(int fd, struct err *err)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) != 0)
        return err_set(err, ERR_IO, "terminal settings: %m");
    cfmakeraw(&settings);
    if (tcsetattr(fd, TCSANOW, &settings) != 0)
        return err_set(err, ERR_IO, "terminal settings: %m");
    return 0;
}

static int open_pair(struct serial *serial, char *name, size_t size, struct err *err)
{
    serial->master.fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (serial->master.fd < 0 || grantpt(serial->master.fd) != 0 ||
        unlockpt(serial->master.fd) != 0 || ptsname_r(serial->master.fd, name, size) != 0)
        return err_set(err, ERR_IO, "cannot make a pseudo-terminal: %m");
    serial->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (serial->slave < 0)
        return err_set(err, ERR_IO, "open '%s': %m", name);
    return make_raw(serial->slave, err);
}

static int make_link(struct serial *serial, const char *name, struct err *err)
{
    struct stat there;

    if (lstat(serial->path, &there) == 0) {
        if (!S_ISLNK(there.st_mode))
            return err_set(err, ERR_IO,
                           "'%s' is there and no symlink of ours; choose another --pty",
                           serial->path);
        (void)unlink(serial->path);
    }
    if (symlink(name, serial->path) != 0)
        return err_set(err, ERR_IO,
                       "symlink '%s': %m; choose another place with --pty, or --pty none",
                       serial->path);
    serial->linked = true;
    return 0;
}

struct serial *serial_new(struct loop *loop, struct plant *plant, enum plant_link link,
                          const char *path, int baud, struct err *err)
{
    struct serial *serial = mem_alloc(sizeof *serial);
    int64_t byte_ns = baud > 0 ? CHAR_BITS * CLOCK_S / baud : 0;
    int64_t silence_ns = byte_ns * 7 / 2;
    char name[64];

    serial->loop = loop;
    serial->path = mem_strdup(path);
    serial->master = (struct loop_source){.fd = -1, .ready = line_ready, .owner = serial};
    serial->slave = -1;
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
    if (open_pair(serial, name, sizeof name, err) != 0 ||
        make_link(serial, name, err) != 0 ||
        loop_add(loop, &serial->master, EPOLLIN, err) != 0) {
        serial_free(serial);
        return NULL;
    }
    return serial;
}

void serial_free(struct serial *serial)
{
    if (serial == NULL)
        return;
    channel_stop(&serial->channel);
    if (serial->master.fd >= 0) {
        loop_remove(serial->loop, &serial->master);
        (void)close(serial->master.fd);
    }
    if (serial->slave >= 0)
        (void)close(serial->slave);
    if (serial->linked)
        (void)unlink(serial->path);
    mem_free(serial->path);
    mem_free(serial);
}
