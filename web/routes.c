/* routes.c - see routes.h. */
#include "web/routes.h"

#include "web/handlers.h"
#include "web/stream.h"
#include "web/words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/healthz", api_health, ROUTE_API, "The process answers."},
    {"GET", "/readyz", api_ready, ROUTE_API, "Every stage works, or 503 with reasons."},
    {"GET", "/metrics", api_metrics, ROUTE_API, "Prometheus text format."},
    {"GET", "/api/v1", api_index, ROUTE_API, "This list."},
    {"GET", "/api/v1/site", api_site, ROUTE_API,
     "Id, name, time zone, version, uptime, links and sinks with their condition."},
    {"GET", "/api/v1/links", api_link_list, ROUTE_API,
     "Links with their counters, what they measure and what was planned."},
    {"GET", "/api/v1/links/{id}", api_link, ROUTE_API,
     "One link: its plan by period and by unit, and every unit as it is."},
    {"GET", "/api/v1/equipment", api_equipment_list, ROUTE_API,
     "?class=&place=&state=&limit=&after= Equipment with state, since, reason."},
    {"GET", "/api/v1/equipment/{id}", api_equipment, ROUTE_API,
     "One equipment with its points and open issues."},
    {"POST", "/api/v1/equipment/{id}/probe", api_probe, ROUTE_API,
     "{} Probes it again; GET of the equipment shows what came of it."},
    {"GET", "/api/v1/equipment-settings", api_equipment_settings, ROUTE_API,
     "Equipment as it is configured: profile, link, unit, parameters, relations."},
    {"GET", "/api/v1/profiles", api_profiles, ROUTE_API,
     "?class= The profiles that are loaded."},
    {"POST", "/api/v1/links/{id}/read", api_link_read, ROUTE_WAITS,
     "{unit, table, address, count, timeout_ms} Registers or bits of a device."},
    {"GET", "/api/v1/links/{id}/trace", api_link_trace, ROUTE_API,
     "?after= Frames of the link since then, decoded; recorded while it is asked for."},
    {"GET", "/api/v1/links/{id}/scan", api_link_scan, ROUTE_API,
     "How far the last scan is, the units that answer, the profiles that fit."},
    {"POST", "/api/v1/links/{id}/scan", api_link_scan_start, ROUTE_API,
     "{from, to, timeout_ms} Looks for units that answer."},
    {"DELETE", "/api/v1/links/{id}/scan", api_link_scan_stop, ROUTE_API,
     "Stops the scan."},
    {"GET", "/api/v1/reload", api_reload_report, ROUTE_API,
     "What became of the last reload."},
    {"POST", "/api/v1/reload", api_reload, ROUTE_API,
     "{} Loads the configuration anew; over the unix socket only."},
    {"GET", "/api/v1/equipment/{id}/history", api_history, ROUTE_API,
     "?points=&from=&to=&step= Min, max, mean, last, count per step; gaps are null."},
    {"GET", "/api/v1/issues", api_issue_list, ROUTE_API,
     "?status=&severity=&category=&equipment=&rule=&place=&attached=1&limit=&after="
     " Newest first."},
    {"POST", "/api/v1/issues", api_issue_open, ROUTE_API,
     "{equipment, place, title, text, severity, category, source} Opens an issue."},
    {"GET", "/api/v1/issues/{id}", api_issue, ROUTE_API,
     "One issue with its evidence, event log and allowed actions."},
    {"POST", "/api/v1/issues/{id}/events", api_issue_act, ROUTE_API,
     "{action, text} One transition or comment."},
    {"GET", "/api/v1/alarms", api_alarm_list, ROUTE_API,
     "?equipment=&limit= Alarms that are active, shelved or chattering: standing, cause, "
     "issue."},
    {"GET", "/api/v1/announcements", api_announcements, ROUTE_API,
     "?after=&limit= What people must be told since then, and whether a flood is on."},
    {"GET", "/api/v1/shelves", api_shelf_list, ROUTE_API,
     "?all=1 Alarms that are silent for a while, and by whom."},
    {"POST", "/api/v1/shelves", api_shelf_put, ROUTE_API,
     "{rule, equipment, reason, until | for_ms} Silences an alarm, 24 hours at most."},
    {"DELETE", "/api/v1/shelves/{id}", api_shelf_end, ROUTE_API, "Ends a shelf now."},
    {"GET", "/api/v1/permits", api_permit_list, ROUTE_API,
     "?all=1 Planned work: its scope, who does it, until when."},
    {"POST", "/api/v1/permits", api_permit_issue, ROUTE_API,
     "{equipment | place, class, holder, reason, from, until | for_ms} Declares work."},
    {"POST", "/api/v1/permits/{id}/close", api_permit_close, ROUTE_API,
     "{} The equipment is back in service."},
    {"GET", "/api/v1/rules", api_rules, ROUTE_API, "Rules and what they watch."},
    {"GET", "/api/v1/rules/{id}/explain", api_explain, ROUTE_API,
     "?equipment= The present truth of a rule with every sub-value."},
    {"GET", "/api/v1/reports/failure-rate", api_failure_rate, ROUTE_API,
     "?month=YYYY-MM&format=json|csv|html The monthly report."},
    {"GET", "/api/v1/stream", stream_get, ROUTE_API,
     "?equipment=&points=all|key Server-sent events: hello, sample, state, issue, "
     "announce, beat."},

    {"GET", "/", page_board, ROUTE_PAGE, "Live board."},
    {"GET", "/equipment/{id}", page_equipment, ROUTE_PAGE, "One equipment."},
    {"GET", "/issues", page_issues, ROUTE_PAGE, "Issues."},
    {"GET", "/issues/new", page_issue_new, ROUTE_PAGE, "Form for an issue by hand."},
    {"POST", "/issues", page_issue_open, ROUTE_PAGE, "What that form sends."},
    {"GET", "/issues/{id}", page_issue, ROUTE_PAGE, "One issue."},
    {"POST", "/issues/{id}", page_issue_act, ROUTE_PAGE, "A button of that page."},
    {"POST", "/issues/{id}/shelve", page_shelve, ROUTE_PAGE, "Its form for a shelf."},
    {"POST", "/issues/{id}/unshelve", page_unshelve, ROUTE_PAGE, "Ends that shelf."},
    {"GET", "/permits", page_permits, ROUTE_PAGE, "Planned work."},
    {"POST", "/permits", page_permit_issue, ROUTE_PAGE, "What its form sends."},
    {"POST", "/permits/{id}/close", page_permit_close, ROUTE_PAGE, "Its button."},
    {"GET", "/reports/failure-rate", page_report, ROUTE_PAGE, "Monthly report."},
    {"GET", "/diagnostics", page_diagnostics, ROUTE_PAGE, "Links, sinks, rules."},
    {"GET", "/links/{id}", page_link, ROUTE_PAGE, "One link and its units."},

    {"GET", "/assets/{hash}/{id}", asset_get, ROUTE_FILE, "Styles, scripts, pictures."},
    {"GET", "/favicon.ico", asset_icon, ROUTE_FILE, "The icon."},
    {"GET", "/manifest.webmanifest", asset_manifest, ROUTE_FILE, "For home screens."},
};
/* clang-format on */

