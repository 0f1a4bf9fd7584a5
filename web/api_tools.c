/* api_tools.c - what a person makes the program do: probe again, load anew. */
#include "base/json_out.h"
#include "web/handlers.h"
#include "web/lookup.h"
#include "web/probe_view.h"

/* It will be done at the link's next turn; GET of the equipment shows what came of it. */
void api_probe(const struct call *call, struct response *response)
{
    const struct equipment *equipment = lookup_equipment(call, response);
    struct json_out json = json_begin(&response->body);

    if (equipment == NULL)
        return;
    if (!probe_view_wanted(call->site, equipment)) {
        response_problem(response, 409, "a profile says how it is probed: docs/PROFILES",
                         "the profile of \"%s\" has no probe", equipment->id);
        return;
    }
    /* The finding as it is now: who waits for the next one compares its time. */
    response->status = 202;
    json_open(&json, '{');
    json_put_string(&json, "equipment", equipment->id);
    probe_view_json(&json, call, equipment);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
    call->source->tools.probe_again(call->source->tools.context, equipment->link,
                                    equipment->index);
}

static void put_reload(const struct call *call, uint64_t number,
                       struct response *response)
{
    struct json_out json = json_begin(&response->body);
    struct reload_report report = {0};
    struct text messages;

    text_init(&messages, HTTP_ANSWER_MAX);
    call->source->tools.reload_report(call->source->tools.context, &report, &messages);
    json_open(&json, '{');
    if (number != 0)
        json_put_int(&json, "number", (int64_t)number);
    json_put_int(&json, "asked", (int64_t)report.asked);
    json_put_int(&json, "done", (int64_t)report.done);
    json_put_time(&json, "time", report.time);
    json_put_bool(&json, "accepted", report.accepted);
    json_put_string(&json, "why", report.why[0] == '\0' ? NULL : report.why);
    json_put_int(&json, "generation", (int64_t)call->site->generation);
    json_key(&json, "messages");
    json_raw(&json, messages.length == 0 ? "null" : messages.data);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
    text_done(&messages);
}

void api_reload(const struct call *call, struct response *response)
{
    if (!call->request->local) {
        response_problem(response, 403, "facilityctl reload, or a SIGHUP",
                         "a reload is asked for over the unix socket only");
        return;
    }
    put_reload(call, call->source->tools.reload(call->source->tools.context), response);
    response->status = 202;
}

void api_reload_report(const struct call *call, struct response *response)
{
    put_reload(call, 0, response);
}
