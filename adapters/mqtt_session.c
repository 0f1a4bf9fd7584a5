/* mqtt_session.c - see mqtt_session.h.
 *
 * DESIGN: the library's threads report what happened (mqtt_client.h); the events below
 * only note it under our mutex, or put a message into the inbox, and wake the link's
 * thread. Every call into the library is made by the link's thread, in
 * mqtt_session_step, without our mutex. Neither side ever waits for the other.
 *
 *            step: mqtt_client_connect         connected
 *     DOWN ---------------------------> TRYING ----------> UP
 *      ^                                  | ended           | ended
 *      +----------------------------------+-----------------+
 *
 * Invariants:
 *  1. Only step leaves DOWN, and nothing but an event enters it: so step sees every DOWN
 *     and plans the next attempt, with no other attempt under way.
 *  2. What is asked and granted belongs to the present connection: step resets it at the
 *     first sight of each UP.
 */
#include "adapters/mqtt_session.h"

#include "adapters/mqtt_client.h"
#include "adapters/mqtt_options.h"
#include "adapters/mqtt_retry.h"
#include "adapters/mqtt_trouble.h"
#include "adapters/mqtt_wishes.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
    CONNECT_SLACK_MS = 15000, /* the library looks at its timeouts each 3 s */
    SUBSCRIBE_MAX_MS = 30000, /* no answer for so long: the broker is as good as gone */
    REFUSED_AGAIN_MS = 60000, /* somebody may mend the broker's rights meanwhile */
    GOODBYE_MS = 2000,
    GONE_MS = 30,        /* a broker that ends closes its port by then */
    GONE_PROBE_MS = 500, /* one that goes on takes a connection by then */
};

enum phase {
    DOWN,
    TRYING,
    UP,
};

struct mqtt_session {
    /* fixed after new */
    struct mqtt_options options;
    const struct mqtt_index *filters;
    struct mqtt_inbox *inbox;
    struct mqtt_client *client;

    pthread_mutex_t mutex;
    pthread_cond_t ended; /* signalled with every DOWN */

    /* guarded by mutex */
    enum phase phase;
    struct mono_time connected_at; /* of this attempt; 0: it has not come about */
    struct wall_time since;
    uint64_t connects;
    char reason[LINK_ERROR_TEXT_MAX]; /* why the last attempt or connection ended */
    enum mqtt_end end;                /* how it did */
    struct mqtt_wishes *wishes;
    bool asked;      /* the filters of this connection were handed to the library */
    bool served;     /* and the broker has answered for all */
    bool suspicious; /* `reason` tells of connections that do not last; keep it */

    /* owned by the link's thread */
    struct mqtt_retry retry;
    bool greeted;                 /* this UP was acted upon */
    bool planned;                 /* this DOWN was acted upon */
    struct mono_time next_try;    /* in DOWN */
    struct mono_time give_up;     /* in TRYING: the library has forgotten us */
    struct mono_time answers_due; /* in UP: of the subscriptions */
    struct mono_time ask_again;   /* in UP: for what was refused */
};

/* What a step looks at. */
struct view {
    enum phase phase;
    enum mqtt_end end;
    int64_t held_ms; /* -1: never connected in this attempt */
    bool suspicious;
    bool served;
    struct mqtt_wishes_count count;
    char reason[LINK_ERROR_TEXT_MAX];
};

/* ---- events, on the library's threads ---- */

static void on_connected(void *context)
{
    struct mqtt_session *session = context;

    (void)pthread_mutex_lock(&session->mutex);
    session->phase = UP;
    session->connected_at = mono_now();
    session->since = wall_now();
    session->connects++;
    if (!session->suspicious)
        session->reason[0] = '\0';
    (void)pthread_mutex_unlock(&session->mutex);
    mqtt_inbox_wake(session->inbox);
}

/* Without a reason the one that is there stays: we have ended it ourselves. */
static void on_ended(void *context, bool connecting, bool answered, const char *reason)
{
    struct mqtt_session *session = context;

    (void)pthread_mutex_lock(&session->mutex);
    if (session->phase == (connecting ? TRYING : UP)) {
        if (session->phase == UP)
            session->since = wall_now();
        session->phase = DOWN;
        session->end = connecting ? MQTT_END_NOBODY : MQTT_END_LOST;
        if (answered)
            session->end = MQTT_END_REFUSED;
        if (reason != NULL || connecting)
            (void)snprintf(session->reason, sizeof session->reason, "%s",
                           reason == NULL ? "" : reason);
        (void)pthread_cond_signal(&session->ended);
    }
    (void)pthread_mutex_unlock(&session->mutex);
    mqtt_inbox_wake(session->inbox);
}

