/* api_rules.c - rules: what they say and what they see now. */
#include "web/handlers.h"
#include "web/view.h"

/* A rule has one condition, or one for each severity. */
static void put_conditions(struct json_out *json, const struct rule_settings *rule)
{
    json_put_string(json, "when", rule->level_count > 0 ? NULL : rule->when.text);
    json_key(json, "levels");
    json_open(json, '[');
    for (size_t i = 0; i < rule->level_count; i++) {
        json_open(json, '{');
        json_put_string(json, "severity", severity_name(rule->levels[i].severity));
        json_put_string(json, "when", rule->levels[i].when.text);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_put_string(json, "clear", rule->clear.text[0] == '\0' ? NULL : rule->clear.text);
}

static void put_rule(void *context, const struct rule_settings *rule, size_t instances,
                     size_t active)
{
    struct json_out *json = context;

    json_open(json, '{');
    json_put_string(json, "id", rule->id);
    json_put_string(json, "class", rule->class_name);
    json_put_string(json, "kind", rule_kind_name(rule->kind));
    json_put_string(json, "category", category_name(rule->category));
    json_put_string(json, "severity", severity_name(rule->severity));
    json_put_bool(json, "failure", rule->failure);
    json_put_bool(json, "latch", rule->latch);
    json_put_bool(json, "highly_managed", rule->highly_managed);
    json_put_string(json, "title_en", rule->title_en);
    json_put_string(json, "title_zh", rule->title_zh);
    json_put_string(json, "advice_en", rule->advice_en);
    json_put_string(json, "advice_zh", rule->advice_zh);
    put_conditions(json, rule);
    json_put_int(json, "for_ms", rule->for_ms);
    json_put_int(json, "clear_for_ms", rule->clear_for_ms);
    json_key(json, "params");
    json_open(json, '{');
    for (size_t i = 0; i < rule->param_count; i++)
        json_put_number(json, rule->params[i].name, rule->params[i].value);
    json_close(json, '}');
    json_put_bool(json, "shipped", rule->shipped);
    json_put_int(json, "instances", (int64_t)instances);
    json_put_int(json, "active", (int64_t)active);
    json_close(json, '}');
}

void api_rules(const struct call *call, struct response *response)
{
    struct json_out json = json_begin(&response->body);

    json_open(&json, '{');
    json_key(&json, "rules");
    json_open(&json, '[');
    call->source->lock_engine(call->source->context);
    engine_visit_rules(call->site->engine, put_rule, &json);
    call->source->unlock_engine(call->source->context);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

void api_explain(const struct call *call, struct response *response)
{
    const char *equipment = params_get(&call->request->query, "equipment", NULL);
    struct err err;
    int result;

    if (equipment == NULL) {
        response_bad_parameter(response, "equipment", "?equipment=pump-2",
                               "which equipment is meant is missing");
        return;
    }
    call->source->lock_engine(call->source->context);
    result = engine_explain(call->site->engine, call->id, equipment, call->mono,
                            call->now, &response->body, &err);
    call->source->unlock_engine(call->source->context);
    if (result != 0)
        response_failed(response, &err);
    else
        text_add_char(&response->body, '\n');
}
