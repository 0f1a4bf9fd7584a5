/* api_alarms.c - alarms as they are to people now, and what they were told. */
#include "web/handlers.h"
#include "web/marks_view.h"
#include "web/view.h"

#include <string.h>

enum {
    ALARMS_MAX = 10000, /* 5 MB; a whole town without mains has more */
    ANNOUNCEMENTS_LIMIT = 100,
    ANNOUNCEMENTS_MAX = 1000,
};

struct alarms {
    struct json_out json;
    const struct web_site *site;
    const char *equipment; /* NULL: of all */
    int64_t room;
    int64_t left_out;
};

static void put_alarm(void *context, const struct alarm_view *alarm)
{
    struct alarms *alarms = context;

    if (alarms->equipment != NULL && strcmp(alarms->equipment, alarm->equipment) != 0)
        return;
    if (alarms->room == 0) {
        alarms->left_out++;
        return;
    }
    alarms->room--;
    marks_alarm_json(&alarms->json, alarms->site, alarm);
}

void api_alarm_list(const struct call *call, struct response *response)
{
    struct alarms alarms = {
        .json = json_begin(&response->body),
        .site = call->site,
        .equipment = params_get(&call->request->query, "equipment", NULL),
        .room = ALARMS_MAX,
    };

    if (!view_integer(call, "limit", 1, ALARMS_MAX, &alarms.room, response))
        return;
    /* A mistyped id must not read as "nothing is wrong there". */
    if (alarms.equipment != NULL &&
        model_equipment(call->site->model, alarms.equipment) == NULL) {
        response_problem(response, 404, "GET /api/v1/equipment lists them",
                         "there is no equipment \"%s\"", alarms.equipment);
        return;
    }
    json_open(&alarms.json, '{');
    json_key(&alarms.json, "alarms");
    json_open(&alarms.json, '[');
    desk_active_alarms(call->site->desk, put_alarm, &alarms);
    json_close(&alarms.json, ']');
    json_put_int(&alarms.json, "left_out", alarms.left_out);
    json_close(&alarms.json, '}');
    text_add_char(&response->body, '\n');
}

struct told {
    struct json_out json;
    int64_t last;
};

static void put_announcement(void *context, const struct announcement *announcement)
{
    struct told *told = context;

    marks_announcement_json(&told->json, announcement);
    told->last = announcement->sequence;
}

static void put_flood(const struct call *call, struct json_out *json)
{
    struct flood_view flood;

    desk_flood(call->site->desk, &flood);
    json_key(json, "flood");
    if (!flood.active) {
        json_null(json);
        return;
    }
    json_open(json, '{');
    json_put_time(json, "since", flood.since);
    json_put_time(json, "digest", flood.digest);
    json_put_int(json, "waiting", flood.waiting);
    json_close(json, '}');
}

void api_announcements(const struct call *call, struct response *response)
{
    struct told told = {.json = json_begin(&response->body)};
    int64_t limit = ANNOUNCEMENTS_LIMIT;
    struct err err;

    if (!view_integer(call, "after", 0, INT64_MAX, &told.last, response) ||
        !view_integer(call, "limit", 1, ANNOUNCEMENTS_MAX, &limit, response))
        return;
    json_open(&told.json, '{');
    json_key(&told.json, "announcements");
    json_open(&told.json, '[');
    if (desk_announcements(call->site->desk, told.last, (size_t)limit, put_announcement,
                           &told, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    json_close(&told.json, ']');
    json_put_int(&told.json, "next", told.last);
    put_flood(call, &told.json);
    json_close(&told.json, '}');
    text_add_char(&response->body, '\n');
}