static void on_answered(void *context, size_t batch, const int *granted, size_t count)
{
    struct mqtt_session *session = context;

    (void)pthread_mutex_lock(&session->mutex);
    if (mqtt_wishes_asked(session->wishes, batch) == count)
        mqtt_wishes_answer(session->wishes, batch, granted);
    session->served =
        session->asked && mqtt_wishes_count(session->wishes).batches_due == 0;
    (void)pthread_mutex_unlock(&session->mutex);
    mqtt_inbox_wake(session->inbox);
}

static void on_message(void *context, const struct mqtt_message *message)
{
    struct mqtt_session *session = context;

    mqtt_inbox_put(session->inbox, message);
}

/* ---- steps, on the link's thread ---- */

static void set_reason(struct mqtt_session *session, const char *reason)
{
    (void)pthread_mutex_lock(&session->mutex);
    (void)snprintf(session->reason, sizeof session->reason, "%s", reason);
    (void)pthread_mutex_unlock(&session->mutex);
}

static void end_connection(struct mqtt_session *session, const char *reason)
{
    set_reason(session, reason);
    if (!mqtt_client_disconnect(session->client, GOODBYE_MS / 2)) {
        on_ended(session, true, false, reason);
        on_ended(session, false, false, reason);
    }
}

static void start_connect(struct mqtt_session *session, struct mono_time now)
{
    struct err err = {0};

    session->greeted = false;
    session->planned = false;
    session->give_up = mono_add_ms(now, session->options.timeout_ms + CONNECT_SLACK_MS);
    (void)pthread_mutex_lock(&session->mutex);
    session->phase = TRYING;
    session->connected_at = (struct mono_time){0};
    session->asked = false;
    session->served = false;
    (void)pthread_mutex_unlock(&session->mutex);
    if (mqtt_client_connect(session->client, &err) != 0)
        on_ended(session, true, false, err.text);
}

static void subscribe(struct mqtt_session *session, struct mono_time now)
{
    size_t batches = mqtt_wishes_batches(session->wishes);

    session->answers_due = mono_add_ms(now, SUBSCRIBE_MAX_MS);
    session->ask_again = mono_add_ms(now, REFUSED_AGAIN_MS);
    for (size_t batch = 0; batch < batches; batch++) {
        uint32_t numbers[MQTT_BATCH_MAX];
        const char *filters[MQTT_BATCH_MAX];
        size_t count;

        (void)pthread_mutex_lock(&session->mutex);
        count = mqtt_wishes_ask(session->wishes, batch, numbers);
        (void)pthread_mutex_unlock(&session->mutex);
        for (size_t i = 0; i < count; i++)
            filters[i] = mqtt_index_filter(session->filters, numbers[i]);
        if (count > 0 && !mqtt_client_subscribe(session->client, batch, filters, count))
            return; /* the connection is gone; the next one begins anew */
    }
}

static void greet(struct mqtt_session *session, struct mono_time now)
{
    session->greeted = true;
    (void)pthread_mutex_lock(&session->mutex);
    mqtt_wishes_reset(session->wishes);
    (void)pthread_mutex_unlock(&session->mutex);
    subscribe(session, now);
    /* Then: who is told that we are there may answer at once. */
    mqtt_client_publish_status(session->client, true);
    (void)pthread_mutex_lock(&session->mutex);
    session->asked = true;
    session->served = mqtt_wishes_count(session->wishes).batches_due == 0;
    (void)pthread_mutex_unlock(&session->mutex);
    mqtt_inbox_wake(session->inbox); /* the answers may have been faster */
}

static void end_suspicion(struct mqtt_session *session)
{
    (void)pthread_mutex_lock(&session->mutex);
    session->suspicious = false;
    session->reason[0] = '\0';
    (void)pthread_mutex_unlock(&session->mutex);
}

