/* view.c - see view.h. */
#include "web/view.h"

#include "web/flags.h"
#include "web/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct rule_settings *view_rule(const struct web_site *site, const char *id)
{
    for (size_t i = 0; i < site->config->rule_count; i++)
        if (strcmp(site->config->rules[i].id, id) == 0)
            return &site->config->rules[i];
    return NULL;
}

const char *view_reason(const struct web_site *site, enum language language,
                        const char *reason)
{
    static const struct {
        const char *name;
        enum word word;
    } known[] = {
        {"comm", WORD_WHY_COMM},       {"startup", WORD_WHY_STARTUP},
        {"power", WORD_WHY_POWER},     {"probe", WORD_WHY_PROBE},
        {"gateway", WORD_WHY_GATEWAY}, {DESK_REASON_RETIRED, WORD_WHY_RETIRED},
        {"permit", WORD_WHY_PERMIT},
    };
    const struct rule_settings *rule;
    const char *title;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, reason) == 0)
            return word(language, known[i].word);
    rule = view_rule(site, reason);
    if (rule == NULL)
        return reason;
    title = language == LANGUAGE_ZH ? rule->title_zh : rule->title_en;
    return title == NULL || title[0] == '\0' ? rule->id : title;
}

/* Names as the shipped profiles use them, the most telling first. */
static const char *const key_names[][10] = {
    {"elevator", "mode", "service_mode", "floor", "fault_code", "moving", "door_closed",
     "in_door_zone", "alarm_button"},
    {"escalator", "run", "running", "speed", "direction", "fault"},
    {"pump", "run", "running", "flow", "pressure", "power", "current", "freq", "speed"},
    {"water_meter", "flow", "volume", "pressure", "battery"},
    {"electricity_meter", "p_total", "power", "v_l1", "i_l1", "e_import", "energy"},
    {"heat_meter", "power", "flow", "t_supply", "t_return", "energy"},
    {"fire_panel", "fire", "fault", "disabled", "supervisory", "mains"},
    {"leak_detector", "leak", "leak_distance", "cable_break", "battery"},
    {"tank", "level", "depth", "temperature", "overflow"},
    {"sump", "level", "high", "run"},
    {"valve", "position", "open", "closed"},
    {"drive", "run", "frequency", "current", "power", "fault_code"},
    {"residual_current", "residual", "residual_current", "i_residual", "temperature"},
    {"transformer", "temperature", "t_winding", "load", "current"},
    {"sensor", "value", "temperature", "humidity"},
};

static const char *const *key_names_of(const char *class_name)
{
    for (size_t i = 0; i < sizeof key_names / sizeof key_names[0]; i++)
        if (strcmp(key_names[i][0], class_name) == 0)
            return key_names[i] + 1;
    return NULL;
}

static bool is_among(const struct point *const *points, size_t count,
                     const struct point *point)
{
    for (size_t i = 0; i < count; i++)
        if (points[i] == point)
            return true;
    return false;
}

size_t view_key_points(const struct model *model, const struct equipment *equipment,
                       const struct point *points[VIEW_KEY_POINTS])
{
    const char *const *names = key_names_of(equipment->class_name);
    size_t count = 0;

    for (; names != NULL && *names != NULL && count < VIEW_KEY_POINTS; names++) {
        const struct point *point = model_point(model, equipment, *names);

        if (point != NULL)
            points[count++] = point;
    }
    for (uint32_t i = 0; i < equipment->point_count && count < VIEW_KEY_POINTS; i++) {
        const struct point *point = &model->points[equipment->first_point + i];

        if (!point->builtin && model_has_series(point) && !is_among(points, count, point))
            points[count++] = point;
    }
    return count;
}

static bool is_under(const char *place, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(place, prefix, length) == 0 &&
           (place[length] == '\0' || place[length] == '/');
}

