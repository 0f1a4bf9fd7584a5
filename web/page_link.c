/* page_link.c - one link: the time that it has, and every unit on it. */
#include "adapters/modbus_frame.h"
#include "adapters/schedule.h"
#include "base/mem.h"
#include "web/handlers.h"
#include "web/link_messages.h"
#include "web/link_view.h"
#include "web/panel.h"

#include <math.h>

static void add_banner(struct page *page, const struct link *link,
                       const struct link_status *status, const struct link_cost *cost)
{
    const struct call *call = page->call;
    const struct equipment *stand_in = &call->site->model->equipment[link->stand_in];
    char wire[LINK_COST_WIRE_SIZE] = "";

    panel_open(page, "link", WORD_LINK);
    text_add(page->out, "<p>");
    panel_condition(page, status->connected, WORD_DIAG_CONNECTED, WORD_DIAG_DISCONNECTED);
    text_add(page->out, " <span class=\"mute\">");
    page_age(page, status->since);
    text_add(page->out, "</span></p>");
    if (status->error[0] != '\0')
        html_put(page->out, "<p class=\"alert\">{}</p>", status->error);
    text_add(page->out, "<dl class=\"facts\">");
    panel_fact(page, WORD_LINK_ADDRESS);
    html_put(page->out, "{}</dd></div>", link_address(call, link->index));
    if (cost != NULL && link_cost_wire(cost, wire)[0] != '\0') {
        panel_fact(page, WORD_LINK_BUS);
        html_put(page->out, "{}</dd></div>", wire);
    }
    panel_fact(page, WORD_LINK_AS_EQUIPMENT);
    html_put(page->out, "<a href=\"/equipment/{%}\">{}</a></dd></div></dl></section>\n",
             stand_in->id, link->id);
}

static void add_figure(struct page *page, const char *name, const char *measured,
                       const char *planned, bool trouble)
{
    html_put(page->out,
             "<tr><th scope=\"row\">{}</th><td class=\"n{!}\">{}</td>"
             "<td class=\"n\">{}</td></tr>\n",
             name, trouble ? " is-trouble" : "", measured, planned);
}

static void add_number(struct page *page, enum word name, double measured, double planned,
                       int decimals)
{
    add_figure(page, page_word(page, name), show_decimals(measured, decimals, SHOW_ROOM),
               show_decimals(planned, decimals, SHOW_ROOM), false);
}

static void add_shares(struct page *page, const struct link_measured *measured,
                       const struct link_cost *cost)
{
    struct text most;

    text_init(&most, SHOW_SIZE);
    html_put(&most, page_word(page, WORD_LINK_AT_MOST),
             show_percent(PROBE_SHARE_PERCENT / 100.0, SHOW_ROOM));
    add_figure(page, page_word(page, WORD_LINK_SHARE),
               show_percent(measured->share, SHOW_ROOM),
               show_percent(cost->share, SHOW_ROOM),
               measured->share * 100 > LINK_COST_WARN_PERCENT);
    add_figure(page, page_word(page, WORD_LINK_DEAD_SHARE),
               show_percent(measured->dead_share, SHOW_ROOM), most.data, false);
    text_done(&most);
}

static void add_cycle(struct page *page, const struct link_cost *cost)
{
    struct text name;

    if (cost->class_count == 0)
        return;
    text_init(&name, HTTP_HEADER_VALUE_MAX);
    html_put(&name, page_word(page, WORD_LINK_CYCLE),
             show_duration(page->language, cost->classes[0].period_ms, SHOW_ROOM));
    add_figure(
        page, name.data, show_decimals(NAN, 0, SHOW_ROOM),
        show_decimals((double)link_cost_cycle_ns(cost) / (double)CLOCK_MS, 1, SHOW_ROOM),
        false);
    text_done(&name);
}

static void add_time(struct page *page, const struct link_status *status,
                     const struct link_cost *cost)
{
    struct link_measured measured;
    double request_ms = cost->requests_per_s > 0
                            ? cost->share * 1000 / cost->requests_per_s
                            : (double)NAN;

    link_measure(status, &measured);
    panel_open(page, "time", WORD_LINK_PLAN);
    html_put(page->out,
             "<p class=\"note\">{}</p><div class=\"scroll\"><table "
             "class=\"diag-table\"><thead><tr><th></th><th scope=\"col\" "
             "class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th></tr></thead>"
             "<tbody>\n",
             page_word(page, WORD_LINK_PLAN_HINT), page_word(page, WORD_LINK_MEASURED),
             page_word(page, WORD_LINK_PLANNED));
    add_number(page, WORD_LINK_REQUESTS_S, measured.requests_per_s, cost->requests_per_s,
               2);
    add_number(page, WORD_LINK_BYTES_S, measured.bytes_per_s, cost->bytes_per_s, 0);
    add_number(page, WORD_LINK_REQUEST_MS, measured.request_ms, request_ms, 1);
    add_shares(page, &measured, cost);
    add_cycle(page, cost);
    panel_table_end(page);
}

/* --- units --------------------------------------------------------------------- */

