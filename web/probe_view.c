/* probe_view.c - see probe_view.h. */
#include "web/probe_view.h"

#include "adapters/identity.h"

/* Equipment of the configuration come first in the model, in the same order. */
static const struct equipment_settings *settings_of(const struct web_site *site,
                                                    const struct equipment *equipment)
{
    return equipment->is_link || equipment->index >= site->config->equipment_count
               ? NULL
               : &site->config->equipment[equipment->index];
}

bool probe_view_wanted(const struct web_site *site, const struct equipment *equipment)
{
    const struct equipment_settings *settings = settings_of(site, equipment);

    return settings != NULL && site->config->links[settings->link].kind == LINK_MODBUS &&
           identity_wanted(settings);
}

void probe_view_get(const struct call *call, const struct equipment *equipment,
                    struct finding *finding)
{
    *finding = (struct finding){.kind = FINDING_NONE, .variant = -1};
    call->source->tools.finding(call->source->tools.context, equipment->link,
                                equipment->index, finding);
}

const char *probe_view_variant(const struct web_site *site,
                               const struct equipment *equipment,
                               const struct finding *finding)
{
    const struct equipment_settings *settings = settings_of(site, equipment);

    if (settings == NULL || finding->variant < 0 ||
        (size_t)finding->variant >= settings->variant_count)
        return "";
    return settings->variants[finding->variant].id;
}

void probe_view_json(struct json_out *json, const struct call *call,
                     const struct equipment *equipment)
{
    struct finding finding;
    const char *variant;

    json_key(json, "probe");
    if (!probe_view_wanted(call->site, equipment)) {
        json_null(json);
        return;
    }
    probe_view_get(call, equipment, &finding);
    variant = probe_view_variant(call->site, equipment, &finding);
    json_open(json, '{');
    json_put_string(json, "finding", finding_name(finding.kind));
    json_put_bool(json, "delivers", finding_delivers(finding.kind));
    json_put_string(json, "text", finding.text[0] == '\0' ? NULL : finding.text);
    json_put_time(json, "time", finding.time);
    json_put_string(json, "variant", variant[0] == '\0' ? NULL : variant);
    json_close(json, '}');
}
