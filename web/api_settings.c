/* api_settings.c - what the configuration says: equipment as written, and profiles. */
#include "adapters/identity.h"
#include "base/json_out.h"
#include "web/handlers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_params(struct json_out *json, const struct equipment_settings *equipment)
{
    json_key(json, "params");
    json_open(json, '{');
    for (size_t i = 0; i < equipment->param_count; i++)
        json_put_number(json, equipment->params[i].name, equipment->params[i].value);
    json_close(json, '}');
}

/* A list stays a list, also one of one: rules tell them apart. */
static void put_relations(struct json_out *json,
                          const struct equipment_settings *equipment)
{
    json_key(json, "relations");
    json_open(json, '{');
    for (size_t i = 0; i < equipment->relation_count; i++) {
        const struct relation_settings *relation = &equipment->relations[i];

        json_key(json, relation->name);
        if (!relation->list) {
            json_string(json, relation->count == 0 ? "" : relation->equipment[0]);
            continue;
        }
        json_open(json, '[');
        for (size_t k = 0; k < relation->count; k++)
            json_string(json, relation->equipment[k]);
        json_close(json, ']');
    }
    json_close(json, '}');
}

/* "50ms", "300s"; null for 0. */
static void put_duration(struct json_out *json, const char *key, int64_t ms)
{
    char text[32];

    json_key(json, key);
    if (ms == 0) {
        json_null(json);
        return;
    }
    (void)snprintf(text, sizeof text, "%" PRId64 "%s", ms % 1000 == 0 ? ms / 1000 : ms,
                   ms % 1000 == 0 ? "s" : "ms");
    json_string(json, text);
}

/* What the equipment has of its own; null where it has the profile's. */
static void put_times(struct json_out *json, const struct equipment_settings *equipment)
{
    static const char *const classes[EQUIPMENT_POLLS] = {"fast", "normal", "slow",
                                                         "daily"};
    const struct profile_settings *profile = equipment->profile;
    const struct {
        const char *key;
        int64_t own;
        int64_t shared;
    } times[] = {{"delay", equipment->delay_ms, profile->delay_ms},
                 {"latency", equipment->latency_ms, profile->latency_ms},
                 {"timeout", equipment->timeout_ms, profile->timeout_ms}};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        put_duration(json, times[i].key,
                     times[i].own == times[i].shared ? 0 : times[i].own);
    json_key(json, "poll");
    json_open(json, '{');
    for (size_t i = 0; i < EQUIPMENT_POLLS; i++)
        if (equipment->poll_class_ms[i] > 0)
            put_duration(json, classes[i], equipment->poll_class_ms[i]);
    json_close(json, '}');
}

static void put_tables(struct json_out *json, const struct equipment_settings *equipment)
{
    json_key(json, "tables");
    json_open(json, '{');
    for (size_t i = 0; i < equipment->table_count; i++)
        json_put_string(json, equipment->tables[i].name, equipment->tables[i].value);
    json_close(json, '}');
}

static void put_equipment(struct json_out *json, const struct web_site *site,
                          const struct equipment_settings *equipment)
{
    const struct profile_settings *profile = equipment->profile;
    bool modbus = site->config->links[equipment->link].kind == LINK_MODBUS;

    json_open(json, '{');
    json_put_string(json, "id", equipment->id);
    json_put_string(json, "name",
                    strcmp(equipment->name, equipment->id) == 0 ? "" : equipment->name);
    json_put_string(json, "class",
                    strcmp(equipment->class_name, profile->class_name) == 0
                        ? ""
                        : equipment->class_name);
    json_put_string(json, "place", equipment->place);
    json_put_string(json, "profile", equipment->profile_id);
    json_put_string(json, "link", equipment->link_id);
    json_key(json, "unit");
    if (modbus)
        json_int(json, equipment->unit);
    else
        json_null(json);
    json_put_string(json, "topic", equipment->topic);
    json_put_string(json, "variant", equipment->variant);
    json_put_bool(json, "critical", equipment->critical);
    put_times(json, equipment);
    put_tables(json, equipment);
    put_params(json, equipment);
    put_relations(json, equipment);
    json_close(json, '}');
}

void api_equipment_settings(const struct call *call, struct response *response)
{
    const struct config *config = call->site->config;
    struct json_out json = json_begin(&response->body);

    json_open(&json, '{');
    json_key(&json, "equipment");
    json_open(&json, '[');
    for (size_t i = 0; i < config->equipment_count; i++)
        put_equipment(&json, call->site, &config->equipment[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

static bool has_probe(const struct profile_settings *profile)
{
    for (size_t i = 0; i < profile->variant_count; i++)
        if (profile->variants[i].check_count > 0)
            return true;
    return false;
}

static void put_profile(struct json_out *json, const struct profile_settings *profile)
{
    json_open(json, '{');
    json_put_string(json, "id", profile->id);
    json_put_string(json, "class", profile->class_name);
    json_put_string(json, "protocol", profile->mqtt ? "mqtt" : "modbus");
    json_put_string(json, "maker", profile->maker);
    json_put_string(json, "model", profile->model);
    json_put_string(json, "source", profile->source);
    json_put_string(json, "confidence", profile->confidence);
    json_put_bool(json, "probe", has_probe(profile));
    json_put_int(json, "points", (int64_t)profile->point_count);
    json_key(json, "params");
    json_open(json, '{');
    for (size_t i = 0; i < profile->param_count; i++) {
        json_key(json, profile->params[i].name);
        if (profile->params[i].required)
            json_null(json);
        else
            json_number(json, profile->params[i].value);
    }
    json_close(json, '}');
    json_key(json, "variants");
    json_open(json, '[');
    for (size_t i = 0; i < profile->variant_count; i++)
        if (profile->variants[i].id[0] != '\0')
            json_string(json, profile->variants[i].id);
    json_close(json, ']');
    json_close(json, '}');
}

void api_profiles(const struct call *call, struct response *response)
{
    const struct config *config = call->site->config;
    const char *class_name = params_get(&call->request->query, "class", NULL);
    struct json_out json = json_begin(&response->body);

    if (class_name != NULL && model_class(class_name) == NULL) {
        response_bad_parameter(response, "class", "",
                               "there is no class of equipment \"%s\"", class_name);
        return;
    }
    json_open(&json, '{');
    json_key(&json, "profiles");
    json_open(&json, '[');
    for (size_t i = 0; i < config->profile_count; i++)
        if (class_name == NULL || strcmp(class_name, config->profiles[i].class_name) == 0)
            put_profile(&json, &config->profiles[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}
