/* api_issue_post.c - issues to change: open one, add one event. */
#include "web/body.h"
#include "web/handlers.h"
#include "web/issue_act.h"

static const struct body_member draft_members[] = {
    {"equipment", JSON_STRING}, {"place", JSON_STRING},    {"title", JSON_STRING},
    {"text", JSON_STRING},      {"severity", JSON_STRING}, {"category", JSON_STRING},
    {"source", JSON_STRING},    {NULL, JSON_NULL}};
static const struct body_member event_members[] = {
    {"action", JSON_STRING}, {"text", JSON_STRING}, {NULL, JSON_NULL}};

/* The value of a name; false when there is no such name (set in response). */
static bool read_name(const struct json *object, const char *member, const char *fallback,
                      int (*from_name)(const char *name), int *value,
                      struct response *response)
{
    const char *text = json_member_text(object, member, fallback);

    *value = from_name(text);
    if (*value >= 0)
        return true;
    response_bad_parameter(response, member, "GET /api/v1/issues shows the names in use",
                           "there is no %s \"%s\"", member, text);
    return false;
}

static void open_draft(const struct call *call, const struct json *object,
                       struct response *response)
{
    struct issue_draft draft = {
        .equipment = json_member_text(object, "equipment", ""),
        .place = json_member_text(object, "place", ""),
        .title = json_member_text(object, "title", ""),
        .text = json_member_text(object, "text", ""),
        .source = json_member_text(object, "source", "person"),
    };
    struct call opened = *call;
    struct err err;
    int severity;
    int category;

    if (!read_name(object, "severity", "general", severity_from_name, &severity,
                   response) ||
        !read_name(object, "category", "facilities", category_from_name, &category,
                   response))
        return;
    draft.severity = (enum severity)severity;
    draft.category = (enum category)category;
    if (draft.title[0] == '\0') {
        response_bad_parameter(response, "title", "say in a few words what is wrong",
                               "is missing");
        return;
    }
    if (desk_open_issue(call->site->desk, &draft, call->request->actor, call->now,
                        opened.id, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    api_issue(&opened, response);
    if (response->status == 200) {
        response->status = 201;
        response_header(response, "Location", "/api/v1/issues/%s", opened.id);
    }
}

void api_issue_open(const struct call *call, struct response *response)
{
    struct json *object =
        body_read(call, draft_members,
                  "{\"title\": \"...\", \"equipment\": \"...\", \"severity\": "
                  "\"general\", \"category\": \"facilities\"}",
                  response);

    if (object != NULL)
        open_draft(call, object, response);
    json_free(object);
}

static void act(const struct call *call, const struct json *object,
                struct response *response)
{
    const char *text = json_member_text(object, "text", "");
    struct err err;
    int action;

    if (!read_name(object, "action", "", issue_action_from_name, &action, response))
        return;
    if (!issue_action_is_manual((enum issue_action)action)) {
        response_bad_parameter(response, "action",
                               "\"allowed\" of the issue lists what a person may do",
                               "\"%s\" is recorded by the system only",
                               issue_action_name((enum issue_action)action));
        return;
    }
    if (issue_act(call, (enum issue_action)action, text, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    api_issue(call, response);
}

void api_issue_act(const struct call *call, struct response *response)
{
    struct json *object =
        body_read(call, event_members, "{\"action\": \"acknowledge\", \"text\": \"...\"}",
                  response);

    if (object != NULL)
        act(call, object, response);
    json_free(object);
}
