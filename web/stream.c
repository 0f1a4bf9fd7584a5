/* stream.c - see stream.h.
 *
 * DESIGN: one thread ticks once a second. It borrows the site, then takes the hub's lock
 * and gives each stream that has room a batch of what changed since its cursor. Streams
 * that are in step (nearly always all of them) share one batch.
 *
 * A connection sleeps (is suspended) only inside stream_read and wakes only in
 * wake(), both under the hub's lock, so `asleep` is always true to the server's state:
 * no connection is ever woken twice or left asleep with something to say. After hub_stop
 * none goes to sleep any more, because libmicrohttpd aborts when it is stopped with a
 * suspended connection.
 *
 * Lock order: the site (source->acquire), then the hub, then the server's own.
 */
#include "web/stream.h"

#include "base/mem.h"
#include "web/batch.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

struct stream {
    struct hub *hub;               /* fixed after open */
    struct batch_filter filter;    /* fixed after open */
    struct stream_carrier carrier; /* fixed before the first read */

    /* guarded by the hub's mutex */
    struct stream *next;
    struct sse_cursor cursor;
    struct text pending;
    size_t taken; /* bytes of `pending` that are gone */
    struct mono_time beat;
    bool asleep;
    bool ended;
};

struct hub {
    const struct web_source *source; /* fixed after open */
    const struct web_options *options;
    void (*beat)(void *context);
    void *context;
    pthread_t thread;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* guarded by mutex */
    struct stream *streams;
    size_t count;
    bool stopping;
    struct batch *batch; /* used by the tick, and for a stream's first events */
};

static uint64_t run_of(const struct hub *hub)
{
    return (uint64_t)(hub->options->started.ns / CLOCK_MS);
}

void hub_cursor(struct hub *hub, const struct web_site *site, struct sse_cursor *cursor)
{
    *cursor = (struct sse_cursor){
        .run = run_of(hub),
        .generation = site->generation,
        .live = live_sequence(site->live),
        .feed = desk_feed_now(site->desk),
    };
}

/* The caller holds the hub's mutex. */
static void wake(struct stream *stream)
{
    if (stream->asleep) {
        stream->asleep = false;
        stream->carrier.resume(stream->carrier.connection);
    }
}

static bool has_pending(const struct stream *stream)
{
    return stream->pending.length > stream->taken;
}

static void deliver(struct stream *stream, const struct text *events,
                    struct mono_time mono)
{
    text_clear(&stream->pending);
    stream->taken = 0;
    text_add_bytes(&stream->pending, events->data, events->length);
    stream->beat = mono_add_ms(mono, STREAM_BEAT_MS);
    wake(stream);
}

/* What a stream gets this tick; the caller holds the mutex and the site. */
static void feed_stream(struct hub *hub, const struct web_site *site,
                        struct stream *stream, struct mono_time mono)
{
    struct sse_cursor now;

    if (stream->ended || has_pending(stream))
        return;
    if (stream->cursor.generation != site->generation) {
        hub_cursor(hub, site, &now);
        stream->cursor = now;
        batch_hello(hub->batch, &now, false);
        deliver(stream, batch_events(hub->batch), mono);
        return;
    }
    batch_make(hub->batch, site, &stream->filter, &stream->cursor);
    if (batch_events(hub->batch)->length > 0)
        deliver(stream, batch_events(hub->batch), mono);
    else if (!mono_before(mono, stream->beat)) {
        batch_beat(hub->batch);
        deliver(stream, batch_events(hub->batch), mono);
    }
}

static void tick(struct hub *hub)
{
    const struct web_site *site = hub->source->acquire(hub->source->context);
    struct mono_time mono = mono_now();

    (void)pthread_mutex_lock(&hub->mutex);
    batch_begin(hub->batch, mono);
    for (struct stream *s = hub->streams; s != NULL && !hub->stopping; s = s->next)
        feed_stream(hub, site, s, mono);
    (void)pthread_mutex_unlock(&hub->mutex);
    hub->source->release(hub->source->context);
}

/* Waits for the next tick; true when it is time to stop. */
static bool wait_tick(struct hub *hub, struct mono_time until)
{
    struct timespec at = {.tv_sec = until.ns / CLOCK_S, .tv_nsec = until.ns % CLOCK_S};
    bool stopping;

    (void)pthread_mutex_lock(&hub->mutex);
    while (!hub->stopping && mono_before(mono_now(), until))
        (void)pthread_cond_timedwait(&hub->changed, &hub->mutex, &at);
    stopping = hub->stopping;
    (void)pthread_mutex_unlock(&hub->mutex);
    return stopping;
}

static void *run(void *context)
{
    struct hub *hub = context;

    struct mono_time next = mono_now();

    for (;;) {
        next = mono_add_ms(next, STREAM_TICK_MS);
        if (mono_before(next, mono_now())) /* after a pause of the machine */
            next = mono_now();
        if (wait_tick(hub, next))
            return NULL;
        if (hub_streams(hub) > 0)
            tick(hub);
        hub->beat(hub->context);
    }
}

struct hub *hub_open(const struct web_source *source, const struct web_options *options,
                     void (*beat)(void *context), void *context, struct err *err)
{
    struct hub *hub = mem_alloc(sizeof *hub);
    pthread_condattr_t clock;

    hub->source = source;
    hub->options = options;
    hub->beat = beat;
    hub->context = context;
    hub->batch = batch_new(options->version);
    (void)pthread_mutex_init(&hub->mutex, NULL);
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&hub->changed, &clock);
    (void)pthread_condattr_destroy(&clock);
    if (pthread_create(&hub->thread, NULL, run, hub) != 0) {
        (void)err_set(err, ERR_IO, "the thread of the event stream cannot be started");
        hub->stopping = true;
        hub_free(hub);
        return NULL;
    }
    (void)pthread_setname_np(hub->thread, "web-stream");
    return hub;
}

