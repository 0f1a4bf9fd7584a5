/* api_links.c - links: what was measured beside what was planned, and their units. */
#include "adapters/modbus_frame.h"
#include "base/mem.h"
#include "web/handlers.h"
#include "web/link_messages.h"
#include "web/link_plan.h"
#include "web/link_view.h"

enum {
    DIGITS = 6, /* beyond, a measurement has none that mean anything */
};

static void put_real(struct json_out *json, const char *key, double value)
{
    json_key(json, key);
    json_number_digits(json, value, DIGITS);
}

static void put_measured(struct json_out *json, const struct call *call,
                         const struct link *link)
{
    struct link_measured measured;
    struct link_status status = {0};

    call->source->link_status(call->source->context, link->index, &status);
    link_measure(&status, &measured);
    json_key(json, "measured");
    json_open(json, '{');
    json_put_int(json, "bytes_sent", (int64_t)status.bytes_sent);
    json_put_int(json, "bytes_received", (int64_t)status.bytes_received);
    put_real(json, "seconds", measured.seconds);
    put_real(json, "requests_per_s", measured.requests_per_s);
    put_real(json, "bytes_per_s", measured.bytes_per_s);
    put_real(json, "request_ms", measured.request_ms);
    put_real(json, "share", measured.share);
    put_real(json, "dead_share", measured.dead_share);
    json_close(json, '}');
}

static void put_planned(struct json_out *json, const struct link_cost *cost)
{
    json_key(json, "planned");
    if (cost == NULL)
        json_null(json);
    else
        link_plan_json(json, cost);
}

static void put_head(struct json_out *json, const struct call *call,
                     const struct link *link)
{
    link_json(json, call, link);
    json_put_string(json, "address", link_address(call, link->index));
    put_measured(json, call, link);
}

void api_link_list(const struct call *call, struct response *response)
{
    const struct model *model = call->site->model;
    struct json_out json = json_begin(&response->body);

    json_open(&json, '{');
    json_key(&json, "links");
    json_open(&json, '[');
    for (uint32_t i = 0; i < model->link_count; i++) {
        struct link_cost *cost = link_planned(call, i);

        json_open(&json, '{');
        put_head(&json, call, &model->links[i]);
        json_key(&json, "planned_share");
        if (cost == NULL)
            json_null(&json);
        else
            json_number_digits(&json, cost->share, DIGITS);
        json_close(&json, '}');
        link_cost_free(cost);
    }
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

static void put_optional(struct json_out *json, const char *key, int64_t value,
                         bool known)
{
    json_key(json, key);
    if (known)
        json_int(json, value);
    else
        json_null(json);
}

static void put_refused(struct json_out *json, const struct unit_status *unit)
{
    json_put_int(json, "refused_count", (int64_t)unit->refused_count);
    json_key(json, "refused");
    json_open(json, '[');
    for (size_t i = 0; i < unit->refused_count && i < UNIT_REFUSED_MAX; i++) {
        json_open(json, '{');
        json_put_string(json, "table", modbus_table_name(unit->refused[i].table));
        json_put_int(json, "start", unit->refused[i].start);
        json_put_int(json, "count", unit->refused[i].count);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void put_unit(struct json_out *json, const struct unit_status *unit,
                     const struct link_cost *cost)
{
    const struct link_cost_unit *planned = NULL;

    for (size_t i = 0; cost != NULL && i < cost->unit_count; i++)
        if (cost->units[i].id == unit->id)
            planned = &cost->units[i];
    json_open(json, '{');
    json_put_int(json, "unit", unit->id);
    json_put_string(json, "equipment", unit->name);
    json_put_string(json, "state",
                    unit->online < 0    ? "unknown"
                    : unit->online == 0 ? "offline"
                                        : "online");
    json_put_string(json, "breaker", unit->breaker_open ? "open" : "closed");
    put_optional(json, "next_ms", unit->next_ms, unit->breaker_open);
    json_put_int(json, "requests", (int64_t)unit->requests);
    json_put_int(json, "answers", (int64_t)unit->answers);
    json_put_int(json, "timeouts", (int64_t)unit->timeouts);
    json_put_int(json, "protocol_errors", (int64_t)unit->protocol_errors);
    json_put_int(json, "exceptions", (int64_t)unit->exceptions);
    put_optional(json, "answer_p50_us", unit->answer_p50_us, unit->answer_p50_us >= 0);
    put_optional(json, "answer_p99_us", unit->answer_p99_us, unit->answer_p99_us >= 0);
    json_put_int(json, "blocks", (int64_t)unit->blocks);
    json_key(json, "planned_share");
    if (planned == NULL)
        json_null(json);
    else
        json_number_digits(json, planned->share, DIGITS);
    put_refused(json, unit);
    json_put_string(json, "error", unit->error[0] == '\0' ? NULL : unit->error);
    json_close(json, '}');
}

void api_link(const struct call *call, struct response *response)
{
    const struct link *link = link_find(call->site->model, call->id);
    struct json_out json = json_begin(&response->body);
    struct unit_status *units;
    struct link_cost *cost;
    size_t count;

    if (link == NULL) {
        response_problem(response, 404, "GET /api/v1/links lists all of them",
                         "there is no link '%s'", call->id);
        return;
    }
    cost = link_planned(call, link->index);
    count = link_units(call, link->index, &units);
    json_open(&json, '{');
    put_head(&json, call, link);
    put_planned(&json, cost);
    link_messages_json(&json, call, link);
    json_key(&json, "unit_list");
    json_open(&json, '[');
    for (size_t i = 0; i < count && i < UNITS_OF_LINK_MAX; i++)
        put_unit(&json, &units[i], cost);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
    mem_free(units);
    link_cost_free(cost);
}
