/* web_fake_desk.c - an issue desk in memory; see web_fakes.h. */
#include "base/mem.h"
#include "tests/unit/web_fakes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    FAKE_ISSUES = 5000,
    FAKE_EVENTS = 50000,
    FAKE_FEED = 512,
};

struct fake_event {
    size_t issue;
    struct issue_event event;
    char actor[64];
    char text[DESK_TEXT_MAX + 1];
};

struct desk {
    const struct model *model;
    pthread_mutex_t mutex;
    struct state_view *states;
    struct issue_view issues[FAKE_ISSUES];
    char ids[FAKE_ISSUES][DESK_ID_SIZE];
    size_t issue_count;
    struct fake_event **events;
    size_t event_count;
    struct feed_event feed[FAKE_FEED];
    uint64_t feed_next;  /* sequence of the next event */
    uint64_t feed_first; /* older ones are lost */
};

struct desk *fake_desk_new(const struct model *model, struct wall_time now)
{
    struct desk *desk = mem_alloc(sizeof *desk);

    desk->model = model;
    desk->states = mem_array(model->equipment_count, sizeof *desk->states);
    desk->events = mem_array(FAKE_EVENTS, sizeof(void *));
    desk->feed_next = 1;
    desk->feed_first = 1;
    for (size_t i = 0; i < model->equipment_count; i++)
        desk->states[i] = (struct state_view){
            STATE_UP, wall_add_ms(now, -(int64_t)(i + 1) * 9000000), "", 0, -1};
    (void)pthread_mutex_init(&desk->mutex, NULL);
    return desk;
}

void fake_desk_free(struct desk *desk)
{
    for (size_t i = 0; i < desk->event_count; i++)
        mem_free(desk->events[i]);
    for (size_t i = 0; i < desk->issue_count; i++)
        if (strcmp(desk->issues[i].source, "rule") != 0) {
            mem_free((void *)(uintptr_t)desk->issues[i].title_en);
            mem_free((void *)(uintptr_t)desk->issues[i].place);
        }
    mem_free(desk->events);
    mem_free(desk->states);
    (void)pthread_mutex_destroy(&desk->mutex);
    mem_free(desk);
}

static void tell(struct desk *desk, const struct feed_event *event)
{
    struct feed_event *slot = &desk->feed[desk->feed_next % FAKE_FEED];

    *slot = *event;
    slot->sequence = desk->feed_next++;
    if (desk->feed_next - desk->feed_first > FAKE_FEED)
        desk->feed_first = desk->feed_next - FAKE_FEED;
}

void fake_desk_lose(struct desk *desk)
{
    (void)pthread_mutex_lock(&desk->mutex);
    desk->feed_next += 10;
    desk->feed_first = desk->feed_next;
    (void)pthread_mutex_unlock(&desk->mutex);
}

void fake_desk_state(struct desk *desk, uint32_t equipment, enum equipment_state state,
                     const char *reason, struct wall_time since)
{
    struct feed_event event = {
        .kind = FEED_STATE, .time = since, .equipment = equipment, .state = state};

    (void)snprintf(event.reason, sizeof event.reason, "%s", reason);
    (void)pthread_mutex_lock(&desk->mutex);
    desk->states[equipment].state = state;
    desk->states[equipment].reason = reason;
    desk->states[equipment].since = since;
    tell(desk, &event);
    (void)pthread_mutex_unlock(&desk->mutex);
}

static void add_event(struct desk *desk, size_t issue, enum issue_action action,
                      const char *actor, const char *text, struct wall_time time)
{
    struct fake_event *event = mem_alloc(sizeof *event);
    struct issue_view *view = &desk->issues[issue];
    const struct equipment *equipment = model_equipment(desk->model, view->equipment);
    struct feed_event news = {.kind = FEED_ISSUE,
                              .time = time,
                              .equipment =
                                  equipment == NULL ? MODEL_NONE : equipment->index,
                              .action = action,
                              .status = view->status,
                              .severity = view->severity,
                              .category = view->category};

    (void)snprintf(news.issue, sizeof news.issue, "%s", view->id);
    (void)snprintf(news.rule, sizeof news.rule, "%s", view->rule);
    event->issue = issue;
    (void)snprintf(event->actor, sizeof event->actor, "%s", actor);
    (void)snprintf(event->text, sizeof event->text, "%s", text);
    event->event = (struct issue_event){.sequence = (int64_t)desk->event_count + 1,
                                        .time = time,
                                        .action = action,
                                        .issue = view->id,
                                        .evidence = "",
                                        .status = view->status};
    event->event.actor = event->actor;
    event->event.text = event->text;
    desk->events[desk->event_count++] = event;
    view->changed = time;
    tell(desk, &news);
}