const struct route *routes_table(size_t *count)
{
    *count = sizeof routes / sizeof routes[0];
    return routes;
}

/* Compares one segment each and moves both on. */
static bool match_segment(const char **pattern, const char **path, char id[CALL_ID_SIZE])
{
    size_t want = strcspn(*pattern, "/");
    size_t got = strcspn(*path, "/");
    bool same;

    if ((*pattern)[0] == '{') {
        char other[CALL_ID_SIZE]; /* a segment nobody reads */
        bool wanted = strncmp(*pattern, "{id}", 4) == 0;
        char *to = wanted ? id : other;

        same = got > 0 && params_decode(*path, got, to, CALL_ID_SIZE) &&
               strchr(to, '/') == NULL;
    } else {
        same = want == got && memcmp(*pattern, *path, want) == 0;
    }
    *pattern += want;
    *path += got;
    return same;
}

static bool match(const char *pattern, const char *path, char id[CALL_ID_SIZE])
{
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        if (!match_segment(&pattern, &path, id))
            return false;
    }
    return *pattern == '\0' && *path == '\0';
}

static void allow(char allowed[ROUTES_ALLOWED_SIZE], const char *method)
{
    size_t length = strlen(allowed);

    (void)snprintf(allowed + length, ROUTES_ALLOWED_SIZE - length, "%s%s",
                   length == 0 ? "" : ", ",
                   strcmp(method, "GET") == 0 ? "GET, HEAD" : method);
}

