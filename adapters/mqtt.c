/* mqtt.c - a broker as a link: messages become samples.
 *
 * DESIGN: one step waits for messages until it is told to come back, takes everything
 * that has arrived at once, and hands the samples on in batches. Under load it does not
 * let every message wake it: after a drain that followed another one closely it sleeps
 * five milliseconds, because waking costs more than reading a message. Everything but the
 * ring and the session's state is owned by the link's thread; status copies under a
 * mutex.
 *
 * What a disconnected broker means: its equipment and the link go offline after two
 * seconds (mqtt_presence.h); the last readings stay until they are stale by their own
 * age, because nobody has said that they are wrong.
 *
 * What the broker remembers (retained): the state of a point that reports on change is
 * taken as it is; of one that promised to report its age is unknown, so it is uncertain,
 * and bad when the device's own time says that it is too old.
 */
#include "adapters/adapter.h"

#include "adapters/mqtt_payload.h"
#include "adapters/mqtt_presence.h"
#include "adapters/mqtt_ring.h"
#include "adapters/mqtt_seen.h"
#include "adapters/mqtt_session.h"
#include "adapters/mqtt_topic.h"
#include "base/json_in.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    RING_MESSAGES = 65536,         /* three seconds of 20000 a second */
    RING_BYTES = 16 * 1024 * 1024, /* of a link; 256 bytes for each of these messages */
    BATCH_MAX = 1024,              /* samples handed on in one call */
    PAUSE_MS = 5,                  /* between two drains under load */
    BUSY_MS = 10,                  /* drains closer than this are load */
    PROBLEM_SHOWN_MS = 600000,     /* a payload nobody understood stays on the page */
};

struct mqtt_point {
    uint32_t point; /* in the model */
    uint32_t unit;  /* of this link */
    enum point_kind kind;
    bool periodic; /* it promised to report */
    int64_t stale_after_ms;
    const struct point_settings *settings;
};

/* What is known about the message at hand. */
struct current {
    struct mqtt_message message;
    struct mqtt_payload payload;
    bool hashed;
    bool copy; /* it came before */
    bool stamped;
    bool misread;
    uint64_t hash;
};

struct adapter {
    /* fixed after open */
    const struct model *model;
    uint32_t link_online; /* point of the stand-in */
    struct mqtt_point *points;
    size_t point_count;
    uint32_t *unit_online; /* point "online" of each unit */
    size_t unit_count;
    struct mqtt_index *index;
    struct mqtt_ring *ring;
    struct mqtt_session *session;

    /* owned by the link's thread */
    struct mqtt_presence *presence;
    struct mqtt_seen *seen;
    struct sample batch[BATCH_MAX];
    size_t batched;
    struct current now;
    const struct sample_sink *sink; /* of the present step */
    struct mono_time drained;       /* the last time, and the time before */
    struct mono_time drained_before;
    struct mono_time presence_due;
    struct mono_time problem_at;
    char problem[LINK_ERROR_TEXT_MAX];
    struct link_status counts;

    pthread_mutex_t mutex;
    struct link_status shown; /* guarded by mutex */
};

/* ---- samples ---- */

static void flush(struct adapter *adapter)
{
    if (adapter->batched > 0)
        adapter->sink->put(adapter->sink->context, adapter->batch, adapter->batched);
    adapter->batched = 0;
}

static void put(struct adapter *adapter, const struct sample *sample)
{
    adapter->counts.samples++;
    adapter->counts.bad_samples += sample->quality == QUALITY_BAD ? 1 : 0;
    adapter->batch[adapter->batched++] = *sample;
    if (adapter->batched == BATCH_MAX)
        flush(adapter);
}

static void on_presence(void *context, uint32_t unit, bool online)
{
    struct adapter *adapter = context;
    const struct sample sample = {
        .point = unit == MQTT_PRESENCE_LINK ? adapter->link_online
                                            : adapter->unit_online[unit],
        .quality = QUALITY_GOOD,
        .value = online ? 1 : 0,
        .time = wall_now(),
        .mono = mono_now(),
    };

    put(adapter, &sample);
}

static void note_problem(struct adapter *adapter, const char *point, const char *problem)
{
    adapter->now.misread = true;
    adapter->problem_at = adapter->now.message.mono;
    (void)snprintf(adapter->problem, sizeof adapter->problem,
                   "topic '%.100s', %.40s: %.80s", adapter->now.message.topic, point,
                   problem);
}

/* A retained reading may be of any age. */
static void doubt_retained(const struct mqtt_point *point, struct wall_time arrival,
                           struct mqtt_reading *reading)
{
    if (!point->periodic || reading->quality == QUALITY_BAD)
        return;
    if (!reading->stamped) {
        reading->quality = QUALITY_UNCERTAIN;
        reading->reason = REASON_CLOCK;
    } else if (point->stale_after_ms > 0 &&
               wall_diff_ms(arrival, reading->time) > point->stale_after_ms) {
        reading->quality = QUALITY_BAD;
        reading->reason = REASON_STALE;
    }
}

