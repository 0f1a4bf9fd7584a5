/* mqtt_sparkplug.c - see mqtt_sparkplug.h. */
#include "adapters/mqtt_sparkplug.h"

#include "base/json_in.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATE_MAX = 1024, /* bytes of a STATE that is looked at */
    /* Of OPC: good, with whatever is added to it. */
    QUALITY_GOOD_LAST = 255,
};

struct mqtt_sparkplug {
    /* fixed after new */
    struct sparkplug *host;
    struct mqtt_points *points;
    struct mqtt_sparkplug_use use;
    char *state_topic;

    const struct mqtt_message *message; /* at hand */
    struct mqtt_session *session;       /* of the present step */
    uint64_t connects;
    struct mono_time announce_at; /* MONO_NEVER: our state is as we left it */
    struct mono_time announced;
    char trouble[LINK_ERROR_TEXT_MAX];
};

/* ---- a reading ---- */

static struct mqtt_scalar scalar_of(const struct sparkplug_reading *from)
{
    const struct sparkplug_metric *metric = from->metric;

    switch (metric->kind) {
    case SPARKPLUG_NOTHING:
        break;
    case SPARKPLUG_NUMBER:
        if (isnan(from->number))
            break;
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_NUMBER, .number = from->number};
    case SPARKPLUG_TRUTH:
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_BOOL, .number = from->number};
    case SPARKPLUG_WORDS:
        return (struct mqtt_scalar){
            .kind = MQTT_SCALAR_WORD,
            .word = mqtt_word_trim(metric->text, strlen(metric->text))};
    case SPARKPLUG_OTHER:
        return (struct mqtt_scalar){.kind = MQTT_SCALAR_NONE};
    }
    return (struct mqtt_scalar){.kind = MQTT_SCALAR_NULL};
}

static bool is_good(int quality)
{
    return quality >= SPARKPLUG_QUALITY_GOOD && quality <= QUALITY_GOOD_LAST;
}

static int64_t wall_ms(struct wall_time time)
{
    return time.ns / CLOCK_MS;
}

static void set_time(const struct sparkplug_reading *from, struct wall_time arrival,
                     struct mqtt_reading *reading)
{
    int64_t stamp_ms = from->sent_ms >= 0 ? from->sent_ms : from->time_ms;
    int64_t age_ms = from->time_ms < 0 ? 0 : stamp_ms - from->time_ms;

    if (stamp_ms >= 0 && reading->quality == QUALITY_GOOD &&
        !mqtt_stamp_believable((struct wall_time){stamp_ms * CLOCK_MS}, arrival)) {
        reading->quality = QUALITY_UNCERTAIN;
        reading->reason = REASON_CLOCK;
    }
    if (age_ms > 0 && age_ms <= SPARKPLUG_FRESH_MS) {
        reading->time = wall_add_ms(arrival, -age_ms);
        reading->stamped = true;
    }
}

void mqtt_sparkplug_read(const struct sparkplug_reading *from,
                         const struct mqtt_source *source, struct wall_time arrival,
                         struct mqtt_reading *reading)
{
    const struct mqtt_scalar scalar = scalar_of(from);
    int quality = from->metric->quality;

    mqtt_reading_begin(reading, arrival);
    if (quality == SPARKPLUG_QUALITY_STALE)
        mqtt_reading_fail(reading, REASON_STALE, NULL);
    else if (!is_good(quality))
        mqtt_reading_fail(reading, REASON_NOT_AVAILABLE, NULL);
    else
        mqtt_convert(&scalar, source->settings, source->kind, reading);
    set_time(from, arrival, reading);
}

/* ---- what the host says ---- */

static void on_reading(void *context, uint32_t number,
                       const struct sparkplug_reading *from)
{
    struct mqtt_sparkplug *sparkplug = context;
    struct mqtt_point *point = &sparkplug->points->points[number];
    struct mqtt_reading reading;

    mqtt_sparkplug_read(from, &point->source, sparkplug->message->time, &reading);
    sparkplug->use.reading(sparkplug->use.context, point, &reading);
}

static void on_alive(void *context, uint32_t unit, bool alive)
{
    struct mqtt_sparkplug *sparkplug = context;

    sparkplug->use.alive(sparkplug->use.context, unit, alive);
}

/* What cannot be sent is asked for again by and by. */
static void on_ask(void *context, const char *topic)
{
    struct mqtt_sparkplug *sparkplug = context;
    uint8_t request[SPARKPLUG_COMMAND_MAX];
    size_t length = sparkplug_rebirth(wall_ms(wall_now()), request);

    (void)mqtt_session_publish(sparkplug->session, topic, request, length);
}

static struct sparkplug_events events_of(struct mqtt_sparkplug *sparkplug)
{
    return (struct sparkplug_events){sparkplug, on_reading, on_alive, on_ask};
}

/* ---- messages ---- */

static bool says_offline(const struct mqtt_message *message)
{
    struct err err;
    struct json *json =
        json_parse(message->payload, message->payload_length, STATE_MAX, &err);
    const struct json *online = NULL;
    bool offline;

    if (json != NULL && json_kind(json) == JSON_OBJECT)
        online = json_member(json, "online");
    offline = online != NULL && json_kind(online) == JSON_BOOL && !json_truth(online);
    json_free(json);
    return offline;
}