static void add_state(struct page *page, const struct unit_status *unit)
{
    struct text wait;

    if (unit->online < 0)
        html_put(page->out, "<span class=\"mute\">{}</span>",
                 page_word(page, WORD_LINK_UNHEARD));
    else
        panel_condition(page, unit->online > 0, WORD_DIAG_OK, WORD_LINK_NO_ANSWER);
    if (!unit->breaker_open)
        return;
    text_init(&wait, SHOW_SIZE);
    html_put(
        &wait, page_word(page, WORD_LINK_ASKED_IN),
        show_duration(page->language, unit->next_ms < 0 ? 0 : unit->next_ms, SHOW_ROOM));
    html_put(page->out, " <span class=\"mute\">{!}</span>", wait.data);
    text_done(&wait);
}

static double milliseconds(int64_t us)
{
    return us < 0 ? (double)NAN : (double)us / 1000;
}

static void add_refused(struct page *page, const struct unit_status *unit)
{
    size_t told =
        unit->refused_count < UNIT_REFUSED_MAX ? unit->refused_count : UNIT_REFUSED_MAX;

    for (size_t i = 0; i < told; i++) {
        int64_t start = unit->refused[i].start;

        html_put(page->out, "{!}{} {}", i > 0 ? ", " : "",
                 modbus_table_name(unit->refused[i].table), html_int(start));
        if (unit->refused[i].count > 1)
            html_put(page->out, "–{}", html_int(start + unit->refused[i].count - 1));
    }
    if (unit->refused_count > told) {
        text_add(page->out, ", ");
        html_put(page->out, page_word(page, WORD_LINK_MORE),
                 html_int((int64_t)(unit->refused_count - told)));
    }
}

static void add_unit(struct page *page, const struct unit_status *unit,
                     const struct link_cost *cost)
{
    const struct equipment *equipment =
        model_equipment(page->call->site->model, unit->name);
    double share = NAN;

    for (size_t i = 0; cost != NULL && i < cost->unit_count; i++)
        if (cost->units[i].id == unit->id)
            share = cost->units[i].share;
    html_put(page->out, "<tr><th scope=\"row\">{} ", html_int(unit->id));
    if (equipment != NULL)
        html_put(page->out, "<a href=\"/equipment/{%}\">{}</a>", equipment->id,
                 equipment->name);
    else
        html_put(page->out, "{}", unit->name);
    text_add(page->out, "</th><td>");
    add_state(page, unit);
    text_add(page->out, "</td>");
    panel_count(page, unit->requests, false);
    panel_count(page, unit->answers, false);
    panel_count(page, unit->timeouts, false);
    panel_count(page, unit->exceptions, false);
    panel_count(page, unit->protocol_errors, false);
    html_put(page->out, "<td class=\"n\">{} / {} ms</td><td class=\"n\">{}</td>",
             show_decimals(milliseconds(unit->answer_p50_us), 1, SHOW_ROOM),
             show_decimals(milliseconds(unit->answer_p99_us), 1, SHOW_ROOM),
             show_percent(share, SHOW_ROOM));
    html_put(page->out, "<td class=\"n{!}\">",
             unit->refused_count > 0 ? " is-trouble" : "");
    add_refused(page, unit);
    html_put(page->out, "</td><td class=\"trouble\">{}</td></tr>\n", unit->error);
}

static void add_units(struct page *page, const struct link *link,
                      const struct link_cost *cost)
{
    static const enum word titles[] = {
        WORD_LINK_UNIT,     WORD_STATE,           WORD_DIAG_REQUESTS, WORD_DIAG_ANSWERS,
        WORD_DIAG_TIMEOUTS, WORD_DIAG_EXCEPTIONS, WORD_DIAG_ERRORS,   WORD_LINK_P50_P99,
        WORD_LINK_SHARE,    WORD_LINK_REFUSED,    WORD_DIAG_ERROR,
    };
    struct unit_status *units;
    size_t count = link_units(page->call, link->index, &units);

    panel_open(page, "units", WORD_LINK_UNITS);
    if (count == 0) {
        html_put(page->out, "<p class=\"empty\">{}</p></section>",
                 page_word(page, WORD_LINK_NO_UNITS));
    } else {
        panel_table(page, titles, sizeof titles / sizeof titles[0]);
        for (size_t i = 0; i < count && i < UNITS_OF_LINK_MAX; i++)
            add_unit(page, &units[i], cost);
        panel_table_end(page);
    }
    mem_free(units);
}

void page_link(const struct call *call, struct response *response)
{
    const struct link *link = link_find(call->site->model, call->id);
    struct link_status status = {0};
    struct link_cost *cost;
    struct page page;

    if (link == NULL) {
        response_problem(response, 404, "/diagnostics lists all of them",
                         "there is no link '%s'", call->id);
        return;
    }
    call->source->link_status(call->source->context, link->index, &status);
    cost = link_planned(call, link->index);
    page = page_begin(call, response, link->id, NAV_DIAGNOSTICS, "points=key");
    html_put(page.out,
             "<div class=\"title-bar\"><h1>{}</h1><a href=\"/diagnostics\">{}</a></div>",
             link->id, page_word(&page, WORD_DIAG_TITLE));
    add_banner(&page, link, &status, cost);
    if (cost != NULL)
        add_time(&page, &status, cost);
    link_messages_panels(&page, link, &status);
    if (call->site->config->links[link->index].kind == LINK_MODBUS)
        add_units(&page, link, cost);
    page_end(&page);
    link_cost_free(cost);
}
