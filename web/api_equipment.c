/* api_equipment.c - what is watched: list and one in full. */
#include "base/mem.h"
#include "web/handlers.h"
#include "web/probe_view.h"
#include "web/view.h"

#include <string.h>

enum {
    API_EQUIPMENT_LIMIT = 200,
    API_EQUIPMENT_LIMIT_MAX = 20000, /* CONFIG_EQUIPMENT_MAX: everything at once */
};

/* The index from which the page begins; false when `after` names nothing. */
static bool read_after(const struct call *call, size_t *first, struct response *response)
{
    const char *after = params_get(&call->request->query, "after", NULL);
    const struct equipment *equipment;

    *first = 0;
    if (after == NULL)
        return true;
    equipment = model_equipment(call->site->model, after);
    if (equipment == NULL) {
        response_bad_parameter(response, "after", "begin again without it",
                               "there is no equipment \"%s\"", after);
        return false;
    }
    *first = equipment->index + 1;
    return true;
}

static bool is_wanted(const struct call *call, const struct equipment_filter *filter,
                      const struct equipment *equipment)
{
    struct state_view state;

    desk_state(call->site->desk, equipment->index, &state);
    return view_matches(filter, equipment, state.state);
}

void api_equipment_list(const struct call *call, struct response *response)
{
    const struct model *model = call->site->model;
    struct json_out json = json_begin(&response->body);
    struct equipment_filter filter;
    const char *last = NULL;
    const char *next = NULL;
    int64_t limit = API_EQUIPMENT_LIMIT;
    size_t first;

    if (!view_filter(call, &filter, response) || !read_after(call, &first, response) ||
        !view_integer(call, "limit", 1, API_EQUIPMENT_LIMIT_MAX, &limit, response))
        return;
    json_open(&json, '{');
    json_key(&json, "equipment");
    json_open(&json, '[');
    for (size_t i = first; i < model->equipment_count && next == NULL; i++) {
        const struct equipment *equipment = &model->equipment[i];

        if (!is_wanted(call, &filter, equipment))
            continue;
        if (limit-- == 0) {
            next = last; /* there is more than the page holds */
            break;
        }
        json_open(&json, '{');
        view_equipment_json(&json, call->site, equipment);
        json_close(&json, '}');
        last = equipment->id;
    }
    json_close(&json, ']');
    json_put_string(&json, "next", next);
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}

static void put_relations(struct json_out *json, const struct model *model,
                          const struct equipment *equipment)
{
    json_key(json, "relations");
    json_open(json, '{');
    for (size_t i = 0; i < equipment->relation_count; i++) {
        const struct relation *relation = &equipment->relations[i];

        json_key(json, relation->name);
        json_open(json, '[');
        for (size_t k = 0; k < relation->count; k++)
            json_string(json, model->equipment[relation->equipment[k]].id);
        json_close(json, ']');
    }
    json_close(json, '}');
    json_key(json, "params");
    json_open(json, '{');
    for (size_t i = 0; i < equipment->param_count; i++)
        json_put_number(json, equipment->params[i].name, equipment->params[i].value);
    json_close(json, '}');
}

static void put_points(struct json_out *json, const struct call *call,
                       const struct equipment *equipment)
{
    struct live_cell *cells = mem_array(equipment->point_count, sizeof *cells);

    live_get(call->site->live, equipment->first_point, equipment->point_count, cells);
    json_key(json, "points");
    json_open(json, '[');
    for (uint32_t i = 0; i < equipment->point_count; i++)
        view_point_json(json, call,
                        &call->site->model->points[equipment->first_point + i], &cells[i],
                        true);
    json_close(json, ']');
    mem_free(cells);
}

static void put_issue(void *context, const struct issue_view *issue)
{
    struct json_out *json = context;

    json_open(json, '{');
    view_issue_json(json, issue);
    json_close(json, '}');
}

static int put_issues(struct json_out *json, const struct call *call,
                      const struct equipment *equipment, struct err *err)
{
    const struct issue_filter filter = {
        .status = -1,
        .only_unclosed = true,
        .severity = -1,
        .category = -1,
        .equipment = equipment->id,
        .limit = DESK_LIST_MAX,
    };
    int count;

    json_key(json, "issues");
    json_open(json, '[');
    count = desk_list(call->site->desk, &filter, put_issue, json, err);
    json_close(json, ']');
    return count < 0 ? -1 : 0;
}

void api_equipment(const struct call *call, struct response *response)
{
    const struct equipment *equipment = model_equipment(call->site->model, call->id);
    struct json_out json = json_begin(&response->body);
    struct err err;

    if (equipment == NULL) {
        response_problem(response, 404, "GET /api/v1/equipment lists them",
                         "there is no equipment \"%s\"", call->id);
        return;
    }
    json_open(&json, '{');
    view_equipment_json(&json, call->site, equipment);
    put_relations(&json, call->site->model, equipment);
    probe_view_json(&json, call, equipment);
    put_points(&json, call, equipment);
    if (put_issues(&json, call, equipment, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}
