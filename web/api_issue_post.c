/* api_issue_post.c - issues to change: open one, add one event. */
#include "base/json_in.h"
#include "web/handlers.h"
#include "web/issue_act.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a request may hold; anything else is a spelling mistake and said to be one. */
static const char *const draft_members[] = {"equipment", "place",    "title",  "text",
                                            "severity",  "category", "source", NULL};
static const char *const event_members[] = {"action", "text", NULL};

struct member_check {
    const char *const *known;
    char wrong[64];
};

static void check_member(void *context, const char *key, const struct json *value)
{
    struct member_check *check = context;

    for (size_t i = 0; check->known[i] != NULL; i++)
        if (strcmp(check->known[i], key) == 0 && json_kind(value) == JSON_STRING)
            return;
    if (check->wrong[0] == '\0')
        (void)snprintf(check->wrong, sizeof check->wrong, "%s", key);
}

/* The body as an object of strings; NULL when it is not one (set in response). */
static struct json *read_object(const struct call *call, const char *const *known,
                                const char *hint, struct response *response)
{
    const struct request *request = call->request;
    struct member_check check = {.known = known};
    struct json *object;
    struct err err;

    if (strncasecmp(request->content_type, "application/json", 16) != 0) {
        response_problem(response, 415, "send Content-Type: application/json",
                         "the body is not JSON");
        return NULL;
    }
    object = json_parse(request->body, request->body_length, HTTP_BODY_MAX, &err);
    if (object == NULL) {
        response_problem(response, 400, hint, "the body is not valid JSON: %s", err.text);
        return NULL;
    }
    if (json_kind(object) == JSON_OBJECT)
        json_each(object, check_member, &check);
    else
        (void)snprintf(check.wrong, sizeof check.wrong, "the body");
    if (check.wrong[0] == '\0')
        return object;
    response_bad_parameter(response, check.wrong, hint,
                           "is not a member that is known here, or not a string");
    json_free(object);
    return NULL;
}

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
        read_object(call, draft_members,
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
        read_object(call, event_members,
                    "{\"action\": \"acknowledge\", \"text\": \"...\"}", response);

    if (object != NULL)
        act(call, object, response);
    json_free(object);
}
