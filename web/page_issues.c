/* page_issues.c - the list of issues. */
#include "web/handlers.h"
#include "web/issue_rows.h"
#include "web/issues_query.h"

#include <string.h>

enum {
    PAGE_ISSUES = 50, /* rows: two screens, and a page of 20 KB */
};

static void add_tabs(struct page *page, const char *current)
{
    static const struct {
        const char *status;
        enum word title;
    } tabs[] = {
        {"unclosed", WORD_TAB_UNCLOSED}, {"all", WORD_ALL}, {"closed", WORD_TAB_CLOSED}};
    struct desk_counts counts = {0};

    desk_counts(page->call->site->desk, &counts);
    text_add(page->out, "<div class=\"tabs\">");
    for (size_t i = 0; i < sizeof tabs / sizeof tabs[0]; i++) {
        int64_t count = i == 0   ? counts.unclosed
                        : i == 1 ? counts.total
                                 : counts.total - counts.unclosed;

        html_put(page->out, "<a{!} href=\"",
                 strcmp(tabs[i].status, current) == 0 ? " aria-current=\"page\"" : "");
        page_link_with(page, "status", tabs[i].status, "after");
        html_put(page->out, "\">{} <b>{}</b></a>", page_word(page, tabs[i].title),
                 html_int(count));
    }
    text_add(page->out, "</div>");
}

static void add_severity_select(struct page *page, int chosen)
{
    html_put(page->out, "<label><span>{}</span><select name=\"severity\">",
             page_word(page, WORD_SEVERITY));
    page_option(page, "", page_word(page, WORD_ALL), chosen < 0);
    for (int i = SEVERITY_SERIOUS; i >= SEVERITY_MINOR; i--)
        page_option(page, severity_name((enum severity)i),
                    word_severity(page->language, (enum severity)i), i == chosen);
    text_add(page->out, "</select></label>");
}

static void add_category_select(struct page *page, int chosen)
{
    html_put(page->out, "<label><span>{}</span><select name=\"category\">",
             page_word(page, WORD_CATEGORY));
    page_option(page, "", page_word(page, WORD_ALL), chosen < 0);
    for (int i = CATEGORY_SECURITY; i <= CATEGORY_SERVICE; i++)
        page_option(page, category_name((enum category)i),
                    word_category(page->language, (enum category)i), i == chosen);
    text_add(page->out, "</select></label>");
}

static void add_equipment_select(struct page *page, const char *chosen)
{
    const struct model *model = page->call->site->model;

    html_put(page->out, "<label><span>{}</span><select name=\"equipment\">",
             page_word(page, WORD_EQUIPMENT));
    page_option(page, "", page_word(page, WORD_ALL), chosen == NULL);
    for (size_t i = 0; i < model->equipment_count; i++)
        page_option(page, model->equipment[i].id, model->equipment[i].name,
                    chosen != NULL && strcmp(chosen, model->equipment[i].id) == 0);
    text_add(page->out, "</select></label>");
}

static void add_filters(struct page *page, const struct issue_filter *filter,
                        const char *status)
{
    html_put(page->out,
             "<form class=\"filters\" method=\"get\" action=\"/issues\">"
             "<input type=\"hidden\" name=\"status\" value=\"{}\">",
             status);
    add_severity_select(page, filter->severity);
    add_category_select(page, filter->category);
    add_equipment_select(page, filter->equipment);
    html_put(page->out, "<button class=\"apply\">{}</button>",
             page_word(page, WORD_FILTER_APPLY));
    if (filter->severity >= 0 || filter->category >= 0 || filter->equipment != NULL ||
        filter->rule != NULL || filter->place != NULL)
        html_put(page->out, "<a class=\"clear\" href=\"/issues?status={%}\">{}</a>",
                 status, page_word(page, WORD_FILTER_CLEAR));
    text_add(page->out, "</form>");
}

static void add_paging(struct page *page, const struct issue_rows *rows,
                       const struct issue_filter *filter)
{
    text_add(page->out, "<p class=\"paging\">");
    if (filter->after != NULL) {
        text_add(page->out, "<a class=\"button\" href=\"");
        page_link_with(page, "after", "", NULL);
        html_put(page->out, "\">← {}</a>", page_word(page, WORD_FIRST_PAGE));
    }
    if (rows->count == filter->limit) {
        text_add(page->out, "<a class=\"button\" href=\"");
        page_link_with(page, "after", rows->last, NULL);
        html_put(page->out, "\">{} →</a>", page_word(page, WORD_NEXT_PAGE));
    }
    text_add(page->out, "</p>");
}

static int add_list(struct page *page, const struct issue_filter *filter,
                    const char *status, struct err *err)
{
    struct issue_rows rows = {.page = page, .with_equipment = true};
    int count;

    html_put(page->out,
             "<div class=\"title-bar\"><h1>{}</h1><a class=\"button primary\" "
             "href=\"/issues/new\">{}</a></div>",
             page_word(page, WORD_ISSUES_TITLE), page_word(page, WORD_ISSUE_NEW));
    text_add(page->out, "<div class=\"controls\">");
    add_tabs(page, status);
    add_filters(page, filter, status);
    text_add(page->out, "</div><div id=\"issues\">");
    count = issue_rows_put(&rows, filter, err);
    if (count < 0)
        return -1;
    if (count == 0)
        html_put(page->out, "<p class=\"empty\">{}</p>",
                 page_word(page, filter->only_unclosed && filter->after == NULL &&
                                         filter->severity < 0 && filter->category < 0 &&
                                         filter->equipment == NULL
                                     ? WORD_ISSUES_NONE_OPEN
                                     : WORD_ISSUES_NONE));
    add_paging(page, &rows, filter);
    text_add(page->out, "</div>");
    return 0;
}

void page_issues(const struct call *call, struct response *response)
{
    const char *status = params_get(&call->request->query, "status", "unclosed");
    struct issue_filter filter;
    struct page page;
    struct err err;

    if (!issues_query(call, "unclosed", PAGE_ISSUES, &filter, response))
        return;
    filter.with_attached = true; /* the tabs count them among the closed ones */
    page = page_begin(call, response, word(call->request->language, WORD_ISSUES_TITLE),
                      NAV_ISSUES, "points=key");
    if (add_list(&page, &filter, status, &err) == 0) {
        page_end(&page);
        return;
    }
    response->header_count = 0;
    issues_query_failed(response, &filter, &err);
}