static void take_state(struct mqtt_sparkplug *sparkplug,
                       const struct mqtt_message *message)
{
    struct mono_time next = message->mono;

    if (!says_offline(message) || sparkplug->announce_at.ns != MONO_NEVER.ns)
        return;
    if (sparkplug->announced.ns != 0 &&
        mono_diff_ms(next, sparkplug->announced) < SPARKPLUG_ANNOUNCE_MS)
        next = mono_add_ms(sparkplug->announced, SPARKPLUG_ANNOUNCE_MS);
    sparkplug->announce_at = next;
}

int mqtt_sparkplug_message(struct mqtt_sparkplug *sparkplug,
                           const struct mqtt_message *message, bool *copy,
                           struct err *err)
{
    const struct sparkplug_message raw = {message->topic, message->topic_length,
                                          message->payload, message->payload_length};
    const struct sparkplug_events events = events_of(sparkplug);
    uint64_t repeated = sparkplug_counts(sparkplug->host).repeated;
    int result;

    *copy = message->retained;
    if (message->retained)
        return 0;
    if (strcmp(message->topic, sparkplug->state_topic) == 0) {
        take_state(sparkplug, message);
        return 0;
    }
    sparkplug->message = message;
    result = sparkplug_message(sparkplug->host, &raw, message->mono, &events, err);
    sparkplug->message = NULL;
    *copy = sparkplug_counts(sparkplug->host).repeated != repeated;
    return result;
}

void mqtt_sparkplug_connects(struct mqtt_sparkplug *sparkplug, uint64_t connects,
                             struct mono_time now)
{
    if (connects == sparkplug->connects)
        return;
    sparkplug->connects = connects;
    sparkplug->announce_at = MONO_NEVER; /* the session has done so */
    sparkplug_connected(sparkplug->host, now);
}

struct mono_time mqtt_sparkplug_step(struct mqtt_sparkplug *sparkplug,
                                     struct mqtt_session *session, struct mono_time now)
{
    const struct sparkplug_events events = events_of(sparkplug);
    struct mono_time due;

    sparkplug->session = session;
    due = sparkplug_step(sparkplug->host, now, &events);
    sparkplug->session = NULL;
    if (!mono_before(now, sparkplug->announce_at)) {
        sparkplug->announce_at = MONO_NEVER;
        sparkplug->announced = now;
        mqtt_session_announce(session);
    }
    return mono_min(due, sparkplug->announce_at);
}

void mqtt_sparkplug_counts(struct mqtt_sparkplug *sparkplug, struct link_status *status)
{
    const struct sparkplug_counts counts = sparkplug_counts(sparkplug->host);

    status->births = counts.births;
    status->deaths = counts.deaths;
    status->gaps = counts.gaps;
    status->rebirths = counts.asked;
}

const char *mqtt_sparkplug_trouble(struct mqtt_sparkplug *sparkplug)
{
    const char *refusing = sparkplug_refusing(sparkplug->host);

    sparkplug->trouble[0] = '\0';
    if (refusing != NULL)
        (void)snprintf(sparkplug->trouble, sizeof sparkplug->trouble,
                       "node '%.100s' sends data, but no birth however often it is asked",
                       refusing);
    return sparkplug->trouble;
}

/* ---- birth and death ---- */

/* Numbers as mqtt_points.c gives them. */
static int add_equipment(struct mqtt_sparkplug *sparkplug,
                         const struct equipment_settings *equipment, uint32_t unit,
                         struct err *err)
{
    size_t first = sparkplug->points->unit_first[unit];

    if (sparkplug_add_unit(sparkplug->host, equipment->topic, unit, err) != 0)
        return err_prefix(err, "equipment '%s'", equipment->id);
    for (size_t i = 0; i < equipment->point_count; i++) {
        const struct point_settings *point = &equipment->points[i];

        sparkplug_add_point(sparkplug->host,
                            point->path[0] != '\0' ? point->path : point->name,
                            (uint32_t)(first + i));
    }
    return 0;
}

static int add_all(struct mqtt_sparkplug *sparkplug, const struct config *config,
                   uint32_t link, struct err *err)
{
    uint32_t unit = 0;

    for (size_t i = 0; i < config->equipment_count; i++)
        if (config->equipment[i].link == link &&
            add_equipment(sparkplug, &config->equipment[i], unit++, err) != 0)
            return -1;
    return 0;
}

/* A filter leads nowhere in particular: the host reads the topic itself. */
static void add_filter(void *context, const char *filter)
{
    struct mqtt_points *points = context;

    mqtt_index_add(points->index, filter, 0);
}

struct mqtt_sparkplug *mqtt_sparkplug_new(const struct config *config, uint32_t link,
                                          struct mqtt_points *points,
                                          const struct mqtt_sparkplug_use *use,
                                          struct err *err)
{
    struct mqtt_sparkplug *sparkplug = mem_alloc(sizeof *sparkplug);

    sparkplug->host = sparkplug_new();
    sparkplug->points = points;
    sparkplug->use = *use;
    sparkplug->announce_at = MONO_NEVER;
    sparkplug->state_topic =
        mem_format(SPARKPLUG_STATE_TOPIC, config->links[link].sparkplug);
    if (add_all(sparkplug, config, link, err) != 0) {
        mqtt_sparkplug_free(sparkplug);
        return NULL;
    }
    sparkplug_seal(sparkplug->host);
    sparkplug_filters(sparkplug->host, add_filter, points);
    add_filter(points, sparkplug->state_topic);
    return sparkplug;
}

void mqtt_sparkplug_free(struct mqtt_sparkplug *sparkplug)
{
    if (sparkplug == NULL)
        return;
    sparkplug_free(sparkplug->host);
    mem_free(sparkplug->state_topic);
    mem_free(sparkplug);
}
