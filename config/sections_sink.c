/* sections_sink.c - where series go: time series engines; see sections.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/sections.h"
#include "config/url.h"

#include <string.h>

/* clang-format off */
static const struct schema_row sink_rows[] = {
    CONFIG_CHECKED(struct sink_settings, id, "id", CONFIG_REQUIRED, check_id,
                   "Its name, and that of its spool folder."),
    CONFIG_CHOICE(struct sink_settings, type, "type", CONFIG_REQUIRED, sink_type_words,
                  "The engine behind the address."),
    CONFIG_STRING(struct sink_settings, url, "url", CONFIG_REQUIRED,
                  "`http://host[:port]` or `https://host[:port]`; the path of its write "
                  "interface is added."),
    CONFIG_STRING(struct sink_settings, database, "database", CONFIG_OPTIONAL,
                  "influxdb1: must be given. victoriametrics: optional."),
    CONFIG_STRING(struct sink_settings, username, "username", CONFIG_OPTIONAL,
                  "influxdb1 and victoriametrics."),
    CONFIG_STRING(struct sink_settings, password_file, "password_file", CONFIG_OPTIONAL,
                  "A file whose first line is the password."),
    CONFIG_STRING(struct sink_settings, org, "org", CONFIG_OPTIONAL,
                  "influxdb2: must be given."),
    CONFIG_STRING(struct sink_settings, bucket, "bucket", CONFIG_OPTIONAL,
                  "influxdb2: must be given."),
    CONFIG_STRING(struct sink_settings, token_file, "token_file", CONFIG_OPTIONAL,
                  "influxdb2: must be given; a file whose first line is the token."),
    CONFIG_STRING(struct sink_settings, ca_file, "ca_file", CONFIG_OPTIONAL,
                  "https: certificates (PEM) to trust instead of the system's."),
    CONFIG_BOOL(struct sink_settings, gzip, "gzip", "true", "Compress what is sent."),
    CONFIG_DURATION(struct sink_settings, flush_ms, "flush", "1s", 100, CONFIG_MIN,
                    "Fresh lines leave at least this often."),
    CONFIG_INT(struct sink_settings, batch_lines, "batch_lines", "5000", 1, 50000,
               "At most so many lines in one request."),
    CONFIG_DURATION(struct sink_settings, timeout_ms, "timeout", "10s", CONFIG_S,
                    5 * CONFIG_MIN, "How long one request may take."),
    CONFIG_SIZE(struct sink_settings, spool_max_bytes, "spool_max", "1GiB", 1048576.0,
                1099511627776.0,
                "What waits on disk while the engine is away; beyond that the oldest go, "
                "counted."),
    CONFIG_DURATION(struct sink_settings, spool_max_age_ms, "spool_max_age", "30d",
                    CONFIG_HOUR, 3660 * CONFIG_DAY, "Older lines are not sent any more."),
    CONFIG_REFUSED("password", "write it to a file and name that: password_file"),
    CONFIG_REFUSED("token", "write it to a file and name that: token_file"),
    CONFIG_REFUSED("host", "write url = \"http://host:port\""),
    CONFIG_REFUSED("port", "write url = \"http://host:port\""),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section sink_section = {
    .name = "sink",
    .path = "sinks",
    .id_key = "id",
    .rows = sink_rows,
    .doc = "A time series engine that gets every line. While it is away lines wait in a "
           "spool on disk.",
};

enum need {
    NEED_NO,
    NEED_MAY,
    NEED_MUST,
};

static const struct {
    const char *key;
    enum need need[3]; /* by enum sink_type */
} needs[] = {
    {"database", {NEED_MUST, NEED_NO, NEED_MAY}},
    {"username", {NEED_MAY, NEED_NO, NEED_MAY}},
    {"password_file", {NEED_MAY, NEED_NO, NEED_MAY}},
    {"org", {NEED_NO, NEED_MUST, NEED_NO}},
    {"bucket", {NEED_NO, NEED_MUST, NEED_NO}},
    {"token_file", {NEED_NO, NEED_MUST, NEED_NO}},
};

static bool check_keys(struct reader *reader, const struct node *node,
                       enum sink_type type)
{
    const char *name = sink_type_name(type);
    bool ok = true;

    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        const struct node *value = node_member(node, needs[i].key);
        enum need need = needs[i].need[type];
        bool empty =
            value == NULL || (value->kind == NODE_STRING && value->string[0] == '\0');

        if (value != NULL && need == NEED_NO)
            ok = schema_fail(reader, CODE(NOT_HERE), value->key, "delete it",
                             "\"%s\" has no meaning for type \"%s\"", needs[i].key, name);
        else if (empty && need == NEED_MUST)
            ok = schema_fail(reader, CODE(SINK_KEYS), schema_id_pos(&sink_section, node),
                             NULL, "type \"%s\" needs \"%s\"", name, needs[i].key);
    }
    return ok;
}

static bool check_url(struct reader *reader, const struct node *node,
                      const struct sink_settings *sink, bool *tls)
{
    struct config_url url;
    struct err err;

    if (config_url_parse(sink->url, &url, &err) != 0)
        return schema_fail(reader, CODE(URL), schema_pos(node, "url"),
                           "such as http://192.168.1.20:8086", "url: %s", err.text);
    if (url.scheme != URL_HTTP && url.scheme != URL_HTTPS)
        return schema_fail(reader, CODE(URL), schema_pos(node, "url"), NULL,
                           "url: it begins with none of http:// https://");
    *tls = url.scheme == URL_HTTPS;
    return true;
}

bool section_read_sink(struct reader *reader, const struct node *node,
                       struct sink_settings *sink)
{
    bool ok = schema_read(reader, &sink_section, NULL, node, sink);
    bool tls = false;

    sink->pos = schema_id_pos(&sink_section, node);
    if (!ok)
        return false;
    ok = check_keys(reader, node, sink->type);
    if (!check_url(reader, node, sink, &tls))
        return false;
    if (!tls && !section_refuse(reader, node, "ca_file", "without https://"))
        ok = false;
    if (sink->password_file[0] != '\0' && sink->username[0] == '\0')
        ok = schema_fail(reader, CODE(REQUIRED), schema_pos(node, "password_file"), NULL,
                         "password_file needs a username");
    ok = section_file(reader, node, "password_file", true, &sink->password_file) && ok;
    ok = section_file(reader, node, "token_file", true, &sink->token_file) && ok;
    return section_file(reader, node, "ca_file", false, &sink->ca_file) && ok;
}
