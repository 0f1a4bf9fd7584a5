/* page_board.c - the live board: is anything wrong, where, since when. */
#include "base/mem.h"
#include "web/board.h"
#include "web/handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BOARD_FOLD = 200, /* beyond so many cards a group where all is well starts closed */
};

static void open_tile(struct page *page, const char *url, enum word title, bool bad)
{
    html_put(page->out, "<a class=\"tile{!}\" href=\"{}\"><h2>{}</h2><p class=\"big\">",
             bad ? " is-bad" : "", url, page_word(page, title));
}

static void add_issue_tile(struct page *page)
{
    struct desk_counts counts = {0};

    desk_counts(page->call->site->desk, &counts);
    open_tile(page, "/issues", WORD_TILE_ISSUES,
              counts.by_severity[SEVERITY_SERIOUS] > 0);
    html_put(page->out, "{}</p><ul class=\"split\">", html_int(counts.unclosed));
    for (int i = SEVERITY_SERIOUS; i >= SEVERITY_MINOR; i--) {
        if (counts.by_severity[i] == 0)
            continue;
        text_add(page->out, "<li>");
        page_severity(page, (enum severity)i);
        html_put(page->out, "<b>{}</b></li>", html_int(counts.by_severity[i]));
    }
    text_add(page->out, "</ul></a>");
}

static void add_unknown_tile(struct page *page, const struct board *board)
{
    const struct model *model = page->call->site->model;
    size_t unknown = 0;

    for (size_t i = 0; i < model->equipment_count; i++) {
        struct state_view state;

        desk_state(page->call->site->desk, (uint32_t)i, &state);
        unknown += !model->equipment[i].is_link && state.state == STATE_UNKNOWN;
    }
    open_tile(page, "/?state=unknown", WORD_TILE_NOT_OBSERVED, unknown > 0);
    html_put(page->out, "{}</p><p class=\"note\">", html_int((int64_t)unknown));
    html_put(page->out, page_word(page, WORD_TILE_OF_EQUIPMENT),
             html_int((int64_t)board->equipment));
    text_add(page->out, "</p></a>");
}

static void add_sink_tile(struct page *page)
{
    struct history *history = page->call->site->history;
    size_t sinks = history_sinks(history);
    size_t behind = 0;
    int64_t backlog = 0;

    for (size_t i = 0; i < sinks; i++) {
        struct sink_status status = {0};

        history_sink_status(history, i, &status);
        behind += !status.healthy;
        backlog += status.backlog_bytes;
    }
    open_tile(page, "/diagnostics#sinks", WORD_TILE_SINKS, behind > 0);
    html_put(page->out, "{}</p><p class=\"note\">", html_int((int64_t)behind));
    if (sinks == 0)
        text_add(page->out, page_word(page, WORD_TILE_NO_SINKS));
    else
        html_put(page->out, page_word(page, WORD_TILE_OF_SINKS),
                 html_int((int64_t)sinks));
    if (behind > 0)
        html_put(page->out, " · {}", show_bytes(backlog, SHOW_ROOM));
    text_add(page->out, "</p></a>");
}

static void add_gateway_tile(struct page *page)
{
    const struct call *call = page->call;
    struct text reasons;
    bool ready;

    text_init(&reasons, HTTP_BODY_MAX);
    ready = call->source->ready(call->source->context, &reasons);
    text_done(&reasons);
    open_tile(page, "/diagnostics", WORD_TILE_GATEWAY, !ready);
    html_put(page->out, "{}</p><p class=\"note\">",
             page_word(page, ready ? WORD_GATEWAY_OK : WORD_GATEWAY_NOT_READY));
    html_put(page->out, page_word(page, WORD_GATEWAY_UP_FOR),
             show_duration(page->language,
                           wall_diff_ms(call->now, call->options->started), SHOW_ROOM));
    text_add(page->out, "</p></a>");
}

