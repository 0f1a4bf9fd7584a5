/* panel.c - see panel.h. */
#include "web/panel.h"

void panel_open(struct page *page, const char *id, enum word title)
{
    html_put(page->out, "<section class=\"panel\" id=\"{!}\"><h2>{}</h2>", id,
             page_word(page, title));
}

void panel_condition(struct page *page, bool good, enum word yes, enum word no)
{
    html_put(page->out, "<span class=\"badge condition-{!}\">", good ? "good" : "bad");
    page_icon(page, good ? "good" : "fault");
    html_put(page->out, "{}</span>", page_word(page, good ? yes : no));
}

void panel_fact(struct page *page, enum word name)
{
    html_put(page->out, "<div><dt>{}</dt><dd>", page_word(page, name));
}

/* `loss`: what was lost for good stands out; what was retried does not. */
void panel_count(struct page *page, uint64_t count, bool loss)
{
    html_put(page->out, "<td class=\"n{!}\">{}</td>",
             loss && count > 0 ? " is-trouble" : "", show_count(count, SHOW_ROOM));
}

/* Heads of a table; the first two columns hold words, the rest numbers but the last. */
void panel_table(struct page *page, const enum word *titles, size_t count)
{
    text_add(page->out, "<div class=\"scroll\"><table class=\"diag-table\"><thead><tr>");
    for (size_t i = 0; i < count; i++)
        html_put(page->out, "<th scope=\"col\"{!}>{}</th>",
                 i >= 2 && i + 1 < count ? " class=\"n\"" : "",
                 page_word(page, titles[i]));
    text_add(page->out, "</tr></thead><tbody>\n");
}

void panel_table_end(struct page *page)
{
    text_add(page->out, "</tbody></table></div></section>\n");
}
