/* sections_site.c - site, web and history; see sections.h. */
#include "config/checks.h"
#include "config/codes.h"
#include "config/names.h"
#include "config/paths.h"
#include "config/sections.h"
#include "config/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
static const struct schema_row site_rows[] = {
    CONFIG_CHECKED(struct site_settings, id, "id", CONFIG_REQUIRED, check_site_id,
                   "Names the site in every issue and series; never change it."),
    CONFIG_STRING(struct site_settings, name, "name", CONFIG_OPTIONAL,
                  "As people call it; the id when not given."),
    CONFIG_STRING(struct site_settings, timezone, "timezone", "UTC",
                  "IANA name, such as \"Asia/Shanghai\": days and months of reports, "
                  "hours of rules."),
    CONFIG_WORD(struct site_settings, language, "language", "en", language_words,
                "Of reports and of pages until a person chooses another."),
    CONFIG_END,
};

static const struct schema_row web_rows[] = {
    CONFIG_STRING(struct web_settings, listen, "listen", "127.0.0.1:8080",
                  "Address and port of the pages and the API; a loopback address."),
    CONFIG_END,
};

static const struct schema_row history_rows[] = {
    CONFIG_DURATION(struct history_settings, keep_minutes_ms, "keep_minutes", "400d",
                    31 * CONFIG_DAY, 36500 * CONFIG_DAY,
                    "How long minute values are kept on this machine. Whole months are "
                    "deleted."),
    CONFIG_DURATION(struct history_settings, keep_hours_ms, "keep_hours", "3660d",
                    31 * CONFIG_DAY, 36500 * CONFIG_DAY,
                    "How long hour values are kept; not shorter than keep_minutes."),
    CONFIG_DURATION(struct history_settings, keep_readings_ms, "keep_readings", "35d",
                    CONFIG_DAY, 3660 * CONFIG_DAY,
                    "How long every reading of the points that rules look at is kept: for a "
                    "restart, and to try rules on the past."),
    CONFIG_SIZE(struct history_settings, readings_max_bytes, "readings_max", "4GiB",
                16.0 * 1024 * 1024, 1099511627776.0,
                "Of all those readings; the oldest day goes first."),
    CONFIG_END,
};
/* clang-format on */

const struct schema_section site_section = {
    .name = "site",
    .path = "site",
    .id_key = "id",
    .rows = site_rows,
    .doc = "The building or estate this gateway serves. Must be given.",
};

const struct schema_section web_section = {
    .name = "web",
    .path = "web",
    .rows = web_rows,
    .doc = "The web server. There are no accounts yet, so it listens on loopback only; "
           "a reverse proxy with authentication makes it reachable.",
};

const struct schema_section history_section = {
    .name = "history",
    .path = "history",
    .rows = history_rows,
    .doc = "The series that are kept on this machine, below `state_dir`.",
};

bool section_read_site(struct reader *reader, const struct node *node,
                       struct site_settings *site)
{
    bool ok = schema_read(reader, &site_section, NULL, node, site);

    site->pos = schema_id_pos(&site_section, node);
    if (site->name[0] == '\0')
        site->name = site->id;
    if (!paths_check_timezone(reader, schema_pos(node, "timezone"), site->timezone))
        ok = false;
    return ok;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool section_read_web(struct reader *reader, const struct node *node,
                      struct web_settings *web)
{
    bool ok = schema_read(reader, &web_section, NULL, node, web);
    struct config_url url;
    struct err err;

    web->pos = node->pos;
    if (!ok)
        return false;
    if (config_url_host_port(web->listen, &url, &err) != 0)
        return schema_fail(reader, CODE(URL), schema_pos(node, "listen"),
                           "such as \"127.0.0.1:8080\" or \"[::1]:8080\"", "listen: %s",
                           err.text);
    if (!is_loopback(url.host))
        return schema_fail(
            reader, CODE(LISTEN), schema_pos(node, "listen"),
            "put a reverse proxy with authentication in front",
            "accounts are not built yet, so only loopback is possible, not \"%s\"",
            url.host);
    return true;
}

bool section_read_history(struct reader *reader, const struct node *node,
                          struct history_settings *history)
{
    if (!schema_read(reader, &history_section, NULL, node, history))
        return false;
    history->pos = node->pos;
    if (history->keep_hours_ms < history->keep_minutes_ms)
        return schema_fail(reader, CODE(BOUNDS), schema_pos(node, "keep_hours"), NULL,
                           "keep_hours must not be shorter than keep_minutes");
    return true;
}

static const struct node empty_group = {.kind = NODE_GROUP, .name = ""};

void section_default_web(struct web_settings *web)
{
    struct reader reader = {0}; /* nothing can be reported about nothing */

    (void)schema_read(&reader, &web_section, NULL, &empty_group, web);
}

void section_default_history(struct history_settings *history)
{
    struct reader reader = {0};

    (void)schema_read(&reader, &history_section, NULL, &empty_group, history);
}

void section_default_poll(struct poll_periods *poll)
{
    struct reader reader = {0};

    (void)schema_read(&reader, &poll_section, NULL, &empty_group, poll);
}
