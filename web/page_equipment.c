/* page_equipment.c - one equipment: what it says, since when, what was wrong with it. */
#include "base/mem.h"
#include "web/handlers.h"
#include "web/issue_rows.h"
#include "web/marks_show.h"
#include "web/names.h"
#include "web/page_trend.h"
#include "web/probe_view.h"
#include "web/view.h"

enum {
    PAST_ISSUES = 10,   /* closed ones on the page; the list has all */
    SAME_READINGS = 50, /* a value that was read the same so often is told */
};

static void add_fact(struct page *page, enum word name, const char *value,
                     const char *url)
{
    if (value[0] == '\0')
        return;
    html_put(page->out, "<div><dt>{}</dt><dd>", page_word(page, name));
    if (url != NULL)
        html_put(page->out, "<a href=\"{}\">{}</a>", url, value);
    else
        html_put(page->out, "{}", value);
    text_add(page->out, "</dd></div>");
}

static void add_relations(struct page *page, const struct equipment *equipment)
{
    const struct model *model = page->call->site->model;

    for (size_t i = 0; i < equipment->relation_count; i++) {
        const struct relation *relation = &equipment->relations[i];

        html_put(page->out, "<div><dt>{}</dt><dd>",
                 name_relation(page->language, relation->name));
        for (size_t k = 0; k < relation->count; k++) {
            const struct equipment *other = &model->equipment[relation->equipment[k]];

            html_put(page->out, "{!}<a href=\"/equipment/{%}\">{}</a>",
                     k == 0 ? "" : ", ", other->id, other->name);
        }
        text_add(page->out, "</dd></div>");
    }
}

/* In the reader's language what was found; the sentence with the remedy is the probe's.
 */
static void add_probe(struct page *page, const struct equipment *equipment)
{
    const struct web_site *site = page->call->site;
    struct finding finding;
    const char *variant;

    if (!probe_view_wanted(site, equipment))
        return;
    probe_view_get(page->call, equipment, &finding);
    variant = probe_view_variant(site, equipment, &finding);
    html_put(page->out, "<div><dt>{}</dt><dd class=\"probe{!}\" id=\"probe\">{}",
             page_word(page, WORD_PROBE), finding_delivers(finding.kind) ? "" : " wrong",
             word_finding(page->language, finding.kind));
    if (variant[0] != '\0') {
        text_add(page->out, " · ");
        html_put(page->out, page_word(page, WORD_PROBE_VARIANT), variant);
    }
    if (finding.time.ns != 0) {
        text_add(page->out, " · ");
        page_age(page, finding.time);
    }
    if (finding.text[0] != '\0' &&
        (finding.kind == FINDING_NONE || !finding_delivers(finding.kind)))
        html_put(page->out, "<br><span lang=\"en\">{}</span>", finding.text);
    text_add(page->out, "</dd></div>");
}

static void add_facts(struct page *page, const struct equipment *equipment)
{
    const struct model *model = page->call->site->model;

    text_add(page->out, "<dl class=\"facts\">");
    add_fact(page, WORD_CLASS, word_class(page->language, equipment->class_name), NULL);
    add_fact(page, WORD_PLACE, equipment->place, NULL);
    add_fact(page, WORD_EQUIPMENT_ID, equipment->id, NULL);
    if (equipment->link != MODEL_NONE)
        add_fact(page, WORD_LINK, model->links[equipment->link].id, "/diagnostics#links");
    add_relations(page, equipment);
    add_probe(page, equipment);
    text_add(page->out, "</dl>");
}

static void add_banner(struct page *page, const struct equipment *equipment)
{
    struct marks *marks = marks_gather(page->call);
    struct state_view state;

    desk_state(page->call->site->desk, equipment->index, &state);
    html_put(page->out,
             "<div class=\"title-bar\"><h1>{}</h1><a class=\"button\" "
             "href=\"/issues/new?equipment={%}\">{}</a></div>"
             "<section class=\"banner is-{}\" id=\"banner\"><p>",
             equipment->name, equipment->id, page_word(page, WORD_REPORT_ISSUE),
             equipment_state_name(state.state));
    page_state(page, state.state);
    if (state.reason[0] != '\0')
        html_put(page->out, " <span class=\"why\">{}</span>",
                 view_reason(page->call->site, page->language, state.reason));
    if (state.since.ns != 0) {
        text_add(page->out, " <span class=\"since\">");
        page_time(page, state.since);
        text_add(page->out, " · ");
        page_age(page, state.since);
        text_add(page->out, "</span>");
    }
    text_add(page->out, "</p>");
    marks_put(page, &marks[equipment->index]);
    mem_free(marks);
    add_facts(page, equipment);
    text_add(page->out, "</section>\n");
}

static void add_reading(struct page *page, const struct point *point,
                        const struct live_cell *cell, enum quality quality)
{
    char text[LIVE_TEXT_MAX] = "";

    if (point->kind == POINT_TEXT)
        live_get_text(page->call->site->live, point->index, text);
    html_put(page->out,
             "<td class=\"n\"><b class=\"number\">{}</b></td><td class=\"unit\">{}"
             "</td><td class=\"quality-cell\">",
             cell->good_time.ns == 0
                 ? "–"
                 : show_value(page->language, point, cell->good_value, text, SHOW_ROOM),
             page_unit(point->unit));
    page_quality(page, quality);
    text_add(page->out, "</td>");
}

