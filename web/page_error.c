/* page_error.c - a problem as a page: what, why, and the way on. */
#include "web/handlers.h"
#include "web/page.h"

void page_problem(const struct call *call, struct response *response)
{
    const struct problem problem = response->problem;
    int status = response->status;
    enum word title = status == 404 ? WORD_ERROR_NOT_FOUND : WORD_ERROR_TITLE;
    struct page page =
        page_begin(call, response, word(call->request->language, title), NAV_NONE, "");

    html_put(page.out,
             "<section class=\"panel error\"><h1>{}</h1><p class=\"detail\">{}{}{}</p>",
             page_word(&page, title), problem.parameter,
             problem.parameter[0] == '\0' ? "" : ": ", problem.detail);
    if (problem.hint[0] != '\0')
        html_put(page.out, "<p>{}: {}</p>", page_word(&page, WORD_ERROR_WAY_OUT),
                 problem.hint);
    html_put(page.out,
             "<p><a class=\"button primary\" href=\"/\">{}</a></p>"
             "<p class=\"mute\">{} {}</p></section>",
             page_word(&page, WORD_ERROR_TO_BOARD), html_int(status),
             http_status_name(status));
    page_end(&page);
}