const struct route *routes_match(const char *method, const char *path,
                                 char id[CALL_ID_SIZE], char allowed[ROUTES_ALLOWED_SIZE])
{
    char scratch[CALL_ID_SIZE] = "";

    allowed[0] = '\0';
    id[0] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!match(routes[i].pattern, path, scratch))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            memcpy(id, scratch, CALL_ID_SIZE);
            return &routes[i];
        }
        allow(allowed, routes[i].method);
    }
    return NULL;
}

static const struct route *find_route(struct call *call, struct response *response)
{
    const struct request *request = call->request;
    char allowed[ROUTES_ALLOWED_SIZE];
    const struct route *route =
        routes_match(request->method, request->path, call->id, allowed);

    if (route != NULL)
        return route;
    if (allowed[0] == '\0') {
        response_problem(response, 404, "GET /api/v1 lists what there is",
                         "nothing is at %.200s", request->path);
    } else if (strcmp(request->method, "OPTIONS") == 0) {
        response->status = 204;
        response->type = NULL;
        response_header(response, "Allow", "%s", allowed);
    } else {
        response_problem(response, 405, "", "only %s here", allowed);
        response_header(response, "Allow", "%s", allowed);
    }
    return NULL;
}

bool routes_wait(const struct request *request)
{
    char id[CALL_ID_SIZE];
    char allowed[ROUTES_ALLOWED_SIZE];
    const struct route *route = routes_match(request->method, request->path, id, allowed);

    return route != NULL && route->kind == ROUTE_WAITS;
}

/* The choices that a page's links make (?lang=, ?theme=) are kept for a year. */
static void keep_choices(const struct request *request, struct response *response)
{
    enum language language;
    const char *tag = params_get(&request->query, "lang", "");

    if (language_from_tag(tag, strlen(tag), &language))
        response_header(response, "Set-Cookie",
                        "lang=%s; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
                        language_tag(language));
    if (params_has(&request->query, "theme"))
        response_header(response, "Set-Cookie",
                        "theme=%s; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
                        request->theme);
}

static void choose_theme(struct request *request)
{
    const char *asked = params_get(&request->query, "theme", "");
    char saved[sizeof request->theme];

    if (!params_has(&request->query, "theme"))
        asked = cookie_get(request->cookie, "theme", saved, sizeof saved);
    request->theme[0] = '\0';
    if (strcmp(asked, "dark") == 0 || strcmp(asked, "light") == 0)
        (void)snprintf(request->theme, sizeof request->theme, "%s", asked);
}

static bool wants_page(const struct route *route, const struct request *request)
{
    if (route != NULL)
        return route->kind == ROUTE_PAGE;
    return strncmp(request->path, "/api/", 5) != 0 &&
           strstr(request->accept, "text/html") != NULL;
}

static void answer(struct call *call, struct request *request, struct response *response)
{
    const struct route *route = find_route(call, response);

    if (route != NULL)
        route->handler(call, response);
    if (response->body.overflow)
        response_problem(response, 500,
                         "ask for less with ?limit=", "the answer has more than %d MiB",
                         HTTP_ANSWER_MAX >> 20);
    if (response->status >= 400 && response->body.length == 0) {
        if (wants_page(route, request))
            page_problem(call, response);
        else
            problem_json(response);
    }
    if (route != NULL && route->kind == ROUTE_PAGE)
        keep_choices(request, response);
}

void routes_handle(const struct web_source *source, const struct web_options *options,
                   struct hub *hub, struct request *request, struct response *response)
{
    struct call call = {
        .request = request, .source = source, .options = options, .hub = hub};
    struct err err;

    if (params_parse(&request->query, request->query_text, strlen(request->query_text),
                     &err) != 0) {
        response_failed(response, &err);
        problem_json(response);
        return;
    }
    call.site = source->acquire(source->context);
    call.now = wall_now();
    call.mono = mono_now();
    request->language = language_choose(request, call.site->config->site.language);
    choose_theme(request);
    answer(&call, request, response);
    source->release(source->context);
    params_done(&request->query);
}
