/* page_diagnostics.c - why data do not come or do not go: links, sinks, history, rules.
 */
#include "base/json_in.h"
#include "web/handlers.h"
#include "web/page.h"
#include "web/panel.h"

#include <stdio.h>
#include <string.h>

static void add_reasons(struct page *page, const char *text, size_t length)
{
    struct json *reasons = json_parse(text, length, HTTP_BODY_MAX, NULL);

    if (reasons != NULL && json_kind(reasons) == JSON_ARRAY) {
        text_add(page->out, "<ul class=\"reasons\">");
        for (size_t i = 0; i < json_count(reasons); i++)
            if (json_kind(json_item(reasons, i)) == JSON_STRING)
                html_put(page->out, "<li>{}</li>", json_text(json_item(reasons, i)));
        text_add(page->out, "</ul>");
    }
    json_free(reasons);
}

static void add_gateway(struct page *page)
{
    const struct call *call = page->call;
    struct text reasons;
    bool ready;

    text_init(&reasons, HTTP_BODY_MAX);
    ready = call->source->ready(call->source->context, &reasons);
    panel_open(page, "gateway", WORD_DIAG_GATEWAY);
    text_add(page->out, "<p>");
    panel_condition(page, ready, WORD_DIAG_READY, WORD_GATEWAY_NOT_READY);
    text_add(page->out, "</p>");
    if (!ready)
        add_reasons(page, reasons.data, reasons.length);
    if (desk_damage(call->site->desk) != NULL)
        html_put(page->out, "<p class=\"alert\">{}</p>", desk_damage(call->site->desk));
    text_add(page->out, "<dl class=\"facts\">");
    panel_fact(page, WORD_DIAG_VERSION);
    html_put(page->out, "facilityd {}</dd></div>", call->options->version);
    panel_fact(page, WORD_DIAG_STARTED);
    page_time(page, call->options->started);
    text_add(page->out, " · ");
    page_age(page, call->options->started);
    text_add(page->out, "</dd></div>");
    panel_fact(page, WORD_DIAG_GENERATION);
    html_put(page->out, "{}</dd></div></dl></section>\n",
             html_int((int64_t)call->site->generation));
    text_done(&reasons);
}

static void add_lateness(struct page *page, const struct link_status *status)
{
    char median[24];
    char tail[24];

    (void)snprintf(median, sizeof median, "%.1f", (double)status->lateness_p50_us / 1000);
    (void)snprintf(tail, sizeof tail, "%.1f", (double)status->lateness_p99_us / 1000);
    html_put(page->out, "<td class=\"n\">{} / {} ms</td>", median, tail);
}

static void add_link(struct page *page, const struct link *link)
{
    const struct call *call = page->call;
    struct link_status status = {0};

    call->source->link_status(call->source->context, link->index, &status);
    html_put(page->out,
             "<tr><th scope=\"row\"><a href=\"/links/{%}\">{}</a>"
             "<span class=\"point-name\">{}</span></th><td>",
             link->id, link->id, link->kind);
    panel_condition(page, status.connected, WORD_DIAG_CONNECTED, WORD_DIAG_DISCONNECTED);
    text_add(page->out, " <span class=\"mute\">");
    page_age(page, status.since);
    html_put(page->out, "</span></td><td class=\"n{!}\">",
             status.units_offline > 0 ? " is-trouble" : "");
    html_put(page->out, page_word(page, WORD_DIAG_OF),
             html_int((int64_t)status.units_offline), html_int((int64_t)status.units));
    text_add(page->out, "</td>");
    panel_count(page, status.requests, false);
    panel_count(page, status.answers, false);
    panel_count(page, status.timeouts, false);
    panel_count(page, status.protocol_errors, false);
    panel_count(page, status.exceptions, false);
    panel_count(page, status.dropped + status.dropped_rate + status.dropped_oversize,
                true);
    panel_count(page, status.late, false);
    add_lateness(page, &status);
    html_put(page->out, "<td class=\"trouble\">{}</td></tr>\n", status.error);
}

static void add_links(struct page *page)
{
    static const enum word titles[] = {
        WORD_LINK,         WORD_STATE,         WORD_DIAG_UNITS,    WORD_DIAG_REQUESTS,
        WORD_DIAG_ANSWERS, WORD_DIAG_TIMEOUTS, WORD_DIAG_ERRORS,   WORD_DIAG_EXCEPTIONS,
        WORD_DIAG_DROPPED, WORD_DIAG_LATE,     WORD_DIAG_LATENESS, WORD_DIAG_ERROR,
    };
    const struct model *model = page->call->site->model;

    panel_open(page, "links", WORD_DIAG_LINKS);
    if (model->link_count == 0) {
        html_put(page->out, "<p class=\"empty\">{}</p></section>",
                 page_word(page, WORD_DIAG_NO_LINKS));
        return;
    }
    panel_table(page, titles, sizeof titles / sizeof titles[0]);
    for (size_t i = 0; i < model->link_count; i++)
        add_link(page, &model->links[i]);
    panel_table_end(page);
}

