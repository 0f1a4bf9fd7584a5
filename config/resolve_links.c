/* resolve_links.c - links among each other; see resolve.h. */
#include "config/codes.h"
#include "config/resolve.h"
#include "config/url.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A registration as a text without NULs. */
static const char *bytes_text(struct reader *reader, const struct link_settings *link)
{
    char *text = arena_array(reader->arena, 2 * link->registration_length + 1, 1);

    for (size_t i = 0; i < link->registration_length; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", (unsigned char)link->registration[i]);
    return text;
}

/* The name under which two links would meet: the wire or the peer. "" when the address
 * is broken, which is reported elsewhere. */
static const char *peer_of(struct reader *reader, const struct link_settings *link)
{
    const char *text = link->kind == LINK_MODBUS ? link->modbus : link->mqtt;
    struct config_url url;
    struct err err;
    char resolved[PATH_MAX];

    if (config_url_parse(text, &url, &err) != 0)
        return "";
    if (url.scheme == URL_RTU) {
        /* /dev/ttyUSB0 and its name in by-id are one wire. */
        if (reader->disk && realpath(url.path, resolved) != NULL)
            return arena_format(reader->arena, "rtu %s", resolved);
        return arena_format(reader->arena, "rtu %s", url.path);
    }
    for (char *c = url.host; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    /* A broker may serve several links as long as it can tell them apart. */
    if (link->kind == LINK_MQTT)
        return arena_format(reader->arena, "mqtt %s %u %s", url.host, url.port,
                            link->client_id);
    /* Devices that dial in at one port are told apart by what they send first. */
    if (url.scheme == URL_LISTEN_TCP || url.scheme == URL_LISTEN_RTU)
        return arena_format(reader->arena, "listen %s %u %s", url.host, url.port,
                            bytes_text(reader, link));
    return arena_format(reader->arena, "tcp %s %u", url.host, url.port);
}

static void check_peer(struct resolver *resolver, struct map *peers, uint32_t index)
{
    struct drafts *drafts = resolver->drafts;
    struct reader *reader = &drafts->reader;
    const struct link_draft *link = draft_link(drafts, index);
    const char *peer = peer_of(reader, &link->settings);
    bool modbus = link->settings.kind == LINK_MODBUS;
    const struct link_settings *first;

    if (peer[0] == '\0' || map_put(peers, peer, index))
        return;
    first = &draft_link(drafts, map_get(peers, peer))->settings;
    (void)schema_fail(
        reader, CODE(SAME_PEER), schema_pos(link->node, modbus ? "modbus" : "client_id"),
        !modbus                                  ? "use one link, or another client_id"
        : link->settings.registration_length > 0 ? "use another registration"
                                                 : "use one link with several units",
        "link \"%s\" in line %u already goes there", first->id, first->pos.line);
}

/* ---- devices that dial in at one port ---- */

static bool same_port(const struct link_settings *a, const struct link_settings *b)
{
    const char *x = strstr(a->modbus, "://");
    const char *y = strstr(b->modbus, "://");

    return x != NULL && y != NULL && strcmp(x, y) == 0;
}

static bool begins_alike(const struct link_settings *a, const struct link_settings *b)
{
    size_t length = a->registration_length < b->registration_length
                        ? a->registration_length
                        : b->registration_length;

    return a->registration_length != b->registration_length && /* else SAME_PEER */
           memcmp(a->registration, b->registration, length) == 0;
}

/* A registration that another one begins with is recognised too early. Links are at most
 * 1000, of which few listen. */
static void check_registrations(struct resolver *resolver, size_t index)
{
    struct drafts *drafts = resolver->drafts;
    const struct link_draft *link = draft_link(drafts, index);

    for (size_t i = 0; i < index && link->settings.registration_length > 0; i++) {
        const struct link_settings *other = &draft_link(drafts, i)->settings;

        if (other->registration_length == 0 || !same_port(&link->settings, other) ||
            !begins_alike(&link->settings, other))
            continue;
        (void)schema_fail(&drafts->reader, CODE(SAME_PEER),
                          schema_pos(link->node, "registration"),
                          "neither may begin with the other",
                          "the registration of link \"%s\" in line %u begins alike",
                          other->id, other->pos.line);
        return;
    }
}

static bool is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

/* A secret that crosses a network in clear text is worth a word. */
static void check_exposed(struct reader *reader, const char *url, const char *secret,
                          struct config_pos pos)
{
    struct config_url parsed;
    struct err err;

    if (secret[0] == '\0' || config_url_parse(url, &parsed, &err) != 0 ||
        is_local(parsed.host) || (parsed.scheme != URL_MQTT && parsed.scheme != URL_HTTP))
        return;
    config_report_add(reader->report, REPORT_WARNING, CODE(W_EXPOSED), pos,
                      parsed.scheme == URL_MQTT ? "use mqtts://" : "use https://",
                      "the secret crosses the network in clear text");
}

/* The equipment that feeds it. */
static void check_power(struct resolver *resolver, struct link_draft *link)
{
    struct drafts *drafts = resolver->drafts;
    struct link_settings *settings = &link->settings;
    struct config_pos pos = schema_pos(link->node, "power");
    uint32_t index = map_get(resolver->equipment, settings->power);

    if (settings->power[0] == '\0')
        return;
    if (index == MAP_NONE) {
        resolve_unknown(resolver, "equipment", settings->power, pos,
                        (struct candidates){resolve_equipment_names(resolver),
                                            drafts->equipment.count});
    } else if (!draft_equipment(drafts, index)->draft.enabled) {
        config_report_add(drafts->reader.report, REPORT_WARNING, CODE(W_NO_EFFECT), pos,
                          NULL,
                          "equipment \"%s\" is not enabled, so nothing is known of what "
                          "feeds the link",
                          settings->power);
        settings->power = "";
    }
}

void resolve_links(struct resolver *resolver)
{
    struct drafts *drafts = resolver->drafts;
    struct reader *reader = &drafts->reader;
    struct map *peers = map_new();

    for (size_t i = 0; i < drafts->links.count; i++) {
        struct link_draft *link = draft_link(drafts, i);
        struct link_settings *settings = &link->settings;

        if (settings->kind == LINK_MQTT && settings->client_id[0] == '\0' &&
            drafts->site.id != NULL)
            settings->client_id =
                arena_format(reader->arena, "%s-%s", drafts->site.id, settings->id);
        check_peer(resolver, peers, (uint32_t)i);
        check_registrations(resolver, i);
        check_power(resolver, link);
        check_exposed(reader, settings->mqtt, settings->password_file,
                      schema_pos(link->node, "mqtt"));
    }
    for (size_t i = 0; i < drafts->sinks.count; i++) {
        const struct sink_draft *sink = draft_sink(drafts, i);
        const struct sink_settings *s = &sink->settings;

        check_exposed(reader, s->url,
                      s->token_file[0] != '\0' ? s->token_file : s->password_file,
                      schema_pos(sink->node, "url"));
    }
    map_free(peers);
}
