/* issues_query.c - see issues_query.h. */
#include "web/issues_query.h"

#include "web/view.h"

#include <string.h>

/* One of the names that `from_name` knows; -1 for none given. */
static bool read_name(const struct call *call, const char *parameter,
                      int (*from_name)(const char *name), const char *hint, int *value,
                      struct response *response)
{
    const char *text = params_get(&call->request->query, parameter, NULL);

    *value = text == NULL ? -1 : from_name(text);
    if (text == NULL || *value >= 0)
        return true;
    response_bad_parameter(response, parameter, hint, "there is no %s \"%s\"", parameter,
                           text);
    return false;
}

static bool read_status(const struct call *call, const char *fallback,
                        struct issue_filter *filter, struct response *response)
{
    const char *text = params_get(&call->request->query, "status", fallback);

    filter->status = -1;
    filter->only_unclosed = strcmp(text, "unclosed") == 0;
    if (filter->only_unclosed || strcmp(text, "all") == 0)
        return true;
    filter->status = issue_status_from_name(text);
    if (filter->status >= 0)
        return true;
    response_bad_parameter(response, "status",
                           "unclosed, all, open, acknowledged, in_progress, resolved, "
                           "closed or reopened",
                           "there is no status \"%s\"", text);
    return false;
}

bool issues_query(const struct call *call, const char *default_status, size_t limit,
                  struct issue_filter *filter, struct response *response)
{
    const struct params *query = &call->request->query;
    int64_t wanted = (int64_t)limit;

    *filter = (struct issue_filter){
        .equipment = params_get(query, "equipment", NULL),
        .rule = params_get(query, "rule", NULL),
        .place = params_get(query, "place", NULL),
        .after = params_get(query, "after", NULL),
        .with_attached = strcmp(params_get(query, "attached", "0"), "1") == 0,
    };
    if (!read_status(call, default_status, filter, response) ||
        !read_name(call, "severity", severity_from_name, "minor, general or serious",
                   &filter->severity, response) ||
        !read_name(call, "category", category_from_name,
                   "security, cleaning, greening, facilities or service",
                   &filter->category, response) ||
        !view_integer(call, "limit", 1, DESK_LIST_MAX, &wanted, response))
        return false;
    filter->limit = (size_t)wanted;
    return true;
}

void issues_query_failed(struct response *response, const struct issue_filter *filter,
                         const struct err *err)
{
    bool after =
        filter->after != NULL && (err->kind == ERR_INPUT || err->kind == ERR_NOT_FOUND);

    if (after)
        response_bad_parameter(response, "after", "begin again without it", "%s",
                               err->text);
    else
        response_failed(response, err);
}