/* One link per state that occurs, with its count: the fastest filter. */
static void add_chips(struct page *page, const struct board *board, int chosen)
{
    size_t all = 0;

    for (int i = 0; i < STATE_COUNT; i++)
        all += board->states[i];
    html_put(page->out, "<nav class=\"chips\" aria-label=\"{}\"><a{!} href=\"",
             page_word(page, WORD_FILTER_STATE),
             chosen < 0 ? " aria-current=\"true\"" : "");
    page_link_with(page, "state", "", NULL);
    html_put(page->out, "\">{} <b>{}</b></a>", page_word(page, WORD_ALL),
             html_int((int64_t)all));
    for (int rank = 0; rank < STATE_COUNT; rank++)
        for (int i = 0; i < STATE_COUNT; i++) {
            enum equipment_state state = (enum equipment_state)i;
            bool shown = board->states[i] > 0 || i == chosen;

            if (view_rank(state) != rank || !shown)
                continue;
            html_put(page->out, "<a class=\"chip-{}\"{!} href=\"",
                     equipment_state_name(state),
                     i == chosen ? " aria-current=\"true\"" : "");
            page_link_with(page, "state", equipment_state_name(state), NULL);
            text_add(page->out, "\">");
            page_icon(page, equipment_state_name(state));
            html_put(page->out, "{} <b>{}</b></a>", word_state(page->language, state),
                     html_int((int64_t)board->states[i]));
        }
    text_add(page->out, "</nav>");
}

static void open_select(struct page *page, const char *name, enum word title)
{
    html_put(page->out, "<label><span>{}</span><select name=\"{}\">",
             page_word(page, title), name);
    page_option(page, "", page_word(page, WORD_ALL), false);
}

static void add_class_select(struct page *page, const char *chosen)
{
    const struct model *model = page->call->site->model;
    size_t count;
    const struct equipment_class *classes = model_classes(&count);

    open_select(page, "class", WORD_FILTER_CLASS);
    for (size_t i = 0; i < count; i++) {
        bool used = false;

        for (size_t k = 0; k < model->equipment_count && !used; k++)
            used = strcmp(model->equipment[k].class_name, classes[i].name) == 0;
        if (used)
            page_option(page, classes[i].name,
                        word_class(page->language, classes[i].name),
                        chosen != NULL && strcmp(chosen, classes[i].name) == 0);
    }
    text_add(page->out, "</select></label>");
}

static int by_text(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;

    return strcmp(*a, *b);
}

/* Offers a place and the parts it lies in, each once. */
static void add_places(struct page *page, struct map *shown, const char *place,
                       const char *chosen)
{
    char part[256];
    size_t length = 0;

    while (place[length] != '\0') {
        length += place[length] == '/';
        length += strcspn(place + length, "/");
        (void)snprintf(part, sizeof part, "%.*s", (int)length, place);
        if (map_put(shown, part, 0))
            page_option(page, part, part, chosen != NULL && strcmp(chosen, part) == 0);
    }
}

static void add_place_select(struct page *page, const char *chosen)
{
    const struct model *model = page->call->site->model;
    const char **places = mem_array(model->equipment_count + 1, sizeof *places);
    struct map *shown = map_new();

    for (size_t i = 0; i < model->equipment_count; i++)
        places[i] = model->equipment[i].place;
    qsort(places, model->equipment_count, sizeof *places, by_text);
    open_select(page, "place", WORD_FILTER_PLACE);
    for (size_t i = 0; i < model->equipment_count; i++)
        add_places(page, shown, places[i], chosen);
    text_add(page->out, "</select></label>");
    map_free(shown);
    mem_free(places);
}

static void add_filters(struct page *page, const struct equipment_filter *filter,
                        bool by_class)
{
    bool filtered = filter->class_name != NULL || filter->place != NULL;

    /* A phone shows the form on demand; without scripts that is a checkbox's work. */
    html_put(page->out,
             "<input type=\"checkbox\" class=\"toggle hidden\" id=\"more\"{!}>"
             "<label class=\"button toggle-label\" for=\"more\">{}</label>"
             "<form class=\"filters\" method=\"get\" action=\"/\">",
             filtered ? " checked" : "", page_word(page, WORD_FILTER));
    add_class_select(page, filter->class_name);
    add_place_select(page, filter->place);
    html_put(page->out, "<label><span>{}</span><select name=\"group\">",
             page_word(page, WORD_FILTER_GROUP));
    page_option(page, "", page_word(page, WORD_FILTER_PLACE), !by_class);
    page_option(page, "class", page_word(page, WORD_FILTER_CLASS), by_class);
    text_add(page->out, "</select></label>");
    if (filter->state >= 0)
        html_put(page->out, "<input type=\"hidden\" name=\"state\" value=\"{}\">",
                 equipment_state_name((enum equipment_state)filter->state));
    html_put(page->out, "<button class=\"apply\">{}</button>",
             page_word(page, WORD_FILTER_APPLY));
    if (filtered || filter->state >= 0)
        html_put(page->out, "<a class=\"clear\" href=\"/{!}\">{}</a>",
                 by_class ? "?group=class" : "", page_word(page, WORD_FILTER_CLEAR));
    text_add(page->out, "</form>");
}

