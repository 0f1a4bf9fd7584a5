/* board_card.c - one equipment on the board; see board.h. */
#include "web/board.h"

#include <string.h>

/* The part of the place that the group's heading does not say. */
static const char *place_rest(const struct board *board,
                              const struct equipment *equipment)
{
    const char *slash = strchr(equipment->place, '/');

    if (board->by_class)
        return equipment->place;
    return slash == NULL ? "" : slash + 1;
}

static void add_title(struct page *page, const struct board *board,
                      const struct board_entry *entry)
{
    const struct equipment *equipment = entry->equipment;
    const char *rest = place_rest(board, equipment);

    html_put(page->out,
             "<a class=\"card-title\" href=\"/equipment/{%}\">"
             "<span class=\"card-name\">{}</span>"
             "<span class=\"card-place\">{}{}{}</span></a>",
             equipment->id, equipment->name,
             board->by_class ? "" : word_class(page->language, equipment->class_name),
             board->by_class || rest[0] == '\0' ? "" : " · ", rest);
}

static void add_state(struct page *page, const struct board_entry *entry)
{
    text_add(page->out, "<p class=\"card-state\">");
    page_state(page, entry->state.state);
    if (entry->state.reason[0] != '\0')
        html_put(page->out, "<span class=\"why\">{}</span>",
                 view_reason(page->call->site, page->language, entry->state.reason));
    if (entry->state.state != STATE_UP && entry->state.since.ns != 0) {
        text_add(page->out, "<span class=\"since\">");
        page_age(page, entry->state.since);
        text_add(page->out, "</span>");
    }
    text_add(page->out, "</p>");
}

/* The attributes by which the script finds a value and keeps its age. */
static void open_value(struct page *page, const struct point *point,
                       const struct live_cell *cell, enum quality quality)
{
    html_put(page->out,
             "<div class=\"value q-{}\" data-point=\"{}\" data-at=\"{}\" "
             "data-stale=\"{}\"><dt>{}</dt>",
             quality_name(quality), point->name, html_int(cell->good_time.ns / CLOCK_MS),
             html_int(point->stale_after_ms), show_point(page->language, point));
}

static void add_value(struct page *page, const struct point *point)
{
    const struct call *call = page->call;
    struct live_cell cell;
    enum reason reason;
    enum quality quality;
    char text[LIVE_TEXT_MAX] = "";

    live_get(call->site->live, point->index, 1, &cell);
    quality = live_quality(&cell, point, call->mono, &reason);
    if (point->kind == POINT_TEXT)
        live_get_text(call->site->live, point->index, text);
    open_value(page, point, &cell, quality);
    if (cell.good_time.ns == 0) {
        html_put(page->out,
                 "<dd><b class=\"number\">–</b><span class=\"unit\"></span>"
                 "<span class=\"age\">{}</span></dd></div>",
                 page_word(page, WORD_NO_VALUE));
        return;
    }
    html_put(page->out,
             "<dd><b class=\"number\">{}</b><span class=\"unit\">{}</span>"
             "<span class=\"age\"{!}",
             show_value(page->language, point, cell.good_value, text, SHOW_ROOM),
             page_unit(point->unit), quality == QUALITY_GOOD ? "" : " title=\"");
    if (quality != QUALITY_GOOD)
        html_put(page->out, "{}\"", word_reason(page->language, reason));
    html_put(page->out, ">{}</span></dd></div>",
             show_duration(page->language, wall_diff_ms(call->now, cell.good_time),
                           SHOW_ROOM));
}

static void add_values(struct page *page, const struct equipment *equipment)
{
    const struct point *points[VIEW_KEY_POINTS];
    size_t count = view_key_points(page->call->site->model, equipment, points);

    if (count == 0)
        return;
    text_add(page->out, "<dl class=\"values\">");
    for (size_t i = 0; i < count; i++)
        add_value(page, points[i]);
    text_add(page->out, "</dl>");
}

static void add_issue(struct page *page, const struct board *board,
                      const struct board_entry *entry)
{
    const struct board_issue *issue = &board->issues[entry->equipment->index];
    unsigned more = entry->state.open_issues;

    if (issue->id[0] == '\0')
        return;
    html_put(page->out, "<p class=\"card-issue by-{!}\"><a href=\"/issues/{%}\">",
             severity_name(issue->severity), issue->id);
    page_icon(page, severity_name(issue->severity));
    html_put(page->out, " <span class=\"mute\">#{}</span> {}</a>",
             html_int(issue->number), issue->title);
    if (more > 1) {
        html_put(page->out, " <a class=\"more\" href=\"/issues?equipment={%}\">",
                 entry->equipment->id);
        html_put(page->out, page_word(page, WORD_MORE_ISSUES), html_int(more - 1));
        text_add(page->out, "</a>");
    }
    text_add(page->out, "</p>");
}

void board_card(struct page *page, const struct board *board,
                const struct board_entry *entry)
{
    html_put(page->out, "<li class=\"card is-{}\" id=\"e-{}\" data-equipment=\"{}\">",
             equipment_state_name(entry->state.state), entry->equipment->id,
             entry->equipment->id);
    add_title(page, board, entry);
    add_state(page, entry);
    marks_put(page, &board->marks[entry->equipment->index]);
    add_values(page, entry->equipment);
    add_issue(page, board, entry);
    text_add(page->out, "</li>\n");
}