void hub_stop(struct hub *hub)
{
    (void)pthread_mutex_lock(&hub->mutex);
    hub->stopping = true;
    for (struct stream *s = hub->streams; s != NULL; s = s->next) {
        s->ended = true;
        wake(s);
    }
    (void)pthread_cond_broadcast(&hub->changed);
    (void)pthread_mutex_unlock(&hub->mutex);
    (void)pthread_join(hub->thread, NULL);
}

void hub_free(struct hub *hub)
{
    if (hub == NULL)
        return;
    assert(hub->stopping && hub->streams == NULL);
    batch_free(hub->batch);
    (void)pthread_cond_destroy(&hub->changed);
    (void)pthread_mutex_destroy(&hub->mutex);
    mem_free(hub);
}

size_t hub_streams(struct hub *hub)
{
    size_t count;

    (void)pthread_mutex_lock(&hub->mutex);
    count = hub->count;
    (void)pthread_mutex_unlock(&hub->mutex);
    return count;
}

/* Where the stream begins: where the client left off, if that still counts. */
static bool choose_cursor(const struct call *call, struct sse_cursor *cursor)
{
    const char *asked = call->request->last_event_id;
    struct sse_cursor now;
    struct sse_cursor last;

    if (asked[0] == '\0')
        asked = params_get(&call->request->query, "from", "");
    hub_cursor(call->hub, call->site, &now);
    *cursor = now;
    if (!sse_parse_id(asked, &last) || last.run != now.run ||
        last.generation != now.generation || last.live > now.live || last.feed > now.feed)
        return false;
    *cursor = last;
    return true;
}

static bool choose_filter(const struct call *call, struct batch_filter *filter,
                          struct response *response)
{
    const char *points = params_get(&call->request->query, "points", "all");
    const char *equipment = params_get(&call->request->query, "equipment", "");

    *filter = (struct batch_filter){.language = call->request->language,
                                    .key_only = strcmp(points, "key") == 0};
    if (!filter->key_only && strcmp(points, "all") != 0) {
        response_bad_parameter(response, "points", "\"all\" or \"key\"",
                               "there is no selection \"%s\"", points);
        return false;
    }
    if (equipment[0] != '\0' && (strlen(equipment) >= sizeof filter->equipment ||
                                 model_equipment(call->site->model, equipment) == NULL)) {
        response_bad_parameter(response, "equipment", "GET /api/v1/equipment lists them",
                               "there is no equipment \"%s\"", equipment);
        return false;
    }
    memcpy(filter->equipment, equipment, strlen(equipment) + 1);
    return true;
}

/* Adds the stream with its first event to the hub; false when there is no room. */
static bool join(struct hub *hub, struct stream *stream, bool resumed)
{
    bool room;

    (void)pthread_mutex_lock(&hub->mutex);
    room = !hub->stopping && hub->count < STREAM_MAX;
    if (room) {
        batch_begin(hub->batch, mono_now());
        batch_hello(hub->batch, &stream->cursor, resumed);
        deliver(stream, batch_events(hub->batch), mono_now());
        stream->next = hub->streams;
        hub->streams = stream;
        hub->count++;
    }
    (void)pthread_mutex_unlock(&hub->mutex);
    return room;
}

void stream_get(const struct call *call, struct response *response)
{
    struct stream *stream;
    struct batch_filter filter;
    bool resumed;

    if (!choose_filter(call, &filter, response))
        return;
    stream = mem_alloc(sizeof *stream);
    stream->hub = call->hub;
    stream->filter = filter;
    text_init(&stream->pending, STREAM_BATCH_MAX);
    resumed = choose_cursor(call, &stream->cursor);
    if (!join(call->hub, stream, resumed)) {
        text_done(&stream->pending);
        mem_free(stream);
        response_problem(response, 503, "close other tabs or try again later",
                         "%d event streams are open already", STREAM_MAX);
        response_header(response, "Retry-After", "10");
        return;
    }
    response->type = "text/event-stream";
    response->stream = stream;
}

void stream_carry(struct stream *stream, const struct stream_carrier *carrier)
{
    (void)pthread_mutex_lock(&stream->hub->mutex);
    stream->carrier = *carrier;
    (void)pthread_mutex_unlock(&stream->hub->mutex);
}

int stream_read(struct stream *stream, char *buffer, size_t max)
{
    struct hub *hub = stream->hub;
    size_t length;
    int result = -1;

    (void)pthread_mutex_lock(&hub->mutex);
    if (!stream->ended && has_pending(stream)) {
        length = stream->pending.length - stream->taken;
        length = length < max ? length : max;
        memcpy(buffer, stream->pending.data + stream->taken, length);
        stream->taken += length;
        result = (int)length;
    } else if (!stream->ended) {
        stream->asleep = true;
        stream->carrier.suspend(stream->carrier.connection);
        result = 0;
    }
    (void)pthread_mutex_unlock(&hub->mutex);
    return result;
}

void stream_close(struct stream *stream)
{
    struct hub *hub;

    if (stream == NULL)
        return;
    hub = stream->hub;
    (void)pthread_mutex_lock(&hub->mutex);
    for (struct stream **at = &hub->streams; *at != NULL; at = &(*at)->next)
        if (*at == stream) {
            *at = stream->next;
            hub->count--;
            break;
        }
    (void)pthread_mutex_unlock(&hub->mutex);
    text_done(&stream->pending);
    mem_free(stream);
}
