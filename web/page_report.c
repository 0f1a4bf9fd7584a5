/* page_report.c - the monthly equipment failure report, for the screen and for paper. */
#include "reports/failure_rate.h"
#include "web/handlers.h"
#include "web/month.h"
#include "web/page.h"
#include "web/view.h"

#include <math.h>

#include <string.h>

/* Below this share of observed time the figures deserve a warning. */
#define REPORT_COVERAGE_LOW 0.95
/* With less exposure a rate says nothing: one failure would give thousands. */
#define REPORT_EXPOSURE_MIN 0.1
/* An equipment stands out when chance alone would do that in fewer than 1 of 100. */
#define REPORT_WORSE 0.01

static void add_download(struct page *page, const char *month)
{
    html_put(page->out,
             "<p class=\"downloads\"><span>{}</span>"
             "<a class=\"button\" href=\"/api/v1/reports/failure-rate?month={%}&amp;"
             "format=csv&amp;lang={%}\">CSV</a>"
             "<a class=\"button\" href=\"/api/v1/reports/failure-rate?month={%}&amp;"
             "format=json\">JSON</a></p>",
             page_word(page, WORD_REPORT_DOWNLOAD), month, language_tag(page->language),
             month);
}

static void add_picker(struct page *page, const struct failure_report *report)
{
    char month[MONTH_SIZE];
    char other[MONTH_SIZE];

    (void)month_format(report->year, report->month, 0, month);
    html_put(page->out,
             "<form class=\"filters\" method=\"get\" action=\"/reports/failure-rate\">"
             "<a class=\"button\" href=\"/reports/failure-rate?month={%}\">← {}</a>"
             "<label><span>{}</span><input type=\"month\" name=\"month\" value=\"{}\" "
             "pattern=\"[0-9]{!}-[0-9]{!}\"></label><button>{}</button>",
             month_format(report->year, report->month, -1, other),
             page_word(page, WORD_REPORT_PREVIOUS), page_word(page, WORD_REPORT_MONTH),
             month, "{4}", "{2}", page_word(page, WORD_REPORT_SHOW));
    if (report->complete)
        html_put(page->out,
                 "<a class=\"button\" href=\"/reports/failure-rate?month={%}\">{} →</a>",
                 month_format(report->year, report->month, 1, other),
                 page_word(page, WORD_REPORT_NEXT));
    text_add(page->out, "</form>");
    add_download(page, month);
}

static void add_headline(struct page *page, const struct failure_report *report)
{
    const struct failure_figures *all = &report->total;
    const char *months = show_decimals(all->unit_months, 2, SHOW_ROOM);

    text_add(page->out, "<p class=\"headline\">");
    if (all->failures == 0)
        html_put(page->out, page_word(page, WORD_REPORT_HEAD_NONE), months);
    else if (all->failures == 1)
        html_put(page->out, page_word(page, WORD_REPORT_HEAD_ONE), months,
                 show_decimals(all->fault_h, 1, SHOW_ROOM));
    else
        html_put(page->out, page_word(page, WORD_REPORT_HEAD), html_int(all->failures),
                 months, show_decimals(all->fault_h, 1, SHOW_ROOM));
    text_add(page->out, "</p>");
    if (all->coverage < REPORT_COVERAGE_LOW) {
        text_add(page->out, "<p class=\"alert\">");
        html_put(page->out, page_word(page, WORD_REPORT_LOW_COVERAGE),
                 show_percent(all->coverage, SHOW_ROOM));
        text_add(page->out, "</p>");
    }
    if (all->unit_months < REPORT_EXPOSURE_MIN * (double)all->units) {
        text_add(page->out, "<p class=\"note\">");
        html_put(page->out, page_word(page, WORD_REPORT_TOO_LITTLE),
                 show_decimals(REPORT_EXPOSURE_MIN, 1, SHOW_ROOM));
        text_add(page->out, "</p>");
    }
    if (!report->complete) {
        text_add(page->out, "<p class=\"note\">");
        html_put(page->out, page_word(page, WORD_REPORT_PARTIAL),
                 show_full_time(page->call->site->tz, report->to, SHOW_ROOM));
        text_add(page->out, "</p>");
    }
}

static void add_column(struct page *page, enum word title)
{
    html_put(page->out, "<th class=\"n\" scope=\"col\">{}</th>", page_word(page, title));
}