static void add_backlog(struct page *page, const struct sink_status *status)
{
    html_put(page->out, "<td class=\"n{!}\">{}</td><td class=\"n\">",
             status->backlog_bytes > 0 && !status->healthy ? " is-trouble" : "",
             show_bytes(status->backlog_bytes, SHOW_ROOM));
    page_time(page, status->oldest);
    text_add(page->out, "</td>");
}

static void add_sink(struct page *page, size_t index)
{
    struct sink_status status = {0};

    history_sink_status(page->call->site->history, index, &status);
    html_put(page->out, "<tr><th scope=\"row\">{}</th><td>", status.id);
    panel_condition(page, status.healthy, WORD_DIAG_OK, WORD_DIAG_FAILING);
    text_add(page->out, "</td>");
    panel_count(page, status.lines_sent, false);
    add_backlog(page, &status);
    panel_count(page, status.lines_rejected, true);
    panel_count(page, status.lines_dropped, true);
    text_add(page->out, "<td class=\"n\">");
    page_time(page, status.last_success);
    html_put(page->out, "</td><td class=\"trouble\">{}</td></tr>\n", status.error);
}

static void add_sinks(struct page *page)
{
    static const enum word titles[] = {
        WORD_DIAG_SINKS,  WORD_STATE,         WORD_DIAG_SENT,    WORD_DIAG_BACKLOG,
        WORD_DIAG_OLDEST, WORD_DIAG_REJECTED, WORD_DIAG_DROPPED, WORD_DIAG_LAST_SUCCESS,
        WORD_DIAG_ERROR,
    };
    size_t count = history_sinks(page->call->site->history);

    panel_open(page, "sinks", WORD_DIAG_SINKS);
    if (count == 0) {
        html_put(page->out, "<p class=\"empty\">{}</p></section>",
                 page_word(page, WORD_DIAG_NO_SINKS));
        return;
    }
    panel_table(page, titles, sizeof titles / sizeof titles[0]);
    for (size_t i = 0; i < count; i++)
        add_sink(page, i);
    panel_table_end(page);
}

static void add_history(struct page *page)
{
    struct history_status status = {0};

    history_status(page->call->site->history, &status);
    panel_open(page, "history", WORD_DIAG_HISTORY);
    text_add(page->out, "<p>");
    panel_condition(page, status.healthy, WORD_DIAG_OK, WORD_DIAG_FAILING);
    html_put(page->out, " {}</p><dl class=\"facts\">", status.error);
    panel_fact(page, WORD_DIAG_SAMPLES);
    html_put(page->out, "{}</dd></div>", show_count(status.samples, SHOW_ROOM));
    panel_fact(page, WORD_DIAG_DROPPED);
    html_put(page->out, "{}</dd></div>", show_count(status.samples_dropped, SHOW_ROOM));
    panel_fact(page, WORD_DIAG_ROWS);
    html_put(page->out, "{}</dd></div>", show_count(status.rows_written, SHOW_ROOM));
    panel_fact(page, WORD_DIAG_ROWS_LOST);
    html_put(page->out, "{}</dd></div></dl></section>\n",
             show_count(status.rows_lost, SHOW_ROOM));
}

static void add_rule(void *context, const struct rule_settings *rule, size_t instances,
                     size_t active)
{
    struct page *page = context;
    const char *title = page->language == LANGUAGE_ZH ? rule->title_zh : rule->title_en;

    html_put(page->out,
             "<tr><th scope=\"row\">{}<span class=\"point-name\">{}</span></th><td>",
             title == NULL || title[0] == '\0' ? rule->id : title, rule->id);
    page_severity(page, rule->severity);
    html_put(page->out,
             "</td><td class=\"n\">{}</td><td class=\"n{!}\">{}</td><td>"
             "<code>{}</code></td></tr>\n",
             html_int((int64_t)instances), active > 0 ? " is-trouble" : "",
             html_int((int64_t)active), rule->when.text);
}

static void add_rules(struct page *page)
{
    static const enum word titles[] = {WORD_RULE, WORD_SEVERITY, WORD_DIAG_INSTANCES,
                                       WORD_DIAG_ACTIVE, WORD_CONDITION_WHEN};
    const struct call *call = page->call;

    panel_open(page, "rules", WORD_DIAG_RULES);
    panel_table(page, titles, sizeof titles / sizeof titles[0]);
    call->source->lock_engine(call->source->context);
    engine_visit_rules(call->site->engine, add_rule, page);
    call->source->unlock_engine(call->source->context);
    panel_table_end(page);
}

void page_diagnostics(const struct call *call, struct response *response)
{
    struct page page =
        page_begin(call, response, word(call->request->language, WORD_DIAG_TITLE),
                   NAV_DIAGNOSTICS, "points=key");

    html_put(page.out, "<div class=\"title-bar\"><h1>{}</h1></div>",
             page_word(&page, WORD_DIAG_TITLE));
    add_gateway(&page);
    add_links(&page);
    add_sinks(&page);
    add_history(&page);
    add_rules(&page);
    page_end(&page);
}
