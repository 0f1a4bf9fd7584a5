/* mqtt_trouble.c - see mqtt_trouble.h. */
#include "adapters/mqtt_trouble.h"

#include "adapters/mqtt_tls.h"

#include <stdio.h>
#include <string.h>

enum {
    PROBE_MS = 2000,
    REASON_FIELD = 5, /* of OpenSSL's line, from 0 */
};

/* Source: MQTT 3.1.1, table 3.1. */
static const char *const connack[] = {
    [1] = "the broker does not speak MQTT 3.1.1",
    [2] = "the broker refuses the client id",
    [3] = "the broker says that its service is not available",
    [4] = "the broker refuses the user name or the password",
    [5] = "the broker does not let this client in: user name, password or certificate",
};

static const struct {
    const char *reason; /* how OpenSSL's begins */
    const char *hint;
} hints[] = {
    {"certificate verify failed", ": the broker's certificate is not signed by a CA that "
                                  "is trusted here (ca_file), or "
                                  "is not valid today"},
    {"wrong version number", ": the port does not speak TLS"},
    {"tlsv1 alert unknown ca", ": the broker does not trust cert_file"},
    {"sslv3 alert handshake failure", ": the broker may want a client certificate"},
    {"tlsv13 alert certificate required", ": the broker wants a client certificate"},
    {"key values mismatch", ": key_file does not belong to cert_file"},
};

const char *mqtt_trouble_connack(int code)
{
    if (code < 1 || code >= (int)(sizeof connack / sizeof connack[0]))
        return NULL;
    return connack[code];
}

static const char *hint_for(const char *reason, size_t length)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (length >= strlen(hints[i].reason) &&
            memcmp(reason, hints[i].reason, strlen(hints[i].reason)) == 0)
            return hints[i].hint;
    return "";
}

void mqtt_trouble_tls(const char *line, size_t length, char *out, size_t size)
{
    size_t start = 0;
    size_t end;

    for (int field = 0; field < REASON_FIELD; field++) {
        size_t next = start;

        while (next < length && line[next] != ':')
            next++;
        if (next == length)
            break; /* not the form we know: from here on */
        start = next + 1;
    }
    end = start;
    while (end < length && line[end] != ':' && (unsigned char)line[end] >= 0x20)
        end++;
    (void)snprintf(out, size, "TLS: %.*s%s", (int)(end - start), line + start,
                   hint_for(line + start, end - start));
}

void mqtt_trouble_look(const struct mqtt_options *options, char *out, size_t size)
{
    const struct mqtt_address *address = &options->address;
    struct err why = {0};

    if (mqtt_address_probe(address, PROBE_MS, &why) != 0) {
        (void)snprintf(out, size, "cannot connect to %.120s port %s: %.80s",
                       address->host, address->port, why.text);
        return;
    }
    if ((address->tls && mqtt_tls_look(options, out, size)) || out[0] != '\0')
        return;
    if (!address->tls)
        (void)snprintf(out, size,
                       "%.120s port %s takes connections but does not answer as an MQTT "
                       "broker",
                       address->host, address->port);
    else if (options->settings->cert_file[0] == '\0')
        (void)snprintf(out, size,
                       "TLS: the broker breaks the connection off; it may want a client "
                       "certificate (cert_file and key_file)");
    else
        (void)snprintf(out, size,
                       "TLS: the broker breaks the connection off; it may not accept the "
                       "certificate in cert_file");
}