static const char *group_name(struct page *page, const struct board *board,
                              const struct board_entry *entry, char *room, size_t size)
{
    (void)snprintf(room, size, "%.*s", (int)entry->group_length, entry->group);
    if (entry->equipment->is_link)
        return page_word(page, WORD_LINKS_GROUP);
    if (board->by_class)
        return word_class(page->language, room);
    return room[0] == '\0' ? page_word(page, WORD_NO_PLACE) : room;
}

static bool same_group(const struct board_entry *a, const struct board_entry *b)
{
    return a->group_length == b->group_length &&
           memcmp(a->group, b->group, a->group_length) == 0 &&
           a->equipment->is_link == b->equipment->is_link;
}

/* Writes the group that begins at `first`; returns where the next one begins. */
static size_t add_group(struct page *page, const struct board *board, size_t first)
{
    const struct board_entry *head = &board->entries[first];
    bool well = view_rank(head->state.state) == view_rank(STATE_UP);
    size_t end = first;
    char room[256];

    while (end < board->count && same_group(head, &board->entries[end]))
        end++;
    html_put(page->out,
             "<details class=\"group\"{!}><summary><h2>{}</h2><span class=\"note\">",
             well && board->count > BOARD_FOLD ? "" : " open",
             group_name(page, board, head, room, sizeof room));
    html_put(page->out, page_word(page, WORD_GROUP_COUNT),
             html_int((int64_t)(end - first)));
    if (well)
        html_put(page->out, " · {}", page_word(page, WORD_GROUP_ALL_WELL));
    text_add(page->out, "</span></summary><ul class=\"cards\">\n");
    for (size_t i = first; i < end; i++)
        board_card(page, board, &board->entries[i]);
    text_add(page->out, "</ul></details>\n");
    return end;
}

static void add_board(struct page *page, const struct board *board,
                      const struct equipment_filter *filter)
{
    html_put(page->out, "<h1 class=\"hidden\">{}</h1><div id=\"banner\">",
             page_word(page, WORD_BOARD_TITLE));
    marks_flood(page);
    text_add(page->out, "</div><section class=\"tiles\" id=\"tiles\">");
    add_issue_tile(page);
    add_unknown_tile(page, board);
    add_sink_tile(page);
    add_gateway_tile(page);
    text_add(page->out, "</section>\n<div class=\"controls\" id=\"controls\">");
    add_chips(page, board, filter->state);
    html_put(page->out, "<a class=\"button to-permits\" href=\"/permits\">{}</a>",
             page_word(page, WORD_PERMITS));
    add_filters(page, filter, board->by_class);
    text_add(page->out, "</div>\n<div id=\"board\">");
    if (board->count == 0)
        html_put(page->out, "<p class=\"empty\">{}</p>",
                 page_word(page, WORD_BOARD_EMPTY));
    for (size_t i = 0; i < board->count;)
        i = add_group(page, board, i);
    text_add(page->out, "</div>\n");
}

void page_board(const struct call *call, struct response *response)
{
    const char *group = params_get(&call->request->query, "group", "place");
    struct equipment_filter filter;
    struct board board;
    struct page page;
    struct err err;

    if (!view_filter(call, &filter, response))
        return;
    if (board_gather(call, &filter, strcmp(group, "class") == 0, &board, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    page = page_begin(call, response, word(call->request->language, WORD_BOARD_TITLE),
                      NAV_BOARD, "points=key");
    add_board(&page, &board, &filter);
    page_end(&page);
    board_done(&board);
}
