/* api_issues.c - issues to read: list and one in full. */
#include "web/handlers.h"
#include "web/issues_query.h"
#include "web/marks_view.h"
#include "web/view.h"

#include <string.h>

enum {
    API_ISSUES_LIMIT = 50,
};

struct list {
    struct json_out json;
    size_t count;
    char last[DESK_ID_SIZE];
};

static void put_listed(void *context, const struct issue_view *issue)
{
    struct list *list = context;

    json_open(&list->json, '{');
    view_issue_json(&list->json, issue);
    json_close(&list->json, '}');
    list->count++;
    list->last[0] = '\0';
    strncat(list->last, issue->id, sizeof list->last - 1);
}

void api_issue_list(const struct call *call, struct response *response)
{
    struct list list = {.json = json_begin(&response->body)};
    struct issue_filter filter;
    struct err err;

    if (!issues_query(call, "all", API_ISSUES_LIMIT, &filter, response))
        return;
    json_open(&list.json, '{');
    json_key(&list.json, "issues");
    json_open(&list.json, '[');
    if (desk_list(call->site->desk, &filter, put_listed, &list, &err) < 0) {
        issues_query_failed(response, &filter, &err);
        return;
    }
    json_close(&list.json, ']');
    json_put_string(&list.json, "next", list.count == filter.limit ? list.last : NULL);
    json_close(&list.json, '}');
    text_add_char(&response->body, '\n');
}

static void put_allowed(struct json_out *json, enum issue_status status)
{
    enum issue_action actions[ACTION_COUNT];
    size_t count = issue_allowed(status, actions);

    json_key(json, "allowed");
    json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        json_string(json, issue_action_name(actions[i]));
    json_close(json, ']');
}

static void put_full(void *context, const struct issue_view *issue)
{
    struct json_out *json = context;

    view_issue_json(json, issue);
    json_put_string(json, "advice_en", issue->advice_en);
    json_put_string(json, "advice_zh", issue->advice_zh);
    json_key(json, "evidence");
    if (issue->evidence[0] == '\0')
        json_null(json);
    else
        json_raw(json, issue->evidence);
    put_allowed(json, issue->status);
}

struct log {
    struct json_out *json;
    int64_t left_out;
};

static void put_event(void *context, const struct issue_event *event)
{
    struct log *log = context;
    struct json_out *json = log->json;

    log->left_out += event->left_out;
    json_open(json, '{');
    json_put_int(json, "sequence", event->sequence);
    json_put_time(json, "time", event->time);
    json_put_string(json, "action", issue_action_name(event->action));
    json_put_string(json, "actor", event->actor);
    json_put_string(json, "text", event->text);
    json_put_string(json, "status", issue_status_name(event->status));
    json_key(json, "evidence");
    if (event->evidence[0] == '\0')
        json_null(json);
    else
        json_raw(json, event->evidence);
    json_close(json, '}');
}

static void put_symptom(void *context, const struct symptom_view *symptom)
{
    marks_symptom_json(context, symptom);
}

void api_issue(const struct call *call, struct response *response)
{
    struct json_out json = json_begin(&response->body);
    struct log log = {.json = &json};
    struct err err;

    json_open(&json, '{');
    if (desk_get(call->site->desk, call->id, put_full, &json, &err) < 0) {
        response_failed(response, &err);
        return;
    }
    json_key(&json, "symptoms");
    json_open(&json, '[');
    if (desk_symptoms(call->site->desk, call->id, put_symptom, &json, &err) < 0) {
        response_failed(response, &err);
        return;
    }
    json_close(&json, ']');
    json_key(&json, "events");
    json_open(&json, '[');
    if (desk_events(call->site->desk, call->id, put_event, &log, &err) < 0) {
        response_failed(response, &err);
        return;
    }
    json_close(&json, ']');
    json_put_int(&json, "events_left_out", log.left_out);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}
