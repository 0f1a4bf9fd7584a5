/* resolve_mqtt.c - equipment on brokers, with Sparkplug B and without; see resolve.h.
 *
 * What the `path` of a point may be depends on the link: in a JSON payload it leads to a
 * member, with Sparkplug B it is any name of a metric.
 */
#include "config/checks.h"
#include "config/codes.h"
#include "config/resolve.h"

#include <string.h>

enum {
    ADDRESS_MAX = 200, /* bytes of a Sparkplug address; with namespace and kind 256 */
};

static const char with_sparkplug[] = "with Sparkplug B";

/* ---- Sparkplug B ---- */

/* "group/node" or "group/node/device". */
static bool is_address(const char *topic)
{
    const char *slash = strchr(topic, '/');
    const char *second = slash == NULL ? NULL : strchr(slash + 1, '/');

    return slash != NULL && slash != topic && strlen(topic) <= ADDRESS_MAX &&
           strpbrk(topic, "+#") == NULL && strstr(topic, "//") == NULL &&
           topic[strlen(topic) - 1] != '/' &&
           (second == NULL || strchr(second + 1, '/') == NULL);
}

/* A metric has no topic and no time of the profile's choice. Says it once: a profile for
 * JSON has these keys at all of its points. */
static void refuse_points(struct reader *reader, const struct equipment_entry *entry,
                          const struct profile_draft *profile,
                          const struct link_settings *link)
{
    for (size_t i = 0; i < profile->body.shared.count; i++) {
        const struct point_settings *point = &profile->body.shared.points[i].settings;
        const char *key = point->topic[0] != '\0'      ? "topic"
                          : point->time[0] != '\0'     ? "time"
                          : point->sequence[0] != '\0' ? "sequence"
                                                       : NULL;

        if (key == NULL)
            continue;
        (void)schema_fail(reader, CODE(KIND_MISMATCH), schema_pos(entry->node, "profile"),
                          "the path of a point is the name of a metric, and nothing else",
                          "point \"%s\" of profile \"%s\" has a \"%s\", which has no "
                          "meaning %s (link \"%s\")",
                          point->name, profile->body.settings.id, key, with_sparkplug,
                          link->id);
        return;
    }
}

static void check_sparkplug(struct reader *reader, const struct equipment_entry *entry,
                            struct profile_draft *profile,
                            const struct link_settings *link)
{
    const struct equipment_settings *e = &entry->draft.settings;

    if (profile != NULL) {
        profile->metrics = true;
        refuse_points(reader, entry, profile, link);
    }
    if (e->topic[0] == '\0' && !entry->broken)
        (void)schema_fail(reader, CODE(NO_TOPIC), e->pos, "add topic = \"group/node\";",
                          "equipment \"%s\" on Sparkplug link \"%s\" needs a topic",
                          e->id, link->id);
    else if (e->topic[0] != '\0' && !is_address(e->topic))
        (void)schema_fail(
            reader, CODE(TOPIC), schema_pos(entry->node, "topic"),
            "such as \"group/node\" or \"group/node/device\", at most 200 bytes",
            "\"%.64s\" names no Sparkplug node", e->topic);
}

/* ---- topics ---- */

static bool needs_topic(const struct points_body *points)
{
    for (size_t i = 0; i < points->count; i++)
        if (points->points[i].settings.topic[0] == '\0')
            return true;
    return false;
}

static void check_topic_of(struct reader *reader, const struct equipment_entry *entry,
                           struct profile_draft *profile,
                           const struct link_settings *link)
{
    const struct equipment_settings *e = &entry->draft.settings;

    if (profile != NULL)
        profile->json = true;
    if (e->topic[0] == '\0' && link->topics[0] == '\0' && !entry->broken &&
        profile != NULL && needs_topic(&profile->body.shared))
        (void)schema_fail(reader, CODE(NO_TOPIC), e->pos, "add topic = \"...\";",
                          "equipment \"%s\" on MQTT link \"%s\" needs a topic", e->id,
                          link->id);
}

void resolve_mqtt(struct resolver *resolver, const struct equipment_entry *entry,
                  struct profile_draft *profile, const struct link_settings *link)
{
    static const char *const modbus_keys[] = {"unit",  "poll",    "variant",
                                              "delay", "latency", "timeout"};
    struct reader *reader = &resolver->drafts->reader;

    for (size_t i = 0; i < sizeof modbus_keys / sizeof modbus_keys[0]; i++)
        (void)section_refuse(reader, entry->node, modbus_keys[i], "on an MQTT link");
    if (link->sparkplug[0] != '\0')
        check_sparkplug(reader, entry, profile, link);
    else
        check_topic_of(reader, entry, profile, link);
}

/* ---- paths ---- */

/* A mistake in a row of points is said once. */
static void check_paths(struct reader *reader, const struct points_body *points)
{
    struct config_pos said = {0};

    for (size_t i = 0; i < points->count; i++) {
        const struct point_body *point = &points->points[i];
        const char *must = point->settings.path[0] == '\0'
                               ? NULL
                               : check_json_path(point->settings.path);

        if (must == NULL || memcmp(&said, &point->path_pos, sizeof said) == 0)
            continue;
        said = point->path_pos;
        (void)schema_fail(reader, CODE(FORM), said, must,
                          "\"%.64s\" is no valid \"path\"", point->settings.path);
    }
}

void resolve_mqtt_paths(struct resolver *resolver)
{
    struct drafts *drafts = resolver->drafts;

    for (size_t i = 0; i < drafts->profiles.count; i++) {
        const struct profile_draft *draft = draft_profile(drafts, i);

        if (draft->body.settings.mqtt && !draft->replaced &&
            (draft->json || !draft->metrics))
            check_paths(&drafts->reader, &draft->body.shared);
    }
}
