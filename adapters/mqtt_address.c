/* mqtt_address.c - see mqtt_address.h. */
#include "adapters/mqtt_address.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *scheme_end(const char *url, bool *tls)
{
    *tls = strncmp(url, "mqtts://", 8) == 0;
    if (*tls)
        return url + 8;
    return strncmp(url, "mqtt://", 7) == 0 ? url + 7 : NULL;
}

/* Digits only, 1 to 65535. */
static int parse_port(const char *text, struct mqtt_address *address, struct err *err)
{
    size_t length = strlen(text);
    int port = 0;

    for (size_t i = 0; i < length && i < 5; i++)
        port = text[i] >= '0' && text[i] <= '9' ? port * 10 + text[i] - '0' : 65536;
    if (length == 0 || length > 5 || port < 1 || port > 65535)
        return err_set(err, ERR_CONFIG, "'%s' is not a port (1 to 65535)", text);
    memcpy(address->port, text, length + 1);
    return 0;
}

int mqtt_address_parse(const char *url, struct mqtt_address *address, struct err *err)
{
    struct mqtt_address made = {0};
    const char *host = scheme_end(url, &made.tls);
    size_t length;
    const char *rest;

    if (host == NULL)
        return err_set(err, ERR_CONFIG,
                       "'%s' should begin with mqtt:// or, with TLS, mqtts://", url);
    if (strchr(host, '@') != NULL)
        return err_set(err, ERR_CONFIG,
                       "the user goes into 'username', the password into a file named by "
                       "'password_file', not into the address");
    made.ipv6 = host[0] == '[';
    if (made.ipv6)
        host++;
    length = strcspn(host, made.ipv6 ? "]" : ":/");
    rest = host + length;
    if (length == 0 || length >= sizeof made.host || (made.ipv6 && *rest++ != ']') ||
        (*rest != '\0' && *rest != ':'))
        return err_set(err, ERR_CONFIG, "'%s' should be %s://host:port", url,
                       made.tls ? "mqtts" : "mqtt");
    memcpy(made.host, host, length);
    if (parse_port(*rest == '\0' ? made.tls ? "8883" : "1883" : rest + 1, &made, err) !=
        0)
        return -1;
    *address = made;
    return 0;
}

static int wait_for_connect(int fd, int timeout_ms, struct err *err)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int why = 0;
    socklen_t size = sizeof why;
    int count = poll(&ready, 1, timeout_ms);

    if (count == 0)
        return err_set(err, ERR_TIMEOUT, "no answer in %d ms", timeout_ms);
    if (count < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
        why = errno;
    errno = why;
    return why == 0 ? 0 : err_set(err, ERR_IO, "%m");
}

static int try_connect(const struct addrinfo *to, int timeout_ms, struct err *err)
{
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    to->ai_protocol);
    int result;

    if (fd < 0)
        return err_set(err, ERR_IO, "%m");
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        result = 0;
    else if (errno == EINPROGRESS)
        result = wait_for_connect(fd, timeout_ms, err);
    else
        result = err_set(err, ERR_IO, "%m");
    (void)close(fd);
    return result;
}

int mqtt_address_probe(const struct mqtt_address *address, int timeout_ms,
                       struct err *err)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(address->host, address->port, &hints, &list);
    int result = -1;

    if (rc != 0)
        return err_set(err, ERR_IO, "%s", gai_strerror(rc));
    /* The library tries one address as well; a second one is for a broken first. */
    for (const struct addrinfo *to = list; to != NULL && result != 0; to = to->ai_next)
        result = try_connect(to, timeout_ms, err);
    freeaddrinfo(list);
    return result;
}