static void take_point(struct adapter *adapter, const struct mqtt_point *point)
{
    struct current *now = &adapter->now;
    struct mqtt_reading reading;
    struct sample sample;

    if (!mqtt_payload_read(&now->payload, point->settings, point->kind, now->message.time,
                           &reading))
        return;
    if (now->message.retained)
        doubt_retained(point, now->message.time, &reading);
    if (reading.problem != NULL)
        note_problem(adapter, point->settings->name, reading.problem);
    now->stamped = now->stamped || reading.stamped;
    sample = (struct sample){
        .point = point->point,
        .quality = (uint8_t)reading.quality,
        .reason = (uint8_t)reading.reason,
        .value = reading.value,
        .time = reading.time,
        .mono = now->message.mono,
    };
    if (point->kind == POINT_TEXT && reading.quality != QUALITY_BAD) {
        adapter->counts.samples++;
        adapter->sink->put_text(adapter->sink->context, &sample, reading.text);
        return;
    }
    put(adapter, &sample);
}

/* Only a message with the device's time can be known to be a copy. */
static bool is_copy(struct adapter *adapter, const struct mqtt_point *point)
{
    struct current *now = &adapter->now;

    if (now->hashed || point->settings->time[0] == '\0' || now->message.payload == NULL)
        return now->copy;
    now->hash = mqtt_seen_hash(now->message.topic, now->message.topic_length,
                               now->message.payload, now->message.payload_length);
    now->hashed = true;
    now->copy = mqtt_seen_before(adapter->seen, now->hash);
    return now->copy;
}

static void on_match(void *context, const uint32_t *points, size_t count)
{
    struct adapter *adapter = context;
    const struct mqtt_message *message = &adapter->now.message;

    for (size_t i = 0; i < count; i++) {
        const struct mqtt_point *point = &adapter->points[points[i]];

        mqtt_presence_heard(adapter->presence, point->unit, message->mono,
                            message->retained);
        if (!is_copy(adapter, point))
            take_point(adapter, point);
    }
}

static void take_message(struct adapter *adapter)
{
    struct current *now = &adapter->now;

    now->hashed = false;
    now->copy = false;
    now->stamped = false;
    now->misread = false;
    mqtt_payload_begin(&now->payload, now->message.payload, now->message.payload_length);
    (void)mqtt_index_find(adapter->index, now->message.topic, now->message.topic_length,
                          on_match, adapter);
    mqtt_payload_end(&now->payload);
    if (now->hashed && now->stamped && !now->copy)
        mqtt_seen_add(adapter->seen, now->hash);
    adapter->counts.requests++;
    adapter->counts.answers += now->misread ? 0 : 1;
    adapter->counts.protocol_errors += now->misread ? 1 : 0;
}

/* ---- a step ---- */

/* Waking up costs 20 us, reading a message 5: under load let some gather. */
static void pause_under_load(const struct adapter *adapter)
{
    if (adapter->drained.ns != 0 &&
        mono_diff_ms(adapter->drained, adapter->drained_before) < BUSY_MS)
        mono_sleep_until(mono_add_ms(adapter->drained, PAUSE_MS));
}

static void drain(struct adapter *adapter, struct mono_time until)
{
    pause_under_load(adapter);
    if (mqtt_ring_take(adapter->ring, until) == 0)
        return;
    adapter->drained_before = adapter->drained;
    adapter->drained = mono_now();
    while (mqtt_ring_next(adapter->ring, &adapter->now.message))
        take_message(adapter);
}

static void show(struct adapter *adapter, const struct mqtt_session_state *state,
                 struct mono_time now)
{
    struct link_status *counts = &adapter->counts;
    const char *error = state->error;

    if (error[0] == '\0' && adapter->problem_at.ns != 0 &&
        mono_diff_ms(now, adapter->problem_at) < PROBLEM_SHOWN_MS)
        error = adapter->problem;
    counts->connected = state->connected && state->subscribed;
    counts->since = state->since;
    counts->connects = state->connects;
    counts->dropped = mqtt_ring_stats(adapter->ring).dropped;
    counts->units = adapter->unit_count;
    counts->units_offline = mqtt_presence_offline(adapter->presence);
    memcpy(counts->error, error, sizeof counts->error);
    (void)pthread_mutex_lock(&adapter->mutex);
    adapter->shown = *counts;
    (void)pthread_mutex_unlock(&adapter->mutex);
}

static int mqtt_step(struct adapter *adapter, struct mono_time until,
                     const struct sample_sink *sink, struct err *err)
{
    struct mono_time now = mono_now();
    struct mono_time due = mqtt_session_step(adapter->session, now);
    struct mqtt_session_state state;

    adapter->sink = sink;
    drain(adapter, mono_min(mono_min(due, adapter->presence_due), until));
    now = mono_now();
    mqtt_session_state(adapter->session, &state);
    adapter->presence_due =
        mqtt_presence_step(adapter->presence, state.connected && state.subscribed, now);
    flush(adapter);
    adapter->sink = NULL;
    show(adapter, &state, now);
    if (state.error[0] == '\0')
        return 0;
    return err_set(err, state.connected ? ERR_CONFIG : ERR_IO, "%s", state.error);
}