static void count_state(struct desk *desk, const char *id)
{
    const struct equipment *equipment = model_equipment(desk->model, id);
    struct state_view *state;

    if (equipment == NULL)
        return;
    state = &desk->states[equipment->index];
    state->open_issues = 0;
    state->worst_severity = -1;
    for (size_t i = 0; i < desk->issue_count; i++) {
        const struct issue_view *issue = &desk->issues[i];

        if (strcmp(issue->equipment, id) != 0 || issue->status == ISSUE_CLOSED)
            continue;
        state->open_issues++;
        if ((int)issue->severity > state->worst_severity)
            state->worst_severity = (int)issue->severity;
    }
}

size_t fake_desk_issue(struct desk *desk, const struct issue_view *issue,
                       struct wall_time opened)
{
    size_t index;

    (void)pthread_mutex_lock(&desk->mutex);
    index = desk->issue_count++;
    desk->issues[index] = *issue;
    (void)snprintf(desk->ids[index], DESK_ID_SIZE, "riverside-01JDFAKE%018zu", index + 1);
    desk->issues[index].id = desk->ids[index];
    if (issue->attached_id == NULL)
        desk->issues[index].attached_id = "";
    desk->issues[index].number = (int64_t)index + 1;
    desk->issues[index].opened = opened;
    add_event(desk, index, ACTION_OPENED, "facilityd", "", opened);
    count_state(desk, issue->equipment);
    (void)pthread_mutex_unlock(&desk->mutex);
    return index;
}

int desk_open_issue(struct desk *desk, const struct issue_draft *draft, const char *actor,
                    struct wall_time now, char id[DESK_ID_SIZE], struct err *err)
{
    const struct equipment *equipment = model_equipment(desk->model, draft->equipment);
    struct issue_view issue = {.severity = draft->severity,
                               .category = draft->category,
                               .kind = "",
                               .source = draft->source,
                               .rule = "",
                               .equipment = "",
                               .equipment_name = "",
                               .class_name = "",
                               .title_zh = "",
                               .advice_en = "",
                               .advice_zh = "",
                               .attached_id = "",
                               .evidence = ""};
    size_t index;

    if (draft->equipment[0] != '\0' && equipment == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no equipment \"%s\"",
                       draft->equipment);
    if (strlen(draft->title) > 200 || strlen(draft->text) > DESK_TEXT_MAX)
        return err_set(err, ERR_INPUT, "the title or the text is too long");
    if (equipment != NULL) {
        issue.equipment = equipment->id;
        issue.equipment_name = equipment->name;
        issue.class_name = equipment->class_name;
    }
    issue.place = mem_strdup(
        draft->place[0] == '\0' && equipment != NULL ? equipment->place : draft->place);
    issue.title_en = mem_strdup(draft->title);
    issue.title_zh = issue.title_en;
    index = fake_desk_issue(desk, &issue, now);
    if (draft->text[0] != '\0') {
        (void)pthread_mutex_lock(&desk->mutex);
        add_event(desk, index, ACTION_COMMENT, actor, draft->text, now);
        (void)pthread_mutex_unlock(&desk->mutex);
    }
    (void)snprintf(id, DESK_ID_SIZE, "%s", desk->ids[index]);
    return 0;
}

static size_t find_issue(struct desk *desk, const char *id)
{
    for (size_t i = 0; i < desk->issue_count; i++)
        if (strcmp(desk->ids[i], id) == 0)
            return i;
    return SIZE_MAX;
}

