/* mqtt.c - a broker as a link: messages become samples.
 *
 * DESIGN: one step waits for messages until it is told to come back, takes everything
 * that has arrived at once, and hands the samples on in batches. Under load it does not
 * let every message wake it: after a drain that followed another one closely it sleeps
 * five milliseconds, because waking costs more than reading a message. What floods is
 * kept out before it gets here (mqtt_inbox.h). Everything but the inbox and the session's
 * state is owned by the link's thread; status copies under a mutex.
 *
 * What a disconnected broker means: its equipment and the link go offline after two
 * seconds (mqtt_presence.h); the last readings stay until they are stale by their own
 * age, because nobody has said that they are wrong.
 *
 * What the broker remembers (retained): the state of a point that reports on change is
 * taken as it is; of one that promised to report its age is unknown, so it is uncertain,
 * and bad when the device's own time says that it is too old; and no news once the device
 * was heard itself. What we have read already says nothing new (mqtt_seen.h).
 *
 * A broker that speaks Sparkplug B differs in what a message is (mqtt_sparkplug.h) and in
 * that equipment is told to be there or gone; what comes of a reading is the same.
 */
#include "adapters/adapter.h"

#include "adapters/mqtt_hash.h"
#include "adapters/mqtt_inbox.h"
#include "adapters/mqtt_out.h"
#include "adapters/mqtt_presence.h"
#include "adapters/mqtt_seen.h"
#include "adapters/mqtt_session.h"
#include "adapters/mqtt_sparkplug.h"
#include "adapters/mqtt_topic.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    RATE_ANY = 1000 * 1000,    /* a second: more than the ring takes */
    PAUSE_MS = 5,              /* between two drains under load */
    BUSY_MS = 10,              /* drains closer than this are load */
    PROBLEM_SHOWN_MS = 600000, /* a payload nobody understood stays on the page */
    TOPIC_SHOWN = 104,         /* bytes of a topic in a problem */
};

/* What is known about the message at hand. */
struct current {
    struct mqtt_message message;
    struct mqtt_payload payload;
    bool copy;        /* it came before */
    bool known;       /* by a time or a number of its own */
    int64_t stamp_ns; /* the time by which it is known; 0: it has a number */
    bool misread;
    enum payload_fault fault; /* the first */
};

struct adapter {
    /* fixed after open */
    struct mqtt_points *points;
    struct mqtt_inbox *inbox;
    struct mqtt_session *session;

    /* owned by the link's thread */
    struct mqtt_presence *presence;
    struct mqtt_seen *seen;
    struct mqtt_sparkplug *sparkplug; /* NULL: the broker speaks plain MQTT */
    struct mqtt_out out;
    struct current now;
    struct mono_time drained; /* the last time, and the time before */
    struct mono_time drained_before;
    struct mono_time presence_due;
    struct mono_time sparkplug_due;
    struct mono_time problem_at;
    char problem[LINK_ERROR_TEXT_MAX];
    struct link_status counts;

    pthread_mutex_t mutex;
    struct link_status shown; /* guarded by mutex */
};

static void on_presence(void *context, uint32_t unit, bool online)
{
    struct adapter *adapter = context;

    mqtt_out_online(&adapter->out,
                    unit == MQTT_PRESENCE_LINK ? adapter->points->link_online
                                               : adapter->points->unit_online[unit],
                    online);
}

/* ---- one message ---- */

/* The first of a message is told: what is wrong with a payload is wrong for all points.
 */
