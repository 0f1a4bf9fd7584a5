/* modbus_endpoint.c - see modbus_endpoint.h. */
#include "adapters/modbus_endpoint.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *scheme;
    enum endpoint_kind kind;
} schemes[] = {
    {"tcp://", ENDPOINT_TCP},
    {"rtu+tcp://", ENDPOINT_RTU_TCP},
    {"rtu://", ENDPOINT_SERIAL},
    {"listen+tcp://", ENDPOINT_LISTEN_TCP},
    {"listen+rtu://", ENDPOINT_LISTEN_RTU},
};

static int refuse(const char *text, const char *why, struct err *err)
{
    return err_set(err, ERR_CONFIG, "modbus address '%s': %s", text, why);
}

static int copy(char *to, size_t size, const char *from, size_t length)
{
    if (length == 0 || length >= size)
        return -1;
    memcpy(to, from, length);
    to[length] = '\0';
    return 0;
}

/* "" is the default; otherwise ":" and 1 to 65535. */
static int parse_port(const char *text, char port[ENDPOINT_PORT_MAX])
{
    char *end;
    unsigned long number = 502;

    if (text[0] != '\0') {
        if (text[0] != ':' || text[1] < '0' || text[1] > '9')
            return -1;
        number = strtoul(text + 1, &end, 10);
        if (*end != '\0' || number == 0 || number > 65535)
            return -1;
    }
    (void)snprintf(port, ENDPOINT_PORT_MAX, "%u", (unsigned)number & 0xFFFFu);
    return 0;
}

static int parse_host(const char *text, struct modbus_endpoint *endpoint,
                      const char **rest)
{
    size_t length;

    if (text[0] == '[') {
        length = strcspn(text + 1, "]");
        *rest = text + 1 + length + (text[1 + length] == ']' ? 1 : 0);
        return text[1 + length] == ']'
                   ? copy(endpoint->host, sizeof endpoint->host, text + 1, length)
                   : -1;
    }
    length = strcspn(text, ":/");
    *rest = text + length;
    return copy(endpoint->host, sizeof endpoint->host, text, length);
}

int modbus_endpoint_parse(const char *text, struct modbus_endpoint *endpoint,
                          struct err *err)
{
    struct modbus_endpoint parsed = {0};
    const char *rest = NULL;

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0] && rest == NULL; i++) {
        size_t length = strlen(schemes[i].scheme);

        if (strncmp(text, schemes[i].scheme, length) != 0)
            continue;
        parsed.kind = schemes[i].kind;
        rest = text + length;
    }
    if (rest == NULL)
        return refuse(text,
                      "starts with none of tcp://, rtu+tcp://, rtu://, listen+tcp://, "
                      "listen+rtu://",
                      err);
    if (parsed.kind == ENDPOINT_SERIAL) {
        if (rest[0] != '/' ||
            copy(parsed.host, sizeof parsed.host, rest, strlen(rest)) != 0)
            return refuse(text, "no absolute path of a device", err);
    } else {
        if (parse_host(rest, &parsed, &rest) != 0)
            return refuse(text, "no host", err);
        if (parse_port(rest, parsed.port) != 0)
            return refuse(text, "no port from 1 to 65535", err);
    }
    *endpoint = parsed;
    return 0;
}