static void open_table(struct page *page, enum word title, enum word first, bool units)
{
    html_put(page->out,
             "<section class=\"panel\"><h2>{}</h2><div class=\"scroll\">"
             "<table class=\"report-table\"><thead><tr><th scope=\"col\">{}</th>",
             page_word(page, title), page_word(page, first));
    if (units)
        add_column(page, WORD_REPORT_UNITS);
    add_column(page, WORD_REPORT_UNIT_MONTHS);
    add_column(page, WORD_REPORT_FAILURES);
    add_column(page, WORD_REPORT_RATE);
    add_column(page, WORD_REPORT_INTERVAL);
    add_column(page, WORD_REPORT_DOWN);
    add_column(page, WORD_REPORT_MTBF);
    add_column(page, WORD_REPORT_MTTR);
    add_column(page, WORD_REPORT_AVAILABILITY);
    add_column(page, WORD_REPORT_COVERAGE);
    text_add(page->out, "</tr></thead><tbody>\n");
}

/* Without failures MTBF is only known to be beyond a bound. */
static void add_mtbf(struct page *page, const struct failure_figures *figures)
{
    text_add(page->out, "<td class=\"n\">");
    if (isfinite(figures->mtbf_h) || !isfinite(figures->mtbf_low_h))
        html_put(page->out, "{}", show_decimals(figures->mtbf_h, 0, SHOW_ROOM));
    else
        html_put(page->out, page_word(page, WORD_REPORT_AT_LEAST),
                 show_decimals(figures->mtbf_low_h, 0, SHOW_ROOM));
    text_add(page->out, "</td>");
}

/* Failures per unit-month with its interval, where enough was observed to say it. */
static void add_rate(struct page *page, const struct failure_figures *figures)
{
    if (figures->unit_months < REPORT_EXPOSURE_MIN) {
        text_add(page->out, "<td class=\"n\">–</td><td class=\"n\">–</td>");
        return;
    }
    html_put(page->out, "<td class=\"n\">{}</td><td class=\"n\">{} … {}</td>",
             show_decimals(figures->rate, 2, SHOW_ROOM),
             show_decimals(figures->rate_low, 2, SHOW_ROOM),
             show_decimals(figures->rate_high, 2, SHOW_ROOM));
}

static void add_figures(struct page *page, const struct failure_figures *figures)
{
    html_put(page->out, "<td class=\"n\">{}</td><td class=\"n{!}\">{}</td>",
             show_decimals(figures->unit_months, 2, SHOW_ROOM),
             figures->failures > 0 ? " has-failures" : "", html_int(figures->failures));
    add_rate(page, figures);
    html_put(page->out, "<td class=\"n\">{}</td>",
             show_decimals(figures->fault_h, 1, SHOW_ROOM));
    add_mtbf(page, figures);
    html_put(page->out,
             "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n{!}\">{}</td>"
             "</tr>\n",
             show_decimals(figures->mttr_h, 1, SHOW_ROOM),
             show_percent(figures->availability, SHOW_ROOM),
             figures->coverage < REPORT_COVERAGE_LOW ? " is-low" : "",
             show_percent(figures->coverage, SHOW_ROOM));
}

static void add_classes(struct page *page, const struct failure_report *report)
{
    open_table(page, WORD_REPORT_CLASSES, WORD_CLASS, true);
    for (size_t i = 0; i < report->class_count; i++) {
        const struct failure_row *row = &report->classes[i];

        html_put(page->out, "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td>",
                 word_class(page->language, row->id), html_int(row->figures.units));
        add_figures(page, &row->figures);
    }
    html_put(page->out,
             "</tbody><tfoot><tr><th scope=\"row\">{}</th><td class=\"n\">{}</td>",
             page_word(page, WORD_REPORT_TOTAL), html_int(report->total.units));
    add_figures(page, &report->total);
    text_add(page->out, "</tfoot></table></div></section>\n");
}

static void add_equipment(struct page *page, const struct failure_report *report)
{
    open_table(page, WORD_REPORT_EQUIPMENT, WORD_EQUIPMENT, false);
    for (size_t i = 0; i < report->equipment_count; i++) {
        const struct failure_row *row = &report->equipment[i];

        html_put(page->out,
                 "<tr><th scope=\"row\"><a href=\"/equipment/{%}\">{}</a>"
                 "<span class=\"point-name\">{}{}{}</span>",
                 row->id, row->name, word_class(page->language, row->class_name),
                 row->place[0] == '\0' ? "" : " · ", row->place);
        if (row->p_worse < REPORT_WORSE)
            html_put(page->out, "<span class=\"badge worse\">{}</span>",
                     page_word(page, WORD_REPORT_WORSE));
        text_add(page->out, "</th>");
        add_figures(page, &row->figures);
    }
    text_add(page->out, "</tbody></table></div></section>\n");
}

/* Equipment that was taken out since is known by its id only. */
static const char *equipment_name(struct page *page, const char *id)
{
    const struct equipment *equipment = model_equipment(page->call->site->model, id);

    return equipment == NULL ? id : equipment->name;
}

static const char *rule_title(struct page *page, const char *id)
{
    const struct rule_settings *rule = view_rule(page->call->site, id);
    const char *title = NULL;

    if (rule != NULL)
        title = page->language == LANGUAGE_ZH ? rule->title_zh : rule->title_en;
    return title == NULL || title[0] == '\0' ? id : title;
}