static void note_problem(struct adapter *adapter, enum payload_fault fault,
                         const char *point, const char *problem)
{
    struct current *now = &adapter->now;
    bool of_point = fault == PAYLOAD_MEANING;
    char topic[TOPIC_SHOWN];

    if (now->misread)
        return;
    now->misread = true;
    now->fault = fault;
    adapter->problem_at = now->message.mono;
    mqtt_topic_show(now->message.topic, now->message.topic_length, topic, sizeof topic);
    (void)snprintf(adapter->problem, sizeof adapter->problem, "topic '%s'%s%.40s: %.80s",
                   topic, of_point ? ", " : "", of_point ? point : "", problem);
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

static void give(struct adapter *adapter, struct mqtt_point *point,
                 struct mqtt_reading *reading)
{
    struct current *now = &adapter->now;

    mqtt_out_reading(&adapter->out, point, &now->message, reading);
    if (reading->problem != NULL)
        note_problem(adapter, reading->fault, point->source.settings->name,
                     reading->problem);
    if (reading->numbered)
        now->stamp_ns = 0;
    else if (reading->stamped && !now->known)
        now->stamp_ns = reading->time.ns;
    now->known = now->known || reading->stamped || reading->numbered;
}

static void take_point(struct adapter *adapter, struct mqtt_point *point)
{
    struct current *now = &adapter->now;
    struct mqtt_reading reading;

    if (!mqtt_payload_read(&now->payload, &point->source, now->message.time, &reading))
        return;
    if (now->message.retained && point->periodic && point->heard && !reading.stamped)
        return;
    if (now->message.retained)
        doubt_retained(point, now->message.time, &reading);
    else
        point->heard = true;
    give(adapter, point, &reading);
}

static void take_points(void *context, const uint32_t *points, size_t count)
{
    struct adapter *adapter = context;
    const struct current *now = &adapter->now;

    for (size_t i = 0; i < count; i++) {
        struct mqtt_point *point = &adapter->points->points[points[i]];

        mqtt_presence_heard(adapter->presence, point->unit, now->message.mono,
                            now->message.retained);
        if (!now->copy)
            take_point(adapter, point);
    }
}

static bool came_before(struct adapter *adapter)
{
    const struct mqtt_message *message = &adapter->now.message;
    const struct mqtt_sighting sighting = {
        .topic = message->topic_hash,
        .payload = mqtt_hash(message->payload, message->payload_length, 0),
        .again = message->again,
        .retained = message->retained,
        .now = message->mono,
    };

    return mqtt_seen_before(adapter->seen, &sighting);
}

static void read_message(struct adapter *adapter)
{
    struct current *now = &adapter->now;
    const struct mqtt_message *message = &now->message;
    const uint32_t *points;
    size_t count;

    mqtt_payload_begin(&now->payload, message->payload, message->payload_length);
    if (message->several) {
        (void)mqtt_index_find(adapter->points->index, message->topic,
                              message->topic_length, take_points, adapter);
    } else {
        count = mqtt_index_points(adapter->points->index, message->leaf, &points);
        take_points(adapter, points, count);
    }
    mqtt_payload_end(&now->payload);
    if (now->known)
        mqtt_seen_known(adapter->seen, now->stamp_ns);
}

/* ---- one message of Sparkplug B ---- */

static void on_sparkplug_reading(void *context, struct mqtt_point *point,
                                 struct mqtt_reading *reading)
{
    struct adapter *adapter = context;

    mqtt_presence_heard(adapter->presence, point->unit, adapter->now.message.mono, false);
    give(adapter, point, reading);
}

static void on_sparkplug_alive(void *context, uint32_t unit, bool alive)
{
    struct adapter *adapter = context;

    mqtt_presence_told(adapter->presence, unit, alive);
    if (!alive)
        mqtt_out_gone(&adapter->out, adapter->points, unit);
}

static void read_sparkplug(struct adapter *adapter)
{
    struct current *now = &adapter->now;
    struct err err = {0};

    if (mqtt_sparkplug_message(adapter->sparkplug, &now->message, &now->copy, &err) != 0)
        note_problem(adapter, PAYLOAD_SYNTAX, "", err.text);
}

/* ---- a step ---- */

static void count_message(struct adapter *adapter)
{
    const struct current *now = &adapter->now;
    struct link_status *counts = &adapter->counts;

    counts->requests++;
    if (now->copy)
        counts->duplicates++;
    else if (now->misread)
        counts->protocol_errors++;
    else
        counts->answers++;
    if (now->misread)
        counts->rejected[now->fault]++;
}

/* No bytes are no reading: so a broker tells that a retained message was deleted. */
static void take_message(struct adapter *adapter)
{
    struct current *now = &adapter->now;

    now->copy = false;
    now->known = false;
    now->misread = now->message.payload_length == 0;
    now->fault = PAYLOAD_EMPTY;
    if (!now->misread && adapter->sparkplug != NULL) {
        read_sparkplug(adapter);
    } else if (!now->misread) {
        now->copy = came_before(adapter);
        read_message(adapter);
    }
    count_message(adapter);
}

/* Waking up costs 20 us, reading a message 5: under load let some gather. */
static void pause_under_load(const struct adapter *adapter)
{
    if (adapter->drained.ns != 0 &&
        mono_diff_ms(adapter->drained, adapter->drained_before) < BUSY_MS)
        mono_sleep_until(mono_add_ms(adapter->drained, PAUSE_MS));
}

/* Before the messages that came over it. */
static void look_for_connects(struct adapter *adapter)
{
    struct mqtt_session_state state;

    if (adapter->sparkplug == NULL)
        return;
    mqtt_session_state(adapter->session, &state);
    mqtt_sparkplug_connects(adapter->sparkplug, state.connects, mono_now());
}

static void drain(struct adapter *adapter, struct mono_time until)
{
    bool any = false;

    pause_under_load(adapter);
    mqtt_inbox_take(adapter->inbox, until);
    look_for_connects(adapter);
    while (mqtt_inbox_next(adapter->inbox, &adapter->now.message)) {
        take_message(adapter);
        any = true;
    }
    if (!any)
        return;
    adapter->drained_before = adapter->drained;
    adapter->drained = mono_now();
}

static void look_for_oversize(struct adapter *adapter, struct mono_time now)
{
    char topic[LINK_TOPIC_TEXT_MAX];
    size_t length;

    if (!mqtt_inbox_oversize(adapter->inbox, topic, &length))
        return;
    adapter->problem_at = now;
    (void)snprintf(adapter->problem, sizeof adapter->problem,
                   "topic '%.120s': a message of %zu bytes, more than max_payload", topic,
                   length);
}

static void show(struct adapter *adapter, const struct mqtt_session_state *state,
                 struct mono_time now)
{
    struct link_status *counts = &adapter->counts;
    const char *error = state->error;

    look_for_oversize(adapter, now);
    if (adapter->sparkplug != NULL) {
        mqtt_sparkplug_counts(adapter->sparkplug, counts);
        if (error[0] == '\0')
            error = mqtt_sparkplug_trouble(adapter->sparkplug);
    }
    if (error[0] == '\0' && adapter->problem_at.ns != 0 &&
        mono_diff_ms(now, adapter->problem_at) < PROBLEM_SHOWN_MS)
        error = adapter->problem;
    counts->connected = state->connected && state->subscribed;
    counts->since = state->since;
    counts->connects = state->connects;
    mqtt_inbox_counts(adapter->inbox, counts);
    counts->units = adapter->points->unit_count;
    counts->units_offline = mqtt_presence_offline(adapter->presence);
    counts->samples = adapter->out.samples;
    counts->bad_samples = adapter->out.bad_samples;
    (void)snprintf(counts->error, sizeof counts->error, "%s", error);
    (void)pthread_mutex_lock(&adapter->mutex);
    adapter->shown = *counts;
    (void)pthread_mutex_unlock(&adapter->mutex);
}

/* Who is there, and who is asked. */
static void look_round(struct adapter *adapter, bool up, struct mono_time now)
{
    adapter->presence_due = mqtt_presence_step(adapter->presence, up, now);
    adapter->sparkplug_due = MONO_NEVER;
    if (up && adapter->sparkplug != NULL)
        adapter->sparkplug_due =
            mqtt_sparkplug_step(adapter->sparkplug, adapter->session, now);
}

static int mqtt_step(struct adapter *adapter, struct mono_time until,
                     const struct sample_sink *sink, struct err *err)
{
    struct mono_time now = mono_now();
    struct mono_time due = mqtt_session_step(adapter->session, now);
    struct mqtt_session_state state;

    due = mono_min(due, mono_min(adapter->presence_due, adapter->sparkplug_due));
    mqtt_out_begin(&adapter->out, sink);
    drain(adapter, mono_min(due, until));
    now = mono_now();
    mqtt_session_state(adapter->session, &state);
    look_round(adapter, state.connected && state.subscribed, now);
    mqtt_out_end(&adapter->out);
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
    mqtt_inbox_wake(adapter->inbox);
}

/* What is dropped without a word to the link's thread is counted where it happens. */
static void mqtt_status(struct adapter *adapter, struct link_status *status)
{
    (void)pthread_mutex_lock(&adapter->mutex);
    *status = adapter->shown;
    (void)pthread_mutex_unlock(&adapter->mutex);
    mqtt_inbox_counts(adapter->inbox, status);
}

static size_t mqtt_strangers(struct adapter *adapter,
                             struct link_stranger list[LINK_STRANGERS_MAX])
{
    return mqtt_inbox_strangers(adapter->inbox, list);
}

/* ---- birth and death ---- */

static void mqtt_close(struct adapter *adapter)
{
    if (adapter == NULL)
        return;
    mqtt_session_free(adapter->session);
    mqtt_inbox_free(adapter->inbox);
    mqtt_sparkplug_free(adapter->sparkplug);
    mqtt_points_free(adapter->points);
    mqtt_presence_free(adapter->presence);
    mqtt_seen_free(adapter->seen);
    (void)pthread_mutex_destroy(&adapter->mutex);
    mem_free(adapter);
}

static struct mqtt_presence *make_presence(struct adapter *adapter)
{
    const struct mqtt_points *points = adapter->points;
    struct mqtt_presence *presence =
        mqtt_presence_new(points->unit_count, mono_now(), on_presence, adapter);

    for (size_t i = 0; i < points->count && adapter->sparkplug == NULL; i++)
        mqtt_presence_expect(presence, points->points[i].unit,
                             points->points[i].source.settings->poll_ms);
    return presence;
}

static int open_sparkplug(struct adapter *adapter, const struct config *config,
                          uint32_t link, struct err *err)
{
    const struct mqtt_sparkplug_use use = {adapter, on_sparkplug_reading,
                                           on_sparkplug_alive};

    if (config->links[link].sparkplug[0] == '\0')
        return 0;
    adapter->sparkplug = mqtt_sparkplug_new(config, link, adapter->points, &use, err);
    return adapter->sparkplug == NULL ? -1 : 0;
}

static struct adapter *mqtt_open(const struct config *config, uint32_t link,
                                 struct err *err)
{
    const struct link_settings *settings = &config->links[link];
    /* Of Sparkplug every message counts: a dropped one is a hole in the sequence. */
    const struct mqtt_inbox_limits limits = {
        .max_rate = settings->sparkplug[0] != '\0' ? RATE_ANY : settings->max_rate,
        .max_payload = (size_t)settings->max_payload_bytes,
    };
    struct adapter *adapter = mem_alloc(sizeof *adapter);

    (void)pthread_mutex_init(&adapter->mutex, NULL);
    adapter->points = mqtt_points_new(config, link, err);
    if (adapter->points == NULL || open_sparkplug(adapter, config, link, err) != 0)
        goto fail;
    adapter->inbox = mqtt_inbox_new(adapter->points->index, &limits);
    adapter->seen = mqtt_seen_new();
    adapter->presence = make_presence(adapter);
    adapter->session =
        mqtt_session_new(settings, adapter->points->index, adapter->inbox, err);
    if (adapter->session == NULL)
        goto fail;
    adapter->counts.units = adapter->points->unit_count;
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
    .strangers = mqtt_strangers,
    .close = mqtt_close,
};
