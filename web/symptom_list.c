/* symptom_list.c - see symptom_list.h. */
#include "web/symptom_list.h"

#include "issues/marks.h"
#include "web/view.h"

enum {
    SHOWN_MAX = 50, /* rows of the page; the API has all */
};

struct rows {
    struct page *page;
    int64_t skip; /* the oldest ones */
};

static void add_where(struct page *page, const struct symptom_view *symptom)
{
    if (model_equipment(page->call->site->model, symptom->equipment) != NULL)
        html_put(page->out, "<a href=\"/equipment/{%}\">{}</a>", symptom->equipment,
                 symptom->equipment_name);
    else
        html_put(page->out, "{}", symptom->equipment_name);
}

static void add_row(void *context, const struct symptom_view *symptom)
{
    struct rows *rows = context;
    struct page *page = rows->page;

    if (rows->skip-- > 0)
        return;
    html_put(page->out, "<li class=\"symptom{!}\"><span>",
             symptom->until.ns != 0 ? " is-over" : "");
    add_where(page, symptom);
    html_put(page->out, " {}",
             view_reason(page->call->site, page->language, symptom->rule));
    if (symptom->issue[0] != '\0')
        html_put(page->out, " <a class=\"mute\" href=\"/issues/{%}\">#{}</a>",
                 symptom->issue, html_int(symptom->issue_number));
    if (symptom->raises > 1) {
        text_add(page->out, " <span class=\"mute\">");
        html_put(page->out, page_word(page, WORD_SYMPTOM_RAISES),
                 html_int(symptom->raises));
        text_add(page->out, "</span>");
    }
    text_add(page->out, "</span><span class=\"since\">");
    page_time(page, symptom->since);
    if (symptom->until.ns != 0)
        html_put(page->out, " · {}", page_word(page, WORD_SYMPTOM_OVER));
    text_add(page->out, "</span></li>\n");
}

int symptom_list_put(struct page *page, const struct issue_view *issue, struct err *err)
{
    struct rows rows = {
        .page = page,
        .skip = issue->symptoms < SYMPTOMS_MAX ? issue->symptoms - SHOWN_MAX
                                               : SYMPTOMS_MAX - SHOWN_MAX,
    };

    if (issue->symptoms == 0)
        return 0;
    html_put(page->out,
             "<section class=\"panel\" id=\"symptoms\"><h2>{} <span class=\"mute\">"
             "{}</span></h2><p class=\"note\">{}</p><ul class=\"symptoms\">\n",
             page_word(page, WORD_SYMPTOMS), html_int(issue->symptoms),
             page_word(page, WORD_SYMPTOMS_HINT));
    if (desk_symptoms(page->call->site->desk, issue->id, add_row, &rows, err) != 0)
        return -1;
    text_add(page->out, "</ul>");
    if (issue->symptoms > SHOWN_MAX) {
        text_add(page->out, "<p class=\"note\">");
        html_put(page->out, page_word(page, WORD_SYMPTOMS_MORE),
                 html_int(issue->symptoms - SHOWN_MAX));
        text_add(page->out, "</p>");
    }
    text_add(page->out, "</section>\n");
    return 0;
}
