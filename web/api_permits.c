/* api_permits.c - planned work: list, issue, close. */
#include "web/body.h"
#include "web/handlers.h"
#include "web/marks_view.h"
#include "web/times.h"
#include "web/view.h"

#include <string.h>

static const struct body_member members[] = {
    {"equipment", JSON_STRING}, {"place", JSON_STRING},  {"class", JSON_STRING},
    {"holder", JSON_STRING},    {"reason", JSON_STRING}, {"from", JSON_STRING},
    {"until", JSON_STRING},     {"for_ms", JSON_NUMBER}, {NULL, JSON_NULL}};
static const struct body_member nothing[] = {{NULL, JSON_NULL}};
static const char hint[] =
    "{\"equipment\": \"pump-1\", \"holder\": \"...\", \"reason\": \"...\", \"until\": "
    "\"2026-11-24T18:00:00+08:00\"}; instead of equipment: place, class";

static void put_permit(void *context, const struct permit_view *permit)
{
    marks_permit_json(context, permit);
}

void api_permit_list(const struct call *call, struct response *response)
{
    struct json_out json = json_begin(&response->body);
    bool all = strcmp(params_get(&call->request->query, "all", "0"), "1") == 0;
    struct err err;

    json_open(&json, '{');
    json_key(&json, "permits");
    json_open(&json, '[');
    if (desk_permits(call->site->desk, !all, put_permit, &json, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

struct one {
    struct json_out json;
    int64_t number;
};

static void put_one(void *context, const struct permit_view *permit)
{
    struct one *one = context;

    if (permit->number == one->number)
        marks_permit_json(&one->json, permit);
}

static void answer(const struct call *call, int64_t number, bool running,
                   struct response *response)
{
    struct one one = {json_begin(&response->body), number};
    struct err err;

    if (desk_permits(call->site->desk, running, put_one, &one, &err) != 0)
        response_failed(response, &err);
    else
        text_add_char(&response->body, '\n');
}

/* How long alarms are withheld is for a person to say: no default would be noticed. */
static bool has_end(const struct json *object, struct response *response)
{
    if (json_member(object, "until") != NULL || json_member(object, "for_ms") != NULL)
        return true;
    response_bad_parameter(response, "until",
                           "\"until\": \"2026-11-24T18:00:00+08:00\", or \"for_ms\": "
                           "14400000",
                           "is missing: a permit needs an end");
    return false;
}

static void issue(const struct call *call, const struct json *object,
                  struct response *response)
{
    struct permit_draft draft = {
        .equipment = json_member_text(object, "equipment", ""),
        .place = json_member_text(object, "place", ""),
        .class_name = json_member_text(object, "class", ""),
        .reason = json_member_text(object, "reason", ""),
        .holder = json_member_text(object, "holder", ""),
        .from = call->now,
    };
    struct err err;
    int64_t number;

    if (!has_end(object, response) ||
        !times_read(object, "from", &draft.from, response) ||
        !times_read_end(object, draft.from, 0, &draft.until, response))
        return;
    if (desk_permit(call->site->desk, &draft, call->request->actor, call->now, &number,
                    &err) != 0) {
        response_failed(response, &err);
        return;
    }
    answer(call, number, true, response);
    response->status = 201;
}

void api_permit_issue(const struct call *call, struct response *response)
{
    struct json *object = body_read(call, members, hint, response);

    if (object != NULL)
        issue(call, object, response);
    json_free(object);
}

void api_permit_close(const struct call *call, struct response *response)
{
    struct json *object = body_read(call, nothing, "{}", response);
    int64_t number = marks_number(call->id);
    struct err err;

    if (object == NULL)
        return;
    json_free(object);
    if (number == 0) {
        response_problem(response, 404, "GET /api/v1/permits lists them",
                         "there is no permit \"%s\"", call->id);
        return;
    }
    if (desk_permit_close(call->site->desk, number, call->request->actor, call->now,
                          &err) != 0) {
        response_failed(response, &err);
        return;
    }
    answer(call, number, false, response);
}
