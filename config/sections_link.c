/* sections_link.c - links: serial buses, Modbus TCP peers, brokers; see sections.h. */
#include "config/bauds.h"
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/packet.h"
#include "config/sections.h"
#include "config/url.h"

#include <string.h>

static schema_parse read_packet;

/* clang-format off */
static const struct schema_row link_rows[] = {
    CONFIG_CHECKED(struct link_settings, id, "id", CONFIG_REQUIRED, check_id,
                   "Its name; links and equipment share one set of ids."),
    CONFIG_STRING(struct link_settings, modbus, "modbus", CONFIG_OPTIONAL,
                  "`tcp://host[:502]`, `rtu:///dev/serial/by-id/...`, "
                  "`rtu+tcp://host:port` (RTU frames through a socket), or for a device "
                  "that dials in `listen+tcp://0.0.0.0:port` and "
                  "`listen+rtu://0.0.0.0:port`. Exactly one of `modbus` and `mqtt` is "
                  "given."),
    CONFIG_STRING(struct link_settings, mqtt, "mqtt", CONFIG_OPTIONAL,
                  "`mqtt://host[:1883]` or `mqtts://host[:8883]`."),
    CONFIG_DURATION(struct link_settings, timeout_ms, "timeout", "1s", 10, 8 * CONFIG_S,
                    "How long an answer, or a connection, may take; a stop waits for it."),
    CONFIG_INT(struct link_settings, baud, "baud", "9600", 50, 4000000,
               "A rate that the device's manual names. On a TCP link: the speed of the bus "
               "behind the gateway, so that `--plan` knows what it carries; no default "
               "there."),
    CONFIG_WORD(struct link_settings, parity, "parity", "none", parity_words,
                "Of that bus."),
    CONFIG_INT(struct link_settings, stop_bits, "stop_bits", "1", 1, 2, "Of that bus."),
    CONFIG_DURATION(struct link_settings, turnaround_ms, "turnaround", "0s", 0,
                    10 * CONFIG_S,
                    "Modbus: silence between an answer and the next request, beyond the "
                    "3.5 characters of the protocol. Old devices need 20ms."),
    CONFIG_CUSTOM("registration", CONFIG_OPTIONAL, read_packet,
                  "text, or \"hex:44 54 55\"",
                  "listen: the bytes that the device sends first, by which it is known. "
                  "Several links may listen at one port with different ones."),
    CONFIG_CUSTOM("keepalive_packet", CONFIG_OPTIONAL, read_packet,
                  "text, or \"hex:44 54 55\"",
                  "listen: bytes that the device sends between answers to keep its "
                  "connection; they are dropped."),
    CONFIG_STRING(struct link_settings, power, "power", CONFIG_OPTIONAL,
                  "Id of the equipment that feeds it (a meter, a UPS): when that is without "
                  "voltage, the link is not at fault."),
    CONFIG_CHECKED(struct link_settings, topics, "topics", CONFIG_OPTIONAL,
                   check_topic_pattern,
                   "MQTT: topic of equipment that has none of its own. The level "
                   "`{equipment}` stands for its id, `+` for any."),
    CONFIG_INT(struct link_settings, max_rate, "max_rate", "100", 1, 1000000,
               "MQTT: messages per second of one topic; more are dropped and counted."),
    CONFIG_SIZE(struct link_settings, max_payload_bytes, "max_payload", "256KiB", 64,
                256.0 * 1024 * 1024,
                "MQTT: larger messages are dropped and counted."),
    CONFIG_CHECKED(struct link_settings, sparkplug, "sparkplug", CONFIG_OPTIONAL, check_id,
                   "MQTT: the broker speaks Sparkplug B, and this is the id of the gateway "
                   "as its host application, which keeps its state at "
                   "`spBv1.0/STATE/<id>`. The `topic` of an equipment is then "
                   "`group/node` or `group/node/device`, the `path` of a point the name of "
                   "its metric. What `max_payload` drops is a hole in a "
                   "sequence, and the node is asked for all of its values."),
    CONFIG_STRING(struct link_settings, client_id, "client_id", CONFIG_OPTIONAL,
                  "MQTT: must be unique at the broker; `<site>-<link>` when not given."),
    CONFIG_STRING(struct link_settings, username, "username", CONFIG_OPTIONAL, "MQTT."),
    CONFIG_STRING(struct link_settings, password_file, "password_file", CONFIG_OPTIONAL,
                  "MQTT: a file whose first line is the password, readable by its owner "
                  "only, or the name of a systemd credential."),
    CONFIG_STRING(struct link_settings, ca_file, "ca_file", CONFIG_OPTIONAL,
                  "mqtts: certificates (PEM) to trust instead of the system's."),
    CONFIG_STRING(struct link_settings, cert_file, "cert_file", CONFIG_OPTIONAL,
                  "mqtts: the gateway's own certificate (PEM)."),
    CONFIG_STRING(struct link_settings, key_file, "key_file", CONFIG_OPTIONAL,
                  "mqtts: the key of that certificate (PEM), readable by its owner only."),
    CONFIG_DURATION(struct link_settings, keepalive_ms, "keepalive", "30s", 5 * CONFIG_S,
                    10 * CONFIG_MIN, "MQTT: a dead connection is noticed after 1.5 times that."),
    CONFIG_INT(struct link_settings, qos, "qos", "1", 0, 1, "MQTT: of the subscriptions."),
    CONFIG_CHECKED(struct link_settings, status_topic, "status_topic", CONFIG_OPTIONAL,
                   check_topic,
                   "MQTT: where the gateway keeps a retained \"online\" or \"offline\"."),
    CONFIG_REFUSED("password", "write it to a file and name that: password_file"),
    CONFIG_REFUSED("host", "write modbus = \"tcp://host:port\" or mqtt = \"mqtt://host:port\""),
    CONFIG_REFUSED("port", "write modbus = \"tcp://host:port\" or mqtt = \"mqtt://host:port\""),
    CONFIG_REFUSED("type", "modbus = \"...\" or mqtt = \"...\" tells the type"),
    CONFIG_REFUSED("device", "write modbus = \"rtu:///dev/...\""),
    CONFIG_REFUSED("baudrate", "the key is \"baud\""),
    CONFIG_REFUSED("unit", "the unit belongs to the equipment"),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section link_section = {
    .name = "link",
    .path = "links",
    .id_key = "id",
    .rows = link_rows,
    .doc =
        "One wire or one peer: a serial bus, a Modbus TCP host and port, a broker. All "
        "units behind one wire or peer are equipment of one link.",
};

static bool read_packet(struct reader *reader, const struct scope *scope,
                        const struct schema_row *row, const struct node *node, void *out)
{
    struct link_settings *link = out;
    bool first = strcmp(row->key, "registration") == 0;
    char bytes[PACKET_MAX];
    size_t length;
    const char *text;

    if (!schema_text(reader, scope, row->key, node, &text))
        return false;
    if (!packet_bytes(text, bytes, &length))
        return schema_fail(
            reader, CODE(FORM), node->pos, "such as \"DTU-0017\" or \"hex:44 54 55 00\"",
            "\"%s\" is a text or \"hex:\" and bytes, 1 to %d", row->key, PACKET_MAX);
    *(first ? &link->registration : &link->keepalive_packet) =
        arena_bytes(reader->arena, bytes, length);
    *(first ? &link->registration_length : &link->keepalive_packet_length) = length;
    return true;
}

static bool read_url(struct reader *reader, const struct node *node, const char *key,
                     const char *text, const char *hint, struct config_url *url)
{
    struct err err;

    if (config_url_parse(text, url, &err) != 0)
        return schema_fail(reader, CODE(URL), schema_pos(node, key), hint, "%s: %s", key,
                           err.text);
    return true;
}

static bool check_baud(struct reader *reader, const struct node *node,
                       const struct link_settings *link)
{
    char all[BAUDS_TEXT_MAX];

    if (baud_exists(link->baud))
        return true;
    return schema_fail(reader, CODE(BAUD), schema_pos(node, "baud"),
                       arena_format(reader->arena, "did you mean %lld? There are %s",
                                    (long long)baud_nearest(link->baud), bauds_text(all)),
                       "there is no baud rate %lld", (long long)link->baud);
}

static bool refuse_all(struct reader *reader, const struct node *node,
                       const char *const *keys, const char *why)
{
    bool ok = true;

    for (; *keys != NULL; keys++)
        if (!section_refuse(reader, node, *keys, why))
            ok = false;
    return ok;
}

static bool is_listen(const struct config_url *url)
{
    return url->scheme == URL_LISTEN_TCP || url->scheme == URL_LISTEN_RTU;
}

static bool finish_listen(struct reader *reader, const struct node *node,
                          const struct link_settings *link)
{
    if (link->registration_length > 0 || node_member(node, "registration") != NULL)
        return true;
    return schema_fail(reader, CODE(REQUIRED), schema_pos(node, "modbus"),
                       "add registration = \"...\";: what the device sends first",
                       "\"registration\" is missing: any device could dial in");
}

static bool finish_modbus(struct reader *reader, const struct node *node,
                          struct link_settings *link)
{
    static const char *const mqtt_keys[] = {
        "client_id",    "username",  "password_file", "ca_file", "cert_file",
        "key_file",     "keepalive", "qos",           "topics",  "max_rate",
        "status_topic", "sparkplug", "max_payload",   NULL};
    static const char *const serial_keys[] = {"parity", "stop_bits", NULL};
    static const char *const listen_keys[] = {"registration", "keepalive_packet", NULL};
    static const char modbus_hint[] =
        "such as tcp://192.168.1.20, rtu:///dev/ttyUSB0 or rtu+tcp://192.168.1.20:4001";
    struct config_url url;
    bool ok = refuse_all(reader, node, mqtt_keys, "on a Modbus link");

    if (!read_url(reader, node, "modbus", link->modbus, modbus_hint, &url))
        return false;
    if (url.scheme > URL_LISTEN_RTU)
        return schema_fail(
            reader, CODE(URL), schema_pos(node, "modbus"), NULL,
            "modbus: it begins with none of tcp:// rtu:/// rtu+tcp:// listen+tcp:// "
            "listen+rtu://");
    ok = (is_listen(&url) ? finish_listen(reader, node, link)
                          : refuse_all(reader, node, listen_keys,
                                       "on a link that the gateway opens")) &&
         ok;
    if (url.scheme != URL_RTU && node_member(node, "baud") == NULL) {
        link->baud = 0; /* nothing is known of a bus behind it */
        return refuse_all(reader, node, serial_keys, "without a baud rate") && ok;
    }
    return check_baud(reader, node, link) && ok;
}

static bool finish_tls(struct reader *reader, const struct node *node,
                       struct link_settings *link, bool tls)
{
    static const char *const tls_keys[] = {"ca_file", "cert_file", "key_file", NULL};
    bool ok = true;

    if (!tls)
        return refuse_all(reader, node, tls_keys, "without mqtts://");
    if ((link->cert_file[0] == '\0') != (link->key_file[0] == '\0'))
        ok = schema_fail(
            reader, CODE(REQUIRED),
            schema_pos(node, link->cert_file[0] == '\0' ? "key_file" : "cert_file"), NULL,
            "cert_file and key_file belong together");
    ok = section_file(reader, node, "ca_file", false, &link->ca_file) && ok;
    ok = section_file(reader, node, "cert_file", false, &link->cert_file) && ok;
    return section_file(reader, node, "key_file", true, &link->key_file) && ok;
}

static bool finish_mqtt(struct reader *reader, const struct node *node,
                        struct link_settings *link)
{
    static const char *const modbus_keys[] = {
        "baud",         "parity",           "stop_bits", "turnaround",
        "registration", "keepalive_packet", NULL};
    /* The STATE of the host application is the will, and there is one only. Every message
     * counts in a sequence, so none is dropped for its rate. */
    static const char *const plain_keys[] = {"topics", "status_topic", "max_rate", NULL};
    struct config_url url;
    bool ok = refuse_all(reader, node, modbus_keys, "on an MQTT link");

    if (link->sparkplug[0] != '\0')
        ok = refuse_all(reader, node, plain_keys, "with Sparkplug B") && ok;
    if (!read_url(reader, node, "mqtt", link->mqtt, "such as mqtt://192.168.1.20", &url))
        return false;
    if (url.scheme != URL_MQTT && url.scheme != URL_MQTTS)
        return schema_fail(reader, CODE(URL), schema_pos(node, "mqtt"), NULL,
                           "mqtt: it begins with none of mqtt:// mqtts://");
    if (link->password_file[0] != '\0' && link->username[0] == '\0')
        ok = schema_fail(reader, CODE(REQUIRED), schema_pos(node, "password_file"), NULL,
                         "password_file needs a username");
    ok = section_file(reader, node, "password_file", true, &link->password_file) && ok;
    return finish_tls(reader, node, link, url.scheme == URL_MQTTS) && ok;
}

bool section_read_link(struct reader *reader, const struct node *node,
                       struct link_settings *link)
{
    bool ok = schema_read(reader, &link_section, NULL, node, link);
    bool modbus = link->modbus[0] != '\0';
    bool mqtt = link->mqtt[0] != '\0';

    if (link->registration == NULL)
        link->registration = "";
    if (link->keepalive_packet == NULL)
        link->keepalive_packet = "";
    link->pos = schema_id_pos(&link_section, node);
    link->kind = mqtt ? LINK_MQTT : LINK_MODBUS;
    if (modbus == mqtt) {
        if (!ok && !modbus) /* its key is misspelt or its value is broken */
            return false;
        return schema_fail(reader, CODE(LINK_ADDRESS),
                           modbus ? schema_pos(node, "mqtt") : link->pos, NULL,
                           "a link needs exactly one of \"modbus\" and \"mqtt\"");
    }
    return (modbus ? finish_modbus(reader, node, link)
                   : finish_mqtt(reader, node, link)) &&
           ok;
}
