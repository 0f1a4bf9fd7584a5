/* api_shelves.c - alarms that are silent for a while: list, begin, end. */
#include "web/body.h"
#include "web/handlers.h"
#include "web/marks_view.h"
#include "web/times.h"
#include "web/view.h"

#include <string.h>

static const struct body_member members[] = {
    {"rule", JSON_STRING},  {"equipment", JSON_STRING}, {"reason", JSON_STRING},
    {"until", JSON_STRING}, {"for_ms", JSON_NUMBER},    {NULL, JSON_NULL}};
static const char hint[] = "{\"rule\": \"...\", \"equipment\": \"...\", \"reason\": "
                           "\"...\", \"for_ms\": 28800000}";

static void put_shelf(void *context, const struct shelf_view *shelf)
{
    marks_shelf_json(context, shelf);
}

void api_shelf_list(const struct call *call, struct response *response)
{
    struct json_out json = json_begin(&response->body);
    bool all = strcmp(params_get(&call->request->query, "all", "0"), "1") == 0;
    struct err err;

    json_open(&json, '{');
    json_key(&json, "shelves");
    json_open(&json, '[');
    if (desk_shelves(call->site->desk, !all, put_shelf, &json, &err) != 0) {
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

static void put_one(void *context, const struct shelf_view *shelf)
{
    struct one *one = context;

    if (shelf->number == one->number)
        marks_shelf_json(&one->json, shelf);
}

static void answer(const struct call *call, int64_t number, bool running,
                   struct response *response)
{
    struct one one = {json_begin(&response->body), number};
    struct err err;

    if (desk_shelves(call->site->desk, running, put_one, &one, &err) != 0)
        response_failed(response, &err);
    else
        text_add_char(&response->body, '\n');
}

static void shelve(const struct call *call, const struct json *object,
                   struct response *response)
{
    struct wall_time until;
    struct err err;
    int64_t number;

    if (!times_read_end(object, call->now, SHELF_DEFAULT_MS, &until, response))
        return;
    if (desk_shelve(call->site->desk, json_member_text(object, "rule", ""),
                    json_member_text(object, "equipment", ""), call->request->actor,
                    json_member_text(object, "reason", ""), call->now, until, &number,
                    &err) != 0) {
        response_failed(response, &err);
        return;
    }
    answer(call, number, true, response);
    response->status = 201;
}

void api_shelf_put(const struct call *call, struct response *response)
{
    struct json *object = body_read(call, members, hint, response);

    if (object != NULL)
        shelve(call, object, response);
    json_free(object);
}

void api_shelf_end(const struct call *call, struct response *response)
{
    int64_t number = marks_number(call->id);
    struct err err;

    if (number == 0) {
        response_problem(response, 404, "GET /api/v1/shelves lists them",
                         "there is no shelf \"%s\"", call->id);
        return;
    }
    if (desk_unshelve(call->site->desk, number, call->request->actor, call->now, &err) !=
        0) {
        response_failed(response, &err);
        return;
    }
    answer(call, number, false, response);
}
