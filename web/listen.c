/* listen.c - see listen.h. */
#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    LISTEN_BACKLOG = 128, /* browsers open six at once */
};

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

/* Splits "host:port"; the host may stand in brackets. */
static bool split(const char *text, char *host, size_t size, in_port_t *port)
{
    const char *colon = strrchr(text, ':');
    char *end;
    unsigned long number;
    size_t length;

    if (colon == NULL || colon[1] < '0' || colon[1] > '9')
        return false;
    number = strtoul(colon + 1, &end, 10);
    length = (size_t)(colon - text);
    if (*end != '\0' || number > 65535)
        return false;
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length == 0 || length >= size)
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    *port = htons((in_port_t)number);
    return true;
}

static int read_address(const char *text, union address *address, socklen_t *size,
                        struct err *err)
{
    char host[64];
    in_port_t port;

    memset(address, 0, sizeof *address);
    if (!split(text, host, sizeof host, &port))
        return err_set(err, ERR_CONFIG,
                       "\"%s\" is not an address with a port, such as 127.0.0.1:8080",
                       text);
    if (strcmp(host, "localhost") == 0)
        memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    if (inet_pton(AF_INET, host, &address->in.sin_addr) == 1) {
        address->in.sin_family = AF_INET;
        address->in.sin_port = port;
        *size = sizeof address->in;
        if (ntohl(address->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
            return 0;
    } else if (inet_pton(AF_INET6, host, &address->in6.sin6_addr) == 1) {
        address->in6.sin6_family = AF_INET6;
        address->in6.sin6_port = port;
        *size = sizeof address->in6;
        if (IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr))
            return 0;
    } else {
        return err_set(err, ERR_CONFIG, "\"%s\" is not an IP address", host);
    }
    return err_set(err, ERR_CONFIG,
                   "\"%s\" is not a loopback address; until there are accounts the pages "
                   "are for this machine and for tunnels to it",
                   host);
}

static int open_socket(const union address *address, socklen_t size, struct err *err)
{
    int on = 1;
    int fd =
        socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return err_set(err, ERR_IO, "socket: %m");
    if (address->any.sa_family != AF_UNIX)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &address->any, size) != 0) {
        (void)err_set(err, errno == EADDRINUSE ? ERR_STATE : ERR_IO, "bind: %m");
        (void)close(fd);
        return -1;
    }
    return fd;
}

static int bound_port(int fd)
{
    union address address = {0};
    socklen_t size = sizeof address;

    if (getsockname(fd, &address.any, &size) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET ? address.in.sin_port
                                                  : address.in6.sin6_port);
}

int listen_tcp(const char *address, int *port, struct err *err)
{
    union address where;
    socklen_t size = 0;
    int fd;

    if (read_address(address, &where, &size, err) != 0)
        return err_prefix(err, "web.listen");
    fd = open_socket(&where, size, err);
    if (fd < 0)
        return err_prefix(err, "web.listen %s", address);
    if (listen(fd, LISTEN_BACKLOG) != 0) {
        (void)err_set(err, ERR_IO, "web.listen %s: listen: %m", address);
        (void)close(fd);
        return -1;
    }
    *port = bound_port(fd);
    return fd;
}

/* Takes a socket file away that nobody listens on any more. */
static int clear_path(const char *path, const union address *address, struct err *err)
{
    struct stat status;
    int fd;
    int connected;

    if (lstat(path, &status) != 0)
        return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%m");
    if (!S_ISSOCK(status.st_mode))
        return err_set(err, ERR_CONFIG, "is there and is not a socket");
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set(err, ERR_IO, "socket: %m");
    connected = connect(fd, &address->any, sizeof address->un);
    (void)close(fd);
    if (connected == 0)
        return err_set(err, ERR_STATE, "another process listens there");
    if (unlink(path) != 0)
        return err_set(err, ERR_IO, "unlink: %m");
    return 0;
}

int listen_unix(const char *path, struct err *err)
{
    union address address = {.un = {.sun_family = AF_UNIX}};
    int fd = -1;

    if (strlen(path) >= sizeof address.un.sun_path)
        return err_set(err, ERR_CONFIG, "the path of the socket is longer than %zu: %s",
                       sizeof address.un.sun_path - 1, path);
    memcpy(address.un.sun_path, path, strlen(path) + 1);
    if (clear_path(path, &address, err) != 0)
        return err_prefix(err, "socket %s", path);
    fd = open_socket(&address, sizeof address.un, err);
    if (fd < 0)
        return err_prefix(err, "socket %s", path);
    /* Before listen, so that nobody gets in with the mode of the umask. */
    if (chmod(path, 0660) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        (void)err_set(err, ERR_IO, "socket %s: %m", path);
        (void)close(fd);
        return -1;
    }
    return fd;
}