/* NOLINTNEXTLINE(readability-function-size): as the contract says */
int desk_act(struct desk *desk, const char *issue, enum issue_action action,
             const char *actor, const char *text, struct wall_time now, struct err *err)
{
    enum issue_status next;
    size_t index;
    int result = -1;

    (void)pthread_mutex_lock(&desk->mutex);
    index = find_issue(desk, issue);
    if (index == SIZE_MAX) {
        (void)err_set(err, ERR_NOT_FOUND, "there is no issue \"%s\"", issue);
    } else if (strlen(text) > DESK_TEXT_MAX) {
        (void)err_set(err, ERR_INPUT, "the comment has more than %d bytes",
                      DESK_TEXT_MAX);
    } else if (action == ACTION_SEVERITY && severity_from_name(text) < 0) {
        (void)err_set(err, ERR_INPUT, "there is no severity \"%s\"", text);
    } else if (issue_next(desk->issues[index].status, action, &next, err) == 0) {
        if (action == ACTION_SEVERITY)
            desk->issues[index].severity = (enum severity)severity_from_name(text);
        desk->issues[index].status = next;
        add_event(desk, index, action, actor, text, now);
        count_state(desk, desk->issues[index].equipment);
        result = 0;
    }
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

static bool wanted(const struct issue_filter *filter, const struct issue_view *issue)
{
    return (filter->status < 0 || filter->status == (int)issue->status) &&
           (!filter->only_unclosed || issue->status != ISSUE_CLOSED) &&
           (filter->severity < 0 || filter->severity == (int)issue->severity) &&
           (filter->category < 0 || filter->category == (int)issue->category) &&
           (filter->equipment == NULL ||
            strcmp(filter->equipment, issue->equipment) == 0) &&
           (filter->rule == NULL || strcmp(filter->rule, issue->rule) == 0) &&
           (filter->place == NULL ||
            strncmp(filter->place, issue->place, strlen(filter->place)) == 0);
}

int desk_list(struct desk *desk, const struct issue_filter *filter,
              desk_issue_visit *visit, void *context, struct err *err)
{
    size_t from;
    size_t count = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    from = desk->issue_count;
    if (filter->after != NULL)
        from = find_issue(desk, filter->after);
    if (from == SIZE_MAX) {
        (void)pthread_mutex_unlock(&desk->mutex);
        return err_set(err, ERR_INPUT, "there is no issue \"%s\"", filter->after);
    }
    while (from-- > 0 && count < filter->limit)
        if (wanted(filter, &desk->issues[from])) {
            visit(context, &desk->issues[from]);
            count++;
        }
    (void)pthread_mutex_unlock(&desk->mutex);
    return (int)count;
}

int desk_get(struct desk *desk, const char *issue, desk_issue_visit *visit, void *context,
             struct err *err)
{
    size_t index;

    (void)pthread_mutex_lock(&desk->mutex);
    index = find_issue(desk, issue);
    if (index != SIZE_MAX)
        visit(context, &desk->issues[index]);
    (void)pthread_mutex_unlock(&desk->mutex);
    return index != SIZE_MAX
               ? 0
               : err_set(err, ERR_NOT_FOUND, "there is no issue \"%s\"", issue);
}

int desk_events(struct desk *desk, const char *issue, desk_event_visit *visit,
                void *context, struct err *err)
{
    size_t index;

    (void)err;
    (void)pthread_mutex_lock(&desk->mutex);
    index = find_issue(desk, issue);
    for (size_t i = 0; i < desk->event_count; i++)
        if (desk->events[i]->issue == index)
            visit(context, &desk->events[i]->event);
    (void)pthread_mutex_unlock(&desk->mutex);
    return 0;
}

void desk_state(struct desk *desk, uint32_t equipment, struct state_view *view)
{
    (void)pthread_mutex_lock(&desk->mutex);
    *view = desk->states[equipment];
    (void)pthread_mutex_unlock(&desk->mutex);
}

const char *desk_damage(const struct desk *desk)
{
    (void)desk;
    return NULL;
}

uint64_t desk_feed_now(struct desk *desk)
{
    uint64_t now;

    (void)pthread_mutex_lock(&desk->mutex);
    now = desk->feed_next - 1;
    (void)pthread_mutex_unlock(&desk->mutex);
    return now;
}

size_t desk_feed(struct desk *desk, uint64_t *cursor, struct feed_event *events,
                 size_t max, bool *lost)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&desk->mutex);
    *lost = *cursor + 1 < desk->feed_first;
    if (*lost)
        *cursor = desk->feed_first - 1;
    while (count < max && *cursor + 1 < desk->feed_next)
        events[count++] = desk->feed[++*cursor % FAKE_FEED];
    (void)pthread_mutex_unlock(&desk->mutex);
    return count;
}

void desk_counts(struct desk *desk, struct desk_counts *counts)
{
    *counts = (struct desk_counts){0};
    (void)pthread_mutex_lock(&desk->mutex);
    counts->total = (int64_t)desk->issue_count;
    counts->commits = desk->event_count;
    for (size_t i = 0; i < desk->issue_count; i++)
        if (desk->issues[i].status != ISSUE_CLOSED) {
            counts->unclosed++;
            counts->by_severity[desk->issues[i].severity]++;
        }
    (void)pthread_mutex_unlock(&desk->mutex);
}
