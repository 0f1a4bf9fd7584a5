/* series.c - see series.h. */
#include "gateway/series.h"

#include "base/mem.h"
#include "history/line.h"

enum {
    EVENTS_PER_TURN = 64,  /* the rest goes with the next turn */
    LINE_BYTES_MAX = 4096, /* tags of the longest names, escaped */
    STATES_EVERY_S = 3600, /* so that a query over a day finds every equipment */
};

struct series {
    const struct model *model;
    struct desk *desk;
    struct history *history;
    uint64_t cursor;
    int64_t last_hour;
    struct feed_event events[EVENTS_PER_TURN];
};

struct series *series_new(const struct model *model, struct desk *desk,
                          struct history *history)
{
    struct series *series = mem_alloc(sizeof *series);

    series->model = model;
    series->desk = desk;
    series->history = history;
    series->cursor = desk_feed_now(desk);
    return series;
}

void series_free(struct series *series)
{
    mem_free(series);
}

/* Databases refuse an empty tag value, so a tag without one is left out. */
static void tag(struct text *line, const char *key, const char *value)
{
    if (value[0] == '\0')
        return;
    text_addf(line, ",%s=", key);
    line_escape_tag(line, value);
}

static void finish(struct series *series, struct text *line, struct wall_time time)
{
    text_addf(line, " %lld", (long long)time.ns);
    if (!line->overflow)
        history_line(series->history, line->data);
    text_done(line);
}

static void state_line(struct series *series, const struct equipment *equipment,
                       enum equipment_state state, struct wall_time time)
{
    struct text line;

    text_init(&line, LINE_BYTES_MAX);
    text_add(&line, "equipment_state");
    tag(&line, "class", equipment->class_name);
    tag(&line, "equipment", equipment->id);
    tag(&line, "place", equipment->place);
    tag(&line, "site", series->model->site_id);
    text_addf(&line, " failure=%di,state=%di", state == STATE_FAULT ? 1 : 0, (int)state);
    finish(series, &line, time);
}

static void issue_line(struct series *series, const struct feed_event *event)
{
    const struct equipment *equipment = event->equipment == MODEL_NONE
                                            ? NULL
                                            : &series->model->equipment[event->equipment];
    struct text line;

    text_init(&line, LINE_BYTES_MAX);
    text_add(&line, "issue");
    tag(&line, "category", category_name(event->category));
    tag(&line, "class", equipment == NULL ? "" : equipment->class_name);
    tag(&line, "equipment", equipment == NULL ? "" : equipment->id);
    tag(&line, "rule", event->rule);
    tag(&line, "severity", severity_name(event->severity));
    tag(&line, "site", series->model->site_id);
    text_add(&line, " event=");
    line_field_string(&line, issue_action_name(event->action));
    text_add(&line, ",issue=");
    line_field_string(&line, event->issue);
    text_addf(&line, ",open=%di", event->status == ISSUE_CLOSED ? 0 : 1);
    finish(series, &line, event->time);
}

static void hourly_states(struct series *series, struct wall_time now)
{
    int64_t hour = now.ns / CLOCK_S / STATES_EVERY_S;

    if (hour == series->last_hour)
        return;
    series->last_hour = hour;
    for (size_t i = 0; i < series->model->equipment_count; i++) {
        struct state_view view;

        desk_state(series->desk, (uint32_t)i, &view);
        state_line(series, &series->model->equipment[i], view.state, now);
    }
}

void series_follow(struct series *series, struct wall_time now)
{
    bool lost = false;
    size_t count;

    hourly_states(series, now);
    count =
        desk_feed(series->desk, &series->cursor, series->events, EVENTS_PER_TURN, &lost);
    if (lost) /* more at once than the feed keeps: at least the states are told anew */
        series->last_hour = 0;
    for (size_t i = 0; i < count; i++) {
        const struct feed_event *event = &series->events[i];

        if (event->kind == FEED_STATE)
            state_line(series, &series->model->equipment[event->equipment], event->state,
                       event->time);
        else if (event->kind == FEED_ISSUE)
            issue_line(series, event);
    }
}
