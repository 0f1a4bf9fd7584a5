/* api_history.c - the past of an equipment's points, in columns.
 *
 * {"from","to","step_ms","times":[...],"points":[{"name","unit","min":[...],...}]}:
 * a step without a reading is null in every column, so that a gap stays a gap.
 */
#include "base/mem.h"
#include "web/handlers.h"
#include "web/past.h"
#include "web/view.h"

#include <math.h>
#include <string.h>

enum {
    API_HISTORY_POINTS = 16, /* of one request */
    API_MEAN_DIGITS = 15,
    API_HISTORY_STEPS = 1500, /* what a step is chosen for when none is given */
};

struct history_request {
    struct wall_time from;
    struct wall_time to;
    int64_t step_ms;
    const struct point *points[API_HISTORY_POINTS];
    size_t point_count;
};

static bool read_time(const struct call *call, const char *name, struct wall_time *time,
                      struct response *response)
{
    const char *text = params_get(&call->request->query, name, NULL);

    if (text == NULL || wall_parse(text, time))
        return true;
    response_bad_parameter(response, name, "write it as 2026-11-24T16:00:00Z",
                           "\"%s\" is not an RFC 3339 time", text);
    return false;
}

static bool read_step(const struct call *call, struct history_request *request,
                      struct response *response)
{
    const char *text = params_get(&call->request->query, "step", NULL);
    int64_t span_ms = wall_diff_ms(request->to, request->from);

    if (text == NULL)
        request->step_ms = past_step_ms(span_ms, API_HISTORY_STEPS);
    else if (!past_parse_step(text, &request->step_ms) ||
             request->step_ms % PAST_MINUTE_MS != 0) {
        response_bad_parameter(response, "step", "such as 1m, 15m, 1h, 1d",
                               "\"%s\" is not a whole number of minutes", text);
        return false;
    }
    if (span_ms / request->step_ms >= HISTORY_STEPS_MAX) {
        response_bad_parameter(response, "step", "take a longer step or a shorter span",
                               "more than %d steps", HISTORY_STEPS_MAX);
        return false;
    }
    request->from = past_floor(request->from, request->step_ms);
    return true;
}

static bool read_span(const struct call *call, struct history_request *request,
                      struct response *response)
{
    request->to = call->now;
    if (!read_time(call, "to", &request->to, response))
        return false;
    request->from = wall_add_ms(request->to, -PAST_DAY_MS);
    if (!read_time(call, "from", &request->from, response))
        return false;
    if (request->from.ns < 0 || request->from.ns >= request->to.ns) {
        response_bad_parameter(response, "from", "it must lie before \"to\"",
                               "the span is empty");
        return false;
    }
    return read_step(call, request, response);
}

/* "flow,pressure": names of points that have a series. */
static bool read_points(const struct call *call, const struct equipment *equipment,
                        struct history_request *request, struct response *response)
{
    const char *names = params_get(&call->request->query, "points", NULL);
    const struct point *key[VIEW_KEY_POINTS];

    if (names == NULL) {
        size_t keys = view_key_points(call->site->model, equipment, key);

        for (size_t i = 0; i < keys; i++)
            if (model_has_series(key[i]))
                request->points[request->point_count++] = key[i];
        return true;
    }
    while (*names != '\0') {
        char name[CALL_ID_SIZE];
        size_t length = strcspn(names, ",");
        const struct point *point = NULL;

        if (length < sizeof name && request->point_count < API_HISTORY_POINTS) {
            memcpy(name, names, length);
            name[length] = '\0';
            point = model_point(call->site->model, equipment, name);
        }
        if (point == NULL || !model_has_series(point)) {
            response_bad_parameter(
                response, "points", "GET /api/v1/equipment/{id} lists them, at most 16",
                "\"%.*s\" is no point with a series", (int)length, names);
            return false;
        }
        request->points[request->point_count++] = point;
        names += length + (names[length] == ',');
    }
    return true;
}

static void put_column(struct json_out *json, const char *name, int digits,
                       const struct history_step *steps, size_t count, size_t offset)
{
    json_key(json, name);
    json_open(json, '[');
    for (size_t i = 0; i < count; i++) {
        double value;

        memcpy(&value, (const char *)&steps[i] + offset, sizeof value);
        json_number_digits(json, steps[i].count == 0 ? NAN : value, digits);
    }
    json_close(json, ']');
}

/* A mean of doubles has noise in its last digits. */
static int mean_digits(const struct point *point)
{
    return point->digits > 0 && point->digits < API_MEAN_DIGITS ? point->digits
                                                                : API_MEAN_DIGITS;
}

static void put_point(struct json_out *json, const struct point *point,
                      const struct history_step *steps, size_t count)
{
    json_open(json, '{');
    json_put_string(json, "name", point->name);
    json_put_string(json, "unit", point->unit);
    put_column(json, "min", point->digits, steps, count,
               offsetof(struct history_step, min));
    put_column(json, "max", point->digits, steps, count,
               offsetof(struct history_step, max));
    put_column(json, "mean", mean_digits(point), steps, count,
               offsetof(struct history_step, mean));
    put_column(json, "last", point->digits, steps, count,
               offsetof(struct history_step, last));
    json_key(json, "count");
    json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        json_int(json, steps[i].count);
    json_close(json, ']');
    json_close(json, '}');
}

static void put_times(struct json_out *json, const struct history_step *steps,
                      size_t count)
{
    json_key(json, "times");
    json_open(json, '[');
    for (size_t i = 0; i < count; i++)
        json_time(json, steps[i].start);
    json_close(json, ']');
}

static int put_history(struct json_out *json, const struct call *call,
                       const struct history_request *request, struct err *err)
{
    struct history_step *steps = mem_array(HISTORY_STEPS_MAX, sizeof *steps);
    int count = 0;

    for (size_t i = 0; i < request->point_count && count >= 0; i++) {
        count =
            history_query(call->site->history, request->points[i]->index, request->from,
                          request->to, request->step_ms, steps, HISTORY_STEPS_MAX, err);
        if (count < 0)
            break;
        if (i == 0) {
            put_times(json, steps, (size_t)count);
            json_key(json, "points");
            json_open(json, '[');
        }
        put_point(json, request->points[i], steps, (size_t)count);
    }
    if (request->point_count == 0) {
        put_times(json, steps, 0);
        json_key(json, "points");
        json_open(json, '[');
    }
    json_close(json, ']');
    mem_free(steps);
    return count < 0 ? -1 : 0;
}

void api_history(const struct call *call, struct response *response)
{
    const struct equipment *equipment = model_equipment(call->site->model, call->id);
    struct json_out json = json_begin(&response->body);
    struct history_request request = {0};
    struct err err;

    if (equipment == NULL) {
        response_problem(response, 404, "GET /api/v1/equipment lists them",
                         "there is no equipment \"%s\"", call->id);
        return;
    }
    if (!read_span(call, &request, response) ||
        !read_points(call, equipment, &request, response))
        return;
    json_open(&json, '{');
    json_put_string(&json, "equipment", equipment->id);
    json_put_time(&json, "from", request.from);
    json_put_time(&json, "to", request.to);
    json_put_int(&json, "step_ms", request.step_ms);
    if (put_history(&json, call, &request, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    json_close(&json, '}');
    text_add_char(&response->body, '\n');
}