/* A sensor that froze looks healthy but for this. */
static void add_same(struct page *page, const struct point *point,
                     const struct live_cell *cell)
{
    int64_t same_ms = wall_diff_ms(cell->good_time, cell->same_since);

    if (point->kind != POINT_NUMBER || point->period_ms == 0 ||
        same_ms < SAME_READINGS * point->period_ms)
        return;
    html_put(
        page->out, page_word(page, WORD_SAME_SINCE),
        show_time(page->call->site->tz, cell->same_since, page->call->now, SHOW_ROOM));
}

static void add_point(struct page *page, const struct point *point,
                      const struct live_cell *cell)
{
    enum reason reason;
    enum quality quality = live_quality(cell, point, page->call->mono, &reason);

    html_put(
        page->out,
        "<tr class=\"value q-{}\" data-point=\"{}\" data-at=\"{}\" data-stale=\"{}\">"
        "<th scope=\"row\">{}<span class=\"point-name\">{}</span></th>",
        quality_name(quality), point->name, html_int(cell->good_time.ns / CLOCK_MS),
        html_int(point->stale_after_ms), show_point(page->language, point), point->name);
    add_reading(page, point, cell, quality);
    text_add(page->out, "<td class=\"reason\">");
    if (reason != REASON_NONE) {
        html_put(page->out, "{}", word_reason(page->language, reason));
        if (cell->last.detail != 0)
            html_put(page->out, " ({})", html_int(cell->last.detail));
    } else
        add_same(page, point, cell);
    text_add(page->out, "</td><td class=\"n\">");
    if (cell->good_time.ns == 0)
        text_add(page->out, page_word(page, WORD_NEVER));
    else
        page_age(page, cell->good_time);
    text_add(page->out, "</td></tr>\n");
}

static void add_points(struct page *page, const struct equipment *equipment)
{
    const struct web_site *site = page->call->site;
    struct live_cell *cells = mem_array(equipment->point_count, sizeof *cells);

    live_get(site->live, equipment->first_point, equipment->point_count, cells);
    html_put(
        page->out,
        "<section class=\"panel\" id=\"points\"><h2>{}</h2><table class=\"points\">"
        "<thead><tr><th>{}</th><th class=\"n\">{}</th><th>{}</th><th>{}</th>"
        "<th>{}</th><th class=\"n\">{}</th></tr></thead><tbody data-equipment=\"{}\">"
        "\n",
        page_word(page, WORD_POINTS), page_word(page, WORD_POINT),
        page_word(page, WORD_VALUE), page_word(page, WORD_UNIT),
        page_word(page, WORD_QUALITY), page_word(page, WORD_REASON),
        page_word(page, WORD_AGE), equipment->id);
    for (uint32_t i = 0; i < equipment->point_count; i++)
        add_point(page, &site->model->points[equipment->first_point + i], &cells[i]);
    text_add(page->out, "</tbody></table></section>\n");
    mem_free(cells);
}

static int add_issues(struct page *page, const struct equipment *equipment, bool open,
                      struct err *err)
{
    struct issue_rows rows = {.page = page};
    const struct issue_filter filter = {
        .status = open ? -1 : ISSUE_CLOSED,
        .only_unclosed = open,
        .with_attached = true,
        .severity = -1,
        .category = -1,
        .equipment = equipment->id,
        .limit = open ? DESK_LIST_MAX : PAST_ISSUES,
    };
    int count;

    html_put(page->out, "<section class=\"panel\" id=\"{!}\"><h2>{}</h2>",
             open ? "issues-open" : "issues-past",
             page_word(page, open ? WORD_ISSUES_OPEN : WORD_ISSUES_PAST));
    count = issue_rows_put(&rows, &filter, err);
    if (count < 0)
        return -1;
    if (count == 0)
        html_put(page->out, "<p class=\"empty\">{}</p>",
                 page_word(page, open ? WORD_NO_ISSUES_OPEN : WORD_NO_ISSUES_PAST));
    if (count == PAST_ISSUES && !open)
        html_put(page->out,
                 "<p><a href=\"/issues?status=all&amp;equipment={%}\">{}</a>"
                 "</p>",
                 equipment->id, page_word(page, WORD_ALL_ISSUES_OF));
    text_add(page->out, "</section>\n");
    return 0;
}

static int add_body(struct page *page, const struct equipment *equipment, struct err *err)
{
    if (add_issues(page, equipment, true, err) != 0)
        return -1;
    text_add(page->out, "<div class=\"columns\">");
    add_points(page, equipment);
    page_trend(page, equipment);
    text_add(page->out, "</div>");
    return add_issues(page, equipment, false, err);
}

void page_equipment(const struct call *call, struct response *response)
{
    const struct equipment *equipment = model_equipment(call->site->model, call->id);
    struct page page;
    struct text stream;
    struct err err;

    if (equipment == NULL) {
        response_problem(response, 404, "", "there is no equipment \"%s\"", call->id);
        return;
    }
    if (!page_trend_check(call, response))
        return;
    text_init(&stream, 4 * sizeof call->id);
    html_put(&stream, "equipment={%}", equipment->id);
    page = page_begin(call, response, equipment->name, NAV_BOARD, stream.data);
    text_done(&stream);
    add_banner(&page, equipment);
    if (add_body(&page, equipment, &err) != 0)
        page_failed(response, &err);
    else
        page_end(&page);
}
