/* batch.c - see batch.h. */
#include "web/batch.h"

#include "base/json_out.h"
#include "base/mem.h"
#include "web/marks_view.h"
#include "web/show.h"
#include "web/stream.h"
#include "web/view.h"

#include <string.h>

enum {
    BATCH_SAMPLES = 500, /* in one event: about 80 KB, so that a page stays responsive */
    BATCH_FEED = 64,     /* events of the desk taken at a time */
};

struct batch {
    const char *version;
    struct text events;
    struct text json;
    struct mono_time mono;

    /* of the generation */
    uint64_t generation; /* 0: none yet */
    uint32_t *changed;   /* room for every point */
    bool *is_key;        /* by point */

    /* what `events` was made from, if it may be used again */
    bool made;
    struct batch_filter filter;
    struct sse_cursor from;
    struct sse_cursor to;
};

struct batch *batch_new(const char *version)
{
    struct batch *batch = mem_alloc(sizeof *batch);

    batch->version = version;
    text_init(&batch->events, STREAM_BATCH_MAX);
    text_init(&batch->json, STREAM_BATCH_MAX);
    return batch;
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    text_done(&batch->events);
    text_done(&batch->json);
    mem_free(batch->changed);
    mem_free(batch->is_key);
    mem_free(batch);
}

const struct text *batch_events(const struct batch *batch)
{
    return &batch->events;
}

void batch_begin(struct batch *batch, struct mono_time mono)
{
    batch->mono = mono;
    batch->made = false;
}

static void fit_generation(struct batch *batch, const struct web_site *site)
{
    const struct model *model = site->model;

    if (batch->generation == site->generation && batch->changed != NULL)
        return;
    mem_free(batch->changed);
    mem_free(batch->is_key);
    batch->changed = mem_array(model->point_count + 1, sizeof *batch->changed);
    batch->is_key = mem_array(model->point_count + 1, sizeof *batch->is_key);
    for (size_t i = 0; i < model->equipment_count; i++) {
        const struct point *key[VIEW_KEY_POINTS];
        size_t count = view_key_points(model, &model->equipment[i], key);

        for (size_t k = 0; k < count; k++)
            batch->is_key[key[k]->index] = true;
    }
    batch->generation = site->generation;
}

static void put_sample(struct batch *batch, struct json_out *json,
                       const struct web_site *site, const struct batch_filter *filter,
                       const struct point *point)
{
    struct live_cell cell;
    enum reason reason;
    enum quality quality;
    char text[LIVE_TEXT_MAX] = "";

    live_get(site->live, point->index, 1, &cell);
    quality = live_quality(&cell, point, batch->mono, &reason);
    if (point->kind == POINT_TEXT)
        live_get_text(site->live, point->index, text);
    json_open(json, '{');
    json_put_string(json, "equipment", site->model->equipment[point->equipment].id);
    json_put_string(json, "point", point->name);
    json_key(json, "value");
    if (quality == QUALITY_BAD || point->kind == POINT_TEXT)
        json_null(json);
    else
        json_number_digits(json, cell.last.value, point->digits);
    if (quality != QUALITY_BAD)
        json_put_string(
            json, "text",
            show_value(filter->language, point, cell.last.value, text, SHOW_ROOM));
    json_put_string(json, "unit", point->unit);
    json_put_string(json, "quality", quality_name(quality));
    json_put_string(json, "reason", reason == REASON_NONE ? NULL : reason_name(reason));
    json_put_time(json, "time", cell.last.time);
    json_close(json, '}');
}

/* `only` is NULL when the filter names no equipment, or none that is left. */
static bool wants(const struct batch *batch, const struct batch_filter *filter,
                  const struct equipment *only, const struct point *point)
{
    if (filter->equipment[0] != '\0')
        return only != NULL && point->equipment == only->index;
    return !filter->key_only || batch->is_key[point->index];
}

static void end_samples(struct batch *batch, struct json_out *json,
                        const struct sse_cursor *cursor)
{
    json_close(json, ']');
    json_close(json, '}');
    sse_event(&batch->events, "sample", cursor, batch->json.data);
}

static void begin_samples(struct batch *batch, struct json_out *json)
{
    text_clear(&batch->json);
    *json = json_begin(&batch->json);
    json_open(json, '{');
    json_put_time(json, "time", wall_now());
    json_key(json, "samples");
    json_open(json, '[');
}

static void add_samples(struct batch *batch, const struct web_site *site,
                        const struct batch_filter *filter, struct sse_cursor *cursor)
{
    const struct model *model = site->model;
    const struct equipment *only =
        filter->equipment[0] == '\0' ? NULL : model_equipment(model, filter->equipment);
    struct sse_cursor before = *cursor; /* until the last event, nothing is complete */
    size_t count =
        live_changes(site->live, &cursor->live, batch->changed, model->point_count);
    struct json_out json;
    size_t in_event = 0;

    for (size_t i = 0; i < count; i++) {
        const struct point *point = &model->points[batch->changed[i]];

        if (!wants(batch, filter, only, point))
            continue;
        if (in_event == BATCH_SAMPLES) {
            end_samples(batch, &json, &before);
            in_event = 0;
        }
        if (in_event++ == 0)
            begin_samples(batch, &json);
        put_sample(batch, &json, site, filter, point);
    }
    if (in_event > 0)
        end_samples(batch, &json, cursor);
}

