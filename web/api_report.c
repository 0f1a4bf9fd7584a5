/* api_report.c - the monthly report for programs and for downloads. */
#include "reports/failure_rate.h"
#include "web/handlers.h"
#include "web/month.h"
#include "web/words.h"

#include <string.h>

enum report_format {
    FORMAT_JSON,
    FORMAT_CSV,
    FORMAT_HTML,
    FORMAT_LATER, /* named in the contract, not made yet */
    FORMAT_NONE,
};

static enum report_format format_from_name(const char *name)
{
    static const struct {
        const char *name;
        enum report_format format;
    } formats[] = {{"json", FORMAT_JSON},
                   {"csv", FORMAT_CSV},
                   {"html", FORMAT_HTML},
                   {"xlsx", FORMAT_LATER},
                   {"pdf", FORMAT_LATER}};

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].name, name) == 0)
            return formats[i].format;
    return FORMAT_NONE;
}

static void write_report(const struct call *call, const struct failure_report *report,
                         enum report_format format, struct response *response)
{
    if (format == FORMAT_JSON) {
        failure_report_json(report, &response->body);
        return;
    }
    response->type = "text/csv; charset=utf-8";
    failure_report_csv(report, language_tag(call->request->language), &response->body);
    response_header(response, "Content-Disposition",
                    "attachment; filename=\"%s-failure-rate-%04lld-%02d.csv\"",
                    report->site_id, (long long)report->year, report->month);
}

void api_failure_rate(const struct call *call, struct response *response)
{
    const struct web_site *site = call->site;
    const char *name = params_get(&call->request->query, "format", "json");
    enum report_format format = format_from_name(name);
    char month[MONTH_SIZE];
    struct failure_report *report;
    struct err err;

    if (format == FORMAT_NONE) {
        response_bad_parameter(response, "format", "json, csv or html",
                               "there is no format \"%s\"", name);
        return;
    }
    if (format == FORMAT_LATER) {
        response_problem(response, 501, "use csv for a spreadsheet, html for paper",
                         "the format \"%s\" comes with a later version", name);
        return;
    }
    if (format == FORMAT_HTML) {
        page_report(call, response);
        return;
    }
    report = failure_report_make(site->desk, site->model, site->tz,
                                 site->config->site.timezone, month_asked(call, month),
                                 call->now, &err);
    if (report == NULL) {
        month_failed(response, &err);
        return;
    }
    write_report(call, report, format, response);
    failure_report_free(report);
}
