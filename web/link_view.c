/* link_view.c - see link_view.h. */
#include "web/link_view.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

void link_measure(const struct link_status *status, struct link_measured *measured)
{
    double seconds = (double)status->since_ns / (double)CLOCK_S;
    double busy_s = (double)status->busy_ns / (double)CLOCK_S;
    double bytes = (double)(status->bytes_sent + status->bytes_received);

    *measured = (struct link_measured){
        .seconds = seconds,
        .requests_per_s = ratio((double)status->requests, seconds),
        .bytes_per_s = ratio(bytes, seconds),
        .request_ms = ratio(busy_s * 1000, (double)status->requests),
        .share = ratio(busy_s, seconds),
        .dead_share = ratio((double)status->dead_ns / (double)CLOCK_S, seconds),
    };
}

const struct link *link_find(const struct model *model, const char *id)
{
    for (size_t i = 0; i < model->link_count; i++)
        if (strcmp(model->links[i].id, id) == 0)
            return &model->links[i];
    return NULL;
}

size_t link_units(const struct call *call, uint32_t link, struct unit_status **units)
{
    *units = mem_array(UNITS_OF_LINK_MAX, sizeof **units);
    return call->source->link_units(call->source->context, link, *units,
                                    UNITS_OF_LINK_MAX);
}

struct link_cost *link_planned(const struct call *call, uint32_t link)
{
    const struct config *config = call->site->config;

    return config->links[link].kind == LINK_MODBUS ? link_cost_new(config, link, NULL)
                                                   : NULL;
}

const char *link_address(const struct call *call, uint32_t link)
{
    const struct link_settings *settings = &call->site->config->links[link];

    return settings->kind == LINK_MODBUS ? settings->modbus : settings->mqtt;
}

void link_json(struct json_out *json, const struct call *call, const struct link *link)
{
    struct link_status status = {0};

    call->source->link_status(call->source->context, link->index, &status);
    json_put_string(json, "id", link->id);
    json_put_string(json, "kind", link->kind);
    json_put_bool(json, "connected", status.connected);
    json_put_time(json, "since", status.since);
    json_put_int(json, "requests", (int64_t)status.requests);
    json_put_int(json, "answers", (int64_t)status.answers);
    json_put_int(json, "timeouts", (int64_t)status.timeouts);
    json_put_int(json, "protocol_errors", (int64_t)status.protocol_errors);
    json_put_int(json, "exceptions", (int64_t)status.exceptions);
    json_put_int(json, "connects", (int64_t)status.connects);
    json_put_int(json, "dropped", (int64_t)status.dropped);
    json_put_int(json, "dropped_rate", (int64_t)status.dropped_rate);
    json_put_int(json, "dropped_oversize", (int64_t)status.dropped_oversize);
    json_put_int(json, "dropped_unknown", (int64_t)status.dropped_unknown);
    json_put_int(json, "duplicates", (int64_t)status.duplicates);
    json_put_int(json, "samples", (int64_t)status.samples);
    json_put_int(json, "bad_samples", (int64_t)status.bad_samples);
    json_put_int(json, "late", (int64_t)status.late);
    json_put_int(json, "lateness_p50_us", status.lateness_p50_us);
    json_put_int(json, "lateness_p99_us", status.lateness_p99_us);
    json_put_int(json, "units", (int64_t)status.units);
    json_put_int(json, "units_offline", (int64_t)status.units_offline);
    json_put_string(json, "error", status.error[0] == '\0' ? NULL : status.error);
}