static struct mono_time step_up(struct mqtt_session *session, struct mono_time now,
                                const struct mqtt_wishes_count *count)
{
    if (!session->greeted) {
        greet(session, now);
    } else if (count->batches_due > 0) {
        if (mono_before(now, session->answers_due))
            return session->answers_due;
        end_connection(session, "the broker does not answer a subscription");
        session->answers_due = mono_add_ms(now, SUBSCRIBE_MAX_MS);
    } else if (count->refused > 0) {
        if (mono_before(now, session->ask_again))
            return session->ask_again;
        (void)pthread_mutex_lock(&session->mutex);
        mqtt_wishes_reopen(session->wishes);
        (void)pthread_mutex_unlock(&session->mutex);
        subscribe(session, now);
    } else {
        return MONO_NEVER;
    }
    return session->answers_due;
}

/* Under suspicion the reason stays for a while, or nobody would ever read it. */
static struct mono_time step_suspicious(struct mqtt_session *session,
                                        struct mono_time now, int64_t held_ms)
{
    if (held_ms < MQTT_RETRY_SOUND_MS)
        return mono_add_ms(now, MQTT_RETRY_SOUND_MS - held_ms);
    end_suspicion(session);
    return MONO_NEVER;
}

static struct mono_time step_trying(struct mqtt_session *session, struct mono_time now)
{
    if (mono_before(now, session->give_up))
        return session->give_up;
    session->give_up = mono_add_ms(now, CONNECT_SLACK_MS);
    end_connection(session, "the broker does not answer");
    return now;
}

/* A connection that died young: thrown out, or did the broker end? Who is thrown out
 * finds the port open. */
static bool broker_is_gone(const struct mqtt_session *session)
{
    mono_sleep_until(mono_add_ms(mono_now(), GONE_MS));
    return mqtt_address_probe(&session->options.address, GONE_PROBE_MS, NULL) != 0;
}

static void explain_unloved(const struct mqtt_session *session, bool served, char *reason,
                            size_t size)
{
    const char *id = session->options.client_id;

    if (served)
        (void)snprintf(reason, size,
                       "client id '%.64s' is in use elsewhere: the broker drops each "
                       "connection soon after it was made; give every client a client_id "
                       "of its own",
                       id);
    else
        (void)snprintf(reason, size,
                       "the broker drops each connection soon after it was made: client "
                       "id '%.64s' is in use elsewhere, or it may not subscribe here",
                       id);
}

static void plan_retry(struct mqtt_session *session, struct mono_time now,
                       const struct view *view)
{
    char reason[LINK_ERROR_TEXT_MAX];
    enum mqtt_end end = view->end;
    bool suspicious;

    session->planned = true;
    memcpy(reason, view->reason, sizeof reason);
    if (end == MQTT_END_LOST && view->held_ms < MQTT_RETRY_YOUNG_MS &&
        broker_is_gone(session))
        end = MQTT_END_NOBODY;
    session->next_try =
        mono_add_ms(now, mqtt_retry_next(&session->retry, end, view->held_ms));
    suspicious = mqtt_retry_unloved(&session->retry);
    if (suspicious)
        explain_unloved(session, view->served, reason, sizeof reason);
    else if (view->end == MQTT_END_NOBODY)
        mqtt_trouble_look(&session->options, reason, sizeof reason);
    (void)pthread_mutex_lock(&session->mutex);
    session->suspicious = suspicious;
    memcpy(session->reason, reason, sizeof reason);
    (void)pthread_mutex_unlock(&session->mutex);
}

static struct view look(struct mqtt_session *session, struct mono_time now)
{
    struct view view;

    (void)pthread_mutex_lock(&session->mutex);
    view.phase = session->phase;
    view.end = session->end;
    view.suspicious = session->suspicious;
    view.served = session->served;
    view.held_ms =
        session->connected_at.ns == 0 ? -1 : mono_diff_ms(now, session->connected_at);
    view.count = mqtt_wishes_count(session->wishes);
    memcpy(view.reason, session->reason, sizeof view.reason);
    (void)pthread_mutex_unlock(&session->mutex);
    return view;
}

struct mono_time mqtt_session_step(struct mqtt_session *session, struct mono_time now)
{
    const struct view view = look(session, now);

