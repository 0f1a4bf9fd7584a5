/* api_link_scan.c - who answers on a link: begin, look, stop. */
#include "adapters/modbus_frame.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "web/body.h"
#include "web/handlers.h"
#include "web/lookup.h"

#include <string.h>

enum {
    SCAN_TIMEOUT_MAX_MS = 10 * 1000,
    SCAN_TIMEOUT_MS = 500, /* unless the link's is shorter: who lives answers sooner */
};

static const struct body_member scan_members[] = {{"from", JSON_NUMBER},
                                                  {"to", JSON_NUMBER},
                                                  {"timeout_ms", JSON_NUMBER},
                                                  {NULL, JSON_NULL}};

static const char *state_name(enum scan_state state)
{
    static const char *const names[] = {"running", "done", "stopped", "failed"};

    return names[state];
}

static void put_match(struct json_out *json, const struct profile_match *match)
{
    json_open(json, '{');
    json_put_string(json, "profile", match->profile->id);
    json_put_string(json, "variant",
                    match->variant->id[0] == '\0' ? NULL : match->variant->id);
    json_put_string(json, "class", match->profile->class_name);
    json_put_string(json, "maker", match->profile->maker);
    json_put_string(json, "model", match->profile->model);
    json_put_string(json, "confidence", match->profile->confidence);
    json_put_string(json, "point", match->point->name);
    json_key(json, "value");
    json_number_digits(json, match->value, 7);
    json_put_string(json, "unit", match->point->unit);
    json_key(json, "required"); /* parameters that an equipment of it must give */
    json_open(json, '[');
    for (size_t i = 0; i < match->profile->param_count; i++)
        if (match->profile->params[i].required)
            json_string(json, match->profile->params[i].name);
    json_close(json, ']');
    json_put_int(json, "sampled", match->sampled);
    json_put_int(json, "sound", match->sound);
    json_key(json, "evidence");
    json_number_digits(json, match->evidence, 4);
    json_key(json, "rank");
    json_number_digits(json, match->rank, 4);
    json_close(json, '}');
}

/* Equipment that the configuration has at this unit. */
static void put_configured(struct json_out *json, const struct config *config,
                           uint32_t link, uint8_t unit)
{
    json_key(json, "equipment");
    json_open(json, '[');
    for (size_t i = 0; i < config->equipment_count; i++)
        if (config->equipment[i].link == link && config->equipment[i].unit == unit)
            json_string(json, config->equipment[i].id);
    json_close(json, ']');
}

static void put_unit(struct json_out *json, const struct call *call,
                     const struct link *link, const struct scan_unit *unit)
{
    json_open(json, '{');
    json_put_int(json, "unit", unit->unit);
    json_put_string(json, "answer", scan_answer_name(unit->answer));
    if (unit->answer == SCAN_EXCEPTION)
        json_put_int(json, "exception", unit->exception);
    json_put_string(json, "text", unit->text[0] == '\0' ? NULL : unit->text);
    json_put_int(json, "took_us", unit->took_us);
    json_put_bool(json, "lost", unit->lost);
    put_configured(json, call->site->config, link->index, unit->unit);
    json_key(json, "matches");
    json_open(json, '[');
    for (size_t i = 0; i < unit->match_count; i++)
        put_match(json, &unit->matches[i]);
    json_close(json, ']');
    json_close(json, '}');
}

static void put_report(const struct call *call, const struct link *link,
                       const struct scan_report *report, struct response *response)
{
    struct json_out json = json_begin(&response->body);

    json_open(&json, '{');
    json_put_string(&json, "link", link->id);
    json_put_string(&json, "state", state_name(report->state));
    json_put_string(&json, "error", report->error[0] == '\0' ? NULL : report->error);
    json_put_int(&json, "from", report->options.from);
    json_put_int(&json, "to", report->options.to);
    json_put_int(&json, "timeout_ms", report->options.timeout_ms);
    json_put_time(&json, "started", report->started);
    json_put_time(&json, "ended", report->ended);
    json_put_int(&json, "unit", report->unit);
    json_put_int(&json, "done", report->done);
    json_put_int(&json, "total", report->total);
    json_put_bool(&json, "any_unit", report->any);
    json_key(&json, "found");
    json_open(&json, '[');
    for (size_t i = 0; i < report->found_count; i++)
        put_unit(&json, call, link, &report->found[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

static void show(const struct call *call, const struct link *link,
                 struct response *response)
{
    struct scan_report *report = mem_alloc(sizeof *report);

    if (call->source->tools.scan_report(call->source->tools.context, link->index, report))
        put_report(call, link, report, response);
    else
        response_problem(response, 404, "a reload ends a scan: begin it again",
                         "link \"%s\" was not scanned since the start or a reload",
                         link->id);
    mem_free(report);
}

void api_link_scan(const struct call *call, struct response *response)
{
    const struct link *link = lookup_link(call, response);

    if (link != NULL)
        show(call, link, response);
}

/* False when something is wrong (set in response). */
static bool read_options(const struct call *call, const struct link *link,
                         const struct json *object, struct bus_scan_options *options,
                         struct response *response)
{
    const struct link_settings *settings = &call->site->config->links[link->index];
    int64_t from = BUS_SCAN_FIRST;
    int64_t to = BUS_SCAN_LAST;
    int64_t timeout_ms =
        settings->timeout_ms < SCAN_TIMEOUT_MS ? settings->timeout_ms : SCAN_TIMEOUT_MS;

    if (!body_integer(object, "from", 0, UINT8_MAX, &from, response) ||
        !body_integer(object, "to", 0, UINT8_MAX, &to, response) ||
        !body_integer(object, "timeout_ms", 1, SCAN_TIMEOUT_MAX_MS, &timeout_ms,
                      response))
        return false;
    if (to < from) {
        response_bad_parameter(response, "to", "", "is below from");
        return false;
    }
    *options = (struct bus_scan_options){
        .from = (uint8_t)from,
        .to = (uint8_t)to,
        .timeout_ms = timeout_ms,
        .tcp = strncmp(settings->modbus, "tcp://", 6) == 0 ||
               strncmp(settings->modbus, "listen+tcp://", 13) == 0,
    };
    return true;
}

void api_link_scan_start(const struct call *call, struct response *response)
{
    const struct link *link = lookup_link(call, response);
    struct bus_scan_options options;
    struct json *object;
    struct err err = {0};

    if (link == NULL)
        return;
    object = body_read(call, scan_members,
                       "{\"from\": 1, \"to\": 247, \"timeout_ms\": 500}", response);
    if (object == NULL)
        return;
    if (read_options(call, link, object, &options, response)) {
        if (call->source->tools.scan_start(call->source->tools.context, link->index,
                                           &options, &err) != 0) {
            response_failed(response, &err);
        } else {
            show(call, link, response);
            response->status = 202;
            response_header(response, "Location", "/api/v1/links/%s/scan", link->id);
        }
    }
    json_free(object);
}

void api_link_scan_stop(const struct call *call, struct response *response)
{
    const struct link *link = lookup_link(call, response);

    if (link == NULL)
        return;
    call->source->tools.scan_stop(call->source->tools.context, link->index);
    show(call, link, response);
}