bool view_matches(const struct equipment_filter *filter,
                  const struct equipment *equipment, enum equipment_state state)
{
    if (filter->class_name != NULL &&
        strcmp(filter->class_name, equipment->class_name) != 0)
        return false;
    if (filter->place != NULL && !is_under(equipment->place, filter->place))
        return false;
    return filter->state < 0 || filter->state == (int)state;
}

bool view_filter(const struct call *call, struct equipment_filter *filter,
                 struct response *response)
{
    const char *state = params_get(&call->request->query, "state", NULL);

    *filter = (struct equipment_filter){
        .class_name = params_get(&call->request->query, "class", NULL),
        .place = params_get(&call->request->query, "place", NULL),
        .state = state == NULL ? -1 : equipment_state_from_name(state),
    };
    if (state != NULL && filter->state < 0) {
        response_bad_parameter(response, "state",
                               "one of up, degraded, fault, planned, external, unknown",
                               "there is no state \"%s\"", state);
        return false;
    }
    if (filter->class_name != NULL && model_class(filter->class_name) == NULL) {
        response_bad_parameter(response, "class",
                               "a class such as elevator, pump or water_meter",
                               "there is no class \"%s\"", filter->class_name);
        return false;
    }
    return true;
}

int view_rank(enum equipment_state state)
{
    static const int rank[STATE_COUNT] = {
        [STATE_FAULT] = 0,    [STATE_DEGRADED] = 1, [STATE_UNKNOWN] = 2,
        [STATE_EXTERNAL] = 3, [STATE_PLANNED] = 4,  [STATE_UP] = 5,
    };

    return rank[state];
}

/* The profile's own name of a code; NULL when it has none. */
static const char *label_name(const struct point *point, double value)
{
    for (size_t i = 0; i < point->label_count; i++)
        if ((double)point->labels[i].code == value)
            return point->labels[i].name;
    return NULL;
}

static void put_value(struct json_out *json, const struct point *point, double value,
                      const char *text)
{
    if (point->kind == POINT_TEXT)
        json_string(json, text);
    else if (point->kind == POINT_BOOL)
        json_bool(json, value != 0);
    else
        json_number_digits(json, value, point->digits);
}

static void put_flags(struct json_out *json, const struct point *point, double value)
{
    char unnamed[FLAGS_NAME_SIZE];

    json_key(json, "flags");
    json_open(json, '[');
    for (unsigned bit = 0; bit < FLAGS_BITS; bit++)
        if (flags_set(value, bit))
            json_string(json, flags_name(point, bit, unnamed));
    json_close(json, ']');
}

static const char *kind_name(enum point_kind kind)
{
    static const char *const names[] = {
        [POINT_NUMBER] = "number", [POINT_BOOL] = "boolean", [POINT_ENUM] = "enum",
        [POINT_TEXT] = "text",     [POINT_FLAGS] = "flags",
    };

    return names[kind];
}

static void put_full(struct json_out *json, const struct point *point,
                     const struct live_cell *cell, const char *text)
{
    json_put_string(json, "kind", kind_name(point->kind));
    json_put_string(json, "title_en", point->title_en);
    json_put_string(json, "title_zh", point->title_zh);
    json_put_int(json, "period_ms", point->period_ms);
    json_put_int(json, "stale_after_ms", point->stale_after_ms);
    json_key(json, "good_value");
    if (cell->good_time.ns == 0)
        json_null(json);
    else
        put_value(json, point, cell->good_value, text);
    json_put_time(json, "good_time", cell->good_time);
    json_put_time(json, "same_since", cell->same_since);
}

