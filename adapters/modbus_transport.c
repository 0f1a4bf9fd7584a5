/* modbus_transport.c - see modbus_transport.h. */
#include "adapters/modbus_transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int transport_wait(int fd, short events, struct mono_time until, const atomic_bool *stop)
{
    for (;;) {
        struct pollfd item = {.fd = fd, .events = events};
        int64_t left_ms =
            (until.ns - mono_now().ns + CLOCK_MS - 1) / CLOCK_MS; /* rounded up */
        int64_t slice = left_ms < TRANSPORT_SLICE_MS ? left_ms : TRANSPORT_SLICE_MS;

        if (atomic_load_explicit(stop, memory_order_relaxed))
            return -1;
        if (poll(&item, 1, slice < 0 ? 0 : (int)slice) > 0)
            return 1;
        if (left_ms <= 0)
            return 0;
    }
}

static void set_option(int fd, int level, int name, int value)
{
    /* Each is an improvement that the link also works without. */
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

void transport_set_options(int fd)
{
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, TRANSPORT_KEEPALIVE_IDLE_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, TRANSPORT_KEEPALIVE_STEP_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, TRANSPORT_KEEPALIVE_COUNT);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, TRANSPORT_USER_TIMEOUT_MS);
}

/* Nearly always the limit of open files, and then everything else suffers as well. */
static int no_socket(struct err *err)
{
    struct rlimit limit;

    if (errno != EMFILE || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return err_set(err, errno == ENFILE ? ERR_FULL : ERR_IO, "socket: %m");
    return err_set(err, ERR_FULL,
                   "socket: this process may have %llu files open and has; raise "
                   "LimitNOFILE= of its service",
                   (unsigned long long)limit.rlim_cur);
}

int transport_dialled(int fd, struct err *err)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0)
        return 0;
    errno = error;
    return err_set(err, error == ETIMEDOUT ? ERR_TIMEOUT : ERR_IO, "%m");
}

static int finish_connect(int fd, struct mono_time deadline, const atomic_bool *stop,
                          struct err *err)
{
    switch (transport_wait(fd, POLLOUT, deadline, stop)) {
    case 0:
        return err_set(err, ERR_TIMEOUT, "no answer to the connection attempt");
    case -1:
        return err_set(err, ERR_STATE, "stopped");
    default:
        return transport_dialled(fd, err);
    }
}

/* A socket that is connecting (*done is false) or connected; -1 with err. */
static int start_dial(const struct addrinfo *address, bool *done, struct err *err)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return no_socket(err);
    transport_set_options(fd);
    *done = connect(fd, address->ai_addr, address->ai_addrlen) == 0;
    if (*done || errno == EINPROGRESS)
        return fd;
    (void)err_set(err, ERR_IO, "%m");
    (void)close(fd);
    return -1;
}

static int dial(const struct addrinfo *address, struct mono_time deadline,
                const atomic_bool *stop, struct err *err)
{
    bool done = false;
    int fd = start_dial(address, &done, err);

    if (fd < 0 || done || finish_connect(fd, deadline, stop, err) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static int resolve(const struct modbus_endpoint *endpoint, struct addrinfo **list,
                   struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    int rc = getaddrinfo(endpoint->host, endpoint->port, &hints, list);

    if (rc == EAI_NONAME) {
        hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
        rc = getaddrinfo(endpoint->host, endpoint->port, &hints, list);
    }
    if (rc == 0)
        return 0;
    return err_set(err, ERR_IO, "%s", gai_strerror(rc));
}

int transport_connect(const struct modbus_endpoint *endpoint, int64_t timeout_ms,
                      const atomic_bool *stop, struct err *err)
{
    struct addrinfo *list = NULL;
    int64_t addresses = 0;
    struct mono_time deadline;
    int fd = -1;

    if (resolve(endpoint, &list, err) != 0)
        return err_prefix(err, "connect to %s:%s", endpoint->host, endpoint->port);
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        addresses++;
    deadline = mono_add_ms(mono_now(), timeout_ms);
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        struct mono_time now = mono_now();
        /* A silent first address must leave time for the others. */
        int64_t share_ns = (deadline.ns - now.ns) / addresses--;

        fd = dial(a, (struct mono_time){now.ns + share_ns}, stop, err);
    }
    freeaddrinfo(list);
    if (fd < 0)
        return err_prefix(err, "connect to %s:%s", endpoint->host, endpoint->port);
    return fd;
}

static struct addrinfo *literal(const struct modbus_endpoint *endpoint)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *list = NULL;

    return getaddrinfo(endpoint->host, endpoint->port, &hints, &list) == 0 ? list : NULL;
}

bool transport_is_literal(const struct modbus_endpoint *endpoint)
{
    struct addrinfo *list = literal(endpoint);

    if (list == NULL)
        return false;
    freeaddrinfo(list);
    return true;
}

int transport_dial(const struct modbus_endpoint *endpoint, struct err *err)
{
    struct addrinfo *list = literal(endpoint);
    bool done;
    int fd = -1;

    if (list == NULL)
        return err_set(err, ERR_IO, "connect to %s:%s: not an address", endpoint->host,
                       endpoint->port);
    fd = start_dial(list, &done, err);
    freeaddrinfo(list);
    if (fd < 0)
        return err_prefix(err, "connect to %s:%s", endpoint->host, endpoint->port);
    return fd;
}

static const char *hint_of(int error)
{
    switch (error) {
    case EBUSY:
        return "another program uses it: ";
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return "is the adapter plugged in? ";
    case EACCES:
        return "this user may not (group dialout?): ";
    default:
        return "";
    }
}

int transport_lock_serial(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return err_set(err, ERR_IO, "open %s: %s%m", path, hint_of(errno));
    if (!isatty(fd)) {
        (void)err_set(err, ERR_IO, "open %s: not a serial port", path);
        goto fail;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)err_set(err, ERR_IO, "open %s: another program uses it: %m", path);
        goto fail;
    }
    return fd;
fail:
    (void)close(fd);
    return -1;
}

void transport_exclude(int lock)
{
    (void)ioctl(lock, TIOCEXCL);
}

void transport_unlock(int lock)
{
    if (lock < 0)
        return;
    /* The mode would outlive us on a pseudo-terminal, whose other end stays open. */
    (void)ioctl(lock, TIOCNXCL);
    (void)close(lock);
}

/* A terminal as libmodbus sets it (VMIN 0) reads 0 when there is nothing, and also when
 * it was hung up or unplugged. */
static ssize_t read_terminal(int fd, void *bytes, size_t size)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    ssize_t got = read(fd, bytes, size);

    if (got != 0 || poll(&item, 1, 0) <= 0 || (item.revents & ~POLLIN) == 0)
        return got;
    errno = ENODEV;
    return -1;
}

ssize_t transport_read(int fd, void *bytes, size_t size)
{
    ssize_t got = recv(fd, bytes, size, MSG_DONTWAIT);

    if (got == 0) { /* a socket whose peer has closed */
        errno = ECONNRESET;
        return -1;
    }
    if (got < 0 && errno == ENOTSOCK)
        got = read_terminal(fd, bytes, size);
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : got;
}
