/* issue_rows.c - see issue_rows.h. */
#include "web/issue_rows.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

const char *issue_title(enum language language, const struct issue_view *issue)
{
    const char *first = language == LANGUAGE_ZH ? issue->title_zh : issue->title_en;
    const char *other = language == LANGUAGE_ZH ? issue->title_en : issue->title_zh;

    return first[0] == '\0' ? other : first;
}

struct issue_view *issue_copy(const struct issue_view *issue)
{
    static const size_t strings[] = {
        offsetof(struct issue_view, id),
        offsetof(struct issue_view, kind),
        offsetof(struct issue_view, source),
        offsetof(struct issue_view, rule),
        offsetof(struct issue_view, equipment),
        offsetof(struct issue_view, equipment_name),
        offsetof(struct issue_view, class_name),
        offsetof(struct issue_view, place),
        offsetof(struct issue_view, title_en),
        offsetof(struct issue_view, title_zh),
        offsetof(struct issue_view, advice_en),
        offsetof(struct issue_view, advice_zh),
        offsetof(struct issue_view, evidence),
        offsetof(struct issue_view, attached_id),
    };
    size_t size = sizeof *issue;
    struct issue_view *copy;
    const char *text;
    char *room;

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        memcpy(&text, (const char *)issue + strings[i], sizeof text);
        size += strlen(text) + 1;
    }
    copy = mem_alloc(size);
    *copy = *issue;
    room = (char *)(copy + 1);
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        memcpy(&text, (const char *)issue + strings[i], sizeof text);
        memcpy(room, text, strlen(text) + 1);
        memcpy((char *)copy + strings[i], &room, sizeof room);
        room += strlen(text) + 1;
    }
    return copy;
}

static void add_where(struct issue_rows *rows, const struct issue_view *issue)
{
    struct text *out = rows->page->out;

    if (!rows->with_equipment)
        return;
    html_put(out, "<span class=\"row-where\">{}", issue->equipment_name);
    if (issue->place[0] != '\0')
        html_put(out, "<span class=\"mute\">{}{}</span>",
                 issue->equipment_name[0] == '\0' ? "" : " · ", issue->place);
    text_add(out, "</span>");
}

static void add_row(void *context, const struct issue_view *issue)
{
    struct issue_rows *rows = context;
    struct page *page = rows->page;
    struct text *out = page->out;

    if (rows->count++ == 0)
        text_add(out, "<ul class=\"issue-rows\">\n");
    (void)snprintf(rows->last, sizeof rows->last, "%s", issue->id);
    html_put(out,
             "<li class=\"issue-row{!}\" data-issue=\"{}\"><a href=\"/issues/{%}\">"
             "<span class=\"row-number\">#{}</span>",
             issue->status == ISSUE_CLOSED ? " is-closed" : "", issue->id, issue->id,
             html_int(issue->number));
    page_severity(page, issue->severity);
    html_put(out, "<span class=\"row-title\">{}</span>",
             issue_title(page->language, issue));
    add_where(rows, issue);
    page_status(page, issue->status);
    text_add(out, "<span class=\"row-alarm\">");
    if (issue->alarm_active)
        html_put(out, "<span class=\"badge alarm-active\">{}</span>",
                 page_word(page, WORD_ALARM_ACTIVE));
    if (issue->symptoms_active > 0)
        html_put(out, " <span class=\"badge mark\" title=\"{}\">+{}</span>",
                 page_word(page, WORD_SYMPTOMS), html_int(issue->symptoms_active));
    if (issue->attached_to != 0)
        html_put(out, " <span class=\"badge mark\">{} #{}</span>",
                 page_word(page, WORD_PART_OF), html_int(issue->attached_to));
    text_add(out, "</span><span class=\"row-time\">");
    page_time(page, issue->opened);
    text_add(out, "</span></a></li>\n");
}

int issue_rows_put(struct issue_rows *rows, const struct issue_filter *filter,
                   struct err *err)
{
    int result = desk_list(rows->page->call->site->desk, filter, add_row, rows, err);

    if (rows->count > 0)
        text_add(rows->page->out, "</ul>\n");
    return result < 0 ? -1 : (int)rows->count;
}