void view_point_json(struct json_out *json, const struct call *call,
                     const struct point *point, const struct live_cell *cell, bool full)
{
    enum reason reason;
    enum quality quality = live_quality(cell, point, call->mono, &reason);
    char text[LIVE_TEXT_MAX] = "";

    if (point->kind == POINT_TEXT)
        live_get_text(call->site->live, point->index, text);
    json_open(json, '{');
    json_put_string(json, "name", point->name);
    json_key(json, "value");
    if (quality == QUALITY_BAD)
        json_null(json);
    else
        put_value(json, point, cell->last.value, text);
    json_put_string(json, "unit", point->unit);
    if (point->kind == POINT_ENUM && quality != QUALITY_BAD)
        json_put_string(json, "label", label_name(point, cell->last.value));
    if (point->kind == POINT_FLAGS && quality != QUALITY_BAD)
        put_flags(json, point, cell->last.value);
    json_put_string(json, "quality", quality_name(quality));
    json_put_string(json, "reason", reason == REASON_NONE ? NULL : reason_name(reason));
    if (cell->last.detail != 0)
        json_put_int(json, "detail", cell->last.detail);
    json_put_time(json, "time", cell->last.time);
    json_key(json, "age_ms");
    if (cell->last.mono.ns == 0)
        json_null(json);
    else
        json_int(json, mono_diff_ms(call->mono, cell->last.mono));
    if (full)
        put_full(json, point, cell, text);
    json_close(json, '}');
}

void view_severity_json(struct json_out *json, const char *key, int severity)
{
    json_put_string(json, key,
                    severity < 0 ? NULL : severity_name((enum severity)severity));
}

void view_equipment_json(struct json_out *json, const struct web_site *site,
                         const struct equipment *equipment)
{
    struct state_view state;

    desk_state(site->desk, equipment->index, &state);
    json_put_string(json, "id", equipment->id);
    json_put_string(json, "name", equipment->name);
    json_put_string(json, "class", equipment->class_name);
    json_put_string(json, "place", equipment->place);
    json_put_string(
        json, "link",
        equipment->link == MODEL_NONE ? NULL : site->model->links[equipment->link].id);
    json_put_string(json, "state", equipment_state_name(state.state));
    json_put_time(json, "since", state.since);
    json_put_string(json, "reason", state.reason[0] == '\0' ? NULL : state.reason);
    json_put_int(json, "open_issues", state.open_issues);
    view_severity_json(json, "worst_severity", state.worst_severity);
}

void view_issue_json(struct json_out *json, const struct issue_view *issue)
{
    json_put_string(json, "id", issue->id);
    json_put_int(json, "number", issue->number);
    json_put_string(json, "status", issue_status_name(issue->status));
    json_put_string(json, "severity", severity_name(issue->severity));
    json_put_string(json, "category", category_name(issue->category));
    json_put_string(json, "kind", issue->kind);
    json_put_string(json, "source", issue->source);
    json_put_string(json, "rule", issue->rule);
    json_put_string(json, "equipment", issue->equipment);
    json_put_string(json, "equipment_name", issue->equipment_name);
    json_put_string(json, "class", issue->class_name);
    json_put_string(json, "place", issue->place);
    json_put_string(json, "title_en", issue->title_en);
    json_put_string(json, "title_zh", issue->title_zh);
    json_put_time(json, "opened", issue->opened);
    json_put_time(json, "changed", issue->changed);
    json_put_bool(json, "alarm_active", issue->alarm_active);
    json_put_time(json, "returned", issue->returned);
    json_put_int(json, "recurrences", issue->recurrences);
    json_put_string(json, "attached_to",
                    issue->attached_to == 0 ? NULL : issue->attached_id);
    json_put_int(json, "symptom_count", issue->symptoms);
    json_put_int(json, "symptoms_active", issue->symptoms_active);
}

bool view_integer(const struct call *call, const char *name, int64_t low, int64_t high,
                  int64_t *value, struct response *response)
{
    const char *text = params_get(&call->request->query, name, NULL);
    char *end;
    long long number;

    if (text == NULL)
        return true;
    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || end == text || number < low || number > high) {
        response_bad_parameter(response, name, "leave it out for the default",
                               "must be a number from %lld to %lld, not \"%s\"",
                               (long long)low, (long long)high, text);
        return false;
    }
    *value = number;
    return true;
}
