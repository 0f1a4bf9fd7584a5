/* url.h - the addresses of links and sinks.
 *
 *   tcp://host[:502]          Modbus TCP
 *   rtu:///dev/...            Modbus RTU on a serial device
 *   rtu+tcp://host:port       Modbus RTU frames through a socket (no usual port)
 *   listen+tcp://address:port Modbus TCP of a device that dials in
 *   listen+rtu://address:port RTU frames of a device that dials in
 *   mqtt://host[:1883]  mqtts://host[:8883]
 *   http://host[:80][/path]  https://host[:443][/path]
 *
 * A host is a name, an IPv4 address, or an IPv6 address in brackets. Names and passwords
 * in an address are refused. Pure. Threads: no state.
 */
#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include "base/err.h"

#include <stdint.h>

enum url_scheme {
    URL_TCP,
    URL_RTU,
    URL_RTU_TCP,
    URL_LISTEN_TCP,
    URL_LISTEN_RTU,
    URL_MQTT,
    URL_MQTTS,
    URL_HTTP,
    URL_HTTPS,
};

enum {
    URL_HOST_SIZE = 254,  /* longest DNS name (253) and its terminator */
    URL_PATH_SIZE = 1024, /* longest device path or HTTP path */
};

struct config_url {
    enum url_scheme scheme;
    char host[URL_HOST_SIZE]; /* without brackets; "" for rtu */
    uint16_t port;            /* 0 for rtu */
    char path[URL_PATH_SIZE]; /* "/dev/ttyUSB0", "/write"; "" when there is none */
};

/* ERR_CONFIG: the text says what is wrong with it. */
int config_url_parse(const char *text, struct config_url *url, struct err *err);

/* "host:port" or "[::1]:port", as a web server is told. The port is needed. */
int config_url_host_port(const char *text, struct config_url *url, struct err *err);

#endif
