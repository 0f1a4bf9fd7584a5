/* api_system.c - the process itself: health, readiness, the site, the list of routes. */
#include "web/handlers.h"
#include "web/link_view.h"
#include "web/view.h"

void api_health(const struct call *call, struct response *response)
{
    (void)call;
    text_add(&response->body, "{\"status\":\"alive\"}\n");
}

void api_ready(const struct call *call, struct response *response)
{
    struct text reasons;
    struct json_out json = json_begin(&response->body);
    bool ready;

    text_init(&reasons, HTTP_BODY_MAX);
    ready = call->source->ready(call->source->context, &reasons);
    json_open(&json, '{');
    json_put_bool(&json, "ready", ready);
    json_key(&json, "reasons");
    json_raw(&json, reasons.length == 0 ? "[]" : reasons.data);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
    text_done(&reasons);
    if (!ready) {
        response->status = 503;
        response_header(response, "Retry-After", "5");
    }
}

static void put_sink(struct json_out *json, const struct call *call, size_t index)
{
    struct sink_status status = {0};

    history_sink_status(call->site->history, index, &status);
    json_open(json, '{');
    json_put_string(json, "id", status.id);
    json_put_string(json, "type", sink_type_name(call->site->config->sinks[index].type));
    json_put_bool(json, "healthy", status.healthy);
    json_put_int(json, "lines_accepted", (int64_t)status.lines_accepted);
    json_put_int(json, "lines_sent", (int64_t)status.lines_sent);
    json_put_int(json, "lines_rejected", (int64_t)status.lines_rejected);
    json_put_int(json, "lines_dropped", (int64_t)status.lines_dropped);
    json_put_int(json, "requests", (int64_t)status.requests);
    json_put_int(json, "failures", (int64_t)status.failures);
    json_put_int(json, "backlog_bytes", status.backlog_bytes);
    json_put_int(json, "backlog_lines", status.backlog_lines);
    json_put_time(json, "oldest", status.oldest);
    json_put_time(json, "last_success", status.last_success);
    json_put_string(json, "error", status.error[0] == '\0' ? NULL : status.error);
    json_close(json, '}');
}

static void put_readings(struct json_out *json, const struct readings_status *readings)
{
    json_key(json, "readings");
    json_open(json, '{');
    json_put_int(json, "kept", (int64_t)readings->kept);
    json_put_int(json, "lost", (int64_t)readings->lost);
    json_put_int(json, "bytes", readings->bytes);
    json_put_time(json, "oldest", readings->oldest);
    json_put_string(json, "error", readings->error[0] == '\0' ? NULL : readings->error);
    json_close(json, '}');
}

static void put_stages(struct json_out *json, const struct call *call)
{
    const struct model *model = call->site->model;
    struct history_status history = {0};

    json_key(json, "links");
    json_open(json, '[');
    for (size_t i = 0; i < model->link_count; i++) {
        json_open(json, '{');
        link_json(json, call, &model->links[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_key(json, "sinks");
    json_open(json, '[');
    for (size_t i = 0; i < history_sinks(call->site->history); i++)
        put_sink(json, call, i);
    json_close(json, ']');
    history_status(call->site->history, &history);
    json_key(json, "history");
    json_open(json, '{');
    json_put_bool(json, "healthy", history.healthy);
    json_put_int(json, "samples", (int64_t)history.samples);
    json_put_int(json, "samples_dropped", (int64_t)history.samples_dropped);
    json_put_int(json, "lines_dropped", (int64_t)history.lines_dropped);
    json_put_int(json, "rows_written", (int64_t)history.rows_written);
    json_put_int(json, "rows_lost", (int64_t)history.rows_lost);
    json_put_string(json, "error", history.error[0] == '\0' ? NULL : history.error);
    put_readings(json, &history.readings);
    json_close(json, '}');
}

static void put_issue_counts(struct json_out *json, struct desk *desk)
{
    struct desk_counts counts = {0};

    desk_counts(desk, &counts);
    json_key(json, "issues");
    json_open(json, '{');
    json_put_int(json, "unclosed", counts.unclosed);
    for (int i = SEVERITY_MINOR; i <= SEVERITY_SERIOUS; i++)
        json_put_int(json, severity_name((enum severity)i), counts.by_severity[i]);
    json_put_int(json, "total", counts.total);
    json_put_string(json, "damage", desk_damage(desk));
    json_close(json, '}');
}

void api_site(const struct call *call, struct response *response)
{
    const struct web_site *site = call->site;
    const struct site_settings *settings = &site->config->site;
    struct json_out json = json_begin(&response->body);

    json_open(&json, '{');
    json_put_string(&json, "id", settings->id);
    json_put_string(&json, "name", settings->name);
    json_put_string(&json, "timezone", settings->timezone);
    json_put_string(&json, "language", settings->language);
    json_put_string(&json, "version", call->options->version);
    json_put_time(&json, "started", call->options->started);
    json_put_int(&json, "uptime_s",
                 wall_diff_ms(call->now, call->options->started) / 1000);
    json_put_time(&json, "time", call->now);
    json_put_int(&json, "generation", (int64_t)site->generation);
    json_put_int(&json, "equipment", (int64_t)site->model->equipment_count);
    json_put_int(&json, "points", (int64_t)site->model->point_count);
    json_put_int(&json, "rules", (int64_t)site->config->rule_count);
    put_issue_counts(&json, site->desk);
    put_stages(&json, call);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

void api_index(const struct call *call, struct response *response)
{
    struct json_out json = json_begin(&response->body);
    size_t count;
    const struct route *routes = routes_table(&count);

    json_open(&json, '{');
    json_put_string(&json, "name", "facilityd");
    json_put_string(&json, "version", call->options->version);
    json_key(&json, "routes");
    json_open(&json, '[');
    for (size_t i = 0; i < count; i++) {
        if (routes[i].kind != ROUTE_API && routes[i].kind != ROUTE_WAITS)
            continue;
        json_open(&json, '{');
        json_put_string(&json, "method", routes[i].method);
        json_put_string(&json, "path", routes[i].pattern);
        json_put_string(&json, "gives", routes[i].doc);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}