static void add_event(struct page *page, const struct failure_report *report,
                      const struct failure_event *event)
{
    const struct tz *tz = page->call->site->tz;
    bool open = event->end.ns == 0;
    struct wall_time end = open ? report->to : event->end;

    html_put(page->out,
             "<tr><th scope=\"row\"><a href=\"/equipment/{%}\">{}</a></th><td>{}</td>"
             "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>",
             event->equipment, equipment_name(page, event->equipment),
             rule_title(page, event->rule), show_full_time(tz, event->start, SHOW_ROOM),
             open ? page_word(page, WORD_REPORT_STILL)
                  : show_full_time(tz, event->end, SHOW_ROOM),
             show_duration(page->language, wall_diff_ms(end, event->start), SHOW_ROOM));
    if (event->issue[0] != '\0')
        html_put(page->out, "<a href=\"/issues/{%}\">{}</a>", event->issue,
                 page_word(page, WORD_ISSUE));
    if (event->repeat)
        html_put(page->out, " <span class=\"badge worse\">{}</span>",
                 page_word(page, WORD_REPORT_REPEAT));
    text_add(page->out, "</td></tr>\n");
}

static void add_events(struct page *page, const struct failure_report *report)
{
    html_put(page->out, "<section class=\"panel\"><h2>{}</h2>",
             page_word(page, WORD_REPORT_EVENTS));
    if (report->event_count == 0) {
        html_put(page->out, "<p class=\"empty\">{}</p></section>\n",
                 page_word(page, WORD_REPORT_NO_EVENTS));
        return;
    }
    html_put(page->out,
             "<div class=\"scroll\"><table class=\"report-table\"><thead><tr>"
             "<th scope=\"col\">{}</th><th scope=\"col\">{}</th>"
             "<th class=\"n\" scope=\"col\">{}</th><th class=\"n\" scope=\"col\">{}</th>"
             "<th class=\"n\" scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>"
             "<tbody>\n",
             page_word(page, WORD_EQUIPMENT), page_word(page, WORD_REASON),
             page_word(page, WORD_REPORT_START), page_word(page, WORD_REPORT_END),
             page_word(page, WORD_REPORT_DURATION), page_word(page, WORD_ISSUE));
    for (size_t i = 0; i < report->event_count; i++)
        add_event(page, report, &report->events[i]);
    text_add(page->out, "</tbody></table></div>");
    if (report->events_cut) {
        text_add(page->out, "<p class=\"note\">");
        html_put(page->out, page_word(page, WORD_REPORT_EVENTS_CUT),
                 html_int((int64_t)report->event_count));
        text_add(page->out, "</p>");
    }
    text_add(page->out, "</section>\n");
}

static void add_definitions(struct page *page)
{
    size_t count;
    const struct report_definition *rows =
        failure_definitions(language_tag(page->language), &count);

    html_put(page->out, "<section class=\"panel definitions\"><h2>{}</h2><dl>",
             page_word(page, WORD_REPORT_DEFINITIONS));
    for (size_t i = 0; i < count; i++)
        html_put(page->out, "<dt>{}</dt><dd>{}</dd>", rows[i].term, rows[i].sentence);
    text_add(page->out, "</dl></section>\n");
}

static void put_report(const struct call *call, struct response *response,
                       const struct failure_report *report)
{
    struct page page =
        page_begin(call, response, word(call->request->language, WORD_REPORT_TITLE),
                   NAV_REPORT, "points=key");
    char month[MONTH_SIZE];

    html_put(page.out,
             "<div class=\"title-bar\"><h1>{} <span class=\"mute\">{} · {}</span></h1>"
             "</div><div class=\"controls\">",
             page_word(&page, WORD_REPORT_TITLE), report->site_name,
             month_format(report->year, report->month, 0, month));
    add_picker(&page, report);
    text_add(page.out, "</div>");
    add_headline(&page, report);
    add_classes(&page, report);
    add_equipment(&page, report);
    add_events(&page, report);
    add_definitions(&page);
    text_add(page.out, "<p class=\"note\">");
    html_put(page.out, page_word(&page, WORD_REPORT_MADE),
             show_full_time(call->site->tz, report->made, SHOW_ROOM));
    text_add(page.out, "</p>");
    page_end(&page);
}

void page_report(const struct call *call, struct response *response)
{
    const struct web_site *site = call->site;
    char month[MONTH_SIZE];
    struct err err;
    struct failure_report *report = failure_report_make(
        site->desk, site->model, site->tz, site->config->site.timezone,
        month_asked(call, month), call->now, &err);

    if (report == NULL) {
        month_failed(response, &err);
        return;
    }
    put_report(call, response, report);
    failure_report_free(report);
}
