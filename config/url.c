/* url.c - see url.h. */
#include "config/url.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct scheme {
    const char *prefix;
    enum url_scheme scheme;
    uint16_t port; /* the usual one; 0: must be given */
    bool host;
    bool path;
} schemes[] = {
    {"tcp://", URL_TCP, 502, true, false},
    {"rtu://", URL_RTU, 0, false, true},
    {"rtu+tcp://", URL_RTU_TCP, 0, true, false},
    {"listen+tcp://", URL_LISTEN_TCP, 0, true, false},
    {"listen+rtu://", URL_LISTEN_RTU, 0, true, false},
    {"mqtt://", URL_MQTT, 1883, true, false},
    {"mqtts://", URL_MQTTS, 8883, true, false},
    {"http://", URL_HTTP, 80, true, true},
    {"https://", URL_HTTPS, 443, true, true},
};

static const struct scheme *find_scheme(const char *text)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strncmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
            return &schemes[i];
    return NULL;
}

static int check_name(const char *host, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-._";
    struct in_addr address;

    if (host[0] == '\0')
        return err_set(err, ERR_CONFIG, "the host is missing");
    if (host[strspn(host, letters)] != '\0')
        return err_set(err, ERR_CONFIG, "'%.1s' cannot be in a host name",
                       host + strspn(host, letters));
    if (host[0] == '.' || host[0] == '-' || strstr(host, "..") != NULL)
        return err_set(err, ERR_CONFIG, "\"%s\" is no host name", host);
    if (host[strspn(host, "0123456789.")] == '\0' &&
        inet_pton(AF_INET, host, &address) != 1)
        return err_set(err, ERR_CONFIG, "\"%s\" is no IPv4 address", host);
    return 0;
}

/* Copies what stands before `end`. */
static int take(char *to, size_t size, const char *from, const char *end, struct err *err)
{
    size_t length = (size_t)(end - from);

    if (length >= size)
        return err_set(err, ERR_CONFIG, "it is too long");
    memcpy(to, from, length);
    to[length] = '\0';
    return 0;
}

static int parse_host(const char **at, char host[URL_HOST_SIZE], struct err *err)
{
    const char *text = *at;
    const char *end;
    struct in6_addr address;

    if (text[0] == '[') {
        end = strchr(text, ']');
        if (end == NULL)
            return err_set(err, ERR_CONFIG, "the ']' of the IPv6 address is missing");
        if (take(host, URL_HOST_SIZE, text + 1, end, err) != 0)
            return -1;
        *at = end + 1;
        return inet_pton(AF_INET6, host, &address) == 1
                   ? 0
                   : err_set(err, ERR_CONFIG, "\"%s\" is no IPv6 address", host);
    }
    end = text + strcspn(text, ":/?#");
    if (take(host, URL_HOST_SIZE, text, end, err) != 0)
        return -1;
    if (*end == ':' && strchr(end + 1, ':') != NULL)
        return err_set(err, ERR_CONFIG, "an IPv6 address stands in brackets: [%s]", text);
    *at = end;
    return check_name(host, err);
}

static int parse_port(const char **at, uint16_t *port, struct err *err)
{
    const char *digits = *at + 1;
    size_t length = strspn(digits, "0123456789");
    long value = length == 0 || length > 5 ? 0 : strtol(digits, NULL, 10);

    if (value < 1 || value > 65535)
        return err_set(err, ERR_CONFIG, "the port must be 1 to 65535");
    *port = (uint16_t)value;
    *at = digits + length;
    return 0;
}

static int parse_authority(const char **at, const struct scheme *scheme,
                           struct config_url *url, struct err *err)
{
    if (strchr(*at, '@') != NULL)
        return err_set(err, ERR_CONFIG,
                       "no names or passwords in it; there are username and "
                       "password_file");
    if (parse_host(at, url->host, err) != 0)
        return -1;
    url->port = scheme->port;
    if (**at == ':' && parse_port(at, &url->port, err) != 0)
        return -1;
    if (url->port == 0)
        return err_set(err, ERR_CONFIG, "the port is missing");
    return 0;
}

static int parse_path(const char *at, const struct scheme *scheme, struct config_url *url,
                      struct err *err)
{
    if (!scheme->host && at[0] != '/')
        return err_set(err, ERR_CONFIG, "a device has three slashes: rtu:///dev/...");
    if (at[strcspn(at, "?#")] != '\0' && scheme->host)
        return err_set(err, ERR_CONFIG, "'?' and '#' have no place in it");
    if (!scheme->path && at[0] != '\0' && strcmp(at, "/") != 0)
        return err_set(err, ERR_CONFIG, "\"%s\" behind the address has no meaning", at);
    if (at[0] != '\0' && at[0] != '/')
        return err_set(err, ERR_CONFIG, "\"%s\" is no path", at);
    return take(url->path, URL_PATH_SIZE, at,
                at + (scheme->path && strcmp(at, "/") != 0 ? strlen(at) : 0), err);
}

int config_url_parse(const char *text, struct config_url *url, struct err *err)
{
    const struct scheme *scheme = find_scheme(text);
    struct config_url parsed = {0};
    const char *at;

    if (scheme == NULL)
        return err_set(err, ERR_CONFIG,
                       "it begins with none of the schemes that are known");
    if (text[strcspn(text, " \t\r\n\"\\")] != '\0')
        return err_set(err, ERR_CONFIG, "there is a blank or a backslash in it");
    parsed.scheme = scheme->scheme;
    at = text + strlen(scheme->prefix);
    if (scheme->host && parse_authority(&at, scheme, &parsed, err) != 0)
        return -1;
    if (parse_path(at, scheme, &parsed, err) != 0)
        return -1;
    *url = parsed;
    return 0;
}

int config_url_host_port(const char *text, struct config_url *url, struct err *err)
{
    static const struct scheme none = {"", URL_HTTP, 0, true, false};
    struct config_url parsed = {.scheme = URL_HTTP};
    const char *at = text;

    if (parse_authority(&at, &none, &parsed, err) != 0)
        return -1;
    if (*at != '\0')
        return err_set(err, ERR_CONFIG, "\"%s\" behind the port has no meaning", at);
    *url = parsed;
    return 0;
}