    if (view.phase == UP && view.suspicious)
        return mono_min(step_up(session, now, &view.count),
                        step_suspicious(session, now, view.held_ms));
    if (view.phase == UP)
        return step_up(session, now, &view.count);
    if (view.phase == TRYING)
        return step_trying(session, now);
    if (!session->planned)
        plan_retry(session, now, &view);
    if (mono_before(now, session->next_try))
        return session->next_try;
    start_connect(session, now);
    return session->give_up;
}

void mqtt_session_announce(struct mqtt_session *session)
{
    mqtt_client_publish_status(session->client, true);
}

bool mqtt_session_publish(struct mqtt_session *session, const char *topic,
                          const void *bytes, size_t length)
{
    return mqtt_client_publish(session->client, topic, bytes, length);
}

void mqtt_session_state(struct mqtt_session *session, struct mqtt_session_state *state)
{
    struct mqtt_wishes_count count;

    (void)pthread_mutex_lock(&session->mutex);
    count = mqtt_wishes_count(session->wishes);
    state->connected = session->phase == UP;
    state->subscribed = state->connected && session->asked && count.batches_due == 0 &&
                        (count.granted > 0 || mqtt_index_count(session->filters) == 0);
    state->since = session->since;
    state->connects = session->connects;
    memcpy(state->error, session->reason, sizeof state->error);
    (void)pthread_mutex_unlock(&session->mutex);
    if (state->connected && count.refused > 0)
        (void)snprintf(state->error, sizeof state->error,
                       "the broker refuses the subscription to '%.120s'%s",
                       mqtt_index_filter(session->filters, count.first_refused),
                       count.refused > 1 ? " and others" : "");
}

/* ---- birth and death ---- */

static void init_sync(struct mqtt_session *session)
{
    pthread_condattr_t attr;

    (void)pthread_mutex_init(&session->mutex, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&session->ended, &attr);
    (void)pthread_condattr_destroy(&attr);
}

static void release(struct mqtt_session *session)
{
    mqtt_client_free(session->client);
    (void)pthread_cond_destroy(&session->ended);
    (void)pthread_mutex_destroy(&session->mutex);
    mqtt_wishes_free(session->wishes);
    mqtt_options_done(&session->options);
    mem_free(session);
}

static int make_client(struct mqtt_session *session, const struct link_settings *settings,
                       struct err *err)
{
    const struct mqtt_client_events events = {session, on_connected, on_ended,
                                              on_answered, on_message};
    uint64_t random;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint64_t)wall_now().ns; /* good enough for an id and for jitter */
    session->retry.random = random;
    if (mqtt_options_init(&session->options, settings, random, err) != 0)
        return -1;
    session->client = mqtt_client_new(&session->options,
                                      mqtt_wishes_batches(session->wishes), &events, err);
    return session->client == NULL ? -1 : 0;
}

struct mqtt_session *mqtt_session_new(const struct link_settings *settings,
                                      const struct mqtt_index *filters,
                                      struct mqtt_inbox *inbox, struct err *err)
{
    struct mqtt_session *session = mem_alloc(sizeof *session);

    init_sync(session);
    session->filters = filters;
    session->inbox = inbox;
    session->since = wall_now();
    session->planned = true; /* the first attempt is due at once */
    session->wishes = mqtt_wishes_new(mqtt_index_count(filters));
    if (make_client(session, settings, err) != 0) {
        release(session);
        return NULL;
    }
    return session;
}

/* The broker keeps a goodbye and a crash apart: a crash publishes the will. */
static void say_goodbye(struct mqtt_session *session)
{
    struct mono_time until = mono_add_ms(mono_now(), GOODBYE_MS);
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};
    int rc = 0;

    mqtt_client_publish_status(session->client, false);
    end_connection(session, "closed");
    (void)pthread_mutex_lock(&session->mutex);
    while (session->phase == UP && rc == 0)
        rc = pthread_cond_timedwait(&session->ended, &session->mutex, &at);
    (void)pthread_mutex_unlock(&session->mutex);
}

void mqtt_session_free(struct mqtt_session *session)
{
    struct mqtt_session_state state;

    if (session == NULL)
        return;
    mqtt_session_state(session, &state);
    if (state.connected)
        say_goodbye(session);
    release(session);
}