/* Messages come when they like, and the session has work of its own: always now. */
static struct mono_time mqtt_due(const struct adapter *adapter)
{
    (void)adapter;
    return mono_now();
}

static void mqtt_wake(struct adapter *adapter)
{
    mqtt_ring_wake(adapter->ring);
}

static void mqtt_status(struct adapter *adapter, struct link_status *status)
{
    (void)pthread_mutex_lock(&adapter->mutex);
    *status = adapter->shown;
    (void)pthread_mutex_unlock(&adapter->mutex);
}

/* ---- birth and death ---- */

static void mqtt_close(struct adapter *adapter)
{
    if (adapter == NULL)
        return;
    mqtt_session_free(adapter->session);
    mqtt_ring_free(adapter->ring);
    mqtt_index_free(adapter->index);
    mqtt_presence_free(adapter->presence);
    mqtt_seen_free(adapter->seen);
    mem_free(adapter->points);
    mem_free(adapter->unit_online);
    (void)pthread_mutex_destroy(&adapter->mutex);
    mem_free(adapter);
}

static uint32_t online_point(const struct equipment *equipment)
{
    return equipment->first_point + equipment->point_count - 1;
}

static void make_room(struct adapter *adapter, const struct config *config, uint32_t link)
{
    size_t points = 0;
    size_t units = 0;

    for (size_t i = 0; i < config->equipment_count; i++) {
        if (config->equipment[i].link != link)
            continue;
        points += config->equipment[i].point_count;
        units++;
    }
    adapter->points = mem_array(points, sizeof *adapter->points);
    adapter->unit_online = mem_array(units, sizeof *adapter->unit_online);
    adapter->presence = mqtt_presence_new(units, mono_now(), on_presence, adapter);
}

static int add_point(struct adapter *adapter, const struct equipment_settings *equipment,
                     const struct point *point, const struct point_settings *settings,
                     struct err *err)
{
    char *filter = mqtt_topic_join(equipment->topic, settings->topic);
    int result = -1;

    if (mqtt_filter_check(filter, err) != 0)
        goto out;
    if (!json_path_valid(settings->path) || !json_path_valid(settings->time)) {
        (void)err_set(err, ERR_CONFIG,
                      "'%s' is not a path; write it as flow.value or values[2].v",
                      json_path_valid(settings->path) ? settings->time : settings->path);
        goto out;
    }
    adapter->points[adapter->point_count] = (struct mqtt_point){
        .point = point->index,
        .unit = (uint32_t)adapter->unit_count,
        .kind = point->kind,
        .periodic = settings->poll_ms > 0,
        .stale_after_ms = settings->stale_after_ms,
        .settings = settings,
    };
    mqtt_index_add(adapter->index, filter, (uint32_t)adapter->point_count++);
    mqtt_presence_expect(adapter->presence, (uint32_t)adapter->unit_count,
                         settings->poll_ms);
    result = 0;
out:
    mem_free(filter);
    return result;
}

static int add_equipment(struct adapter *adapter,
                         const struct equipment_settings *settings,
                         const struct equipment *equipment, struct err *err)
{
    for (uint32_t p = 0; p < settings->point_count; p++) {
        const struct point *point = &adapter->model->points[equipment->first_point + p];

        if (add_point(adapter, settings, point, &settings->points[p], err) != 0)
            return err_prefix(err, "equipment '%s', point '%s'", settings->id,
                              settings->points[p].name);
    }
    adapter->unit_online[adapter->unit_count++] = online_point(equipment);
    return 0;
}

static struct adapter *mqtt_open(const struct config *config, uint32_t link,
                                 struct err *err)
{
    const struct model *model = config->model;
    struct adapter *adapter = mem_alloc(sizeof *adapter);

    (void)pthread_mutex_init(&adapter->mutex, NULL);
    adapter->model = model;
    adapter->link_online = online_point(&model->equipment[model->links[link].stand_in]);
    adapter->index = mqtt_index_new();
    adapter->ring = mqtt_ring_new(RING_MESSAGES, RING_BYTES, MQTT_PAYLOAD_MAX);
    adapter->seen = mqtt_seen_new();
    make_room(adapter, config, link);
    for (size_t i = 0; i < config->equipment_count; i++) {
        if (config->equipment[i].link != link)
            continue;
        if (add_equipment(adapter, &config->equipment[i], &model->equipment[i], err) != 0)
            goto fail;
    }
    adapter->session =
        mqtt_session_new(&config->links[link], adapter->index, adapter->ring, err);
    if (adapter->session == NULL)
        goto fail;
    adapter->counts.units = adapter->unit_count;
    adapter->counts.since = wall_now();
    adapter->shown = adapter->counts;
    return adapter;
fail:
    mqtt_close(adapter);
    return NULL;
}

const struct adapter_ops mqtt_adapter = {
    .kind = LINK_MQTT,
    .open = mqtt_open,
    .due = mqtt_due,
    .step = mqtt_step,
    .wake = mqtt_wake,
    .status = mqtt_status,
    .close = mqtt_close,
};