static void put_state(struct json_out *json, const struct web_site *site,
                      const struct feed_event *event)
{
    struct state_view now;

    desk_state(site->desk, event->equipment, &now);
    json_put_string(json, "equipment", site->model->equipment[event->equipment].id);
    json_put_string(json, "state", equipment_state_name(event->state));
    json_put_string(json, "reason", event->reason[0] == '\0' ? NULL : event->reason);
    json_put_time(json, "since", event->time);
    json_put_int(json, "open_issues", now.open_issues);
    view_severity_json(json, "worst_severity", now.worst_severity);
}

static void put_issue(struct json_out *json, const struct web_site *site,
                      const struct feed_event *event)
{
    json_put_string(json, "issue", event->issue);
    json_put_string(json, "equipment",
                    event->equipment == MODEL_NONE
                        ? NULL
                        : site->model->equipment[event->equipment].id);
    json_put_string(json, "rule", event->rule[0] == '\0' ? NULL : event->rule);
    json_put_string(json, "action", issue_action_name(event->action));
    json_put_string(json, "status", issue_status_name(event->status));
    json_put_string(json, "severity", severity_name(event->severity));
    json_put_string(json, "category", category_name(event->category));
    json_put_time(json, "time", event->time);
}

static void put_announced(void *context, const struct announcement *announcement)
{
    marks_announcement_members(context, announcement);
}

static void put_announcement(struct json_out *json, const struct web_site *site,
                             const struct feed_event *event)
{
    (void)desk_announcements(site->desk, event->announcement - 1, 1, put_announced, json,
                             NULL);
}

static const struct {
    const char *name;
    void (*put)(struct json_out *json, const struct web_site *site,
                const struct feed_event *event);
} feed_kinds[] = {
    [FEED_ISSUE] = {"issue", put_issue},
    [FEED_STATE] = {"state", put_state},
    [FEED_ANNOUNCE] = {"announce", put_announcement},
};

static void add_feed_event(struct batch *batch, const struct web_site *site,
                           const struct feed_event *event,
                           const struct sse_cursor *cursor)
{
    struct json_out json;

    if (event->equipment != MODEL_NONE &&
        event->equipment >= site->model->equipment_count)
        return;
    if (event->kind == FEED_STATE && event->equipment == MODEL_NONE)
        return;
    text_clear(&batch->json);
    json = json_begin(&batch->json);
    json_open(&json, '{');
    feed_kinds[event->kind].put(&json, site, event);
    json_close(&json, '}');
    sse_event(&batch->events, feed_kinds[event->kind].name, cursor, batch->json.data);
}

/* False when the feed no longer holds everything. */
static bool add_feed(struct batch *batch, const struct web_site *site,
                     struct sse_cursor *cursor)
{
    struct feed_event events[BATCH_FEED];
    size_t count;

    do {
        bool lost = false;

        count = desk_feed(site->desk, &cursor->feed, events, BATCH_FEED, &lost);
        if (lost)
            return false;
        for (size_t i = 0; i < count; i++) {
            struct sse_cursor seen = *cursor;

            seen.feed = i + 1 < count ? events[i].sequence : cursor->feed;
            add_feed_event(batch, site, &events[i], &seen);
        }
    } while (count == BATCH_FEED);
    return true;
}

static bool same_origin_of_batch(const struct batch *batch,
                                 const struct batch_filter *filter,
                                 const struct sse_cursor *cursor)
{
    return batch->made && memcmp(&batch->from, cursor, sizeof *cursor) == 0 &&
           batch->filter.language == filter->language &&
           batch->filter.key_only == filter->key_only &&
           strcmp(batch->filter.equipment, filter->equipment) == 0;
}

void batch_make(struct batch *batch, const struct web_site *site,
                const struct batch_filter *filter, struct sse_cursor *cursor)
{
    if (same_origin_of_batch(batch, filter, cursor)) {
        *cursor = batch->to;
        return;
    }
    fit_generation(batch, site);
    batch->filter = *filter;
    batch->from = *cursor;
    text_clear(&batch->events);
    add_samples(batch, site, filter, cursor);
    if (!add_feed(batch, site, cursor) || batch->events.overflow) {
        cursor->feed = desk_feed_now(site->desk);
        batch_hello(batch, cursor, false);
    }
    batch->to = *cursor;
    batch->made = true;
}

void batch_hello(struct batch *batch, const struct sse_cursor *cursor, bool resumed)
{
    struct json_out json;

    batch->made = false;
    text_clear(&batch->events);
    text_clear(&batch->json);
    json = json_begin(&batch->json);
    json_open(&json, '{');
    json_put_int(&json, "generation", (int64_t)cursor->generation);
    json_put_bool(&json, "resumed", resumed);
    json_put_time(&json, "time", wall_now());
    json_put_int(&json, "beat_ms", STREAM_BEAT_MS);
    json_put_string(&json, "version", batch->version);
    json_close(&json, '}');
    text_addf(&batch->events, "retry: %d\n", STREAM_RETRY_MS);
    sse_event(&batch->events, "hello", cursor, batch->json.data);
}

void batch_beat(struct batch *batch)
{
    struct json_out json;

    batch->made = false;
    text_clear(&batch->events);
    text_clear(&batch->json);
    json = json_begin(&batch->json);
    json_open(&json, '{');
    json_put_time(&json, "time", wall_now());
    json_close(&json, '}');
    sse_event(&batch->events, "beat", NULL, batch->json.data);
}
